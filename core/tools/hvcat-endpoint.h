/* SPDX-License-Identifier: LGPL-2.1-or-later
 * Copyright the libhvsock authors */

/* Where hvcat connects to and listens. */

#pragma once

#include <hvsock/hvsock.h>

G_BEGIN_DECLS

/* In milliseconds. */
#define HVCAT_RETRY_INTERVAL 100

gboolean hvcat_endpoint_check (const char *uri, GError **error);

HvsockListener *hvcat_endpoint_listen (const char *uri, char **actual_uri, GError **error);

void hvcat_endpoint_connect_async (HvsockClient *client,
                                   const char *uri,
                                   GAsyncReadyCallback callback,
                                   gpointer user_data);
HvsockConnection *hvcat_endpoint_connect_finish (GAsyncResult *result, GError **error);

G_END_DECLS
