/* SPDX-License-Identifier: LGPL-2.1-or-later
 * Copyright the libhvsock authors */

#pragma once

#include <glib.h>

G_BEGIN_DECLS

/* What a `.plugin` file says. It never changes once it is read. */
typedef struct
{
  char *path;
  char *module;
  char *name;
  char *version;
  char *description;
  char **schemes;
  int priority;
  guint abi_major;
  guint abi_minor;
  /* Why the file is not valid, or NULL; the other members then hold what could be read. */
  GError *error;
} HvsockKeyFile;

HvsockKeyFile *hvsock_key_file_read (const char *path);
void hvsock_key_file_free (HvsockKeyFile *self);

G_DEFINE_AUTOPTR_CLEANUP_FUNC (HvsockKeyFile, hvsock_key_file_free)

G_END_DECLS
