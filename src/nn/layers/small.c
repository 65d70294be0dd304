/* Layers of a line or two: identity, activityRegularization, spatialDropout2d, spatialDropout3d. */
#include "nn/layers/layer_helpers.h"
#include "ops/dropout.gen.h"

static Tensor *identity_call(Layer *l, Apply *a) { return (void)l, a->in[0]; }

/* identity: x as it is.
**   -> y : like x
** > tf.layers.identity().apply([[1, 2]])   // [[1, 2]]
*/
LAYER(identity, Identity, .call = identity_call, .keeps_mask = true, .accepts_strings = true);

static void activityRegularization_prepare(Layer *l) {
    const ActivityRegularizationConfig *k = l->config;
    extern const PartClass l1l2_part;
    L1L2Config *config = arena_take(&l->arena, sizeof *config);
    Regularizer *both = arena_take(&l->arena, sizeof *both);
    if (failed()) return;
    *config = (L1L2Config){.l1 = k->l1, .l2 = k->l2};
    *both = (Regularizer){&l1l2_part, config};
    l->activity = both;
}

/* activityRegularization: x as it is; training adds a penalty on it to the loss.
**   l1 : float >= 0 = 0   times the sum of magnitudes
**   l2 : float >= 0 = 0   times the sum of squares
**   -> y : like x
** > tf.layers.activityRegularization({l1: 0.1}).apply([[1, 2]])   // [[1, 2]]
*/
LAYER(activityRegularization, ActivityRegularization, .prepare = activityRegularization_prepare,
      .call = identity_call, .keeps_mask = true);

/* ---- dropout of whole channels ---- */

Tensor *drop_share(Layer *l, Tensor *x, double rate, const Ints *noise, const char *seed) {
    draw_on(l, seed);
    Tensor *y = tn_dropout(x, rate, noise, seed);
    draw_end();
    return y;
}

/* spatial: What dropout of channels of images and volumes has in common.
**   rate : float 0..1                        share that becomes 0
**   seed : seed = null                       of the random numbers
**   dataFormat : Channels = 'channelsLast'   where the channels are
*/
FIELDS(spatial, Spatial)

static void spatial_shape(const Layer *l, const Shape *in, int rank, Shape *out) {
    if (want_input(l, in, rank)) *out = *in;
}

static Tensor *spatial_call(Layer *l, Apply *a) {
    const SpatialConfig *k = l->config;
    Tensor *x = a->in[0];
    int shape[TN_MAX_RANK + 1] = {x->rank};
    if (!a->training || k->rate <= 0 || k->rate >= 1) return x;
    int channels = k->dataFormat == CHANNELS_FIRST ? 1 : x->rank - 1;
    for (int i = 0; i < x->rank; i++) shape[1 + i] = i && i != channels ? 1 : x->shape[i];
    return drop_share(l, x, k->rate, (const Ints *)shape, k->seed);
}

static void spatialDropout2d_shape(const Layer *l, const Shape *in, int nin, Shape *out) {
    (void)nin;
    spatial_shape(l, in, 4, out);
}

/* spatialDropout2d: dropout of whole channels of images.
**   + spatial
**   -> y : like x   [batch, height, width, channels]
** > tf.layers.spatialDropout2d({rate: 0.5}).apply([[[[1, 2]]]])   // [[[[1, 2]]]]
*/
LAYER(spatialDropout2d, SpatialDropout2D, .shape = spatialDropout2d_shape, .call = spatial_call,
      .keeps_mask = true);

static void spatialDropout3d_shape(const Layer *l, const Shape *in, int nin, Shape *out) {
    (void)nin;
    spatial_shape(l, in, 5, out);
}

/* spatialDropout3d: dropout of whole channels of volumes.
**   + spatial
**   -> y : like x   [batch, depth, height, width, channels]
** > tf.layers.spatialDropout3d({rate: 0.5}).apply([[[[[1, 2]]]]])   // [[[[[1, 2]]]]]
*/
LAYER(spatialDropout3d, SpatialDropout3D, .shape = spatialDropout3d_shape, .call = spatial_call,
      .keeps_mask = true);
