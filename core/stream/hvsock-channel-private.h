/* SPDX-License-Identifier: LGPL-2.1-or-later
 * Copyright the libhvsock authors */

#pragma once

#include <hvsock/hvsock-address.h>

G_BEGIN_DECLS

/* What the reactor keeps of a channel. */
typedef struct _HvsockWatch HvsockWatch;

/* A socket that several parties use: a connection and its two streams, a listener, an attempt to
 * connect, and the operations that each has under way. */
typedef struct
{
  int fd;
  int users;               /* atomic: see hvsock_channel_enter() */
  guint timeout;           /* atomic: how long an operation may wait, in milliseconds; 0 for ever */
  gboolean is_message;     /* reads and writes keep message boundaries */
  gboolean sends_in_parts; /* a write is to be as hvsock_message_begin() has it */
  HvsockAddress *local_address;
  HvsockAddress *remote_address;
  HvsockWatch *watch; /* atomic: the reactor's own */
  gboolean is_listener;
  int closing[2]; /* of a listener: a pipe that wakes those who wait */
} HvsockChannel;

HvsockChannel *hvsock_channel_new (int fd);
HvsockChannel *hvsock_channel_new_for_accepted (int fd, HvsockChannel *listener);
HvsockChannel *hvsock_channel_new_for_listener (int fd, GError **error);
HvsockChannel *hvsock_channel_ref (HvsockChannel *self);
void hvsock_channel_unref (HvsockChannel *self);

gboolean hvsock_channel_enter (HvsockChannel *self, GError **error);
void hvsock_channel_leave (HvsockChannel *self);

void hvsock_channel_close (HvsockChannel *self);
gboolean hvsock_channel_is_closed (HvsockChannel *self);
gboolean hvsock_channel_is_ready (HvsockChannel *self, GIOCondition condition);

void hvsock_channel_set_addresses (HvsockChannel *self,
                                   HvsockAddress *local_address,
                                   HvsockAddress *remote_address);
gboolean hvsock_channel_shutdown (HvsockChannel *self,
                                  gboolean read,
                                  gboolean write,
                                  GError **error);
int hvsock_channel_get_read_error (HvsockChannel *self, int errsv);
void hvsock_channel_set_error (HvsockChannel *self,
                               const char *operation,
                               int errsv,
                               GError **error);
void hvsock_channel_prefix_error (HvsockChannel *self, const char *operation, GError **error);
void hvsock_channel_set_closed_error (HvsockChannel *self, GError **error);

G_DEFINE_AUTOPTR_CLEANUP_FUNC (HvsockChannel, hvsock_channel_unref)

G_END_DECLS
