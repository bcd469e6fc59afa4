/* SPDX-License-Identifier: LGPL-2.1-or-later
 * Copyright the libhvsock authors */

/* What the guest runs for the benchmark: the benchmarks' peer in plain C.
 *   bench-agent READY-URI
 * It ends with the guest. */

#include "wire.h"

#include "../bench/bench-peer.h"

#include <linux/vm_sockets.h>
#include <string.h>
#include <unistd.h>

int
main (int argc, char **argv)
{
  const struct sockaddr_vm native = {
    .svm_family = AF_VSOCK,
    .svm_cid = VMADDR_CID_ANY,
    .svm_port = WIRE_AGENT_PORT,
  };
  BenchEndpoint endpoint = { .listen.length = sizeof native };
  g_autoptr (HvsockConnection) host = NULL;
  g_autoptr (GError) error = NULL;

  memcpy (&endpoint.listen.native, &native, sizeof native);
  bench_peer_start (&endpoint);

  host = hvsock_connect (argv[1], NULL, &error);
  if (host == NULL || !wire_send_line (host, WIRE_READY, &error))
    g_error ("%s", error->message);
  return pause ();
}
