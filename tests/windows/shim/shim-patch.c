/* SPDX-License-Identifier: LGPL-2.1-or-later
 * Copyright the libhvsock authors */

/* Puts the stand-in behind a loaded module: what it imports is replaced in memory. */

#include "shim-private.h"

#include <string.h>

typedef struct
{
  const char *name;
  void *function;
} StandIn;

static const StandIn winsock_stand_ins[] = {
#define ENTRY(name) { #name, (void *) shim_##name },
  SHIM_STAND_INS (ENTRY)
#undef ENTRY
      { NULL, NULL },
};

static const StandIn kernel_stand_ins[] = {
  { "GetQueuedCompletionStatus", (void *) shim_GetQueuedCompletionStatus },
  { NULL, NULL },
};

static void *
find_stand_in (const StandIn *stand_ins, const char *name)
{
  while (stand_ins->name != NULL && strcmp (name, stand_ins->name) != 0)
    stand_ins++;
  return stand_ins->function;
}

static void
replace (IMAGE_THUNK_DATA *slot, void *function)
{
  DWORD protection;

  VirtualProtect (slot, sizeof *slot, PAGE_READWRITE, &protection);
  slot->u1.Function = (ULONG_PTR) function;
  VirtualProtect (slot, sizeof *slot, protection, &protection);
}

static unsigned
patch_imports (BYTE *base, const IMAGE_IMPORT_DESCRIPTOR *imports, const StandIn *stand_ins)
{
  const IMAGE_THUNK_DATA *names = (const void *) (base + imports->OriginalFirstThunk);
  IMAGE_THUNK_DATA *slots = (void *) (base + imports->FirstThunk);
  unsigned n_replaced = 0;

  for (unsigned i = 0; names[i].u1.AddressOfData != 0; i++)
    {
      const IMAGE_IMPORT_BY_NAME *import = (const void *) (base + names[i].u1.AddressOfData);
      void *function = NULL;

      if (!IMAGE_SNAP_BY_ORDINAL (names[i].u1.Ordinal))
        function = find_stand_in (stand_ins, (const char *) import->Name);
      if (function == NULL)
        continue;
      replace (&slots[i], function);
      n_replaced++;
    }
  return n_replaced;
}

static unsigned
patch (HMODULE module, const char *dll, const StandIn *stand_ins)
{
  BYTE *base = (BYTE *) module;
  const IMAGE_DOS_HEADER *dos = (const void *) base;
  const IMAGE_NT_HEADERS *nt = (const void *) (base + dos->e_lfanew);
  const IMAGE_DATA_DIRECTORY *directory =
      &nt->OptionalHeader.DataDirectory[IMAGE_DIRECTORY_ENTRY_IMPORT];
  const IMAGE_IMPORT_DESCRIPTOR *imports = (const void *) (base + directory->VirtualAddress);
  unsigned n_replaced = 0;

  for (; directory->Size != 0 && imports->Name != 0; imports++)
    if (_stricmp ((const char *) base + imports->Name, dll) == 0)
      n_replaced += patch_imports (base, imports, stand_ins);
  return n_replaced;
}

unsigned
shim_patch (HMODULE module)
{
  shim_init (GetModuleHandleW (L"ws2_32.dll"));
  return patch (module, "ws2_32.dll", winsock_stand_ins);
}

/* Has the module of @address, who makes a socket of ours, wait for it here. */
void
shim_patch_caller (void *address)
{
  HMODULE module;

  if (GetModuleHandleExW (GET_MODULE_HANDLE_EX_FLAG_FROM_ADDRESS |
                              GET_MODULE_HANDLE_EX_FLAG_UNCHANGED_REFCOUNT,
                          address, &module))
    patch (module, "kernel32.dll", kernel_stand_ins);
}
