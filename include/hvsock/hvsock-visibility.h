/* SPDX-License-Identifier: LGPL-2.1-or-later
 * Copyright the libhvsock authors */

#pragma once

#if !defined(HVSOCK_INSIDE) && !defined(HVSOCK_COMPILATION)
#  error "Only <hvsock/hvsock.h> and <hvsock/hvsock-plugin.h> can be included directly."
#endif

#include <glib.h>

#if defined(_WIN32) || defined(__CYGWIN__)
#  ifdef HVSOCK_COMPILATION
#    define HVSOCK_EXPORT __declspec(dllexport)
#  else
#    define HVSOCK_EXPORT __declspec(dllimport)
#  endif
#else
#  define HVSOCK_EXPORT __attribute__ ((visibility ("default")))
#endif

#define HVSOCK_AVAILABLE_IN_1_0 HVSOCK_EXPORT extern
