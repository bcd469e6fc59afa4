/* SPDX-License-Identifier: LGPL-2.1-or-later
 * Copyright the libhvsock authors */

/* The socket families of the system that the library is built for. Addresses are data on every
 * platform; only what stands behind this header knows how the system writes them. */

#pragma once

#include <hvsock/hvsock-address.h>

typedef struct
{
  /* The one class of addresses that belong to the family. */
  GType (*get_type) (void);
  int family;
  gsize size;

  /* Puts size bytes at native, which need not be aligned. */
  gboolean (*write) (HvsockAddress *address, gpointer native, GError **error);

  /* Returns NULL for what is no address of the family: another one's, too short, without a name. */
  HvsockAddress *(*read) (gconstpointer native, gsize length);
} HvsockNativeFamily;

/* Ends with NULL. */
extern const HvsockNativeFamily *const hvsock_native_families[];

/* AF_UNIX, the same on every Unix. */
extern const HvsockNativeFamily hvsock_native_sockaddr_un;
