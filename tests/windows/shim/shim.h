/* SPDX-License-Identifier: LGPL-2.1-or-later
 * Copyright the libhvsock authors */

/* A stand-in for Windows' AF_HYPERV: stream sockets of that family, played over TCP on 127.0.0.1.
 * It is plain Winsock, since it must also be able to stand below GLib. README.md tells its rules.
 */

#pragma once

#include <winsock2.h>
#include <windows.h>

/* Makes @module, a DLL of this process, find the stand-in behind its imports from ws2_32.dll.
 * Returns how many of them were replaced. */
unsigned shim_patch (HMODULE module);
