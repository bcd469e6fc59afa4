/* SPDX-License-Identifier: LGPL-2.1-or-later
 * Copyright the libhvsock authors */

/* An echo by plain system calls, which may do it wrong. */

#pragma once

#include <glib.h>

G_BEGIN_DECLS

typedef enum
{
  STRESS_ECHO_RIGHT,
  STRESS_ECHO_FLIPS, /* a bit of one byte */
  STRESS_ECHO_ADDS,  /* a byte at the end */
  STRESS_ECHO_ENDS,  /* before its time */
} StressEchoFault;

/* Where the bit is flipped, and where the end is. */
#define STRESS_ECHO_FAULT_AT 1000

typedef struct _StressEcho StressEcho;

StressEcho *stress_echo_new (const char *path, StressEchoFault fault);
GPtrArray *stress_echo_end (StressEcho *self);

G_END_DECLS
