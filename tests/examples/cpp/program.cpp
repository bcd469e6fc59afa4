// SPDX-License-Identifier: LGPL-2.1-or-later
// Copyright the libhvsock authors

// What the installed headers are to a C++ program: it prints the name of each plugin.

#include <hvsock/hvsock.h>

#include <iostream>

int
main ()
{
  g_autoptr (GPtrArray) plugins = hvsock_registry_list_plugins (hvsock_registry_get_default ());

  for (guint i = 0; i < plugins->len; i++)
    std::cout << hvsock_plugin_info_get_name (HVSOCK_PLUGIN_INFO (plugins->pdata[i])) << '\n';
}
