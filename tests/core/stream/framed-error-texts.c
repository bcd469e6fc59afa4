/* SPDX-License-Identifier: LGPL-2.1-or-later
 * Copyright the libhvsock authors */

/* What the errors of a framed connection call its peer. */

#include "framed-pair.h"

static void
expect_read_text (Pair *pair, const char *operation_and_peer, const char *text)
{
  g_autofree char *expected = g_strconcat (operation_and_peer, text, NULL);
  g_autoptr (GError) error = NULL;
  char byte;

  g_assert_cmpint (g_input_stream_read (pair->input, &byte, 1, NULL, &error), ==, -1);
  g_assert_cmpstr (error->message, ==, expected);
}

static void
expect_write_text (Pair *pair, const char *operation_and_peer, const char *text)
{
  g_autofree char *expected = g_strconcat (operation_and_peer, text, NULL);
  g_autoptr (GError) error = NULL;

  g_assert_cmpint (g_output_stream_write (pair->output, "x", 1, NULL, &error), ==, -1);
  g_assert_cmpstr (error->message, ==, expected);
}

static void
test_error_texts (void)
{
  static const struct
  {
    const char *local;
    const char *remote;
    const char *reading;
    const char *writing;
    const char *closed;
  } cases[] = {
    { "vsock://1:99", "vsock://2:80?framing=shutdown",
      "cannot read from 'vsock://2:80?framing=shutdown': ",
      "cannot write to 'vsock://2:80?framing=shutdown': ",
      "the connection to 'vsock://2:80?framing=shutdown' is closed" },
    { "vsock://1:99?framing=shutdown", NULL,
      "cannot read from a peer of 'vsock://1:99?framing=shutdown': ",
      "cannot write to a peer of 'vsock://1:99?framing=shutdown': ",
      "the connection to a peer of 'vsock://1:99?framing=shutdown' is closed" },
    { NULL, NULL,
      "cannot read from a peer without an address: ", "cannot write to a peer without an address: ",
      "the connection to a peer without an address is closed" },
  };

  for (gsize i = 0; i < G_N_ELEMENTS (cases); i++)
    {
      g_autoptr (HvsockAddress) local = NULL;
      g_autoptr (HvsockAddress) remote = NULL;
      g_auto (Pair) nonsense = { 0 };
      g_auto (Pair) cut = { 0 };
      g_autoptr (GError) error = NULL;

      if (cases[i].local != NULL)
        local = hvsock_vsock_address_new_from_uri (cases[i].local, NULL);
      if (cases[i].remote != NULL)
        remote = hvsock_vsock_address_new_from_uri (cases[i].remote, NULL);

      pair_init_at (&nonsense, local, remote);
      PAIR_SEND (&nonsense, STOP_READING "\1\20\0\0");
      expect_read_text (&nonsense, cases[i].reading,
                        "the peer announces a frame of 4097 bytes, and 4096 are the most: it does "
                        "not speak the shutdown framing");
      expect_write_text (&nonsense, cases[i].writing, "the peer has ended reading");
      pair_shut_down (&nonsense, FALSE, TRUE);
      expect_write_text (&nonsense, cases[i].writing, "this end has ended writing");

      pair_init_at (&cut, local, remote);
      PAIR_SEND (&cut, "\2\0\0\0a");
      pair_close_peer (&cut);
      pair_read (&cut, "a");
      expect_read_text (&cut, cases[i].reading, "the peer went away in the middle of a frame");
      g_io_stream_close (G_IO_STREAM (cut.framed), NULL, NULL);
      g_assert_false (hvsock_connection_shutdown (cut.framed, TRUE, TRUE, &error));
      g_assert_cmpstr (error->message, ==, cases[i].closed);
    }
}

int
main (int argc, char **argv)
{
  g_test_init (&argc, &argv, G_TEST_OPTION_ISOLATE_DIRS, NULL);

  g_test_add_func ("/framed/error-texts", test_error_texts);

  return g_test_run ();
}
