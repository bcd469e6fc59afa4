/* SPDX-License-Identifier: LGPL-2.1-or-later
 * Copyright the libhvsock authors */

/* struct sockaddr_un, on every Unix. */

#include "checks.h"

#include <string.h>
#include <sys/socket.h>
#include <sys/un.h>

#define PATH_OFFSET G_STRUCT_OFFSET (struct sockaddr_un, sun_path)
#define PATH_SIZE   (sizeof (struct sockaddr_un) - PATH_OFFSET)

static void
test_write (void)
{
  g_autoptr (HvsockAddress) address = hvsock_unix_address_new ("./x");
  GSocketAddress *socket_address = G_SOCKET_ADDRESS (address);
  struct sockaddr_un un;

  memset (&un, 0xaa, sizeof un);
  g_assert_cmpint (g_socket_address_get_family (socket_address), ==, AF_UNIX);
  g_assert_cmpint (g_socket_address_get_native_size (socket_address), ==, sizeof un);
  g_assert_true (g_socket_address_to_native (socket_address, &un, sizeof un, NULL));
  g_assert_cmpint (un.sun_family, ==, AF_UNIX);
  g_assert_cmpstr (un.sun_path, ==, "./x");
}

static void
test_write_longest (void)
{
  g_autofree char *longest = g_strnfill (PATH_SIZE - 1, 'x');
  g_autofree char *too_long = g_strnfill (PATH_SIZE, 'x');
  g_autoptr (HvsockAddress) address = hvsock_unix_address_new (longest);
  g_autoptr (HvsockAddress) too_long_address = hvsock_unix_address_new (too_long);
  g_autoptr (GError) error = NULL;
  struct sockaddr_un un;

  g_assert_true (g_socket_address_to_native (G_SOCKET_ADDRESS (address), &un, sizeof un, NULL));
  g_assert_cmpstr (un.sun_path, ==, longest);

  g_assert_cmpint (g_socket_address_get_native_size (G_SOCKET_ADDRESS (too_long_address)), ==,
                   sizeof un);
  g_assert_false (
      g_socket_address_to_native (G_SOCKET_ADDRESS (too_long_address), &un, sizeof un, &error));
  g_assert_error (error, G_IO_ERROR, G_IO_ERROR_FILENAME_TOO_LONG);
  g_assert_nonnull (strstr (error->message, too_long));
}

static void
test_read (void)
{
  g_autofree char *full = g_strnfill (PATH_SIZE, 'x');
  const struct
  {
    const char *sun_path;
    gsize length;
    const char *path;
  } cases[] = {
    { "/run/x", sizeof (struct sockaddr_un), "/run/x" },
    { "/run/x", PATH_OFFSET + 7, "/run/x" },
    { "/run/x", PATH_OFFSET + 6, "/run/x" },
    { "/run/x", PATH_OFFSET + 4, "/run" },
    { "/run\xff", sizeof (struct sockaddr_un), "/run\xff" },
    { full, sizeof (struct sockaddr_un), full },
    { full, sizeof (struct sockaddr_un) + 1, full },
    { "", PATH_OFFSET, NULL },
    { "", sizeof (struct sockaddr_un), NULL },
    { "/run/x", PATH_OFFSET, NULL },
  };

  for (gsize i = 0; i < G_N_ELEMENTS (cases); i++)
    {
      /* With room for a system that ends the longest path with a NUL beyond the structure. */
      struct
      {
        struct sockaddr_un un;
        char beyond;
      } native = { { .sun_family = AF_UNIX }, '\0' };
      g_autoptr (HvsockAddress) address = NULL;

      memcpy (native.un.sun_path, cases[i].sun_path, strlen (cases[i].sun_path));
      address = hvsock_address_new_from_native (&native, cases[i].length);

      if (cases[i].path == NULL)
        g_assert_null (address);
      else
        g_assert_cmpstr (hvsock_unix_address_get_path (HVSOCK_UNIX_ADDRESS (address)), ==,
                         cases[i].path);
    }
}

static void
test_read_abstract (void)
{
  static const struct sockaddr_un un = { .sun_family = AF_UNIX, .sun_path = "\0name" };

  g_assert_null (hvsock_address_new_from_native (&un, PATH_OFFSET + 5));
}

static void
test_read_others (void)
{
  struct sockaddr_storage native = { .ss_family = AF_INET };
  guint8 short_native[1] = { AF_UNIX };

  g_assert_null (hvsock_address_new_from_native (&native, sizeof native));
  native.ss_family = AF_INET6;
  g_assert_null (hvsock_address_new_from_native (&native, sizeof native));
  native.ss_family = AF_UNSPEC;
  g_assert_null (hvsock_address_new_from_native (&native, sizeof native));
  native.ss_family = AF_UNIX;
  g_assert_null (hvsock_address_new_from_native (&native, 0));
  g_assert_null (hvsock_address_new_from_native (short_native, sizeof short_native));
}

int
main (int argc, char *argv[])
{
  g_test_init (&argc, &argv, G_TEST_OPTION_ISOLATE_DIRS, NULL);

  g_test_add_func ("/address/native/unix/write", test_write);
  g_test_add_func ("/address/native/unix/write/longest", test_write_longest);
  g_test_add_func ("/address/native/unix/read", test_read);
  g_test_add_func ("/address/native/unix/read/abstract", test_read_abstract);
  g_test_add_func ("/address/native/unix/read/others", test_read_others);

  return g_test_run ();
}
