/* SPDX-License-Identifier: LGPL-2.1-or-later
 * Copyright the libhvsock authors */

/* How a test tells the stand-in for the Host Compute Service's library what to answer. */

#pragma once

#include <windows.h>

typedef struct
{
  HRESULT enumerate;       /* what HcsEnumerateComputeSystems returns */
  HRESULT result;          /* what HcsWaitForOperationResult returns */
  const wchar_t *document; /* NULL for none */
  HANDLE waiting;          /* the event that tells that it is being waited for */
  HANDLE gate;             /* the event that it waits for before it answers, or NULL */
  HANDLE closed;           /* the event that tells that the operation has been closed after that */

  DWORD timeout; /* what HcsWaitForOperationResult was given */
  LONG n_open;   /* operations that have not been closed */
} ComputecoreStandIn;

typedef ComputecoreStandIn *ComputecoreStandInGet (void);

/* Exported: computecore_stand_in_get(). */
__declspec(dllexport) ComputecoreStandInGet computecore_stand_in_get;
