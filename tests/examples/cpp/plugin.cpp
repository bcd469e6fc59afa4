// SPDX-License-Identifier: LGPL-2.1-or-later
// Copyright the libhvsock authors

// The least that can be a plugin, in C++: it is found, and its transport can do nothing.

#include <hvsock/hvsock-plugin.h>

#define CPP_TYPE_TRANSPORT (cpp_transport_get_type ())
G_DECLARE_FINAL_TYPE (CppTransport, cpp_transport, CPP, TRANSPORT, HvsockTransport)

struct _CppTransport
{
  HvsockTransport parent_instance;
};

G_DEFINE_FINAL_TYPE (CppTransport, cpp_transport, HVSOCK_TYPE_TRANSPORT)

static void
cpp_transport_class_init (CppTransportClass *)
{
}

static void
cpp_transport_init (CppTransport *)
{
}

HVSOCK_PLUGIN_DEFINE (cpp, "1.0", cpp_transport_get_type, "cpp")
