/* SPDX-License-Identifier: LGPL-2.1-or-later
 * Copyright the libhvsock authors */

#pragma once

#include "plugin/hvsock-catalog-private.h"

G_BEGIN_DECLS

/* What is looked for, and how. */
typedef struct
{
  const char *scheme;
  /* NULL when any transport of the scheme will do. */
  const char *uri;
  /* Of a probe, in milliseconds. */
  guint timeout;
  /* Of the caller, who may be in more of a hurry than a probe is allowed. */
  gint64 deadline;
  /* Whether a plugin may be loaded and probed; if not, what needs it fails with WOULD_BLOCK. */
  gboolean may_wait;
} HvsockQuery;

HvsockTransport *hvsock_resolve (HvsockCatalog *catalog,
                                 const HvsockQuery *query,
                                 HvsockAddress **address,
                                 GCancellable *cancellable,
                                 GError **error);

G_END_DECLS
