/* SPDX-License-Identifier: LGPL-2.1-or-later
 * Copyright the libhvsock authors */

/* Paths of Unix sockets: too long ones, relative ones, and those of others. */

#include "ends.h"
#include "unix-sockets.h"

#include <errno.h>
#include <fcntl.h>
#include <glib/gstdio.h>
#include <string.h>
#include <sys/stat.h>
#include <sys/un.h>
#include <unistd.h>

static HvsockListener *
listen_on (const char *path)
{
  g_autoptr (HvsockAddress) address = hvsock_unix_address_new (path);
  g_autoptr (GError) error = NULL;
  HvsockListener *listener = hvsock_unix_socket_listen (path, address, &error);

  g_assert_no_error (error);
  return listener;
}

static void
expect_listen_error (const char *path, int code)
{
  g_autoptr (HvsockAddress) address = hvsock_unix_address_new (path);
  g_autoptr (GError) error = NULL;

  g_assert_null (hvsock_unix_socket_listen (path, address, &error));
  g_assert_error (error, G_IO_ERROR, code);
}

static void
expect_open_error (const char *path, int code)
{
  g_autoptr (GError) error = NULL;
  HvsockSocketTarget target;

  g_assert_cmpint (hvsock_unix_socket_open (path, &target, &error), ==, -1);
  g_assert_error (error, G_IO_ERROR, code);
  g_assert_cmpint (target.anchor, ==, -1);
}

static int
connect_to (const char *path)
{
  g_autoptr (GError) error = NULL;
  HvsockSocketTarget target;
  int fd = hvsock_unix_socket_open (path, &target, &error);

  g_assert_no_error (error);
  if (connect (fd, (struct sockaddr *) &target.native, target.length) != 0)
    {
      int errsv = errno;

      close (fd);
      fd = -1;
      errno = errsv;
    }
  if (target.anchor >= 0)
    close (target.anchor);
  return fd;
}

static gboolean
has_proc (void)
{
  if (g_file_test ("/proc/self/fd", G_FILE_TEST_IS_DIR))
    return TRUE;

  g_test_skip ("this system has no /proc/self/fd: run the test on Linux, with /proc mounted");
  return FALSE;
}

static void
test_long_directory (void)
{
  g_auto (Folder) folder = { 0 };
  g_autoptr (HvsockListener) listener = NULL;
  g_autofree char *directory = NULL;
  g_autofree char *path = NULL;
  guint n_before;
  int fd;

  if (!has_proc ())
    return;

  folder_init (&folder);
  directory = folder_add_long_directory (&folder);
  path = g_build_filename (directory, "s", NULL);
  n_before = count_descriptors ();
  listener = listen_on (path);
  g_assert_true (exists (path));
  fd = connect_to (path);
  g_assert_cmpint (fd, >=, 0);
  close (fd);
  expect_listen_error (path, G_IO_ERROR_ADDRESS_IN_USE);
  hvsock_listener_close (listener);
  g_clear_object (&listener);
  g_assert_false (exists (path));
  g_assert_cmpuint (count_descriptors (), ==, n_before);
}

static void
test_long_directory_stale (void)
{
  g_auto (Folder) folder = { 0 };
  g_autoptr (HvsockListener) listener = NULL;
  g_autofree char *directory = NULL;
  g_autofree char *path = NULL;
  g_autofree char *near = NULL;

  if (!has_proc ())
    return;

  folder_init (&folder);
  directory = folder_add_long_directory (&folder);
  path = g_build_filename (directory, "s", NULL);
  near = g_build_filename (folder.path, "s", NULL);
  socket_make_stale (near);
  g_assert_no_errno (rename (near, path));
  g_assert_cmpint (connect_to (path), ==, -1);
  g_assert_cmpint (errno, ==, ECONNREFUSED);
  listener = listen_on (path);
}

static void
test_long_name (void)
{
  g_auto (Folder) folder = { 0 };
  g_autofree char *name = g_strnfill (200, 'n');
  g_autofree char *path = NULL;

  folder_init (&folder);
  path = g_build_filename (folder.path, name, NULL);
  expect_open_error (path, G_IO_ERROR_FILENAME_TOO_LONG);
  expect_listen_error (path, G_IO_ERROR_FILENAME_TOO_LONG);
}

/* A directory that no file system can have. */
static void
test_impossible_directory (void)
{
  g_autofree char *name = g_strnfill (300, 'd');
  g_autofree char *path = g_strdup_printf ("/%s/s", name);

  expect_open_error (path, G_IO_ERROR_FILENAME_TOO_LONG);
  expect_listen_error (path, G_IO_ERROR_FILENAME_TOO_LONG);
}

static void
test_long_directory_missing (void)
{
  g_auto (Folder) folder = { 0 };
  g_autofree char *directory = NULL;
  g_autofree char *path = NULL;

  folder_init (&folder);
  directory = folder_add_long_directory (&folder);
  path = g_build_filename (directory, "missing", "s", NULL);
  expect_open_error (path, G_IO_ERROR_NOT_FOUND);
  expect_listen_error (path, G_IO_ERROR_NOT_FOUND);
}

/* The longest that fits, and one more. */
static void
test_limit (void)
{
  const gsize limit = sizeof ((struct sockaddr_un *) NULL)->sun_path - 1;

  for (gsize length = limit; length <= limit + 1; length++)
    {
      g_auto (Folder) folder = { 0 };
      g_autoptr (HvsockListener) listener = NULL;
      g_autofree char *name = NULL;
      g_autofree char *path = NULL;
      int fd;

      if (length > limit && !has_proc ())
        return;

      folder_init (&folder);
      name = g_strnfill (length - strlen (folder.path) - 1, 'n');
      path = g_build_filename (folder.path, name, NULL);
      g_assert_cmpuint (strlen (path), ==, length);
      listener = listen_on (path);
      g_assert_true (exists (path));
      fd = connect_to (path);
      g_assert_cmpint (fd, >=, 0);
      close (fd);
    }
}

/* The working directory may be another one when the listener is closed. */
static void
test_relative (gconstpointer data)
{
  gboolean is_long = GPOINTER_TO_INT (data);
  g_autofree char *before = g_get_current_dir ();
  g_auto (Folder) folder = { 0 };
  g_autoptr (HvsockListener) listener = NULL;
  g_autofree char *long_directory = NULL;
  g_autofree char *name = NULL;
  g_autofree char *path = NULL;
  int fd;

  if (is_long && !has_proc ())
    return;

  folder_init (&folder);
  long_directory = folder_add_long_directory (&folder);
  if (is_long)
    {
      g_autofree char *last = g_path_get_basename (long_directory);

      name = g_build_filename (".", last, "s", NULL);
    }
  else
    name = g_strdup ("./s");
  path = g_build_filename (folder.path, name, NULL);

  g_assert_no_errno (chdir (folder.path));
  listener = listen_on (name);
  fd = connect_to (name);
  g_assert_cmpint (fd, >=, 0);
  close (fd);
  g_assert_no_errno (chdir (before));
  g_assert_true (exists (path));
  hvsock_listener_close (listener);
  g_assert_false (exists (path));
}

/* As somebody who is not allowed everything. */
static void
become_nobody (void)
{
  if (geteuid () == 0)
    g_assert_no_errno (setresuid (65534, 65534, 65534));
}

static void
test_no_permission (void)
{
  if (g_test_subprocess ())
    {
      g_auto (Folder) folder = { 0 };
      g_autofree char *closed = NULL;
      g_autofree char *path = NULL;
      g_autofree char *inside = NULL;

      become_nobody ();
      folder_init (&folder);
      path = g_build_filename (folder.path, "s", NULL);
      closed = g_build_filename (folder.path, "closed", NULL);
      inside = g_build_filename (closed, "s", NULL);
      g_assert_no_errno (mkdir (closed, 0));
      expect_listen_error (inside, G_IO_ERROR_PERMISSION_DENIED);
      g_assert_cmpint (connect_to (inside), ==, -1);
      g_assert_cmpint (errno, ==, EACCES);
      g_assert_no_errno (chmod (closed, 0700));

      g_assert_no_errno (chmod (folder.path, 0500));
      expect_listen_error (path, G_IO_ERROR_PERMISSION_DENIED);
      g_assert_no_errno (chmod (folder.path, 0700));
      return;
    }

  g_test_trap_subprocess (NULL, 0, G_TEST_SUBPROCESS_DEFAULT);
  g_test_trap_assert_passed ();
}

/* One may create files there and not look: that is enough to listen, and to replace. */
static void
test_unreadable_directory (void)
{
  if (g_test_subprocess ())
    {
      g_auto (Folder) folder = { 0 };
      g_autoptr (HvsockListener) listener = NULL;
      g_autoptr (HvsockListener) replacing = NULL;
      g_autofree char *path = NULL;
      g_autofree char *stale = NULL;

      become_nobody ();
      folder_init (&folder);
      path = g_build_filename (folder.path, "s", NULL);
      stale = g_build_filename (folder.path, "stale", NULL);
      socket_make_stale (stale);
      g_assert_no_errno (chmod (folder.path, 0300));
      listener = listen_on (path);
      g_assert_true (exists (path));
      hvsock_listener_close (listener);
      g_assert_false (exists (path));
      replacing = listen_on (stale);
      hvsock_listener_close (replacing);
      g_assert_false (exists (stale));
      g_assert_no_errno (chmod (folder.path, 0700));
      return;
    }

  g_test_trap_subprocess (NULL, 0, G_TEST_SUBPROCESS_DEFAULT);
  g_test_trap_assert_passed ();
}

int
main (int argc, char *argv[])
{
  g_test_init (&argc, &argv, G_TEST_OPTION_ISOLATE_DIRS, NULL);

  g_test_add_func ("/socket-path/long-directory/works", test_long_directory);
  g_test_add_func ("/socket-path/long-directory/stale", test_long_directory_stale);
  g_test_add_func ("/socket-path/long-directory/missing", test_long_directory_missing);
  g_test_add_func ("/socket-path/long-directory/impossible", test_impossible_directory);
  g_test_add_func ("/socket-path/long-name", test_long_name);
  g_test_add_func ("/socket-path/limit", test_limit);
  g_test_add_data_func ("/socket-path/relative/short", GINT_TO_POINTER (FALSE), test_relative);
  g_test_add_data_func ("/socket-path/relative/long", GINT_TO_POINTER (TRUE), test_relative);
  g_test_add_func ("/socket-path/no-permission", test_no_permission);
  g_test_add_func ("/socket-path/unreadable-directory", test_unreadable_directory);

  return g_test_run ();
}
