/* SPDX-License-Identifier: LGPL-2.1-or-later
 * Copyright the libhvsock authors */

/* The program in the guest: serves its port, and tells the host so by a connection.
 *   agent READY-URI
 * Nothing ends it but the guest's own end. */

#include "service.h"

#include <stdlib.h>

int
main (int argc, char **argv)
{
  g_autofree char *uri = g_strdup_printf ("vsock://:%u", WIRE_AGENT_PORT);
  g_autoptr (HvsockListener) listener = NULL;
  g_autoptr (HvsockConnection) host = NULL;
  g_autoptr (GError) error = NULL;
  Service *service;

  listener = hvsock_listen (uri, NULL, &error);
  if (listener == NULL)
    g_error ("%s", error->message);
  service = service_start (listener);

  host = hvsock_connect (argv[1], NULL, &error);
  if (host == NULL || !wire_send_line (host, WIRE_READY, &error))
    g_error ("%s", error->message);
  service_wait (service);
  return EXIT_SUCCESS;
}
