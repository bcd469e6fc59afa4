/* SPDX-License-Identifier: LGPL-2.1-or-later
 * Copyright the libhvsock authors */

/* Unix sockets, for every Unix: struct sockaddr_un differs only in the length of its path. */

#include "address/hvsock-native-private.h"

#include <hvsock/hvsock-unix-address.h>

#include <string.h>
#include <sys/socket.h>
#include <sys/un.h>

static gboolean
write_un (HvsockAddress *address, gpointer native, GError **error)
{
  const char *path = hvsock_unix_address_get_path (HVSOCK_UNIX_ADDRESS (address));
  struct sockaddr_un un = { .sun_family = AF_UNIX };
  gsize most = sizeof un.sun_path - 1;

  if (strlen (path) > most)
    {
      g_set_error (error, G_IO_ERROR, G_IO_ERROR_FILENAME_TOO_LONG,
                   "the path has %" G_GSIZE_FORMAT " bytes, the system takes up to %" G_GSIZE_FORMAT
                   ": a relative path or a symbolic link may be shorter",
                   strlen (path), most);
      return FALSE;
    }

  strcpy (un.sun_path, path);
  memcpy (native, &un, sizeof un);
  return TRUE;
}

static HvsockAddress *
read_un (gconstpointer native, gsize length)
{
  struct sockaddr_un un = { 0 };
  g_autofree char *path = NULL;

  /* The system ends the path by the length, by a NUL, or by the end of the structure. */
  memcpy (&un, native, MIN (length, sizeof un));
  path = g_strndup (un.sun_path, sizeof un.sun_path);

  return un.sun_family == AF_UNIX && *path != '\0' ? hvsock_unix_address_new (path) : NULL;
}

const HvsockNativeFamily hvsock_native_sockaddr_un = {
  hvsock_unix_address_get_type, AF_UNIX, sizeof (struct sockaddr_un), write_un, read_un,
};
