/* SPDX-License-Identifier: LGPL-2.1-or-later
 * Copyright the libhvsock authors */

/* hyperkit://[GUEST_CID]:PORT/DIR: a vsock port of the Hyperkit VM whose sockets are in a folder.
 */

#include <hvsock/hvsock-hyperkit-address.h>

#include "address/hvsock-address-private.h"
#include "address/hvsock-uri-private.h"

/**
 * HVSOCK_HYPERKIT_DEFAULT_GUEST_CID:
 *
 * The CID that Hyperkit gives a guest unless it is told another.
 *
 * Since: 1.0
 */

#define LOWEST_GUEST_CID  3u
#define HIGHEST_GUEST_CID (G_MAXUINT32 - 1)

/**
 * HvsockHyperkitAddress:
 *
 * A vsock port of a Hyperkit VM: `hyperkit://[GUEST_CID]:PORT/DIR`.
 *
 * The VM's Unix sockets stand in the directory. The guest's CID, %HVSOCK_HYPERKIT_DEFAULT_GUEST_CID
 * by default, is from 3 to 4294967294. All ports from 0 to 4294967295 are ordinary ones: none means
 * "any", as each has its file.
 *
 * Since: 1.0
 */
struct _HvsockHyperkitAddress
{
  HvsockAddress parent_instance;

  guint32 guest_cid;
  guint32 port;
  char *directory;
};

G_DEFINE_FINAL_TYPE (HvsockHyperkitAddress, hvsock_hyperkit_address, HVSOCK_TYPE_ADDRESS)

enum
{
  PROP_GUEST_CID = 1,
  PROP_PORT,
  PROP_DIRECTORY,
  N_PROPERTIES,
};

static GParamSpec *properties[N_PROPERTIES];

static char *
hvsock_hyperkit_address_to_uri (HvsockAddress *address)
{
  HvsockHyperkitAddress *self = HVSOCK_HYPERKIT_ADDRESS (address);
  g_autofree char *path = hvsock_uri_encode_path (self->directory);

  if (self->guest_cid == HVSOCK_HYPERKIT_DEFAULT_GUEST_CID)
    return g_strdup_printf ("hyperkit://:%u%s", self->port, path);
  return g_strdup_printf ("hyperkit://%u:%u%s", self->guest_cid, self->port, path);
}

static void
hvsock_hyperkit_address_get_property (GObject *object, guint id, GValue *value, GParamSpec *pspec)
{
  HvsockHyperkitAddress *self = HVSOCK_HYPERKIT_ADDRESS (object);

  switch (id)
    {
    case PROP_GUEST_CID:
      g_value_set_uint (value, self->guest_cid);
      break;
    case PROP_PORT:
      g_value_set_uint (value, self->port);
      break;
    case PROP_DIRECTORY:
      g_value_set_string (value, self->directory);
      break;
    default:
      G_OBJECT_WARN_INVALID_PROPERTY_ID (object, id, pspec);
    }
}

static void
hvsock_hyperkit_address_set_property (GObject *object,
                                      guint id,
                                      const GValue *value,
                                      GParamSpec *pspec)
{
  HvsockHyperkitAddress *self = HVSOCK_HYPERKIT_ADDRESS (object);

  switch (id)
    {
    case PROP_GUEST_CID:
      self->guest_cid = g_value_get_uint (value);
      break;
    case PROP_PORT:
      self->port = g_value_get_uint (value);
      break;
    case PROP_DIRECTORY:
      self->directory = g_value_dup_string (value);
      break;
    default:
      G_OBJECT_WARN_INVALID_PROPERTY_ID (object, id, pspec);
    }
}

static void
hvsock_hyperkit_address_finalize (GObject *object)
{
  HvsockHyperkitAddress *self = HVSOCK_HYPERKIT_ADDRESS (object);

  g_free (self->directory);

  G_OBJECT_CLASS (hvsock_hyperkit_address_parent_class)->finalize (object);
}

static void
hvsock_hyperkit_address_class_init (HvsockHyperkitAddressClass *klass)
{
  GObjectClass *object_class = G_OBJECT_CLASS (klass);

  object_class->get_property = hvsock_hyperkit_address_get_property;
  object_class->set_property = hvsock_hyperkit_address_set_property;
  object_class->finalize = hvsock_hyperkit_address_finalize;
  HVSOCK_ADDRESS_CLASS (klass)->to_uri = hvsock_hyperkit_address_to_uri;

  /**
   * HvsockHyperkitAddress:guest-cid:
   *
   * The CID of the guest.
   *
   * Since: 1.0
   */
  properties[PROP_GUEST_CID] =
      g_param_spec_uint ("guest-cid", NULL, NULL, LOWEST_GUEST_CID, HIGHEST_GUEST_CID,
                         HVSOCK_HYPERKIT_DEFAULT_GUEST_CID, HVSOCK_ADDRESS_PARAM_FLAGS);

  /**
   * HvsockHyperkitAddress:port:
   *
   * The vsock port.
   *
   * Since: 1.0
   */
  properties[PROP_PORT] =
      g_param_spec_uint ("port", NULL, NULL, 0, G_MAXUINT32, 0, HVSOCK_ADDRESS_PARAM_FLAGS);

  /**
   * HvsockHyperkitAddress:directory: (type filename)
   *
   * The directory that holds the VM's Unix sockets, not empty.
   *
   * Since: 1.0
   */
  properties[PROP_DIRECTORY] =
      g_param_spec_string ("directory", NULL, NULL, NULL, HVSOCK_ADDRESS_PARAM_FLAGS);

  g_object_class_install_properties (object_class, N_PROPERTIES, properties);
}

static void
hvsock_hyperkit_address_init (HvsockHyperkitAddress *self)
{
}

/**
 * hvsock_hyperkit_address_new:
 * @guest_cid: the guest's CID, from 3 to 4294967294; %HVSOCK_HYPERKIT_DEFAULT_GUEST_CID as a rule
 * @port: a vsock port
 * @directory: (type filename): the directory that holds the VM's Unix sockets, not empty
 *
 * Makes the address of a vsock port of a Hyperkit VM.
 *
 * Returns: (transfer full) (type HvsockHyperkitAddress): the address
 *
 * Since: 1.0
 */
HvsockAddress *
hvsock_hyperkit_address_new (guint32 guest_cid, guint32 port, const char *directory)
{
  g_return_val_if_fail (guest_cid >= LOWEST_GUEST_CID && guest_cid <= HIGHEST_GUEST_CID, NULL);
  g_return_val_if_fail (directory != NULL && *directory != '\0', NULL);

  return g_object_new (HVSOCK_TYPE_HYPERKIT_ADDRESS, "guest-cid", guest_cid, "port", port,
                       "directory", directory, NULL);
}

static gboolean
read_guest_cid (const HvsockUri *parts, guint32 *guest_cid, GError **error)
{
  const char *host = hvsock_uri_get_host (parts);
  guint64 number = HVSOCK_HYPERKIT_DEFAULT_GUEST_CID;

  if (*host != '\0' &&
      (!hvsock_uri_parse_number (host, HIGHEST_GUEST_CID, &number) || number < LOWEST_GUEST_CID))
    {
      hvsock_uri_set_error (parts, error,
                            "expected a guest's CID from %u to %u, or nothing, before ':', "
                            "not '%s'",
                            LOWEST_GUEST_CID, HIGHEST_GUEST_CID, host);
      return FALSE;
    }

  *guest_cid = (guint32) number;
  return TRUE;
}

/**
 * hvsock_hyperkit_address_new_from_uri:
 * @uri: a URI, `hyperkit://[GUEST_CID]:PORT/DIR`
 * @error: return location of an error
 *
 * Makes the address of a vsock port of a Hyperkit VM from a URI.
 *
 * Returns: (transfer full) (nullable) (type HvsockHyperkitAddress): the address; %NULL with
 *   %HVSOCK_ERROR_INVALID_URI if @uri is malformed
 *
 * Since: 1.0
 */
HvsockAddress *
hvsock_hyperkit_address_new_from_uri (const char *uri, GError **error)
{
  g_autoptr (HvsockUri) parts = NULL;
  g_autofree char *directory = NULL;
  guint32 guest_cid;
  guint32 port;

  g_return_val_if_fail (uri != NULL, NULL);

  parts = hvsock_uri_split_for_scheme (uri, "hyperkit", NULL, error);
  if (parts == NULL || !read_guest_cid (parts, &guest_cid, error) ||
      !hvsock_uri_read_port (parts, &port, error))
    return NULL;

  directory = hvsock_uri_decode_path (parts, error);
  if (directory == NULL)
    return NULL;

  return hvsock_address_take_framing (hvsock_hyperkit_address_new (guest_cid, port, directory),
                                      parts);
}

/**
 * hvsock_hyperkit_address_get_guest_cid:
 * @self: an address
 *
 * Gets the CID of the guest.
 *
 * Returns: the CID
 *
 * Since: 1.0
 */
guint32
hvsock_hyperkit_address_get_guest_cid (HvsockHyperkitAddress *self)
{
  g_return_val_if_fail (HVSOCK_IS_HYPERKIT_ADDRESS (self), 0);

  return self->guest_cid;
}

/**
 * hvsock_hyperkit_address_get_port:
 * @self: an address
 *
 * Gets the vsock port.
 *
 * Returns: the port
 *
 * Since: 1.0
 */
guint32
hvsock_hyperkit_address_get_port (HvsockHyperkitAddress *self)
{
  g_return_val_if_fail (HVSOCK_IS_HYPERKIT_ADDRESS (self), 0);

  return self->port;
}

/**
 * hvsock_hyperkit_address_get_directory:
 * @self: an address
 *
 * Gets the directory that holds the VM's Unix sockets.
 *
 * Returns: (transfer none) (type filename): the directory, absolute or relative
 *
 * Since: 1.0
 */
const char *
hvsock_hyperkit_address_get_directory (HvsockHyperkitAddress *self)
{
  g_return_val_if_fail (HVSOCK_IS_HYPERKIT_ADDRESS (self), NULL);

  return self->directory;
}
