/* SPDX-License-Identifier: LGPL-2.1-or-later
 * Copyright the libhvsock authors */

/* abstract://NAME: what a URI of our scheme says, as data. Nothing here asks the system. */

#include "abstract-address.h"

#include <string.h>
#include <sys/un.h>

/* One byte of it is the NUL that makes a name abstract. */
#define LONGEST_NAME (sizeof ((struct sockaddr_un *) NULL)->sun_path - 1)

struct _AbstractAddress
{
  HvsockAddress parent_instance;

  char *name;
};

G_DEFINE_FINAL_TYPE (AbstractAddress, abstract_address, HVSOCK_TYPE_ADDRESS)

/* The canonical URI is all that the library needs: it prints, compares and hashes addresses by it.
 * Two addresses of one place must give the same text, and parsing that text the same address. */
static char *
abstract_address_to_uri (HvsockAddress *address)
{
  g_autofree char *host = g_uri_escape_string (ABSTRACT_ADDRESS (address)->name, NULL, FALSE);

  return g_strconcat ("abstract://", host, NULL);
}

static void
abstract_address_finalize (GObject *object)
{
  g_free (ABSTRACT_ADDRESS (object)->name);
  G_OBJECT_CLASS (abstract_address_parent_class)->finalize (object);
}

static void
abstract_address_class_init (AbstractAddressClass *klass)
{
  G_OBJECT_CLASS (klass)->finalize = abstract_address_finalize;
  HVSOCK_ADDRESS_CLASS (klass)->to_uri = abstract_address_to_uri;
}

static void
abstract_address_init (AbstractAddress *self)
{
}

/* hvsock_uri_split() knows the grammar that all schemes share; what the parts mean is ours to say.
 * Refuse what has no meaning instead of ignoring it, and tell what was expected where. */
HvsockAddress *
abstract_address_new_from_uri (const char *uri, GError **error)
{
  g_autoptr (HvsockUri) parts = hvsock_uri_split (uri, error);
  g_autofree char *name = NULL;
  AbstractAddress *self;

  if (parts == NULL || !hvsock_uri_check_options (parts, NULL, error))
    return NULL;

  if (hvsock_uri_get_port (parts) != NULL || *hvsock_uri_get_path (parts) != '\0')
    {
      hvsock_uri_set_error (parts, error,
                            "expected nothing after the name; in a name, write ':' as %%3A and "
                            "'/' as %%2F");
      return NULL;
    }

  /* NULL for an escaped NUL, which our names cannot have. */
  name = g_uri_unescape_string (hvsock_uri_get_host (parts), NULL);
  if (name == NULL || *name == '\0' || strlen (name) > LONGEST_NAME)
    {
      hvsock_uri_set_error (parts, error,
                            "expected a name of 1 to %" G_GSIZE_FORMAT " bytes, none of them NUL, "
                            "after '://'",
                            LONGEST_NAME);
      return NULL;
    }

  /* From here on it never changes, so that any thread may use it. */
  self = g_object_new (ABSTRACT_TYPE_ADDRESS, NULL);
  self->name = g_steal_pointer (&name);
  return HVSOCK_ADDRESS (self);
}

const char *
abstract_address_get_name (AbstractAddress *self)
{
  return self->name;
}
