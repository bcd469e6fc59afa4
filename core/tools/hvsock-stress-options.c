/* SPDX-License-Identifier: LGPL-2.1-or-later
 * Copyright the libhvsock authors */

/* hvsock-stress's command line as data. Separate so that the rules of what goes with what stand in
 * one place. */

#include "hvsock-stress-options.h"

#include "tool-main.h"

/* The same as in sock_stress of linuxkit/virtsock, its port (0x5653) too. */
#define DEFAULT_CONNECTIONS 100
#define DEFAULT_LENGTH      65536
#define DEFAULT_PORT        ":22099"

#define MAX_PARALLEL        65536

static const char *const summary =
    "Connects many times to an echo, and compares every byte that comes back.";

typedef struct
{
  const char *option;
  const char *text; /* NULL where it was not given */
  guint64 least;
  guint64 most;
  guint64 *value;
} Number;

static gboolean
take_number (const Number *number, int *status)
{
  if (number->text == NULL || g_ascii_string_to_unsigned (number->text, 10, number->least,
                                                          number->most, number->value, NULL))
    return TRUE;
  *status = tool_usage_error ("--%s takes a number from %" G_GUINT64_FORMAT " to %" G_GUINT64_FORMAT
                              ", which '%s' is not",
                              number->option, number->least, number->most, number->text);
  return FALSE;
}

static gboolean
take_client_number (const Number *number, gboolean serve, int *status)
{
  if (number->text == NULL || !serve)
    return take_number (number, status);
  *status = tool_usage_error ("--%s is for who connects: it needs --connect", number->option);
  return FALSE;
}

/* A vsock URI needs no port here, as none is named to sock_stress either. */
static char *
complete_uri (const char *uri)
{
  const char *scheme = "vsock://";
  gsize end = strlen (scheme);

  if (g_ascii_strncasecmp (uri, scheme, end) != 0)
    return g_strdup (uri);

  end += strcspn (uri + end, ":/?#");
  if (uri[end] == ':')
    return g_strdup (uri);
  return g_strdup_printf ("%.*s%s%s", (int) end, uri, DEFAULT_PORT, uri + end);
}

static gboolean
take_uri (StressOptions *self, const char *server, const char *client, char **rest, int *status)
{
  if (rest != NULL)
    {
      *status = tool_usage_error ("'%s' is one too many: the URI belongs to --serve or --connect",
                                  rest[0]);
      return FALSE;
    }
  if ((server == NULL) == (client == NULL))
    {
      *status = tool_usage_error ("either --serve or --connect is needed");
      return FALSE;
    }
  self->serve = server != NULL;
  self->uri = complete_uri (self->serve ? server : client);
  return TRUE;
}

/* When this returns FALSE, hvsock-stress ends with *STATUS. */
gboolean
stress_options_init (StressOptions *self, char **argv, int *status)
{
  g_auto (GStrv) rest = NULL;
  g_autofree char *server = NULL;
  g_autofree char *client = NULL;
  g_autofree char *seconds = NULL;
  Number numbers[] = {
    { "parallel", NULL, 1, MAX_PARALLEL, &self->parallel },
    { "connections", NULL, 1, G_MAXUINT32, &self->connections },
    { "length", NULL, 0, G_MAXINT64, &self->length },
    { "seed", NULL, 0, G_MAXUINT32, &self->seed },
  };
  const GOptionEntry entries[] = {
    { "serve", 's', 0, G_OPTION_ARG_FILENAME, &server, "Send back what comes from whoever connects",
      "URI" },
    { "connect", 'c', 0, G_OPTION_ARG_FILENAME, &client, "Connect to an echo", "URI" },
    { "parallel", 'p', 0, G_OPTION_ARG_STRING, &numbers[0].text,
      "Have so many connections at once (default: 1)", "N" },
    { "connections", 'i', 0, G_OPTION_ARG_STRING, &numbers[1].text,
      "Make so many connections (default: 100, or any number with --seconds)", "N" },
    { "length", 'l', 0, G_OPTION_ARG_STRING, &numbers[2].text,
      "Send up to so many bytes on a connection (default: 65536)", "BYTES" },
    { "seed", 0, 0, G_OPTION_ARG_STRING, &numbers[3].text,
      "What lengths, data and ends follow from (default: any)", "N" },
    { "seconds", 0, 0, G_OPTION_ARG_STRING, &seconds, "Begin nothing new after so long", "S" },
    { "verbose", 'v', 0, G_OPTION_ARG_NONE, &self->verbose,
      "Tell of the progress in lines of their own", NULL },
    { "json", 0, 0, G_OPTION_ARG_NONE, &self->json, "Print the summary as JSON", NULL },
    { NULL },
  };
  gboolean is_good;

  *self = (StressOptions){ .parallel = 1, .length = DEFAULT_LENGTH, .seed = g_random_int () };
  is_good = tool_start (argv, NULL, summary, entries, &rest, status) &&
            take_uri (self, server, client, rest, status) &&
            take_number (&(Number){ "seconds", seconds, 1, G_MAXINT, &self->seconds }, status);
  if (is_good && self->seconds == 0)
    self->connections = DEFAULT_CONNECTIONS;
  for (gsize i = 0; i < G_N_ELEMENTS (numbers); i++)
    {
      is_good = is_good && take_client_number (&numbers[i], self->serve, status);
      g_free ((char *) numbers[i].text);
    }
  return is_good;
}

void
stress_options_clear (StressOptions *self)
{
  g_clear_pointer (&self->uri, g_free);
}
