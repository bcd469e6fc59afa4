/* SPDX-License-Identifier: LGPL-2.1-or-later
 * Copyright the libhvsock authors */

/* What GLib asks of gettext's library. It stands in for it where GLib is built to be tested with,
 * and translates nothing. */

#pragma once

/* gettext's own value, since the C library of Windows has none. */
#ifndef LC_MESSAGES
#  define LC_MESSAGES 1729
#endif

#define FORMAT_ARG(n) __attribute__ ((format_arg (n)))

char *gettext (const char *text) FORMAT_ARG (1);
char *dgettext (const char *domain, const char *text) FORMAT_ARG (2);
char *dcgettext (const char *domain, const char *text, int category) FORMAT_ARG (2);
char *ngettext (const char *one, const char *many, unsigned long n) FORMAT_ARG (1) FORMAT_ARG (2);
char *dngettext (const char *domain, const char *one, const char *many, unsigned long n)
    FORMAT_ARG (2) FORMAT_ARG (3);
char *textdomain (const char *domain);
char *bindtextdomain (const char *domain, const char *folder);
char *bind_textdomain_codeset (const char *domain, const char *codeset);

#undef FORMAT_ARG
