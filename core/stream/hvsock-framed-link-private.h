/* SPDX-License-Identifier: LGPL-2.1-or-later
 * Copyright the libhvsock authors */

/* What the parts of a framed connection share: its two streams, its closing, and what sends in the
 * background. */

#pragma once

#include <hvsock/hvsock-address.h>

#include "stream/hvsock-frame-private.h"

G_BEGIN_DECLS

/* Takes all that a peer sends at once. */
#define HVSOCK_FRAMED_BUFFER_SIZE (64 * 1024)

/* One direction. Only who has taken it uses the base's stream and what goes with it. */
typedef struct
{
  gboolean is_taken;
  GCancellable *interrupt; /* ends what is under way */
  gulong cancelled_id;
  GSource *next; /* gets it then: it is made ready; NULL for nobody */
} HvsockFramedSide;

/* Everything is under @lock but for what belongs to who has taken a side. */
typedef struct
{
  GIOStream *base;
  GInputStream *base_input;
  GOutputStream *base_output;
  HvsockAddress *remote_address; /* for messages; NULL where they are not known */
  HvsockAddress *local_address;
  GMutex lock;

  gboolean is_closed;
  gboolean ends_reading; /* as this end has said */
  gboolean ends_writing;
  gboolean says_close;
  GSList *sources; /* to be woken when nothing is to be waited for any more */

  HvsockFramedSide input;
  HvsockFrameDecoder decoder;
  guint8 *buffer; /* data from @start to @end, and room behind */
  gsize start;
  gsize end;
  gboolean is_at_end; /* of the base */
  GError *read_error;

  HvsockFramedSide output;
  HvsockFrameEncoder encoder;
  GByteArray *controls; /* to be sent after what is under way */
  gboolean is_broken;
  GCancellable *background; /* it is sent in the background */
  GCond no_background;
} HvsockFramedLink;

HvsockFramedLink *hvsock_framed_link_new (GIOStream *base,
                                          HvsockAddress *local_address,
                                          HvsockAddress *remote_address);
HvsockFramedLink *hvsock_framed_link_ref (HvsockFramedLink *self);
void hvsock_framed_link_unref (HvsockFramedLink *self);

gboolean hvsock_framed_link_enter (HvsockFramedLink *self,
                                   HvsockFramedSide *side,
                                   GCancellable *cancellable,
                                   GError **error);
void hvsock_framed_link_leave (HvsockFramedLink *self,
                               HvsockFramedSide *side,
                               GCancellable *cancellable);

/* Closing. */
void hvsock_framed_link_begin_close (HvsockFramedLink *self);
gboolean hvsock_framed_link_has_heard_all (HvsockFramedLink *self);
gboolean hvsock_framed_link_claim (HvsockFramedLink *self, HvsockFramedSide *side, GSource *next);
void hvsock_framed_link_give_up_claims (HvsockFramedLink *self);
void hvsock_framed_link_close (HvsockFramedLink *self, guint timeout, GTask *task);

/* Reading. */
gpointer hvsock_framed_link_get_room (HvsockFramedLink *self, gsize *size);
void hvsock_framed_link_got (HvsockFramedLink *self, gsize n_read);
gboolean hvsock_framed_link_take (HvsockFramedLink *self,
                                  gpointer buffer,
                                  gsize count,
                                  gssize *n_taken,
                                  GError **error);
void hvsock_framed_link_peek (HvsockFramedLink *self);

/* Writing. */
gboolean hvsock_framed_link_can_write (HvsockFramedLink *self, GError **error);
void hvsock_framed_link_collect (HvsockFramedLink *self);
void hvsock_framed_link_encode (HvsockFramedLink *self,
                                const GOutputVector *data,
                                gsize n_data,
                                guint n_frames);
gboolean hvsock_framed_link_shutdown (HvsockFramedLink *self,
                                      gboolean read,
                                      gboolean write,
                                      GError **error);

/* Sending what nobody waits for. Under the lock. */
void hvsock_framed_link_send_now (HvsockFramedLink *self);
void hvsock_framed_link_send (HvsockFramedLink *self);
void hvsock_framed_link_stop_sending (HvsockFramedLink *self);

GSource *hvsock_framed_source_new (HvsockFramedLink *link,
                                   gpointer stream,
                                   GIOCondition condition,
                                   GCancellable *cancellable);
gboolean hvsock_framed_link_is_settled (HvsockFramedLink *self, GIOCondition condition);

GInputStream *hvsock_framed_input_stream_new (HvsockFramedLink *link);
GOutputStream *hvsock_framed_output_stream_new (HvsockFramedLink *link);

G_DEFINE_AUTOPTR_CLEANUP_FUNC (HvsockFramedLink, hvsock_framed_link_unref)

G_END_DECLS
