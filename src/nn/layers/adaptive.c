/* Pooling to a given size, and over whole volumes. */
#include "nn/layers/layer_helpers.h"
#include "nn/layers/weighted.h"
#include "ops/binary.gen.h"
#include "ops/gather.gen.h"
#include "ops/reduce.gen.h"
#include "ops/where.gen.h"

/* ---- whole volumes ---- */

/* global3d: What pooling over whole volumes has in common.
**   dataFormat : Channels = 'channelsLast'   where the channels are
**   keepdims : bool = false                  true: the axes stay, with one place
*/
FIELDS(global3d, Global3d)

static void global3d_shape(const Layer *l, const Shape *in, int nin, Shape *out) {
    const Global3dConfig *k = l->config;
    (void)nin;
    if (!want_input(l, in, 5)) return;
    Shape s = shape_to_end(in, k->dataFormat);
    *out = (Shape){.dtype = in->dtype, .rank = 2, .size = {s.size[0], s.size[4]}};
    if (!k->keepdims) return;
    s.size[1] = s.size[2] = s.size[3] = 1;
    *out = shape_from_end(&s, k->dataFormat);
}

static const Ints *places(const Global3dConfig *k) {
    static const int last[] = {3, 1, 2, 3}, first[] = {3, 2, 3, 4};
    return (const Ints *)(k->dataFormat == CHANNELS_FIRST ? first : last);
}

static Tensor *globalAveragePooling3d_call(Layer *l, Apply *a) {
    const Global3dConfig *k = l->config;
    return tn_mean(a->in[0], places(k), k->keepdims);
}

/* globalAveragePooling3d: The mean of each channel over a whole volume.
**   + global3d
**   -> y : [batch, channels]
** > tf.layers.globalAveragePooling3d().apply([[[[[1], [2]], [[3], [4]]]]])   // [[2.5]]
*/
LAYER(globalAveragePooling3d, GlobalAveragePooling3D, .shape = global3d_shape,
      .call = globalAveragePooling3d_call);

static Tensor *globalMaxPooling3d_call(Layer *l, Apply *a) {
    const Global3dConfig *k = l->config;
    return tn_max(a->in[0], places(k), k->keepdims);
}

/* globalMaxPooling3d: The largest value of each channel over a whole volume.
**   + global3d
**   also globalMaxPool3d
**   -> y : [batch, channels]
** > tf.layers.globalMaxPooling3d().apply([[[[[1], [2]], [[3], [4]]]]])   // [[4]]
*/
LAYER(globalMaxPooling3d, GlobalMaxPooling3D, .shape = global3d_shape,
      .call = globalMaxPooling3d_call);

/* ---- to a given size ---- */

/* adaptive1d: What pooling of sequences to a given length has in common.
**   outputSize : ints(1) >= 1                steps of the result
**   dataFormat : Channels = 'channelsLast'   where the channels are
*/
FIELDS(adaptive1d, Adaptive1d)

/* adaptive2d: What pooling of images to a given size has in common.
**   outputSize : ints(2) >= 1                rows and columns of the result
**   dataFormat : Channels = 'channelsLast'   where the channels are
*/
FIELDS(adaptive2d, Adaptive2d)

/* adaptive3d: What pooling of volumes to a given size has in common.
**   outputSize : ints(3) >= 1                depth, rows and columns of the result
**   dataFormat : Channels = 'channelsLast'   where the channels are
*/
FIELDS(adaptive3d, Adaptive3d)

static const Adaptive1dConfig *adaptive_of(const Layer *l) {
    return l->config; /* the groups differ in how many sizes they want */
}

static void adaptive_shape(const Layer *l, const Shape *in, int nin, Shape *out) {
    const Adaptive1dConfig *k = adaptive_of(l);
    (void)nin;
    if (!want_input(l, in, k->outputSize->n + 2)) return;
    Shape s = shape_to_end(in, k->dataFormat);
    for (int i = 0; i < k->outputSize->n; i++)
        if (s.size[1 + i] == 0) fail(TN_SHAPE, "%.80s: x has shape %s", l->name, shape_string(in));
        else s.size[1 + i] = k->outputSize->v[i];
    *out = shape_from_end(&s, k->dataFormat);
}

/* One axis in windows from floor(i from / to) to ceil((i + 1) from / to): they are gathered, the
** shorter ones filled up with what does not count. */
static Tensor *pool_axis(Tensor *x, int axis, int to, bool most) {
    int from = failed() ? 0 : x->shape[axis], longest = from / to + (from % to ? 2 : 0);
    int cells = checked_size("pooling", 2, (int[]){to, longest}, TN_FLOAT32);
    int *at = failed() ? NULL : scratch(sizeof(int) * (size_t)(cells ? cells : 1));
    float *share = at ? scratch(sizeof(float) * (size_t)(cells ? cells : 1)) : NULL;
    for (int c = 0; share && c < cells; c++) {
        int64_t i = c / longest, first = i * from / to, end = ((i + 1) * from + to - 1) / to;
        bool counts = first + c % longest < end;
        at[c] = (int)(counts ? first + c % longest : first);
        share[c] = most ? (float)counts : counts ? 1 / (float)(end - first) : 0;
    }
    int shape[TN_MAX_RANK + 2] = {failed() ? 0 : x->rank + 1};
    for (int i = 1; i <= shape[0]; i++) shape[i] = i == axis + 1 ? to : i == axis + 2 ? longest : 1;
    Tensor *y = nothing();
    if (share) {
        Tensor *weights = tn_tensor(TN_FLOAT32, (const Ints *)shape, share);
        y = tn_gather(x, tn_tensor(TN_INT32, INTS(to, longest), at), axis, 0);
        if (most)
            y = tn_max(tn_where(tn_greater(weights, number(0)), y, number(-3.4e38)), INTS(axis + 1),
                       false);
        else y = tn_sum(tn_mul(y, weights), INTS(axis + 1), false);
    }
    if (share) scratch_free(share, sizeof(float) * (size_t)(cells ? cells : 1));
    if (at) scratch_free(at, sizeof(int) * (size_t)(cells ? cells : 1));
    return y;
}

static Tensor *adaptive(const Layer *l, Apply *a, bool most) {
    const Adaptive1dConfig *k = adaptive_of(l);
    Tensor *y = to_float(a->in[0]);
    for (int i = 0; i < k->outputSize->n; i++)
        y = pool_axis(y, 1 + (k->dataFormat == CHANNELS_FIRST) + i, k->outputSize->v[i], most);
    return y;
}

static Tensor *adaptiveMax_call(Layer *l, Apply *a) { return adaptive(l, a, true); }
static Tensor *adaptiveAverage_call(Layer *l, Apply *a) { return adaptive(l, a, false); }

/* adaptiveAveragePooling1d: Means of sequences in so many windows.
**   + adaptive1d
**   -> y : [batch, outputSize, channels]
** > tf.layers.adaptiveAveragePooling1d({outputSize: 2}).apply([[[1], [2], [6]]])
**     // [[[1.5], [4]]]
*/
LAYER(adaptiveAveragePooling1d, AdaptiveAveragePooling1D, .shape = adaptive_shape,
      .call = adaptiveAverage_call);

/* adaptiveAveragePooling2d: Means of images in so many windows.
**   + adaptive2d
**   -> y : [batch, height, width, channels]
** > tf.layers.adaptiveAveragePooling2d({outputSize: 1}).apply([[[[1], [2]], [[3], [6]]]])
**     // [[[[3]]]]
*/
LAYER(adaptiveAveragePooling2d, AdaptiveAveragePooling2D, .shape = adaptive_shape,
      .call = adaptiveAverage_call);

/* adaptiveAveragePooling3d: Means of volumes in so many windows.
**   + adaptive3d
**   -> y : [batch, depth, height, width, channels]
** > tf.layers.adaptiveAveragePooling3d({outputSize: 1}).apply([[[[[1], [2]], [[3], [6]]]]])
**     // [[[[[3]]]]]
*/
LAYER(adaptiveAveragePooling3d, AdaptiveAveragePooling3D, .shape = adaptive_shape,
      .call = adaptiveAverage_call);

/* adaptiveMaxPooling1d: Largest values of sequences in so many windows.
**   + adaptive1d
**   -> y : [batch, outputSize, channels]
** > tf.layers.adaptiveMaxPooling1d({outputSize: 2}).apply([[[1], [2], [6]]])   // [[[2], [6]]]
*/
LAYER(adaptiveMaxPooling1d, AdaptiveMaxPooling1D, .shape = adaptive_shape,
      .call = adaptiveMax_call);

/* adaptiveMaxPooling2d: Largest values of images in so many windows.
**   + adaptive2d
**   -> y : [batch, height, width, channels]
** > tf.layers.adaptiveMaxPooling2d({outputSize: 1}).apply([[[[1], [2]], [[3], [6]]]])
**     // [[[[6]]]]
*/
LAYER(adaptiveMaxPooling2d, AdaptiveMaxPooling2D, .shape = adaptive_shape,
      .call = adaptiveMax_call);

/* adaptiveMaxPooling3d: Largest values of volumes in so many windows.
**   + adaptive3d
**   -> y : [batch, depth, height, width, channels]
** > tf.layers.adaptiveMaxPooling3d({outputSize: 1}).apply([[[[[1], [2]], [[3], [6]]]]])
**     // [[[[[6]]]]]
*/
LAYER(adaptiveMaxPooling3d, AdaptiveMaxPooling3D, .shape = adaptive_shape,
      .call = adaptiveMax_call);
