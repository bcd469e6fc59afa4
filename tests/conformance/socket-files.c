/* SPDX-License-Identifier: LGPL-2.1-or-later
 * Copyright the libhvsock authors */

/* What the transports that are reached over Unix sockets have in common. */

#include "socket-files.h"

#include <sys/un.h>
#include <unistd.h>

/* Whoever listens there accepts nobody, and others wait already. */
void
conformance_socket_make_silent (Conformance *self, const char *path)
{
  int listener = socket_listen (path, SOCK_STREAM, 0);

  self->silent_fds = socket_fill_queue (path);
  g_array_prepend_val (self->silent_fds, listener);
}

/* What was made here for @self. */
void
conformance_socket_clear (Conformance *self)
{
  for (guint i = 0; self->silent_fds != NULL && i < self->silent_fds->len; i++)
    close (g_array_index (self->silent_fds, int, i));
  g_clear_pointer (&self->silent_fds, g_array_unref);
}

/* Returns another name of self->folder, one that no socket's address can hold. */
char *
conformance_make_long_directory (Conformance *self)
{
  g_autofree char *name = g_strnfill (sizeof ((struct sockaddr_un *) NULL)->sun_path, 'l');
  char *path = g_build_filename (self->folder.path, name, NULL);

  g_assert_no_errno (symlink (".", path));
  return path;
}
