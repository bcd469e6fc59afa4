/* SPDX-License-Identifier: LGPL-2.1-or-later
 * Copyright the libhvsock authors */

/* A folder with a Unix socket for hvcat, and a raw end for it. Separate because all tests of hvcat
 * work on these. */

#pragma once

#include <gio/gio.h>

#include "tool-process.h"
#include "unix-sockets.h"

G_BEGIN_DECLS

typedef struct
{
  Folder folder;
  char *path;
  char *uri;
} HvcatFixture;

typedef void (*HvcatTest) (HvcatFixture *fixture, gconstpointer data);

void hvcat_fixture_add (const char *path, gconstpointer data, HvcatTest test);

ToolProcess *hvcat_fixture_listen (HvcatFixture *fixture, const char *option);
void hvcat_fixture_assert_removed (HvcatFixture *fixture);

int raw_accept (int listener);
int raw_connect (const char *path);
void raw_write (int fd, const char *text);
void raw_expect (int fd, const char *text);
void raw_expect_end (int fd);

G_END_DECLS
