/* SPDX-License-Identifier: LGPL-2.1-or-later
 * Copyright the libhvsock authors */

#pragma once

#include <hvsock/hvsock-client.h>

G_BEGIN_DECLS

/* One connect() of a client: its settings when it began, and how far it is. */
typedef struct
{
  HvsockRegistry *registry;
  char *uri;
  guint timeout;
  gboolean is_timeout_chosen;
  guint retry_interval;
  gint64 deadline;
  HvsockTransport *transport;
  HvsockAddress *address;
  gboolean awaits_refusal; /* silence is taken for one */
  GError *obstacle;        /* why the last attempt that was worth a retry has failed */
} HvsockConnecting;

gboolean hvsock_client_has_chosen_timeout (HvsockClient *self);

HvsockConnection *hvsock_framing_wrap_connection (HvsockTransport *transport,
                                                  HvsockAddress *address,
                                                  HvsockConnection *connection);
HvsockListener *hvsock_framing_wrap_listener (HvsockTransport *transport,
                                              HvsockAddress *address,
                                              HvsockListener *listener);

HvsockConnecting *hvsock_connecting_new (HvsockClient *client, const char *uri);
void hvsock_connecting_free (HvsockConnecting *self);

HvsockConnection *hvsock_connecting_run (HvsockConnecting *self,
                                         GCancellable *cancellable,
                                         GError **error);
void hvsock_connecting_start (HvsockConnecting *self, GTask *task);

G_DEFINE_AUTOPTR_CLEANUP_FUNC (HvsockConnecting, hvsock_connecting_free)

G_END_DECLS
