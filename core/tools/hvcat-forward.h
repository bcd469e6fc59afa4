/* SPDX-License-Identifier: LGPL-2.1-or-later
 * Copyright the libhvsock authors */

/* hvcat --to: one connection that goes on to another place. */

#pragma once

#include "hvcat-session.h"

G_BEGIN_DECLS

void hvcat_forward_start (HvsockConnection *connection,
                          const HvcatOptions *options,
                          HvcatSessionDoneFunc done,
                          gpointer user_data);

G_END_DECLS
