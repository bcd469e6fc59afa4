/* SPDX-License-Identifier: LGPL-2.1-or-later
 * Copyright the libhvsock authors */

/* hvsock://[VM]/SERVICE: a VM and a service of Hyper-V. */

#include <hvsock/hvsock-hyperv-address.h>

#include "address/hvsock-address-private.h"
#include "address/hvsock-uri-private.h"

#include <string.h>

/**
 * HvsockHypervAddress:
 *
 * A VM and a service of Hyper-V: `hvsock://[VM]/SERVICE`.
 *
 * The VM is a GUID, one of the words `wildcard`, `children`, `parent`, `loopback` and `silohost`,
 * or the name of a VM; nothing is the wildcard. A name is kept as it is: the transport resolves it
 * to the VM's GUID when the address is used. Wildcard and children are for listening only.
 *
 * The service is a GUID, or a decimal port that stands for its GUID of the vsock template.
 *
 * Since: 1.0
 */
struct _HvsockHypervAddress
{
  HvsockAddress parent_instance;

  /* Either the name, or the GUID where the name is NULL. */
  char *vm_name;
  HvsockGuid vm_id;
  HvsockGuid service_id;
};

G_DEFINE_FINAL_TYPE (HvsockHypervAddress, hvsock_hyperv_address, HVSOCK_TYPE_ADDRESS)

enum
{
  PROP_VM_ID = 1,
  PROP_VM_NAME,
  PROP_SERVICE_ID,
  N_PROPERTIES,
};

static GParamSpec *properties[N_PROPERTIES];

/* The first word of a GUID is its canonical one. */
static const struct
{
  const char *word;
  HvsockGuid vm_id;
  gboolean listen_only;
} well_known[] = {
  { "", { { 0 } }, TRUE },
  { "wildcard", { { 0 } }, TRUE },
  { "children",
    { { 0x90, 0xdb, 0x8b, 0x89, 0x0d, 0x35, 0x4f, 0x79, 0x8c, 0xe9, 0x49, 0xea, 0x0a, 0xc8, 0xb7,
        0xcd } },
    TRUE },
  { "parent",
    { { 0xa4, 0x2e, 0x7c, 0xda, 0xd0, 0x3f, 0x48, 0x0c, 0x9c, 0xc2, 0xa4, 0xde, 0x20, 0xab, 0xb8,
        0x78 } },
    FALSE },
  { "loopback",
    { { 0xe0, 0xe1, 0x61, 0x97, 0xdd, 0x56, 0x4a, 0x10, 0x91, 0x95, 0x5e, 0xe7, 0xa1, 0x55, 0xa8,
        0x38 } },
    FALSE },
  { "silohost",
    { { 0x36, 0xbd, 0x0c, 0x5c, 0x72, 0x76, 0x42, 0x23, 0x88, 0xba, 0x7d, 0x03, 0xb6, 0x54, 0xc5,
        0x68 } },
    FALSE },
};

static char *
print_vm_id (const HvsockGuid *vm_id)
{
  for (gsize i = 0; i < G_N_ELEMENTS (well_known); i++)
    if (hvsock_guid_equal (vm_id, &well_known[i].vm_id))
      return g_strdup (well_known[i].word);

  return hvsock_guid_to_string (vm_id);
}

static char *
print_vm_name (const char *name)
{
  g_autofree char *encoded =
      g_uri_escape_string (name, G_URI_RESERVED_CHARS_SUBCOMPONENT_DELIMITERS, FALSE);
  HvsockGuid guid;

  /* Words and GUIDs are read as such only where they are spelled out. */
  if (hvsock_hyperv_address_find_vm_id (name) != NULL || hvsock_guid_parse (&guid, name))
    return g_strdup_printf ("%%%02X%s", (guint) name[0], name + 1);

  return g_steal_pointer (&encoded);
}

static char *
hvsock_hyperv_address_to_uri (HvsockAddress *address)
{
  HvsockHypervAddress *self = HVSOCK_HYPERV_ADDRESS (address);
  g_autofree char *vm =
      self->vm_name != NULL ? print_vm_name (self->vm_name) : print_vm_id (&self->vm_id);
  g_autofree char *service = hvsock_guid_to_string (&self->service_id);

  return g_strdup_printf ("hvsock://%s/%s", vm, service);
}

static gboolean
hvsock_hyperv_address_is_listen_only (HvsockAddress *address)
{
  HvsockHypervAddress *self = HVSOCK_HYPERV_ADDRESS (address);

  for (gsize i = 0; self->vm_name == NULL && i < G_N_ELEMENTS (well_known); i++)
    if (hvsock_guid_equal (&self->vm_id, &well_known[i].vm_id))
      return well_known[i].listen_only;

  return FALSE;
}

static void
hvsock_hyperv_address_get_property (GObject *object, guint id, GValue *value, GParamSpec *pspec)
{
  HvsockHypervAddress *self = HVSOCK_HYPERV_ADDRESS (object);

  switch (id)
    {
    case PROP_VM_ID:
      g_value_set_boxed (value, hvsock_hyperv_address_get_vm_id (self));
      break;
    case PROP_VM_NAME:
      g_value_set_string (value, self->vm_name);
      break;
    case PROP_SERVICE_ID:
      g_value_set_boxed (value, &self->service_id);
      break;
    default:
      G_OBJECT_WARN_INVALID_PROPERTY_ID (object, id, pspec);
    }
}

static void
set_guid (HvsockGuid *guid, const GValue *value)
{
  const HvsockGuid *given = g_value_get_boxed (value);

  if (given != NULL)
    *guid = *given;
}

static void
hvsock_hyperv_address_set_property (GObject *object,
                                    guint id,
                                    const GValue *value,
                                    GParamSpec *pspec)
{
  HvsockHypervAddress *self = HVSOCK_HYPERV_ADDRESS (object);

  switch (id)
    {
    case PROP_VM_ID:
      set_guid (&self->vm_id, value);
      break;
    case PROP_VM_NAME:
      self->vm_name = g_value_dup_string (value);
      break;
    case PROP_SERVICE_ID:
      set_guid (&self->service_id, value);
      break;
    default:
      G_OBJECT_WARN_INVALID_PROPERTY_ID (object, id, pspec);
    }
}

static void
hvsock_hyperv_address_finalize (GObject *object)
{
  HvsockHypervAddress *self = HVSOCK_HYPERV_ADDRESS (object);

  g_free (self->vm_name);

  G_OBJECT_CLASS (hvsock_hyperv_address_parent_class)->finalize (object);
}

static void
hvsock_hyperv_address_class_init (HvsockHypervAddressClass *klass)
{
  GObjectClass *object_class = G_OBJECT_CLASS (klass);
  HvsockAddressClass *address_class = HVSOCK_ADDRESS_CLASS (klass);

  object_class->get_property = hvsock_hyperv_address_get_property;
  object_class->set_property = hvsock_hyperv_address_set_property;
  object_class->finalize = hvsock_hyperv_address_finalize;
  address_class->to_uri = hvsock_hyperv_address_to_uri;
  address_class->is_listen_only = hvsock_hyperv_address_is_listen_only;

  /**
   * HvsockHypervAddress:vm-id:
   *
   * The GUID of the VM; %NULL while only its name is known.
   *
   * Since: 1.0
   */
  properties[PROP_VM_ID] =
      g_param_spec_boxed ("vm-id", NULL, NULL, HVSOCK_TYPE_GUID, HVSOCK_ADDRESS_PARAM_FLAGS);

  /**
   * HvsockHypervAddress:vm-name:
   *
   * The name of the VM; %NULL where its GUID is known.
   *
   * Since: 1.0
   */
  properties[PROP_VM_NAME] =
      g_param_spec_string ("vm-name", NULL, NULL, NULL, HVSOCK_ADDRESS_PARAM_FLAGS);

  /**
   * HvsockHypervAddress:service-id:
   *
   * The GUID of the service.
   *
   * Since: 1.0
   */
  properties[PROP_SERVICE_ID] =
      g_param_spec_boxed ("service-id", NULL, NULL, HVSOCK_TYPE_GUID, HVSOCK_ADDRESS_PARAM_FLAGS);

  g_object_class_install_properties (object_class, N_PROPERTIES, properties);
}

static void
hvsock_hyperv_address_init (HvsockHypervAddress *self)
{
}

/**
 * hvsock_hyperv_address_new:
 * @vm_id: the GUID of a VM, or a well-known one
 * @service_id: the GUID of a service
 *
 * Makes the address of a service of the VM that has this GUID.
 *
 * Returns: (transfer full) (type HvsockHypervAddress): the address
 *
 * Since: 1.0
 */
HvsockAddress *
hvsock_hyperv_address_new (const HvsockGuid *vm_id, const HvsockGuid *service_id)
{
  g_return_val_if_fail (vm_id != NULL, NULL);
  g_return_val_if_fail (service_id != NULL, NULL);

  return g_object_new (HVSOCK_TYPE_HYPERV_ADDRESS, "vm-id", vm_id, "service-id", service_id, NULL);
}

/**
 * hvsock_hyperv_address_new_for_name:
 * @vm_name: the name of a VM in UTF-8, not empty; always a name, even if it reads like a GUID or a
 *   word for a well-known VM
 * @service_id: the GUID of a service
 *
 * Makes the address of a service of the VM that has this name.
 *
 * Nothing is resolved: hvsock_hyperv_address_get_vm_id() gives %NULL, and the address has no native
 * form.
 *
 * Returns: (transfer full) (type HvsockHypervAddress): the address
 *
 * Since: 1.0
 */
HvsockAddress *
hvsock_hyperv_address_new_for_name (const char *vm_name, const HvsockGuid *service_id)
{
  g_return_val_if_fail (vm_name != NULL && *vm_name != '\0', NULL);
  g_return_val_if_fail (g_utf8_validate (vm_name, -1, NULL), NULL);
  g_return_val_if_fail (service_id != NULL, NULL);

  return g_object_new (HVSOCK_TYPE_HYPERV_ADDRESS, "vm-name", vm_name, "service-id", service_id,
                       NULL);
}

static gboolean
read_service (const HvsockUri *parts, HvsockGuid *service_id, GError **error)
{
  const char *path = hvsock_uri_get_path (parts);
  const char *service = *path == '/' ? path + 1 : path;
  guint64 port;

  if (hvsock_uri_get_port (parts) != NULL || *service == '\0')
    hvsock_uri_set_error (parts, error,
                          "expected '/' and the GUID or port of a service after '://%s'",
                          hvsock_uri_get_host (parts));
  else if (hvsock_guid_parse (service_id, service))
    return TRUE;
  else if (hvsock_uri_parse_number (service, G_MAXUINT32, &port))
    {
      hvsock_guid_init_from_port (service_id, (guint32) port);
      return TRUE;
    }
  else
    {
      gboolean like_a_file = strpbrk (service, "/.") != NULL;

      hvsock_uri_set_error (
          parts, error,
          "expected one GUID without braces, or a port from 0 to %u, after '/', not '%s'%s",
          G_MAXUINT32, service,
          like_a_file ? ": the Unix socket of a VM is written 'vsock-mux://:PORT/SOCKET'" : "");
    }

  return FALSE;
}

static char *
read_vm_name (const HvsockUri *parts, GError **error)
{
  g_autofree char *name = g_uri_unescape_string (hvsock_uri_get_host (parts), NULL);

  if (name != NULL && g_utf8_validate (name, -1, NULL))
    return g_steal_pointer (&name);

  hvsock_uri_set_error (parts, error, "expected a VM's name in UTF-8, without NUL, after '://'");
  return NULL;
}

static HvsockAddress *
new_from_parts (const HvsockUri *parts, const HvsockGuid *service_id, GError **error)
{
  const char *host = hvsock_uri_get_host (parts);
  const HvsockGuid *well_known_id = hvsock_hyperv_address_find_vm_id (host);
  g_autofree char *vm_name = NULL;
  HvsockGuid vm_id;

  if (well_known_id != NULL)
    return hvsock_hyperv_address_new (well_known_id, service_id);
  if (hvsock_guid_parse (&vm_id, host))
    return hvsock_hyperv_address_new (&vm_id, service_id);

  vm_name = read_vm_name (parts, error);
  return vm_name != NULL ? hvsock_hyperv_address_new_for_name (vm_name, service_id) : NULL;
}

/**
 * hvsock_hyperv_address_new_from_uri:
 * @uri: a URI, `hvsock://[VM]/SERVICE`
 * @error: return location of an error
 *
 * Makes the address of a service of a VM from a URI.
 *
 * Returns: (transfer full) (nullable) (type HvsockHypervAddress): the address; %NULL with
 *   %HVSOCK_ERROR_INVALID_URI if @uri is malformed
 *
 * Since: 1.0
 */
HvsockAddress *
hvsock_hyperv_address_new_from_uri (const char *uri, GError **error)
{
  g_autoptr (HvsockUri) parts = NULL;
  HvsockAddress *address;
  HvsockGuid service_id;

  g_return_val_if_fail (uri != NULL, NULL);

  parts = hvsock_uri_split_for_scheme (uri, "hvsock", NULL, error);
  if (parts == NULL || !read_service (parts, &service_id, error))
    return NULL;

  address = new_from_parts (parts, &service_id, error);
  return address != NULL ? hvsock_address_take_framing (address, parts) : NULL;
}

/**
 * hvsock_hyperv_address_get_vm_id:
 * @self: an address
 *
 * Gets the GUID of the VM.
 *
 * Returns: (transfer none) (nullable): the GUID; %NULL while only the VM's name is known
 *
 * Since: 1.0
 */
const HvsockGuid *
hvsock_hyperv_address_get_vm_id (HvsockHypervAddress *self)
{
  g_return_val_if_fail (HVSOCK_IS_HYPERV_ADDRESS (self), NULL);

  return self->vm_name == NULL ? &self->vm_id : NULL;
}

/**
 * hvsock_hyperv_address_get_vm_name:
 * @self: an address
 *
 * Gets the name of the VM.
 *
 * Returns: (transfer none) (nullable): the name; %NULL where the VM's GUID is known
 *
 * Since: 1.0
 */
const char *
hvsock_hyperv_address_get_vm_name (HvsockHypervAddress *self)
{
  g_return_val_if_fail (HVSOCK_IS_HYPERV_ADDRESS (self), NULL);

  return self->vm_name;
}

/**
 * hvsock_hyperv_address_get_service_id:
 * @self: an address
 *
 * Gets the GUID of the service.
 *
 * hvsock_guid_get_port() tells whether it stands for a vsock port.
 *
 * Returns: (transfer none): the GUID
 *
 * Since: 1.0
 */
const HvsockGuid *
hvsock_hyperv_address_get_service_id (HvsockHypervAddress *self)
{
  g_return_val_if_fail (HVSOCK_IS_HYPERV_ADDRESS (self), NULL);

  return &self->service_id;
}

/**
 * hvsock_hyperv_address_find_vm_id:
 * @word: (nullable): `wildcard`, `children`, `parent`, `loopback` or `silohost`; %NULL and empty
 *   are the wildcard
 *
 * Gets the GUID of a VM that Hyper-V has a GUID for by its role.
 *
 * This function may be called from any thread.
 *
 * Returns: (transfer none) (nullable): the GUID, valid for ever; %NULL if @word is no such word
 *
 * Since: 1.0
 */
const HvsockGuid *
hvsock_hyperv_address_find_vm_id (const char *word)
{
  for (gsize i = 0; i < G_N_ELEMENTS (well_known); i++)
    if (g_str_equal (word != NULL ? word : "", well_known[i].word))
      return &well_known[i].vm_id;

  return NULL;
}
