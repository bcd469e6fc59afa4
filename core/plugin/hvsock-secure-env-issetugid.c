/* SPDX-License-Identifier: LGPL-2.1-or-later
 * Copyright the libhvsock authors */

/* An environment variable that a less privileged caller cannot have set, on the BSDs and macOS. */

#include "plugin/hvsock-secure-env-private.h"

#include <unistd.h>

const char *
hvsock_secure_getenv (const char *name)
{
  return issetugid () ? NULL : g_getenv (name);
}
