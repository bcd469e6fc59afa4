/* SPDX-License-Identifier: LGPL-2.1-or-later
 * Copyright the libhvsock authors */

#pragma once

#include <hvsock/hvsock-plugin.h>

G_BEGIN_DECLS

/* The two ends of a socket pair: one as a connection, the other as it is. */
typedef struct
{
  HvsockConnection *connection;
  int peer;
} Ends;

void ends_init (Ends *self, int type);
void ends_clear (Ends *self);

G_DEFINE_AUTO_CLEANUP_CLEAR_FUNC (Ends, ends_clear)

GInputStream *ends_input (Ends *self);
GOutputStream *ends_output (Ends *self);
void ends_read_byte (Ends *self);
void ends_send (Ends *self, const char *text);
void ends_expect (Ends *self, const char *text);
void ends_expect_nothing (Ends *self);
gsize ends_fill (Ends *self);
gssize ends_write_async (Ends *self, GError **error);

gboolean is_open (int fd);
guint count_descriptors (void);
void take_all_descriptors (void);
void free_descriptors (guint n);
void free_all_descriptors (void);

G_END_DECLS
