/* SPDX-License-Identifier: LGPL-2.1-or-later
 * Copyright the libhvsock authors */

/* Whether a thread sleeps: where it stands tells. */

#include "watch.h"

#include <windows.h>

struct _ConformanceWatch
{
  HANDLE thread;
  DWORD64 place; /* where the stack ended at the last look */
};

/* Of the calling thread. */
ConformanceWatch *
conformance_watch_new (void)
{
  ConformanceWatch *self = g_new0 (ConformanceWatch, 1);

  g_assert_true (DuplicateHandle (GetCurrentProcess (), GetCurrentThread (), GetCurrentProcess (),
                                  &self->thread, 0, FALSE, DUPLICATE_SAME_ACCESS));
  return self;
}

/* Whether @address is in the DLL through which every call of the system goes. */
static gboolean
is_in_system (gpointer address)
{
  HMODULE module;

  return GetModuleHandleExA (GET_MODULE_HANDLE_EX_FLAG_FROM_ADDRESS |
                                 GET_MODULE_HANDLE_EX_FLAG_UNCHANGED_REFCOUNT,
                             address, &module) &&
         module == GetModuleHandleA ("ntdll.dll");
}

/* A thread that two looks find at the same place in a call of the system waits there. */
gboolean
conformance_watch_is_asleep (ConformanceWatch *self)
{
  CONTEXT context = { .ContextFlags = CONTEXT_CONTROL };
  DWORD64 last = self->place;

  if (WaitForSingleObject (self->thread, 0) == WAIT_OBJECT_0)
    return TRUE;
  if (SuspendThread (self->thread) == (DWORD) -1)
    return FALSE;
  if (!GetThreadContext (self->thread, &context))
    context.Rsp = 0;
  ResumeThread (self->thread);

  self->place = is_in_system (GSIZE_TO_POINTER (context.Rip)) ? context.Rsp : 0;
  return self->place != 0 && self->place == last;
}

void
conformance_watch_free (ConformanceWatch *self)
{
  CloseHandle (self->thread);
  g_free (self);
}
