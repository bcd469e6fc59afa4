/* SPDX-License-Identifier: LGPL-2.1-or-later
 * Copyright the libhvsock authors */

/* vsock-mux://:PORT/SOCKET: a vsock port of the VM that one Unix socket stands for. */

#include <hvsock/hvsock-mux-address.h>

#include "address/hvsock-address-private.h"
#include "address/hvsock-uri-private.h"

/**
 * HvsockMuxAddress:
 *
 * A vsock port behind the Unix socket of a VM: `vsock-mux://:PORT/SOCKET`.
 *
 * Firecracker, Cloud Hypervisor and vhost-device-vsock give each VM such a socket, which carries
 * all its ports. As the socket stands for the VM, the URI has no CID. All ports from 0 to
 * 4294967295 are ordinary ones: none means "any".
 *
 * Since: 1.0
 */
struct _HvsockMuxAddress
{
  HvsockAddress parent_instance;

  guint32 port;
  char *path;
};

G_DEFINE_FINAL_TYPE (HvsockMuxAddress, hvsock_mux_address, HVSOCK_TYPE_ADDRESS)

enum
{
  PROP_PORT = 1,
  PROP_PATH,
  N_PROPERTIES,
};

static GParamSpec *properties[N_PROPERTIES];

static char *
hvsock_mux_address_to_uri (HvsockAddress *address)
{
  HvsockMuxAddress *self = HVSOCK_MUX_ADDRESS (address);
  g_autofree char *path = hvsock_uri_encode_path (self->path);

  return g_strdup_printf ("vsock-mux://:%u%s", self->port, path);
}

static void
hvsock_mux_address_get_property (GObject *object, guint id, GValue *value, GParamSpec *pspec)
{
  HvsockMuxAddress *self = HVSOCK_MUX_ADDRESS (object);

  switch (id)
    {
    case PROP_PORT:
      g_value_set_uint (value, self->port);
      break;
    case PROP_PATH:
      g_value_set_string (value, self->path);
      break;
    default:
      G_OBJECT_WARN_INVALID_PROPERTY_ID (object, id, pspec);
    }
}

static void
hvsock_mux_address_set_property (GObject *object, guint id, const GValue *value, GParamSpec *pspec)
{
  HvsockMuxAddress *self = HVSOCK_MUX_ADDRESS (object);

  switch (id)
    {
    case PROP_PORT:
      self->port = g_value_get_uint (value);
      break;
    case PROP_PATH:
      self->path = g_value_dup_string (value);
      break;
    default:
      G_OBJECT_WARN_INVALID_PROPERTY_ID (object, id, pspec);
    }
}

static void
hvsock_mux_address_finalize (GObject *object)
{
  HvsockMuxAddress *self = HVSOCK_MUX_ADDRESS (object);

  g_free (self->path);

  G_OBJECT_CLASS (hvsock_mux_address_parent_class)->finalize (object);
}

static void
hvsock_mux_address_class_init (HvsockMuxAddressClass *klass)
{
  GObjectClass *object_class = G_OBJECT_CLASS (klass);

  object_class->get_property = hvsock_mux_address_get_property;
  object_class->set_property = hvsock_mux_address_set_property;
  object_class->finalize = hvsock_mux_address_finalize;
  HVSOCK_ADDRESS_CLASS (klass)->to_uri = hvsock_mux_address_to_uri;

  /**
   * HvsockMuxAddress:port:
   *
   * The vsock port.
   *
   * Since: 1.0
   */
  properties[PROP_PORT] =
      g_param_spec_uint ("port", NULL, NULL, 0, G_MAXUINT32, 0, HVSOCK_ADDRESS_PARAM_FLAGS);

  /**
   * HvsockMuxAddress:path: (type filename)
   *
   * The path of the VM's Unix socket, not empty.
   *
   * Since: 1.0
   */
  properties[PROP_PATH] =
      g_param_spec_string ("path", NULL, NULL, NULL, HVSOCK_ADDRESS_PARAM_FLAGS);

  g_object_class_install_properties (object_class, N_PROPERTIES, properties);
}

static void
hvsock_mux_address_init (HvsockMuxAddress *self)
{
}

/**
 * hvsock_mux_address_new:
 * @port: a vsock port
 * @path: (type filename): the path of the VM's Unix socket, not empty
 *
 * Makes the address of a vsock port behind the Unix socket of a VM.
 *
 * Returns: (transfer full) (type HvsockMuxAddress): the address
 *
 * Since: 1.0
 */
HvsockAddress *
hvsock_mux_address_new (guint32 port, const char *path)
{
  g_return_val_if_fail (path != NULL && *path != '\0', NULL);

  return g_object_new (HVSOCK_TYPE_MUX_ADDRESS, "port", port, "path", path, NULL);
}

/**
 * hvsock_mux_address_new_from_uri:
 * @uri: a URI, `vsock-mux://:PORT/SOCKET`
 * @error: return location of an error
 *
 * Makes the address of a vsock port behind the Unix socket of a VM from a URI.
 *
 * Returns: (transfer full) (nullable) (type HvsockMuxAddress): the address; %NULL with
 *   %HVSOCK_ERROR_INVALID_URI if @uri is malformed
 *
 * Since: 1.0
 */
HvsockAddress *
hvsock_mux_address_new_from_uri (const char *uri, GError **error)
{
  g_autoptr (HvsockUri) parts = NULL;
  g_autofree char *path = NULL;
  guint32 port;

  g_return_val_if_fail (uri != NULL, NULL);

  parts = hvsock_uri_split_for_scheme (uri, "vsock-mux", NULL, error);
  if (parts == NULL)
    return NULL;

  if (*hvsock_uri_get_host (parts) != '\0')
    {
      hvsock_uri_set_error (parts, error,
                            "expected ':' directly after '://', not '%s': "
                            "the path of its socket names the VM",
                            hvsock_uri_get_host (parts));
      return NULL;
    }

  if (!hvsock_uri_read_port (parts, &port, error))
    return NULL;

  path = hvsock_uri_decode_path (parts, error);
  if (path == NULL)
    return NULL;

  return hvsock_address_take_framing (hvsock_mux_address_new (port, path), parts);
}

/**
 * hvsock_mux_address_get_port:
 * @self: an address
 *
 * Gets the vsock port.
 *
 * Returns: the port
 *
 * Since: 1.0
 */
guint32
hvsock_mux_address_get_port (HvsockMuxAddress *self)
{
  g_return_val_if_fail (HVSOCK_IS_MUX_ADDRESS (self), 0);

  return self->port;
}

/**
 * hvsock_mux_address_get_path:
 * @self: an address
 *
 * Gets the path of the VM's Unix socket.
 *
 * Returns: (transfer none) (type filename): the path, absolute or relative
 *
 * Since: 1.0
 */
const char *
hvsock_mux_address_get_path (HvsockMuxAddress *self)
{
  g_return_val_if_fail (HVSOCK_IS_MUX_ADDRESS (self), NULL);

  return self->path;
}
