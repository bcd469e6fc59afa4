/* SPDX-License-Identifier: LGPL-2.1-or-later
 * Copyright the libhvsock authors */

/* Unix sockets by path, for every transport that is made of them: paths of any length, stale socket
 * files, and the removal of the own one. */

#include <hvsock/hvsock-unix-socket.h>

#include <hvsock/hvsock-io-error.h>

#include "base/hvsock-fd-private.h"
#include "stream/hvsock-fd-listener-private.h"
#include "stream/hvsock-unix-path-private.h"

#include <fcntl.h>
#include <stdio.h>
#include <string.h>
#include <sys/stat.h>
#include <sys/un.h>

/* For the kernel to cut to what it allows: a service that starts slowly loses no peer. */
#define BACKLOG 4096

static gboolean
target_set_path (HvsockSocketTarget *target, const char *path)
{
  struct sockaddr_un *native = (struct sockaddr_un *) &target->native;
  gsize length = strlen (path);

  if (length >= sizeof native->sun_path)
    return FALSE;

  memset (native, 0, sizeof *native);
  native->sun_family = AF_UNIX;
  memcpy (native->sun_path, path, length);
  target->length = G_STRUCT_OFFSET (struct sockaddr_un, sun_path) + length + 1;
  return TRUE;
}

static gboolean
target_init (HvsockSocketTarget *target, const char *path, GError **error)
{
  g_autofree char *directory = NULL;
  g_autofree char *name = NULL;
  g_autofree char *way = NULL;

  target->anchor = -1;
  if (target_set_path (target, path))
    return TRUE;

  directory = g_path_get_dirname (path);
  name = g_path_get_basename (path);
  target->anchor = hvsock_unix_path_open_directory (directory);
  if (target->anchor < 0)
    {
      int errsv = errno;

      g_set_error (error, G_IO_ERROR, hvsock_io_error_from_connect_errno (errsv),
                   "cannot open the directory: %s", g_strerror (errsv));
      return FALSE;
    }

  way = hvsock_unix_path_through (target->anchor, name);
  if (way != NULL && target_set_path (target, way))
    return TRUE;

  hvsock_fd_clear (&target->anchor);
  g_set_error (error, G_IO_ERROR, G_IO_ERROR_FILENAME_TOO_LONG,
               "%s: the path has %" G_GSIZE_FORMAT " bytes, and the system allows %" G_GSIZE_FORMAT
               " for a socket: use a shorter path",
               g_strerror (ENAMETOOLONG), strlen (path),
               sizeof ((struct sockaddr_un *) NULL)->sun_path - 1);
  return FALSE;
}

/**
 * hvsock_unix_socket_open: (skip)
 * @path: the path of a socket file, of any length
 * @target: (out): where to connect the socket
 * @error: return location for an error
 *
 * Makes a Unix socket that is to be connected to @path: what a transport's `open_socket` returns.
 *
 * A path that is longer than the system allows for a socket goes through a descriptor of its
 * directory where the system can do that (Linux with /proc), and else fails with
 * %G_IO_ERROR_FILENAME_TOO_LONG.
 *
 * Returns: a descriptor, or -1
 *
 * Since: 1.0
 */
int
hvsock_unix_socket_open (const char *path, HvsockSocketTarget *target, GError **error)
{
  int fd;

  g_return_val_if_fail (path != NULL && *path != '\0', -1);
  g_return_val_if_fail (target != NULL, -1);

  if (!target_init (target, path, error))
    return -1;

  fd = hvsock_fd_socket (AF_UNIX, SOCK_STREAM, 0);
  if (fd < 0)
    {
      int errsv = errno;

      g_set_error (error, G_IO_ERROR, g_io_error_from_errno (errsv), "%s", g_strerror (errsv));
      hvsock_fd_clear (&target->anchor);
    }
  return fd;
}

/* The socket file of a listener. Its directory stays open, so that the file is found again whatever
 * the working directory is by then. */
typedef struct
{
  int directory;
  char *name;
  dev_t device;
  ino_t inode;
} SocketFile;

static void
socket_file_free (SocketFile *self)
{
  hvsock_fd_clear (&self->directory);
  g_free (self->name);
  g_free (self);
}

G_DEFINE_AUTOPTR_CLEANUP_FUNC (SocketFile, socket_file_free)

/* Removes the file unless it is somebody else's by now. */
static void
socket_file_remove (gpointer data)
{
  g_autoptr (SocketFile) self = data;
  struct stat status;

  if (fstatat (self->directory, self->name, &status, AT_SYMLINK_NOFOLLOW) == 0 &&
      status.st_dev == self->device && status.st_ino == self->inode)
    unlinkat (self->directory, self->name, 0);
}

static SocketFile *
socket_file_new (const char *path)
{
  g_autofree char *directory = g_path_get_dirname (path);
  SocketFile *self = g_new0 (SocketFile, 1);

  self->name = g_path_get_basename (path);
  self->directory = hvsock_unix_path_open_directory (directory);
  return self;
}

/* A socket file whose owner is gone refuses. One that has an owner says that a datagram socket is
 * of the wrong type, whether it listens yet or not, and the owner notices nothing. */
static gboolean
is_stale (const char *path)
{
  hvsock_autofd anchor = -1;
  hvsock_autofd fd = -1;
  HvsockSocketTarget target;
  struct stat status;

  if (lstat (path, &status) != 0 || !S_ISSOCK (status.st_mode) ||
      !target_init (&target, path, NULL))
    return FALSE;

  anchor = target.anchor;
  fd = hvsock_fd_socket (AF_UNIX, SOCK_DGRAM, 0);
  return fd >= 0 && connect (fd, (struct sockaddr *) &target.native, target.length) != 0 &&
         errno == ECONNREFUSED;
}

/* Two programs may find the same file stale, and the slower one must not remove what the faster has
 * put there since. So the file is moved aside and looked at again; one that has an owner after all
 * is put back. */
static gboolean
remove_stale (const char *path)
{
  g_autofree char *directory = g_path_get_dirname (path);
  g_autofree char *name = g_strdup_printf (".hvsock-%08x%08x", g_random_int (), g_random_int ());
  g_autofree char *aside = g_build_filename (directory, name, NULL);

  if (!is_stale (path) || rename (path, aside) != 0)
    return FALSE;

  if (is_stale (aside))
    return unlink (aside) == 0;

  /* Not over what may be there by now, unless the file system has no links. */
  if (link (aside, path) == 0 || errno == EEXIST)
    unlink (aside);
  else
    rename (aside, path);
  return FALSE;
}

/* Returns 0 or errno. */
static int
bind_to (int fd, const HvsockSocketTarget *target)
{
  return bind (fd, (const struct sockaddr *) &target->native, target->length) == 0 ? 0 : errno;
}

/* Returns 0 or errno. Of several threads each looks at what the one before has left: while a file
 * is moved aside, its owner would lose the place to another. */
static int
bind_in_place_of_stale (int fd, const char *path, const HvsockSocketTarget *target)
{
  static GMutex lock;
  g_autoptr (GMutexLocker) locker G_GNUC_UNUSED = g_mutex_locker_new (&lock);

  return remove_stale (path) ? bind_to (fd, target) : EADDRINUSE;
}

/* Returns 0 or errno. */
static int
bind_and_listen (int fd, const char *path, SocketFile *file, const HvsockSocketTarget *target)
{
  int errsv = bind_to (fd, target);
  struct stat status;

  if (errsv == EADDRINUSE)
    errsv = bind_in_place_of_stale (fd, path, target);
  if (errsv != 0)
    return errsv;

  if (fstatat (file->directory, file->name, &status, AT_SYMLINK_NOFOLLOW) == 0)
    {
      file->device = status.st_dev;
      file->inode = status.st_ino;
    }
  return listen (fd, BACKLOG) == 0 ? 0 : errno;
}

static HvsockListener *
listen_at (const char *path, HvsockAddress *address, GError **error)
{
  g_autoptr (SocketFile) file = NULL;
  HvsockListener *listener;
  hvsock_autofd anchor = -1;
  hvsock_autofd fd = -1;
  HvsockSocketTarget target;
  int errsv;

  fd = hvsock_unix_socket_open (path, &target, error);
  if (fd < 0)
    return NULL;

  anchor = target.anchor;
  file = socket_file_new (path);
  errsv = file->directory < 0 ? errno : bind_and_listen (fd, path, file, &target);
  if (errsv != 0)
    {
      g_set_error (error, G_IO_ERROR, hvsock_io_error_from_bind_errno (errsv), "%s%s",
                   g_strerror (errsv),
                   errsv == EADDRINUSE
                       ? ": another program listens there, or the file there may not be replaced"
                       : "");
      socket_file_remove (g_steal_pointer (&file));
      return NULL;
    }

  listener = hvsock_fd_listener_new (fd, address, socket_file_remove, file, error);
  if (listener == NULL)
    {
      socket_file_remove (g_steal_pointer (&file));
      return NULL;
    }

  fd = -1;
  file = NULL;
  return listener;
}

/**
 * hvsock_unix_socket_listen: (skip)
 * @path: the path of the socket file to create, of any length
 * @address: the address that the listener reports
 * @error: return location for an error
 *
 * Listens on a Unix socket.
 *
 * A stale socket file at @path, whose owner is gone, is replaced; one that is served is not, nor
 * any other file. The file is removed when the listener is closed, unless somebody has put another
 * in its place.
 *
 * Fails with %G_IO_ERROR_ADDRESS_IN_USE, %G_IO_ERROR_NOT_FOUND when the directory does not exist,
 * %G_IO_ERROR_PERMISSION_DENIED, %G_IO_ERROR_FILENAME_TOO_LONG where the system has no way to bind
 * so long a path.
 *
 * Returns: (transfer full): a listener
 *
 * Since: 1.0
 */
HvsockListener *
hvsock_unix_socket_listen (const char *path, HvsockAddress *address, GError **error)
{
  HvsockListener *listener;

  g_return_val_if_fail (path != NULL && *path != '\0', NULL);
  g_return_val_if_fail (HVSOCK_IS_ADDRESS (address), NULL);
  g_return_val_if_fail (error == NULL || *error == NULL, NULL);

  listener = listen_at (path, address, error);
  if (listener == NULL)
    {
      g_autofree char *uri = hvsock_address_to_uri (address);

      g_prefix_error (error, "cannot listen on '%s': ", uri);
    }
  return listener;
}
