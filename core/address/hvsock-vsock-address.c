/* SPDX-License-Identifier: LGPL-2.1-or-later
 * Copyright the libhvsock authors */

/* vsock://[HOST]:PORT: a CID and a port of AF_VSOCK, and how its socket is to be made. Reading one
 * is in hvsock-vsock-uri.c. */

#include <hvsock/hvsock-vsock-address.h>

#include "address/hvsock-address-private.h"
#include "address/hvsock-vsock-uri-private.h"

/**
 * HvsockVsockAddress:
 *
 * A CID and a port of AF_VSOCK: `vsock://[HOST]:PORT`.
 *
 * The host is a CID, one of the words `hypervisor`, `local`, `host` and `any`, or the name of a
 * machine; `-1` and nothing mean any as well. The port is a number, where 0 is an ordinary port, or
 * `any`, which is 4294967295. An address with any host or any port is for listening only.
 *
 * A name is one that systemd-machined has for a machine: a host name of up to 64 ASCII characters,
 * whose case counts, that begins with a letter and is none of the words in any case. It is kept as
 * it is: the transport resolves it to the machine's CID when the address is used. An address with a
 * name is for connecting only.
 *
 * Options follow after `?`, joined by `&`: `buffer-size` is the size of the socket's buffer in
 * bytes, `type` is `stream` or `seqpacket`, and `sibling=true` says that the CID is that of another
 * guest of the same host, which is reached through it: for connecting only. They are part of the
 * address: two that differ in an option are not equal.
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

  /* Either the name, or the CID where the name is NULL. */
  char *name;
  guint32 cid;
  guint32 port;
  GSocketType socket_type;
  guint64 buffer_size;
  gboolean is_sibling;
};

G_DEFINE_FINAL_TYPE (HvsockVsockAddress, hvsock_vsock_address, HVSOCK_TYPE_ADDRESS)

enum
{
  PROP_CID = 1,
  PROP_PORT,
  PROP_SOCKET_TYPE,
  PROP_BUFFER_SIZE,
  PROP_NAME,
  PROP_SIBLING,
  N_PROPERTIES,
};

static GParamSpec *properties[N_PROPERTIES];

static char *
hvsock_vsock_address_to_uri (HvsockAddress *address)
{
  HvsockVsockAddress *self = HVSOCK_VSOCK_ADDRESS (address);
  GString *uri = g_string_new ("vsock://");
  char separator = '?';

  if (self->name != NULL)
    g_string_append (uri, self->name);
  else if (self->cid != HVSOCK_CID_ANY)
    g_string_append_printf (uri, "%u", self->cid);
  g_string_append_printf (uri, ":%u", self->port);

  if (self->buffer_size != 0)
    {
      g_string_append_printf (uri, "%cbuffer-size=%" G_GUINT64_FORMAT, separator,
                              self->buffer_size);
      separator = '&';
    }
  if (self->is_sibling)
    {
      g_string_append_printf (uri, "%csibling=true", separator);
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

  return (self->name == NULL && self->cid == HVSOCK_CID_ANY) || self->port == HVSOCK_PORT_ANY;
}

static gboolean
hvsock_vsock_address_is_connect_only (HvsockAddress *address)
{
  HvsockVsockAddress *self = HVSOCK_VSOCK_ADDRESS (address);

  return self->name != NULL || self->is_sibling;
}

static void
hvsock_vsock_address_get_property (GObject *object, guint id, GValue *value, GParamSpec *pspec)
{
  HvsockVsockAddress *self = HVSOCK_VSOCK_ADDRESS (object);

  switch (id)
    {
    case PROP_CID:
      g_value_set_uint (value, hvsock_vsock_address_get_cid (self));
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
    case PROP_NAME:
      g_value_set_string (value, self->name);
      break;
    case PROP_SIBLING:
      g_value_set_boolean (value, self->is_sibling);
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
    case PROP_NAME:
      self->name = g_value_dup_string (value);
      break;
    case PROP_SIBLING:
      self->is_sibling = g_value_get_boolean (value);
      break;
    default:
      G_OBJECT_WARN_INVALID_PROPERTY_ID (object, id, pspec);
    }
}

static void
hvsock_vsock_address_finalize (GObject *object)
{
  g_free (HVSOCK_VSOCK_ADDRESS (object)->name);

  G_OBJECT_CLASS (hvsock_vsock_address_parent_class)->finalize (object);
}

static void
install_properties (GObjectClass *object_class)
{
  /**
   * HvsockVsockAddress:cid:
   *
   * The CID, or %HVSOCK_CID_ANY: that too while only the name of the machine is known.
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

  /**
   * HvsockVsockAddress:name:
   *
   * The name of the machine; %NULL where its CID is known.
   *
   * Since: 1.0
   */
  properties[PROP_NAME] =
      g_param_spec_string ("name", NULL, NULL, NULL, HVSOCK_ADDRESS_PARAM_FLAGS);

  /**
   * HvsockVsockAddress:sibling:
   *
   * Whether the CID is that of another guest of the same host, which is reached through the host.
   *
   * Since: 1.0
   */
  properties[PROP_SIBLING] =
      g_param_spec_boolean ("sibling", NULL, NULL, FALSE, HVSOCK_ADDRESS_PARAM_FLAGS);

  g_object_class_install_properties (object_class, N_PROPERTIES, properties);
}

static void
hvsock_vsock_address_class_init (HvsockVsockAddressClass *klass)
{
  GObjectClass *object_class = G_OBJECT_CLASS (klass);
  HvsockAddressClass *address_class = HVSOCK_ADDRESS_CLASS (klass);

  object_class->get_property = hvsock_vsock_address_get_property;
  object_class->set_property = hvsock_vsock_address_set_property;
  object_class->finalize = hvsock_vsock_address_finalize;
  address_class->to_uri = hvsock_vsock_address_to_uri;
  address_class->is_listen_only = hvsock_vsock_address_is_listen_only;
  address_class->is_connect_only = hvsock_vsock_address_is_connect_only;
  install_properties (object_class);
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
 * Makes the address of a vsock service, with the options that both connecting and listening have.
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

/**
 * hvsock_vsock_address_new_for_name:
 * @name: the name of a machine, as [class@VsockAddress] says
 * @port: a port, but not %HVSOCK_PORT_ANY
 *
 * Makes the address of a vsock stream to the machine that has this name.
 *
 * Nothing is resolved: hvsock_vsock_address_get_cid() gives %HVSOCK_CID_ANY, and the address has no
 * native form. It is for connecting only.
 *
 * Returns: (transfer full) (type HvsockVsockAddress): the address
 *
 * Since: 1.0
 */
HvsockAddress *
hvsock_vsock_address_new_for_name (const char *name, guint32 port)
{
  g_return_val_if_fail (name != NULL && hvsock_vsock_uri_is_name (name), NULL);
  g_return_val_if_fail (port != HVSOCK_PORT_ANY, NULL);

  return g_object_new (HVSOCK_TYPE_VSOCK_ADDRESS, "name", name, "port", port, NULL);
}

/**
 * hvsock_vsock_address_get_cid:
 * @self: an address
 *
 * Gets the CID.
 *
 * Returns: the CID, or %HVSOCK_CID_ANY: that too while only the name of the machine is known
 *
 * Since: 1.0
 */
guint32
hvsock_vsock_address_get_cid (HvsockVsockAddress *self)
{
  g_return_val_if_fail (HVSOCK_IS_VSOCK_ADDRESS (self), HVSOCK_CID_ANY);

  return self->name == NULL ? self->cid : HVSOCK_CID_ANY;
}

/**
 * hvsock_vsock_address_get_name:
 * @self: an address
 *
 * Gets the name of the machine.
 *
 * Returns: (transfer none) (nullable): the name; %NULL where the machine's CID is known
 *
 * Since: 1.0
 */
const char *
hvsock_vsock_address_get_name (HvsockVsockAddress *self)
{
  g_return_val_if_fail (HVSOCK_IS_VSOCK_ADDRESS (self), NULL);

  return self->name;
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

/**
 * hvsock_vsock_address_is_sibling:
 * @self: an address
 *
 * Tells whether the CID is that of another guest of the same host, which is reached through it.
 *
 * Returns: %TRUE if it is
 *
 * Since: 1.0
 */
gboolean
hvsock_vsock_address_is_sibling (HvsockVsockAddress *self)
{
  g_return_val_if_fail (HVSOCK_IS_VSOCK_ADDRESS (self), FALSE);

  return self->is_sibling;
}
