/* SPDX-License-Identifier: LGPL-2.1-or-later
 * Copyright the libhvsock authors */

/* What a connection gets from its base class: one that is made of no descriptor. */

#include <hvsock/hvsock-plugin.h>

/* A stand-in over two streams in memory. */
typedef struct
{
  HvsockConnection parent_instance;

  GInputStream *input;
  GOutputStream *output;
  guint timeout;
  guint n_queries;
} MemoryConnection;

typedef HvsockConnectionClass MemoryConnectionClass;

GType memory_connection_get_type (void);
G_DEFINE_TYPE (MemoryConnection, memory_connection, HVSOCK_TYPE_CONNECTION)

static GInputStream *
memory_connection_get_input_stream (GIOStream *stream)
{
  return ((MemoryConnection *) stream)->input;
}

static GOutputStream *
memory_connection_get_output_stream (GIOStream *stream)
{
  return ((MemoryConnection *) stream)->output;
}

static void
memory_connection_finalize (GObject *object)
{
  MemoryConnection *self = (MemoryConnection *) object;

  g_clear_object (&self->input);
  g_clear_object (&self->output);
  G_OBJECT_CLASS (memory_connection_parent_class)->finalize (object);
}

static void
memory_connection_class_init (MemoryConnectionClass *klass)
{
  G_OBJECT_CLASS (klass)->finalize = memory_connection_finalize;
  G_IO_STREAM_CLASS (klass)->get_input_stream = memory_connection_get_input_stream;
  G_IO_STREAM_CLASS (klass)->get_output_stream = memory_connection_get_output_stream;
}

static void
memory_connection_init (MemoryConnection *self)
{
  self->input = g_memory_input_stream_new_from_data ("in", 2, NULL);
  self->output = g_memory_output_stream_new_resizable ();
}

/* One that can also be asked, and wants to know. */
typedef MemoryConnection AskedConnection;
typedef MemoryConnectionClass AskedConnectionClass;

GType asked_connection_get_type (void);
G_DEFINE_TYPE (AskedConnection, asked_connection, memory_connection_get_type ())

static HvsockAddress *
asked_connection_query_local_address (HvsockConnection *connection)
{
  g_atomic_int_inc (&((AskedConnection *) connection)->n_queries);
  return hvsock_unix_address_new ("/asked");
}

static void
asked_connection_set_timeout (HvsockConnection *connection, guint timeout)
{
  ((AskedConnection *) connection)->timeout = timeout;
}

static void
asked_connection_class_init (AskedConnectionClass *klass)
{
  klass->query_local_address = asked_connection_query_local_address;
  klass->set_timeout = asked_connection_set_timeout;
}

static void
asked_connection_init (AskedConnection *self)
{
}

static void
test_defaults (void)
{
  g_autoptr (HvsockConnection) connection = g_object_new (memory_connection_get_type (), NULL);
  g_autoptr (GError) error = NULL;
  char bytes[8];

  g_assert_null (hvsock_connection_get_local_address (connection));
  g_assert_null (hvsock_connection_get_remote_address (connection));
  g_assert_cmpuint (hvsock_connection_get_timeout (connection), ==, 0);
  g_assert_cmpint (hvsock_connection_get_fd (connection), ==, -1);
  g_assert_cmpint (g_input_stream_read (g_io_stream_get_input_stream (G_IO_STREAM (connection)),
                                        bytes, sizeof bytes, NULL, &error),
                   ==, 2);
  g_assert_no_error (error);
}

static void
test_shutdown (void)
{
  static const struct
  {
    gboolean read, write;
  } cases[] = { { TRUE, FALSE }, { FALSE, TRUE }, { TRUE, TRUE } };
  g_autoptr (HvsockConnection) connection = g_object_new (memory_connection_get_type (), NULL);
  g_autoptr (GError) error = NULL;

  for (guint i = 0; i < G_N_ELEMENTS (cases); i++)
    {
      g_assert_false (
          hvsock_connection_shutdown (connection, cases[i].read, cases[i].write, &error));
      g_assert_error (error, G_IO_ERROR, G_IO_ERROR_NOT_SUPPORTED);
      g_clear_error (&error);
    }
  g_assert_true (hvsock_connection_shutdown (connection, FALSE, FALSE, &error));
  g_assert_no_error (error);
}

static void
count_cb (GObject *object, GParamSpec *pspec, gpointer data)
{
  guint *n = data;

  ++*n;
}

static void
test_timeout (void)
{
  g_autoptr (HvsockConnection) connection = g_object_new (asked_connection_get_type (), NULL);
  guint n_notified = 0;
  guint timeout;

  g_signal_connect (connection, "notify::timeout", G_CALLBACK (count_cb), &n_notified);
  hvsock_connection_set_timeout (connection, 0);
  g_assert_cmpuint (n_notified, ==, 0);
  hvsock_connection_set_timeout (connection, G_MAXINT);
  g_assert_cmpuint (n_notified, ==, 1);
  g_assert_cmpuint (((AskedConnection *) connection)->timeout, ==, G_MAXINT);
  g_object_set (connection, "timeout", 5, NULL);
  g_object_set (connection, "timeout", 5, NULL);
  g_assert_cmpuint (n_notified, ==, 2);
  g_object_get (connection, "timeout", &timeout, NULL);
  g_assert_cmpuint (timeout, ==, 5);
  g_assert_cmpuint (hvsock_connection_get_timeout (connection), ==, 5);
}

static void
test_addresses (void)
{
  g_autoptr (HvsockAddress) local = hvsock_unix_address_new ("/local");
  g_autoptr (HvsockAddress) remote = hvsock_unix_address_new ("/remote");
  g_autoptr (HvsockAddress) got_local = NULL;
  g_autoptr (HvsockAddress) got_remote = NULL;
  g_autoptr (HvsockConnection) connection = NULL;

  connection = g_object_new (asked_connection_get_type (), "local-address", local, "remote-address",
                             remote, NULL);
  g_object_get (connection, "local-address", &got_local, "remote-address", &got_remote, NULL);
  g_assert_true (got_local == local);
  g_assert_true (got_remote == remote);
  g_assert_cmpuint (((AskedConnection *) connection)->n_queries, ==, 0);
}

static gpointer
get_local_address (gpointer connection)
{
  return hvsock_connection_get_local_address (connection);
}

/* The first who asks decides, and all get the same. */
static void
test_address_found_out (void)
{
  for (guint round = 0; round < 50; round++)
    {
      g_autoptr (HvsockConnection) connection = g_object_new (asked_connection_get_type (), NULL);
      HvsockAddress *address;
      GThread *threads[4];

      for (guint i = 0; i < G_N_ELEMENTS (threads); i++)
        threads[i] = g_thread_new ("address", get_local_address, connection);
      address = hvsock_connection_get_local_address (connection);
      g_assert_cmpstr (hvsock_unix_address_get_path (HVSOCK_UNIX_ADDRESS (address)), ==, "/asked");
      for (guint i = 0; i < G_N_ELEMENTS (threads); i++)
        g_assert_true (g_thread_join (threads[i]) == address);
      g_assert_cmpuint (((AskedConnection *) connection)->n_queries, >=, 1);
    }
}

int
main (int argc, char *argv[])
{
  g_test_init (&argc, &argv, G_TEST_OPTION_ISOLATE_DIRS, NULL);

  g_test_add_func ("/connection/defaults", test_defaults);
  g_test_add_func ("/connection/shutdown", test_shutdown);
  g_test_add_func ("/connection/timeout", test_timeout);
  g_test_add_func ("/connection/addresses/given", test_addresses);
  g_test_add_func ("/connection/addresses/found-out", test_address_found_out);

  return g_test_run ();
}
