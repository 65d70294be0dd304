/* Layers that move data, or drop some: flatten, reshape, permute, repeatVector, dropout. */
#include "nn/core/layer.h"
#include "ops/binary.gen.h"
#include "ops/dropout.gen.h"
#include "ops/random.gen.h"
#include "ops/transpose.gen.h"
#include "ops/view.gen.h"

/* Product of sizes from axis 1 on, -1 if one is unknown. */
static int64_t example_size(const Shape *s) {
    int64_t n = 1;
    for (int i = 1; i < s->rank; i++) {
        if (s->size[i] < 0) return -1;
        if (n <= INT32_MAX) n *= s->size[i];
    }
    return n;
}

/* The batch's shape with this shape of an example, which may leave one size open (-1). */
static void with_example(const Layer *l, const Shape *in, const Ints *example, Shape *out) {
    int64_t known = 1, all = example_size(in);
    int open = -1;
    if (example->n == TN_MAX_RANK) {
        fail(TN_SHAPE, "%.80s: targetShape has %d sizes and the batch's is one more, above %d",
             l->name, example->n, TN_MAX_RANK);
        return;
    }
    *out = (Shape){.dtype = in->dtype, .rank = example->n + 1};
    out->size[0] = in->size[0];
    for (int i = 0; i < example->n; i++) {
        out->size[i + 1] = example->v[i];
        if (example->v[i] >= 0 && known <= INT32_MAX) known *= example->v[i];
        if (example->v[i] >= 0) continue;
        if (open >= 0)
            fail(TN_SHAPE, "%.80s: Can only specifiy one unknown dimension in targetShape",
                 l->name);
        open = i + 1;
    }
    if (failed() || all < 0) return;
    if (open >= 0 && known > 0) out->size[open] = (int)(all / known);
    if (open >= 0 && known > 0) known *= out->size[open];
    if (known != all)
        fail(TN_SHAPE,
             "%.80s: Total size of new array must be unchanged: an example has %.0f "
             "elements, targetShape takes %.0f",
             l->name, (double)all, (double)known);
}

/* x in a shape of the batch's size and what the rule says for the rest. */
static Tensor *reshaped(Layer *l, Tensor *x) {
    Shape in = shape_of(x), out;
    int shape[TN_MAX_RANK + 1];
    layer_shapes(l, &in, 1, &out);
    if (failed()) return nothing();
    shape[0] = out.rank;
    memcpy(shape + 1, out.size, sizeof(int) * (size_t)out.rank);
    return tn_reshape(x, (const Ints *)shape);
}

/* ---- flatten ---- */

static void flatten_shape(const Layer *l, const Shape *in, int nin, Shape *out) {
    (void)nin;
    if (!want_input(l, in, -2)) return;
    if (example_size(in) < 0) {
        fail(TN_SHAPE, "%.80s: The shape of the input to \"Flatten\" is not fully defined (got %s)",
             l->name, shape_string(in));
        return;
    }
    int64_t n = example_size(in);
    if (n > INT32_MAX) {
        fail(TN_SHAPE, "%.80s: an example of shape %s has more than 2^31 - 1 elements", l->name,
             shape_string(in));
        return;
    }
    *out = (Shape){.dtype = in->dtype, .rank = 2, .size = {in->size[0], (int)n}};
}

static Tensor *flatten_call(Layer *l, Apply *a) {
    const FlattenConfig *k = l->config;
    Tensor *x = a->in[0];
    if (k->dataFormat == CHANNELS_FIRST && x->rank > 2) { /* channels go last, as weights expect */
        int perm[TN_MAX_RANK + 1] = {x->rank, 0};
        for (int i = 1; i < x->rank - 1; i++) perm[i + 1] = i + 1;
        perm[x->rank] = 1;
        x = tn_transpose(x, (const Ints *)perm, false);
    }
    return reshaped(l, x);
}

/* flatten: All axes but the batch's become one.
**   dataFormat : Channels = 'channelsLast'   'channelsFirst' moves channels to the end before
**   -> y : [batch, size of an example]
** > tf.layers.flatten().apply([[[1, 2], [3, 4]]])   // [[1, 2, 3, 4]]
*/
LAYER(flatten, Flatten, .shape = flatten_shape, .call = flatten_call);

/* ---- reshape ---- */

static void reshape_shape(const Layer *l, const Shape *in, int nin, Shape *out) {
    const ReshapeConfig *k = l->config;
    (void)nin;
    if (want_input(l, in, -1)) with_example(l, in, k->targetShape, out);
}

static Tensor *reshape_call(Layer *l, Apply *a) { return reshaped(l, a->in[0]); }

/* reshape: Examples in another shape.
**   targetShape : shape              of an example; one size may be null: worked out
**   -> y : [batch, ...targetShape]
** > tf.layers.reshape({targetShape: [2, null]}).apply([[1, 2, 3, 4]])   // [[[1, 2], [3, 4]]]
*/
LAYER(reshape, Reshape, .shape = reshape_shape, .call = reshape_call);

/* ---- permute ---- */

static void permute_prepare(Layer *l) {
    const Ints *dims = ((const PermuteConfig *)l->config)->dims;
    unsigned seen = 0;
    if (!cJSON_IsArray(json_get(l->json, "dims")))
        fail(TN_VALUE,
             "%.80s: Permute constructor requires `dims` to be an Array, but received %d "
             "instead.",
             l->name, dims->v[0]);
    for (int i = 0; i < dims->n && !failed(); i++) {
        int axis = dims->v[i];
        if (axis < 1 || axis > dims->n || seen >> axis & 1) {
            fail(TN_VALUE,
                 "%.80s: Invalid permutation `dims`: it must be an order of 1..%d, but is %s",
                 l->name, dims->n, ints_text(dims->n, dims->v));
            return;
        }
        seen |= 1u << axis;
    }
}

static void permute_shape(const Layer *l, const Shape *in, int nin, Shape *out) {
    const Ints *dims = ((const PermuteConfig *)l->config)->dims;
    (void)nin;
    if (!want_input(l, in, dims->n + 1)) return;
    *out = *in;
    for (int i = 0; i < dims->n; i++) out->size[i + 1] = in->size[dims->v[i]];
}

static Tensor *permute_call(Layer *l, Apply *a) {
    const Ints *dims = ((const PermuteConfig *)l->config)->dims;
    int perm[TN_MAX_RANK + 1] = {dims->n + 1, 0};
    for (int i = 0; i < dims->n; i++) perm[i + 2] = dims->v[i];
    return tn_transpose(a->in[0], (const Ints *)perm, false);
}

/* permute: Axes of an example in another order.
**   dims : ints           which axis comes where, counted from 1
**   -> y : [batch, ...]
** > tf.layers.permute({dims: [2, 1]}).apply([[[1, 2], [3, 4]]])   // [[[1, 3], [2, 4]]]
*/
LAYER(permute, Permute, .prepare = permute_prepare, .shape = permute_shape, .call = permute_call);

/* ---- repeatVector ---- */

static void repeatVector_shape(const Layer *l, const Shape *in, int nin, Shape *out) {
    const RepeatVectorConfig *k = l->config;
    (void)nin;
    if (!want_input(l, in, 2)) return;
    *out = (Shape){.dtype = in->dtype, .rank = 3, .size = {in->size[0], k->n, in->size[1]}};
}

static Tensor *repeatVector_call(Layer *l, Apply *a) {
    const RepeatVectorConfig *k = l->config;
    const Tensor *x = a->in[0];
    return tn_broadcastTo(tn_expandDims(a->in[0], 1), INTS(x->shape[0], k->n, x->shape[1]));
}

/* repeatVector: Each example n times in a row.
**   n : int >= 1                  how often
**   -> y : [batch, n, features]
** > tf.layers.repeatVector({n: 2}).apply([[1, 2]])   // [[[1, 2], [1, 2]]]
*/
LAYER(repeatVector, RepeatVector, .shape = repeatVector_shape, .call = repeatVector_call);

/* ---- noise, while training only ---- */

/* As in TensorFlow.js, a rate of 1 drops nothing. */
static bool drops(const Apply *a, double rate) { return a->training && rate > 0 && rate < 1; }

/* Another part is dropped each time, by a seed too. */
static Tensor *dropped(Layer *l, Tensor *x, double rate, const Ints *noise, const char *seed) {
    draw_on(l, seed);
    Tensor *y = tn_dropout(x, (float)rate, noise, seed);
    draw_end();
    return y;
}

static Tensor *dropout_call(Layer *l, Apply *a) {
    const DropoutConfig *k = l->config;
    if (!drops(a, k->rate)) return a->in[0];
    int shape[TN_MAX_RANK + 1];
    const Ints *noise = k->noiseShape;
    if (noise && noise->n == a->in[0]->rank) { /* open sizes are the input's */
        shape[0] = noise->n;
        for (int i = 0; i < noise->n; i++)
            shape[i + 1] = noise->v[i] < 0 ? a->in[0]->shape[i] : noise->v[i];
        noise = (const Ints *)shape;
    }
    return dropped(l, a->in[0], k->rate, noise, k->seed);
}

/* dropout: While training, puts 0 in random places and scales the rest up to keep the mean.
**   rate : float 0..1           share that becomes 0
**   noiseShape : shape = null   broadcasts to x: places that fall together
**   seed : seed = null          of the random numbers
**   -> y : like x
** > tf.layers.dropout({rate: 0.5}).apply([[1, 2]])   // [[1, 2]]
*/
LAYER(dropout, Dropout, .call = dropout_call, .keeps_mask = true);

static Tensor *spatialDropout1d_call(Layer *l, Apply *a) {
    const SpatialDropout1DConfig *k = l->config;
    const Tensor *x = a->in[0];
    if (!drops(a, k->rate)) return a->in[0];
    return dropped(l, a->in[0], k->rate, INTS(x->shape[0], 1, x->shape[2]), k->seed);
}

static void spatialDropout1d_shape(const Layer *l, const Shape *in, int nin, Shape *out) {
    (void)nin;
    if (want_input(l, in, 3)) *out = *in;
}

/* spatialDropout1d: dropout of whole channels of a sequence.
**   rate : float 0..1    share that becomes 0
**   seed : seed = null   of the random numbers
**   -> y : like x        [batch, steps, channels]
** > tf.layers.spatialDropout1d({rate: 0.5}).apply([[[1, 2]]])   // [[[1, 2]]]
*/
LAYER(spatialDropout1d, SpatialDropout1D, .shape = spatialDropout1d_shape,
      .call = spatialDropout1d_call, .keeps_mask = true);

static Tensor *noise_like(Layer *l, const Tensor *x, double mean, double deviation,
                          const char *seed) {
    int shape[TN_MAX_RANK + 1] = {x->rank};
    memcpy(shape + 1, x->shape, sizeof(int) * (size_t)x->rank);
    draw_on(l, seed);
    Tensor *noise =
        tn_randomNormal((const Ints *)shape, (float)mean, (float)deviation, TN_FLOAT32, seed);
    draw_end();
    return noise;
}

static Tensor *gaussianNoise_call(Layer *l, Apply *a) {
    const GaussianNoiseConfig *k = l->config;
    if (!a->training) return a->in[0];
    return tn_add(a->in[0], noise_like(l, a->in[0], 0, k->stddev, k->seed));
}

/* gaussianNoise: While training, adds normal noise.
**   stddev : float       its standard deviation
**   seed : seed = null   of the random numbers
**   -> y : like x
** > tf.layers.gaussianNoise({stddev: 1}).apply([[1, 2]])   // [[1, 2]]
*/
LAYER(gaussianNoise, GaussianNoise, .call = gaussianNoise_call, .keeps_mask = true);

static Tensor *gaussianDropout_call(Layer *l, Apply *a) {
    const GaussianDropoutConfig *k = l->config;
    if (!drops(a, k->rate)) return a->in[0];
    const double deviation = sqrt(k->rate / (1 - k->rate));
    return tn_mul(a->in[0], noise_like(l, a->in[0], 1, deviation, k->seed));
}

/* gaussianDropout: While training, multiplies with normal noise of mean 1.
**   rate : float 0..1    its variance is rate / (1 - rate)
**   seed : seed = null   of the random numbers
**   -> y : like x
** > tf.layers.gaussianDropout({rate: 0.5}).apply([[1, 2]])   // [[1, 2]]
*/
LAYER(gaussianDropout, GaussianDropout, .call = gaussianDropout_call, .keeps_mask = true);

/* ---- alphaDropout ---- */

static void alphaDropout_shape(const Layer *l, const Shape *in, int nin, Shape *out) {
    const AlphaDropoutConfig *k = l->config;
    (void)nin;
    if (k->noiseShape && k->noiseShape->n != in->rank)
        fail(TN_SHAPE, "%.80s: noiseShape has %d sizes, x has %d", l->name, k->noiseShape->n,
             in->rank);
    *out = *in;
}

static Tensor *alphaDropout_call(Layer *l, Apply *a) {
    const AlphaDropoutConfig *k = l->config;
    Tensor *x = a->in[0];
    if (!drops(a, k->rate)) return x;
    int shape[TN_MAX_RANK + 1] = {x->rank};
    for (int i = 0; i < x->rank; i++) {
        int size = k->noiseShape ? k->noiseShape->v[i] : -1;
        shape[1 + i] = size < 0 ? x->shape[i] : size;
    }
    double low = -1.6732632423543772 * 1.0507009873554805; /* what selu tends to */
    double scale = 1 / sqrt((1 - k->rate) * (1 + k->rate * low * low));
    draw_on(l, k->seed);
    Tensor *drawn = tn_randomUniform((const Ints *)shape, 0, 1, TN_FLOAT32, k->seed);
    draw_end();
    Tensor *stays = to_float(tn_greaterEqual(drawn, tn_scalar((float)k->rate)));
    Tensor *gone = tn_mul(tn_sub(tn_scalar(1), stays), tn_scalar((float)low));
    Tensor *y = tn_add(tn_mul(x, stays), gone);
    return tn_add(tn_mul(y, tn_scalar((float)scale)), tn_scalar((float)(-scale * low * k->rate)));
}

/* alphaDropout: dropout that keeps mean and variance of what selu makes (Klambauer et al., 2017).
**   rate : float 0..1           share that is dropped
**   noiseShape : shape = null   broadcasts to x: places that fall together
**   seed : seed = null          of the random numbers
**   -> y : like x
** > tf.layers.alphaDropout({rate: 0.5}).apply([[1, 2]])   // [[1, 2]]
*/
LAYER(alphaDropout, AlphaDropout, .shape = alphaDropout_shape, .call = alphaDropout_call,
      .keeps_mask = true);
