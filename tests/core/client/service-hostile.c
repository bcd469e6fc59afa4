/* SPDX-License-Identifier: LGPL-2.1-or-later
 * Copyright the libhvsock authors */

/* Peers that wish a service ill, one kind for each of its limits. The service echoes; each time an
 * ordinary client must get its echo nevertheless. */

#include <hvsock/hvsock.h>

#include "folder.h"
#include "streams.h"
#include "waits.h"

#include <string.h>

#define N_HOSTILE 50

typedef struct
{
  Folder folder;
  char *uri;
  HvsockService *service;
  GPtrArray *hostile;
} Fixture;

static void
echo_done_cb (GObject *output, GAsyncResult *result, gpointer connection)
{
  g_autoptr (GError) error = NULL;

  g_output_stream_splice_finish (G_OUTPUT_STREAM (output), result, &error);
  g_object_unref (connection);
}

static gboolean
incoming_cb (HvsockService *service,
             HvsockConnection *connection,
             HvsockListener *listener,
             gpointer data)
{
  GIOStream *stream = G_IO_STREAM (connection);

  g_output_stream_splice_async (g_io_stream_get_output_stream (stream),
                                g_io_stream_get_input_stream (stream),
                                G_OUTPUT_STREAM_SPLICE_CLOSE_TARGET, G_PRIORITY_DEFAULT, NULL,
                                echo_done_cb, g_object_ref (connection));
  return TRUE;
}

static void
set_up (Fixture *self, gconstpointer data)
{
  g_autoptr (GError) error = NULL;

  folder_init (&self->folder);
  self->uri = g_strdup_printf ("unix://%s/s", self->folder.path);
  self->hostile = g_ptr_array_new_with_free_func (g_object_unref);
  self->service = hvsock_service_new ();
  g_signal_connect (self->service, "incoming", G_CALLBACK (incoming_cb), NULL);
  hvsock_service_listen (self->service, self->uri, &error);
  g_assert_no_error (error);
  hvsock_service_start (self->service);
}

static void
wait_active (Fixture *self, guint n)
{
  while (hvsock_service_get_n_active (self->service) != n)
    g_main_context_iteration (NULL, TRUE);
}

/* The service ends with nobody in it, whoever was there. */
static void
tear_down (Fixture *self, gconstpointer data)
{
  g_autoptr (GAsyncResult) result = NULL;
  g_autoptr (GError) error = NULL;

  g_ptr_array_unref (self->hostile);
  hvsock_service_drain_async (self->service, 0, NULL, conformance_result_cb, &result);
  conformance_wait (&result);
  g_assert_true (hvsock_service_drain_finish (self->service, result, &error));
  g_assert_no_error (error);
  g_clear_object (&self->service);
  g_free (self->uri);
  folder_assert_empty (&self->folder);
  folder_clear (&self->folder);
}

static HvsockConnection *
connect_to_service (Fixture *self)
{
  g_autoptr (GError) error = NULL;
  HvsockConnection *connection = hvsock_connect (self->uri, NULL, &error);

  g_assert_no_error (error);
  return connection;
}

/* Returns how much of @text came back before the end. */
static gsize
hear (HvsockConnection *connection, const char *text)
{
  GInputStream *input = g_io_stream_get_input_stream (G_IO_STREAM (connection));
  g_autoptr (GAsyncResult) result = NULL;
  char buffer[16] = { 0 };
  gsize n_read = 0;

  g_assert_cmpuint (strlen (text), <, sizeof buffer);
  g_input_stream_read_all_async (input, buffer, strlen (text), G_PRIORITY_DEFAULT, NULL,
                                 conformance_result_cb, &result);
  conformance_wait (&result);
  g_input_stream_read_all_finish (input, result, &n_read, NULL);
  g_assert_true (strncmp (buffer, text, n_read) == 0);
  return n_read;
}

static void
expect_service (Fixture *self)
{
  g_autoptr (HvsockConnection) client = connect_to_service (self);

  stream_send (client, "ordinary");
  g_assert_cmpuint (hear (client, "ordinary"), ==, strlen ("ordinary"));
}

static void
add_hostile (Fixture *self)
{
  for (guint i = 0; i < N_HOSTILE; i++)
    g_ptr_array_add (self->hostile, connect_to_service (self));
}

/* They connect and say nothing; after a while they are sent away. */
static void
test_silent (Fixture *self, gconstpointer data)
{
  hvsock_service_set_first_byte_timeout (self->service, 100);
  add_hostile (self);
  expect_service (self);
  while (hvsock_service_get_n_silent (self->service) < N_HOSTILE)
    g_main_context_iteration (NULL, TRUE);
  wait_active (self, 0);
  expect_service (self);
}

/* They say a byte, and then no more, and never read. */
static void
test_slow (Fixture *self, gconstpointer data)
{
  hvsock_service_set_first_byte_timeout (self->service, 60000);
  add_hostile (self);
  for (guint i = 0; i < N_HOSTILE; i++)
    {
      stream_send (self->hostile->pdata[i], "x");
      expect_service (self);
    }
  g_assert_cmpuint (hvsock_service_get_n_silent (self->service), ==, 0);
}

/* More than there is room for, who come again and again. Those who are in are served meanwhile. */
static void
test_flooding (Fixture *self, gconstpointer data)
{
  g_autoptr (HvsockConnection) inside = connect_to_service (self);

  hvsock_service_set_max_connections (self->service, 2);
  wait_active (self, 1);
  for (guint turn = 0; turn < 5; turn++)
    {
      add_hostile (self);
      stream_send (inside, "in");
      g_assert_cmpuint (hear (inside, "in"), ==, 2);
      while (hvsock_service_get_n_refused (self->service) + 1 < (turn + 1) * N_HOSTILE)
        g_main_context_iteration (NULL, TRUE);
      g_assert_cmpuint (hvsock_service_get_n_active (self->service), <=, 2);
    }

  g_ptr_array_set_size (self->hostile, 0);
  wait_active (self, 1);
  expect_service (self);
}

/* They go away with what they were sent unread, which resets the connection, at every moment. */
static void
test_resetting (Fixture *self, gconstpointer data)
{
  for (guint i = 0; i < N_HOSTILE; i++)
    {
      g_autoptr (HvsockConnection) hostile = connect_to_service (self);

      if (i % 3 > 0)
        stream_send (hostile, "unread");
      if (i % 3 > 1)
        conformance_wait_readable (g_io_stream_get_input_stream (G_IO_STREAM (hostile)), NULL);
      g_clear_object (&hostile);
      expect_service (self);
    }
  wait_active (self, 0);
}

/* They end their direction at once, and stay. */
static void
test_half_open (Fixture *self, gconstpointer data)
{
  add_hostile (self);
  for (guint i = 0; i < N_HOSTILE; i++)
    {
      g_autoptr (GError) error = NULL;

      hvsock_connection_shutdown (self->hostile->pdata[i], FALSE, TRUE, &error);
      g_assert_no_error (error);
    }
  expect_service (self);
  wait_active (self, 0);
  expect_service (self);
}

/* They are not let in, and come nevertheless. */
static void
test_not_allowed (Fixture *self, gconstpointer data)
{
  static const char *const nobody[] = { "host", NULL };
  g_autoptr (GError) error = NULL;

  hvsock_service_set_allowed_peers (self->service, nobody, &error);
  g_assert_no_error (error);
  add_hostile (self);
  for (guint i = 0; i < N_HOSTILE; i++)
    g_assert_cmpuint (hear (self->hostile->pdata[i], "x"), ==, 0);
  g_assert_cmpuint (hvsock_service_get_n_refused (self->service), ==, N_HOSTILE);

  hvsock_service_set_allowed_peers (self->service, NULL, &error);
  g_assert_no_error (error);
  expect_service (self);
}

static void
add (const char *path, void (*func) (Fixture *, gconstpointer))
{
  g_test_add (path, Fixture, NULL, set_up, func, tear_down);
}

int
main (int argc, char *argv[])
{
  g_test_init (&argc, &argv, G_TEST_OPTION_ISOLATE_DIRS, NULL);

  add ("/service/hostile/silent", test_silent);
  add ("/service/hostile/slow", test_slow);
  add ("/service/hostile/flooding", test_flooding);
  add ("/service/hostile/resetting", test_resetting);
  add ("/service/hostile/half-open", test_half_open);
  add ("/service/hostile/not-allowed", test_not_allowed);

  return g_test_run ();
}
