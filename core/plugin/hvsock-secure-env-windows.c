/* SPDX-License-Identifier: LGPL-2.1-or-later
 * Copyright the libhvsock authors */

/* An environment variable on Windows, where no program runs with more rights than its caller has
 * unless the user agreed, and then with an environment of its own. */

#include "plugin/hvsock-secure-env-private.h"

const char *
hvsock_secure_getenv (const char *name)
{
  return g_getenv (name);
}
