/* SPDX-License-Identifier: LGPL-2.1-or-later
 * Copyright the libhvsock authors */

/* A folder with a Unix socket for hvcat, and a raw end for it. Separate because all tests of hvcat
 * work on these. */

#include "hvcat-fixture.h"

#include <glib/gstdio.h>
#include <sys/socket.h>
#include <sys/un.h>
#include <unistd.h>

static void
set_up (HvcatFixture *fixture, gconstpointer data)
{
  g_autoptr (GError) error = NULL;

  fixture->folder = g_dir_make_tmp ("hvcat-XXXXXX", &error);
  g_assert_no_error (error);
  fixture->path = g_build_filename (fixture->folder, "socket", NULL);
  fixture->uri = g_strconcat ("unix://", fixture->path, NULL);
}

/* What a tool left in the folder keeps it from being removed. */
static void
tear_down (HvcatFixture *fixture, gconstpointer data)
{
  g_unlink (fixture->path);
  g_assert_cmpint (g_rmdir (fixture->folder), ==, 0);
  g_free (fixture->folder);
  g_free (fixture->path);
  g_free (fixture->uri);
}

void
hvcat_fixture_add (const char *path, gconstpointer data, HvcatTest test)
{
  g_test_add (path, HvcatFixture, data, set_up, test, tear_down);
}

/* Returns when hvcat listens. OPTION may be NULL. */
ToolProcess *
hvcat_fixture_listen (HvcatFixture *fixture, const char *option)
{
  ToolProcess *process = tool_process_new ("hvcat", "-lv", fixture->uri, option, NULL);
  g_autofree char *message = g_strdup_printf ("listening on %s", fixture->uri);

  tool_process_wait_for_message (process, message);
  return process;
}

void
hvcat_fixture_assert_removed (HvcatFixture *fixture)
{
  g_assert_false (g_file_test (fixture->path, G_FILE_TEST_EXISTS));
}

static int
raw_socket (const char *path, struct sockaddr_un *address)
{
  int fd = socket (AF_UNIX, SOCK_STREAM | SOCK_CLOEXEC, 0);

  g_assert_cmpint (fd, >=, 0);
  *address = (struct sockaddr_un){ .sun_family = AF_UNIX };
  g_assert_cmpuint (strlen (path), <, sizeof address->sun_path);
  strcpy (address->sun_path, path);
  return fd;
}

/* A negative backlog binds and does not listen. */
int
raw_listen (const char *path, int backlog)
{
  struct sockaddr_un address;
  int fd = raw_socket (path, &address);

  g_assert_cmpint (bind (fd, (struct sockaddr *) &address, sizeof address), ==, 0);
  if (backlog >= 0)
    g_assert_cmpint (listen (fd, backlog), ==, 0);
  return fd;
}

int
raw_accept (int listener)
{
  int fd = accept (listener, NULL, NULL);

  g_assert_cmpint (fd, >=, 0);
  return fd;
}

int
raw_connect (const char *path)
{
  struct sockaddr_un address;
  int fd = raw_socket (path, &address);

  g_assert_cmpint (connect (fd, (struct sockaddr *) &address, sizeof address), ==, 0);
  return fd;
}

void
raw_write (int fd, const char *text)
{
  gssize size = (gssize) strlen (text);

  g_assert_cmpint (write (fd, text, (gsize) size), ==, size);
}
