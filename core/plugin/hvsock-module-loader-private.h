/* SPDX-License-Identifier: LGPL-2.1-or-later
 * Copyright the libhvsock authors */

#pragma once

#include "plugin/hvsock-key-file-private.h"

#include <hvsock/hvsock-transport.h>

G_BEGIN_DECLS

HvsockTransport *hvsock_module_load (const HvsockKeyFile *key_file, GError **error);

G_END_DECLS
