/* SPDX-License-Identifier: LGPL-2.1-or-later
 * Copyright the libhvsock authors */

#pragma once

#include <gio/gio.h>

#include <sys/socket.h>

G_BEGIN_DECLS

/* A temporary folder for socket files, which goes with all that is in it. */
typedef struct
{
  char *path;
} Folder;

void folder_init (Folder *self);
void folder_clear (Folder *self);

G_DEFINE_AUTO_CLEANUP_CLEAR_FUNC (Folder, folder_clear)

char *folder_add_long_directory (Folder *self);

/* Sockets made without the library. */
int socket_bind (const char *path, int type);
int socket_listen (const char *path, int type, int backlog);
int socket_connect (const char *path);
void socket_make_stale (const char *path);
GArray *socket_fill_queue (const char *path);

gboolean exists (const char *path);

G_END_DECLS
