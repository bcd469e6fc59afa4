/* SPDX-License-Identifier: LGPL-2.1-or-later
 * Copyright the libhvsock authors */

/* hvcat's command line as data. Separate so that the rules of what goes with what stand in one
 * place. */

#include "hvcat-options.h"

#include "hvcat-exec.h"
#include "hvcat-register.h"
#include "tool-main.h"

#define DEFAULT_SERVICE_NAME "hvcat"

static const char *const summary =
    "Connects standard input and output to the byte stream that URI names.";

gboolean
hvcat_options_use_stdio (const HvcatOptions *self)
{
  return !self->echo && self->command == NULL && self->target == NULL;
}

/* For messages. */
const char *
hvcat_options_get_place (const HvcatOptions *self)
{
  return self->uri == NULL ? "LISTEN_FDS" : self->uri;
}

/* What is still to be understood. */
typedef struct
{
  char **arguments;
  char *timeout;
  char *quit_after;
  char *max;
  char *service;
  char *framing;
  char *buffer_size;
} Texts;

static void
texts_clear (Texts *self)
{
  g_strfreev (self->arguments);
  g_free (self->timeout);
  g_free (self->quit_after);
  g_free (self->max);
  g_free (self->service);
  g_free (self->framing);
  g_free (self->buffer_size);
}

G_DEFINE_AUTO_CLEANUP_CLEAR_FUNC (Texts, texts_clear)

/* What can be said in the URI as well; which values there are is known to those who read it. */
static void
add_to_uri (char **uri, const char *option, const char *value)
{
  g_autofree char *before = NULL;

  if (value == NULL)
    return;

  before = g_steal_pointer (uri);
  *uri = g_strdup_printf ("%s%c%s=%s", before, strchr (before, '?') == NULL ? '?' : '&', option,
                          value);
}

static gboolean
take_uri (HvcatOptions *self, const Texts *texts, int *status)
{
  guint count = texts->arguments == NULL ? 0 : g_strv_length (texts->arguments);
  gboolean needs_uri = texts->framing != NULL || texts->buffer_size != NULL;
  gboolean is_right = count == 1 || (count == 0 && self->listen && !needs_uri);

  if (count > 1)
    *status = tool_usage_error ("only one URI is taken, and %u were given", count);
  else if (count == 0 && !self->listen)
    *status = tool_usage_error ("no URI was given");
  else if (!is_right)
    *status = tool_usage_error ("--framing and --buffer-size are options of a URI: give one");

  if (count == 1)
    {
      self->uri = g_strdup (texts->arguments[0]);
      add_to_uri (&self->uri, "framing", texts->framing);
      add_to_uri (&self->uri, "buffer-size", texts->buffer_size);
    }
  return is_right;
}

/* What is received goes to one place. */
static const char *
find_mistake_in_place (const HvcatOptions *self)
{
  if (self->target != NULL && !self->listen)
    return "--to is for what connects to URI: it needs --listen";
  if (self->target != NULL && (self->echo || self->command != NULL))
    return "what is received goes to one place: --echo, --exec or --to";
  if (self->command != NULL && self->echo)
    return "what is received goes to one place: --echo or --exec";
  if (self->command != NULL && self->quit_after > 0)
    return "--quit-after is not for --exec: the connection ends with the command";
  if (self->progress && !hvcat_options_use_stdio (self))
    return "--progress is for standard input and output: not with --echo, --exec or --to";
  if (self->command != NULL && !hvcat_exec_is_possible ())
    return "--exec is not for Windows, where there is no /bin/sh";
  return NULL;
}

/* In what goes with what, or NULL. */
static const char *
find_mistake (const HvcatOptions *self)
{
  if (self->keep_open && !self->listen)
    return "--keep-open is for listening: it needs --listen";
  if (self->systemd_notify && !self->listen)
    return "--systemd-notify is for listening: it needs --listen";
  if (self->max > 0 && !self->keep_open)
    return "--max is for several connections: it needs --keep-open";
  if (self->max > 0 && hvcat_options_use_stdio (self))
    return "--max is for connections at the same time: it needs --echo, --exec or --to";
  if (self->retry && self->listen && self->target == NULL)
    return "--retry is for connecting: with --listen it needs --to";
  return find_mistake_in_place (self);
}

static gboolean
check_combination (const HvcatOptions *self, int *status)
{
  const char *mistake = find_mistake (self);

  if (mistake != NULL)
    *status = tool_usage_error ("%s", mistake);
  return mistake == NULL;
}

static gboolean
take_service (HvcatOptions *self, const char *service, char **arguments, int *status)
{
  if (!hvcat_register_parse (service, &self->service))
    {
      *status = tool_usage_error ("'%s' is neither a GUID of 36 characters nor a URI with a "
                                  "service of Hyper-V",
                                  service);
      return FALSE;
    }
  if (arguments != NULL && g_strv_length (arguments) > 1)
    {
      *status = tool_usage_error ("only one name is registered, and %u were given",
                                  g_strv_length (arguments));
      return FALSE;
    }
  self->service_name = g_strdup (arguments != NULL ? arguments[0] : DEFAULT_SERVICE_NAME);
  return TRUE;
}

static gboolean
split_command_line (HvcatOptions *self, Texts *texts, char **argv, int *status)
{
  const GOptionEntry entries[] = {
    { "listen", 'l', 0, G_OPTION_ARG_NONE, &self->listen,
      "Wait for a connection to URI, or without URI on the sockets of LISTEN_FDS", NULL },
    { "keep-open", 'k', 0, G_OPTION_ARG_NONE, &self->keep_open,
      "With --listen: go on with the next connection", NULL },
    { "max", 0, 0, G_OPTION_ARG_STRING, &texts->max,
      "With --keep-open: serve so many connections at once, and let the others wait", "N" },
    { "echo", 0, 0, G_OPTION_ARG_NONE, &self->echo,
      "Send back what is received instead of using standard input and output", NULL },
    { "exec", 0, 0, G_OPTION_ARG_FILENAME, &self->command,
      "Run COMMAND by /bin/sh for each connection instead, as its standard input and output",
      "COMMAND" },
    { "to", 0, 0, G_OPTION_ARG_FILENAME, &self->target,
      "With --listen: connect each connection to this URI instead", "URI" },
    { "timeout", 'w', 0, G_OPTION_ARG_STRING, &texts->timeout,
      "Deadline to connect (default: 10000), or with --listen to the first connection; 0 is none",
      "MS" },
    { "retry", 0, 0, G_OPTION_ARG_NONE, &self->retry,
      "Try again until the deadline while the connection is refused", NULL },
    { "quit-after", 'q', 0, G_OPTION_ARG_STRING, &texts->quit_after,
      "When one direction has ended and nothing came in the other for so long, end the connection",
      "MS" },
    { "framing", 0, 0, G_OPTION_ARG_STRING, &texts->framing,
      "The other end speaks this framing: shutdown (the same as ?framing= in URI)", "NAME" },
    { "buffer-size", 0, 0, G_OPTION_ARG_STRING, &texts->buffer_size,
      "Size of the connection's buffer in the kernel (the same as ?buffer-size= in URI)", "BYTES" },
    { "progress", 0, 0, G_OPTION_ARG_NONE, &self->progress,
      "Say on standard error how much was sent and received, and how fast", NULL },
    { "systemd-notify", 0, 0, G_OPTION_ARG_NONE, &self->systemd_notify,
      "With --listen: tell the service manager when hvcat listens", NULL },
    { "verbose", 'v', 0, G_OPTION_ARG_NONE, &self->verbose, "Say on standard error what happens",
      NULL },
    { "register-guid", 0, 0, G_OPTION_ARG_STRING, &texts->service,
      "Register the service with Hyper-V (Windows); what follows is its name", "GUID" },
    { "register", 0, 0, G_OPTION_ARG_STRING, &texts->service, "The same as --register-guid",
      "GUID" },
    { NULL },
  };

  return tool_start (argv, "URI", summary, entries, &texts->arguments, status);
}

/* When this returns FALSE, hvcat ends with *STATUS. */
gboolean
hvcat_options_init (HvcatOptions *self, char **argv, int *status)
{
  g_auto (Texts) texts = { NULL };

  *self = (HvcatOptions){ 0 };
  if (!split_command_line (self, &texts, argv, status))
    return FALSE;
  if (texts.service != NULL)
    return take_service (self, texts.service, texts.arguments, status);
  self->has_timeout = texts.timeout != NULL;
  return tool_take_time (&self->timeout, "timeout", texts.timeout, status) &&
         tool_take_time (&self->quit_after, "time to quit after", texts.quit_after, status) &&
         tool_take_number (&self->max, 1, "number of connections", texts.max, status) &&
         check_combination (self, status) && take_uri (self, &texts, status);
}

void
hvcat_options_clear (HvcatOptions *self)
{
  g_clear_pointer (&self->uri, g_free);
  g_clear_pointer (&self->target, g_free);
  g_clear_pointer (&self->command, g_free);
  g_clear_pointer (&self->service_name, g_free);
}
