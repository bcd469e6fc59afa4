/* SPDX-License-Identifier: LGPL-2.1-or-later
 * Copyright the libhvsock authors */

#pragma once

#include <glib.h>

G_BEGIN_DECLS

void hyperkit_relay_run (int a, int b, int wake_fd);
void hyperkit_relay_end (int fd);

G_END_DECLS
