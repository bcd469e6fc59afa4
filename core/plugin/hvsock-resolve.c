/* SPDX-License-Identifier: LGPL-2.1-or-later
 * Copyright the libhvsock authors */

/* Which of the plugins that claim a scheme serves a URI: the first, in their order, that loads, is
 * available and takes the URI. When none does, the reasons of all are told. */

#include "plugin/hvsock-resolve-private.h"

#include "base/hvsock-deadline-private.h"

#include <hvsock/hvsock-error.h>

/* What cannot be done. A URI is not known to be UTF-8 before its plugin has read it. */
static char *
describe_operation (const HvsockQuery *query)
{
  g_autofree char *subject =
      g_utf8_make_valid (query->uri != NULL ? query->uri : query->scheme, -1);

  return g_strdup_printf (
      query->uri != NULL ? "cannot resolve '%s'" : "cannot find a transport for '%s'", subject);
}

static void
fail_without_candidate (HvsockCatalog *catalog, const HvsockQuery *query, GError **error)
{
  g_autofree char *operation = describe_operation (query);
  g_autofree char *description = hvsock_catalog_describe (catalog);

  g_set_error (error, HVSOCK_ERROR, HVSOCK_ERROR_NO_TRANSPORT,
               "%s: no plugin serves scheme '%s': %s", operation, query->scheme, description);
}

/* One candidate's error stays what it is. Several become one, which is about the URI when all of
 * them only disliked that. */
static void
fail_with_reasons (const HvsockQuery *query, GPtrArray *reasons, gboolean is_uri, GError **error)
{
  g_autofree char *operation = describe_operation (query);
  GString *text;

  if (reasons->len == 1)
    {
      g_propagate_error (error, g_ptr_array_steal_index (reasons, 0));
      if (!is_uri)
        g_prefix_error (error, "%s: ", operation);
      return;
    }

  text = g_string_new (NULL);
  for (guint i = 0; i < reasons->len; i++)
    g_string_append_printf (text, "%s%s", i > 0 ? "; " : "",
                            ((const GError *) reasons->pdata[i])->message);

  g_set_error (error, HVSOCK_ERROR, is_uri ? HVSOCK_ERROR_INVALID_URI : HVSOCK_ERROR_UNAVAILABLE,
               "%s: %s", operation, text->str);
  g_string_free (text, TRUE);
}

static HvsockTransport *
require (HvsockPluginSlot *slot,
         const HvsockQuery *query,
         GCancellable *cancellable,
         GError **error)
{
  HvsockTransport *available = hvsock_plugin_slot_get_available (slot);

  if (available != NULL)
    return available;

  if (!query->may_wait)
    {
      g_set_error_literal (error, G_IO_ERROR, G_IO_ERROR_WOULD_BLOCK, "a plugin must be probed");
      return NULL;
    }

  return hvsock_plugin_slot_require (slot, query->timeout, query->deadline, cancellable, error);
}

static gboolean
takes_uri (HvsockTransport *transport,
           const HvsockQuery *query,
           HvsockAddress **address,
           GError **error)
{
  g_autoptr (GError) reason = NULL;

  if (query->uri == NULL)
    return TRUE;

  *address = hvsock_transport_parse_address (transport, query->uri, &reason);
  if (*address != NULL)
    return TRUE;

  if (reason != NULL)
    g_propagate_error (error, g_steal_pointer (&reason));
  else
    g_set_error (error, HVSOCK_ERROR, HVSOCK_ERROR_INVALID_URI,
                 "'%s' is refused by transport '%s', which does not say why", query->uri,
                 hvsock_transport_get_name (transport));
  return FALSE;
}

/* Whether no other candidate is to be asked. */
static gboolean
is_final (const HvsockQuery *query, GCancellable *cancellable, const GError *error)
{
  return g_cancellable_is_cancelled (cancellable) || hvsock_deadline_has_passed (query->deadline) ||
         (!query->may_wait && g_error_matches (error, G_IO_ERROR, G_IO_ERROR_WOULD_BLOCK));
}

static HvsockTransport *
ask (HvsockCatalog *catalog,
     const HvsockQuery *query,
     HvsockAddress **address,
     GCancellable *cancellable,
     GError **error)
{
  const GPtrArray *candidates = hvsock_catalog_get_candidates (catalog, query->scheme);
  g_autoptr (GPtrArray) reasons = NULL;
  gboolean is_uri = TRUE;

  if (candidates == NULL)
    {
      fail_without_candidate (catalog, query, error);
      return NULL;
    }

  for (guint i = 0; i < candidates->len; i++)
    {
      g_autoptr (GError) reason = NULL;
      HvsockTransport *transport = require (candidates->pdata[i], query, cancellable, &reason);

      if (transport != NULL && takes_uri (transport, query, address, &reason))
        return g_object_ref (transport);

      is_uri = is_uri && transport != NULL;

      if (is_final (query, cancellable, reason))
        {
          g_autofree char *operation = describe_operation (query);

          g_propagate_prefixed_error (error, g_steal_pointer (&reason), "%s: ", operation);
          return NULL;
        }

      if (reasons == NULL)
        reasons = g_ptr_array_new_with_free_func ((GDestroyNotify) g_error_free);
      g_ptr_array_add (reasons, g_steal_pointer (&reason));
    }

  fail_with_reasons (query, reasons, is_uri, error);
  return NULL;
}

/* Finds the transport for @query, and with a URI the address that it stands for. */
HvsockTransport *
hvsock_resolve (HvsockCatalog *catalog,
                const HvsockQuery *query,
                HvsockAddress **address,
                GCancellable *cancellable,
                GError **error)
{
  g_autoptr (HvsockAddress) found = NULL;
  HvsockTransport *transport;

  if (g_cancellable_set_error_if_cancelled (cancellable, error))
    return NULL;

  transport = ask (catalog, query, &found, cancellable, error);
  if (address != NULL)
    *address = g_steal_pointer (&found);

  return transport;
}
