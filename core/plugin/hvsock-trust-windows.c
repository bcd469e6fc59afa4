/* SPDX-License-Identifier: LGPL-2.1-or-later
 * Copyright the libhvsock authors */

/* Windows guards a program's folders by access control lists that installers set, and has no mode
 * bits that somebody leaves open by mistake: only the path is made absolute, since a bare name
 * would be searched for. */

#include "plugin/hvsock-trust-private.h"

#include <hvsock/hvsock-error.h>

#include <errno.h>
#include <glib/gstdio.h>

char *
hvsock_trust_file (const char *path, GError **error)
{
  GStatBuf status;

  if (g_stat (path, &status) != 0)
    {
      int errsv = errno;

      g_set_error (error, HVSOCK_ERROR, HVSOCK_ERROR_PLUGIN_INVALID, "'%s': %s", path,
                   g_strerror (errsv));
      return NULL;
    }

  if (!S_ISREG (status.st_mode))
    {
      g_set_error (error, HVSOCK_ERROR, HVSOCK_ERROR_PLUGIN_INVALID, "'%s' is not a file", path);
      return NULL;
    }

  return g_canonicalize_filename (path, NULL);
}
