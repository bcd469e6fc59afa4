/* SPDX-License-Identifier: LGPL-2.1-or-later
 * Copyright the libhvsock authors */

/* What streams of several kinds tell, and ask, in the same way. GIO wants the outcome of a write
 * told in one form for each of the ways in which it may be asked for; ours have one: how much was
 * written, or -1 with an error. */

#include "stream/hvsock-stream-private.h"

/* Whether it is worth to look before one waits; of a stream of either direction. */
gboolean
hvsock_stream_can_poll (gpointer stream)
{
  if (G_IS_POLLABLE_INPUT_STREAM (stream))
    return g_pollable_input_stream_can_poll (stream);
  return G_IS_POLLABLE_OUTPUT_STREAM (stream) && g_pollable_output_stream_can_poll (stream);
}

/* Of several buffers. */
gboolean
hvsock_stream_tell_written (gssize n_written, gsize *bytes_written)
{
  *bytes_written = (gsize) MAX (n_written, 0);
  return n_written >= 0;
}

/* Of several buffers, without waiting. Takes @failure. */
GPollableReturn
hvsock_stream_tell_tried (gssize n_written, GError *failure, gsize *bytes_written, GError **error)
{
  if (hvsock_stream_tell_written (n_written, bytes_written))
    return G_POLLABLE_RETURN_OK;

  if (g_error_matches (failure, G_IO_ERROR, G_IO_ERROR_WOULD_BLOCK))
    {
      g_error_free (failure);
      return G_POLLABLE_RETURN_WOULD_BLOCK;
    }
  g_propagate_error (error, failure);
  return G_POLLABLE_RETURN_FAILED;
}

/* What a message calls the other end. An accepted connection may know its own end only. */
char *
hvsock_stream_describe_peer (HvsockAddress *remote_address, HvsockAddress *local_address)
{
  g_autofree char *uri = NULL;

  if (remote_address != NULL)
    {
      uri = hvsock_address_to_uri (remote_address);
      return g_strdup_printf ("'%s'", uri);
    }
  if (local_address != NULL)
    {
      uri = hvsock_address_to_uri (local_address);
      return g_strdup_printf ("a peer of '%s'", uri);
    }
  return g_strdup ("a peer without an address");
}
