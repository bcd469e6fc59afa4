/* SPDX-License-Identifier: LGPL-2.1-or-later
 * Copyright the libhvsock authors */

/* The Unix sockets of the stand-ins, by plain system calls. */

#include "sockets.h"

#include <errno.h>
#include <string.h>
#include <sys/socket.h>
#include <sys/un.h>
#include <unistd.h>

static gboolean
fill_address (struct sockaddr_un *address, const char *path)
{
  memset (address, 0, sizeof *address);
  address->sun_family = AF_UNIX;
  return g_strlcpy (address->sun_path, path, sizeof address->sun_path) < sizeof address->sun_path;
}

/* Replaces what is there. Returns -1 and errno, as socket_file_connect() does. */
int
socket_file_listen (const char *path)
{
  struct sockaddr_un address;
  int fd = socket (AF_UNIX, SOCK_STREAM | SOCK_CLOEXEC, 0);

  if (!fill_address (&address, path))
    errno = ENAMETOOLONG;
  else if (fd >= 0)
    {
      unlink (path);
      if (bind (fd, (struct sockaddr *) &address, sizeof address) == 0 &&
          listen (fd, SOMAXCONN) == 0)
        return fd;
    }

  if (fd >= 0)
    close (fd);
  return -1;
}

int
socket_file_connect (const char *path)
{
  struct sockaddr_un address;
  int fd = socket (AF_UNIX, SOCK_STREAM | SOCK_CLOEXEC, 0);

  if (!fill_address (&address, path))
    errno = ENAMETOOLONG;
  else if (fd >= 0 && connect (fd, (struct sockaddr *) &address, sizeof address) == 0)
    return fd;

  if (fd >= 0)
    close (fd);
  return -1;
}
