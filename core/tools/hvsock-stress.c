/* SPDX-License-Identifier: LGPL-2.1-or-later
 * Copyright the libhvsock authors */

/* hvsock-stress: many connections to an echo, with every byte compared. This file picks which of
 * the two ends to be; the work is in the files beside it. */

#include "hvsock-stress-client.h"
#include "hvsock-stress-options.h"
#include "hvsock-stress-server.h"

int
main (int argc, char **argv)
{
  g_auto (StressOptions) options;
  int status;

  if (!stress_options_init (&options, argv, &status))
    return status;
  return options.serve ? stress_server_run (&options) : stress_client_run (&options);
}
