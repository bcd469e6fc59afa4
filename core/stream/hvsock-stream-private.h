/* SPDX-License-Identifier: LGPL-2.1-or-later
 * Copyright the libhvsock authors */

/* What streams of several kinds tell GIO, and ask it, in the same way. */

#pragma once

#include <gio/gio.h>

G_BEGIN_DECLS

gboolean hvsock_stream_can_poll (gpointer stream);

gboolean hvsock_stream_tell_written (gssize n_written, gsize *bytes_written);
GPollableReturn hvsock_stream_tell_tried (gssize n_written,
                                          GError *failure,
                                          gsize *bytes_written,
                                          GError **error);

G_END_DECLS
