/* SPDX-License-Identifier: LGPL-2.1-or-later
 * Copyright the libhvsock authors */

/* Socket files, in all the states that a transport may find them in. */

#include "folder.h"

#include <errno.h>
#include <fcntl.h>
#include <ftw.h>
#include <stdio.h>
#include <string.h>
#include <sys/stat.h>
#include <sys/un.h>
#include <unistd.h>

void
folder_init (Folder *self)
{
  g_autoptr (GError) error = NULL;

  self->path = g_dir_make_tmp ("hvsock-XXXXXX", &error);
  g_assert_no_error (error);
}

static int
remove_cb (const char *path, const struct stat *status, int flag, struct FTW *state)
{
  return remove (path);
}

void
folder_clear (Folder *self)
{
  g_assert_no_errno (nftw (self->path, remove_cb, 8, FTW_DEPTH | FTW_PHYS));
  g_clear_pointer (&self->path, g_free);
}

/* Returns the path of a directory that is too long for a socket's address. */
char *
folder_add_long_directory (Folder *self)
{
  g_autofree char *name = g_strnfill (sizeof ((struct sockaddr_un *) NULL)->sun_path, 'l');
  char *path = g_build_filename (self->path, name, NULL);

  g_assert_no_errno (mkdir (path, 0700));
  return path;
}

static struct sockaddr_un
make_native (const char *path)
{
  struct sockaddr_un native = { .sun_family = AF_UNIX };

  g_assert_cmpuint (strlen (path), <, sizeof native.sun_path);
  strcpy (native.sun_path, path);
  return native;
}

int
socket_bind (const char *path, int type)
{
  struct sockaddr_un native = make_native (path);
  int fd = socket (AF_UNIX, type | SOCK_CLOEXEC, 0);

  g_assert_no_errno (bind (fd, (struct sockaddr *) &native, sizeof native));
  return fd;
}

int
socket_listen (const char *path, int type, int backlog)
{
  int fd = socket_bind (path, type);

  g_assert_no_errno (listen (fd, backlog));
  return fd;
}

/* Does not block; returns -1 with errno. */
int
socket_connect (const char *path)
{
  struct sockaddr_un native = make_native (path);
  int fd = socket (AF_UNIX, SOCK_STREAM | SOCK_CLOEXEC | SOCK_NONBLOCK, 0);
  int errsv;

  if (connect (fd, (struct sockaddr *) &native, sizeof native) == 0)
    return fd;

  errsv = errno;
  close (fd);
  errno = errsv;
  return -1;
}

/* Whoever listened there died without removing it. */
void
socket_make_stale (const char *path)
{
  g_assert_no_errno (close (socket_listen (path, SOCK_STREAM, 0)));
}

/* Until there is no room for another peer. */
GArray *
socket_fill_queue (const char *path)
{
  GArray *fds = g_array_new (FALSE, FALSE, sizeof (int));
  int fd;

  while ((fd = socket_connect (path)) >= 0)
    g_array_append_val (fds, fd);
  g_assert_cmpint (errno, ==, EAGAIN);
  return fds;
}

gboolean
exists (const char *path)
{
  struct stat status;

  return lstat (path, &status) == 0;
}
