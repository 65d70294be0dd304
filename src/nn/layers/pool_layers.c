/* Pooling layers. Sequences are pooled as images of height 1. */
#include "nn/layers/weighted.h"
#include "ops/pool.gen.h"
#include "ops/reduce.gen.h"
#include "ops/view.gen.h"

typedef Tensor *(*Pool)(Tensor *x, const Ints *size, const Ints *strides, const Pad *pad,
                        Rounding rounding);

/* pooling1d: What pooling layers of sequences have in common.
**   poolSize : ints(1) >= 1 = 2              length of the window
**   strides : ints(1) >= 1 = poolSize        its steps
**   padding : Padding = 'valid'              'same' keeps size / strides
**   dataFormat : Channels = 'channelsLast'   where the channels are
*/
FIELDS(pooling1d, Pooling1d)

/* pooling2d: What pooling layers of images have in common.
**   poolSize : ints(2) >= 1 = 2              height and width of the window
**   strides : ints(2) >= 1 = poolSize        its steps
**   padding : Padding = 'valid'              'same' keeps size / strides
**   dataFormat : Channels = 'channelsLast'   where the channels are
*/
FIELDS(pooling2d, Pooling2d)

bool want_no_causal(const Layer *l, Padding padding) {
    if (padding == PADDING_CAUSAL)
        fail(TN_VALUE, "%.80s: padding must be 'valid' or 'same', but is 'causal'", l->name);
    return !failed();
}

/* ---- of images ---- */

static void shape2d(const Layer *l, const Shape *in, int nin, Shape *out) {
    const Pooling2dConfig *k = l->config;
    (void)nin;
    if (!want_no_causal(l, k->padding) || !want_input(l, in, 4)) return;
    Shape s = shape_to_end(in, k->dataFormat);
    for (int i = 0; i < 2; i++)
        s.size[1 + i] =
            window_length(l, s.size[1 + i], k->poolSize->v[i], k->strides->v[i], 1, k->padding);
    *out = shape_from_end(&s, k->dataFormat);
}

static Tensor *pool2d(const Layer *l, Tensor *x, Pool pool) {
    const Pooling2dConfig *k = l->config;
    x = channels_to_end(x, k->dataFormat);
    Tensor *y = pool(x, k->poolSize, k->strides, pad_of(k->padding), ROUND_NONE);
    return channels_from_end(y, k->dataFormat);
}

static Tensor *maxPooling2d_call(Layer *l, Apply *a) { return pool2d(l, a->in[0], tn_maxPool); }
static Tensor *averagePooling2d_call(Layer *l, Apply *a) { return pool2d(l, a->in[0], tn_avgPool); }

/* maxPooling2d: The largest value in each window of images.
**   + pooling2d
**   also maxPool2d
**   -> y : [batch, height, width, channels]
** > tf.layers.maxPooling2d().apply([[[[1], [2]], [[3], [4]]]])   // [[[[4]]]]
*/
LAYER(maxPooling2d, MaxPooling2D, .shape = shape2d, .call = maxPooling2d_call);

/* averagePooling2d: The mean of each window of images.
**   + pooling2d
**   also avgPool2d, avgPooling2d
**   -> y : [batch, height, width, channels]
** > tf.layers.averagePooling2d().apply([[[[1], [2]], [[3], [4]]]])   // [[[[2.5]]]]
*/
LAYER(averagePooling2d, AveragePooling2D, .shape = shape2d, .call = averagePooling2d_call);

/* ---- of sequences ---- */

static void shape1d(const Layer *l, const Shape *in, int nin, Shape *out) {
    const Pooling1dConfig *k = l->config;
    (void)nin;
    if (!want_no_causal(l, k->padding) || !want_input(l, in, 3)) return;
    Shape s = shape_to_end(in, k->dataFormat);
    s.size[1] = window_length(l, s.size[1], k->poolSize->v[0], k->strides->v[0], 1, k->padding);
    *out = shape_from_end(&s, k->dataFormat);
}

static Tensor *pool1d(const Layer *l, Tensor *x, Pool pool) {
    const Pooling1dConfig *k = l->config;
    x = channels_to_end(x, k->dataFormat);
    Tensor *y = pool(tn_expandDims(x, 1), INTS(1, k->poolSize->v[0]), INTS(1, k->strides->v[0]),
                     pad_of(k->padding), ROUND_NONE);
    return channels_from_end(tn_squeeze(y, INTS(1)), k->dataFormat);
}

static Tensor *maxPooling1d_call(Layer *l, Apply *a) { return pool1d(l, a->in[0], tn_maxPool); }
static Tensor *averagePooling1d_call(Layer *l, Apply *a) { return pool1d(l, a->in[0], tn_avgPool); }

/* maxPooling1d: The largest value in each window of sequences.
**   + pooling1d
**   also maxPool1d
**   -> y : [batch, steps, channels]
** > tf.layers.maxPooling1d().apply([[[1], [2], [4], [3]]])   // [[[2], [4]]]
*/
LAYER(maxPooling1d, MaxPooling1D, .shape = shape1d, .call = maxPooling1d_call);

/* averagePooling1d: The mean of each window of sequences.
**   + pooling1d
**   also avgPool1d, avgPooling1d
**   -> y : [batch, steps, channels]
** > tf.layers.averagePooling1d().apply([[[1], [2], [4], [3]]])   // [[[1.5], [3.5]]]
*/
LAYER(averagePooling1d, AveragePooling1D, .shape = shape1d, .call = averagePooling1d_call);

/* ---- of everything ---- */

/* globalPooling: What pooling over all places has in common.
**   dataFormat : Channels = 'channelsLast'   where the channels are
**   keepdims : bool = false                  places stay as axes of size 1
*/
FIELDS(globalPooling, GlobalPooling)

/* Results of inputs of a rank: [batch, channels], or of that rank. */
static void global_shape(const Layer *l, const Shape *in, int rank, Shape *out) {
    const GlobalPoolingConfig *k = l->config;
    if (!want_input(l, in, rank)) return;
    Shape s = shape_to_end(in, k->dataFormat);
    Shape y = {.dtype = in->dtype, .rank = k->keepdims ? rank : 2, .size = {s.size[0], 1, 1, 1, 1}};
    y.size[y.rank - 1] = s.size[rank - 1];
    *out = k->keepdims ? shape_from_end(&y, k->dataFormat) : y;
}

typedef Tensor *(*Reduce)(Tensor *x, const Ints *axes, bool keepdims);

/* Over all axes but those of batch and channels. */
static Tensor *over_places(const Layer *l, Tensor *x, Reduce reduce) {
    const GlobalPoolingConfig *k = l->config;
    int axes[TN_MAX_RANK + 1] = {x->rank - 2};
    for (int i = 1; i <= axes[0]; i++) axes[i] = i + (k->dataFormat == CHANNELS_FIRST);
    return reduce(x, (const Ints *)axes, k->keepdims);
}

static Tensor *global_average(Layer *l, Apply *a) { return over_places(l, a->in[0], tn_mean); }
static Tensor *global_max(Layer *l, Apply *a) { return over_places(l, a->in[0], tn_max); }

static void global1d_shape(const Layer *l, const Shape *in, int nin, Shape *out) {
    (void)nin;
    global_shape(l, in, 3, out);
}

/* globalAveragePooling1d: The mean of each channel over a whole sequence.
**   + globalPooling
**   -> y : [batch, channels]
** > tf.layers.globalAveragePooling1d().apply([[[1], [2], [6]]])   // [[3]]
*/
LAYER(globalAveragePooling1d, GlobalAveragePooling1D, .shape = global1d_shape,
      .call = global_average);

/* globalMaxPooling1d: The largest value of each channel over a whole sequence.
**   + globalPooling
**   also globalMaxPool1d
**   -> y : [batch, channels]
** > tf.layers.globalMaxPooling1d().apply([[[1], [2], [6]]])   // [[6]]
*/
LAYER(globalMaxPooling1d, GlobalMaxPooling1D, .shape = global1d_shape, .call = global_max);

static void global2d_shape(const Layer *l, const Shape *in, int nin, Shape *out) {
    (void)nin;
    global_shape(l, in, 4, out);
}

/* globalAveragePooling2d: The mean of each channel over a whole image.
**   + globalPooling
**   -> y : [batch, channels]
** > tf.layers.globalAveragePooling2d().apply([[[[1], [2]], [[3], [4]]]])   // [[2.5]]
** > tf.layers.globalAveragePooling2d({keepdims: true}).apply([[[[1], [2]], [[3], [4]]]])
**     // [[[[2.5]]]]
*/
LAYER(globalAveragePooling2d, GlobalAveragePooling2D, .shape = global2d_shape,
      .call = global_average);

/* globalMaxPooling2d: The largest value of each channel over a whole image.
**   + globalPooling
**   also globalMaxPool2d
**   -> y : [batch, channels]
** > tf.layers.globalMaxPooling2d().apply([[[[1], [2]], [[3], [4]]]])   // [[4]]
*/
LAYER(globalMaxPooling2d, GlobalMaxPooling2D, .shape = global2d_shape, .call = global_max);
