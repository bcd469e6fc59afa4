/* SPDX-License-Identifier: LGPL-2.1-or-later
 * Copyright the libhvsock authors */

/* What the tests of looking up names have in common: stand-ins in place of Windows' own files, and
 * the look-up as a call that waits. */

#pragma once

#include "hyperv-names.h"

G_BEGIN_DECLS

/* How the stand-ins are found by the code under test: none of the system's files is used. */
typedef struct
{
  gboolean has_computecore;
  gboolean has_powershell;
} LookupsSystem;

extern LookupsSystem lookups_system;

/* Sets up everything for a test, with a PowerShell that knows no machine. */
void lookups_set_up (void);
void lookups_tear_down (void);

/* What the stand-in for PowerShell is to answer. */
void lookups_answer (const char *answer, gssize size);

/* What it was started with; NULL if it has not been. */
typedef struct
{
  guint32 process_id;
  GPtrArray *arguments;
  GPtrArray *environment; /* "NAME=VALUE", without the name of the machine */
  char *vm_name;          /* that name, or NULL */
} LookupsRecord;

LookupsRecord *lookups_read_record (void);
void lookups_record_free (LookupsRecord *self);

G_DEFINE_AUTOPTR_CLEANUP_FUNC (LookupsRecord, lookups_record_free)

/* In the thread-default main context. */
gboolean lookups_run (const char *name,
                      GCancellable *cancellable,
                      HvsockGuid *vm_id,
                      GError **error);
void lookups_expect (const char *name, const char *vm_id);
void lookups_expect_error (const char *name, GIOErrorEnum code, const char *text);

/* The path of a file that was built beside the test. */
char *lookups_build_path (const char *name);

G_END_DECLS
