/* SPDX-License-Identifier: LGPL-2.1-or-later
 * Copyright the libhvsock authors */

/* What streams of several kinds tell, and ask, in the same way. */

#pragma once

#include <hvsock/hvsock-address.h>

G_BEGIN_DECLS

gboolean hvsock_stream_can_poll (gpointer stream);

gboolean hvsock_stream_tell_written (gssize n_written, gsize *bytes_written);
GPollableReturn hvsock_stream_tell_tried (gssize n_written,
                                          GError *failure,
                                          gsize *bytes_written,
                                          GError **error);

char *hvsock_stream_describe_peer (HvsockAddress *remote_address, HvsockAddress *local_address);

G_END_DECLS
