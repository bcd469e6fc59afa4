/* SPDX-License-Identifier: LGPL-2.1-or-later
 * Copyright the libhvsock authors */

/* What the tests of all schemes ask of a URI that is good, and of one that is not. */

#pragma once

#include <hvsock/hvsock-plugin.h>

typedef struct
{
  const char *uri;
  const char *expected;
} UriCase;

/* Parses and prints; what is printed must give an equal address and print the same again. */
HvsockAddress *check_uri (const char *uri, const char *canonical);

/* Like check_uri() for addresses that are made otherwise. */
void check_round_trip (HvsockAddress *address);

/* The message must quote the URI and hold the text. */
void check_rejected (const char *uri, const char *message);

/* There is no native form, on any system. */
void check_no_native (HvsockAddress *address);
