/* SPDX-License-Identifier: LGPL-2.1-or-later
 * Copyright the libhvsock authors */

/* The services that Windows lets pass between a Hyper-V host and its guests. Documented here, since
 * each platform implements them in a file of its own. */

#pragma once

#if !defined(HVSOCK_INSIDE) && !defined(HVSOCK_COMPILATION)
#  error "Only <hvsock/hvsock.h> and <hvsock/hvsock-plugin.h> can be included directly."
#endif

#include <hvsock/hvsock-guid.h>

G_BEGIN_DECLS

/**
 * hvsock_hyperv_register_service:
 * @service_id: the service
 * @name: what administrators know it by, in UTF-8
 * @error: return location for an error
 *
 * Registers a service with Hyper-V on a Windows host.
 *
 * Hyper-V passes a connection between this host and its guests, whichever side makes it, only when
 * the host has the service registered. That lasts until hvsock_hyperv_unregister_service(), over
 * restarts as well, so it is for an installer to do once. A service that is registered already is
 * given the new name.
 *
 * Errors: %G_IO_ERROR_PERMISSION_DENIED without the rights of an administrator,
 * %G_IO_ERROR_NOT_SUPPORTED on other systems than Windows, where nothing is registered, and
 * %G_CONVERT_ERROR_ILLEGAL_SEQUENCE if @name is not UTF-8.
 *
 * It may be called from any thread.
 *
 * Returns: whether the service is registered
 *
 * Since: 1.0
 */
HVSOCK_AVAILABLE_IN_1_0
gboolean hvsock_hyperv_register_service (const HvsockGuid *service_id,
                                         const char *name,
                                         GError **error);

/**
 * hvsock_hyperv_unregister_service:
 * @service_id: the service
 * @error: return location for an error
 *
 * Undoes hvsock_hyperv_register_service(), whoever called it.
 *
 * Errors: %G_IO_ERROR_NOT_FOUND if the service is not registered, and otherwise those of
 * hvsock_hyperv_register_service().
 *
 * It may be called from any thread.
 *
 * Returns: whether the service was registered and is so no longer
 *
 * Since: 1.0
 */
HVSOCK_AVAILABLE_IN_1_0
gboolean hvsock_hyperv_unregister_service (const HvsockGuid *service_id, GError **error);

/**
 * hvsock_hyperv_is_registered:
 * @service_id: the service
 *
 * Tells whether a service is registered with Hyper-V on this machine, which takes no special
 * rights.
 *
 * On other systems than Windows this is %FALSE, since nothing is registered there. It does not mean
 * that connecting would fail: only a Windows host asks for it.
 *
 * It may be called from any thread.
 *
 * Returns: %TRUE if it is registered
 *
 * Since: 1.0
 */
HVSOCK_AVAILABLE_IN_1_0
gboolean hvsock_hyperv_is_registered (const HvsockGuid *service_id);

/**
 * hvsock_hyperv_dup_service_name:
 * @service_id: the service
 *
 * Gets the name that a service was registered with.
 *
 * It may be called from any thread.
 *
 * Returns: (transfer full) (nullable): the name, empty if there is none, or %NULL if the service is
 *   not registered
 *
 * Since: 1.0
 */
HVSOCK_AVAILABLE_IN_1_0
char *hvsock_hyperv_dup_service_name (const HvsockGuid *service_id);

/**
 * hvsock_hyperv_list_services:
 * @error: return location for an error
 *
 * Lists the services that are registered with Hyper-V on this machine, by anybody.
 *
 * A machine that never had Hyper-V has none, which is no error.
 *
 * Errors: %G_IO_ERROR_NOT_SUPPORTED on other systems than Windows.
 *
 * It may be called from any thread.
 *
 * Returns: (transfer full) (array zero-terminated=1): their GUIDs as hvsock_guid_to_string() prints
 *   them, in alphabetical order; to be freed with g_strfreev()
 *
 * Since: 1.0
 */
HVSOCK_AVAILABLE_IN_1_0
char **hvsock_hyperv_list_services (GError **error);

G_END_DECLS
