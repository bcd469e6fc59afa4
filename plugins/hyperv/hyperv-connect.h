/* SPDX-License-Identifier: LGPL-2.1-or-later
 * Copyright the libhvsock authors */

#pragma once

#include <hvsock/hvsock-plugin.h>

G_BEGIN_DECLS

/* Ends @task with a connection. @timeout is in milliseconds, 0 for none. */
void hyperv_connect (HvsockAddress *address, guint timeout, GTask *task);

G_END_DECLS
