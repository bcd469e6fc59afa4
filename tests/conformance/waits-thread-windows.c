/* SPDX-License-Identifier: LGPL-2.1-or-later
 * Copyright the libhvsock authors */

/* A thread of which can be seen when it sleeps on Windows: it then stands behind the call of the
 * system, in the code of ntdll.dll that makes such calls, and stays there. */

#include "waits.h"

#include <windows.h>

#define RETURN_INSTRUCTION 0xc3

struct _ConformanceThread
{
  GThread *thread;
  GThreadFunc func;
  gpointer data;
  HANDLE handle; /* atomic; NULL before it runs */
};

static gpointer
run (gpointer data)
{
  ConformanceThread *self = data;
  HANDLE handle;

  g_assert_true (DuplicateHandle (GetCurrentProcess (), GetCurrentThread (), GetCurrentProcess (),
                                  &handle, 0, FALSE, DUPLICATE_SAME_ACCESS));
  g_atomic_pointer_set (&self->handle, handle);
  return self->func (self->data);
}

ConformanceThread *
conformance_thread_new (GThreadFunc func, gpointer data)
{
  ConformanceThread *self = g_new0 (ConformanceThread, 1);

  self->func = func;
  self->data = data;
  self->thread = g_thread_new ("conformance", run, self);
  while (g_atomic_pointer_get (&self->handle) == NULL)
    g_thread_yield ();

  return self;
}

/* Where the thread stands and how deep its stack is, or %FALSE if it is gone. */
static gboolean
get_place (ConformanceThread *self, DWORD64 place[2])
{
  CONTEXT context = { .ContextFlags = CONTEXT_CONTROL };
  gboolean is_there;

  if (SuspendThread (self->handle) == (DWORD) -1)
    return FALSE;

  is_there = GetThreadContext (self->handle, &context);
  ResumeThread (self->handle);
  place[0] = context.Rip;
  place[1] = context.Rsp;
  return is_there;
}

static gboolean
is_behind_call (DWORD64 place)
{
  HMODULE module = NULL;

  return GetModuleHandleExW (GET_MODULE_HANDLE_EX_FLAG_FROM_ADDRESS |
                                 GET_MODULE_HANDLE_EX_FLAG_UNCHANGED_REFCOUNT,
                             (LPCWSTR) place, &module) &&
         module == GetModuleHandleW (L"ntdll.dll") && *(const guint8 *) place == RETURN_INSTRUCTION;
}

void
conformance_thread_wait_asleep (ConformanceThread *self)
{
  DWORD64 before[2] = { 0, 0 };
  DWORD64 now[2];

  while (get_place (self, now) && WaitForSingleObject (self->handle, 0) == WAIT_TIMEOUT)
    {
      if (now[0] == before[0] && now[1] == before[1] && is_behind_call (now[0]))
        return;

      before[0] = now[0];
      before[1] = now[1];
      g_thread_yield ();
    }
}

gpointer
conformance_thread_join (ConformanceThread *self)
{
  gpointer result = g_thread_join (self->thread);

  CloseHandle (self->handle);
  g_free (self);
  return result;
}
