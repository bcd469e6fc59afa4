/* SPDX-License-Identifier: LGPL-2.1-or-later
 * Copyright the libhvsock authors */

/* vsock://[HOST]:PORT: a CID and a port of AF_VSOCK, and how its socket is to be made. */

#include <hvsock/hvsock-vsock-address.h>

#include "address/hvsock-address-private.h"
#include "address/hvsock-uri-private.h"

/**
 * HvsockVsockAddress:
 *
 * A CID and a port of AF_VSOCK: `vsock://[HOST]:PORT`.
 *
 * The host is a CID or one of the words `hypervisor`, `local`, `host` and `any`; `-1` and nothing
 * mean any as well. The port is a number, where 0 is an ordinary port, or `any`, which is
 * 4294967295. An address with any host or any port is for listening only.
 *
 * Options follow after `?`, joined by `&`: `buffer-size` is the size of the socket's buffer in
 * bytes, `type` is `stream` or `seqpacket`. They are part of the address: two that differ in an
 * option are not equal.
 *
 * Since: 1.0
 */

/**
 * HVSOCK_CID_HYPERVISOR:
 *
 * The CID of the hypervisor.
 *
 * Since: 1.0
 */

/**
 * HVSOCK_CID_LOCAL:
 *
 * The CID of the machine itself (loopback).
 *
 * Since: 1.0
 */

/**
 * HVSOCK_CID_HOST:
 *
 * The CID of the host, as its guests call it.
 *
 * Since: 1.0
 */

/**
 * HVSOCK_CID_ANY:
 *
 * The CID that stands for each CID of the machine; for listening only.
 *
 * Since: 1.0
 */

/**
 * HVSOCK_PORT_ANY:
 *
 * The port that stands for a free one, chosen by the system; for listening only.
 *
 * Since: 1.0
 */

struct _HvsockVsockAddress
{
  HvsockAddress parent_instance;

  guint32 cid;
  guint32 port;
  GSocketType socket_type;
  guint64 buffer_size;
};

G_DEFINE_FINAL_TYPE (HvsockVsockAddress, hvsock_vsock_address, HVSOCK_TYPE_ADDRESS)

enum
{
  PROP_CID = 1,
  PROP_PORT,
  PROP_SOCKET_TYPE,
  PROP_BUFFER_SIZE,
  N_PROPERTIES,
};

static GParamSpec *properties[N_PROPERTIES];

static const char *const known_options[] = { "buffer-size", "type", NULL };

static const struct
{
  const char *word;
  guint32 cid;
} hosts[] = {
  { "", HVSOCK_CID_ANY },        { "any", HVSOCK_CID_ANY },
  { "-1", HVSOCK_CID_ANY },      { "hypervisor", HVSOCK_CID_HYPERVISOR },
  { "local", HVSOCK_CID_LOCAL }, { "host", HVSOCK_CID_HOST },
};

static char *
hvsock_vsock_address_to_uri (HvsockAddress *address)
{
  HvsockVsockAddress *self = HVSOCK_VSOCK_ADDRESS (address);
  GString *uri = g_string_new ("vsock://");
  char separator = '?';

  if (self->cid != HVSOCK_CID_ANY)
    g_string_append_printf (uri, "%u", self->cid);
  g_string_append_printf (uri, ":%u", self->port);

  if (self->buffer_size != 0)
    {
      g_string_append_printf (uri, "%cbuffer-size=%" G_GUINT64_FORMAT, separator,
                              self->buffer_size);
      separator = '&';
    }
  if (self->socket_type == G_SOCKET_TYPE_SEQPACKET)
    g_string_append_printf (uri, "%ctype=seqpacket", separator);

  return g_string_free (uri, FALSE);
}

static gboolean
hvsock_vsock_address_is_listen_only (HvsockAddress *address)
{
  HvsockVsockAddress *self = HVSOCK_VSOCK_ADDRESS (address);

  return self->cid == HVSOCK_CID_ANY || self->port == HVSOCK_PORT_ANY;
}

static void
hvsock_vsock_address_get_property (GObject *object, guint id, GValue *value, GParamSpec *pspec)
{
  HvsockVsockAddress *self = HVSOCK_VSOCK_ADDRESS (object);

  switch (id)
    {
    case PROP_CID:
      g_value_set_uint (value, self->cid);
      break;
    case PROP_PORT:
      g_value_set_uint (value, self->port);
      break;
    case PROP_SOCKET_TYPE:
      g_value_set_enum (value, self->socket_type);
      break;
    case PROP_BUFFER_SIZE:
      g_value_set_uint64 (value, self->buffer_size);
      break;
    default:
      G_OBJECT_WARN_INVALID_PROPERTY_ID (object, id, pspec);
    }
}

static void
hvsock_vsock_address_set_property (GObject *object,
                                   guint id,
                                   const GValue *value,
                                   GParamSpec *pspec)
{
  HvsockVsockAddress *self = HVSOCK_VSOCK_ADDRESS (object);

  switch (id)
    {
    case PROP_CID:
      self->cid = g_value_get_uint (value);
      break;
    case PROP_PORT:
      self->port = g_value_get_uint (value);
      break;
    case PROP_SOCKET_TYPE:
      self->socket_type = g_value_get_enum (value);
      break;
    case PROP_BUFFER_SIZE:
      self->buffer_size = g_value_get_uint64 (value);
      break;
    default:
      G_OBJECT_WARN_INVALID_PROPERTY_ID (object, id, pspec);
    }
}

static void
hvsock_vsock_address_class_init (HvsockVsockAddressClass *klass)
{
  GObjectClass *object_class = G_OBJECT_CLASS (klass);
  HvsockAddressClass *address_class = HVSOCK_ADDRESS_CLASS (klass);

  object_class->get_property = hvsock_vsock_address_get_property;
  object_class->set_property = hvsock_vsock_address_set_property;
  address_class->to_uri = hvsock_vsock_address_to_uri;
  address_class->is_listen_only = hvsock_vsock_address_is_listen_only;

  /**
   * HvsockVsockAddress:cid:
   *
   * The CID, or %HVSOCK_CID_ANY.
   *
   * Since: 1.0
   */
  properties[PROP_CID] = g_param_spec_uint ("cid", NULL, NULL, 0, G_MAXUINT32, HVSOCK_CID_ANY,
                                            HVSOCK_ADDRESS_PARAM_FLAGS);

  /**
   * HvsockVsockAddress:port:
   *
   * The port, or %HVSOCK_PORT_ANY.
   *
   * Since: 1.0
   */
  properties[PROP_PORT] = g_param_spec_uint ("port", NULL, NULL, 0, G_MAXUINT32, HVSOCK_PORT_ANY,
                                             HVSOCK_ADDRESS_PARAM_FLAGS);

  /**
   * HvsockVsockAddress:socket-type:
   *
   * The type of the socket: %G_SOCKET_TYPE_STREAM or %G_SOCKET_TYPE_SEQPACKET.
   *
   * Since: 1.0
   */
  properties[PROP_SOCKET_TYPE] =
      g_param_spec_enum ("socket-type", NULL, NULL, G_TYPE_SOCKET_TYPE, G_SOCKET_TYPE_STREAM,
                         HVSOCK_ADDRESS_PARAM_FLAGS);

  /**
   * HvsockVsockAddress:buffer-size:
   *
   * The size of the socket's buffer in bytes, 0 for the system's default.
   *
   * Since: 1.0
   */
  properties[PROP_BUFFER_SIZE] = g_param_spec_uint64 ("buffer-size", NULL, NULL, 0, G_MAXUINT64, 0,
                                                      HVSOCK_ADDRESS_PARAM_FLAGS);

  g_object_class_install_properties (object_class, N_PROPERTIES, properties);
}

static void
hvsock_vsock_address_init (HvsockVsockAddress *self)
{
}

/**
 * hvsock_vsock_address_new:
 * @cid: a CID, or %HVSOCK_CID_ANY
 * @port: a port, or %HVSOCK_PORT_ANY
 *
 * Makes the address of a vsock stream with the system's buffer size.
 *
 * Returns: (transfer full) (type HvsockVsockAddress): the address
 *
 * Since: 1.0
 */
HvsockAddress *
hvsock_vsock_address_new (guint32 cid, guint32 port)
{
  return hvsock_vsock_address_new_full (cid, port, G_SOCKET_TYPE_STREAM, 0);
}

/**
 * hvsock_vsock_address_new_full:
 * @cid: a CID, or %HVSOCK_CID_ANY
 * @port: a port, or %HVSOCK_PORT_ANY
 * @socket_type: %G_SOCKET_TYPE_STREAM or %G_SOCKET_TYPE_SEQPACKET
 * @buffer_size: size of the socket's buffer in bytes, 0 for the system's default
 *
 * Makes the address of a vsock service with all that an address may say.
 *
 * Whether the system has sequenced packets, and which sizes it takes, shows when the address is
 * used.
 *
 * Returns: (transfer full) (type HvsockVsockAddress): the address
 *
 * Since: 1.0
 */
HvsockAddress *
hvsock_vsock_address_new_full (guint32 cid,
                               guint32 port,
                               GSocketType socket_type,
                               guint64 buffer_size)
{
  g_return_val_if_fail (
      socket_type == G_SOCKET_TYPE_STREAM || socket_type == G_SOCKET_TYPE_SEQPACKET, NULL);

  return g_object_new (HVSOCK_TYPE_VSOCK_ADDRESS, "cid", cid, "port", port, "socket-type",
                       socket_type, "buffer-size", buffer_size, NULL);
}

static gboolean
read_cid (const HvsockUri *parts, guint32 *cid, GError **error)
{
  const char *host = hvsock_uri_get_host (parts);
  guint64 number;

  for (gsize i = 0; i < G_N_ELEMENTS (hosts); i++)
    if (g_str_equal (host, hosts[i].word))
      {
        *cid = hosts[i].cid;
        return TRUE;
      }

  if (!hvsock_uri_parse_number (host, G_MAXUINT32, &number))
    {
      hvsock_uri_set_error (parts, error,
                            "expected a CID from 0 to %u, 'any', 'hypervisor', 'local' or 'host' "
                            "after '://', not '%s'",
                            G_MAXUINT32, host);
      return FALSE;
    }

  *cid = (guint32) number;
  return TRUE;
}

static gboolean
read_port (const HvsockUri *parts, guint32 *port, GError **error)
{
  if (g_strcmp0 (hvsock_uri_get_port (parts), "any") != 0)
    return hvsock_uri_read_port (parts, port, error);

  *port = HVSOCK_PORT_ANY;
  return TRUE;
}

static gboolean
check_path (const HvsockUri *parts, GError **error)
{
  const char *path = hvsock_uri_get_path (parts);

  if (*path == '\0' || g_str_equal (path, "/"))
    return TRUE;

  hvsock_uri_set_error (parts, error, "expected no path after the port, not '%s'", path);
  return FALSE;
}

static gboolean
read_options (const HvsockUri *parts,
              GSocketType *socket_type,
              guint64 *buffer_size,
              GError **error)
{
  const char *type = hvsock_uri_get_option (parts, "type");
  const char *size = hvsock_uri_get_option (parts, "buffer-size");

  if (g_strcmp0 (type, "seqpacket") == 0)
    *socket_type = G_SOCKET_TYPE_SEQPACKET;
  else if (type == NULL || g_str_equal (type, "stream"))
    *socket_type = G_SOCKET_TYPE_STREAM;
  else
    {
      hvsock_uri_set_error (parts, error,
                            "expected 'stream' or 'seqpacket' after 'type=', not '%s'", type);
      return FALSE;
    }

  if (*socket_type == G_SOCKET_TYPE_SEQPACKET &&
      hvsock_uri_get_option (parts, HVSOCK_URI_FRAMING) != NULL)
    {
      hvsock_uri_set_error (parts, error,
                            "expected no 'framing' beside 'type=seqpacket': it is for streams");
      return FALSE;
    }

  *buffer_size = 0;
  if (size != NULL &&
      (!hvsock_uri_parse_number (size, G_MAXUINT64, buffer_size) || *buffer_size == 0))
    {
      hvsock_uri_set_error (parts, error,
                            "expected a number of bytes from 1 to %" G_GUINT64_FORMAT
                            " after 'buffer-size=', not '%s'",
                            G_MAXUINT64, size);
      return FALSE;
    }

  return TRUE;
}

/**
 * hvsock_vsock_address_new_from_uri:
 * @uri: a URI, `vsock://[HOST]:PORT`
 * @error: return location of an error
 *
 * Makes the address of a vsock service from a URI.
 *
 * Returns: (transfer full) (nullable) (type HvsockVsockAddress): the address; %NULL with
 *   %HVSOCK_ERROR_INVALID_URI if @uri is malformed
 *
 * Since: 1.0
 */
HvsockAddress *
hvsock_vsock_address_new_from_uri (const char *uri, GError **error)
{
  g_autoptr (HvsockUri) parts = NULL;
  guint32 cid;
  guint32 port;
  GSocketType socket_type;
  guint64 buffer_size;

  g_return_val_if_fail (uri != NULL, NULL);

  parts = hvsock_uri_split_for_scheme (uri, "vsock", known_options, error);
  if (parts == NULL || !read_cid (parts, &cid, error) || !read_port (parts, &port, error) ||
      !check_path (parts, error) || !read_options (parts, &socket_type, &buffer_size, error))
    return NULL;

  return hvsock_address_take_framing (
      hvsock_vsock_address_new_full (cid, port, socket_type, buffer_size), parts);
}

/**
 * hvsock_vsock_address_get_cid:
 * @self: an address
 *
 * Gets the CID.
 *
 * Returns: the CID, or %HVSOCK_CID_ANY
 *
 * Since: 1.0
 */
guint32
hvsock_vsock_address_get_cid (HvsockVsockAddress *self)
{
  g_return_val_if_fail (HVSOCK_IS_VSOCK_ADDRESS (self), HVSOCK_CID_ANY);

  return self->cid;
}

/**
 * hvsock_vsock_address_get_port:
 * @self: an address
 *
 * Gets the port.
 *
 * Returns: the port, or %HVSOCK_PORT_ANY
 *
 * Since: 1.0
 */
guint32
hvsock_vsock_address_get_port (HvsockVsockAddress *self)
{
  g_return_val_if_fail (HVSOCK_IS_VSOCK_ADDRESS (self), HVSOCK_PORT_ANY);

  return self->port;
}

/**
 * hvsock_vsock_address_get_socket_type:
 * @self: an address
 *
 * Gets the type of the socket.
 *
 * Returns: %G_SOCKET_TYPE_STREAM or %G_SOCKET_TYPE_SEQPACKET
 *
 * Since: 1.0
 */
GSocketType
hvsock_vsock_address_get_socket_type (HvsockVsockAddress *self)
{
  g_return_val_if_fail (HVSOCK_IS_VSOCK_ADDRESS (self), G_SOCKET_TYPE_INVALID);

  return self->socket_type;
}

/**
 * hvsock_vsock_address_get_buffer_size:
 * @self: an address
 *
 * Gets the size of the socket's buffer.
 *
 * Returns: the size in bytes, 0 for the system's default
 *
 * Since: 1.0
 */
guint64
hvsock_vsock_address_get_buffer_size (HvsockVsockAddress *self)
{
  g_return_val_if_fail (HVSOCK_IS_VSOCK_ADDRESS (self), 0);

  return self->buffer_size;
}
