/* SPDX-License-Identifier: LGPL-2.1-or-later
 * Copyright the libhvsock authors */

/* Accepts, and serves each connection in a thread of its own, by blocking calls. */

#include "service.h"

struct _Service
{
  HvsockListener *listener;
  GThread *thread;
};

static char *
get_last_line (HvsockConnection *connection)
{
  g_autoptr (GError) error = NULL;
  g_autofree char *line = wire_read_line (connection, &error);
  g_autofree char *result = line == NULL ? NULL : service_perform (connection, line, &error);

  if (result != NULL)
    return g_strconcat ("ok ", result, NULL);
  return g_strdup_printf ("error %s %d %s", g_quark_to_string (error->domain), error->code,
                          error->message);
}

static gpointer
serve (gpointer data)
{
  g_autoptr (HvsockConnection) connection = data;
  g_autofree char *line = get_last_line (connection);

  /* Whoever wants to know it is still there to read it. */
  wire_send_line (connection, line, NULL);
  g_io_stream_close (G_IO_STREAM (connection), NULL, NULL);
  return NULL;
}

static gpointer
accept_all (gpointer data)
{
  Service *self = data;

  for (;;)
    {
      g_autoptr (GError) error = NULL;
      HvsockConnection *connection = hvsock_listener_accept (self->listener, NULL, &error);

      if (connection == NULL)
        {
          if (!g_error_matches (error, G_IO_ERROR, G_IO_ERROR_CLOSED))
            g_error ("%s", error->message);
          return NULL;
        }
      g_thread_unref (g_thread_new ("serve", serve, connection));
    }
}

Service *
service_start (HvsockListener *listener)
{
  Service *self = g_new (Service, 1);

  self->listener = g_object_ref (listener);
  self->thread = g_thread_new ("accept", accept_all, self);
  return self;
}

/* For ever, unless the listener is closed. */
void
service_wait (Service *self)
{
  g_thread_join (self->thread);
  g_object_unref (self->listener);
  g_free (self);
}

/* Connections that were accepted are served to their end. */
void
service_stop (Service *self)
{
  hvsock_listener_close (self->listener);
  service_wait (self);
}
