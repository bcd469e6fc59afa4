/* SPDX-License-Identifier: LGPL-2.1-or-later
 * Copyright the libhvsock authors */

/* Services of Hyper-V, as far as they are registered on this machine. Separate because that is
 * known without any plugin, and matters when a plugin has failed. */

#include "hvsock-probe-service.h"

/* NULL if the service is not registered any longer. */
char *
probe_service_dup_name (const char *guid)
{
  HvsockGuid service;

  return hvsock_guid_parse (&service, guid) ? hvsock_hyperv_dup_service_name (&service) : NULL;
}

/* Between this machine and another one that runs on it. */
static gboolean
leads_to_guest (HvsockHypervAddress *address)
{
  static const char *const words[] = { "loopback", "parent", "silohost" };
  const HvsockGuid *vm_id = hvsock_hyperv_address_get_vm_id (address);

  for (gsize i = 0; vm_id != NULL && i < G_N_ELEMENTS (words); i++)
    {
      if (hvsock_guid_equal (vm_id, hvsock_hyperv_address_find_vm_id (words[i])))
        return FALSE;
    }
  return TRUE;
}

static gboolean
can_register (void)
{
  g_autoptr (GError) error = NULL;
  g_auto (GStrv) services = hvsock_hyperv_list_services (&error);

  return services != NULL || !g_error_matches (error, G_IO_ERROR, G_IO_ERROR_NOT_SUPPORTED);
}

/* What helps a connection to @uri that was not made, or NULL if it is not the registration. */
char *
probe_service_dup_remedy (const char *uri)
{
  g_autoptr (HvsockAddress) address = hvsock_address_new_from_uri (uri, NULL);
  g_autofree char *guid = NULL;
  const HvsockGuid *service;

  if (!HVSOCK_IS_HYPERV_ADDRESS (address) || !leads_to_guest (HVSOCK_HYPERV_ADDRESS (address)) ||
      !can_register ())
    return NULL;

  service = hvsock_hyperv_address_get_service_id (HVSOCK_HYPERV_ADDRESS (address));
  if (hvsock_hyperv_is_registered (service))
    return NULL;

  guid = hvsock_guid_to_string (service);
  return g_strdup_printf (
      "the service is not registered with Hyper-V on this machine; on a host, connections from and "
      "to its guests need that: run as Administrator 'hvcat --register-guid %s NAME'",
      guid);
}
