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

void hvcat_session_announce (HvsockConnection *connection,
                             const char *event,
                             const char *nameless_peer);
HvcatOutcome hvcat_session_run (HvsockConnection *connection, const HvcatOptions *options);

G_END_DECLS
