/* SPDX-License-Identifier: LGPL-2.1-or-later
 * Copyright the libhvsock authors */

/* A thread of which Linux tells when it sleeps. */

#include "waits.h"

#include <fcntl.h>
#include <string.h>
#include <sys/syscall.h>
#include <unistd.h>

struct _ConformanceThread
{
  GThread *thread;
  GThreadFunc func;
  gpointer data;
  int id;       /* the system's, atomic; 0 before it runs */
  int state_fd; /* opened ahead: a scenario may have no descriptor left */
};

static gpointer
run (gpointer data)
{
  ConformanceThread *self = data;

  g_atomic_int_set (&self->id, (int) syscall (SYS_gettid));
  return self->func (self->data);
}

ConformanceThread *
conformance_thread_new (GThreadFunc func, gpointer data)
{
  ConformanceThread *self = g_new0 (ConformanceThread, 1);
  g_autofree char *path = NULL;

  self->func = func;
  self->data = data;
  self->thread = g_thread_new ("conformance", run, self);
  while (g_atomic_int_get (&self->id) == 0)
    g_thread_yield ();

  path = g_strdup_printf ("/proc/self/task/%d/stat", g_atomic_int_get (&self->id));
  self->state_fd = open (path, O_RDONLY | O_CLOEXEC);
  return self;
}

/* Until the thread waits in the system, most likely in the call that the scenario is about; or is
 * gone. */
void
conformance_thread_wait_asleep (ConformanceThread *self)
{
  char state = 0;

  while (state != 'S')
    {
      char stat[256] = { 0 };
      const char *name_end;

      if (pread (self->state_fd, stat, sizeof stat - 1, 0) <= 0)
        return;

      name_end = strrchr (stat, ')');
      g_assert_nonnull (name_end);
      state = name_end[2];
      g_thread_yield ();
    }
}

gpointer
conformance_thread_join (ConformanceThread *self)
{
  gpointer result = g_thread_join (self->thread);

  if (self->state_fd >= 0)
    close (self->state_fd);
  g_free (self);
  return result;
}
