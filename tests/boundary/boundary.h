/* SPDX-License-Identifier: LGPL-2.1-or-later
 * Copyright the libhvsock authors */

/* The host's end: scenarios across a real hypervisor boundary, with the agent in the guest as the
 * other end. They are compiled once per boundary, with that one's BoundaryBackend, and use the
 * public API only. */

#pragma once

#include "wire.h"

G_BEGIN_DECLS

/* The plugin of one end, and what is told of it. */
typedef struct
{
  const char *plugin;
  const char *lines[4];
} BoundaryProbed;

/* What differs between boundaries. */
typedef struct
{
  const char *name;
  guint64 exchange_size; /* as much as takes a while, at the speed of the boundary */
  gboolean has_half_close;
  gboolean has_packets;
  gboolean refuses_guest;  /* tells the guest when nobody listens on the host */
  const char *missing_uri; /* of a machine that does not exist, and what connecting says to it */
  int missing_code;
  int killed_code;       /* what reading says when the guest is killed; -1 for the end */
  BoundaryProbed probed; /* by hvsock-probe, at the host's end */

  /* Why nothing of this can run here, with the remedy; NULL if it can. */
  const char *(*get_obstacle) (void);

  /* What the guest's device needs on the host; returns the option and argument that give the guest
   * that device. */
  const char *const *(*start_device) (void);
  void (*stop_device) (void);

  /* To connect to the guest, and to listen for it. */
  char *(*get_connect_uri) (guint port);
  char *(*get_listen_uri) (guint port);

  /* Whether the host's end knows the right addresses: its own, which the guest takes for the peer's
   * as @seen_by_guest, and that of the guest which has connected to it. */
  void (*check_host_address) (HvsockAddress *address, const char *seen_by_guest);
  void (*check_guest_address) (HvsockAddress *address);

  /* For the benchmark: the same connection as the library makes; -1 with errno. */
  int (*connect_plainly) (guint port);
} BoundaryBackend;

extern const BoundaryBackend boundary_backend;

#define BOUNDARY_GUEST_CID "3"
#define BOUNDARY_GUEST_URI "vsock://" BOUNDARY_GUEST_CID ":"

typedef void (*BoundaryFunc) (void);

void boundary_add (const char *name, BoundaryFunc func);
void boundary_add_connect_tests (void);
void boundary_add_data_tests (void);
void boundary_add_end_tests (void);
void boundary_add_refusal_tests (void);
void boundary_add_tool_tests (void);
void boundary_add_life_tests (void);

/* processes.c */
typedef gboolean (*BoundaryReady) (gpointer data);

GSubprocess *boundary_spawn (const char *const *arguments, BoundaryReady is_ready, gpointer data);
void boundary_end (GSubprocess *process);

/* guest.c */
void boundary_guest_need (void);
void boundary_guest_kill (void);
void boundary_guest_stop (void);

/* requests.c */
G_GNUC_PRINTF (1, 2)
HvsockConnection *boundary_request (const char *format, ...);
HvsockConnection *boundary_dial (guint port, const char *verb, HvsockConnection **request);
void boundary_send_text (HvsockConnection *connection, const char *text);
void boundary_expect_line (HvsockConnection *connection, const char *expected);
void boundary_expect_error (HvsockConnection *connection, GQuark domain, int code);
void boundary_expect_end (HvsockConnection *connection);
void boundary_expect_echo (HvsockConnection *connection);

G_END_DECLS
