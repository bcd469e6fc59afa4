/* SPDX-License-Identifier: LGPL-2.1-or-later
 * Copyright the libhvsock authors */

#pragma once

#include <hvsock/hvsock.h>

G_BEGIN_DECLS

HvsockTransport *plugin_get_transport (const char *scheme);
HvsockProbe *plugin_probe (const char *name);
void plugin_check_info (const char *name, const char *const *schemes);

/* The message holds @text. */
void plugin_expect_text (GError *error, const char *text);

/* Blocking and asynchronous calls fail alike. */
GError *plugin_fail_to_connect (const char *uri);
GError *plugin_fail_to_listen (const char *uri);

G_END_DECLS
