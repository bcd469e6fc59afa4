/* SPDX-License-Identifier: LGPL-2.1-or-later
 * Copyright the libhvsock authors */

#pragma once

#include <hvsock/hvsock-service.h>

#include "client/hvsock-admission-private.h"

G_BEGIN_DECLS

struct _HvsockService
{
  GObject parent_instance;

  GPtrArray *listeners;
  GCancellable *running; /* NULL while it is stopped */
  HvsockAdmission *admission;
  guint max_connections;
  guint max_per_peer;
  guint first_byte_timeout;
  int max_threads;
  GThreadPool *threads; /* NULL if the main context serves */
};

void hvsock_service_emit_incoming (HvsockService *self,
                                   HvsockConnection *connection,
                                   HvsockListener *listener);
void hvsock_service_emit_listener_failed (HvsockService *self,
                                          HvsockListener *listener,
                                          const GError *error);

void hvsock_service_accept_next (HvsockService *self, HvsockListener *listener);

/* Made for a pool of threads. */
void hvsock_service_serve_in_thread (gpointer data, gpointer user_data);

G_END_DECLS
