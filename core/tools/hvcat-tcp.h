/* SPDX-License-Identifier: LGPL-2.1-or-later
 * Copyright the libhvsock authors */

/* TCP for the other side of a forwarder. */

#pragma once

#include <hvsock/hvsock.h>

G_BEGIN_DECLS

gboolean hvcat_tcp_split (const char *uri, char **host, guint16 *port, GError **error);

HvsockListener *hvcat_tcp_listen (const char *host,
                                  guint16 port,
                                  char **actual_uri,
                                  GError **error);

void hvcat_tcp_connect_async (HvsockClient *client,
                              const char *uri,
                              const char *host,
                              guint16 port,
                              GAsyncReadyCallback callback,
                              gpointer user_data);
HvsockConnection *hvcat_tcp_connect_finish (GAsyncResult *result, GError **error);

G_END_DECLS
