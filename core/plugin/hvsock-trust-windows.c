/* SPDX-License-Identifier: LGPL-2.1-or-later
 * Copyright the libhvsock authors */

/* Windows guards a program's folders by access control lists that installers set, and has no mode
 * bits that somebody leaves open by mistake: only the path is made absolute, since a bare name
 * would be searched for. */

#include "plugin/hvsock-trust-private.h"

#include <hvsock/hvsock-error.h>

char *
hvsock_trust_file (const char *path, GError **error)
{
  if (!g_file_test (path, G_FILE_TEST_IS_REGULAR))
    {
      g_set_error (error, HVSOCK_ERROR, HVSOCK_ERROR_PLUGIN_INVALID, "'%s' is not a file", path);
      return NULL;
    }

  return g_canonicalize_filename (path, NULL);
}
