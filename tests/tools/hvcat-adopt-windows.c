/* SPDX-License-Identifier: LGPL-2.1-or-later
 * Copyright the libhvsock authors */

/* hvcat's TCP listener on Windows, when the system cannot accept. The system is a stand-in: the
 * build has the listener call scarce_accept() for g_socket_accept(). */

#include "hvcat-adopt.h"

#include <winsock2.h>

/* What the system says to one call after the other, up to the peer that it has: 0. */
typedef struct
{
  int answers[4];
  guint n_calls;
  int code; /* of the error that is told, or -1 */
} Scarcity;

static Scarcity scarcity;

GSocket *
scarce_accept (GSocket *socket, GCancellable *cancellable, GError **error)
{
  const int answer = scarcity.answers[scarcity.n_calls++];

  if (answer == 0)
    return g_socket_new (G_SOCKET_FAMILY_IPV4, G_SOCKET_TYPE_STREAM, G_SOCKET_PROTOCOL_TCP, error);

  g_set_error_literal (error, G_IO_ERROR, (int) g_io_error_from_win32_error (answer), "scarce");
  return NULL;
}

static void
test_accept (gconstpointer data)
{
  const Scarcity *expected = data;
  g_autoptr (GError) error = NULL;
  g_autoptr (GSocket) socket =
      g_socket_new (G_SOCKET_FAMILY_IPV4, G_SOCKET_TYPE_STREAM, G_SOCKET_PROTOCOL_TCP, &error);
  g_autoptr (HvsockListener) listener = hvcat_adopt_listener (socket, &error);
  g_autoptr (HvsockConnection) connection = NULL;

  g_assert_no_error (error);
  scarcity = *expected;
  scarcity.n_calls = 0;
  connection = hvsock_listener_accept (listener, NULL, &error);
  if (expected->code < 0)
    g_assert_no_error (error);
  else
    g_assert_error (error, G_IO_ERROR, expected->code);
  g_assert_true ((connection != NULL) == (error == NULL));
  g_assert_cmpuint (scarcity.n_calls, ==, expected->n_calls);
}

int
main (int argc, char **argv)
{
  static const struct
  {
    const char *path;
    Scarcity scarcity;
  } cases[] = {
    { "/hvcat/adopt/accept/no-handles", { { WSAEMFILE, WSAEMFILE }, 3, -1 } },
    { "/hvcat/adopt/accept/no-memory", { { WSAENOBUFS }, 2, -1 } },
    { "/hvcat/adopt/accept/peer-gone", { { WSAECONNRESET }, 2, -1 } },
    { "/hvcat/adopt/accept/no-socket", { { WSAENOTSOCK }, 1, G_IO_ERROR_INVALID_ARGUMENT } },
    { "/hvcat/adopt/accept/no-listener", { { WSAEINVAL }, 1, G_IO_ERROR_INVALID_ARGUMENT } },
  };

  g_test_init (&argc, &argv, NULL);
  for (guint i = 0; i < G_N_ELEMENTS (cases); i++)
    g_test_add_data_func (cases[i].path, &cases[i].scarcity, test_accept);
  return g_test_run ();
}
