/* SPDX-License-Identifier: LGPL-2.1-or-later
 * Copyright the libhvsock authors */

/* hvcat --exec: a command for a connection. */

#pragma once

#include "hvcat-session.h"

G_BEGIN_DECLS

gboolean hvcat_exec_is_possible (void);
void hvcat_exec_start (HvsockConnection *connection,
                       const HvcatOptions *options,
                       HvcatSessionDoneFunc done,
                       gpointer user_data);

G_END_DECLS
