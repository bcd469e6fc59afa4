/* SPDX-License-Identifier: LGPL-2.1-or-later
 * Copyright the libhvsock authors */

/* The short form, for who needs no settings. */

#include <hvsock/hvsock-client.h>

/**
 * hvsock_connect:
 * @uri: what to connect to, such as `vsock://2:80`
 * @cancellable: (nullable): ends the attempt with %G_IO_ERROR_CANCELLED
 * @error: return location for an error
 *
 * Opens a connection with the settings of a new [class@Client], and blocks until it is ready for
 * use. Errors are those of [method@Client.connect]. May be called from any thread.
 *
 * Returns: (transfer full): a connection
 *
 * Since: 1.0
 */
HvsockConnection *
hvsock_connect (const char *uri, GCancellable *cancellable, GError **error)
{
  g_autoptr (HvsockClient) client = hvsock_client_new ();

  return hvsock_client_connect (client, uri, cancellable, error);
}

/**
 * hvsock_connect_async:
 * @uri: what to connect to, such as `vsock://2:80`
 * @cancellable: (nullable): ends the attempt with %G_IO_ERROR_CANCELLED
 * @callback: (scope async): called exactly once
 * @user_data: data for @callback
 *
 * Does what [func@connect] does without blocking.
 *
 * @callback runs in the thread-default main context of the caller.
 *
 * Since: 1.0
 */
void
hvsock_connect_async (const char *uri,
                      GCancellable *cancellable,
                      GAsyncReadyCallback callback,
                      gpointer user_data)
{
  g_autoptr (HvsockClient) client = hvsock_client_new ();

  hvsock_client_connect_async (client, uri, cancellable, callback, user_data);
}

/**
 * hvsock_connect_finish:
 * @result: what the callback was given
 * @error: return location for an error
 *
 * Ends hvsock_connect_async().
 *
 * Returns: (transfer full): a connection
 *
 * Since: 1.0
 */
HvsockConnection *
hvsock_connect_finish (GAsyncResult *result, GError **error)
{
  g_autoptr (GObject) client = NULL;

  g_return_val_if_fail (G_IS_ASYNC_RESULT (result), NULL);

  client = g_async_result_get_source_object (result);
  return hvsock_client_connect_finish (HVSOCK_CLIENT (client), result, error);
}

/**
 * hvsock_listen:
 * @uri: what to listen on, such as `vsock://:80`
 * @cancellable: (nullable): ends a wait for a name with %G_IO_ERROR_CANCELLED
 * @error: return location for an error
 *
 * Begins to listen with the settings of a new [class@Client]. Errors are those of
 * [method@Client.listen]. May be called from any thread.
 *
 * Returns: (transfer full): a listener
 *
 * Since: 1.0
 */
HvsockListener *
hvsock_listen (const char *uri, GCancellable *cancellable, GError **error)
{
  g_autoptr (HvsockClient) client = hvsock_client_new ();

  return hvsock_client_listen (client, uri, cancellable, error);
}
