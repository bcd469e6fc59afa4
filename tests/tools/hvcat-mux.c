/* SPDX-License-Identifier: LGPL-2.1-or-later
 * Copyright the libhvsock authors */

/* hvcat over the Unix socket of a virtual machine, where most hypervisors pass on no half-close:
 * against the stand-ins for their devices, everything is delivered in both directions all the same.
 */

#include "hvcat-fixture.h"

#include "vm-device.h"

#include <sys/socket.h>
#include <unistd.h>

#define QUIT_AFTER "300"

static const struct
{
  const char *name;
  const VmDeviceKind *kind;
} kinds[] = {
  { "firecracker", &vm_firecracker },
  { "cloud-hypervisor", &vm_cloud_hypervisor },
  { "vhost-device-vsock", &vm_vhost_device_vsock },
};

/* A program in the guest, which says all that it has to say and then listens to the end. */
typedef struct
{
  int ends[2];
  GBytes *answer;
  gsize wanted; /* how many bytes it waits for before it hangs up; 0 to wait for the end */
  GByteArray *heard;
  gboolean has_heard_all;
} Guest;

static gpointer
send_answer (gpointer data)
{
  Guest *self = data;
  const char *bytes = g_bytes_get_data (self->answer, NULL);
  const gsize size = g_bytes_get_size (self->answer);
  gssize n;

  for (gsize sent = 0; sent < size; sent += n)
    {
      n = send (self->ends[1], bytes + sent, size - sent, MSG_NOSIGNAL);
      g_assert_cmpint (n, >, 0);
    }
  g_assert_cmpint (shutdown (self->ends[1], SHUT_WR), ==, 0);
  return NULL;
}

static gpointer
listen_to_end (gpointer data)
{
  Guest *self = data;
  guint8 buffer[65536];
  gssize n;

  while ((self->wanted == 0 || self->heard->len < self->wanted) &&
         (n = read (self->ends[1], buffer, sizeof buffer)) > 0)
    g_byte_array_append (self->heard, buffer, (guint) n);
  g_atomic_int_set (&self->has_heard_all, TRUE);
  g_main_context_wakeup (NULL);
  return NULL;
}

static int
give_end (VmDevice *device, guint32 port, gpointer user_data)
{
  Guest *guest = user_data;

  return guest->ends[0];
}

static void
exchange (HvcatFixture *fixture, const VmDeviceKind *kind, gsize wanted, const char *option)
{
  g_autoptr (GBytes) question = random_bytes (1000003, 1);
  Guest guest = { { -1, -1 }, random_bytes (2000003, 2), wanted, g_byte_array_new () };
  g_autofree char *uri = g_strconcat ("vsock-mux://:52", fixture->path, NULL);
  g_autoptr (GError) error = NULL;
  g_autoptr (VmDevice) device = NULL;
  g_autoptr (ToolProcess) client = NULL;
  GThread *sender, *receiver;

  g_assert_cmpint (socketpair (AF_UNIX, SOCK_STREAM | SOCK_CLOEXEC, 0, guest.ends), ==, 0);
  device = vm_device_new (kind, fixture->path, 0, give_end, &guest, &error);
  g_assert_no_error (error);
  client = tool_process_new ("hvcat", uri, option, NULL);
  sender = g_thread_new ("sender", send_answer, &guest);
  receiver = g_thread_new ("receiver", listen_to_end, &guest);
  /* After the end of the question a silence would be taken for the end of the answer. */
  if (wanted == 0)
    tool_process_wait_for_output (client, g_bytes_get_size (guest.answer));
  tool_process_feed (client, question);
  if (wanted > 0)
    {
      /* The question is fed by the main context, and may take longer than the answer. */
      while (!g_atomic_int_get (&guest.has_heard_all))
        g_main_context_iteration (NULL, TRUE);
      tool_process_wait_for_output (client, g_bytes_get_size (guest.answer));
      while (!g_output_stream_is_closed (g_subprocess_get_stdin_pipe (client->process)))
        g_main_context_iteration (NULL, TRUE);
      g_thread_join (receiver);
      g_thread_join (sender);
      close (guest.ends[1]);
    }
  tool_process_assert_ends (client, 0, NULL);
  tool_process_assert_output (client, guest.answer);
  if (wanted == 0)
    {
      g_thread_join (receiver);
      g_thread_join (sender);
      close (guest.ends[1]);
    }
  g_assert_cmpmem (guest.heard->data, guest.heard->len, g_bytes_get_data (question, NULL),
                   g_bytes_get_size (question));
  g_bytes_unref (guest.answer);
  g_byte_array_unref (guest.heard);
}

/* The guest cannot know that all was said, but hears the end when hvcat has waited long enough. */
static void
test_quit_after (HvcatFixture *fixture, gconstpointer data)
{
  exchange (fixture, data, 0, "--quit-after=" QUIT_AFTER);
}

/* The guest knows how much there is, and hangs up. */
static void
test_guest_ends (HvcatFixture *fixture, gconstpointer data)
{
  exchange (fixture, data, 1000003, NULL);
}

static void
forward (HvcatFixture *fixture, const VmDeviceKind *kind, gboolean hang_up, const char *option)
{
  Guest guest = { { -1, -1 }, NULL, 0, g_byte_array_new () };
  g_autofree char *path = g_build_filename (fixture->folder.path, "front", NULL);
  g_autofree char *front = g_strconcat ("unix://", path, NULL);
  g_autofree char *target = g_strconcat ("vsock-mux://:52", fixture->path, NULL);
  g_autoptr (GError) error = NULL;
  g_autoptr (VmDevice) device = NULL;
  g_autoptr (ToolProcess) forwarder = NULL;
  GThread *receiver;
  int client;

  g_assert_cmpint (socketpair (AF_UNIX, SOCK_STREAM | SOCK_CLOEXEC, 0, guest.ends), ==, 0);
  device = vm_device_new (kind, fixture->path, 0, give_end, &guest, &error);
  g_assert_no_error (error);
  forwarder = tool_process_new ("hvcat", "-lv", "--to", target, front, option, NULL);
  tool_process_wait_for_message (forwarder, "listening on ");
  receiver = g_thread_new ("receiver", listen_to_end, &guest);
  client = raw_connect (path);
  raw_write (client, "question");
  if (hang_up)
    close (client);
  else
    g_assert_cmpint (shutdown (client, SHUT_WR), ==, 0);

  while (!g_atomic_int_get (&guest.has_heard_all))
    g_main_context_iteration (NULL, TRUE);
  g_thread_join (receiver);
  tool_process_assert_ends (forwarder, 0, "forwarded 8 bytes, and 0 bytes back\n");
  g_assert_cmpmem (guest.heard->data, guest.heard->len, "question", 8);
  if (!hang_up)
    close (client);
  close (guest.ends[1]);
  g_byte_array_unref (guest.heard);
}

/* Nobody is there for an answer, and so the guest is told in the one way that there is. */
static void
test_forward_gone (HvcatFixture *fixture, gconstpointer data)
{
  forward (fixture, data, TRUE, NULL);
}

/* The guest may still answer, but does not. */
static void
test_forward_quit_after (HvcatFixture *fixture, gconstpointer data)
{
  forward (fixture, data, FALSE, "--quit-after=" QUIT_AFTER);
}

int
main (int argc, char **argv)
{
  g_test_init (&argc, &argv, G_TEST_OPTION_ISOLATE_DIRS, NULL);

  for (guint i = 0; i < G_N_ELEMENTS (kinds); i++)
    {
      g_autofree char *quit_after = g_strconcat ("/hvcat/mux/quit-after/", kinds[i].name, NULL);
      g_autofree char *guest_ends = g_strconcat ("/hvcat/mux/guest-ends/", kinds[i].name, NULL);
      g_autofree char *gone = g_strconcat ("/hvcat/mux/forward/gone/", kinds[i].name, NULL);
      g_autofree char *quiet = g_strconcat ("/hvcat/mux/forward/quit-after/", kinds[i].name, NULL);

      hvcat_fixture_add (quit_after, kinds[i].kind, test_quit_after);
      hvcat_fixture_add (guest_ends, kinds[i].kind, test_guest_ends);
      hvcat_fixture_add (gone, kinds[i].kind, test_forward_gone);
      hvcat_fixture_add (quiet, kinds[i].kind, test_forward_quit_after);
    }

  return g_test_run ();
}
