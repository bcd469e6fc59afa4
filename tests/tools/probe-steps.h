/* SPDX-License-Identifier: LGPL-2.1-or-later
 * Copyright the libhvsock authors */

/* What hvsock-probe shows of an attempt to connect, and what the other side sees of it. */

#pragma once

#include "tool-process.h"

G_BEGIN_DECLS

/* How hvsock-probe ends where all went well. */
#define PROBE_STEPS_RESOLVED         "plugin done\nparse done\nresolve done\n"
#define PROBE_STEPS_DONE             PROBE_STEPS_RESOLVED "connect done\nhandshake none\n"
#define PROBE_STEPS_CONNECT_FAILED   PROBE_STEPS_RESOLVED "connect failed\nhandshake not tried\n"
#define PROBE_STEPS_SHAKEN_HANDS     PROBE_STEPS_RESOLVED "connect done\nhandshake done\n"
#define PROBE_STEPS_HANDSHAKE_FAILED PROBE_STEPS_RESOLVED "connect done\nhandshake failed\n"

char *probe_steps_read (ToolProcess *probe);
void probe_steps_assert (ToolProcess *probe, const char *expected);
void probe_steps_assert_silence (int fd);

G_END_DECLS
