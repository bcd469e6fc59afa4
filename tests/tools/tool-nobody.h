/* SPDX-License-Identifier: LGPL-2.1-or-later
 * Copyright the libhvsock authors */

/* Tools as a user without rights. Root may everything, so where the test is root they become
 * somebody else. */

#pragma once

#include "tool-process.h"

G_BEGIN_DECLS

/* Skips the test where it cannot be. */
gboolean tool_nobody_is_possible (void);

/* For the process of the tool, between fork and exec. */
gboolean tool_nobody_become (void);

G_END_DECLS
