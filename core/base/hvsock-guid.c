/* SPDX-License-Identifier: LGPL-2.1-or-later
 * Copyright the libhvsock authors */

/* GUIDs name VMs and services of Hyper-V. They are kept in the order of their text and turned into
 * the mixed byte order of Windows only at the system's door. */

#include <hvsock/hvsock-guid.h>

#include <string.h>

/* What follows the port in a service GUID that stands for a vsock port. */
static const guint8 port_template[] = { 0xfa, 0xcb, 0x11, 0xe6, 0xbd, 0x58,
                                        0x64, 0x00, 0x6a, 0x79, 0x86, 0xd3 };

/**
 * HvsockGuid:
 * @bytes: the 16 bytes, in the order in which the text shows them
 *
 * A GUID, as Hyper-V uses them to name virtual machines and services.
 *
 * It is a plain value: it may be copied by assignment and needs no initialisation but its bytes.
 *
 * Since: 1.0
 */
G_DEFINE_BOXED_TYPE (HvsockGuid, hvsock_guid, hvsock_guid_copy, hvsock_guid_free)

/**
 * hvsock_guid_parse:
 * @self: (out caller-allocates): a GUID, left alone if @text is none
 * @text: the text to read
 *
 * Reads a GUID from its text: exactly 36 characters, hexadecimal digits in any case and hyphens
 * (`73c39589-192e-4c64-9acf-6c5d0aa18528`), without braces.
 *
 * Returns: %TRUE if @text is a GUID
 *
 * Since: 1.0
 */
gboolean
hvsock_guid_parse (HvsockGuid *self, const char *text)
{
  HvsockGuid guid;

  g_return_val_if_fail (self != NULL, FALSE);
  g_return_val_if_fail (text != NULL, FALSE);

  for (gsize i = 0; i < sizeof guid.bytes; i++)
    {
      gboolean group_begins = i == 4 || i == 6 || i == 8 || i == 10;

      if (group_begins && *text++ != '-')
        return FALSE;
      if (!g_ascii_isxdigit (text[0]) || !g_ascii_isxdigit (text[1]))
        return FALSE;
      guid.bytes[i] =
          (guint8) (g_ascii_xdigit_value (text[0]) << 4 | g_ascii_xdigit_value (text[1]));
      text += 2;
    }

  if (*text != '\0')
    return FALSE;

  *self = guid;
  return TRUE;
}

/**
 * hvsock_guid_to_string:
 * @self: a GUID
 *
 * Prints a GUID: 36 characters, lower case, without braces.
 *
 * Returns: (transfer full): the text
 *
 * Since: 1.0
 */
char *
hvsock_guid_to_string (const HvsockGuid *self)
{
  const guint8 *b;

  g_return_val_if_fail (self != NULL, NULL);

  b = self->bytes;
  return g_strdup_printf ("%02x%02x%02x%02x-%02x%02x-%02x%02x-%02x%02x-%02x%02x%02x%02x%02x%02x",
                          b[0], b[1], b[2], b[3], b[4], b[5], b[6], b[7], b[8], b[9], b[10], b[11],
                          b[12], b[13], b[14], b[15]);
}

/* Windows keeps the first three groups as little-endian integers; to swap them twice is to leave
 * them as they were, so this serves both directions. */
static void
swap_groups (const guint8 from[16], guint8 to[16])
{
  static const guint8 order[16] = { 3, 2, 1, 0, 5, 4, 7, 6, 8, 9, 10, 11, 12, 13, 14, 15 };
  guint8 swapped[16];

  for (gsize i = 0; i < sizeof swapped; i++)
    swapped[i] = from[order[i]];

  memcpy (to, swapped, sizeof swapped);
}

/**
 * hvsock_guid_init_from_windows:
 * @self: (out caller-allocates): a GUID
 * @bytes: (array fixed-size=16): a GUID as Windows keeps it in memory
 *
 * Sets a GUID from the byte order of Windows, where the first three groups are little-endian:
 * `73c39589-192e-4c64-9acf-6c5d0aa18528` is `89 95 c3 73 2e 19 64 4c 9a cf 6c 5d 0a a1 85 28`.
 *
 * Since: 1.0
 */
void
hvsock_guid_init_from_windows (HvsockGuid *self, const guint8 bytes[16])
{
  g_return_if_fail (self != NULL);
  g_return_if_fail (bytes != NULL);

  swap_groups (bytes, self->bytes);
}

/**
 * hvsock_guid_to_windows:
 * @self: a GUID
 * @bytes: (out caller-allocates) (array fixed-size=16): takes the GUID as Windows keeps it in
 * memory
 *
 * Gives a GUID in the byte order of Windows, the inverse of hvsock_guid_init_from_windows().
 *
 * Since: 1.0
 */
void
hvsock_guid_to_windows (const HvsockGuid *self, guint8 bytes[16])
{
  g_return_if_fail (self != NULL);
  g_return_if_fail (bytes != NULL);

  swap_groups (self->bytes, bytes);
}

/**
 * hvsock_guid_init_from_port:
 * @self: (out caller-allocates): a GUID
 * @port: a vsock port
 *
 * Sets a GUID to the service that stands for a vsock port on Hyper-V: the port in eight hexadecimal
 * digits, then `-facb-11e6-bd58-64006a7986d3`.
 *
 * Since: 1.0
 */
void
hvsock_guid_init_from_port (HvsockGuid *self, guint32 port)
{
  guint32 big_endian = GUINT32_TO_BE (port);

  g_return_if_fail (self != NULL);

  memcpy (self->bytes, &big_endian, sizeof big_endian);
  memcpy (self->bytes + sizeof big_endian, port_template, sizeof port_template);
}

/**
 * hvsock_guid_get_port:
 * @self: a GUID
 * @port: (out) (optional): takes the port
 *
 * Gets the vsock port that a service stands for, the inverse of hvsock_guid_init_from_port().
 *
 * Returns: %TRUE if @self stands for a port; otherwise @port is left alone
 *
 * Since: 1.0
 */
gboolean
hvsock_guid_get_port (const HvsockGuid *self, guint32 *port)
{
  guint32 big_endian;

  g_return_val_if_fail (self != NULL, FALSE);

  if (memcmp (self->bytes + sizeof big_endian, port_template, sizeof port_template) != 0)
    return FALSE;

  memcpy (&big_endian, self->bytes, sizeof big_endian);
  if (port != NULL)
    *port = GUINT32_FROM_BE (big_endian);
  return TRUE;
}

/**
 * hvsock_guid_equal:
 * @a: (type HvsockGuid): a GUID
 * @b: (type HvsockGuid): another
 *
 * Compares two GUIDs; suits #GHashTable.
 *
 * Returns: %TRUE if they are the same
 *
 * Since: 1.0
 */
gboolean
hvsock_guid_equal (gconstpointer a, gconstpointer b)
{
  g_return_val_if_fail (a != NULL, FALSE);
  g_return_val_if_fail (b != NULL, FALSE);

  return memcmp (a, b, sizeof (HvsockGuid)) == 0;
}

/**
 * hvsock_guid_hash:
 * @guid: (type HvsockGuid): a GUID
 *
 * Makes a hash of a GUID; suits #GHashTable.
 *
 * Returns: the hash, equal for equal GUIDs
 *
 * Since: 1.0
 */
guint
hvsock_guid_hash (gconstpointer guid)
{
  guint32 words[4];

  g_return_val_if_fail (guid != NULL, 0);

  memcpy (words, guid, sizeof words);
  return words[0] ^ words[1] ^ words[2] ^ words[3];
}

/**
 * hvsock_guid_copy: (skip)
 * @self: a GUID
 *
 * Copies a GUID to memory of its own.
 *
 * Returns: (transfer full): the copy, to be freed with hvsock_guid_free()
 *
 * Since: 1.0
 */
HvsockGuid *
hvsock_guid_copy (const HvsockGuid *self)
{
  g_return_val_if_fail (self != NULL, NULL);

  return g_memdup2 (self, sizeof *self);
}

/**
 * hvsock_guid_free: (skip)
 * @self: (nullable): a GUID that hvsock_guid_copy() made
 *
 * Frees a copy of a GUID.
 *
 * Since: 1.0
 */
void
hvsock_guid_free (HvsockGuid *self)
{
  g_free (self);
}
