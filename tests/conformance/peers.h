/* SPDX-License-Identifier: LGPL-2.1-or-later
 * Copyright the libhvsock authors */

#pragma once

#include "conformance.h"

G_BEGIN_DECLS

/* The two ends of one connection. */
typedef struct
{
  HvsockConnection *client;
  HvsockConnection *server;
} ConformancePair;

HvsockClient *conformance_client_new (void);
HvsockConnection *conformance_connect_client (const char *uri);
ConformancePair conformance_connect (Conformance *self);
ConformancePair conformance_connect_to (HvsockListener *listener, const char *uri);
ConformancePair conformance_connect_messages (void);
void conformance_pair_clear (ConformancePair *pair);

G_DEFINE_AUTO_CLEANUP_CLEAR_FUNC (ConformancePair, conformance_pair_clear)

/* Zeros, more than all the buffers on the way to a peer that does not read. */
extern char conformance_many_bytes[16 * 1024 * 1024];

char *conformance_get_uri (HvsockListener *listener);

GInputStream *conformance_input (HvsockConnection *connection);
GOutputStream *conformance_output (HvsockConnection *connection);

void conformance_send (Conformance *self, HvsockConnection *connection, const char *text);
void conformance_expect (Conformance *self, HvsockConnection *connection, const char *text);
void conformance_expect_end (Conformance *self, HvsockConnection *connection);
void conformance_expect_read_error (Conformance *self, HvsockConnection *connection, int code);
void conformance_expect_write_error (Conformance *self, HvsockConnection *connection, int code);
void conformance_expect_alive (Conformance *self, ConformancePair *pair);
void conformance_end_writing (HvsockConnection *connection);
void conformance_close (HvsockConnection *connection);
HvsockFeatures conformance_get_features (void);
gsize conformance_fill (HvsockConnection *connection);

G_END_DECLS
