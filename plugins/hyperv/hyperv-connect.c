/* SPDX-License-Identifier: LGPL-2.1-or-later
 * Copyright the libhvsock authors */

/* Connecting, by ConnectEx: it needs a socket that is bound, and one that Winsock is told of when
 * it is connected. */

#include "hyperv-connect.h"

#include "hyperv-connection.h"
#include "hyperv-endpoint.h"
#include "hyperv-error.h"
#include "hyperv-operation.h"

typedef struct
{
  HypervOperation operation;
  HvsockAddress *address;
  guint timeout;
  SOCKADDR_HV native;
  SOCKET socket;
} HypervConnect;

static void
hyperv_connect_free (gpointer data)
{
  HypervConnect *self = data;

  if (self->socket != INVALID_SOCKET)
    closesocket (self->socket);
  g_object_unref (self->address);
  g_free (self);
}

static const char *
get_remedy (DWORD error)
{
  switch (hyperv_error_from_connect (error))
    {
    case G_IO_ERROR_CONNECTION_REFUSED:
      return ": nobody listens on this service there, or it is not registered on the host";
    case G_IO_ERROR_HOST_UNREACHABLE:
      return ": no running virtual machine has this GUID";
    case G_IO_ERROR_TIMED_OUT:
      return ": nobody listens on this service there, or the virtual machine does not run";
    case G_IO_ERROR_PERMISSION_DENIED:
      return ": run as Administrator";
    default:
      return "";
    }
}

/* What is the task's is gone before anybody hears of its end, and the socket with it. */
static void
fail (HypervConnect *self, GTask *task, GError *error)
{
  g_autofree char *uri = hvsock_address_to_uri (self->address);

  g_prefix_error (&error, "cannot connect to '%s': ", uri);
  if (self->socket != INVALID_SOCKET)
    closesocket (self->socket);
  self->socket = INVALID_SOCKET;
  g_task_return_error (task, error);
}

static void
fail_with (HypervConnect *self, GTask *task, DWORD reason)
{
  g_autofree char *text = hyperv_error_describe (reason);

  fail (self, task,
        g_error_new (G_IO_ERROR, hyperv_error_from_connect (reason), "%s%s", text,
                     get_remedy (reason)));
}

static void
connect_done (HypervOperation *operation, DWORD reason)
{
  HypervConnect *self = (HypervConnect *) operation;
  GTask *task = operation->task;
  HvsockConnection *connection;
  GError *error = NULL;

  if (reason == ERROR_SUCCESS &&
      setsockopt (self->socket, SOL_SOCKET, SO_UPDATE_CONNECT_CONTEXT, NULL, 0) != 0)
    reason = WSAGetLastError ();

  if (reason == ERROR_SUCCESS)
    {
      connection = hyperv_connection_new (self->socket, NULL, self->address);
      self->socket = INVALID_SOCKET;
      g_task_return_pointer (task, connection, g_object_unref);
    }
  else if (!hyperv_operation_set_interrupted (operation, &error))
    fail_with (self, task, reason);
  else if (error->code == G_IO_ERROR_CANCELLED)
    fail (self, task, error);
  else
    {
      g_error_free (error);
      fail (self, task,
            g_error_new (G_IO_ERROR, G_IO_ERROR_TIMED_OUT, "no answer within %u ms%s",
                         self->timeout, get_remedy (WSAETIMEDOUT)));
    }
}

static gboolean
begin_connect (HypervOperation *operation)
{
  HypervConnect *self = (HypervConnect *) operation;
  const GUID id = WSAID_CONNECTEX;
  LPFN_CONNECTEX connect_ex = hyperv_socket_get_extension (self->socket, id);

  if (connect_ex == NULL)
    return FALSE;
  return connect_ex (self->socket, (struct sockaddr *) &self->native, sizeof self->native, NULL, 0,
                     NULL, &operation->packet.overlapped) ||
         WSAGetLastError () == ERROR_IO_PENDING;
}

/* The system gives up by itself as well, after a time of its own. */
static void
set_connect_timeout (SOCKET socket, guint timeout)
{
  const ULONG most =
      timeout == 0 ? HVSOCKET_CONNECT_TIMEOUT_MAX : MIN (timeout, HVSOCKET_CONNECT_TIMEOUT_MAX);

  setsockopt (socket, HV_PROTOCOL_RAW, HVSOCKET_CONNECT_TIMEOUT, (const char *) &most, sizeof most);
}

/* Returns a system error code, or 0. */
static DWORD
open_bound (HypervConnect *self)
{
  const SOCKADDR_HV any = { .Family = AF_HYPERV };
  DWORD error;

  self->socket = hyperv_socket_open (&error);
  if (self->socket == INVALID_SOCKET)
    return error;

  set_connect_timeout (self->socket, self->timeout);
  return bind (self->socket, (const struct sockaddr *) &any, sizeof any) == 0 ? ERROR_SUCCESS
                                                                              : WSAGetLastError ();
}

void
hyperv_connect (HvsockAddress *address, guint timeout, GTask *task)
{
  HypervConnect *self = g_new0 (HypervConnect, 1);
  GError *error = NULL;
  DWORD reason;

  self->address = g_object_ref (address);
  self->timeout = timeout;
  self->socket = INVALID_SOCKET;
  g_task_set_task_data (task, self, hyperv_connect_free);
  /* A connection that was made is handed over even when the cancellation comes in between. */
  g_task_set_check_cancellable (task, FALSE);

  if (g_cancellable_set_error_if_cancelled (g_task_get_cancellable (task), &error) ||
      !hyperv_endpoint_init (&self->native, address, &error))
    {
      fail (self, task, error);
      return;
    }

  reason = open_bound (self);
  if (reason != ERROR_SUCCESS)
    fail_with (self, task, reason);
  else
    hyperv_operation_start (&self->operation, task, self->socket, timeout, begin_connect,
                            connect_done);
}
