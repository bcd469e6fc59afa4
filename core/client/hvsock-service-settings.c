/* SPDX-License-Identifier: LGPL-2.1-or-later
 * Copyright the libhvsock authors */

/* The limits and the counters of a service. */

#include "client/hvsock-service-private.h"

/**
 * hvsock_service_get_max_connections:
 * @self: a service
 *
 * Gets how many connections there may be at once.
 *
 * Returns: how many, or 0 for any number
 *
 * Since: 1.0
 */
guint
hvsock_service_get_max_connections (HvsockService *self)
{
  g_return_val_if_fail (HVSOCK_IS_SERVICE (self), 0);

  return self->max_connections;
}

/**
 * hvsock_service_set_max_connections:
 * @self: a service
 * @max_connections: how many, or 0 for any number
 *
 * Sets how many connections there may be at once. It holds for those who come from now on.
 *
 * Since: 1.0
 */
void
hvsock_service_set_max_connections (HvsockService *self, guint max_connections)
{
  g_return_if_fail (HVSOCK_IS_SERVICE (self));

  if (self->max_connections == max_connections)
    return;

  self->max_connections = max_connections;
  hvsock_admission_set_limits (self->admission, self->max_connections, self->max_per_peer);
  g_object_notify (G_OBJECT (self), "max-connections");
}

/**
 * hvsock_service_get_max_per_peer:
 * @self: a service
 *
 * Gets how many connections one peer may have at once.
 *
 * Returns: how many, or 0 for any number
 *
 * Since: 1.0
 */
guint
hvsock_service_get_max_per_peer (HvsockService *self)
{
  g_return_val_if_fail (HVSOCK_IS_SERVICE (self), 0);

  return self->max_per_peer;
}

/**
 * hvsock_service_set_max_per_peer:
 * @self: a service
 * @max_per_peer: how many, or 0 for any number
 *
 * Sets how many connections one peer may have at once. It holds for those who come from now on.
 *
 * Since: 1.0
 */
void
hvsock_service_set_max_per_peer (HvsockService *self, guint max_per_peer)
{
  g_return_if_fail (HVSOCK_IS_SERVICE (self));

  if (self->max_per_peer == max_per_peer)
    return;

  self->max_per_peer = max_per_peer;
  hvsock_admission_set_limits (self->admission, self->max_connections, self->max_per_peer);
  g_object_notify (G_OBJECT (self), "max-per-peer");
}

/**
 * hvsock_service_get_first_byte_timeout:
 * @self: a service
 *
 * Gets how long a peer may wait before it says something.
 *
 * Returns: the time in milliseconds, or 0 for ever
 *
 * Since: 1.0
 */
guint
hvsock_service_get_first_byte_timeout (HvsockService *self)
{
  g_return_val_if_fail (HVSOCK_IS_SERVICE (self), 0);

  return self->first_byte_timeout;
}

/**
 * hvsock_service_set_first_byte_timeout:
 * @self: a service
 * @first_byte_timeout: the time in milliseconds, or 0 for ever
 *
 * Sets how long a peer may wait before it says something. It holds for those who come from now on.
 *
 * Since: 1.0
 */
void
hvsock_service_set_first_byte_timeout (HvsockService *self, guint first_byte_timeout)
{
  g_return_if_fail (HVSOCK_IS_SERVICE (self));
  g_return_if_fail (first_byte_timeout <= G_MAXINT);

  if (self->first_byte_timeout == first_byte_timeout)
    return;

  self->first_byte_timeout = first_byte_timeout;
  g_object_notify (G_OBJECT (self), "first-byte-timeout");
}

/**
 * hvsock_service_get_n_active:
 * @self: a service
 *
 * Gets how many connections there are now. May be called from any thread.
 *
 * Returns: the number
 *
 * Since: 1.0
 */
guint
hvsock_service_get_n_active (HvsockService *self)
{
  g_return_val_if_fail (HVSOCK_IS_SERVICE (self), 0);

  return hvsock_admission_get_counts (self->admission).n_active;
}

/**
 * hvsock_service_get_n_accepted:
 * @self: a service
 *
 * Gets how many connections were let in so far. May be called from any thread.
 *
 * Returns: the number
 *
 * Since: 1.0
 */
guint64
hvsock_service_get_n_accepted (HvsockService *self)
{
  g_return_val_if_fail (HVSOCK_IS_SERVICE (self), 0);

  return hvsock_admission_get_counts (self->admission).n_accepted;
}

/**
 * hvsock_service_get_n_refused:
 * @self: a service
 *
 * Gets how many peers were turned away so far. May be called from any thread.
 *
 * Returns: the number
 *
 * Since: 1.0
 */
guint64
hvsock_service_get_n_refused (HvsockService *self)
{
  g_return_val_if_fail (HVSOCK_IS_SERVICE (self), 0);

  return hvsock_admission_get_counts (self->admission).n_refused;
}

/**
 * hvsock_service_get_n_silent:
 * @self: a service
 *
 * Gets how many of those who were let in did not say anything in time. May be called from any
 * thread.
 *
 * Returns: the number
 *
 * Since: 1.0
 */
guint64
hvsock_service_get_n_silent (HvsockService *self)
{
  g_return_val_if_fail (HVSOCK_IS_SERVICE (self), 0);

  return hvsock_admission_get_counts (self->admission).n_silent;
}
