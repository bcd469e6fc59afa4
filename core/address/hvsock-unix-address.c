/* SPDX-License-Identifier: LGPL-2.1-or-later
 * Copyright the libhvsock authors */

/* unix:///PATH: a plain Unix socket, with no hypervisor at all. */

#include <hvsock/hvsock-unix-address.h>

#include "address/hvsock-address-private.h"
#include "address/hvsock-uri-private.h"

/**
 * HvsockUnixAddress:
 *
 * The path of a Unix socket: `unix:///PATH`.
 *
 * A path that begins with `/./` is relative: `unix:///./app.sock` is `./app.sock`.
 *
 * Since: 1.0
 */
struct _HvsockUnixAddress
{
  HvsockAddress parent_instance;

  char *path;
};

G_DEFINE_FINAL_TYPE (HvsockUnixAddress, hvsock_unix_address, HVSOCK_TYPE_ADDRESS)

enum
{
  PROP_PATH = 1,
  N_PROPERTIES,
};

static GParamSpec *properties[N_PROPERTIES];

static char *
hvsock_unix_address_to_uri (HvsockAddress *address)
{
  HvsockUnixAddress *self = HVSOCK_UNIX_ADDRESS (address);
  g_autofree char *path = hvsock_uri_encode_path (self->path);

  return g_strconcat ("unix://", path, NULL);
}

static void
hvsock_unix_address_get_property (GObject *object, guint id, GValue *value, GParamSpec *pspec)
{
  HvsockUnixAddress *self = HVSOCK_UNIX_ADDRESS (object);

  switch (id)
    {
    case PROP_PATH:
      g_value_set_string (value, self->path);
      break;
    default:
      G_OBJECT_WARN_INVALID_PROPERTY_ID (object, id, pspec);
    }
}

static void
hvsock_unix_address_set_property (GObject *object, guint id, const GValue *value, GParamSpec *pspec)
{
  HvsockUnixAddress *self = HVSOCK_UNIX_ADDRESS (object);

  switch (id)
    {
    case PROP_PATH:
      self->path = g_value_dup_string (value);
      break;
    default:
      G_OBJECT_WARN_INVALID_PROPERTY_ID (object, id, pspec);
    }
}

static void
hvsock_unix_address_finalize (GObject *object)
{
  HvsockUnixAddress *self = HVSOCK_UNIX_ADDRESS (object);

  g_free (self->path);

  G_OBJECT_CLASS (hvsock_unix_address_parent_class)->finalize (object);
}

static void
hvsock_unix_address_class_init (HvsockUnixAddressClass *klass)
{
  GObjectClass *object_class = G_OBJECT_CLASS (klass);

  object_class->get_property = hvsock_unix_address_get_property;
  object_class->set_property = hvsock_unix_address_set_property;
  object_class->finalize = hvsock_unix_address_finalize;
  HVSOCK_ADDRESS_CLASS (klass)->to_uri = hvsock_unix_address_to_uri;

  /**
   * HvsockUnixAddress:path: (type filename)
   *
   * The path of the socket, not empty.
   *
   * Since: 1.0
   */
  properties[PROP_PATH] =
      g_param_spec_string ("path", NULL, NULL, NULL, HVSOCK_ADDRESS_PARAM_FLAGS);

  g_object_class_install_properties (object_class, N_PROPERTIES, properties);
}

static void
hvsock_unix_address_init (HvsockUnixAddress *self)
{
}

/**
 * hvsock_unix_address_new:
 * @path: (type filename): the path of a Unix socket, not empty
 *
 * Makes the address of a Unix socket.
 *
 * Returns: (transfer full) (type HvsockUnixAddress): the address
 *
 * Since: 1.0
 */
HvsockAddress *
hvsock_unix_address_new (const char *path)
{
  g_return_val_if_fail (path != NULL && *path != '\0', NULL);

  return g_object_new (HVSOCK_TYPE_UNIX_ADDRESS, "path", path, NULL);
}

/**
 * hvsock_unix_address_new_from_uri:
 * @uri: a URI, `unix:///PATH`
 * @error: return location of an error
 *
 * Makes the address of a Unix socket from a URI.
 *
 * Returns: (transfer full) (nullable) (type HvsockUnixAddress): the address; %NULL with
 *   %HVSOCK_ERROR_INVALID_URI if @uri is malformed
 *
 * Since: 1.0
 */
HvsockAddress *
hvsock_unix_address_new_from_uri (const char *uri, GError **error)
{
  g_autoptr (HvsockUri) parts = NULL;
  g_autofree char *path = NULL;

  g_return_val_if_fail (uri != NULL, NULL);

  parts = hvsock_uri_split_for_scheme (uri, "unix", NULL, error);
  if (parts == NULL)
    return NULL;

  if (*hvsock_uri_get_host (parts) != '\0' || hvsock_uri_get_port (parts) != NULL)
    {
      hvsock_uri_set_error (parts, error,
                            "expected '/' and a path directly after '://', as in 'unix:///PATH'");
      return NULL;
    }

  path = hvsock_uri_decode_path (parts, error);
  if (path == NULL)
    return NULL;

  return hvsock_address_take_framing (hvsock_unix_address_new (path), parts);
}

/**
 * hvsock_unix_address_get_path:
 * @self: an address
 *
 * Gets the path of the socket.
 *
 * Returns: (transfer none) (type filename): the path, absolute or relative
 *
 * Since: 1.0
 */
const char *
hvsock_unix_address_get_path (HvsockUnixAddress *self)
{
  g_return_val_if_fail (HVSOCK_IS_UNIX_ADDRESS (self), NULL);

  return self->path;
}
