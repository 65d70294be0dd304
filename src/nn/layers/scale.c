/* Layers that scale examples by themselves: unitNormalization, rmsNormalization,
** groupNormalization; and spectralNormalization, which scales a kernel. */
#include "nn/layers/layer_helpers.h"
#include "ops/batchnorm.gen.h"
#include "ops/binary.gen.h"
#include "ops/matmul.gen.h"
#include "ops/reduce.gen.h"
#include "ops/stats.gen.h"
#include "ops/unary.gen.h"
#include "ops/view.gen.h"

/* Axes as an op takes them, each once, rising, in `to`, of TN_MAX_RANK + 1 places. */
static const Ints *axes_in(const Layer *l, const Shape *in, const Ints *axes, int *to) {
    unsigned mask = 0;
    for (int i = 0; i < axes->n; i++) {
        int axis = layer_axis(l, in, axes->v[i]);
        if (axis >= 0) mask |= 1u << axis;
    }
    to[0] = 0;
    for (int i = 0; i < in->rank; i++)
        if (mask >> i & 1) to[++to[0]] = i;
    return (const Ints *)to;
}

/* ---- unitNormalization ---- */

static void unitNormalization_shape(const Layer *l, const Shape *in, int nin, Shape *out) {
    const UnitNormalizationConfig *k = l->config;
    int buffer[TN_MAX_RANK + 1];
    (void)nin;
    axes_in(l, in, k->axis, buffer);
    *out = *in;
    out->dtype = TN_FLOAT32;
}

static Tensor *unitNormalization_call(Layer *l, Apply *a) {
    const UnitNormalizationConfig *k = l->config;
    Tensor *x = to_float(a->in[0]);
    Shape in = shape_of(x);
    int buffer[TN_MAX_RANK + 1];
    Tensor *squares = tn_sum(tn_square(x), axes_in(l, &in, k->axis, buffer), true);
    return tn_mul(x, tn_rsqrt(tn_maximum(squares, number(1e-24))));
}

/* unitNormalization: Scales to length 1.
**   axis : ints = -1   along which lengths are taken
**   -> y : like x
** > tf.layers.unitNormalization().apply([[3, 4]])   // [[0.6, 0.8]]
*/
LAYER(unitNormalization, UnitNormalization, .shape = unitNormalization_shape,
      .call = unitNormalization_call, .keeps_mask = true);

/* ---- rmsNormalization ---- */

/* Sizes along axes, each of which must be known. */
static const Ints *sizes_along(const Layer *l, const Shape *in, const Ints *axes, int *to) {
    to[0] = 0;
    for (int i = 0; i < axes->n && want_known(l, in, axes->v[i]); i++)
        to[++to[0]] = in->size[axes->v[i]];
    return (const Ints *)to;
}

static void rmsNormalization_build(Layer *l, const Shape *in, int nin) {
    const RMSNormalizationConfig *k = l->config;
    int axes[TN_MAX_RANK + 1], sizes[TN_MAX_RANK + 1];
    (void)nin;
    sizes_along(l, in, axes_in(l, in, k->axis, axes), sizes);
    if (!failed()) add_weight(l, "scale", (const Ints *)sizes, ONES, NULL, NULL);
}

static void rmsNormalization_shape(const Layer *l, const Shape *in, int nin, Shape *out) {
    const RMSNormalizationConfig *k = l->config;
    int buffer[TN_MAX_RANK + 1];
    const Ints *axes = axes_in(l, in, k->axis, buffer);
    (void)nin;
    for (int i = 0; l->built && i < axes->n && !failed(); i++)
        if (in->size[axes->v[i]] >= 0 && in->size[axes->v[i]] != weight(l, 0)->shape[i])
            fail(TN_SHAPE, "%.80s: axis %d of x has %d, the scale has %d", l->name, axes->v[i],
                 in->size[axes->v[i]], weight(l, 0)->shape[i]);
    *out = *in;
    out->dtype = TN_FLOAT32;
}

/* A weight of the sizes along axes, so shaped that it broadcasts to x. */
static Tensor *along_axes(Tensor *w, const Tensor *x, const Ints *axes) {
    int shape[TN_MAX_RANK + 1] = {x->rank};
    for (int i = 1; i <= x->rank; i++) shape[i] = 1;
    for (int i = 0; i < axes->n; i++) shape[1 + axes->v[i]] = x->shape[axes->v[i]];
    return tn_reshape(w, (const Ints *)shape);
}

static Tensor *rmsNormalization_call(Layer *l, Apply *a) {
    const RMSNormalizationConfig *k = l->config;
    Tensor *x = to_float(a->in[0]);
    Shape in = shape_of(x);
    int buffer[TN_MAX_RANK + 1];
    const Ints *axes = axes_in(l, &in, k->axis, buffer);
    Tensor *mean = tn_mean(tn_square(x), axes, true);
    Tensor *y = tn_mul(x, tn_rsqrt(tn_add(mean, number(k->epsilon))));
    return tn_mul(y, along_axes(weight(l, 0), x, axes));
}

/* rmsNormalization: Each example scaled to a root mean square of 1, times learned factors (Zhang
**                   and Sennrich, 2019).
**   axis : ints = -1         over which the mean is taken
**   epsilon : float = 1e-6   added to the mean
**   -> y : like x
** > tf.layers.rmsNormalization({epsilon: 0}).apply([[1, 7]])   // [[0.2, 1.4]]
*/
LAYER(rmsNormalization, RMSNormalization, .build = rmsNormalization_build,
      .shape = rmsNormalization_shape, .call = rmsNormalization_call, .keeps_mask = true);

/* ---- groupNormalization ---- */

static void groupNormalization_build(Layer *l, const Shape *in, int nin) {
    const GroupNormalizationConfig *k = l->config;
    int axis = layer_axis(l, in, k->axis);
    (void)nin;
    if (axis < 0 || !want_input(l, in, -2) || !want_known(l, in, axis)) return;
    int n = in->size[axis], groups = k->groups == -1 ? n : k->groups;
    if (groups < 1 || n < groups || n % groups)
        fail(TN_VALUE, "%.80s: groups must divide the %d channels, but is %d", l->name, n,
             k->groups);
    if (axis == 0) fail(TN_VALUE, "%.80s: axis must not be the batch's", l->name);
    if (failed()) return;
    if (k->scale)
        add_weight(l, "gamma", INTS(n), k->gammaInitializer, k->gammaRegularizer,
                   k->gammaConstraint);
    if (k->center)
        add_weight(l, "beta", INTS(n), k->betaInitializer, k->betaRegularizer, k->betaConstraint);
}

static void groupNormalization_shape(const Layer *l, const Shape *in, int nin, Shape *out) {
    const GroupNormalizationConfig *k = l->config;
    int axis = layer_axis(l, in, k->axis), n = axis < 0 ? 0 : in->size[axis];
    (void)nin;
    if (axis < 0 || !want_input(l, in, -2)) return;
    if (in->rank == TN_MAX_RANK)
        fail(TN_SHAPE, "%.80s: x must be of rank below %d", l->name, TN_MAX_RANK);
    else if (l->built && l->nweights && n >= 0 && n != weight(l, 0)->size)
        fail(TN_SHAPE, "%.80s: x has %d channels, the layer takes %d", l->name, n,
             weight(l, 0)->size);
    else if (k->groups > 0 && n >= 0 && n % k->groups)
        fail(TN_VALUE, "%.80s: groups must divide the %d channels, but is %d", l->name, n,
             k->groups);
    *out = *in;
    out->dtype = TN_FLOAT32;
}

static Tensor *groupNormalization_call(Layer *l, Apply *a) {
    const GroupNormalizationConfig *k = l->config;
    Tensor *x = to_float(a->in[0]), *variance;
    Shape in = shape_of(x);
    int axis = layer_axis(l, &in, k->axis), buffer[TN_MAX_RANK + 1], over[TN_MAX_RANK + 1] = {0};
    int split[TN_MAX_RANK + 2] = {x->rank + 1};
    int groups = k->groups == -1 ? x->shape[axis] : k->groups;
    for (int i = 0; i <= x->rank; i++) {
        if (i && i != axis) over[++over[0]] = i;
        split[1 + i] = i < axis ? x->shape[i] : i == axis ? groups : x->shape[i - 1];
    }
    split[2 + axis] = x->shape[axis] / groups;
    Tensor *y = tn_reshape(x, (const Ints *)split);
    Tensor *mean = tn_moments(y, (const Ints *)over, true, &variance);
    y = tn_batchNorm(y, mean, variance, NULL, NULL, (float)k->epsilon);
    y = tn_reshape(y, sizes_of(x, buffer));
    if (k->scale) y = tn_mul(y, along_axis(weight(l, 0), x, axis));
    return k->center ? tn_add(y, along_axis(weight(l, k->scale), x, axis)) : y;
}

/* groupNormalization: Groups of channels of each example shifted and scaled together (Wu and He,
**                     2018).
**   groups : int = 32                         how many; -1: each channel by itself
**   axis : int = -1                           of the channels
**   epsilon : float = 0.001                   added to the variance
**   center : bool = true                      whether there is a beta
**   scale : bool = true                       whether there is a gamma
**   betaInitializer : initializer = 'zeros'   of beta
**   gammaInitializer : initializer = 'ones'   of gamma
**   betaRegularizer : regularizer = null      penalty on beta
**   gammaRegularizer : regularizer = null     penalty on gamma
**   betaConstraint : constraint = null        of beta
**   gammaConstraint : constraint = null       of gamma
**   -> y : like x
** > tf.layers.groupNormalization({groups: 2, epsilon: 0}).apply([[1, 3, 5, 9]])
**     // [[-1, 1, -1, 1]]
*/
LAYER(groupNormalization, GroupNormalization, .build = groupNormalization_build,
      .shape = groupNormalization_shape, .call = groupNormalization_call, .keeps_mask = true);

/* ---- spectralNormalization ---- */

/* Which weight of the layer inside is scaled; -1 with the error set. */
static int scaled_weight(const Layer *l) {
    const Layer *inner = l->inner[0];
    for (int i = 0; i < inner->nweights; i++)
        if (!strcmp(inner->weights[i].name, "kernel") ||
            !strcmp(inner->weights[i].name, "embeddings"))
            return i;
    fail(TN_VALUE, "%.80s: the layer inside has no kernel or embeddings", l->name);
    return -1;
}

static void spectralNormalization_build(Layer *l, const Shape *in, int nin) {
    extern const PartClass truncatedNormal_part;
    static const TruncatedNormalConfig config = {.stddev = 0.02};
    static const Initializer narrow = {&truncatedNormal_part, &config};
    Layer *inner = l->inner[0];
    layer_build(inner, in, nin);
    int i = failed() ? -1 : scaled_weight(l);
    if (i < 0) return;
    const Tensor *kernel = weight(inner, i);
    add_state(l, "vector_u", INTS(1, kernel->rank ? kernel->shape[kernel->rank - 1] : 1), &narrow);
}

static void spectralNormalization_shape(const Layer *l, const Shape *in, int nin, Shape *out) {
    layer_shapes(l->inner[0], in, nin, out);
}

static Tensor *unit(Tensor *v) {
    return tn_mul(v, tn_rsqrt(tn_maximum(tn_sum(tn_square(v), NULL, true), number(1e-24))));
}

/* Divides the kernel by its largest singular value, as power iteration finds it. */
static void scale_kernel(Layer *l, int iterations) {
    Layer *inner = l->inner[0];
    int i = scaled_weight(l), buffer[TN_MAX_RANK + 1];
    if (i < 0) return;
    Tensor *kernel = weight(inner, i), *u = weight(l, 0), *v = u;
    Tensor *w = tn_reshape(kernel, INTS(-1, kernel->shape[kernel->rank - 1]));
    for (int n = 0; n < iterations; n++) {
        v = unit(tn_matMul(u, w, false, true));
        u = unit(tn_matMul(v, w, false, false));
    }
    Tensor *sigma = tn_reshape(tn_matMul(tn_matMul(v, w, false, false), u, false, true), SCALAR);
    set_weight(l, 0, u);
    set_weight(inner, i, tn_reshape(tn_div(w, sigma), sizes_of(kernel, buffer)));
}

static Tensor *spectralNormalization_call(Layer *l, Apply *a) {
    const SpectralNormalizationConfig *k = l->config;
    Tensor *y;
    tn_tape_pause(true);
    if (a->training) scale_kernel(l, k->powerIterations);
    tn_tape_pause(false);
    layer_run(l->inner[0], a->in, 1, &y, 1, a->training);
    return y;
}

/* spectralNormalization: A layer whose kernel each step of training divides by its largest singular
**                        value (Miyato et al., 2018).
**   layer : layer                    with a kernel, or embeddings
**   powerIterations : int >= 1 = 1   how closely that value is found
**   -> y : [...]                     as of the layer
** > tf.layers.spectralNormalization({layer: tf.layers.dense({units: 1,
**     kernelInitializer: 'ones'})}).apply([[1, 2]])   // [[3]]
*/
LAYER(spectralNormalization, SpectralNormalization, .build = spectralNormalization_build,
      .shape = spectralNormalization_shape, .call = spectralNormalization_call, .keeps_mask = true);
