/* SPDX-License-Identifier: LGPL-2.1-or-later
 * Copyright the libhvsock authors */

/* The socket families of a Unix that is not Linux: AF_UNIX alone. */

#include "address/hvsock-native-private.h"

const HvsockNativeFamily *const hvsock_native_families[] = {
  &hvsock_native_sockaddr_un,
  NULL,
};
