/* SPDX-License-Identifier: LGPL-2.1-or-later
 * Copyright the libhvsock authors */

/* Whether a thread sleeps, as /proc tells it. */

#include "watch.h"

#include <fcntl.h>
#include <string.h>
#include <sys/syscall.h>
#include <unistd.h>

struct _ConformanceWatch
{
  int state_fd;
};

/* Of the calling thread. */
ConformanceWatch *
conformance_watch_new (void)
{
  ConformanceWatch *self = g_new (ConformanceWatch, 1);
  g_autofree char *path = g_strdup_printf ("/proc/self/task/%d/stat", (int) syscall (SYS_gettid));

  self->state_fd = open (path, O_RDONLY | O_CLOEXEC);
  return self;
}

gboolean
conformance_watch_is_asleep (ConformanceWatch *self)
{
  char stat[256] = { 0 };
  const char *name_end;

  if (pread (self->state_fd, stat, sizeof stat - 1, 0) <= 0)
    return TRUE;

  name_end = strrchr (stat, ')');
  g_assert_nonnull (name_end);
  return name_end[2] == 'S';
}

void
conformance_watch_free (ConformanceWatch *self)
{
  if (self->state_fd >= 0)
    close (self->state_fd);
  g_free (self);
}
