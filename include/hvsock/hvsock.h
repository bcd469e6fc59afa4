/* SPDX-License-Identifier: LGPL-2.1-or-later
 * Copyright the libhvsock authors */

#pragma once

#define HVSOCK_INSIDE

#include <hvsock/hvsock-address.h>
#include <hvsock/hvsock-client.h>
#include <hvsock/hvsock-connection.h>
#include <hvsock/hvsock-enum-types.h>
#include <hvsock/hvsock-error.h>
#include <hvsock/hvsock-framed-connection.h>
#include <hvsock/hvsock-guid.h>
#include <hvsock/hvsock-hyperkit-address.h>
#include <hvsock/hvsock-hyperv-address.h>
#include <hvsock/hvsock-hyperv-service.h>
#include <hvsock/hvsock-listener.h>
#include <hvsock/hvsock-mux-address.h>
#include <hvsock/hvsock-plugin-info.h>
#include <hvsock/hvsock-probe.h>
#include <hvsock/hvsock-registry.h>
#include <hvsock/hvsock-relay.h>
#include <hvsock/hvsock-service.h>
#include <hvsock/hvsock-transport.h>
#include <hvsock/hvsock-unix-address.h>
#include <hvsock/hvsock-version.h>
#include <hvsock/hvsock-visibility.h>
#include <hvsock/hvsock-vsock-address.h>

#undef HVSOCK_INSIDE
