/* SPDX-License-Identifier: LGPL-2.1-or-later
 * Copyright the libhvsock authors */

/* What a transport can do on this machine, as data. */

#include <hvsock/hvsock-enum-types.h>
#include <hvsock/hvsock-probe.h>

/**
 * HvsockFeatures:
 * @HVSOCK_FEATURE_NONE: nothing
 * @HVSOCK_FEATURE_CONNECT: connections can be opened
 * @HVSOCK_FEATURE_LISTEN: connections can be waited for
 * @HVSOCK_FEATURE_STREAM: byte streams
 * @HVSOCK_FEATURE_SEQPACKET: streams that keep message boundaries
 * @HVSOCK_FEATURE_HALF_CLOSE: one direction can be closed alone
 * @HVSOCK_FEATURE_PEER_ADDRESS: an accepted connection knows the address of its peer
 *
 * What a transport can do.
 *
 * Since: 1.0
 */

/**
 * HvsockProbe:
 *
 * What a transport found out about this machine: whether it can be used here and for what, or why
 * it cannot and what helps.
 *
 * A transport fills in a probe before it returns it; after that it is not changed, and may be used
 * from any thread.
 *
 * Since: 1.0
 */

struct _HvsockProbe
{
  GObject parent_instance;

  gboolean is_available;
  HvsockFeatures features;
  char *reason;
  char *remedy;
  GPtrArray *names;
  GPtrArray *values;
  GPtrArray *notes;
};

enum
{
  PROP_0,
  PROP_AVAILABLE,
  PROP_FEATURES,
  PROP_REASON,
  PROP_REMEDY,
  N_PROPS
};

static GParamSpec *properties[N_PROPS];

G_DEFINE_FINAL_TYPE (HvsockProbe, hvsock_probe, G_TYPE_OBJECT)

static void
hvsock_probe_get_property (GObject *object, guint id, GValue *value, GParamSpec *pspec)
{
  HvsockProbe *self = HVSOCK_PROBE (object);

  switch (id)
    {
    case PROP_AVAILABLE:
      g_value_set_boolean (value, self->is_available);
      break;
    case PROP_FEATURES:
      g_value_set_flags (value, self->features);
      break;
    case PROP_REASON:
      g_value_set_string (value, self->reason);
      break;
    case PROP_REMEDY:
      g_value_set_string (value, self->remedy);
      break;
    default:
      G_OBJECT_WARN_INVALID_PROPERTY_ID (object, id, pspec);
    }
}

static void
hvsock_probe_finalize (GObject *object)
{
  HvsockProbe *self = HVSOCK_PROBE (object);

  g_free (self->reason);
  g_free (self->remedy);
  g_ptr_array_unref (self->names);
  g_ptr_array_unref (self->values);
  g_ptr_array_unref (self->notes);
  G_OBJECT_CLASS (hvsock_probe_parent_class)->finalize (object);
}

static void
hvsock_probe_class_init (HvsockProbeClass *klass)
{
  const GParamFlags flags = G_PARAM_READABLE | G_PARAM_STATIC_STRINGS;
  GObjectClass *object_class = G_OBJECT_CLASS (klass);

  object_class->get_property = hvsock_probe_get_property;
  object_class->finalize = hvsock_probe_finalize;

  /**
   * HvsockProbe:available: (getter is_available)
   *
   * Whether the transport can be used here.
   *
   * Since: 1.0
   */
  properties[PROP_AVAILABLE] = g_param_spec_boolean ("available", NULL, NULL, FALSE, flags);
  /**
   * HvsockProbe:features: (getter get_features)
   *
   * What it can do here.
   *
   * Since: 1.0
   */
  properties[PROP_FEATURES] =
      g_param_spec_flags ("features", NULL, NULL, HVSOCK_TYPE_FEATURES, HVSOCK_FEATURE_NONE, flags);
  /**
   * HvsockProbe:reason: (getter get_reason)
   *
   * Why it cannot be used here.
   *
   * Since: 1.0
   */
  properties[PROP_REASON] = g_param_spec_string ("reason", NULL, NULL, NULL, flags);
  /**
   * HvsockProbe:remedy: (getter get_remedy)
   *
   * What would help.
   *
   * Since: 1.0
   */
  properties[PROP_REMEDY] = g_param_spec_string ("remedy", NULL, NULL, NULL, flags);
  g_object_class_install_properties (object_class, N_PROPS, properties);
}

static void
hvsock_probe_init (HvsockProbe *self)
{
  self->names = g_ptr_array_new_null_terminated (1, g_free, TRUE);
  self->values = g_ptr_array_new_with_free_func (g_free);
  self->notes = g_ptr_array_new_null_terminated (1, g_free, TRUE);
}

/**
 * hvsock_probe_new_available:
 * @features: what the transport can do here
 *
 * Makes the result of a transport that can be used.
 *
 * Returns: (transfer full): a probe
 *
 * Since: 1.0
 */
HvsockProbe *
hvsock_probe_new_available (HvsockFeatures features)
{
  HvsockProbe *self = g_object_new (HVSOCK_TYPE_PROBE, NULL);

  self->is_available = TRUE;
  self->features = features;
  return self;
}

/**
 * hvsock_probe_new_unavailable:
 * @reason: why the transport cannot be used here
 * @remedy: (nullable): what would help, if that is known
 *
 * Makes the result of a transport that cannot be used.
 *
 * Returns: (transfer full): a probe
 *
 * Since: 1.0
 */
HvsockProbe *
hvsock_probe_new_unavailable (const char *reason, const char *remedy)
{
  HvsockProbe *self;

  g_return_val_if_fail (reason != NULL, NULL);

  self = g_object_new (HVSOCK_TYPE_PROBE, NULL);
  self->reason = g_strdup (reason);
  self->remedy = g_strdup (remedy);
  return self;
}

/**
 * hvsock_probe_add_detail:
 * @self: a probe that was not returned yet
 * @name: what it is, such as `local CID`
 * @value: its value
 *
 * Adds something worth knowing. Only the transport that makes the probe may call this.
 *
 * Since: 1.0
 */
void
hvsock_probe_add_detail (HvsockProbe *self, const char *name, const char *value)
{
  g_return_if_fail (HVSOCK_IS_PROBE (self));
  g_return_if_fail (name != NULL);
  g_return_if_fail (value != NULL);

  g_ptr_array_add (self->names, g_strdup (name));
  g_ptr_array_add (self->values, g_strdup (value));
}

/**
 * hvsock_probe_add_note:
 * @self: a probe that was not returned yet
 * @note: what does not work, and what helps
 *
 * Adds a limit of a transport that can be used, such as peers that it cannot reach here. Only the
 * transport that makes the probe may call this.
 *
 * Since: 1.0
 */
void
hvsock_probe_add_note (HvsockProbe *self, const char *note)
{
  g_return_if_fail (HVSOCK_IS_PROBE (self));
  g_return_if_fail (note != NULL);

  g_ptr_array_add (self->notes, g_strdup (note));
}

/**
 * hvsock_probe_is_available:
 * @self: a probe
 *
 * Tells whether the transport can be used here.
 *
 * Returns: whether it can
 *
 * Since: 1.0
 */
gboolean
hvsock_probe_is_available (HvsockProbe *self)
{
  g_return_val_if_fail (HVSOCK_IS_PROBE (self), FALSE);

  return self->is_available;
}

/**
 * hvsock_probe_get_features:
 * @self: a probe
 *
 * Gets what the transport can do here.
 *
 * Returns: the features; none if it is not available
 *
 * Since: 1.0
 */
HvsockFeatures
hvsock_probe_get_features (HvsockProbe *self)
{
  g_return_val_if_fail (HVSOCK_IS_PROBE (self), HVSOCK_FEATURE_NONE);

  return self->features;
}

/**
 * hvsock_probe_get_reason:
 * @self: a probe
 *
 * Gets why the transport cannot be used here.
 *
 * Returns: (transfer none) (nullable): the reason, or %NULL if it is available
 *
 * Since: 1.0
 */
const char *
hvsock_probe_get_reason (HvsockProbe *self)
{
  g_return_val_if_fail (HVSOCK_IS_PROBE (self), NULL);

  return self->reason;
}

/**
 * hvsock_probe_get_remedy:
 * @self: a probe
 *
 * Gets what would help to make the transport available.
 *
 * Returns: (transfer none) (nullable): the remedy, or %NULL if none is known or needed
 *
 * Since: 1.0
 */
const char *
hvsock_probe_get_remedy (HvsockProbe *self)
{
  g_return_val_if_fail (HVSOCK_IS_PROBE (self), NULL);

  return self->remedy;
}

/**
 * hvsock_probe_list_details:
 * @self: a probe
 *
 * Lists the names of the details, in the transport's order.
 *
 * Returns: (transfer full) (array zero-terminated=1): the names, to free with g_strfreev()
 *
 * Since: 1.0
 */
char **
hvsock_probe_list_details (HvsockProbe *self)
{
  g_return_val_if_fail (HVSOCK_IS_PROBE (self), NULL);

  return g_strdupv ((char **) self->names->pdata);
}

/**
 * hvsock_probe_get_detail:
 * @self: a probe
 * @name: the name of a detail
 *
 * Gets a detail.
 *
 * Returns: (transfer none) (nullable): its value, or %NULL if there is no such detail
 *
 * Since: 1.0
 */
const char *
hvsock_probe_get_detail (HvsockProbe *self, const char *name)
{
  guint index;

  g_return_val_if_fail (HVSOCK_IS_PROBE (self), NULL);
  g_return_val_if_fail (name != NULL, NULL);

  if (!g_ptr_array_find_with_equal_func (self->names, name, g_str_equal, &index))
    return NULL;

  return g_ptr_array_index (self->values, index);
}

/**
 * hvsock_probe_list_notes:
 * @self: a probe
 *
 * Lists what does not work here although the transport can be used, each with what helps.
 *
 * Returns: (transfer full) (array zero-terminated=1): the notes, to free with g_strfreev()
 *
 * Since: 1.0
 */
char **
hvsock_probe_list_notes (HvsockProbe *self)
{
  g_return_val_if_fail (HVSOCK_IS_PROBE (self), NULL);

  return g_strdupv ((char **) self->notes->pdata);
}
