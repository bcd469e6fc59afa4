/* SPDX-License-Identifier: LGPL-2.1-or-later
 * Copyright the libhvsock authors */

#include "bench-endpoint.h"

#include <hvsock/hvsock.h>

#include <gio/gunixsocketaddress.h>
#include <linux/vm_sockets.h>
#include <signal.h>
#include <stdio.h>
#include <string.h>
#include <sys/un.h>
#include <unistd.h>

#define GUEST_PORT 80
#define FIRST_PORT 5000
#define BACKLOG    4096

G_GNUC_PRINTF (2, 3)
static void
set_path (BenchAddress *self, const char *format, ...)
{
  struct sockaddr_un *address = (struct sockaddr_un *) &self->native;
  va_list arguments;

  address->sun_family = AF_UNIX;
  va_start (arguments, format);
  vsnprintf (address->sun_path, sizeof address->sun_path, format, arguments);
  va_end (arguments);
  self->length = sizeof *address;
}

static void
set_vsock (BenchAddress *self, guint cid, guint port)
{
  struct sockaddr_vm *address = (struct sockaddr_vm *) &self->native;

  address->svm_family = AF_VSOCK;
  address->svm_cid = cid;
  address->svm_port = port;
  self->length = sizeof *address;
}

/* Outside the guest that a test runner started, AF_VSOCK leads to the machine's own host. */
static void
init_vsock (BenchEndpoint *self, guint port)
{
  if (g_getenv ("HVSOCK_TEST_IN_GUEST") == NULL)
    g_error ("vsock is measured by tests/guest/run only");

  g_snprintf (self->uri, sizeof self->uri, "vsock://%u:%u", VMADDR_CID_LOCAL, port);
  set_vsock (&self->listen, VMADDR_CID_ANY, port);
  set_vsock (&self->connect, VMADDR_CID_LOCAL, port);
}

static void
init_unix (BenchEndpoint *self, Bench *bench, guint number)
{
  set_path (&self->listen, "%s/%u", bench->folder.path, number);
  self->connect = self->listen;
  g_snprintf (self->uri, sizeof self->uri, "unix://%s/%u", bench->folder.path, number);
}

/* What is measured connects, what it talks to listens. */
void
bench_endpoint_init_to_guest (BenchEndpoint *self, Bench *bench)
{
  *self = (BenchEndpoint){ 0 };
  if (strcmp (bench->transport, "vsock") == 0)
    return init_vsock (self, FIRST_PORT);
  if (strcmp (bench->transport, "unix") == 0)
    return init_unix (self, bench, 0);

  g_snprintf (self->uri, sizeof self->uri, "hyperkit://:%u%s", GUEST_PORT, bench->folder.path);
  set_path (&self->listen, "%s/guest.%u", bench->folder.path, GUEST_PORT);
  set_path (&self->connect, "%s/connect", bench->folder.path);
  g_snprintf (self->greeting, sizeof self->greeting, "%08x.%08x\n", 3, GUEST_PORT);
}

/* What is measured listens. */
void
bench_endpoint_init_from_guest (BenchEndpoint *self, Bench *bench, guint number)
{
  const guint port = FIRST_PORT + number;

  *self = (BenchEndpoint){ 0 };
  if (strcmp (bench->transport, "vsock") == 0)
    return init_vsock (self, port);
  if (strcmp (bench->transport, "unix") == 0)
    return init_unix (self, bench, number);

  g_snprintf (self->uri, sizeof self->uri, "hyperkit://:%u%s", port, bench->folder.path);
  set_path (&self->listen, "%s/%08x.%08x", bench->folder.path, VMADDR_CID_HOST, port);
  set_path (&self->connect, "%s/guest-connect.%u", bench->folder.path, port);
}

static void
exec_stand_in (Bench *bench, int ready)
{
  char *arguments[BENCH_N_ENDPOINTS + 4] = { (char *) VM_STAND_IN, (char *) "hyperkit" };

  for (guint i = 0; i < BENCH_N_ENDPOINTS; i++)
    arguments[2 + i] = g_strdup_printf ("--from-guest=%u", FIRST_PORT + i);
  arguments[2 + BENCH_N_ENDPOINTS] = bench->folder.path;

  dup2 (ready, STDOUT_FILENO);
  execv (arguments[0], arguments);
  bench_fail (arguments[0]);
}

/* Returns its process, or 0 where the transport needs none. */
int
bench_start_stand_in (Bench *bench)
{
  int ready[2];
  char byte;
  int pid;

  if (strcmp (bench->transport, "hyperkit") != 0)
    return 0;

  if (pipe (ready) != 0)
    bench_fail ("pipe");
  pid = bench_fork (BENCH_PEER_CPU);
  if (pid == 0)
    exec_stand_in (bench, ready[1]);
  close (ready[1]);
  if (read (ready[0], &byte, 1) != 1)
    bench_fail (VM_STAND_IN);
  close (ready[0]);
  return pid;
}

int
bench_plain_listen (const BenchEndpoint *endpoint)
{
  int fd = socket (endpoint->listen.native.ss_family, SOCK_STREAM | SOCK_CLOEXEC, 0);

  if (fd < 0 ||
      bind (fd, (struct sockaddr *) &endpoint->listen.native, endpoint->listen.length) != 0 ||
      listen (fd, BACKLOG) != 0)
    bench_fail ("listen");
  return fd;
}

int
bench_plain_connect (const BenchEndpoint *endpoint)
{
  const gsize length = strlen (endpoint->greeting);
  int fd = socket (endpoint->connect.native.ss_family, SOCK_STREAM | SOCK_CLOEXEC, 0);

  if (fd < 0 ||
      connect (fd, (struct sockaddr *) &endpoint->connect.native, endpoint->connect.length) != 0 ||
      (length > 0 && send (fd, endpoint->greeting, length, MSG_NOSIGNAL) != (gssize) length))
    bench_fail ("connect");
  return fd;
}

/* GSocketAddress has none of AF_VSOCK. */
gboolean
bench_has_gio (Bench *bench)
{
  return strcmp (bench->transport, "vsock") != 0;
}

GIOStream *
bench_gio_connect (const BenchEndpoint *endpoint)
{
  const struct sockaddr_un *native = (const struct sockaddr_un *) &endpoint->connect.native;
  static GSocketClient *client; /* for all: to make it is not what is measured */
  g_autoptr (GSocketAddress) address = g_unix_socket_address_new (native->sun_path);
  g_autoptr (GError) error = NULL;
  GIOStream *stream;

  if (client == NULL)
    client = g_socket_client_new ();
  stream =
      G_IO_STREAM (g_socket_client_connect (client, G_SOCKET_CONNECTABLE (address), NULL, &error));
  if (stream == NULL ||
      !g_output_stream_write_all (g_io_stream_get_output_stream (stream), endpoint->greeting,
                                  strlen (endpoint->greeting), NULL, NULL, &error))
    g_error ("%s", error->message);
  return stream;
}

GIOStream *
bench_hvsock_connect (const BenchEndpoint *endpoint)
{
  g_autoptr (GError) error = NULL;
  HvsockConnection *connection = hvsock_connect (endpoint->uri, NULL, &error);

  if (connection == NULL)
    g_error ("%s", error->message);
  return G_IO_STREAM (connection);
}
