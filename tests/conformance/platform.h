/* SPDX-License-Identifier: LGPL-2.1-or-later
 * Copyright the libhvsock authors */

/* What the suite needs of the system that it runs on. */

#pragma once

#include <glib.h>

G_BEGIN_DECLS

/* Before anything else. */
void conformance_platform_init (void);

/* Scenarios that only this system's transports have. */
void conformance_platform_add_tests (void);

/* Lists what this process has open: what a scenario leaves behind shows in it. */
char *conformance_platform_list_open (void);

G_END_DECLS
