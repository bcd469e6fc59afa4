/* SPDX-License-Identifier: LGPL-2.1-or-later
 * Copyright the libhvsock authors */

/* A blocking call made of an asynchronous one, in a main context of its own. */

#pragma once

#include <gio/gio.h>

G_BEGIN_DECLS

typedef struct
{
  GMainContext *context;
  GCancellable *cancellable; /* not a reference */
  GAsyncResult *result;      /* once the wait is over */
} HvsockBlockingCall;

void hvsock_blocking_call_begin (HvsockBlockingCall *self, GCancellable *cancellable);
void hvsock_blocking_call_cb (GObject *source, GAsyncResult *result, gpointer user_data);
void hvsock_blocking_call_wait (HvsockBlockingCall *self);
void hvsock_blocking_call_end (HvsockBlockingCall *self);

G_END_DECLS
