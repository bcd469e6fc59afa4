/* SPDX-License-Identifier: LGPL-2.1-or-later
 * Copyright the libhvsock authors */

/* Reads vsock://[HOST]:PORT. Apart from the address, which knows its own properties but none of the
 * many ways to write them. */

#include "address/hvsock-vsock-uri-private.h"

#include <hvsock/hvsock-vsock-address.h>

#include "address/hvsock-address-private.h"
#include "address/hvsock-uri-private.h"

#include <string.h>

/* The longest host name of Linux, which is what systemd takes for a machine's. */
#define MAX_NAME_LENGTH  64
#define LABEL_CHARACTERS G_CSET_A_2_Z G_CSET_a_2_z G_CSET_DIGITS "-"

typedef struct
{
  const char *name;
  guint32 cid;
  guint32 port;
  GSocketType socket_type;
  guint64 buffer_size;
  gboolean is_sibling;
} Reading;

static const char *const known_options[] = { "buffer-size", "sibling", "type", NULL };

static const struct
{
  const char *word;
  guint32 cid;
} hosts[] = {
  { "", HVSOCK_CID_ANY },        { "any", HVSOCK_CID_ANY },
  { "-1", HVSOCK_CID_ANY },      { "hypervisor", HVSOCK_CID_HYPERVISOR },
  { "local", HVSOCK_CID_LOCAL }, { "host", HVSOCK_CID_HOST },
};

static gboolean
is_label (const char *text)
{
  const gsize length = strlen (text);

  return length > 0 && text[0] != '-' && text[length - 1] != '-' &&
         strspn (text, LABEL_CHARACTERS) == length;
}

/* What systemd takes for a machine's name, less what may well be meant for something else: a number
 * or a word with a slip in it must not become the name of a machine that somebody else can choose.
 */
gboolean
hvsock_vsock_uri_is_name (const char *text)
{
  g_auto (GStrv) labels = NULL;

  if (!g_ascii_isalpha (text[0]) || strlen (text) > MAX_NAME_LENGTH)
    return FALSE;
  for (gsize i = 0; i < G_N_ELEMENTS (hosts); i++)
    if (g_ascii_strcasecmp (text, hosts[i].word) == 0)
      return FALSE;

  labels = g_strsplit (text, ".", -1);
  for (gsize i = 0; labels[i] != NULL; i++)
    if (!is_label (labels[i]))
      return FALSE;
  return TRUE;
}

static gboolean
read_host (Reading *self, const HvsockUri *parts, GError **error)
{
  const char *host = hvsock_uri_get_host (parts);
  guint64 number;

  for (gsize i = 0; i < G_N_ELEMENTS (hosts); i++)
    if (g_str_equal (host, hosts[i].word))
      {
        self->cid = hosts[i].cid;
        return TRUE;
      }

  if (hvsock_uri_parse_number (host, G_MAXUINT32, &number))
    self->cid = (guint32) number;
  else if (hvsock_vsock_uri_is_name (host))
    self->name = host;
  else
    {
      hvsock_uri_set_error (parts, error,
                            "expected a CID from 0 to %u, 'any', 'hypervisor', 'local', 'host' or "
                            "the name of a machine after '://', not '%s'",
                            G_MAXUINT32, host);
      return FALSE;
    }
  return TRUE;
}

static gboolean
read_port (Reading *self, const HvsockUri *parts, GError **error)
{
  if (g_strcmp0 (hvsock_uri_get_port (parts), "any") == 0)
    self->port = HVSOCK_PORT_ANY;
  else if (!hvsock_uri_read_port (parts, &self->port, error))
    return FALSE;

  if (self->name == NULL || self->port != HVSOCK_PORT_ANY)
    return TRUE;

  hvsock_uri_set_error (parts, error,
                        "expected one port after the name of a machine, which is for connecting");
  return FALSE;
}

static gboolean
check_path (const HvsockUri *parts, GError **error)
{
  const char *path = hvsock_uri_get_path (parts);

  if (*path == '\0' || g_str_equal (path, "/"))
    return TRUE;

  hvsock_uri_set_error (parts, error, "expected no path after the port, not '%s'", path);
  return FALSE;
}

static gboolean
read_type (Reading *self, const HvsockUri *parts, GError **error)
{
  const char *type = hvsock_uri_get_option (parts, "type");

  if (g_strcmp0 (type, "seqpacket") == 0)
    self->socket_type = G_SOCKET_TYPE_SEQPACKET;
  else if (type == NULL || g_str_equal (type, "stream"))
    self->socket_type = G_SOCKET_TYPE_STREAM;
  else
    {
      hvsock_uri_set_error (parts, error,
                            "expected 'stream' or 'seqpacket' after 'type=', not '%s'", type);
      return FALSE;
    }

  if (self->socket_type == G_SOCKET_TYPE_SEQPACKET &&
      hvsock_uri_get_option (parts, HVSOCK_URI_FRAMING) != NULL)
    {
      hvsock_uri_set_error (parts, error,
                            "expected no 'framing' beside 'type=seqpacket': it is for streams");
      return FALSE;
    }
  return TRUE;
}

static gboolean
read_buffer_size (Reading *self, const HvsockUri *parts, GError **error)
{
  const char *size = hvsock_uri_get_option (parts, "buffer-size");

  if (size == NULL ||
      (hvsock_uri_parse_number (size, G_MAXUINT64, &self->buffer_size) && self->buffer_size != 0))
    return TRUE;

  hvsock_uri_set_error (parts, error,
                        "expected a number of bytes from 1 to %" G_GUINT64_FORMAT
                        " after 'buffer-size=', not '%s'",
                        G_MAXUINT64, size);
  return FALSE;
}

static gboolean
read_sibling (Reading *self, const HvsockUri *parts, GError **error)
{
  const char *sibling = hvsock_uri_get_option (parts, "sibling");

  self->is_sibling = g_strcmp0 (sibling, "true") == 0;
  if (sibling != NULL && !self->is_sibling && !g_str_equal (sibling, "false"))
    {
      hvsock_uri_set_error (parts, error, "expected 'true' or 'false' after 'sibling=', not '%s'",
                            sibling);
      return FALSE;
    }
  if (self->is_sibling && (self->cid == HVSOCK_CID_ANY || self->port == HVSOCK_PORT_ANY))
    {
      hvsock_uri_set_error (parts, error,
                            "expected a CID and a port before 'sibling=true', which is for "
                            "connecting to another guest");
      return FALSE;
    }
  return TRUE;
}

/**
 * hvsock_vsock_address_new_from_uri:
 * @uri: a URI, `vsock://[HOST]:PORT`
 * @error: return location of an error
 *
 * Makes the address of a vsock service from a URI.
 *
 * Returns: (transfer full) (nullable) (type HvsockVsockAddress): the address; %NULL with
 *   %HVSOCK_ERROR_INVALID_URI if @uri is malformed
 *
 * Since: 1.0
 */
HvsockAddress *
hvsock_vsock_address_new_from_uri (const char *uri, GError **error)
{
  Reading reading = { .cid = HVSOCK_CID_ANY };
  g_autoptr (HvsockUri) parts = NULL;

  g_return_val_if_fail (uri != NULL, NULL);

  parts = hvsock_uri_split_for_scheme (uri, "vsock", known_options, error);
  if (parts == NULL || !read_host (&reading, parts, error) || !read_port (&reading, parts, error) ||
      !check_path (parts, error) || !read_type (&reading, parts, error) ||
      !read_buffer_size (&reading, parts, error) || !read_sibling (&reading, parts, error))
    return NULL;

  return hvsock_address_take_framing (
      g_object_new (HVSOCK_TYPE_VSOCK_ADDRESS, "name", reading.name, "cid", reading.cid, "port",
                    reading.port, "socket-type", reading.socket_type, "buffer-size",
                    reading.buffer_size, "sibling", reading.is_sibling, NULL),
      parts);
}
