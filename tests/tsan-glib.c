/* SPDX-License-Identifier: LGPL-2.1-or-later
 * Copyright the libhvsock authors */

/* Tells ThreadSanitizer what GLib does, which is not built with it: GLib's locks are futexes, and
 * its counts are changed by instructions that nobody reports. So each of these functions, as others
 * call it, says what it orders and then does what it always did. It says no more than GLib
 * guarantees, or else races would be hidden; what it leaves out shows as a race that is none. */

#include <gio/gio.h>

#include <dlfcn.h>
#include <sanitizer/tsan_interface.h>

/* What is done before a release happens before what follows an acquire of the same address. */
#define ACQUIRE(address) __tsan_acquire ((void *) (address))
#define RELEASE(address) __tsan_release ((void *) (address))

/* The next function of that name after this one, which is GLib's. */
#define GLIBS(name)                                                                                \
  ({                                                                                               \
    static __typeof__ (&name) function;                                                            \
    if (g_atomic_pointer_get (&function) == NULL)                                                  \
      g_atomic_pointer_set (&function, (__typeof__ (&name)) dlsym (RTLD_NEXT, #name));             \
    (__typeof__ (&name)) g_atomic_pointer_get (&function);                                         \
  })

/* Locks. */

void
g_mutex_lock (GMutex *mutex)
{
  GLIBS (g_mutex_lock) (mutex);
  ACQUIRE (mutex);
}

gboolean
g_mutex_trylock (GMutex *mutex)
{
  gboolean is_locked = GLIBS (g_mutex_trylock) (mutex);

  if (is_locked)
    ACQUIRE (mutex);
  return is_locked;
}

void
g_mutex_unlock (GMutex *mutex)
{
  RELEASE (mutex);
  GLIBS (g_mutex_unlock) (mutex);
}

void
g_rec_mutex_lock (GRecMutex *mutex)
{
  GLIBS (g_rec_mutex_lock) (mutex);
  ACQUIRE (mutex);
}

void
g_rec_mutex_unlock (GRecMutex *mutex)
{
  RELEASE (mutex);
  GLIBS (g_rec_mutex_unlock) (mutex);
}

void
g_cond_wait (GCond *cond, GMutex *mutex)
{
  RELEASE (mutex);
  GLIBS (g_cond_wait) (cond, mutex);
  ACQUIRE (mutex);
}

gboolean
g_cond_wait_until (GCond *cond, GMutex *mutex, gint64 end_time)
{
  gboolean is_signalled;

  RELEASE (mutex);
  is_signalled = GLIBS (g_cond_wait_until) (cond, mutex, end_time);
  ACQUIRE (mutex);
  return is_signalled;
}

/* Counts: whoever drops the last reference sees what the others did before they dropped theirs.
 * What says so must be one with the change itself, since two threads may drop the last two at once.
 */

/* Changed here, but for the last one. Nobody in these tests has a toggle reference. */
void
g_object_unref (gpointer object)
{
  int *count = (int *) &G_OBJECT (object)->ref_count;
  int before;

  do
    {
      before = g_atomic_int_get (count);
      if (before <= 1)
        {
          GLIBS (g_object_unref) (object);
          return;
        }
    }
  while (!g_atomic_int_compare_and_exchange (count, before, before - 1));
}

static __thread GDestroyNotify clear_box;

static void
clear_box_cb (gpointer box)
{
  ACQUIRE (box);
  if (clear_box != NULL)
    clear_box (box);
}

void
g_atomic_rc_box_release_full (gpointer box, GDestroyNotify clear)
{
  GDestroyNotify outer = clear_box;

  RELEASE (box);
  clear_box = clear;
  GLIBS (g_atomic_rc_box_release_full) (box, clear_box_cb);
  clear_box = outer;
}
