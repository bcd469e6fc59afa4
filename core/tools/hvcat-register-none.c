/* SPDX-License-Identifier: LGPL-2.1-or-later
 * Copyright the libhvsock authors */

/* Registering a service with Hyper-V, where there is nothing to register with. */

#include "hvcat-register.h"

#include "tool-main.h"

int
hvcat_register (const char *guid)
{
  tool_complain ("cannot register '%s': services are registered on Windows only, here they need no "
                 "registration",
                 guid);
  return TOOL_FAILURE;
}
