/* SPDX-License-Identifier: LGPL-2.1-or-later
 * Copyright the libhvsock authors */

/* Tests of key files, which are private: what is read, and what is said of a file that is wrong. */

#include "plugin/hvsock-key-file-private.h"

#include <hvsock/hvsock-error.h>

#include "folder.h"

#include <glib/gstdio.h>
#include <string.h>

static HvsockKeyFile *
read_contents (const char *contents)
{
  g_autoptr (GError) error = NULL;
  g_auto (Folder) folder = { 0 };
  g_autofree char *path = NULL;
  HvsockKeyFile *key_file;

  folder_init (&folder);
  path = g_build_filename (folder.path, "foo.plugin", NULL);
  g_file_set_contents (path, contents, -1, &error);
  g_assert_no_error (error);
  key_file = hvsock_key_file_read (path);

  g_assert_cmpstr (key_file->path, ==, path);
  g_assert_cmpstr (key_file->name, ==, "foo");
  g_assert_true (g_str_has_prefix (key_file->module, folder.path));
  return key_file;
}

static void
test_complete (void)
{
  g_autoptr (HvsockKeyFile) key_file = read_contents ("[Plugin]\n"
                                                      "Name=foo\n"
                                                      "Version=1.2\n"
                                                      "Description=What it is\n"
                                                      "Schemes=foo;foo-tls;foo;\n"
                                                      "Priority=-5\n"
                                                      "Abi=1.23\n");

  g_assert_no_error (key_file->error);
  g_assert_cmpstr (key_file->version, ==, "1.2");
  g_assert_cmpstr (key_file->description, ==, "What it is");
  g_assert_cmpuint (g_strv_length (key_file->schemes), ==, 2);
  g_assert_cmpstr (key_file->schemes[0], ==, "foo");
  g_assert_cmpstr (key_file->schemes[1], ==, "foo-tls");
  g_assert_cmpint (key_file->priority, ==, -5);
  g_assert_cmpuint (key_file->abi_major, ==, 1);
  g_assert_cmpuint (key_file->abi_minor, ==, 23);
}

static void
test_short (void)
{
  g_autoptr (HvsockKeyFile) key_file = read_contents ("# a comment\n"
                                                      "[Plugin]\n"
                                                      "Name=foo\n"
                                                      "Version=1\n"
                                                      "Schemes=foo\n"
                                                      "Abi=1.0\n"
                                                      "X-Other=kept for later\n"
                                                      "[Other]\n");

  g_assert_no_error (key_file->error);
  g_assert_null (key_file->description);
  g_assert_cmpint (key_file->priority, ==, 0);
}

static const struct
{
  const char *contents;
  const char *expected;
} invalid[] = {
  { "", "expected a group [Plugin]" },
  { "Name=foo\n", "expected a group [Plugin]" },
  { "\177ELF\001\002\003", "expected a group [Plugin]" },
  { "[Other]\nName=foo\n", "expected a group [Plugin]" },
  { "[Plugin]\nVersion=1\nSchemes=foo\nAbi=1.0\n", "key 'Name' is missing" },
  { "[Plugin]\nName=\nVersion=1\nSchemes=foo\nAbi=1.0\n", "key 'Name' is missing" },
  { "[Plugin]\nName=\377\nVersion=1\nSchemes=foo\nAbi=1.0\n", "UTF-8" },
  { "[Plugin]\nName=Foo\nVersion=1\nSchemes=foo\nAbi=1.0\n", "name 'Foo' is not valid" },
  { "[Plugin]\nName=1foo\nVersion=1\nSchemes=foo\nAbi=1.0\n", "name '1foo' is not valid" },
  { "[Plugin]\nName=../foo\nVersion=1\nSchemes=foo\nAbi=1.0\n", "name '../foo' is not valid" },
  { "[Plugin]\nName=bar\nVersion=1\nSchemes=foo\nAbi=1.0\n", "expected 'foo'" },
  { "[Plugin]\nName=foo\nSchemes=foo\nAbi=1.0\n", "key 'Version' is missing" },
  { "[Plugin]\nName=foo\nVersion=1\nAbi=1.0\n", "key 'Schemes' is missing" },
  { "[Plugin]\nName=foo\nVersion=1\nSchemes=\nAbi=1.0\n", "key 'Schemes' is missing" },
  { "[Plugin]\nName=foo\nVersion=1\nSchemes=;\nAbi=1.0\n", "scheme '' is not valid" },
  { "[Plugin]\nName=foo\nVersion=1\nSchemes=foo;Bar\nAbi=1.0\n", "scheme 'Bar' is not valid" },
  { "[Plugin]\nName=foo\nVersion=1\nSchemes=foo://\nAbi=1.0\n", "scheme 'foo://' is not valid" },
  { "[Plugin]\nName=foo\nVersion=1\nSchemes=foo\nPriority=high\nAbi=1.0\n", "key 'Priority'" },
  { "[Plugin]\nName=foo\nVersion=1\nSchemes=foo\nPriority=\nAbi=1.0\n", "key 'Priority'" },
  { "[Plugin]\nName=foo\nVersion=1\nSchemes=foo\nPriority=99999999999\nAbi=1.0\n",
    "key 'Priority'" },
  { "[Plugin]\nName=foo\nVersion=1\nSchemes=foo\n", "key 'Abi' is missing" },
  { "[Plugin]\nName=foo\nVersion=1\nSchemes=foo\nAbi=1\n", "key 'Abi' is '1', expected" },
  { "[Plugin]\nName=foo\nVersion=1\nSchemes=foo\nAbi=1.0.0\n", "key 'Abi' is '1.0.0', expected" },
  { "[Plugin]\nName=foo\nVersion=1\nSchemes=foo\nAbi=1.\n", "key 'Abi' is '1.', expected" },
  { "[Plugin]\nName=foo\nVersion=1\nSchemes=foo\nAbi=1.x\n", "key 'Abi' is '1.x', expected" },
  { "[Plugin]\nName=foo\nVersion=1\nSchemes=foo\nAbi=-1.0\n", "key 'Abi' is '-1.0', expected" },
  { "[Plugin]\nName=foo\nVersion=1\nSchemes=foo\nAbi=1.65536\n", "key 'Abi' is '1.65536'" },
};

static void
test_invalid (void)
{
  for (gsize i = 0; i < G_N_ELEMENTS (invalid); i++)
    {
      g_autoptr (HvsockKeyFile) key_file = read_contents (invalid[i].contents);

      g_assert_error (key_file->error, HVSOCK_ERROR, HVSOCK_ERROR_PLUGIN_INVALID);
      g_test_message ("%s", key_file->error->message);
      g_assert_nonnull (strstr (key_file->error->message, key_file->path));
      g_assert_nonnull (strstr (key_file->error->message, invalid[i].expected));
    }
}

/* What is right in a wrong file is read all the same, so that its plugin can be named for a URI. */
static void
test_partly_invalid (void)
{
  g_autoptr (HvsockKeyFile) key_file =
      read_contents ("[Plugin]\nVersion=3\nSchemes=foo;B/A/D;bar\nPriority=7\n");

  g_assert_error (key_file->error, HVSOCK_ERROR, HVSOCK_ERROR_PLUGIN_INVALID);
  g_assert_cmpstr (key_file->version, ==, "3");
  g_assert_cmpint (key_file->priority, ==, 7);
  g_assert_cmpuint (g_strv_length (key_file->schemes), ==, 2);
}

static void
test_unreadable (void)
{
  g_auto (Folder) folder = { 0 };
  g_autofree char *path = NULL;
  g_autoptr (HvsockKeyFile) key_file = NULL;

  folder_init (&folder);
  path = g_build_filename (folder.path, "foo.plugin", NULL);
  g_assert_no_errno (g_mkdir (path, 0700));
  key_file = hvsock_key_file_read (path);

  g_assert_error (key_file->error, HVSOCK_ERROR, HVSOCK_ERROR_PLUGIN_INVALID);
  g_assert_nonnull (strstr (key_file->error->message, path));
  g_assert_cmpuint (g_strv_length (key_file->schemes), ==, 0);
}

int
main (int argc, char **argv)
{
  g_test_init (&argc, &argv, G_TEST_OPTION_ISOLATE_DIRS, NULL);

  g_test_add_func ("/key-file/complete", test_complete);
  g_test_add_func ("/key-file/short", test_short);
  g_test_add_func ("/key-file/invalid", test_invalid);
  g_test_add_func ("/key-file/partly-invalid", test_partly_invalid);
  g_test_add_func ("/key-file/unreadable", test_unreadable);

  return g_test_run ();
}
