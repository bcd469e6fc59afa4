/* SPDX-License-Identifier: LGPL-2.1-or-later
 * Copyright the libhvsock authors */

/* The splitter: the grammar that all schemes share, with the messages of what it refuses. */

#include "checks.h"

#include <string.h>

static HvsockUri *
split (const char *text)
{
  g_autoptr (GError) error = NULL;
  HvsockUri *uri = hvsock_uri_split (text, &error);

  g_test_message ("'%s'", text);
  g_assert_no_error (error);
  g_assert_nonnull (uri);
  return uri;
}

static void
test_split (void)
{
  static const struct
  {
    const char *text;
    const char *scheme;
    const char *host;
    const char *port;
    const char *path;
  } cases[] = {
    { "a://", "a", "", NULL, "" },
    { "a:///", "a", "", NULL, "/" },
    { "a://:", "a", "", "", "" },
    { "a://h", "a", "h", NULL, "" },
    { "a://h:", "a", "h", "", "" },
    { "a://h:1", "a", "h", "1", "" },
    { "a://h:1:2", "a", "h", "1:2", "" },
    { "a://h:1/p/q", "a", "h", "1", "/p/q" },
    { "a://h/p:1", "a", "h", NULL, "/p:1" },
    { "a://h/p@q", "a", "h", NULL, "/p@q" },
    { "a://h//p", "a", "h", NULL, "//p" },
    { "a:///./p/../q", "a", "", NULL, "/./p/../q" },
    { "a://h%41:%31/%2F", "a", "h%41", "%31", "/%2F" },
    { "a://h?k=v", "a", "h", NULL, "" },
    { "a://h:1?k=/p", "a", "h", "1", "" },
    { "a://h/p://q", "a", "h", NULL, "/p://q" },
    { "Vsock-MUX+2.0://H/P", "vsock-mux+2.0", "H", NULL, "/P" },
    { "a://\xc3\xa9/\xe2\x82\xac", "a", "\xc3\xa9", NULL, "/\xe2\x82\xac" },
    { "a://h;x=(1),!$&'*+~_", "a", "h;x=(1),!$&'*+~_", NULL, "" },
  };

  for (gsize i = 0; i < G_N_ELEMENTS (cases); i++)
    {
      g_autoptr (HvsockUri) uri = split (cases[i].text);

      g_assert_cmpstr (hvsock_uri_get_scheme (uri), ==, cases[i].scheme);
      g_assert_cmpstr (hvsock_uri_get_host (uri), ==, cases[i].host);
      g_assert_cmpstr (hvsock_uri_get_port (uri), ==, cases[i].port);
      g_assert_cmpstr (hvsock_uri_get_path (uri), ==, cases[i].path);
    }
}

static void
test_rejects (void)
{
  static const UriCase cases[] = {
    { "", "'://'" },
    { "a", "'://'" },
    { "a:", "'://'" },
    { "a:/", "'://'" },
    { "a:h:1", "'://'" },
    { "//h", "'://'" },
    { "://h", "a scheme" },
    { "1a://h", "a scheme" },
    { "-a://h", "a scheme" },
    { "a_b://h", "a scheme" },
    { "a/b://h", "a scheme" },
    { "\xc3\xa9://h", "a scheme" },
    { "a://u@h", "no user" },
    { "a://u:p@h:1", "no user" },
    { "a://@", "no user" },
    { "a://h#", "no fragment at byte 6" },
    { "a://h/p?k=v#f", "no fragment" },
    { " a://h", "no blank or control character at byte 1" },
    { "a://h ", "no blank or control character at byte 6" },
    { "a://h/p q", "no blank or control character at byte 8" },
    { "a://%", "two hexadecimal digits after '%' at byte 5" },
    { "a://%4", "two hexadecimal digits" },
    { "a://h:%zz", "two hexadecimal digits" },
    { "a://h/%4g", "two hexadecimal digits" },
    { "a://h/%%41", "two hexadecimal digits" },
    { "a://h?k=%", "two hexadecimal digits" },
    { "a://h?", "'key=value' after '?'" },
    { "a://h?k", "'key=value' after '?', not 'k'" },
    { "a://h?=v", "'key=value' after '?'" },
    { "a://h?k=v&", "'key=value' after '?'" },
    { "a://h?&k=v", "'key=value' after '?'" },
    { "a://h?k=v&&l=w", "'key=value' after '?'" },
    { "a://h?k=v&k=w", "each option once" },
    { "a://h?k=v&%6b=v", "each option once" },
    { "a://h?k=%00", "UTF-8 without NUL" },
    { "a://h?%00=v", "UTF-8 without NUL" },
    { "a://h?k=%ff", "UTF-8 without NUL" },
    { "a://h?%c3=%a9", "UTF-8 without NUL" },
  };

  for (gsize i = 0; i < G_N_ELEMENTS (cases); i++)
    check_rejected (cases[i].uri, cases[i].expected);
}

/* Such text must not reach a terminal or a journal as it is. */
static void
test_rejects_unprintable (void)
{
  static const struct
  {
    const char *text;
    const char *quoted;
    const char *expected;
  } cases[] = {
    { "a://h\n", "'a://h\\x0a'", "no blank or control character at byte 6" },
    { "a://\t", "'a://\\x09'", "no blank or control character" },
    { "a://\x1b[2J", "'a://\\x1b[2J'", "no blank or control character" },
    { "a://\x7f", "'a://\\x7f'", "no blank or control character" },
    { "a://\xff", "'a://\xef\xbf\xbd'", "UTF-8" },
    { "a:///\xc3", "'a:///\xef\xbf\xbd'", "UTF-8" },
    { "a:///\xed\xa0\x80", "'a:///", "UTF-8" },
    { "a:///\xc0\xaf", "'a:///", "UTF-8" },
  };

  for (gsize i = 0; i < G_N_ELEMENTS (cases); i++)
    {
      g_autoptr (GError) error = NULL;

      g_assert_null (hvsock_uri_split (cases[i].text, &error));
      g_assert_error (error, HVSOCK_ERROR, HVSOCK_ERROR_INVALID_URI);
      g_assert_true (g_utf8_validate (error->message, -1, NULL));
      g_assert_nonnull (strstr (error->message, cases[i].quoted));
      g_assert_nonnull (strstr (error->message, cases[i].expected));
    }
}

static void
test_options (void)
{
  static const char *const known[] = { "k", "l m", "empty", NULL };
  g_autoptr (HvsockUri) uri = split ("a://h/p?k=v=w/?&l%20m=%c3%A9%26+&empty=");
  g_autoptr (GError) error = NULL;

  g_assert_cmpstr (hvsock_uri_get_path (uri), ==, "/p");
  g_assert_cmpstr (hvsock_uri_get_option (uri, "k"), ==, "v=w/?");
  g_assert_cmpstr (hvsock_uri_get_option (uri, "l m"), ==, "\xc3\xa9&+");
  g_assert_cmpstr (hvsock_uri_get_option (uri, "empty"), ==, "");
  g_assert_null (hvsock_uri_get_option (uri, "K"));
  g_assert_null (hvsock_uri_get_option (uri, ""));

  g_assert_true (hvsock_uri_check_options (uri, known, &error));
  g_assert_no_error (error);
}

static void
test_unknown_options (void)
{
  static const char *const known[] = { "size", "type", NULL };
  static const char *const none[] = { NULL };
  g_autoptr (HvsockUri) uri = split ("a://h?type=x&colour%0a=red");
  g_autoptr (HvsockUri) plain = split ("a://h");
  g_autoptr (GError) error = NULL;

  g_assert_true (hvsock_uri_check_options (plain, known, NULL));
  g_assert_true (hvsock_uri_check_options (plain, none, NULL));
  g_assert_true (hvsock_uri_check_options (plain, NULL, NULL));

  g_assert_false (hvsock_uri_check_options (uri, known, &error));
  g_assert_error (error, HVSOCK_ERROR, HVSOCK_ERROR_INVALID_URI);
  g_assert_cmpstr (error->message, ==,
                   "invalid URI 'a://h?type=x&colour%0a=red': "
                   "expected no option but size, type, framing after '?', not 'colour\\x0a'");

  g_clear_error (&error);
  g_assert_false (hvsock_uri_check_options (uri, none, &error));
  g_assert_error (error, HVSOCK_ERROR, HVSOCK_ERROR_INVALID_URI);
  g_assert_nonnull (strstr (error->message, "expected no option but framing after '?'"));

  g_clear_error (&error);
  g_assert_false (hvsock_uri_check_options (uri, NULL, &error));
  g_assert_error (error, HVSOCK_ERROR, HVSOCK_ERROR_INVALID_URI);
  g_assert_nonnull (strstr (error->message, "expected no option but framing after '?'"));
}

static void
test_path (void)
{
  static const struct
  {
    const char *uri;
    const char *path;
    const char *canonical;
  } cases[] = {
    { "a:///", "/", "/" },
    { "a:///x", "/x", "/x" },
    { "a:////x", "//x", "//x" },
    { "a:///x/", "/x/", "/x/" },
    { "a:///./x", "./x", "/./x" },
    { "a:///./", "./", "/./" },
    { "a:///././x", "././x", "/././x" },
    { "a:///.//x", ".//x", "/.//x" },
    { "a:///./../x", "./../x", "/./../x" },
    { "a:///%2e/x", "/./x", "/%2E/x" },
    { "a:///.%2Fx", "/./x", "/%2E/x" },
    { "a:///%2E%2e/x", "/../x", "/../x" },
    { "a:///../x", "/../x", "/../x" },
    { "a:///.x", "/.x", "/.x" },
    { "a:///.", "/.", "/." },
    { "a:///./%2e/x", "././x", "/././x" },
    { "a:///%2520", "/%20", "/%2520" },
    { "a:///%41%2fb", "/A/b", "/A/b" },
    { "a:///%3A%40!$&'()*+,;=-._~", "/:@!$&'()*+,;=-._~", "/:@!$&'()*+,;=-._~" },
    { "a:///%3f%23%25%5b%7c", "/?#%[|", "/%3F%23%25%5B%7C" },
    { "a:///\xc3\xa9", "/\xc3\xa9", "/%C3%A9" },
    { "a:///%ff%0a%20%7F", "/\xff\n \x7f", "/%FF%0A%20%7F" },
  };

  for (gsize i = 0; i < G_N_ELEMENTS (cases); i++)
    {
      g_autoptr (HvsockUri) uri = split (cases[i].uri);
      g_autofree char *path = hvsock_uri_decode_path (uri, NULL);
      g_autofree char *canonical = NULL;

      g_assert_cmpstr (path, ==, cases[i].path);
      canonical = hvsock_uri_encode_path (path);
      g_assert_cmpstr (canonical, ==, cases[i].canonical);
    }
}

static void
test_path_rejects (void)
{
  static const UriCase cases[] = {
    { "a://h", "'/' and a path after '://'" },
    { "a://h:80?k=v", "'/' and a path after '80'" },
    { "a://h/x%00", "no NUL, '%00', in the path" },
    { "a:///./%00/x", "no NUL, '%00', in the path" },
  };

  for (gsize i = 0; i < G_N_ELEMENTS (cases); i++)
    {
      g_autoptr (HvsockUri) uri = split (cases[i].uri);
      g_autoptr (GError) error = NULL;

      g_assert_null (hvsock_uri_decode_path (uri, &error));
      g_assert_error (error, HVSOCK_ERROR, HVSOCK_ERROR_INVALID_URI);
      g_assert_nonnull (strstr (error->message, cases[i].expected));
    }
}

static void
test_encode_relative_path (void)
{
  static const UriCase cases[] = {
    { "x", "/./x" },       { "./x", "/./x" },       { "../x", "/./../x" },
    { ".", "/./." },       { "./", "/./" },         { ".x", "/./.x" },
    { "a b", "/./a%20b" }, { "a/./b", "/./a/./b" }, { "%2E/x", "/./%252E/x" },
  };

  for (gsize i = 0; i < G_N_ELEMENTS (cases); i++)
    {
      g_autofree char *path = hvsock_uri_encode_path (cases[i].uri);

      g_assert_cmpstr (path, ==, cases[i].expected);
    }
}

static void
test_number (void)
{
  static const struct
  {
    const char *text;
    guint64 maximum;
    guint64 number;
  } good[] = {
    { "0", 0, 0 },
    { "7", 7, 7 },
    { "4294967295", G_MAXUINT32, G_MAXUINT32 },
    { "18446744073709551615", G_MAXUINT64, G_MAXUINT64 },
  };
  static const struct
  {
    const char *text;
    guint64 maximum;
  } bad[] = {
    { "", 9 },
    { "1", 0 },
    { "8", 7 },
    { "00", 9 },
    { "01", 9 },
    { "-0", 9 },
    { "-1", 9 },
    { "+1", 9 },
    { " 1", 9 },
    { "1 ", 9 },
    { "\n1", 9 },
    { "1\n", 9 },
    { "1.0", 9 },
    { "1e0", 9 },
    { "0x1", 9 },
    { "1_000", 9999 },
    { "1,000", 9999 },
    { "\xd9\xa1", 9 },
    { "4294967296", G_MAXUINT32 },
    { "18446744073709551616", G_MAXUINT64 },
    { "184467440737095516150", G_MAXUINT64 },
  };

  for (gsize i = 0; i < G_N_ELEMENTS (good); i++)
    {
      guint64 number = 99;

      g_assert_true (hvsock_uri_parse_number (good[i].text, good[i].maximum, &number));
      g_assert_cmpuint (number, ==, good[i].number);
      g_assert_true (hvsock_uri_parse_number (good[i].text, good[i].maximum, NULL));
    }

  for (gsize i = 0; i < G_N_ELEMENTS (bad); i++)
    {
      guint64 number = 99;

      g_test_message ("'%s'", bad[i].text);
      g_assert_false (hvsock_uri_parse_number (bad[i].text, bad[i].maximum, &number));
      g_assert_cmpuint (number, ==, 99);
    }
}

static void
test_set_error (void)
{
  g_autoptr (HvsockUri) uri = split ("Mine://100%25:1");
  g_autoptr (GError) error = NULL;

  hvsock_uri_set_error (uri, &error, "expected a %s after '%c'", "colour", '%');
  g_assert_error (error, HVSOCK_ERROR, HVSOCK_ERROR_INVALID_URI);
  g_assert_cmpstr (error->message, ==,
                   "invalid URI 'Mine://100%25:1': expected a colour after '%'");

  hvsock_uri_set_error (uri, NULL, "expected nobody to listen");
}

static void
test_long (void)
{
  g_autofree char *many = g_strnfill (1 << 20, 'a');
  g_autofree char *text =
      g_strdup_printf ("%s://%s:%s/%s?%s=%s", many, many, many, many, many, many);
  g_autoptr (HvsockUri) uri = NULL;
  g_autoptr (GString) options = g_string_new ("a://h");
  g_autoptr (HvsockUri) with_options = NULL;

  uri = hvsock_uri_split (text, NULL);
  g_assert_nonnull (uri);
  g_assert_cmpstr (hvsock_uri_get_scheme (uri), ==, many);
  g_assert_cmpstr (hvsock_uri_get_host (uri), ==, many);
  g_assert_cmpstr (hvsock_uri_get_port (uri), ==, many);
  g_assert_cmpstr (hvsock_uri_get_path (uri) + 1, ==, many);
  g_assert_cmpstr (hvsock_uri_get_option (uri, many), ==, many);

  for (int i = 0; i < 20000; i++)
    g_string_append_printf (options, "%ck%d=%d", i == 0 ? '?' : '&', i, i);
  with_options = hvsock_uri_split (options->str, NULL);
  g_assert_nonnull (with_options);
  g_assert_cmpstr (hvsock_uri_get_option (with_options, "k19999"), ==, "19999");
}

int
main (int argc, char *argv[])
{
  g_test_init (&argc, &argv, G_TEST_OPTION_ISOLATE_DIRS, NULL);

  g_test_add_func ("/uri/split", test_split);
  g_test_add_func ("/uri/split/rejects", test_rejects);
  g_test_add_func ("/uri/split/rejects/unprintable", test_rejects_unprintable);
  g_test_add_func ("/uri/split/long", test_long);
  g_test_add_func ("/uri/options", test_options);
  g_test_add_func ("/uri/options/unknown", test_unknown_options);
  g_test_add_func ("/uri/path", test_path);
  g_test_add_func ("/uri/path/rejects", test_path_rejects);
  g_test_add_func ("/uri/path/encode-relative", test_encode_relative_path);
  g_test_add_func ("/uri/number", test_number);
  g_test_add_func ("/uri/set-error", test_set_error);

  return g_test_run ();
}
