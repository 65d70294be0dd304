/* dense, activation, and the nonlinear layers. */
#include "nn/layers/weighted.h"
#include "ops/binary.gen.h"
#include "ops/matmul.gen.h"
#include "ops/softmax.gen.h"
#include "ops/unary.gen.h"
#include "ops/view.gen.h"
#include "ops/where.gen.h"

/* ---- dense ---- */

static bool dense_input(const Layer *l, Shape *s) {
    const DenseConfig *k = l->config;
    *s = (Shape){.dtype = TN_FLOAT32, .rank = 2, .size = {-1, k->inputDim}};
    return k->inputDim != NONE;
}

static void dense_build(Layer *l, const Shape *in, int nin) {
    const DenseConfig *k = l->config;
    (void)nin;
    if (!want_input(l, in, -2) || !want_known(l, in, in->rank - 1)) return;
    add_kernel(l, &k->kernel, INTS(in->size[in->rank - 1], k->units));
    add_bias(l, &k->bias, k->units);
}

static void dense_shape(const Layer *l, const Shape *in, int nin, Shape *out) {
    const DenseConfig *k = l->config;
    (void)nin;
    if (!want_input(l, in, -2)) return;
    int features = in->size[in->rank - 1];
    if (l->built && features >= 0 && features != weight(l, 0)->shape[0]) {
        fail(TN_SHAPE,
             "Input 0 is incompatible with layer %.80s: expected axis -1 of input shape "
             "to have value %d but got shape %s: x has %d features, the kernel takes %d",
             l->name, weight(l, 0)->shape[0], shape_string(in), features, weight(l, 0)->shape[0]);
        return;
    }
    *out = *in;
    out->dtype = TN_FLOAT32;
    out->size[in->rank - 1] = k->units;
}

/* x . kernel over the last axis of x, whatever its rank. */
static Tensor *product(Tensor *x, Tensor *kernel) {
    if (x->rank == 2) return tn_matMul(x, kernel, false, false);
    int shape[TN_MAX_RANK + 1] = {x->rank};
    memcpy(shape + 1, x->shape, sizeof(int) * (size_t)x->rank);
    shape[x->rank] = kernel->shape[1];
    int rows = outer_size(x, x->rank - 1);
    Tensor *flat = tn_reshape(x, INTS(rows, kernel->shape[0]));
    return tn_reshape(tn_matMul(flat, kernel, false, false), (const Ints *)shape);
}

static Tensor *dense_call(Layer *l, Apply *a) {
    const DenseConfig *k = l->config;
    return finish(l, &k->bias, 1, product(a->in[0], weight(l, 0)));
}

/* dense: A fully connected layer: activation(x . kernel + bias) along the last axis.
**   units : int >= 1        width of the result
**   inputDim : int = null   features, for the first layer of a model
**   + bias
**   + kernel
**   -> y : [..., units]
** > tf.layers.dense({units: 1, kernelInitializer: 'ones'}).apply([[1, 2]])   // [[3]]
*/
LAYER(dense, Dense, .build = dense_build, .shape = dense_shape, .call = dense_call,
      .input = dense_input, .keeps_mask = true);

/* ---- activation ---- */

static Tensor *activation_call(Layer *l, Apply *a) {
    const ActivationConfig *k = l->config;
    return activate(k->activation, a->in[0]);
}

/* activation: Applies an activation.
**   activation : activation = 'linear'   which
**   -> y : like x
** > tf.layers.activation({activation: 'relu'}).apply([[-1, 2]])   // [[0, 2]]
*/
LAYER(activation, Activation, .call = activation_call, .keeps_mask = true);

/* negativeSlope (x - threshold) below the threshold, then x, then maxValue. */
static Tensor *bent(const ReLUConfig *k, Tensor *x) {
    Tensor *from = tn_scalar((float)k->threshold), *slope = tn_scalar((float)k->negativeSlope);
    Tensor *low = k->negativeSlope ? tn_mul(slope, tn_sub(x, from)) : tn_scalar(0);
    return tn_where(tn_greaterEqual(x, from), x, low);
}

static Tensor *reLU_call(Layer *l, Apply *a) {
    const ReLUConfig *k = l->config;
    const bool plain = !k->negativeSlope && !k->threshold;
    if (plain && k->maxValue == 6) return tn_relu6(a->in[0]);
    Tensor *y = plain          ? tn_relu(a->in[0])
                : k->threshold ? bent(k, a->in[0])
                               : tn_leakyRelu(a->in[0], (float)k->negativeSlope);
    return isnan(k->maxValue) ? y : tn_minimum(y, tn_scalar((float)k->maxValue));
}

/* reLU: x where it is positive, else 0.
**   maxValue : float = null     values above it become it
**   negativeSlope : float = 0   below the threshold: it times x - threshold
**   threshold : float = 0       from where on x stays
**   -> y : like x
** > tf.layers.reLU({maxValue: 2}).apply([[-1, 1, 3]])   // [[0, 1, 2]]
** > tf.layers.reLU({negativeSlope: 0.5, threshold: 1}).apply([[-1, 0.5, 3]])   // [[-1, -0.25, 3]]
*/
LAYER(reLU, ReLU, .call = reLU_call, .keeps_mask = true);

static Tensor *leakyReLU_call(Layer *l, Apply *a) {
    const LeakyReLUConfig *k = l->config;
    return tn_leakyRelu(a->in[0], (float)k->alpha);
}

/* leakyReLU: x where it is positive, else alpha times x.
**   alpha : float = 0.3   slope of the negative side
**   -> y : like x
** > tf.layers.leakyReLU({alpha: 0.5}).apply([[-1, 2]])   // [[-0.5, 2]]
*/
LAYER(leakyReLU, LeakyReLU, .call = leakyReLU_call, .keeps_mask = true);

/* Alpha has one number for each place, or one for all places along a shared axis. */
static void prelu_build(Layer *l, const Shape *in, int nin) {
    const PReLUConfig *k = l->config;
    int shape[TN_MAX_RANK + 1] = {in->rank - 1};
    (void)nin;
    if (!want_input(l, in, -1)) return;
    for (int i = 1; i < in->rank; i++) shape[i] = in->size[i];
    for (int i = 0; k->sharedAxes && i < k->sharedAxes->n; i++) {
        int axis = k->sharedAxes->v[i];
        if (axis < 1 || axis >= in->rank) {
            fail(TN_VALUE, "%.80s: sharedAxes has %d, which is not in 1..%d", l->name, axis,
                 in->rank - 1);
            return;
        }
        shape[axis] = 1;
    }
    for (int i = 1; i < in->rank; i++)
        if (shape[i] < 0 && !want_known(l, in, i)) return;
    add_weight(l, "alpha", (const Ints *)shape, k->alphaInitializer, k->alphaRegularizer,
               k->alphaConstraint);
}

static Tensor *prelu_call(Layer *l, Apply *a) { return tn_prelu(a->in[0], weight(l, 0)); }

/* prelu: x where it is positive, else alpha times x, with alpha learned.
**   alphaInitializer : initializer = 'zeros'   of alpha
**   alphaRegularizer : regularizer = null      of alpha
**   alphaConstraint : constraint = null        of alpha
**   sharedAxes : ints = null                   axes along which one alpha serves all places
**   -> y : like x
** > tf.layers.prelu({alphaInitializer: 'ones'}).apply([[-1, 2]])   // [[-1, 2]]
*/
LAYER(prelu, PReLU, .build = prelu_build, .call = prelu_call, .keeps_mask = true);

static Tensor *elu_call(Layer *l, Apply *a) {
    const ELUConfig *k = l->config;
    Tensor *x = a->in[0];
    if (k->alpha == 1) return tn_elu(x);
    Tensor *negative = tn_mul(tn_scalar((float)k->alpha), tn_expm1(tn_minimum(x, tn_scalar(0))));
    return tn_add(tn_relu(x), negative);
}

/* elu: x where it is positive, else alpha (exp(x) - 1).
**   alpha : float = 1   size of the negative side
**   -> y : like x
** > tf.layers.elu({alpha: 2}).apply([[-1, 2]])   // [[-1.2642411, 2]]
*/
LAYER(elu, ELU, .call = elu_call, .keeps_mask = true);

static Tensor *thresholdedReLU_call(Layer *l, Apply *a) {
    const ThresholdedReLUConfig *k = l->config;
    Tensor *x = a->in[0];
    return tn_where(tn_greater(x, tn_scalar((float)k->theta)), x, tn_scalar(0));
}

/* thresholdedReLU: x where it is above a threshold, else 0.
**   theta : float = 1   the threshold
**   -> y : like x
** > tf.layers.thresholdedReLU({theta: 2}).apply([[1, 3]])   // [[0, 3]]
*/
LAYER(thresholdedReLU, ThresholdedReLU, .call = thresholdedReLU_call, .keeps_mask = true);

static Tensor *softmax_call(Layer *l, Apply *a) {
    const SoftmaxConfig *k = l->config;
    Tensor *x = a->in[0], *mask = a->masks ? a->masks[0] : NULL;
    if (mask && mask->rank == x->rank) { /* places of the scores, not steps */
        Tensor *gone = tn_sub(tn_scalar(1), to_float(mask));
        x = tn_sub(x, tn_mul(gone, tn_scalar(1e9f)));
    }
    if (k->axis->n == 1) return tn_softmax(x, k->axis->v[0]);
    return tn_exp(tn_sub(x, tn_logSumExp(x, k->axis, true)));
}

/* softmax: exp(x) / sum(exp(x)). A mask of the shape of x leaves places out.
**   axis : ints = -1   along which the results sum to 1, one axis or several
**   -> y : like x
** > tf.layers.softmax().apply([[0, 0]])   // [[0.5, 0.5]]
*/
LAYER(softmax, Softmax, .call = softmax_call, .keeps_mask = true);
