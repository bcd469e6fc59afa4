/* SPDX-License-Identifier: LGPL-2.1-or-later
 * Copyright the libhvsock authors */

/* Listening on a Unix socket: whose file may be replaced, and whose may be removed. */

#include "ends.h"
#include "unix-sockets.h"

#include <errno.h>
#include <fcntl.h>
#include <glib/gstdio.h>
#include <sys/stat.h>
#include <unistd.h>

static HvsockListener *
try_listen (const char *path, GError **error)
{
  g_autoptr (HvsockAddress) address = hvsock_unix_address_new (path);
  HvsockListener *listener = hvsock_unix_socket_listen (path, address, error);

  if (listener != NULL)
    g_assert_true (hvsock_listener_get_local_address (listener) == address);
  return listener;
}

static void
expect_listen (const char *path)
{
  g_autoptr (HvsockListener) listener = NULL;
  g_autoptr (GError) error = NULL;
  int fd;

  listener = try_listen (path, &error);
  g_assert_no_error (error);
  fd = socket_connect (path, SOCK_STREAM | SOCK_NONBLOCK);
  g_assert_cmpint (fd, >=, 0);
  close (fd);
  hvsock_listener_close (listener);
  g_assert_false (exists (path));
}

static void
expect_error (const char *path, int code)
{
  g_autofree char *prefix = g_strdup_printf ("cannot listen on 'unix://%s': ", path);
  g_autoptr (GError) error = NULL;
  guint n_before = count_descriptors ();

  g_assert_null (try_listen (path, &error));
  g_assert_error (error, G_IO_ERROR, code);
  g_assert_true (g_str_has_prefix (error->message, prefix));
  g_assert_cmpuint (count_descriptors (), ==, n_before);
}

static ino_t
get_inode (const char *path)
{
  struct stat status;

  g_assert_no_errno (lstat (path, &status));
  return status.st_ino;
}

static void
test_new (void)
{
  g_auto (Folder) folder = { 0 };
  g_autofree char *path = NULL;
  guint n_before;

  folder_init (&folder);
  path = g_build_filename (folder.path, "s", NULL);
  n_before = count_descriptors ();
  expect_listen (path);
  g_assert_cmpuint (count_descriptors (), ==, n_before);
}

static void
test_stale (void)
{
  g_auto (Folder) folder = { 0 };
  g_autofree char *path = NULL;

  folder_init (&folder);
  path = g_build_filename (folder.path, "s", NULL);
  socket_make_stale (path);
  expect_listen (path);
}

/* The owner notices nothing. */
static void
test_served (gconstpointer data)
{
  const int type = GPOINTER_TO_INT (data);
  g_auto (Folder) folder = { 0 };
  g_autofree char *path = NULL;
  ino_t inode;
  int fd;

  folder_init (&folder);
  path = g_build_filename (folder.path, "s", NULL);
  fd = type == SOCK_DGRAM ? socket_bind (path, type) : socket_listen (path, type, 1);
  inode = get_inode (path);
  expect_error (path, G_IO_ERROR_ADDRESS_IN_USE);
  g_assert_cmpuint (get_inode (path), ==, inode);
  if (type != SOCK_DGRAM)
    {
      g_assert_no_errno (fcntl (fd, F_SETFL, O_NONBLOCK));
      g_assert_cmpint (accept (fd, NULL, NULL), ==, -1);
      g_assert_cmpint (errno, ==, EAGAIN);
    }
  close (fd);
}

/* Its owner has not got so far as to listen. */
static void
test_served_soon (void)
{
  g_auto (Folder) folder = { 0 };
  g_autofree char *path = NULL;
  ino_t inode;
  int fd;

  folder_init (&folder);
  path = g_build_filename (folder.path, "s", NULL);
  fd = socket_bind (path, SOCK_STREAM);
  inode = get_inode (path);
  expect_error (path, G_IO_ERROR_ADDRESS_IN_USE);
  g_assert_cmpuint (get_inode (path), ==, inode);
  g_assert_no_errno (listen (fd, 1));
  close (fd);
}

static void
test_served_with_full_queue (void)
{
  g_auto (Folder) folder = { 0 };
  g_autofree char *path = NULL;
  g_autoptr (GArray) fds = NULL;
  int fd;

  folder_init (&folder);
  path = g_build_filename (folder.path, "s", NULL);
  fd = socket_listen (path, SOCK_STREAM, 0);
  fds = socket_fill_queue (path);
  expect_error (path, G_IO_ERROR_ADDRESS_IN_USE);
  g_assert_true (exists (path));
  for (guint i = 0; i < fds->len; i++)
    close (g_array_index (fds, int, i));
  close (fd);
}

static void
make_file (const char *path)
{
  g_assert_true (g_file_set_contents (path, "precious", -1, NULL));
}

static void
make_directory (const char *path)
{
  g_assert_no_errno (mkdir (path, 0700));
}

static void
make_fifo (const char *path)
{
  g_assert_no_errno (mkfifo (path, 0600));
}

static void
make_dangling_link (const char *path)
{
  g_assert_no_errno (symlink ("nowhere", path));
}

static void
make_link_to_stale (const char *path)
{
  g_autofree char *stale = g_strconcat (path, "-stale", NULL);

  socket_make_stale (stale);
  g_assert_no_errno (symlink (stale, path));
}

static void
test_other_files (void)
{
  static void (*const makers[]) (const char *path) = {
    make_file, make_directory, make_fifo, make_dangling_link, make_link_to_stale,
  };

  for (guint i = 0; i < G_N_ELEMENTS (makers); i++)
    {
      g_auto (Folder) folder = { 0 };
      g_autofree char *path = NULL;
      ino_t inode;

      folder_init (&folder);
      path = g_build_filename (folder.path, "s", NULL);
      makers[i](path);
      inode = get_inode (path);
      expect_error (path, G_IO_ERROR_ADDRESS_IN_USE);
      g_assert_cmpuint (get_inode (path), ==, inode);
    }
}

static void
test_not_removed (void)
{
  g_auto (Folder) folder = { 0 };
  g_autoptr (HvsockListener) listener = NULL;
  g_autoptr (GError) error = NULL;
  g_autofree char *path = NULL;
  g_autofree char *moved = NULL;
  int fd;

  folder_init (&folder);
  path = g_build_filename (folder.path, "s", NULL);
  moved = g_build_filename (folder.path, "moved", NULL);
  listener = try_listen (path, &error);
  g_assert_no_error (error);
  g_assert_no_errno (rename (path, moved));
  fd = socket_listen (path, SOCK_STREAM, 1);
  hvsock_listener_close (listener);
  g_assert_true (exists (path));
  g_assert_true (exists (moved));
  close (fd);
}

static void
test_removed_before (void)
{
  g_auto (Folder) folder = { 0 };
  g_autoptr (HvsockListener) listener = NULL;
  g_autoptr (GError) error = NULL;
  g_autofree char *directory = NULL;
  g_autofree char *path = NULL;

  folder_init (&folder);
  directory = g_build_filename (folder.path, "d", NULL);
  path = g_build_filename (directory, "s", NULL);
  g_assert_no_errno (mkdir (directory, 0700));
  listener = try_listen (path, &error);
  g_assert_no_error (error);
  g_assert_no_errno (unlink (path));
  g_assert_no_errno (rmdir (directory));
  hvsock_listener_close (listener);
}

static void
test_removed_with_last_reference (void)
{
  g_auto (Folder) folder = { 0 };
  g_autoptr (GError) error = NULL;
  g_autofree char *path = NULL;
  HvsockListener *listener;

  folder_init (&folder);
  path = g_build_filename (folder.path, "s", NULL);
  listener = try_listen (path, &error);
  g_assert_no_error (error);
  g_assert_true (exists (path));
  g_assert_finalize_object (listener);
  g_assert_false (exists (path));
}

static void
test_no_directory (void)
{
  g_auto (Folder) folder = { 0 };
  g_autofree char *missing = NULL;
  g_autofree char *file = NULL;
  g_autofree char *in_file = NULL;

  folder_init (&folder);
  missing = g_build_filename (folder.path, "missing", "s", NULL);
  file = g_build_filename (folder.path, "file", NULL);
  in_file = g_build_filename (file, "s", NULL);
  make_file (file);
  expect_error (missing, G_IO_ERROR_NOT_FOUND);
  expect_error (in_file, G_IO_ERROR_NOT_DIRECTORY);
}

static void
test_no_descriptor (void)
{
  g_auto (Folder) folder = { 0 };
  g_autofree char *path = NULL;
  g_autoptr (GError) error = NULL;
  g_autoptr (HvsockListener) listener = NULL;

  folder_init (&folder);
  path = g_build_filename (folder.path, "s", NULL);
  /* One after the other for the socket, the directory, and what wakes those who wait. */
  for (guint n_left = 0; listener == NULL && n_left < 8; n_left++)
    {
      take_all_descriptors ();
      free_descriptors (n_left);
      listener = try_listen (path, &error);
      free_all_descriptors ();
      if (listener == NULL)
        {
          g_assert_error (error, G_IO_ERROR, G_IO_ERROR_TOO_MANY_OPEN_FILES);
          g_assert_false (exists (path));
          g_clear_error (&error);
        }
    }
  g_assert_nonnull (listener);
}

static gpointer
listen_in_thread (gpointer data)
{
  g_autoptr (GError) error = NULL;
  HvsockListener *listener = try_listen (data, &error);

  if (listener == NULL)
    g_assert_error (error, G_IO_ERROR, G_IO_ERROR_ADDRESS_IN_USE);
  return listener;
}

/* Several want the same stale socket at the same time: one gets it, and keeps it. */
static void
test_race (void)
{
  for (guint round = 0; round < 50; round++)
    {
      g_auto (Folder) folder = { 0 };
      g_autoptr (HvsockListener) winner = NULL;
      g_autofree char *path = NULL;
      GThread *threads[4];
      int fd;

      folder_init (&folder);
      path = g_build_filename (folder.path, "s", NULL);
      socket_make_stale (path);
      for (guint i = 0; i < G_N_ELEMENTS (threads); i++)
        threads[i] = g_thread_new ("listen", listen_in_thread, path);
      for (guint i = 0; i < G_N_ELEMENTS (threads); i++)
        {
          HvsockListener *listener = g_thread_join (threads[i]);

          g_assert_true (listener == NULL || winner == NULL);
          if (listener != NULL)
            winner = listener;
        }
      g_assert_nonnull (winner);
      fd = socket_connect (path, SOCK_STREAM | SOCK_NONBLOCK);
      g_assert_cmpint (fd, >=, 0);
      close (fd);
    }
}

int
main (int argc, char *argv[])
{
  g_test_init (&argc, &argv, G_TEST_OPTION_ISOLATE_DIRS, NULL);

  g_test_add_func ("/unix-socket/new", test_new);
  g_test_add_func ("/unix-socket/replaces/stale", test_stale);
  g_test_add_data_func ("/unix-socket/keeps/served", GINT_TO_POINTER (SOCK_STREAM), test_served);
  g_test_add_data_func ("/unix-socket/keeps/served-with-messages", GINT_TO_POINTER (SOCK_SEQPACKET),
                        test_served);
  g_test_add_data_func ("/unix-socket/keeps/served-with-datagrams", GINT_TO_POINTER (SOCK_DGRAM),
                        test_served);
  g_test_add_func ("/unix-socket/keeps/served-soon", test_served_soon);
  g_test_add_func ("/unix-socket/keeps/served-with-full-queue", test_served_with_full_queue);
  g_test_add_func ("/unix-socket/keeps/other-files", test_other_files);
  g_test_add_func ("/unix-socket/removes/not-anothers", test_not_removed);
  g_test_add_func ("/unix-socket/removes/nothing", test_removed_before);
  g_test_add_func ("/unix-socket/removes/with-last-reference", test_removed_with_last_reference);
  g_test_add_func ("/unix-socket/fails/no-directory", test_no_directory);
  g_test_add_func ("/unix-socket/fails/no-descriptor", test_no_descriptor);
  g_test_add_func ("/unix-socket/race", test_race);

  return g_test_run ();
}
