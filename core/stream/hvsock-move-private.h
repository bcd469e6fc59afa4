/* SPDX-License-Identifier: LGPL-2.1-or-later
 * Copyright the libhvsock authors */

/* Moves what one stream gives to another, until its end: one direction of a relay, or a splice. */

#pragma once

#include <hvsock/hvsock-connection.h>

G_BEGIN_DECLS

typedef struct
{
  HvsockConnection *connection; /* whose time-out reading has, or NULL for none */
  GInputStream *from;
  GOutputStream *to;
  guint64 n_moved;
  gboolean failed_to_read; /* rather than to write, when it has failed */
} HvsockMove;

void hvsock_move_init (HvsockMove *self,
                       HvsockConnection *connection,
                       GInputStream *from,
                       GOutputStream *to);
void hvsock_move_clear (HvsockMove *self);

void hvsock_move_start (HvsockMove *self, GTask *task);
gboolean hvsock_move_start_splice (HvsockMove *self, GTask *task);
void hvsock_move_start_copy (HvsockMove *self, GTask *task, const char *first, gsize n_first);

G_END_DECLS
