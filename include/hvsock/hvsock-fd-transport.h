/* SPDX-License-Identifier: LGPL-2.1-or-later
 * Copyright the libhvsock authors */

#pragma once

#if !defined(HVSOCK_INSIDE) && !defined(HVSOCK_COMPILATION)
#  error "Only <hvsock/hvsock.h> and <hvsock/hvsock-plugin.h> can be included directly."
#endif

#include <hvsock/hvsock-transport.h>
#include <sys/socket.h>

G_BEGIN_DECLS

#define HVSOCK_GREETING_MAX 64
#define HVSOCK_REPLY_MAX    64

typedef struct
{
  struct sockaddr_storage native;
  socklen_t length;
  int anchor;

  /*< private >*/
  gpointer padding[4];
} HvsockSocketTarget;

#define HVSOCK_TYPE_FD_TRANSPORT (hvsock_fd_transport_get_type ())

HVSOCK_AVAILABLE_IN_1_0
G_DECLARE_DERIVABLE_TYPE (HvsockFdTransport,
                          hvsock_fd_transport,
                          HVSOCK,
                          FD_TRANSPORT,
                          HvsockTransport)

struct _HvsockFdTransportClass
{
  HvsockTransportClass parent_class;

  int (*open_socket) (HvsockFdTransport *self,
                      HvsockAddress *address,
                      guint timeout,
                      HvsockSocketTarget *target,
                      GError **error);
  gsize (*get_greeting) (HvsockFdTransport *self,
                         HvsockAddress *address,
                         char greeting[HVSOCK_GREETING_MAX]);
  gssize (*parse_reply) (HvsockFdTransport *self,
                         HvsockAddress *address,
                         const char *reply,
                         gsize length,
                         GError **error);
  const char *(*get_remedy) (HvsockFdTransport *self, HvsockAddress *address, int errsv);
  gboolean lacks_half_close;

  /*< private >*/
  gpointer padding[8];
};

HVSOCK_AVAILABLE_IN_1_0
HvsockConnection *hvsock_connection_new_for_fd (int fd,
                                                HvsockAddress *local_address,
                                                HvsockAddress *remote_address);

G_END_DECLS
