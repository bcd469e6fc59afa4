/* SPDX-License-Identifier: LGPL-2.1-or-later
 * Copyright the libhvsock authors */

#pragma once

#include <glib.h>

G_BEGIN_DECLS

/* What a device makes of it when one of its two ends writes no more. */
typedef enum
{
  RELAY_PASS_ON,   /* tells the other end */
  RELAY_END_BOTH,  /* closes the connection */
  RELAY_KEEP_QUIET /* nothing, until the end is closed wholly */
} RelayRule;

void relay_run (int a, RelayRule a_rule, int b, RelayRule b_rule, int wake_fd);
void relay_end (int fd);

G_END_DECLS
