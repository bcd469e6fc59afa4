/* SPDX-License-Identifier: LGPL-2.1-or-later
 * Copyright the libhvsock authors */

#include <hvsock/hvsock.h>

static gboolean
incoming_cb (HvsockService *service,
             HvsockConnection *connection,
             HvsockListener *listener,
             gpointer user_data)
{
  GIOStream *stream = G_IO_STREAM (connection);

  g_output_stream_splice (g_io_stream_get_output_stream (stream),
                          g_io_stream_get_input_stream (stream), G_OUTPUT_STREAM_SPLICE_NONE, NULL,
                          NULL);
  return TRUE;
}

int
main (int argc, char **argv)
{
  g_autoptr (HvsockService) service = hvsock_service_new_threaded (16);
  g_autoptr (GMainLoop) loop = g_main_loop_new (NULL, FALSE);
  g_autoptr (GError) error = NULL;

  g_signal_connect (service, "incoming", G_CALLBACK (incoming_cb), NULL);
  if (hvsock_service_listen (service, argv[1], &error) == NULL)
    g_error ("%s", error->message);

  hvsock_service_start (service);
  g_main_loop_run (loop);
  return 0;
}
