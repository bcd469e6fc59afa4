/* SPDX-License-Identifier: LGPL-2.1-or-later
 * Copyright the libhvsock authors */

/* A stand-in for systemd-machined: a service of the same name, on a bus of the test. */

#pragma once

#include <gio/gio.h>

G_BEGIN_DECLS

typedef struct _MachinedStandIn MachinedStandIn;

/* The machines that it knows, by what becomes of them. */
#define MACHINE_GOOD     "good-1.x" /* its CID is MACHINE_CID */
#define MACHINE_HIGHEST  "highest"  /* its CID is the highest */
#define MACHINE_ANY      "any-cid"  /* has no CID, which is told as VMADDR_CID_ANY */
#define MACHINE_OLD      "old"      /* is one of a systemd without the property */
#define MACHINE_ODD      "odd"      /* has a property of another type */
#define MACHINE_GONE     "gone"     /* ends while it is asked for */
#define MACHINE_DENIED   "denied"   /* may not be asked for */
#define MACHINE_BROKEN   "broken"   /* fails for another reason */
#define MACHINE_SLOW     "slow"     /* is never answered for */
#define MACHINE_SLOW_CID "slow-cid" /* nor is this one's property */

#define MACHINE_CID      4321u

MachinedStandIn *machined_stand_in_new (const char *bus_address);
void machined_stand_in_free (MachinedStandIn *self);

/* How many machines it was asked for. */
guint machined_stand_in_count (MachinedStandIn *self);

/* Cancelled when a slow machine is asked for. */
void machined_stand_in_cancel (MachinedStandIn *self, GCancellable *cancellable);

G_DEFINE_AUTOPTR_CLEANUP_FUNC (MachinedStandIn, machined_stand_in_free)

G_END_DECLS
