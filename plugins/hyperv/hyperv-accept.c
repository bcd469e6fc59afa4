/* SPDX-License-Identifier: LGPL-2.1-or-later
 * Copyright the libhvsock authors */

/* One accept, by AcceptEx: the socket of a peer is made before anybody has come. Failures that
 * concern that peer only are not told. */

#include "hyperv-accept.h"

#include "hyperv-connection.h"
#include "hyperv-endpoint.h"
#include "hyperv-error.h"
#include "hyperv-operation.h"

/* How long to let be, in milliseconds, when the system has no room for a peer. */
#define PAUSE 50

/* AcceptEx asks for 16 bytes more than each address. */
#define ROOM_FOR_ADDRESS (sizeof (SOCKADDR_HV) + 16)

/* The data of the task of one accept. */
typedef struct
{
  HypervOperation operation;
  HypervListening *listening; /* of the task's source */
  SOCKET peer;
  char addresses[2 * ROOM_FOR_ADDRESS];
} HypervAccept;

static void accept_next (GTask *task);

static void
drop_peer (HypervAccept *self)
{
  if (self->peer != INVALID_SOCKET)
    closesocket (self->peer);
  self->peer = INVALID_SOCKET;
}

static void
hyperv_accept_free (gpointer data)
{
  drop_peer (data);
  g_free (data);
}

static char *
describe (HvsockListener *listener)
{
  return hvsock_address_to_uri (hvsock_listener_get_local_address (listener));
}

static void
fail_closed (GTask *task)
{
  g_autofree char *uri = describe (g_task_get_source_object (task));

  g_task_return_new_error (task, G_IO_ERROR, G_IO_ERROR_CLOSED,
                           "cannot accept a peer of '%s': the listener is closed", uri);
}

static void
fail_with (GTask *task, DWORD reason)
{
  g_autofree char *uri = describe (g_task_get_source_object (task));
  g_autofree char *text = hyperv_error_describe (reason);

  g_task_return_new_error (task, G_IO_ERROR, hyperv_error_from_bind (reason),
                           "cannot accept a peer of '%s': %s", uri, text);
}

static gboolean
paused_cb (gpointer task)
{
  accept_next (task);
  return G_SOURCE_REMOVE;
}

/* Whoever cancels meanwhile is heard after the pause. */
static void
accept_after_pause (GTask *task)
{
  g_autoptr (GSource) pause = g_timeout_source_new (PAUSE);

  g_task_attach_source (task, pause, paused_cb);
}

static HvsockAddress *
get_peer_address (SOCKET peer)
{
  SOCKADDR_HV native;
  int length = sizeof native;

  if (getpeername (peer, (struct sockaddr *) &native, &length) != 0)
    return NULL;
  return hvsock_address_new_from_native (&native, length);
}

/* Winsock is told whose peer it is, without which it knows no addresses. */
static gboolean
adopt_peer (HypervAccept *self)
{
  gboolean is_adopted;

  g_mutex_lock (&self->listening->lock);
  is_adopted = self->listening->socket != INVALID_SOCKET &&
               setsockopt (self->peer, SOL_SOCKET, SO_UPDATE_ACCEPT_CONTEXT,
                           (const char *) &self->listening->socket, sizeof (SOCKET)) == 0;
  g_mutex_unlock (&self->listening->lock);
  return is_adopted;
}

/* What is neither lasting nor a failure of the peer that was next in the queue is a lack of room,
 * or unknown: a pause keeps it from spinning. */
static void
accept_again (GTask *task, DWORD reason)
{
  switch (reason)
    {
    case WSAEINVAL:
    case WSAENOTSOCK:
    case WSAEOPNOTSUPP:
    case WSAEFAULT:
      fail_with (task, reason);
      break;
    case WSAECONNRESET:
    case WSAECONNABORTED:
    case ERROR_CONNECTION_ABORTED:
    case ERROR_NETNAME_DELETED:
      accept_next (task);
      break;
    default:
      accept_after_pause (task);
      break;
    }
}

static void
accept_done (HypervOperation *operation, DWORD reason)
{
  HypervAccept *self = (HypervAccept *) operation;
  GTask *task = operation->task;
  GError *error = NULL;

  if (reason == ERROR_SUCCESS && adopt_peer (self))
    {
      SOCKET peer = self->peer;
      g_autoptr (HvsockAddress) remote_address = get_peer_address (peer);

      self->peer = INVALID_SOCKET;
      g_task_return_pointer (task, hyperv_connection_new (peer, NULL, remote_address),
                             g_object_unref);
      return;
    }

  drop_peer (self);
  if (hvsock_listener_is_closed (g_task_get_source_object (task)))
    fail_closed (task);
  else if (hyperv_operation_set_interrupted (operation, &error))
    g_task_return_error (task, error);
  else
    accept_again (task, reason);
}

/* Closing must not take the socket away under the call. */
static gboolean
begin_accept (HypervOperation *operation)
{
  HypervAccept *self = (HypervAccept *) operation;
  HypervListening *listening = self->listening;
  DWORD n_bytes;
  DWORD error = WSAENOTSOCK;

  g_mutex_lock (&listening->lock);
  if (listening->socket != INVALID_SOCKET)
    error =
        listening->accept_ex (listening->socket, self->peer, self->addresses, 0, ROOM_FOR_ADDRESS,
                              ROOM_FOR_ADDRESS, &n_bytes, &operation->packet.overlapped)
            ? ERROR_SUCCESS
            : WSAGetLastError ();
  g_mutex_unlock (&listening->lock);

  WSASetLastError (error);
  return error == ERROR_SUCCESS || error == ERROR_IO_PENDING;
}

static void
accept_next (GTask *task)
{
  HypervAccept *self = g_task_get_task_data (task);
  GError *error = NULL;
  DWORD reason;

  if (g_cancellable_set_error_if_cancelled (g_task_get_cancellable (task), &error))
    {
      g_task_return_error (task, error);
      return;
    }
  if (hvsock_listener_is_closed (g_task_get_source_object (task)))
    {
      fail_closed (task);
      return;
    }

  self->peer = hyperv_socket_open (&reason);
  if (self->peer == INVALID_SOCKET)
    accept_after_pause (task);
  else
    hyperv_operation_start (&self->operation, task, self->listening->socket, 0, begin_accept,
                            accept_done);
}

void
hyperv_accept (HypervListening *listening, GTask *task)
{
  HypervAccept *self = g_new0 (HypervAccept, 1);

  self->listening = listening;
  self->peer = INVALID_SOCKET;
  g_task_set_task_data (task, self, hyperv_accept_free);
  /* A peer that was accepted is handed over even when the cancellation comes in between. */
  g_task_set_check_cancellable (task, FALSE);
  accept_next (task);
}
