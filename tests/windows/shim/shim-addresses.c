/* SPDX-License-Identifier: LGPL-2.1-or-later
 * Copyright the libhvsock authors */

/* Addresses: what is wrong with one, who serves it, and what was given to the stand-in.
 *
 * A name is a piece of shared memory that holds the TCP port of a listener; it goes with the
 * process that made it. */

#include <initguid.h>

#include "shim-private.h"

#include <stdio.h>
#include <string.h>

/* 127.0.0.1, in network order. */
#define LOOPBACK    0x0100007f

#define NAME_LENGTH 128

void
shim_loopback (struct sockaddr_in *address, USHORT port)
{
  *address = (struct sockaddr_in){ .sin_family = AF_INET, .sin_port = port };
  address->sin_addr.s_addr = LOOPBACK;
}

BOOL
shim_check_address (const struct sockaddr *address, int length)
{
  const SOCKADDR_HV *hyperv = (const SOCKADDR_HV *) address;

  if (hyperv == NULL || length < (int) sizeof *hyperv)
    SetLastError (WSAEFAULT);
  else if (hyperv->Family != AF_HYPERV)
    SetLastError (WSAEAFNOSUPPORT);
  else if (hyperv->Reserved != 0)
    SetLastError (WSAEINVAL);
  else
    return TRUE;
  return FALSE;
}

BOOL
shim_is_here (const SOCKADDR_HV *address)
{
  const GUID *here[] = { &HV_GUID_WILDCARD, &HV_GUID_CHILDREN, &HV_GUID_LOOPBACK, &HV_GUID_PARENT,
                         &HV_GUID_SILOHOST };

  for (unsigned i = 0; i < sizeof here / sizeof here[0]; i++)
    if (IsEqualGUID (&address->VmId, here[i]))
      return TRUE;
  return FALSE;
}

static void
print_guid (WCHAR *text, const GUID *guid)
{
  swprintf (text, NAME_LENGTH / 3, L"-%08lx-%04x-%04x-%02x%02x-%02x%02x%02x%02x%02x%02x",
            (unsigned long) guid->Data1, guid->Data2, guid->Data3, guid->Data4[0], guid->Data4[1],
            guid->Data4[2], guid->Data4[3], guid->Data4[4], guid->Data4[5], guid->Data4[6],
            guid->Data4[7]);
}

static void
print_name (WCHAR *name, const SOCKADDR_HV *address)
{
  wcscpy (name, L"Local\\hvsock-shim");
  print_guid (name + wcslen (name), &address->ServiceId);
  if (!shim_is_here (address))
    print_guid (name + wcslen (name), &address->VmId);
}

/* Returns NULL if another has it. */
HANDLE
shim_name_claim (const SOCKADDR_HV *address)
{
  WCHAR text[NAME_LENGTH];
  HANDLE name;

  print_name (text, address);
  name = CreateFileMappingW (INVALID_HANDLE_VALUE, NULL, PAGE_READWRITE, 0, sizeof (USHORT), text);
  if (name != NULL && GetLastError () == ERROR_ALREADY_EXISTS)
    {
      CloseHandle (name);
      name = NULL;
    }
  return name;
}

/* From now on @name is served. */
void
shim_name_publish (HANDLE name, USHORT port)
{
  USHORT *memory = MapViewOfFile (name, FILE_MAP_WRITE, 0, 0, sizeof port);

  *memory = port;
  UnmapViewOfFile (memory);
}

/* Returns 0 if nobody serves @address. */
USHORT
shim_name_look_up (const SOCKADDR_HV *address)
{
  WCHAR text[NAME_LENGTH];
  USHORT port = 0;
  USHORT *memory;
  HANDLE name;

  print_name (text, address);
  name = OpenFileMappingW (FILE_MAP_READ, FALSE, text);
  if (name == NULL)
    return 0;

  memory = MapViewOfFile (name, FILE_MAP_READ, 0, 0, sizeof port);
  port = *memory;
  UnmapViewOfFile (memory);
  CloseHandle (name);
  return port;
}

/* Adds a line to the file that $HVSOCK_SHIM_LOG names: `connect ADDRESS timeout 30000`, the address
 * as the hexadecimal digits of its bytes. */
void
shim_record (const char *what, const ShimEnd *end, const SOCKADDR_HV *address)
{
  WCHAR path[MAX_PATH];
  char digits[2 * sizeof *address + 1];
  char line[sizeof digits + 64];
  DWORD length = GetEnvironmentVariableW (L"HVSOCK_SHIM_LOG", path, MAX_PATH);
  HANDLE file;

  if (length == 0 || length >= MAX_PATH)
    return;

  for (unsigned i = 0; i < sizeof *address; i++)
    sprintf (digits + 2 * i, "%02x", ((const unsigned char *) address)[i]);
  length = sprintf (line, "%s %s timeout %lu\n", what, digits, end->connect_timeout);

  file = CreateFileW (path, FILE_APPEND_DATA, FILE_SHARE_READ | FILE_SHARE_WRITE, NULL, OPEN_ALWAYS,
                      FILE_ATTRIBUTE_NORMAL, NULL);
  WriteFile (file, line, length, &length, NULL);
  CloseHandle (file);
}
