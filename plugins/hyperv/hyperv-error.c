/* SPDX-License-Identifier: LGPL-2.1-or-later
 * Copyright the libhvsock authors */

/* What the error codes of Winsock mean. A call that fails at once has Winsock's own code, one that
 * fails later has that of the system beneath, so most come in two forms. */

#include "hyperv-error.h"

static const struct
{
  DWORD error;
  const char *name;
} names[] = {
  { WSAEACCES, "WSAEACCES" },
  { WSAEINVAL, "WSAEINVAL" },
  { WSAEMFILE, "WSAEMFILE" },
  { WSAEPROTONOSUPPORT, "WSAEPROTONOSUPPORT" },
  { WSAESOCKTNOSUPPORT, "WSAESOCKTNOSUPPORT" },
  { WSAEAFNOSUPPORT, "WSAEAFNOSUPPORT" },
  { WSAEADDRINUSE, "WSAEADDRINUSE" },
  { WSAEADDRNOTAVAIL, "WSAEADDRNOTAVAIL" },
  { WSAENETUNREACH, "WSAENETUNREACH" },
  { WSAECONNABORTED, "WSAECONNABORTED" },
  { WSAECONNRESET, "WSAECONNRESET" },
  { WSAENOBUFS, "WSAENOBUFS" },
  { WSAESHUTDOWN, "WSAESHUTDOWN" },
  { WSAETIMEDOUT, "WSAETIMEDOUT" },
  { WSAECONNREFUSED, "WSAECONNREFUSED" },
  { WSAEHOSTUNREACH, "WSAEHOSTUNREACH" },
  { ERROR_CONNECTION_REFUSED, "ERROR_CONNECTION_REFUSED" },
  { ERROR_CONNECTION_UNAVAIL, "ERROR_CONNECTION_UNAVAIL" },
  { ERROR_NETNAME_DELETED, "ERROR_NETNAME_DELETED" },
};

/* Names what people look for, and what the system has to say about it in its language. */
char *
hyperv_error_describe (DWORD error)
{
  g_autofree char *text = g_win32_error_message (error);
  const char *name = "error";

  for (guint i = 0; i < G_N_ELEMENTS (names); i++)
    if (names[i].error == error)
      name = names[i].name;

  return text[0] == '\0' ? g_strdup_printf ("%s (%lu)", name, error)
                         : g_strdup_printf ("%s (%lu): %s", name, error, text);
}

GIOErrorEnum
hyperv_error_from_connect (DWORD error)
{
  switch (error)
    {
    case WSAECONNREFUSED:
    case ERROR_CONNECTION_REFUSED:
    case ERROR_CONNECTION_UNAVAIL:
      return G_IO_ERROR_CONNECTION_REFUSED;
    case WSAETIMEDOUT:
    case ERROR_SEM_TIMEOUT:
      return G_IO_ERROR_TIMED_OUT;
    case WSAEADDRNOTAVAIL:
    case WSAEHOSTUNREACH:
    case ERROR_HOST_UNREACHABLE:
    case WSAENETUNREACH:
    case ERROR_NETWORK_UNREACHABLE:
      return G_IO_ERROR_HOST_UNREACHABLE;
    case WSAEACCES:
    case ERROR_ACCESS_DENIED:
      return G_IO_ERROR_PERMISSION_DENIED;
    case WSAEAFNOSUPPORT:
    case WSAEPROTONOSUPPORT:
    case WSAESOCKTNOSUPPORT:
      return G_IO_ERROR_NOT_SUPPORTED;
    default:
      return g_io_error_from_win32_error (error);
    }
}

GIOErrorEnum
hyperv_error_from_bind (DWORD error)
{
  switch (error)
    {
    case WSAEADDRINUSE:
      return G_IO_ERROR_ADDRESS_IN_USE;
    case WSAEADDRNOTAVAIL:
      return G_IO_ERROR_NOT_FOUND;
    default:
      return hyperv_error_from_connect (error);
    }
}

static gboolean
is_of_dead_connection (DWORD error)
{
  switch (error)
    {
    case WSAECONNABORTED:
    case ERROR_CONNECTION_ABORTED:
    case WSAECONNRESET:
    case WSAEDISCON:
    case WSAENETRESET:
    case ERROR_NETNAME_DELETED:
    case WSAENOTCONN:
    case WSAESHUTDOWN:
      return TRUE;
    default:
      return FALSE;
    }
}

GIOErrorEnum
hyperv_error_from_read (DWORD error)
{
  return is_of_dead_connection (error) ? G_IO_ERROR_CONNECTION_CLOSED
                                       : g_io_error_from_win32_error (error);
}

GIOErrorEnum
hyperv_error_from_write (DWORD error)
{
  return is_of_dead_connection (error) ? G_IO_ERROR_BROKEN_PIPE
                                       : g_io_error_from_win32_error (error);
}
