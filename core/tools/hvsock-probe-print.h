/* SPDX-License-Identifier: LGPL-2.1-or-later
 * Copyright the libhvsock authors */

/* The two forms of all that hvsock-probe shows. */

#pragma once

#include "hvsock-probe-attempt.h"
#include "hvsock-probe-report.h"
#include "hvsock-probe-service.h"

G_BEGIN_DECLS

char *probe_table_print_report (const ProbeReport *report);
char *probe_table_print_attempt (const ProbeAttempt *attempt);

char *probe_json_print_report (const ProbeReport *report);
char *probe_json_print_attempt (const ProbeAttempt *attempt);

G_END_DECLS
