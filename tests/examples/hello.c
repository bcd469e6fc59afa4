/* SPDX-License-Identifier: LGPL-2.1-or-later
 * Copyright the libhvsock authors */

#include <hvsock/hvsock.h>

int
main (int argc, char **argv)
{
  g_autoptr (GError) error = NULL;
  g_autoptr (HvsockConnection) connection = hvsock_connect (argv[1], NULL, &error);

  if (connection == NULL)
    g_error ("%s", error->message);

  g_output_stream_printf (g_io_stream_get_output_stream (G_IO_STREAM (connection)), NULL, NULL,
                          NULL, "hello from the other side\n");
  return 0;
}
