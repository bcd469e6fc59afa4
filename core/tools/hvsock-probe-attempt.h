/* SPDX-License-Identifier: LGPL-2.1-or-later
 * Copyright the libhvsock authors */

/* One attempt to connect to a URI, step by step. */

#pragma once

#include <hvsock/hvsock.h>

G_BEGIN_DECLS

typedef enum
{
  PROBE_STEP_NOT_TRIED,
  PROBE_STEP_DONE,
  PROBE_STEP_FAILED,
  PROBE_STEP_NONE, /* it needs no such step */
} ProbeStepState;

typedef struct
{
  const char *name;
  ProbeStepState state;
  char *result;    /* NULL if there is nothing to tell */
  gint64 duration; /* in microseconds */
} ProbeStep;

enum
{
  PROBE_STEP_PLUGIN,
  PROBE_STEP_PARSE,
  PROBE_STEP_RESOLVE,
  PROBE_STEP_CONNECT,
  PROBE_STEP_HANDSHAKE,
  PROBE_N_STEPS
};

typedef struct
{
  const char *uri;
  ProbeStep steps[PROBE_N_STEPS];
  GError *error; /* of the step that failed */
  char *remedy;  /* NULL if none is known but what the error says */
} ProbeAttempt;

void probe_attempt_run (ProbeAttempt *self,
                        HvsockRegistry *registry,
                        const char *uri,
                        guint timeout);
void probe_attempt_clear (ProbeAttempt *self);

const ProbeStep *probe_attempt_get_failed_step (const ProbeAttempt *self);
const char *probe_step_get_state (const ProbeStep *self);

G_DEFINE_AUTO_CLEANUP_CLEAR_FUNC (ProbeAttempt, probe_attempt_clear)

G_END_DECLS
