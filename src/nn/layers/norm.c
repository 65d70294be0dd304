/* Layers that normalize: batchNormalization, layerNormalization. */
#include "nn/layers/layer_helpers.h"
#include "ops/batchnorm.gen.h"
#include "ops/binary.gen.h"
#include "ops/reduce.gen.h"
#include "ops/stats.gen.h"
#include "ops/unary.gen.h"
#include "ops/view.gen.h"

/* ---- batchNormalization ---- */

/* Files may have the axis in a list. */
static void batchNormalization_prepare(Layer *l) {
    const BatchNormalizationConfig *k = l->config;
    if (k->axis->n != 1)
        fail(TN_VALUE, "%.80s: axis must be a number or a list of one, but has %d", l->name,
             k->axis->n);
    else if (cJSON_IsArray(json_get(l->json, "axis")))
        json_replace(l->json, "axis", json_number(k->axis->v[0]));
}

/* Where the weights are; gamma and beta may be missing. */
typedef struct Places {
    int gamma, beta, mean, variance;
} Places;

static Places places(const BatchNormalizationConfig *k) {
    return (Places){0, k->scale, k->scale + k->center, k->scale + k->center + 1};
}

static void batchNormalization_build(Layer *l, const Shape *in, int nin) {
    const BatchNormalizationConfig *k = l->config;
    int axis = layer_axis(l, in, k->axis->v[0]);
    (void)nin;
    if (axis < 0) return;
    if (in->size[axis] < 0) {
        fail(TN_SHAPE,
             "%.80s: Axis %d of input tensor should have a defined dimension but the layer "
             "received an input with shape %s.",
             l->name, axis, shape_string(in));
        return;
    }
    const Ints *shape = INTS(in->size[axis]);
    if (k->scale)
        add_weight(l, "gamma", shape, k->gammaInitializer, k->gammaRegularizer, k->gammaConstraint);
    if (k->center)
        add_weight(l, "beta", shape, k->betaInitializer, k->betaRegularizer, k->betaConstraint);
    add_state(l, "moving_mean", shape, k->movingMeanInitializer);
    add_state(l, "moving_variance", shape, k->movingVarianceInitializer);
}

static void batchNormalization_shape(const Layer *l, const Shape *in, int nin, Shape *out) {
    const BatchNormalizationConfig *k = l->config;
    int axis = layer_axis(l, in, k->axis->v[0]);
    (void)nin;
    if (axis < 0) return;
    if (l->built && in->size[axis] >= 0 && in->size[axis] != weight(l, 0)->size)
        fail(TN_SHAPE, "%.80s: x has %d channels, the layer takes %d", l->name, in->size[axis],
             weight(l, 0)->size);
    *out = *in;
    out->dtype = TN_FLOAT32;
}

/* Moves a running mean towards this batch's value. */
static void follow(Layer *l, int i, Tensor *value, double momentum) {
    Tensor *old = weight(l, i);
    tn_tape_pause(true);
    Tensor *step = tn_mul(tn_sub(old, value), tn_scalar((float)(1 - momentum)));
    set_weight(l, i, tn_sub(old, step));
    tn_tape_pause(false);
}

static Tensor *batchNormalization_call(Layer *l, Apply *a) {
    const BatchNormalizationConfig *k = l->config;
    Tensor *x = a->in[0];
    int raw = k->axis->v[0], axis = raw < 0 ? raw + x->rank : raw, others[TN_MAX_RANK + 1] = {0};
    Places at = places(k);
    Tensor *mean = weight(l, at.mean), *variance = weight(l, at.variance);
    if (a->training && l->trainable && !l->frozen) {
        for (int i = 0; i < x->rank; i++)
            if (i != axis) others[++others[0]] = i;
        mean = tn_moments(x, (const Ints *)others, false, &variance);
        follow(l, at.mean, mean, k->momentum);
        follow(l, at.variance, variance, k->momentum);
    }
    Tensor *gamma = k->scale ? weight(l, at.gamma) : NULL;
    Tensor *beta = k->center ? weight(l, at.beta) : NULL;
    return tn_batchNorm(x, along_axis(mean, x, axis), along_axis(variance, x, axis),
                        along_axis(beta, x, axis), along_axis(gamma, x, axis), (float)k->epsilon);
}

/* batchNormalization: Channels shifted to mean beta and scaled to deviation gamma.
**   axis : ints = -1                                   of the channels; one, a list of one too
**   momentum : float = 0.99                            how much of the running means stays a step
**   epsilon : float = 0.001                            added to the variance
**   center : bool = true                               whether there is a beta
**   scale : bool = true                                whether there is a gamma
**   betaInitializer : initializer = 'zeros'            of beta
**   gammaInitializer : initializer = 'ones'            of gamma
**   movingMeanInitializer : initializer = 'zeros'      of the running mean
**   movingVarianceInitializer : initializer = 'ones'   of the running variance
**   betaRegularizer : regularizer = null               penalty on beta
**   gammaRegularizer : regularizer = null              penalty on gamma
**   betaConstraint : constraint = null                 of beta
**   gammaConstraint : constraint = null                of gamma
**   -> y : like x
** Training takes mean and variance of the batch, and keeps running means of them for later
** (Ioffe and Szegedy, 2015). As in Keras, a layer that is not trainable takes the running means in
** training too, and leaves them.
** > tf.layers.batchNormalization({epsilon: 0}).apply([[1, 2]])   // [[1, 2]]
*/
LAYER(batchNormalization, BatchNormalization, .prepare = batchNormalization_prepare,
      .build = batchNormalization_build, .shape = batchNormalization_shape,
      .call = batchNormalization_call, .keeps_mask = true);

/* ---- layerNormalization ---- */

/* Axes as a bit mask; 0 with the error set. */
static unsigned norm_axes(const Layer *l, const Shape *in) {
    const LayerNormalizationConfig *k = l->config;
    unsigned mask = 0;
    for (int i = 0; i < k->axis->n; i++) {
        int axis = layer_axis(l, in, k->axis->v[i]);
        if (axis < 0) return 0;
        if (mask >> axis & 1) {
            fail(TN_VALUE, "%.80s: Found duplicate axes in: %s", l->name,
                 ints_text(k->axis->n, k->axis->v));
            return 0;
        }
        mask |= 1u << axis;
    }
    return mask;
}

static void layerNormalization_build(Layer *l, const Shape *in, int nin) {
    const LayerNormalizationConfig *k = l->config;
    unsigned axes = norm_axes(l, in);
    int shape[TN_MAX_RANK + 1] = {0};
    (void)nin;
    for (int i = 0; i < in->rank && axes; i++) {
        if (!(axes >> i & 1)) continue;
        if (!want_known(l, in, i)) return;
        shape[++shape[0]] = in->size[i];
    }
    if (failed()) return;
    if (k->scale || k->rmsScaling)
        add_weight(l, "gamma", (const Ints *)shape, k->gammaInitializer, k->gammaRegularizer, NULL);
    if (k->center && !k->rmsScaling)
        add_weight(l, "beta", (const Ints *)shape, k->betaInitializer, k->betaRegularizer, NULL);
}

static void layerNormalization_shape(const Layer *l, const Shape *in, int nin, Shape *out) {
    (void)nin;
    if (!norm_axes(l, in) && failed()) return;
    *out = *in;
    out->dtype = TN_FLOAT32;
}

static Tensor *layerNormalization_call(Layer *l, Apply *a) {
    const LayerNormalizationConfig *k = l->config;
    Tensor *x = a->in[0], *variance;
    Shape in = shape_of(x);
    unsigned mask = norm_axes(l, &in);
    int axes[TN_MAX_RANK + 1] = {0}, shape[TN_MAX_RANK + 1] = {x->rank};
    for (int i = 0; i < x->rank; i++) {
        if (mask >> i & 1) axes[++axes[0]] = i;
        shape[1 + i] = mask >> i & 1 ? x->shape[i] : 1;
    }
    if (k->rmsScaling) {
        Tensor *square = tn_mean(tn_square(x), (const Ints *)axes, true);
        Tensor *inverse = tn_rsqrt(tn_add(square, tn_scalar((float)k->epsilon)));
        return tn_mul(tn_mul(x, inverse), tn_reshape(weight(l, 0), (const Ints *)shape));
    }
    Tensor *mean = tn_moments(x, (const Ints *)axes, true, &variance);
    Tensor *gamma = k->scale ? tn_reshape(weight(l, 0), (const Ints *)shape) : NULL;
    Tensor *beta = k->center ? tn_reshape(weight(l, k->scale), (const Ints *)shape) : NULL;
    if (failed()) return nothing();
    return tn_batchNorm(x, mean, variance, beta, gamma, (float)k->epsilon);
}

/* layerNormalization: Each example shifted and scaled by itself (Ba et al., 2016).
**   axis : ints = -1                          over which mean and variance are taken
**   epsilon : float = 0.001                   added to the variance
**   center : bool = true                      whether there is a beta
**   scale : bool = true                       whether there is a gamma
**   rmsScaling : bool = false                 x is divided by the root of its mean square, without
**                                             a mean and beta
**   betaInitializer : initializer = 'zeros'   of beta
**   gammaInitializer : initializer = 'ones'   of gamma
**   betaRegularizer : regularizer = null      penalty on beta
**   gammaRegularizer : regularizer = null     penalty on gamma
**   -> y : like x
** > tf.layers.layerNormalization({epsilon: 0}).apply([[1, 3]])   // [[-1, 1]]
** > tf.layers.layerNormalization({epsilon: 0, rmsScaling: true}).apply([[1, 7]])   // [[0.2, 1.4]]
*/
LAYER(layerNormalization, LayerNormalization, .build = layerNormalization_build,
      .shape = layerNormalization_shape, .call = layerNormalization_call, .keeps_mask = true);
