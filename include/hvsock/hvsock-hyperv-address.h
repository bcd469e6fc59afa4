/* SPDX-License-Identifier: LGPL-2.1-or-later
 * Copyright the libhvsock authors */

#pragma once

#if !defined(HVSOCK_INSIDE) && !defined(HVSOCK_COMPILATION)
#  error "Only <hvsock/hvsock.h> and <hvsock/hvsock-plugin.h> can be included directly."
#endif

#include <hvsock/hvsock-address.h>
#include <hvsock/hvsock-guid.h>

G_BEGIN_DECLS

#define HVSOCK_TYPE_HYPERV_ADDRESS (hvsock_hyperv_address_get_type ())

HVSOCK_AVAILABLE_IN_1_0
G_DECLARE_FINAL_TYPE (HvsockHypervAddress,
                      hvsock_hyperv_address,
                      HVSOCK,
                      HYPERV_ADDRESS,
                      HvsockAddress)

HVSOCK_AVAILABLE_IN_1_0
HvsockAddress *hvsock_hyperv_address_new (const HvsockGuid *vm_id, const HvsockGuid *service_id);

HVSOCK_AVAILABLE_IN_1_0
HvsockAddress *hvsock_hyperv_address_new_for_name (const char *vm_name,
                                                   const HvsockGuid *service_id);

HVSOCK_AVAILABLE_IN_1_0
HvsockAddress *hvsock_hyperv_address_new_from_uri (const char *uri, GError **error);

HVSOCK_AVAILABLE_IN_1_0
const HvsockGuid *hvsock_hyperv_address_get_vm_id (HvsockHypervAddress *self);

HVSOCK_AVAILABLE_IN_1_0
const char *hvsock_hyperv_address_get_vm_name (HvsockHypervAddress *self);

HVSOCK_AVAILABLE_IN_1_0
const HvsockGuid *hvsock_hyperv_address_get_service_id (HvsockHypervAddress *self);

HVSOCK_AVAILABLE_IN_1_0
const HvsockGuid *hvsock_hyperv_address_find_vm_id (const char *word);

G_END_DECLS
