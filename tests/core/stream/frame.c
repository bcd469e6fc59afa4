/* SPDX-License-Identifier: LGPL-2.1-or-later
 * Copyright the libhvsock authors */

/* The bytes of the shutdown framing, without a stream. */

#include "stream/hvsock-frame-private.h"

#include <string.h>

#define LARGEST 300000

static GByteArray *
write_all (HvsockFrameEncoder *encoder)
{
  GByteArray *written = g_byte_array_new ();

  for (guint i = 0; i < encoder->n_vectors; i++)
    g_byte_array_append (written, encoder->vectors[i].buffer, (guint) encoder->vectors[i].size);
  return written;
}

static void
test_controls (void)
{
  static const guint8 expected[] = { 0xef, 0xbe, 0xad, 0xde, 0xad, 0xde,
                                     0xef, 0xbe, 0xad, 0xde, 0xad, 0xde };
  g_autoptr (GByteArray) queue = g_byte_array_new ();
  HvsockFrameDecoder decoder = { 0 };
  g_autoptr (GError) error = NULL;

  hvsock_frame_queue (queue, HVSOCK_FRAME_STOP_READING);
  hvsock_frame_queue (queue, HVSOCK_FRAME_STOP_WRITING);
  hvsock_frame_queue (queue, HVSOCK_FRAME_CLOSE);
  g_assert_cmpmem (queue->data, queue->len, expected, sizeof expected);

  g_assert_cmpuint (hvsock_frame_decode (&decoder, queue->data, 4, &error), ==, 0);
  g_assert_true (decoder.stops_reading && !decoder.stops_writing && !decoder.closes);
  g_assert_cmpuint (hvsock_frame_decode (&decoder, queue->data + 4, 4, &error), ==, 0);
  g_assert_true (decoder.stops_writing && !decoder.closes);
  g_assert_cmpuint (hvsock_frame_decode (&decoder, queue->data + 8, 4, &error), ==, 0);
  g_assert_true (decoder.closes);
  g_assert_no_error (error);
}

static void
test_encoded (void)
{
  static const struct
  {
    gsize sizes[3];
    guint n_frames;
    gsize last;  /* the size of the last frame */
    gsize taken; /* in all */
  } cases[] = {
    { { 1, 0, 0 }, 1, 1, 1 },
    { { 0, 4095, 1 }, 1, 4096, 4096 },
    { { 4096, 0, 0 }, 1, 4096, 4096 },
    { { 4000, 97, 0 }, 2, 1, 4097 },
    { { 1, 4096, 8 }, 2, 9, 4105 },
    { { 65536, 0, 0 }, 16, 4096, 65536 },
    { { 100, 65535, 100 }, 16, 4096, 65536 },
    { { 0, 0, 0 }, 0, 0, 0 },
  };
  static const guint8 data[LARGEST];

  for (gsize i = 0; i < G_N_ELEMENTS (cases); i++)
    {
      HvsockFrameEncoder encoder;
      GOutputVector vectors[3];

      for (gsize j = 0; j < 3; j++)
        vectors[j] = (GOutputVector){ data, cases[i].sizes[j] };
      hvsock_frame_encoder_init (&encoder);
      hvsock_frame_encode (&encoder, vectors, 3, HVSOCK_FRAMES_MAX);
      g_assert_cmpuint (encoder.n_frames, ==, cases[i].n_frames);
      if (encoder.n_frames > 0)
        g_assert_cmpuint (encoder.frames[encoder.n_frames - 1].size, ==, cases[i].last);
      g_assert_cmpuint (hvsock_frame_encoder_take (&encoder, LARGEST), ==, cases[i].taken);
      g_assert_cmpuint (encoder.queue->len, ==, 0);
      hvsock_frame_encoder_clear (&encoder);
    }
}

/* However much of a frame was written, the rest of it goes before all else, and the frame counts as
 * taken; one that was not begun does not. */
static void
test_cut (void)
{
  static const guint8 data[4097] = { 'a' };
  const GOutputVector vectors[] = { { data, 100 }, { data + 100, 3996 }, { data + 4096, 1 } };
  const gsize n_all = 4 + 4096 + 4 + 1;

  for (gsize n = 0; n <= n_all; n++)
    {
      HvsockFrameEncoder encoder;
      g_autoptr (GByteArray) written = NULL;

      hvsock_frame_encoder_init (&encoder);
      hvsock_frame_encode (&encoder, vectors, 3, HVSOCK_FRAMES_MAX);
      written = write_all (&encoder);
      g_assert_cmpuint (written->len, ==, n_all);
      g_assert_cmpuint (hvsock_frame_encoder_take (&encoder, n), ==,
                        n == 0      ? 0
                        : n <= 4100 ? 4096
                                    : 4097);
      g_assert_cmpmem (encoder.queue->data, encoder.queue->len, written->data + n,
                       n == 0 ? 0 : (n <= 4100 ? 4100 : n_all) - n);
      hvsock_frame_encoder_clear (&encoder);
    }
}

static void
test_refused (void)
{
  static const guint32 lengths[] = { 4097, 0x10000, 0xdeadbeee, 0xdeaddeae, 0xffffffff };

  for (gsize i = 0; i < G_N_ELEMENTS (lengths); i++)
    {
      const guint32 words[] = { GUINT32_TO_LE (2), 0, 0 };
      guint8 bytes[10];
      HvsockFrameDecoder decoder = { 0 };
      g_autoptr (GError) error = NULL;
      const guint32 length = GUINT32_TO_LE (lengths[i]);

      memcpy (bytes, words, 4);
      memcpy (bytes + 4, "ab", 2);
      memcpy (bytes + 6, &length, 4);
      g_assert_cmpuint (hvsock_frame_decode (&decoder, bytes, sizeof bytes, &error), ==, 2);
      g_assert_error (error, G_IO_ERROR, G_IO_ERROR_INVALID_DATA);
      g_assert_cmpmem (bytes, 2, "ab", 2);
    }
}

/* Empty frames say nothing, and what comes after the end is dropped; in pieces of any size. */
static void
test_pieces (void)
{
  static const guint8 bytes[] = { 0,    0,    0, 0, 3, 0, 0,   0,    'a',  'b',  'c',
                                  0,    0,    0, 0, 1, 0, 0,   0,    'd',  0xad, 0xde,
                                  0xef, 0xbe, 1, 0, 0, 0, 'x', 0xef, 0xbe, 0xad, 0xde };

  for (gsize piece = 1; piece <= sizeof bytes; piece++)
    {
      HvsockFrameDecoder decoder = { 0 };
      g_autoptr (GByteArray) got = g_byte_array_new ();
      g_autoptr (GError) error = NULL;

      for (gsize at = 0; at < sizeof bytes; at += piece)
        {
          guint8 copy[sizeof bytes];
          const gsize n = MIN (piece, sizeof bytes - at);

          memcpy (copy, bytes + at, n);
          g_byte_array_append (got, copy, (guint) hvsock_frame_decode (&decoder, copy, n, &error));
          g_assert_no_error (error);
        }
      g_assert_cmpmem (got->data, got->len, "abcd", 4);
      g_assert_true (decoder.stops_writing && decoder.stops_reading && !decoder.closes);
      g_assert_true (hvsock_frame_decoder_is_between (&decoder));
    }
}

static void
test_between (void)
{
  guint8 bytes[] = { 1, 0, 0, 0, 'a' };
  HvsockFrameDecoder decoder = { 0 };

  for (gsize i = 0; i < sizeof bytes; i++)
    {
      g_assert_true (hvsock_frame_decoder_is_between (&decoder) == (i == 0));
      hvsock_frame_decode (&decoder, bytes + i, 1, NULL);
    }
  g_assert_true (hvsock_frame_decoder_is_between (&decoder));
}

/* From 1 to @most, small ones as often as large ones; 0 for nothing. */
static gsize
random_size (GRand *rand, gsize most)
{
  const gsize size = (gsize) g_rand_int_range (rand, 1, LARGEST >> g_rand_int_range (rand, 0, 16));

  return MIN (size, most);
}

/* Written and read in pieces of random sizes, with messages in between. */
static void
run_random (guint32 seed)
{
  g_autoptr (GRand) rand = g_rand_new_with_seed (seed);
  g_autofree guint8 *data = g_malloc (LARGEST);
  g_autoptr (GByteArray) got = g_byte_array_new ();
  HvsockFrameDecoder decoder = { 0 };
  HvsockFrameEncoder encoder;
  gsize sent = 0;

  for (gsize i = 0; i < LARGEST; i++)
    data[i] = (guint8) g_rand_int (rand);
  hvsock_frame_encoder_init (&encoder);
  while (sent < LARGEST || encoder.queue->len > 0)
    {
      const gsize first = random_size (rand, LARGEST - sent);
      const gsize second = random_size (rand, LARGEST - sent - first);
      const GOutputVector vectors[] = { { data + sent, first }, { data + sent + first, second } };
      g_autoptr (GByteArray) written = NULL;
      gsize n;

      if (g_rand_int_range (rand, 0, 50) == 0)
        hvsock_frame_queue (encoder.queue, HVSOCK_FRAME_STOP_READING);
      hvsock_frame_encode (&encoder, vectors, 2, HVSOCK_FRAMES_MAX);
      written = write_all (&encoder);
      n = random_size (rand, written->len);
      sent += hvsock_frame_encoder_take (&encoder, n);
      for (gsize at = 0; at < n;)
        {
          const gsize piece = random_size (rand, n - at);

          g_byte_array_append (
              got, written->data + at,
              (guint) hvsock_frame_decode (&decoder, written->data + at, piece, NULL));
          at += piece;
        }
    }
  g_assert_cmpmem (got->data, got->len, data, LARGEST);
  g_assert_true (hvsock_frame_decoder_is_between (&decoder));
  hvsock_frame_encoder_clear (&encoder);
}

static void
test_random (void)
{
  for (guint32 seed = 1; seed <= 20; seed++)
    run_random (seed);
}

int
main (int argc, char **argv)
{
  g_test_init (&argc, &argv, G_TEST_OPTION_ISOLATE_DIRS, NULL);

  g_test_add_func ("/frame/controls", test_controls);
  g_test_add_func ("/frame/encoded", test_encoded);
  g_test_add_func ("/frame/cut", test_cut);
  g_test_add_func ("/frame/refused", test_refused);
  g_test_add_func ("/frame/pieces", test_pieces);
  g_test_add_func ("/frame/between", test_between);
  g_test_add_func ("/frame/random", test_random);

  return g_test_run ();
}
