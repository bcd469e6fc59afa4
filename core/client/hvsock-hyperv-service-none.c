/* SPDX-License-Identifier: LGPL-2.1-or-later
 * Copyright the libhvsock authors */

/* Services of Hyper-V where there is nothing to register them with. */

#include <hvsock/hvsock-hyperv-service.h>

#include <gio/gio.h>

static gboolean
fail (GError **error, const char *operation, const HvsockGuid *service_id)
{
  g_autofree char *guid = hvsock_guid_to_string (service_id);

  g_set_error (error, G_IO_ERROR, G_IO_ERROR_NOT_SUPPORTED,
               "cannot %s '%s': services are registered with Hyper-V on a Windows host only, here "
               "they need no registration",
               operation, guid);
  return FALSE;
}

gboolean
hvsock_hyperv_register_service (const HvsockGuid *service_id, const char *name, GError **error)
{
  g_return_val_if_fail (service_id != NULL, FALSE);
  g_return_val_if_fail (name != NULL, FALSE);
  g_return_val_if_fail (error == NULL || *error == NULL, FALSE);

  return fail (error, "register", service_id);
}

gboolean
hvsock_hyperv_unregister_service (const HvsockGuid *service_id, GError **error)
{
  g_return_val_if_fail (service_id != NULL, FALSE);
  g_return_val_if_fail (error == NULL || *error == NULL, FALSE);

  return fail (error, "unregister", service_id);
}

gboolean
hvsock_hyperv_is_registered (const HvsockGuid *service_id)
{
  g_return_val_if_fail (service_id != NULL, FALSE);

  return FALSE;
}

char *
hvsock_hyperv_dup_service_name (const HvsockGuid *service_id)
{
  g_return_val_if_fail (service_id != NULL, NULL);

  return NULL;
}

char **
hvsock_hyperv_list_services (GError **error)
{
  g_return_val_if_fail (error == NULL || *error == NULL, NULL);

  g_set_error_literal (error, G_IO_ERROR, G_IO_ERROR_NOT_SUPPORTED,
                       "cannot list the registered services: they are registered with Hyper-V on a "
                       "Windows host only");
  return NULL;
}
