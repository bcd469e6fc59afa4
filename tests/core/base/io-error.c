/* SPDX-License-Identifier: LGPL-2.1-or-later
 * Copyright the libhvsock authors */

/* The mapping of errno for the two calls where GIO's own mapping misleads. */

#include <hvsock/hvsock-io-error.h>

#include <errno.h>

typedef struct
{
  int errsv;
  GIOErrorEnum code;
} Case;

static void
check (const Case *cases, gsize n_cases, GIOErrorEnum (*map) (int errsv))
{
  for (gsize i = 0; i < n_cases; i++)
    {
      g_test_message ("%s", g_strerror (cases[i].errsv));
      g_assert_cmpint (map (cases[i].errsv), ==, cases[i].code);
    }
}

static void
test_connect (void)
{
  static const Case cases[] = {
    { ECONNRESET, G_IO_ERROR_CONNECTION_REFUSED },
    { ECONNREFUSED, G_IO_ERROR_CONNECTION_REFUSED },
    { ETIMEDOUT, G_IO_ERROR_TIMED_OUT },
    { ENODEV, G_IO_ERROR_HOST_UNREACHABLE },
    { EHOSTUNREACH, G_IO_ERROR_HOST_UNREACHABLE },
    { ENETUNREACH, G_IO_ERROR_NETWORK_UNREACHABLE },
    { EACCES, G_IO_ERROR_PERMISSION_DENIED },
    { EPERM, G_IO_ERROR_PERMISSION_DENIED },
    { EAFNOSUPPORT, G_IO_ERROR_NOT_SUPPORTED },
#ifdef ESOCKTNOSUPPORT
    { ESOCKTNOSUPPORT, G_IO_ERROR_NOT_SUPPORTED },
#endif
    { ENOENT, G_IO_ERROR_NOT_FOUND },
    { ENAMETOOLONG, G_IO_ERROR_FILENAME_TOO_LONG },
  };

  check (cases, G_N_ELEMENTS (cases), hvsock_io_error_from_connect_errno);
}

static void
test_bind (void)
{
  static const Case cases[] = {
    { EADDRINUSE, G_IO_ERROR_ADDRESS_IN_USE },
    { EADDRNOTAVAIL, G_IO_ERROR_NOT_FOUND },
    { EACCES, G_IO_ERROR_PERMISSION_DENIED },
    { EPERM, G_IO_ERROR_PERMISSION_DENIED },
    { EAFNOSUPPORT, G_IO_ERROR_NOT_SUPPORTED },
#ifdef ESOCKTNOSUPPORT
    { ESOCKTNOSUPPORT, G_IO_ERROR_NOT_SUPPORTED },
#endif
    { ENOENT, G_IO_ERROR_NOT_FOUND },
  };

  check (cases, G_N_ELEMENTS (cases), hvsock_io_error_from_bind_errno);
}

static void
test_others (void)
{
  static const int others[] = { 0, EAGAIN, EINPROGRESS, EINVAL, EMFILE, ENOMEM, -1 };

  for (gsize i = 0; i < G_N_ELEMENTS (others); i++)
    {
      GIOErrorEnum code = g_io_error_from_errno (others[i]);

      g_assert_cmpint (hvsock_io_error_from_connect_errno (others[i]), ==, code);
      g_assert_cmpint (hvsock_io_error_from_bind_errno (others[i]), ==, code);
    }
}

int
main (int argc, char *argv[])
{
  g_test_init (&argc, &argv, G_TEST_OPTION_ISOLATE_DIRS, NULL);

  g_test_add_func ("/io-error/connect", test_connect);
  g_test_add_func ("/io-error/bind", test_bind);
  g_test_add_func ("/io-error/others-as-gio", test_others);

  return g_test_run ();
}
