/* SPDX-License-Identifier: LGPL-2.1-or-later
 * Copyright the libhvsock authors */

/* Whether only a file's owner and root may say what is in it, by the modes of a Unix. The process
 * must not run what any other user could have put there. */

#include "plugin/hvsock-trust-private.h"

#include <hvsock/hvsock-error.h>

#include <errno.h>
#include <stdlib.h>
#include <sys/stat.h>

static gboolean
check_mode (const char *path, mode_t type, const char *type_name, GError **error)
{
  struct stat status;

  if (stat (path, &status) != 0)
    {
      int errsv = errno;

      g_set_error (error, HVSOCK_ERROR, HVSOCK_ERROR_PLUGIN_INVALID, "'%s': %s", path,
                   g_strerror (errsv));
      return FALSE;
    }

  if ((status.st_mode & S_IFMT) != type)
    {
      g_set_error (error, HVSOCK_ERROR, HVSOCK_ERROR_PLUGIN_INVALID, "'%s' is not a %s", path,
                   type_name);
      return FALSE;
    }

  if ((status.st_mode & (S_IWGRP | S_IWOTH)) != 0)
    {
      g_set_error (error, HVSOCK_ERROR, HVSOCK_ERROR_PLUGIN_INVALID,
                   "%s '%s' may be written by others than its owner: chmod go-w '%s'", type_name,
                   path, path);
      return FALSE;
    }

  return TRUE;
}

static gboolean
check_folder_of (const char *path, GError **error)
{
  g_autofree char *folder = g_path_get_dirname (path);

  return check_mode (folder, S_IFDIR, "folder", error);
}

/* The path that @path leads to once its symbolic links are followed, when neither the file, nor its
 * folder, nor the folder of the link may be written by others. Open the result, not @path: a link
 * could be changed by whoever may write further up. */
char *
hvsock_trust_file (const char *path, GError **error)
{
  char *resolved;
  g_autofree char *copy = NULL;

  resolved = realpath (path, NULL);
  if (resolved == NULL)
    {
      int errsv = errno;

      g_set_error (error, HVSOCK_ERROR, HVSOCK_ERROR_PLUGIN_INVALID, "'%s': %s", path,
                   g_strerror (errsv));
      return NULL;
    }

  copy = g_strdup (resolved);
  free (resolved);

  if (!check_folder_of (path, error) || !check_folder_of (copy, error) ||
      !check_mode (copy, S_IFREG, "file", error))
    return NULL;

  return g_steal_pointer (&copy);
}
