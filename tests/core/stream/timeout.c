/* SPDX-License-Identifier: LGPL-2.1-or-later
 * Copyright the libhvsock authors */

/* How long one read or write may wait. */

#include "ends.h"
#include "waits.h"

#include <glib-unix.h>

/* In milliseconds. Tests wait for it, so it is short. */
#define SHORT 20

typedef gssize (*Move) (Ends *ends, GError **error);

static gssize
read_blocking (Ends *ends, GError **error)
{
  char bytes[8];

  return g_input_stream_read (ends_input (ends), bytes, sizeof bytes, NULL, error);
}

static gssize
read_async (Ends *ends, GError **error)
{
  g_autoptr (GAsyncResult) result = NULL;
  char bytes[8];

  g_input_stream_read_async (ends_input (ends), bytes, sizeof bytes, G_PRIORITY_DEFAULT, NULL,
                             conformance_result_cb, &result);
  conformance_wait (&result);
  return g_input_stream_read_finish (ends_input (ends), result, error);
}

static gssize
write_blocking (Ends *ends, GError **error)
{
  return g_output_stream_write (ends_output (ends), "bytes", 5, NULL, error);
}

static const struct
{
  Move move;
  gboolean is_read;
  const char *text;
} cases[] = {
  { read_blocking, TRUE, "cannot read from 'unix:///peer': " },
  { read_async, TRUE, "cannot read from 'unix:///peer': " },
  { write_blocking, FALSE, "cannot write to 'unix:///peer': " },
  { ends_write_async, FALSE, "cannot write to 'unix:///peer': " },
};

static void
test_passes (void)
{
  for (guint i = 0; i < G_N_ELEMENTS (cases); i++)
    {
      g_auto (Ends) ends = { 0 };
      g_autoptr (GError) error = NULL;
      gint64 began;

      ends_init (&ends, SOCK_STREAM);
      ends_fill (&ends);
      hvsock_connection_set_timeout (ends.connection, SHORT);
      began = g_get_monotonic_time ();
      g_assert_cmpint (cases[i].move (&ends, &error), ==, -1);
      g_assert_error (error, G_IO_ERROR, G_IO_ERROR_TIMED_OUT);
      g_assert_true (g_str_has_prefix (error->message, cases[i].text));
      g_assert_cmpint (g_get_monotonic_time () - began, >=, SHORT * 1000);
    }
}

/* It is no failure of the connection. */
static void
test_works_afterwards (void)
{
  for (guint i = 0; i < G_N_ELEMENTS (cases); i++)
    {
      g_auto (Ends) ends = { 0 };
      g_autoptr (GError) error = NULL;
      char bytes[4096];

      ends_init (&ends, SOCK_STREAM);
      ends_fill (&ends);
      hvsock_connection_set_timeout (ends.connection, 1);
      g_assert_cmpint (cases[i].move (&ends, &error), ==, -1);
      g_assert_error (error, G_IO_ERROR, G_IO_ERROR_TIMED_OUT);
      g_clear_error (&error);

      if (cases[i].is_read)
        ends_send (&ends, "bytes");
      else
        while (recv (ends.peer, bytes, sizeof bytes, MSG_DONTWAIT) > 0)
          continue;
      g_assert_cmpint (cases[i].move (&ends, &error), ==, 5);
      g_assert_no_error (error);
    }
}

/* An operation keeps the time that it began with. */
static void
test_changed_meanwhile (void)
{
  g_auto (Ends) early = { 0 };
  g_auto (Ends) late = { 0 };
  g_autoptr (GAsyncResult) result = NULL;
  g_autoptr (GError) error = NULL;
  char bytes[8];

  ends_init (&early, SOCK_STREAM);
  ends_init (&late, SOCK_STREAM);
  g_input_stream_read_async (ends_input (&early), bytes, sizeof bytes, G_PRIORITY_DEFAULT, NULL,
                             conformance_result_cb, &result);
  conformance_turn ();
  hvsock_connection_set_timeout (early.connection, 1);
  hvsock_connection_set_timeout (late.connection, SHORT);
  g_assert_cmpint (read_async (&late, &error), ==, -1);
  g_assert_error (error, G_IO_ERROR, G_IO_ERROR_TIMED_OUT);
  g_clear_error (&error);
  g_assert_null (result);

  ends_send (&early, "abc");
  conformance_wait (&result);
  g_assert_cmpint (g_input_stream_read_finish (ends_input (&early), result, &error), ==, 3);
  g_assert_no_error (error);
}

typedef struct
{
  Ends ends;
  guint n_sent;
} Contest;

static gboolean
take_cb (int fd, GIOCondition condition, gpointer data)
{
  char bytes[8];

  while (recv (fd, bytes, sizeof bytes, MSG_DONTWAIT) > 0)
    continue;
  return G_SOURCE_CONTINUE;
}

static gboolean
send_cb (gpointer data)
{
  Contest *contest = data;

  g_assert_cmpuint (contest->n_sent++, <, 10 * SHORT);
  ends_send (&contest->ends, "x");
  return G_SOURCE_CONTINUE;
}

/* The read is woken again and again, and each time somebody was faster: its time passes all the
 * same. Both who bring the bytes and who takes them come before it. */
static void
test_not_prolonged (void)
{
  Contest contest = { 0 };
  g_autoptr (GSource) taker = NULL;
  g_autoptr (GSource) sender = g_timeout_source_new (1);
  g_autoptr (GError) error = NULL;

  ends_init (&contest.ends, SOCK_STREAM);
  taker = g_unix_fd_source_new (hvsock_connection_get_fd (contest.ends.connection), G_IO_IN);
  g_source_set_callback (taker, G_SOURCE_FUNC (take_cb), NULL, NULL);
  g_source_set_priority (taker, G_PRIORITY_HIGH);
  g_source_attach (taker, NULL);
  g_source_set_callback (sender, send_cb, &contest, NULL);
  g_source_set_priority (sender, G_PRIORITY_HIGH);
  g_source_attach (sender, NULL);

  hvsock_connection_set_timeout (contest.ends.connection, SHORT);
  g_assert_cmpint (read_async (&contest.ends, &error), ==, -1);
  g_assert_error (error, G_IO_ERROR, G_IO_ERROR_TIMED_OUT);
  g_source_destroy (taker);
  g_source_destroy (sender);
  ends_clear (&contest.ends);
}

int
main (int argc, char *argv[])
{
  g_test_init (&argc, &argv, G_TEST_OPTION_ISOLATE_DIRS, NULL);

  g_test_add_func ("/timeout/passes", test_passes);
  g_test_add_func ("/timeout/works-afterwards", test_works_afterwards);
  g_test_add_func ("/timeout/changed-meanwhile", test_changed_meanwhile);
  g_test_add_func ("/timeout/not-prolonged", test_not_prolonged);

  return g_test_run ();
}
