/* SPDX-License-Identifier: LGPL-2.1-or-later
 * Copyright the libhvsock authors */

/* hvcat's command line as data. Separate so that the rules of what goes with what stand in one
 * place. */

#include "hvcat-options.h"

#include "hvcat-register.h"
#include "tool-main.h"

#define DEFAULT_SERVICE_NAME "hvcat"

static const char *const summary =
    "Connects standard input and output to the byte stream that URI names.";

static gboolean
take_uri (HvcatOptions *self, char **arguments, int *status)
{
  guint count = arguments == NULL ? 0 : g_strv_length (arguments);

  if (count == 1)
    {
      self->uri = g_strdup (arguments[0]);
      return TRUE;
    }
  *status = count == 0 ? tool_usage_error ("no URI was given")
                       : tool_usage_error ("only one URI is taken, and %u were given", count);
  return FALSE;
}

static gboolean
check_combination (const HvcatOptions *self, int *status)
{
  if (self->keep_open && !self->listen)
    {
      *status = tool_usage_error ("--keep-open is for listening: it needs --listen");
      return FALSE;
    }
  if (self->target != NULL && !self->listen)
    {
      *status = tool_usage_error ("--to is for what connects to URI: it needs --listen");
      return FALSE;
    }
  if (self->target != NULL && self->echo)
    {
      *status = tool_usage_error ("what is received cannot go both back and on: --echo or --to");
      return FALSE;
    }
  if (self->retry && self->listen && self->target == NULL)
    {
      *status = tool_usage_error ("--retry is for connecting: with --listen it needs --to");
      return FALSE;
    }
  return TRUE;
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

/* When this returns FALSE, hvcat ends with *STATUS. */
gboolean
hvcat_options_init (HvcatOptions *self, char **argv, int *status)
{
  g_auto (GStrv) arguments = NULL;
  g_autofree char *timeout = NULL;
  g_autofree char *quit_after = NULL;
  g_autofree char *service = NULL;
  const GOptionEntry entries[] = {
    { "listen", 'l', 0, G_OPTION_ARG_NONE, &self->listen, "Wait for a connection to URI", NULL },
    { "keep-open", 'k', 0, G_OPTION_ARG_NONE, &self->keep_open,
      "With --listen: go on with the next connection", NULL },
    { "echo", 0, 0, G_OPTION_ARG_NONE, &self->echo,
      "Send back what is received instead of using standard input and output", NULL },
    { "to", 0, 0, G_OPTION_ARG_STRING, &self->target,
      "With --listen: connect each connection to this URI instead", "URI" },
    { "timeout", 'w', 0, G_OPTION_ARG_STRING, &timeout,
      "Deadline to connect (default: 10000), or with --listen to the first connection; 0 is none",
      "MS" },
    { "retry", 0, 0, G_OPTION_ARG_NONE, &self->retry,
      "Try again until the deadline while the connection is refused", NULL },
    { "quit-after", 'q', 0, G_OPTION_ARG_STRING, &quit_after,
      "When one direction has ended and nothing came in the other for so long, end the connection",
      "MS" },
    { "verbose", 'v', 0, G_OPTION_ARG_NONE, &self->verbose, "Say on standard error what happens",
      NULL },
    { "register-guid", 0, 0, G_OPTION_ARG_STRING, &service,
      "Register the service with Hyper-V (Windows); what follows is its name", "GUID" },
    { "register", 0, 0, G_OPTION_ARG_STRING, &service, "The same as --register-guid", "GUID" },
    { NULL },
  };

  *self = (HvcatOptions){ 0 };
  if (!tool_start (argv, "URI", summary, entries, &arguments, status))
    return FALSE;
  if (service != NULL)
    return take_service (self, service, arguments, status);
  self->has_timeout = timeout != NULL;
  return check_combination (self, status) &&
         tool_take_time (&self->timeout, "timeout", timeout, status) &&
         tool_take_time (&self->quit_after, "time to quit after", quit_after, status) &&
         take_uri (self, arguments, status);
}

void
hvcat_options_clear (HvcatOptions *self)
{
  g_clear_pointer (&self->uri, g_free);
  g_clear_pointer (&self->target, g_free);
  g_clear_pointer (&self->service_name, g_free);
}
