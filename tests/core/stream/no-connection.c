/* SPDX-License-Identifier: LGPL-2.1-or-later
 * Copyright the libhvsock authors */

/* A connection of nothing: for what hands connections out and does not look into them. */

#include "no-connection.h"

typedef HvsockConnection NoConnection;
typedef HvsockConnectionClass NoConnectionClass;

G_DEFINE_TYPE (NoConnection, no_connection, HVSOCK_TYPE_CONNECTION)

static gboolean
no_connection_close (GIOStream *stream, GCancellable *cancellable, GError **error)
{
  return TRUE;
}

static void
no_connection_class_init (NoConnectionClass *klass)
{
  G_IO_STREAM_CLASS (klass)->close_fn = no_connection_close;
}

static void
no_connection_init (NoConnection *self)
{
}
