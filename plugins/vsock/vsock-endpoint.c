/* SPDX-License-Identifier: LGPL-2.1-or-later
 * Copyright the libhvsock authors */

/* Where an address leads to in terms of AF_VSOCK. The addresses of Hyper-V lead somewhere as well:
 * a Linux guest of Hyper-V has its sockets under this family. */

#include "vsock-endpoint.h"

#include "vsock-facts.h"

#include <errno.h>
#include <unistd.h>

static gboolean
get_cid_of_vm (HvsockHypervAddress *address, guint32 *cid)
{
  static const struct
  {
    const char *word;
    guint32 cid;
  } known[] = {
    { "wildcard", VMADDR_CID_ANY },
    { "parent", VMADDR_CID_HOST },
    { "loopback", HVSOCK_CID_LOCAL },
  };
  const HvsockGuid *vm_id = hvsock_hyperv_address_get_vm_id (address);

  for (guint i = 0; vm_id != NULL && i < G_N_ELEMENTS (known); i++)
    if (hvsock_guid_equal (vm_id, hvsock_hyperv_address_find_vm_id (known[i].word)))
      {
        *cid = known[i].cid;
        return TRUE;
      }
  return FALSE;
}

static gboolean
init_from_hyperv (VsockEndpoint *self, HvsockHypervAddress *address, GError **error)
{
  guint32 cid, port;

  if (!get_cid_of_vm (address, &cid))
    {
      g_set_error_literal (
          error, G_IO_ERROR, G_IO_ERROR_NOT_SUPPORTED,
          "on Linux the virtual machine is 'parent', 'loopback' or empty: others are "
          "reached from Windows only");
      return FALSE;
    }
  if (!hvsock_guid_get_port (hvsock_hyperv_address_get_service_id (address), &port))
    {
      g_set_error_literal (error, G_IO_ERROR, G_IO_ERROR_NOT_SUPPORTED,
                           "on Linux the service is a port, or the GUID that stands for one "
                           "(<port in hexadecimal>-facb-11e6-bd58-64006a7986d3)");
      return FALSE;
    }

  if (port == VMADDR_PORT_ANY)
    {
      g_set_error_literal (error, G_IO_ERROR, G_IO_ERROR_NOT_SUPPORTED,
                           "port 4294967295 stands for a free one: use vsock://:any");
      return FALSE;
    }

  *self = (VsockEndpoint){
    .native = { .svm_family = AF_VSOCK, .svm_cid = cid, .svm_port = port },
    .type = G_SOCKET_TYPE_STREAM,
  };
  return TRUE;
}

gboolean
vsock_endpoint_init (VsockEndpoint *self, HvsockAddress *address, GError **error)
{
  HvsockVsockAddress *vsock;

  if (HVSOCK_IS_HYPERV_ADDRESS (address))
    return init_from_hyperv (self, HVSOCK_HYPERV_ADDRESS (address), error);

  vsock = HVSOCK_VSOCK_ADDRESS (address);
  if (!g_socket_address_to_native (G_SOCKET_ADDRESS (address), &self->native, sizeof self->native,
                                   error))
    return FALSE;

  self->type = hvsock_vsock_address_get_socket_type (vsock);
  self->buffer_size = hvsock_vsock_address_get_buffer_size (vsock);
  return TRUE;
}

/* Filters may answer as a kernel does that lacks the family. */
static const char *
get_family_remedy (void)
{
  switch (vsock_kernel_has_family ())
    {
    case VSOCK_YES:
      return "the kernel has AF_VSOCK, so a filter forbids it here: allow it in the seccomp profile "
             "of a container, or in RestrictAddressFamilies= of a systemd service";
    case VSOCK_NO:
      return "load the kernel module vsock";
    default:
      return "load the kernel module vsock, or, in a container, allow the address family AF_VSOCK";
    }
}

const char *
vsock_get_socket_remedy (int errsv)
{
  switch (errsv)
    {
    case EAFNOSUPPORT:
      return get_family_remedy ();
    case EPERM:
    case EACCES:
      return "a seccomp profile or a security module forbids AF_VSOCK here: allow socket(AF_VSOCK)";
    case ESOCKTNOSUPPORT:
      return "type=seqpacket needs Linux 5.14";
    default:
      return NULL;
    }
}

/* The maximum first: the system cuts the size to it without a word. */
static gboolean
set_buffer_size (int fd, guint64 size)
{
  static const int options[] = { SO_VM_SOCKETS_BUFFER_MAX_SIZE, SO_VM_SOCKETS_BUFFER_SIZE };

  for (guint i = 0; i < G_N_ELEMENTS (options); i++)
    if (setsockopt (fd, AF_VSOCK, options[i], &size, sizeof size) != 0)
      return FALSE;
  return TRUE;
}

/* Makes a non-blocking socket with the options of @self. */
int
vsock_endpoint_open_socket (const VsockEndpoint *self, GError **error)
{
  const int type = self->type == G_SOCKET_TYPE_SEQPACKET ? SOCK_SEQPACKET : SOCK_STREAM;
  int fd = socket (AF_VSOCK, type | SOCK_CLOEXEC | SOCK_NONBLOCK, 0);
  const char *remedy;
  int errsv;

  if (fd < 0)
    {
      errsv = errno;
      remedy = vsock_get_socket_remedy (errsv);
      g_set_error (error, G_IO_ERROR, hvsock_io_error_from_connect_errno (errsv), "%s%s%s",
                   g_strerror (errsv), remedy == NULL ? "" : ": ", remedy == NULL ? "" : remedy);
      return -1;
    }
  if (self->buffer_size != 0 && !set_buffer_size (fd, self->buffer_size))
    {
      errsv = errno;
      g_set_error (error, G_IO_ERROR, g_io_error_from_errno (errsv),
                   "a buffer of %" G_GUINT64_FORMAT " bytes: %s", self->buffer_size,
                   g_strerror (errsv));
      close (fd);
      return -1;
    }
  return fd;
}
