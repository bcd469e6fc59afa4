/* SPDX-License-Identifier: LGPL-2.1-or-later
 * Copyright the libhvsock authors */

/* Ends a connection after a silence. Separate because it is needed for standard input and for
 * another connection alike. */

#pragma once

#include <hvsock/hvsock.h>

G_BEGIN_DECLS

typedef struct _HvcatQuit HvcatQuit;

/* How many bytes the relay has got from the connection. */
typedef guint64 (*HvcatCountFunc) (HvsockRelay *relay);

HvcatQuit *hvcat_quit_after (guint milliseconds,
                             HvsockConnection *connection,
                             HvsockRelay *relay,
                             HvcatCountFunc count);
void hvcat_quit_free (HvcatQuit *self);

G_END_DECLS
