/* SPDX-License-Identifier: LGPL-2.1-or-later
 * Copyright the libhvsock authors */

/* What an errno means depends on the call that gave it: ECONNRESET from connect() is how AF_VSOCK
 * says "refused", and EADDRNOTAVAIL from bind() concerns an address of this machine. GIO maps each
 * errno in one way for all calls, so the calls where this misleads have a mapping here. */

#include <hvsock/hvsock-io-error.h>

#include <errno.h>

/* Winsock has this error, but the C library of Windows has no errno for it. */
#ifndef ESOCKTNOSUPPORT
#  define ESOCKTNOSUPPORT 10044
#endif

/* What means the same whatever is done with a socket. */
static GIOErrorEnum
from_any_errno (int errsv)
{
  switch (errsv)
    {
    case EACCES:
    case EPERM:
      return G_IO_ERROR_PERMISSION_DENIED;
    case EAFNOSUPPORT:
    case ESOCKTNOSUPPORT:
      return G_IO_ERROR_NOT_SUPPORTED;
    default:
      return g_io_error_from_errno (errsv);
    }
}

/**
 * hvsock_io_error_from_connect_errno:
 * @errsv: an errno that connect() gave, or that %SO_ERROR held after it; or that socket() gave for
 *   the socket to connect
 *
 * Maps the errno of a failed attempt to connect, alike for AF_VSOCK and Unix sockets.
 *
 * - ECONNRESET (how AF_VSOCK says it) and ECONNREFUSED give %G_IO_ERROR_CONNECTION_REFUSED;
 * - ETIMEDOUT gives %G_IO_ERROR_TIMED_OUT;
 * - ENODEV (no machine has the CID) and EHOSTUNREACH give %G_IO_ERROR_HOST_UNREACHABLE;
 * - ENETUNREACH gives %G_IO_ERROR_NETWORK_UNREACHABLE;
 * - EACCES and EPERM give %G_IO_ERROR_PERMISSION_DENIED;
 * - EAFNOSUPPORT and ESOCKTNOSUPPORT give %G_IO_ERROR_NOT_SUPPORTED;
 * - ENOENT gives %G_IO_ERROR_NOT_FOUND;
 * - ENAMETOOLONG gives %G_IO_ERROR_FILENAME_TOO_LONG;
 * - any other gives what g_io_error_from_errno() gives.
 *
 * This function may be called from any thread. It is for plugins in C.
 *
 * Returns: the code in the domain %G_IO_ERROR
 *
 * Since: 1.0
 */
GIOErrorEnum
hvsock_io_error_from_connect_errno (int errsv)
{
  switch (errsv)
    {
    case ECONNRESET:
    case ECONNREFUSED:
    case EPIPE:
      return G_IO_ERROR_CONNECTION_REFUSED;
    case ETIMEDOUT:
      return G_IO_ERROR_TIMED_OUT;
    case ENODEV:
    case EHOSTUNREACH:
      return G_IO_ERROR_HOST_UNREACHABLE;
    case ENETUNREACH:
      return G_IO_ERROR_NETWORK_UNREACHABLE;
    case ENOENT:
      return G_IO_ERROR_NOT_FOUND;
    case ENAMETOOLONG:
      return G_IO_ERROR_FILENAME_TOO_LONG;
    default:
      return from_any_errno (errsv);
    }
}

/**
 * hvsock_io_error_from_bind_errno:
 * @errsv: an errno that bind() or listen() gave, or that socket() gave for the socket to bind
 *
 * Maps the errno of a failed attempt to listen.
 *
 * - EADDRINUSE gives %G_IO_ERROR_ADDRESS_IN_USE;
 * - EADDRNOTAVAIL (the CID is not one of this machine) gives %G_IO_ERROR_NOT_FOUND;
 * - EACCES and EPERM give %G_IO_ERROR_PERMISSION_DENIED;
 * - EAFNOSUPPORT and ESOCKTNOSUPPORT give %G_IO_ERROR_NOT_SUPPORTED;
 * - any other gives what g_io_error_from_errno() gives.
 *
 * This function may be called from any thread. It is for plugins in C.
 *
 * Returns: the code in the domain %G_IO_ERROR
 *
 * Since: 1.0
 */
GIOErrorEnum
hvsock_io_error_from_bind_errno (int errsv)
{
  switch (errsv)
    {
    case EADDRINUSE:
      return G_IO_ERROR_ADDRESS_IN_USE;
    case EADDRNOTAVAIL:
      return G_IO_ERROR_NOT_FOUND;
    default:
      return from_any_errno (errsv);
    }
}
