/* SPDX-License-Identifier: LGPL-2.1-or-later
 * Copyright the libhvsock authors */

/* A folder with a Unix socket for hvcat, and a raw end for it. Separate because all tests of hvcat
 * work on these. */

#include "hvcat-fixture.h"

#include <glib/gstdio.h>
#include <unistd.h>

static void
set_up (HvcatFixture *fixture, gconstpointer data)
{
  folder_init (&fixture->folder);
  fixture->path = g_build_filename (fixture->folder.path, "socket", NULL);
  fixture->uri = g_strconcat ("unix://", fixture->path, NULL);
}

/* A tool may leave its socket, and nothing else. */
static void
tear_down (HvcatFixture *fixture, gconstpointer data)
{
  g_unlink (fixture->path);
  folder_assert_empty (&fixture->folder);
  folder_clear (&fixture->folder);
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
  int fd = socket_connect (path, SOCK_STREAM);

  g_assert_no_errno (fd);
  return fd;
}

void
raw_write (int fd, const char *text)
{
  gssize size = (gssize) strlen (text);

  g_assert_cmpint (write (fd, text, (gsize) size), ==, size);
}

/* More may follow. */
void
raw_expect (int fd, const char *text)
{
  const gsize length = strlen (text);
  g_autofree char *received = g_malloc0 (length + 1);

  g_assert_cmpint (recv (fd, received, length, MSG_WAITALL), ==, length);
  g_assert_cmpstr (received, ==, text);
}

void
raw_expect_end (int fd)
{
  char byte;

  g_assert_cmpint (read (fd, &byte, 1), ==, 0);
}
