/* SPDX-License-Identifier: LGPL-2.1-or-later
 * Copyright the libhvsock authors */

/* The error domain of the library. It is small on purpose: whatever GIO has a code for is reported
 * in GIO's domain, so that programs need no second way to handle a refused connection. */

#include <hvsock/hvsock-error.h>

/**
 * HvsockError:
 * @HVSOCK_ERROR_INVALID_URI: the URI is malformed, or it cannot serve the purpose that it was given
 *   for (connecting to an address that is for listening only)
 * @HVSOCK_ERROR_NO_TRANSPORT: no plugin claims the URI's scheme
 * @HVSOCK_ERROR_UNAVAILABLE: plugins claim the URI's scheme, but none of them can serve on this
 *   machine; the message holds the reason of each
 * @HVSOCK_ERROR_PLUGIN_INVALID: a plugin's key file or module is missing, malformed or not safe to
 *   load
 * @HVSOCK_ERROR_PLUGIN_INCOMPATIBLE: a plugin was made for another version of the plugin interface
 *
 * What can go wrong and has no code of its own in #GIOErrorEnum.
 *
 * Since: 1.0
 */

/**
 * HVSOCK_ERROR:
 *
 * The error domain of #HvsockError.
 *
 * Since: 1.0
 */

/**
 * hvsock_error_quark:
 *
 * Gets the error domain of #HvsockError; %HVSOCK_ERROR is short for it.
 *
 * This function may be called from any thread.
 *
 * Returns: the domain
 *
 * Since: 1.0
 */
GQuark
hvsock_error_quark (void)
{
  return g_quark_from_static_string ("hvsock-error-quark");
}
