/* SPDX-License-Identifier: LGPL-2.1-or-later
 * Copyright the libhvsock authors */

/* One connection of hvcat, from its start to its end. */

#pragma once

#include "hvcat-options.h"

G_BEGIN_DECLS

typedef enum
{
  HVCAT_OUTCOME_DELIVERED,
  HVCAT_OUTCOME_FAILED,
  HVCAT_OUTCOME_OUTPUT_LOST,
} HvcatOutcome;

/* Called once, in the main loop, when both directions have ended. */
typedef void (*HvcatSessionDoneFunc) (HvcatOutcome outcome, gpointer user_data);

void hvcat_session_announce (HvsockConnection *connection,
                             const char *event,
                             const char *nameless_peer);
void hvcat_session_tell_counts (guint64 sent, guint64 received);
void hvcat_session_start (HvsockConnection *connection,
                          const HvcatOptions *options,
                          HvcatSessionDoneFunc done,
                          gpointer user_data);

G_END_DECLS
