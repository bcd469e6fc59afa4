/* SPDX-License-Identifier: LGPL-2.1-or-later
 * Copyright the libhvsock authors */

/* The one header of a plugin. A plugin is a module that implements a transport for one or more URI
 * schemes, and a key file beside it: `foo.so` and `foo.plugin` for the plugin `foo`.
 *
 * ## The key file
 *
 *     [Plugin]
 *     Name=foo                 a lower-case letter, then letters, digits and '_'; the files' name
 *     Version=1.2              the plugin's own
 *     Description=What it is   one line; may be left out
 *     Schemes=foo;foo-tls;     in lower case
 *     Priority=0               higher comes first; 0 when left out
 *     Abi=1.0                  HVSOCK_PLUGIN_ABI_MAJOR and _MINOR of the headers it was built with
 *                              (pkg-config --variable=pluginabi hvsock-1)
 *
 * It is all that is read until a URI of one of these schemes is used.
 *
 * ## What happens, in this order
 *
 *     key file          its ABI is this library's: the same major, no newer minor
 *     path              neither the module, nor its key file, nor their folder may be written by
 *                       group or others; Windows has no such modes, and the access control
 *                       lists of its folders are left to who installs
 *     module            opened with all its symbols resolved, and with none given to other modules
 *     describe          hvsock_plugin_foo_describe (), which HVSOCK_PLUGIN_DEFINE makes
 *     descriptor        ABI, size, name and schemes are checked
 *     residence         from here on the module stays loaded for the life of the process
 *     type              get_transport_type () gives a type derived from HvsockTransport
 *     object            one for each registry, with its property "name"; it lives as long as the
 *                       registry
 *     probe             says whether the transport can be used on this machine
 *     parse_address     reads the URI
 *     connect, listen   the work itself
 *
 * What fails is kept in the plugin's HvsockPluginInfo, and told to those who use the scheme.
 * Nothing of a plugin made for a newer ABI runs but its constructors and `describe`, and if its key
 * file tells the truth not even these.
 *
 * ## What is expected
 *
 * - The functions may be called from any thread, and several at once, `describe` and
 *   `get_transport_type` included. No lock of the library is held meanwhile.
 * - Nothing waits before `connect`: `probe` has a time limit (2000 ms, the registry's property
 *   "probe-timeout"), after which its answer is not heard; its cancellable is cancelled then.
 *   `parse_address` makes no system call.
 * - Until its object exists a plugin does not use the registry. Its probe may, for other schemes.
 * - It never ends the process, changes its signals or its working folder, or writes to its output.
 *
 * ## The promise
 *
 * A plugin built with the headers of ABI 1.N is loaded by each library that has ABI 1.M, M not
 * below N. New virtual functions take the place of padding in class structures. */

#pragma once

#include <gmodule.h>
#include <hvsock/hvsock.h>

#define HVSOCK_INSIDE

#include <hvsock/hvsock-io-error.h>
#include <hvsock/hvsock-uri.h>
#ifdef G_OS_UNIX
#  include <hvsock/hvsock-fd-transport.h>
#  include <hvsock/hvsock-unix-socket.h>
#endif

#undef HVSOCK_INSIDE

G_BEGIN_DECLS

/**
 * HVSOCK_PLUGIN_ABI_MAJOR:
 *
 * The major version of the plugin ABI: a plugin is only loaded when it has the same.
 *
 * Since: 1.0
 */
#define HVSOCK_PLUGIN_ABI_MAJOR 1

/**
 * HVSOCK_PLUGIN_ABI_MINOR:
 *
 * The minor version of the plugin ABI: a plugin is only loaded when it does not have a newer one.
 *
 * Since: 1.0
 */
#define HVSOCK_PLUGIN_ABI_MINOR 0

/**
 * HvsockPluginDescriptor:
 * @size: `sizeof (HvsockPluginDescriptor)`, which differs between the versions of the ABI
 * @abi_major: %HVSOCK_PLUGIN_ABI_MAJOR of the headers that the plugin was built with
 * @abi_minor: %HVSOCK_PLUGIN_ABI_MINOR of them
 * @name: the plugin's name, as in its key file
 * @version: the plugin's own version
 * @schemes: (array zero-terminated=1): the URI schemes that it serves, at least those of its key
 * file
 * @get_transport_type: gives the type of the transport, which derives from #HvsockTransport
 *
 * What a module says of itself before any other of its code runs.
 *
 * The first three members stand where they are in every version of the ABI. It is static data of
 * the module and never changes. HVSOCK_PLUGIN_DEFINE() fills it in.
 *
 * Since: 1.0
 */
typedef struct
{
  guint32 size;
  guint16 abi_major;
  guint16 abi_minor;
  const char *name;
  const char *version;
  const char *const *schemes;
  GType (*get_transport_type) (void);
} HvsockPluginDescriptor;

/**
 * HVSOCK_PLUGIN_DEFINE:
 * @identifier: the plugin's name, without quotes
 * @plugin_version: the plugin's own version, a string
 * @get_type: the function that gives the type of its transport
 * @...: the URI schemes that it serves, strings in lower case
 *
 * Makes the one symbol that a module exports, hvsock_plugin_IDENTIFIER_describe(). It stands once
 * in a module:
 *
 * |[<!-- language="C" -->
 * HVSOCK_PLUGIN_DEFINE (foo, "1.2", foo_transport_get_type, "foo", "foo-tls")
 * ]|
 *
 * Since: 1.0
 */
#define HVSOCK_PLUGIN_DEFINE(identifier, plugin_version, get_type, ...)                            \
  G_BEGIN_DECLS                                                                                    \
  G_MODULE_EXPORT const HvsockPluginDescriptor *hvsock_plugin_##identifier##_describe (void);      \
  G_END_DECLS                                                                                      \
                                                                                                   \
  const HvsockPluginDescriptor *hvsock_plugin_##identifier##_describe (void)                       \
  {                                                                                                \
    static const char *const schemes[] = { __VA_ARGS__, NULL };                                    \
    static const HvsockPluginDescriptor descriptor = {                                             \
      sizeof (HvsockPluginDescriptor),                                                             \
      HVSOCK_PLUGIN_ABI_MAJOR,                                                                     \
      HVSOCK_PLUGIN_ABI_MINOR,                                                                     \
      #identifier,                                                                                 \
      plugin_version,                                                                              \
      schemes,                                                                                     \
      get_type,                                                                                    \
    };                                                                                             \
                                                                                                   \
    return &descriptor;                                                                            \
  }

G_END_DECLS
