/* SPDX-License-Identifier: LGPL-2.1-or-later
 * Copyright the libhvsock authors */

/* A stand-in for computecore.dll, with as much of it as names are looked up by. It reaches no
 * service: the test says what it answers. */

#include "computecore-stand-in.h"

#include <wchar.h>

#include <computecore.h>

static ComputecoreStandIn stand_in;

ComputecoreStandIn *
computecore_stand_in_get (void)
{
  return &stand_in;
}

__declspec(dllexport) HCS_OPERATION WINAPI
    HcsCreateOperation (const void *context, HCS_OPERATION_COMPLETION callback)
{
  InterlockedIncrement (&stand_in.n_open);
  return (HCS_OPERATION) &stand_in;
}

__declspec(dllexport) void WINAPI HcsCloseOperation (HCS_OPERATION operation)
{
  InterlockedDecrement (&stand_in.n_open);
  if (stand_in.closed != NULL)
    SetEvent (stand_in.closed);
}

__declspec(dllexport) HRESULT WINAPI
    HcsEnumerateComputeSystems (PCWSTR query, HCS_OPERATION operation)
{
  return stand_in.enumerate;
}

__declspec(dllexport) HRESULT WINAPI
    HcsWaitForOperationResult (HCS_OPERATION operation, DWORD timeout, PWSTR *document)
{
  stand_in.timeout = timeout;
  if (stand_in.gate != NULL)
    {
      SetEvent (stand_in.waiting);
      WaitForSingleObject (stand_in.gate, INFINITE);
    }

  *document = NULL;
  if (stand_in.document != NULL)
    {
      *document = LocalAlloc (LMEM_FIXED, (wcslen (stand_in.document) + 1) * sizeof (wchar_t));
      wcscpy (*document, stand_in.document);
    }
  return stand_in.result;
}
