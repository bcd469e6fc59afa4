/* SPDX-License-Identifier: LGPL-2.1-or-later
 * Copyright the libhvsock authors */

#pragma once

#include <hvsock/hvsock-plugin.h>

#include "hyperv-winsock.h"

G_BEGIN_DECLS

/* What a listener and its accepts share. */
typedef struct
{
  GMutex lock;
  SOCKET socket; /* INVALID_SOCKET once it is closed */
  LPFN_ACCEPTEX accept_ex;
} HypervListening;

/* Ends @task, whose source is the listener, with a connection. */
void hyperv_accept (HypervListening *listening, GTask *task);

G_END_DECLS
