/* SPDX-License-Identifier: LGPL-2.1-or-later
 * Copyright the libhvsock authors */

/* The class above all addresses. An address is its canonical URI: equality, hash and text follow
 * from that, and a subclass adds no more than its parts. What the system makes of an address comes
 * from the table of the system's socket families. */

#include <hvsock/hvsock-address.h>

#include "address/hvsock-address-private.h"
#include "address/hvsock-native-private.h"
#include "address/hvsock-uri-private.h"
#include <hvsock/hvsock-error.h>
#include <hvsock/hvsock-hyperkit-address.h>
#include <hvsock/hvsock-hyperv-address.h>
#include <hvsock/hvsock-mux-address.h>
#include <hvsock/hvsock-unix-address.h>
#include <hvsock/hvsock-uri.h>
#include <hvsock/hvsock-vsock-address.h>

/**
 * HvsockAddress:
 *
 * Where a service is, in the terms of one transport.
 *
 * Addresses are data: they are immutable, may be used from any thread, exist on every platform, and
 * making one asks nothing of the system. A plugin may bring a subclass for a scheme of its own.
 *
 * As a #GSocketAddress an address has a family and a native form only where the system has the
 * family: #HvsockVsockAddress on Linux, #HvsockHypervAddress on Windows, #HvsockUnixAddress on
 * every Unix. Elsewhere the family is %G_SOCKET_FAMILY_INVALID, the native size is -1, and
 * g_socket_address_to_native() fails with %G_IO_ERROR_NOT_SUPPORTED. #HvsockHyperkitAddress and
 * #HvsockMuxAddress name a service behind a Unix socket and never have a native form.
 *
 * g_socket_connectable_to_string() gives the canonical URI.
 *
 * An address also says whether what is at its other end speaks the shutdown framing of
 * #the shutdown framing: `?framing=shutdown`, an option that the URIs of every scheme have. It is
 * part of the address: two that differ in it are not equal.
 *
 * Since: 1.0
 */

/**
 * HvsockAddressClass:
 * @to_uri: gives the canonical URI, without the option `framing`; a subclass must implement it
 * @is_listen_only: tells whether the address is for listening only; by default it is not
 * @is_connect_only: tells whether the address is for connecting only; by default it is not
 *
 * The virtual functions of #HvsockAddress. A subclass whose family the library does not know
 * overrides those of #GSocketAddress as well.
 *
 * Since: 1.0
 */

typedef struct
{
  gboolean is_framed;
} HvsockAddressPrivate;

static void connectable_init (GSocketConnectableIface *iface);

G_DEFINE_ABSTRACT_TYPE_WITH_CODE (HvsockAddress,
                                  hvsock_address,
                                  G_TYPE_SOCKET_ADDRESS,
                                  G_ADD_PRIVATE (HvsockAddress)
                                      G_IMPLEMENT_INTERFACE (G_TYPE_SOCKET_CONNECTABLE,
                                                             connectable_init))

static const struct
{
  const char *scheme;
  HvsockAddress *(*new_from_uri) (const char *uri, GError **error);
} schemes[] = {
  { "hvsock", hvsock_hyperv_address_new_from_uri },
  { "hyperkit", hvsock_hyperkit_address_new_from_uri },
  { "unix", hvsock_unix_address_new_from_uri },
  { "vsock", hvsock_vsock_address_new_from_uri },
  { "vsock-mux", hvsock_mux_address_new_from_uri },
};

static char *
list_schemes (void)
{
  const char *names[G_N_ELEMENTS (schemes) + 1] = { NULL };

  for (gsize i = 0; i < G_N_ELEMENTS (schemes); i++)
    names[i] = schemes[i].scheme;
  return g_strjoinv (", ", (char **) names);
}

static const HvsockNativeFamily *
find_native_family (GSocketAddress *address)
{
  for (gsize i = 0; hvsock_native_families[i] != NULL; i++)
    if (hvsock_native_families[i]->get_type () == G_OBJECT_TYPE (address))
      return hvsock_native_families[i];

  return NULL;
}

static GSocketFamily
hvsock_address_get_family (GSocketAddress *address)
{
  const HvsockNativeFamily *family = find_native_family (address);

  return family != NULL ? (GSocketFamily) family->family : G_SOCKET_FAMILY_INVALID;
}

static gssize
hvsock_address_get_native_size (GSocketAddress *address)
{
  const HvsockNativeFamily *family = find_native_family (address);

  return family != NULL ? (gssize) family->size : -1;
}

static gboolean
hvsock_address_to_native (GSocketAddress *address, gpointer native, gsize length, GError **error)
{
  const HvsockNativeFamily *family = find_native_family (address);
  g_autofree char *uri = NULL;

  if (family == NULL)
    g_set_error_literal (error, G_IO_ERROR, G_IO_ERROR_NOT_SUPPORTED,
                         "this system has no socket family for it");
  else if (length < family->size)
    g_set_error (error, G_IO_ERROR, G_IO_ERROR_NO_SPACE,
                 "it takes %" G_GSIZE_FORMAT " bytes, not %" G_GSIZE_FORMAT, family->size, length);
  else if (family->write (HVSOCK_ADDRESS (address), native, error))
    return TRUE;

  uri = hvsock_address_to_uri (HVSOCK_ADDRESS (address));
  g_prefix_error (error, "cannot make a native address of '%s': ", uri);
  return FALSE;
}

static gboolean
hvsock_address_real_is_limited (HvsockAddress *self)
{
  return FALSE;
}

static char *
hvsock_address_to_string (GSocketConnectable *connectable)
{
  return hvsock_address_to_uri (HVSOCK_ADDRESS (connectable));
}

/* GObject filled the interface with what GSocketAddress does: enumerating gives the address. */
static void
connectable_init (GSocketConnectableIface *iface)
{
  iface->to_string = hvsock_address_to_string;
}

static void
hvsock_address_class_init (HvsockAddressClass *klass)
{
  GSocketAddressClass *address_class = G_SOCKET_ADDRESS_CLASS (klass);

  address_class->get_family = hvsock_address_get_family;
  address_class->get_native_size = hvsock_address_get_native_size;
  address_class->to_native = hvsock_address_to_native;
  klass->is_listen_only = hvsock_address_real_is_limited;
  klass->is_connect_only = hvsock_address_real_is_limited;
}

static void
hvsock_address_init (HvsockAddress *self)
{
}

/**
 * hvsock_address_new_from_uri:
 * @uri: a URI
 * @error: return location of an error
 *
 * Makes an address from a URI of one of the built-in schemes: `hvsock`, `hyperkit`, `unix`, `vsock`
 * and `vsock-mux`, written in any case.
 *
 * No plugin is asked, so this works on every platform, and knows no schemes of other plugins:
 * hvsock_registry_resolve() does.
 *
 * Returns: (transfer full) (nullable): the address; %NULL with %HVSOCK_ERROR_INVALID_URI if the URI
 *   is malformed or its scheme is none of these
 *
 * Since: 1.0
 */
HvsockAddress *
hvsock_address_new_from_uri (const char *uri, GError **error)
{
  g_autoptr (HvsockUri) parts = NULL;
  g_autofree char *known = NULL;

  g_return_val_if_fail (uri != NULL, NULL);

  parts = hvsock_uri_split (uri, error);
  if (parts == NULL)
    return NULL;

  for (gsize i = 0; i < G_N_ELEMENTS (schemes); i++)
    if (g_str_equal (schemes[i].scheme, hvsock_uri_get_scheme (parts)))
      return schemes[i].new_from_uri (uri, error);

  known = list_schemes ();
  hvsock_uri_set_error (parts, error, "expected one of the schemes %s before '://', not '%s'",
                        known, hvsock_uri_get_scheme (parts));
  return NULL;
}

/**
 * hvsock_address_new_from_native:
 * @native: (array length=length) (element-type guint8): a `struct sockaddr` of the system, in any
 *   alignment
 * @length: its length in bytes
 *
 * Makes an address from what the system calls it, for instance in getpeername().
 *
 * `struct sockaddr_vm` becomes a #HvsockVsockAddress on Linux, `SOCKADDR_HV` a #HvsockHypervAddress
 * on Windows, and `struct sockaddr_un` a #HvsockUnixAddress on every Unix.
 *
 * That there is no such address is not an error: the connecting end of a Unix socket, for one,
 * seldom has a name.
 *
 * Returns: (transfer full) (nullable): the address; %NULL if @native is of another family, too
 * short for its family, or a Unix socket without a name or with an abstract one
 *
 * Since: 1.0
 */
HvsockAddress *
hvsock_address_new_from_native (gconstpointer native, gsize length)
{
  HvsockAddress *address = NULL;

  g_return_val_if_fail (native != NULL, NULL);

  for (gsize i = 0; address == NULL && hvsock_native_families[i] != NULL; i++)
    address = hvsock_native_families[i]->read (native, length);

  return address;
}

/**
 * hvsock_address_to_uri:
 * @self: an address
 *
 * Gets the canonical URI of an address: there is one for each address, and
 * hvsock_address_new_from_uri() makes an equal address from it.
 *
 * Returns: (transfer full): the URI
 *
 * Since: 1.0
 */
char *
hvsock_address_to_uri (HvsockAddress *self)
{
  g_autofree char *uri = NULL;

  g_return_val_if_fail (HVSOCK_IS_ADDRESS (self), NULL);

  uri = HVSOCK_ADDRESS_GET_CLASS (self)->to_uri (self);
  if (!hvsock_address_is_framed (self))
    return g_steal_pointer (&uri);
  return g_strconcat (uri, strchr (uri, '?') == NULL ? "?" : "&", HVSOCK_URI_FRAMING "=shutdown",
                      NULL);
}

/**
 * hvsock_address_is_listen_only:
 * @self: an address
 *
 * Tells whether an address is for listening only, because it names no single machine or no single
 * port. Connecting to it fails with %HVSOCK_ERROR_INVALID_URI.
 *
 * Returns: %TRUE if one can listen at @self, but not connect to it
 *
 * Since: 1.0
 */
gboolean
hvsock_address_is_listen_only (HvsockAddress *self)
{
  g_return_val_if_fail (HVSOCK_IS_ADDRESS (self), FALSE);

  return HVSOCK_ADDRESS_GET_CLASS (self)->is_listen_only (self);
}

/**
 * hvsock_address_is_connect_only:
 * @self: an address
 *
 * Tells whether an address is for connecting only, because it cannot be one of this machine.
 * Listening on it fails with %HVSOCK_ERROR_INVALID_URI.
 *
 * Returns: %TRUE if one can connect to @self, but not listen on it
 *
 * Since: 1.0
 */
gboolean
hvsock_address_is_connect_only (HvsockAddress *self)
{
  g_return_val_if_fail (HVSOCK_IS_ADDRESS (self), FALSE);

  return HVSOCK_ADDRESS_GET_CLASS (self)->is_connect_only (self);
}

void
hvsock_address_set_framed (HvsockAddress *address)
{
  HvsockAddressPrivate *priv = hvsock_address_get_instance_private (address);

  priv->is_framed = TRUE;
}

HvsockAddress *
hvsock_address_take_framing (HvsockAddress *address, const HvsockUri *parts)
{
  if (hvsock_uri_get_option (parts, HVSOCK_URI_FRAMING) != NULL)
    hvsock_address_set_framed (address);
  return address;
}

/**
 * hvsock_address_is_framed:
 * @self: an address
 *
 * Tells whether the URI of an address has the option `framing=shutdown`. [class@Client] then makes
 * a [class@FramedConnection] of each connection; a transport need not look at it.
 *
 * Returns: %TRUE if the shutdown framing is spoken there
 *
 * Since: 1.0
 */
gboolean
hvsock_address_is_framed (HvsockAddress *self)
{
  HvsockAddressPrivate *priv;

  g_return_val_if_fail (HVSOCK_IS_ADDRESS (self), FALSE);

  priv = hvsock_address_get_instance_private (self);
  return priv->is_framed;
}

/**
 * hvsock_address_equal:
 * @a: (type HvsockAddress): an address
 * @b: (type HvsockAddress): another
 *
 * Compares two addresses; suits #GHashTable. They are equal if they have the same type and the same
 * canonical URI.
 *
 * Returns: %TRUE if they are equal
 *
 * Since: 1.0
 */
gboolean
hvsock_address_equal (gconstpointer a, gconstpointer b)
{
  HvsockAddress *address_a = (HvsockAddress *) a;
  HvsockAddress *address_b = (HvsockAddress *) b;
  g_autofree char *uri_a = NULL;
  g_autofree char *uri_b = NULL;

  g_return_val_if_fail (HVSOCK_IS_ADDRESS (address_a), FALSE);
  g_return_val_if_fail (HVSOCK_IS_ADDRESS (address_b), FALSE);

  if (G_OBJECT_TYPE (address_a) != G_OBJECT_TYPE (address_b))
    return FALSE;

  uri_a = hvsock_address_to_uri (address_a);
  uri_b = hvsock_address_to_uri (address_b);
  return g_str_equal (uri_a, uri_b);
}

/**
 * hvsock_address_hash:
 * @address: (type HvsockAddress): an address
 *
 * Makes a hash of an address; suits #GHashTable.
 *
 * Returns: the hash, equal for equal addresses
 *
 * Since: 1.0
 */
guint
hvsock_address_hash (gconstpointer address)
{
  HvsockAddress *self = (HvsockAddress *) address;
  g_autofree char *uri = NULL;

  g_return_val_if_fail (HVSOCK_IS_ADDRESS (self), 0);

  uri = hvsock_address_to_uri (self);
  return g_str_hash (uri);
}
