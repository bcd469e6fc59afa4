/* SPDX-License-Identifier: LGPL-2.1-or-later
 * Copyright the libhvsock authors */

/* The first connection of a fresh process, with few and with many plugins installed, and how many
 * of their modules that process has loaded. For each turn this program runs itself once more. */

#include "bench-peer.h"

#include <hvsock/hvsock-plugin.h>
#include <hvsock/hvsock.h>

#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/wait.h>
#include <unistd.h>

#include <glib/gstdio.h>

static const struct
{
  const char *name;
  guint n_plugins;
} kinds[] = {
  { "5 plugins", 5 },
  { "100 plugins", 100 },
};

/* Of the modules below HVSOCK_PLUGIN_PATH. */
static guint
count_loaded_modules (void)
{
  g_autoptr (GHashTable) modules = g_hash_table_new_full (g_str_hash, g_str_equal, g_free, NULL);
  const char *folder = g_getenv ("HVSOCK_PLUGIN_PATH");
  g_autofree char *maps = NULL;
  g_auto (GStrv) lines = NULL;

  if (!g_file_get_contents ("/proc/self/maps", &maps, NULL, NULL))
    bench_fail ("/proc/self/maps");
  lines = g_strsplit (maps, "\n", -1);
  for (guint i = 0; lines[i] != NULL; i++)
    {
      const char *path = strchr (lines[i], '/');

      if (path != NULL && g_str_has_prefix (path, folder) && g_str_has_suffix (path, ".so"))
        g_hash_table_add (modules, g_strdup (path));
    }
  return g_hash_table_size (modules);
}

/* In the fresh process. */
static int
connect_first (const char *uri)
{
  g_autoptr (GError) error = NULL;
  g_autoptr (HvsockConnection) connection = NULL;
  const gint64 start = g_get_monotonic_time ();
  gint64 end;

  connection = hvsock_connect (uri, NULL, &error);
  end = g_get_monotonic_time ();
  if (connection == NULL)
    g_error ("%s", error->message);

  printf ("%" G_GINT64_FORMAT " %u\n", end - start, count_loaded_modules ());
  return 0;
}

/* The folder where the transport's plugin was built. */
static char *
find_plugin (Bench *bench)
{
  g_auto (GStrv) folders = g_strsplit (g_getenv ("HVSOCK_PLUGIN_PATH") ?: "", ":", -1);

  for (guint i = 0; folders[i] != NULL; i++)
    {
      g_autofree char *path = g_strdup_printf ("%s/%s.plugin", folders[i], bench->transport);

      if (g_file_test (path, G_FILE_TEST_EXISTS))
        return g_strdup (folders[i]);
    }
  g_error ("HVSOCK_PLUGIN_PATH leads to no plugin for %s", bench->transport);
}

static char *
read_file (const char *folder, const char *name, const char *suffix, gsize *length)
{
  g_autofree char *path = g_strconcat (folder, "/", name, suffix, NULL);
  g_autoptr (GError) error = NULL;
  char *contents;

  if (!g_file_get_contents (path, &contents, length, &error))
    g_error ("%s", error->message);
  return contents;
}

static void
write_file (const char *folder,
            const char *name,
            const char *suffix,
            const char *contents,
            gsize length)
{
  g_autofree char *path = g_strconcat (folder, "/", name, suffix, NULL);
  g_autoptr (GError) error = NULL;

  if (!g_file_set_contents_full (path, contents, length, G_FILE_SET_CONTENTS_NONE, 0644, &error))
    g_error ("%s", error->message);
}

/* The transport's plugin, and others of other names and schemes. */
static char *
install_plugins (Bench *bench, guint n_plugins)
{
  char *folder = g_strdup_printf ("%s/plugins-%u", bench->folder.path, n_plugins);
  g_autofree char *source = find_plugin (bench);
  gsize key_file_length, module_length;
  g_autofree char *key_file = read_file (source, bench->transport, ".plugin", &key_file_length);
  g_autofree char *module = read_file (source, bench->transport, ".so", &module_length);

  if (g_mkdir (folder, 0755) != 0)
    bench_fail (folder);
  write_file (folder, bench->transport, ".plugin", key_file, key_file_length);
  write_file (folder, bench->transport, ".so", module, module_length);

  for (guint i = 1; i < n_plugins; i++)
    {
      g_autofree char *name = g_strdup_printf ("other_%u", i);
      g_autofree char *other =
          g_strdup_printf ("[Plugin]\nName=%s\nVersion=1.0\nDescription=Never used\n"
                           "Schemes=other-%u;\nPriority=0\nAbi=%u.%u\n",
                           name, i, HVSOCK_PLUGIN_ABI_MAJOR, HVSOCK_PLUGIN_ABI_MINOR);

      write_file (folder, name, ".plugin", other, strlen (other));
      write_file (folder, name, ".so", module, module_length);
    }
  return folder;
}

static void
take_turn (Bench *bench, const char *name, const char *folder, const char *uri, int round)
{
  gint64 microseconds;
  guint n_modules;
  int output[2], pid, status;
  FILE *file;

  if (pipe (output) != 0)
    bench_fail ("pipe");
  pid = bench_fork (BENCH_CPU);
  if (pid == 0)
    {
      dup2 (output[1], STDOUT_FILENO);
      g_setenv ("HVSOCK_PLUGIN_PATH", folder, TRUE);
      execl ("/proc/self/exe", "start-up", "--first-connect", uri, NULL);
      bench_fail ("execl");
    }
  close (output[1]);
  file = fdopen (output[0], "r");
  if (fscanf (file, "%" G_GINT64_FORMAT " %u", &microseconds, &n_modules) != 2 ||
      waitpid (pid, &status, 0) != pid || status != 0)
    g_error ("the process that was to connect failed");
  fclose (file);

  /* The first one reads the files from the disk. */
  if (round < 0)
    return;
  bench_print (bench, "first connect", "s", name, round, microseconds / (double) G_USEC_PER_SEC);
  bench_print (bench, "modules loaded", "modules", name, round, n_modules);
}

int
main (int argc, char **argv)
{
  g_autoptr (Bench) bench = NULL;
  char *folders[G_N_ELEMENTS (kinds)];
  BenchEndpoint endpoint;
  int stand_in, peer;

  if (argc == 3 && g_str_equal (argv[1], "--first-connect"))
    return connect_first (argv[2]);

  bench = bench_new ("start-up", &argc, &argv);
  bench_endpoint_init_to_guest (&endpoint, bench);
  stand_in = bench_start_stand_in (bench);
  peer = bench_peer_start (&endpoint);
  for (guint i = 0; i < G_N_ELEMENTS (kinds); i++)
    folders[i] = install_plugins (bench, kinds[i].n_plugins);

  for (int round = -1; round < bench->rounds; round++)
    for (guint i = 0; i < G_N_ELEMENTS (kinds); i++)
      take_turn (bench, kinds[i].name, folders[i], endpoint.uri, round);

  for (guint i = 0; i < G_N_ELEMENTS (kinds); i++)
    g_free (folders[i]);
  bench_stop (peer);
  if (stand_in != 0)
    bench_stop (stand_in);
  return 0;
}
