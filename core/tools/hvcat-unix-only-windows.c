/* SPDX-License-Identifier: LGPL-2.1-or-later
 * Copyright the libhvsock authors */

/* What hvcat has on Unix only, as it is on Windows: there is neither a shell that all commands are
 * written for, nor a systemd. */

#include "hvcat-exec.h"
#include "hvcat-inherited.h"
#include "hvcat-notify.h"

gboolean
hvcat_exec_is_possible (void)
{
  return FALSE;
}

void
hvcat_exec_start (HvsockConnection *connection,
                  const HvcatOptions *options,
                  HvcatSessionDoneFunc done,
                  gpointer user_data)
{
  g_assert_not_reached ();
}

GPtrArray *
hvcat_inherited_listen (GError **error)
{
  g_set_error_literal (error, HVSOCK_ERROR, HVSOCK_ERROR_INVALID_URI, "no URI was given");
  return NULL;
}

gboolean
hvcat_notify_ready (GError **error)
{
  return TRUE;
}
