/* SPDX-License-Identifier: LGPL-2.1-or-later
 * Copyright the libhvsock authors */

/* An environment variable that a less privileged caller cannot have set, where the C library tells
 * (glibc, musl). The library also sees what user identifiers do not show: file capabilities, and
 * the decision of a security module. */

#include "plugin/hvsock-secure-env-private.h"

#include <stdlib.h>

const char *
hvsock_secure_getenv (const char *name)
{
  return secure_getenv (name);
}
