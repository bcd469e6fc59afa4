/* SPDX-License-Identifier: LGPL-2.1-or-later
 * Copyright the libhvsock authors */

/* hvcat --register-guid: what it registers, and the registration. The library knows whether this
 * system has such a thing. */

#include "hvcat-register.h"

#include "tool-main.h"

static gboolean
take_service (HvsockAddress *address, HvsockGuid *service)
{
  if (HVSOCK_IS_HYPERV_ADDRESS (address))
    {
      *service = *hvsock_hyperv_address_get_service_id (HVSOCK_HYPERV_ADDRESS (address));
      return TRUE;
    }
  if (HVSOCK_IS_VSOCK_ADDRESS (address))
    {
      hvsock_guid_init_from_port (service,
                                  hvsock_vsock_address_get_port (HVSOCK_VSOCK_ADDRESS (address)));
      return TRUE;
    }
  return FALSE;
}

/* Takes a GUID, and the URI that the service is listened on or connected to with. */
gboolean
hvcat_register_parse (const char *text, HvsockGuid *service)
{
  g_autoptr (HvsockAddress) address = NULL;

  if (hvsock_guid_parse (service, text))
    return TRUE;
  address = hvsock_address_new_from_uri (text, NULL);
  return address != NULL && take_service (address, service);
}

int
hvcat_register (const HvsockGuid *service, const char *name)
{
  g_autoptr (GError) error = NULL;
  g_autofree char *guid = hvsock_guid_to_string (service);
  g_autofree char *line = g_strdup_printf ("registered '%s' as '%s'\n", guid, name);

  if (hvsock_hyperv_register_service (service, name, &error))
    return tool_print (line) ? TOOL_SUCCESS : TOOL_FAILURE;
  tool_complain ("%s", error->message);
  return TOOL_FAILURE;
}
