/* SPDX-License-Identifier: LGPL-2.1-or-later
 * Copyright the libhvsock authors */

/* hvcat --register-guid: what it registers, and the registration. */

#pragma once

#include <hvsock/hvsock.h>

G_BEGIN_DECLS

gboolean hvcat_register_parse (const char *text, HvsockGuid *service);
int hvcat_register (const HvsockGuid *service, const char *name);

G_END_DECLS
