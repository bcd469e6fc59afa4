/* SPDX-License-Identifier: LGPL-2.1-or-later
 * Copyright the libhvsock authors */

/* A tool that meets another system than the test does: other files, another user, a filter.
 * Separate from the plain process, since it needs rights that a test may lack. */

#pragma once

#include "folder.h"
#include "tool-process.h"

G_BEGIN_DECLS

typedef struct
{
  const char *folder; /* stands in for what is at the place */
  const char *place;
} ToolMount;

typedef struct
{
  ToolMount mounts[4]; /* up to one that has no folder */
  gboolean is_nobody;  /* where the test is root, who may everything */
  int vsock_errsv;     /* what socket(AF_VSOCK) answers; 0 for what it does */
} ToolSandbox;

/* Makes a folder with the entries, which blanks separate: "a/b/" is a folder, "a/b=TEXT" a file
 * that all may read and write, and "a/b" one that nobody may open. A tab in TEXT becomes a blank.
 */
void tool_sandbox_init_folder (Folder *folder, const char *entries);

/* Skips the test where it cannot be. */
gboolean tool_sandbox_is_possible (const ToolSandbox *self);

/* The last argument is followed by NULL. */
ToolProcess *tool_sandbox_start (const ToolSandbox *self,
                                 const char *tool,
                                 ...) G_GNUC_NULL_TERMINATED;

G_END_DECLS
