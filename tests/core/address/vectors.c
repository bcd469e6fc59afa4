/* SPDX-License-Identifier: LGPL-2.1-or-later
 * Copyright the libhvsock authors */

/* Every row of the table of URIs, each as a test of its own. */

#include "checks.h"

#include <string.h>

enum
{
  VERDICT,
  URI,
  CANONICAL,
  REASON,
  N_FIELDS,
};

static void
test_row (gconstpointer data)
{
  const char *const *row = data;
  g_autoptr (HvsockAddress) address = NULL;

  g_test_message ("%s", row[REASON]);
  if (g_str_equal (row[VERDICT], "reject"))
    {
      check_rejected (row[URI], "expected ");
      return;
    }

  address = check_uri (row[URI], row[CANONICAL]);
  g_assert_cmpint (hvsock_address_is_listen_only (address), ==,
                   g_str_equal (row[VERDICT], "listen"));
}

/* The message of this one is a part of the grammar. */
static void
test_file_like_service (void)
{
  check_rejected ("hvsock:///run/x/kata.hvsock:1024", "vsock-mux://");
}

int
main (int argc, char *argv[])
{
  g_autofree char *file = NULL;
  g_autofree char *text = NULL;
  g_auto (GStrv) lines = NULL;
  g_autoptr (GPtrArray) rows = g_ptr_array_new_with_free_func ((GDestroyNotify) g_strfreev);
  g_autoptr (GError) error = NULL;

  g_test_init (&argc, &argv, G_TEST_OPTION_ISOLATE_DIRS, NULL);

  file = g_test_build_filename (G_TEST_DIST, "vectors", "uri.tsv", NULL);
  g_file_get_contents (file, &text, NULL, &error);
  g_assert_no_error (error);

  lines = g_strsplit (text, "\n", -1);
  for (guint i = 0; lines[i] != NULL; i++)
    {
      g_autofree char *path = NULL;
      char **row;

      if (lines[i][0] == '#' || lines[i][0] == '\0')
        continue;

      row = g_strsplit (lines[i], "\t", -1);
      g_ptr_array_add (rows, row);
      g_assert_cmpuint (g_strv_length (row), ==, N_FIELDS);
      g_assert_true (g_strv_contains ((const char *const[]){ "connect", "listen", "reject", NULL },
                                      row[VERDICT]));

      path = g_strdup_printf ("/address/vectors/%s/line-%u", row[VERDICT], i + 1);
      g_test_add_data_func (path, row, test_row);
    }
  g_assert_cmpuint (rows->len, >, 0);
  g_test_add_func ("/address/vectors/file-like-service", test_file_like_service);

  return g_test_run ();
}
