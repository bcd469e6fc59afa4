/* SPDX-License-Identifier: LGPL-2.1-or-later
 * Copyright the libhvsock authors */

/* The conformance suite: scenarios that each transport must pass. They are compiled once per
 * transport, with that transport's ConformanceBackend, and use the public API only. */

#pragma once

#include <hvsock/hvsock.h>

#include "folder.h"

G_BEGIN_DECLS

/* How a scenario reads and writes: it is written once, as if calls blocked, and run in each mode.
 */
typedef struct
{
  const char *name;
  gssize (*read) (GInputStream *stream,
                  void *buffer,
                  gsize count,
                  GCancellable *cancellable,
                  GError **error);
  gssize (*write) (GOutputStream *stream,
                   const void *buffer,
                   gsize count,
                   GCancellable *cancellable,
                   GError **error);
} ConformanceMode;

extern const ConformanceMode conformance_blocking;
extern const ConformanceMode conformance_async;
extern const ConformanceMode conformance_pollable;

/* One run of one scenario. */
typedef struct
{
  const ConformanceMode *mode;
  Folder folder;            /* empty at first, removed at the end */
  HvsockListener *listener; /* the service */
  char *uri;                /* connects to it */
  GArray *silent_fds;       /* what keeps a silent address silent, owned by socket-files.c */
  GPtrArray *devices;       /* the stand-ins that the backend runs */
} Conformance;

typedef void (*ConformanceFunc) (Conformance *self);

/* What differs between transports. What a transport has not is NULL. */
typedef struct
{
  const char *name;

  /* The transport beneath, where this is the framing over another one. */
  const char *framed_over;

  /* No direction can be closed alone. */
  gboolean lacks_half_close;

  /* The peer is not told that this end does not read any more. */
  gboolean shuts_reading_silently;

  /* Listens for packet-oriented connections, somewhere. */
  const char *packet_uri;

  /* Why nothing of this can run here, with the remedy; NULL if it can. */
  const char *(*get_obstacle) (void);

  /* Makes what the transport needs in self->folder, and returns the URI to listen on. */
  char *(*set_up) (Conformance *self);
  void (*tear_down) (Conformance *self);

  /* A listening descriptor that the library did not make, such as an inherited one. */
  int (*listen_by_hand) (Conformance *self, HvsockAddress **address);

  /* A URI that is refused, and how to serve it after all where listening is not enough. */
  char *(*refuse) (Conformance *self);
  HvsockListener *(*stop_refusing) (Conformance *self, const char *uri);

  /* A URI at which nothing ever was. */
  char *(*get_missing_uri) (Conformance *self);

  /* A URI that neither accepts nor refuses. Over descriptors, its listener is in self->silent_fds,
   * before the clients that fill its queue. */
  char *(*fall_silent) (Conformance *self);

  /* What it does with a connection that it takes after all. */
  void (*let_in) (int fd);

  /* A URI to listen on and connect to whose path is longer than a socket's address may be. */
  char *(*get_long_uri) (Conformance *self);

  void (*check_addresses) (Conformance *self, HvsockConnection *client, HvsockConnection *server);

  /* Adds scenarios that only this transport has. */
  void (*add_tests) (void);
} ConformanceBackend;

extern const ConformanceBackend conformance_backend;

void conformance_add (const char *path, ConformanceFunc func);
void conformance_add_mode (const char *path, ConformanceFunc func, const ConformanceMode *mode);
void conformance_add_both (const char *path, ConformanceFunc func);
void conformance_add_modes (const char *path, ConformanceFunc func);

/* Until a message has begun for which there is too little room. */
void conformance_wait_begun (HvsockConnection *connection);

void conformance_add_address_tests (void);
void conformance_add_cancel_tests (void);
void conformance_add_close_tests (void);
void conformance_add_connect_tests (void);
void conformance_add_context_tests (void);
void conformance_add_data_tests (void);
void conformance_add_descriptor_tests (void);
void conformance_add_end_tests (void);
void conformance_add_exhaustion_tests (void);
void conformance_add_filter_tests (void);
void conformance_add_half_close_tests (void);
void conformance_add_listener_tests (void);
void conformance_add_parallel_tests (void);
void conformance_add_relay_tests (void);
void conformance_add_retry_tests (void);
void conformance_add_seqpacket_tests (void);
void conformance_add_service_tests (void);
void conformance_add_timeout_tests (void);
void conformance_add_vectored_tests (void);

G_END_DECLS
