/* SPDX-License-Identifier: LGPL-2.1-or-later
 * Copyright the libhvsock authors */

/* The JSON of the Host Compute Service: what is read of it, and what is refused. */

#include "hyperv-json.h"

#include <string.h>

static GPtrArray *
read_good (const char *json)
{
  g_autoptr (GError) error = NULL;
  GPtrArray *objects = hyperv_json_read_objects (json, &error);

  g_assert_no_error (error);
  g_assert_nonnull (objects);
  return objects;
}

static const char *
get_text (GPtrArray *objects, guint i, const char *name)
{
  g_assert_cmpuint (i, <, objects->len);
  return g_hash_table_lookup (objects->pdata[i], name);
}

static void
refuse (const char *json)
{
  g_autoptr (GError) error = NULL;
  GPtrArray *objects = hyperv_json_read_objects (json, &error);

  if (objects != NULL)
    g_error ("taken: %s", json);
  g_assert_error (error, G_IO_ERROR, G_IO_ERROR_INVALID_DATA);
}

static void
test_systems (void)
{
  g_autoptr (GPtrArray) systems = read_good (
      "[{\"Id\":\"2B47C4F1-A6E8-4D1C-8AD3-1A2B3C4D5E6F\",\"SystemType\":\"VirtualMachine\","
      "\"Name\":\"build 1\",\"Owner\":\"VMMS\",\"State\":\"Running\",\"Stopped\":false,"
      "\"RuntimeId\":\"2b47c4f1-a6e8-4d1c-8ad3-1a2b3c4d5e6f\",\"Memory\":{\"Name\":\"no\"},"
      "\"Counts\":[1,-2.5e+3,{\"Name\":\"nor this\"},[]],\"Nothing\":null},\r\n"
      "\t{ \"Name\" : \"second\" } , {}]\n");

  g_assert_cmpuint (systems->len, ==, 3);
  g_assert_cmpstr (get_text (systems, 0, "Name"), ==, "build 1");
  g_assert_cmpstr (get_text (systems, 0, "RuntimeId"), ==, "2b47c4f1-a6e8-4d1c-8ad3-1a2b3c4d5e6f");
  g_assert_cmpstr (get_text (systems, 0, "Owner"), ==, "VMMS");
  g_assert_cmpuint (g_hash_table_size (systems->pdata[0]), ==, 6);
  g_assert_cmpstr (get_text (systems, 1, "Name"), ==, "second");
  g_assert_cmpstr (get_text (systems, 1, "RuntimeId"), ==, NULL);
  g_assert_cmpuint (g_hash_table_size (systems->pdata[2]), ==, 0);
}

static void
test_empty (void)
{
  static const char *const empty[] = { "[]", " [ ] ", "\r\n[\t]\n" };

  for (gsize i = 0; i < G_N_ELEMENTS (empty); i++)
    {
      g_autoptr (GPtrArray) systems = read_good (empty[i]);

      g_assert_cmpuint (systems->len, ==, 0);
    }
}

static void
test_texts (void)
{
  static const struct
  {
    const char *json;
    const char *text;
  } cases[] = {
    { "", "" },
    { "a'b;$(c)`d*[e]", "a'b;$(c)`d*[e]" },
    { "\\\"\\\\\\/\\b\\f\\n\\r\\t", "\"\\/\b\f\n\r\t" },
    { "\\u0041\\u00e9\\u20AC", "A\303\251\342\202\254" },
    { "\\ud83d\\uDE00!", "\360\237\230\200!" },
    { "\\uffff\\ufffd", "\357\277\277\357\277\275" },
    { "\303\251\177", "\303\251\177" },
  };

  for (gsize i = 0; i < G_N_ELEMENTS (cases); i++)
    {
      g_autofree char *json = g_strdup_printf ("[{\"%s\":\"%s\"}]", cases[i].json, cases[i].json);
      g_autoptr (GPtrArray) systems = read_good (json);

      g_assert_cmpstr (get_text (systems, 0, cases[i].text), ==, cases[i].text);
    }
}

static void
test_last_member_counts (void)
{
  g_autoptr (GPtrArray) systems = read_good ("[{\"Name\":\"a\",\"Name\":\"b\"}]");

  g_assert_cmpstr (get_text (systems, 0, "Name"), ==, "b");
}

static void
test_refuses (void)
{
  static const char *const bad[] = {
    /* not an array of objects */
    "",
    " ",
    "{}",
    "null",
    "\"a\"",
    "[1]",
    "[[]]",
    "[\"a\"]",
    "[{},null]",
    /* too much or too little */
    "[",
    "[{",
    "[{}",
    "[{},",
    "[{},]",
    "[,{}]",
    "[{}{}]",
    "[]]",
    "[{}] x",
    "\357\273\277[]",
    "[{\"a\"}]",
    "[{\"a\":}]",
    "[{\"a\":1,}]",
    "[{,\"a\":1}]",
    "[{\"a\":1 \"b\":2}]",
    "[{\"a\":1]]",
    "[{\"a\":[1}}]",
    "[{a:1}]",
    "[{1:1}]",
    "[{'a':1}]",
    "[{\"a\":1}/**/]",
    "[\v]",
    /* texts */
    "[{\"a\":\"",
    "[{\"a\":\"\\",
    "[{\"a\":\"\\\"}]",
    "[{\"a\":\"\n\"}]",
    "[{\"a\":\"\t\"}]",
    "[{\"a\":\"\\x41\"}]",
    "[{\"a\":\"\\'\"}]",
    "[{\"a\":\"\\u\"}]",
    "[{\"a\":\"\\u004\"}]",
    "[{\"a\":\"\\u00g0\"}]",
    "[{\"a\":\"\\u0000\"}]",
    "[{\"a\":\"\\ud83d\"}]",
    "[{\"a\":\"\\ud83dx\"}]",
    "[{\"a\":\"\\ud83d\\n\"}]",
    "[{\"a\":\"\\ud83d\\u0041\"}]",
    "[{\"a\":\"\\ud83d\\ud83d\"}]",
    "[{\"a\":\"\\ude00\"}]",
    "[{\"a\":\"\\ude00\\ud83d\"}]",
    "[{\"a\":\"\xff\"}]",
    "[{\"a\":\"\303\"}]",
    "[{\"a\":\"\355\240\275\"}]",
    /* other values */
    "[{\"a\":tru}]",
    "[{\"a\":True}]",
    "[{\"a\":nullnull}]",
    "[{\"a\":-}]",
    "[{\"a\":+1}]",
    "[{\"a\":01}]",
    "[{\"a\":.5}]",
    "[{\"a\":1.}]",
    "[{\"a\":1e}]",
    "[{\"a\":1e+}]",
    "[{\"a\":0x1}]",
    "[{\"a\":NaN}]",
    "[{\"a\":1 2}]",
  };

  for (gsize i = 0; i < G_N_ELEMENTS (bad); i++)
    refuse (bad[i]);
}

/* Every beginning of a good text is a bad one. */
static void
test_refuses_cut (void)
{
  static const char whole[] =
      "[{\"a\":\"\\ud83d\\ude00\",\"b\":[-1.5e-3,{\"c\":true}],\"d\":null}]";

  g_ptr_array_unref (read_good (whole));
  for (gsize size = 0; size < strlen (whole); size++)
    {
      g_autofree char *cut = g_strndup (whole, size);

      refuse (cut);
    }
}

static char *
nest (int depth)
{
  GString *json = g_string_new ("[{\"a\":");

  for (int i = 0; i < depth; i++)
    g_string_append (json, i % 2 == 0 ? "[" : "{\"a\":");
  g_string_append (json, "1");
  for (int i = depth - 1; i >= 0; i--)
    g_string_append_c (json, i % 2 == 0 ? ']' : '}');
  g_string_append (json, "}]");
  return g_string_free (json, FALSE);
}

static void
test_depth (void)
{
  g_autofree char *deepest = nest (64);
  g_autofree char *deeper = nest (65);
  g_autofree char *endless = g_strnfill (1 << 20, '[');
  g_autofree char *inside = g_strconcat ("[{\"a\":", endless, NULL);

  g_ptr_array_unref (read_good (deepest));
  refuse (deeper);
  refuse (inside);
}

int
main (int argc, char **argv)
{
  g_test_init (&argc, &argv, NULL);

  g_test_add_func ("/plugins/hyperv/json/systems", test_systems);
  g_test_add_func ("/plugins/hyperv/json/empty", test_empty);
  g_test_add_func ("/plugins/hyperv/json/texts", test_texts);
  g_test_add_func ("/plugins/hyperv/json/last-member-counts", test_last_member_counts);
  g_test_add_func ("/plugins/hyperv/json/refuses", test_refuses);
  g_test_add_func ("/plugins/hyperv/json/refuses-cut", test_refuses_cut);
  g_test_add_func ("/plugins/hyperv/json/depth", test_depth);

  return g_test_run ();
}
