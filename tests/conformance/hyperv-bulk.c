/* SPDX-License-Identifier: LGPL-2.1-or-later
 * Copyright the libhvsock authors */

/* So much in both directions at once that every buffer on the way fills up many times. */

#include "hyperv.h"

#include "deadline.h"
#include "lanes.h"

/* In each direction, in bytes. */
#define BULK         (256 * 1024 * 1024)

#define MOST_AT_ONCE (300 * 1024)

/* One end of one direction; each has a thread. */
typedef struct
{
  HvsockConnection *connection;
  GThread *thread;
  GChecksum *checksum;
  gsize moved;
} Mover;

static gpointer
send_bulk (gpointer data)
{
  Mover *self = data;
  const guint8 *bytes = conformance_get_random_bytes ();

  while (self->moved < BULK)
    {
      g_autoptr (GError) error = NULL;
      /* So that no two rounds through the bytes are alike. */
      const guint8 *piece = bytes + self->moved % 1009;
      gsize count = MIN (BULK - self->moved, 1 + self->moved % MOST_AT_ONCE);
      gssize n =
          g_output_stream_write (conformance_output (self->connection), piece, count, NULL, &error);

      g_assert_no_error (error);
      g_checksum_update (self->checksum, piece, n);
      self->moved += n;
    }
  conformance_end_writing (self->connection);
  return NULL;
}

static gpointer
receive_bulk (gpointer data)
{
  Mover *self = data;
  g_autofree guint8 *buffer = g_malloc (MOST_AT_ONCE);
  gssize n;

  do
    {
      g_autoptr (GError) error = NULL;

      n = g_input_stream_read (conformance_input (self->connection), buffer, MOST_AT_ONCE, NULL,
                               &error);
      g_assert_no_error (error);
      g_checksum_update (self->checksum, buffer, n);
      self->moved += n;
      conformance_deadline_renew ();
    }
  while (n > 0);
  return NULL;
}

static void
test_bulk (Conformance *self)
{
  g_auto (ConformancePair) pair = conformance_connect (self);
  Mover senders[] = { { pair.client }, { pair.server } };
  Mover receivers[] = { { pair.server }, { pair.client } };

  for (guint i = 0; i < 2; i++)
    {
      senders[i].checksum = g_checksum_new (G_CHECKSUM_MD5);
      senders[i].thread = g_thread_new ("send", send_bulk, &senders[i]);
      receivers[i].checksum = g_checksum_new (G_CHECKSUM_MD5);
      receivers[i].thread = g_thread_new ("receive", receive_bulk, &receivers[i]);
    }
  for (guint i = 0; i < 2; i++)
    {
      g_thread_join (senders[i].thread);
      g_thread_join (receivers[i].thread);
      g_assert_cmpuint (receivers[i].moved, ==, BULK);
      g_assert_cmpstr (g_checksum_get_string (senders[i].checksum), ==,
                       g_checksum_get_string (receivers[i].checksum));
      g_checksum_free (senders[i].checksum);
      g_checksum_free (receivers[i].checksum);
    }
}

void
conformance_add_hyperv_bulk_tests (void)
{
  conformance_add ("/bulk", test_bulk);
}
