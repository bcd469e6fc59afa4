/* SPDX-License-Identifier: LGPL-2.1-or-later
 * Copyright the libhvsock authors */

/* The shutdown framing as bytes: what is put around data, and taken off again. */

#pragma once

#include <gio/gio.h>

G_BEGIN_DECLS

/* The most data of a frame, and the most frames that go to the system at once. */
#define HVSOCK_FRAME_MAX     4096
#define HVSOCK_FRAMES_MAX    16
#define HVSOCK_FRAME_VECTORS 64

/* The frames that hold no data. */
typedef enum
{
  HVSOCK_FRAME_STOP_READING = 0xdeadbeef,
  HVSOCK_FRAME_STOP_WRITING = 0xbeefdead,
  HVSOCK_FRAME_CLOSE = 0xdeaddead,
} HvsockFrameControl;

/* Where a reader is in what comes, all zero at first. */
typedef struct
{
  guint8 header[4];
  guint n_header; /* how much of it has come */
  guint32 n_left; /* of the data of the frame */

  /* What the peer has said. */
  gboolean stops_reading;
  gboolean stops_writing;
  gboolean closes;
} HvsockFrameDecoder;

gsize hvsock_frame_decode (HvsockFrameDecoder *self, guint8 *bytes, gsize n_bytes, GError **error);
gboolean hvsock_frame_decoder_is_between (const HvsockFrameDecoder *self);

/* What is on its way out. */
typedef struct
{
  GByteArray *queue; /* what goes first: the rest of a frame, and frames without data */

  struct
  {
    guint8 header[4];
    guint first; /* the vector that is its header */
    gsize size;
  } frames[HVSOCK_FRAMES_MAX];
  guint n_frames;
  GOutputVector vectors[HVSOCK_FRAME_VECTORS];
  guint n_vectors;
} HvsockFrameEncoder;

void hvsock_frame_encoder_init (HvsockFrameEncoder *self);
void hvsock_frame_encoder_clear (HvsockFrameEncoder *self);
void hvsock_frame_queue (GByteArray *queue, HvsockFrameControl control);
void hvsock_frame_encode (HvsockFrameEncoder *self,
                          const GOutputVector *data,
                          gsize n_data,
                          guint n_frames);
gsize hvsock_frame_encoder_take (HvsockFrameEncoder *self, gsize n_written);

G_END_DECLS
