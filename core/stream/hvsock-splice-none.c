/* SPDX-License-Identifier: LGPL-2.1-or-later
 * Copyright the libhvsock authors */

/* For systems without splice(2). */

#include "stream/hvsock-move-private.h"

gboolean
hvsock_move_start_splice (HvsockMove *self, GTask *task)
{
  return FALSE;
}
