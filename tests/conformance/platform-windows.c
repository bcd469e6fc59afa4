/* SPDX-License-Identifier: LGPL-2.1-or-later
 * Copyright the libhvsock authors */

/* The suite on Windows, where what is open has handles. */

#include "platform.h"

#include "peers.h"

#include <windows.h>
#include <winternl.h>

/* More than are open between scenarios; the lowest free one is the next. */
#define MOST_HANDLES 512

/* Handles are multiples of this. */
#define HANDLE_STEP 4

/* GIO looks in a thread for the applications of this machine, and keeps what it found. */
void
conformance_platform_init (void)
{
  g_list_free_full (g_app_info_get_all (), g_object_unref);
}

static guint
count_inherited (void)
{
  guint n = 0;

  for (gsize i = 1; i < MOST_HANDLES; i++)
    {
      DWORD flags = 0;

      if (GetHandleInformation (GSIZE_TO_POINTER (i * HANDLE_STEP), &flags) &&
          (flags & HANDLE_FLAG_INHERIT) != 0)
        n++;
    }
  return n;
}

/* A program that is started from here gets nothing of a connection, nor of its listener. */
static void
test_inheritance (Conformance *self)
{
  const guint before = count_inherited ();
  g_autoptr (GError) error = NULL;
  g_autoptr (HvsockListener) listener = NULL;

  hvsock_listener_close (self->listener);
  g_assert_cmpuint (count_inherited (), ==, before);
  listener = hvsock_listen (self->uri, NULL, &error);
  g_assert_no_error (error);
  {
    g_auto (ConformancePair) pair = conformance_connect_to (listener, self->uri);

    conformance_expect_alive (self, &pair);
    g_assert_cmpuint (count_inherited (), ==, before);
  }
}

void
conformance_platform_add_tests (void)
{
  conformance_add ("/inheritance", test_inheritance);
}

/* Returns NULL if there is no such handle. */
static char *
get_type (HANDLE handle)
{
  union
  {
    PUBLIC_OBJECT_TYPE_INFORMATION type;
    char room[1024];
  } information;
  ULONG length;
  DWORD flags;

  if (!GetHandleInformation (handle, &flags))
    return NULL;
  if (NtQueryObject (handle, ObjectTypeInformation, &information, sizeof information, &length) < 0)
    return g_strdup ("?");
  return g_utf16_to_utf8 (information.type.TypeName.Buffer,
                          information.type.TypeName.Length / sizeof (gunichar2), NULL, NULL, NULL);
}

char *
conformance_platform_list_open (void)
{
  g_autoptr (GString) list = g_string_new (NULL);

  for (gsize i = 1; i < MOST_HANDLES; i++)
    {
      g_autofree char *type = get_type (GSIZE_TO_POINTER (i * HANDLE_STEP));

      if (type != NULL)
        g_string_append_printf (list, " %" G_GSIZE_FORMAT ":%s", i * HANDLE_STEP, type);
    }
  return g_string_free (g_steal_pointer (&list), FALSE);
}
