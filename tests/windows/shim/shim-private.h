/* SPDX-License-Identifier: LGPL-2.1-or-later
 * Copyright the libhvsock authors */

/* What the stand-in's parts share. */

#pragma once

#include "shim.h"

#include <mswsock.h>
#include <ws2tcpip.h>

#include <hvsocket.h>

#ifndef AF_HYPERV
#  define AF_HYPERV 34
#endif

/* The functions of ws2_32.dll that are stood in for. forwards.py reads this list as well. */
#define SHIM_STAND_INS(F)                                                                          \
  F (WSAGetOverlappedResult)                                                                       \
  F (WSAIoctl)                                                                                     \
  F (WSASocketW)                                                                                   \
  F (accept)                                                                                       \
  F (bind)                                                                                         \
  F (closesocket)                                                                                  \
  F (connect)                                                                                      \
  F (getpeername)                                                                                  \
  F (getsockname)                                                                                  \
  F (listen)                                                                                       \
  F (setsockopt)                                                                                   \
  F (shutdown)                                                                                     \
  F (socket)

/* The system's own functions; the last ones are only used. */
typedef struct
{
#define FIELD(name) __typeof__ (&name) name;
  SHIM_STAND_INS (FIELD)
  FIELD (WSARecv)
  FIELD (select)
  FIELD (GetQueuedCompletionStatus)
#undef FIELD
} ShimSystem;

extern ShimSystem shim_system;

void shim_init (HMODULE ws2_32);
void shim_patch_caller (void *address);

#define PROTOTYPE(name) __typeof__ (name) shim_##name;
SHIM_STAND_INS (PROTOTYPE)
#undef PROTOTYPE

/* A socket that passes for one of AF_HYPERV. */
typedef struct _ShimEnd ShimEnd;

struct _ShimEnd
{
  ShimEnd *next;
  SOCKET socket;
  SOCKADDR_HV local;
  SOCKADDR_HV remote;
  BOOL is_bound;
  BOOL is_connected;
  ULONG connect_timeout; /* in milliseconds */
  HANDLE name;           /* what shim_name_claim() gave */
  SOCKET companion;      /* keeps a connection refused or pending, or INVALID_SOCKET */

  /* Of an attempt to connect that pends. */
  OVERLAPPED *attempt;
  HANDLE is_over;
  HANDLE timer;
  volatile LONG is_timed_out; /* it was ended by cancelling it */
};

ShimEnd *shim_end_new (SOCKET socket);
ShimEnd *shim_end_find (SOCKET socket);
ShimEnd *shim_end_remove (SOCKET socket);
BOOL shim_is_timed_out (const OVERLAPPED *attempt);

/* Which TCP port serves an address, as the processes of one session know it. */
HANDLE shim_name_claim (const SOCKADDR_HV *address);
void shim_name_publish (HANDLE name, USHORT port);
USHORT shim_name_look_up (const SOCKADDR_HV *address);

/* Whether whoever is addressed would refuse, rather than not answer. */
BOOL shim_is_here (const SOCKADDR_HV *address);

void shim_loopback (struct sockaddr_in *address, USHORT port);
BOOL shim_check_address (const struct sockaddr *address, int length);
void shim_record (const char *what, const ShimEnd *end, const SOCKADDR_HV *address);

void *shim_get_extension (SOCKET socket, GUID id);
BOOL PASCAL shim_AcceptEx (SOCKET listener,
                           SOCKET accepted,
                           void *buffer,
                           DWORD data_length,
                           DWORD local_length,
                           DWORD remote_length,
                           DWORD *received,
                           OVERLAPPED *overlapped);
BOOL PASCAL shim_ConnectEx (SOCKET socket,
                            const struct sockaddr *address,
                            int length,
                            void *buffer,
                            DWORD buffer_length,
                            DWORD *sent,
                            OVERLAPPED *overlapped);

BOOL shim_target (ShimEnd *end, const SOCKADDR_HV *address, struct sockaddr_in *target);
BOOL shim_fall_silent (ShimEnd *end);
BOOL WINAPI shim_GetQueuedCompletionStatus (HANDLE port,
                                            DWORD *length,
                                            ULONG_PTR *key,
                                            OVERLAPPED **overlapped,
                                            DWORD timeout);
void shim_attempt_begin (ShimEnd *end, OVERLAPPED *overlapped);
void shim_attempt_end (ShimEnd *end);
