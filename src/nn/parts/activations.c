/* Activations by name, a row each: name, another name, expression of x, manual, example. */
#include "nn/core/layer.h"
#include "ops/binary.gen.h"
#include "ops/create.gen.h"
#include "ops/reduce.gen.h"
#include "ops/scan.gen.h"
#include "ops/slice.gen.h"
#include "ops/softmax.gen.h"
#include "ops/sort.gen.h"
#include "ops/unary.gen.h"
#include "ops/view.gen.h"
#include "ops/where.gen.h"

static Tensor *num(float value) { return tn_scalar(value); }

/* x in a scope of its own is not needed: a layer's call has one. */
static Tensor *hard_sigmoid(Tensor *x) {
    return tn_clipByValue(tn_add(tn_mul(x, num(0.2f)), num(0.5f)), 0, 1);
}

static Tensor *hard_sigmoid_relu6(Tensor *x) { return tn_div(tn_relu6(tn_add(x, num(3))), num(6)); }

/* sqrt(2 / pi), of the approximation by tanh. */
static Tensor *gelu_by_tanh(Tensor *x) {
    Tensor *cube = tn_mul(num(0.044715f), tn_mul(x, tn_square(x)));
    Tensor *inner = tn_mul(num(0.7978845608028654f), tn_add(x, cube));
    return tn_mul(tn_mul(num(0.5f), x), tn_add(num(1), tn_tanh(inner)));
}

static Tensor *gelu_by_erf(Tensor *x) {
    Tensor *phi = tn_add(num(1), tn_erf(tn_mul(x, num(0.7071067811865475f))));
    return tn_mul(tn_mul(num(0.5f), x), phi);
}

/* Half i of the last axis, which glu_shape has found even. */
static Tensor *half_of(Tensor *x, int i) {
    int begin[TN_MAX_RANK + 1] = {x->rank}, size[TN_MAX_RANK + 1] = {x->rank};
    for (int k = 0; k < x->rank; k++) size[1 + k] = x->shape[k];
    size[x->rank] /= 2;
    begin[x->rank] = i * size[x->rank];
    return tn_slice(x, (const Ints *)begin, (const Ints *)size);
}

static Tensor *gated_half(Tensor *x) {
    if (failed()) return nothing();
    if (!x->rank || x->shape[x->rank - 1] % 2)
        return fail(TN_SHAPE, "glu: the last axis of x must be even, but x has shape %s",
                    shape_text(x));
    return tn_mul(half_of(x, 0), tn_sigmoid(half_of(x, 1)));
}

/* x where |x| is above a half, else 0. */
static Tensor *hard_shrink(Tensor *x) {
    return tn_where(tn_greater(tn_abs(x), num(0.5f)), x, tn_zerosLike(x));
}

/* What is left of x when what lies between -0.5 and 0.5 is taken away. */
static Tensor *soft_shrink(Tensor *x) { return tn_sub(x, tn_clipByValue(x, -0.5f, 0.5f)); }

/* A parabola from 0 at -1 to 1 at 1, then x: x + 1 cut to 0..2, squared, and what is above 1. */
static Tensor *sparse_plus(Tensor *x) {
    Tensor *cut = tn_clipByValue(tn_add(x, num(1)), 0, 2);
    return tn_add(tn_mul(num(0.25f), tn_square(cut)), tn_relu(tn_sub(x, num(1))));
}

static Tensor *sparse_sigmoid(Tensor *x) {
    return tn_clipByValue(tn_mul(num(0.5f), tn_add(x, num(1))), 0, 1);
}

/* The nearest point whose elements are at least 0 and have sum 1 (Martins and Astudillo, 2016):
** x - t where that is positive. The k largest elements count, and t is (their sum - 1) / k. */
static Tensor *sparsemax(Tensor *x) {
    if (failed()) return nothing();
    if (!x->rank) return fail(TN_SHAPE, "sparsemax: x must have an axis, but is a scalar");
    int n = x->shape[x->rank - 1];
    Tensor *index, *sorted = tn_topk(x, n, true, &index);
    Tensor *sums = tn_cumsum(sorted, -1, false, false), *one = num(1);
    Tensor *count = tn_range(1, (float)n + 1, 1, TN_FLOAT32);
    Tensor *in = tn_cast(tn_greater(tn_add(one, tn_mul(count, sorted)), sums), TN_FLOAT32);
    Tensor *k = tn_sum(in, INTS(-1), true), *sum = tn_sum(tn_mul(in, sorted), INTS(-1), true);
    return tn_relu(tn_sub(x, tn_div(tn_sub(sum, one), k)));
}

static Tensor *squareplus(Tensor *x) {
    return tn_mul(num(0.5f), tn_add(x, tn_sqrt(tn_add(tn_square(x), num(4)))));
}

ACTIVATION(linear, "", x, "x as it is.", "linear([-1, 2]) // [-1, 2]")
ACTIVATION(relu, "", tn_relu(x), "x where it is positive, else 0.", "relu([-1, 2]) // [0, 2]")
ACTIVATION(relu6, "", tn_relu6(x), "relu that stops at 6.", "relu6([-1, 9]) // [0, 6]")
ACTIVATION(elu, "", tn_elu(x), "x where it is positive, else exp(x) - 1.",
           "elu([-1, 2]) // [-0.6321206, 2]")
ACTIVATION(selu, "", tn_selu(x), "Scaled elu (Klambauer et al., 2017).",
           "selu([-1, 2]) // [-1.1113307, 2.101402]")
ACTIVATION(sigmoid, "", tn_sigmoid(x), "1 / (1 + exp(-x)).", "sigmoid([0, 2]) // [0.5, 0.8807971]")
ACTIVATION(hardSigmoid, "", hard_sigmoid(x), "0.2 x + 0.5, between 0 and 1.",
           "hardSigmoid([-3, 1]) // [0, 0.7]")
ACTIVATION(softplus, "", tn_softplus(x), "log(1 + exp(x)).",
           "softplus([0.5, 20]) // [0.974077, 20]")
ACTIVATION(softsign, "", tn_div(x, tn_add(tn_abs(x), num(1))), "x / (1 + |x|).",
           "softsign([-1, 3]) // [-0.5, 0.75]")
ACTIVATION(tanh, "", tn_tanh(x), "Hyperbolic tangent.", "tanh([0, 1]) // [0, 0.7615942]")
ACTIVATION(softmax, "", tn_softmax(x, -1), "exp(x) / sum(exp(x)) along the last axis.",
           "softmax([0, 1]) // [0.2689414, 0.7310586]")
ACTIVATION(logSoftmax, "", tn_logSoftmax(x, -1), "Logarithm of softmax.",
           "logSoftmax([0, 1]) // [-1.3132617, -0.3132617]")
ACTIVATION(gelu, "", gelu_by_erf(x), "x times the normal distribution function of x.",
           "gelu([-1, 1]) // [-0.1586553, 0.8413447]")
ACTIVATION(gelu_new, "", gelu_by_tanh(x), "gelu approximated by tanh.",
           "gelu_new([-1, 1]) // [-0.158808, 0.841192]")
ACTIVATION(mish, "", tn_mul(x, tn_tanh(tn_softplus(x))), "x tanh(softplus(x)).",
           "mish([-1, 1]) // [-0.3034015, 0.8650984]")
ACTIVATION(swish, "silu", tn_mul(x, tn_sigmoid(x)), "x sigmoid(x).",
           "swish([-1, 1]) // [-0.2689414, 0.7310586]")
ACTIVATION(hardSigmoidRelu6, "", hard_sigmoid_relu6(x),
           "relu6(x + 3) / 6: what files of Keras 3 call hard_sigmoid.",
           "hardSigmoidRelu6([-4, 1]) // [0, 0.6666667]")
ACTIVATION(hardSilu, "hardSwish", tn_mul(x, hard_sigmoid_relu6(x)), "x relu6(x + 3) / 6.",
           "hardSilu([-1, 2]) // [-0.3333333, 1.6666667]")
ACTIVATION(hardTanh, "", tn_clipByValue(x, -1, 1), "x between -1 and 1.",
           "hardTanh([-0.5, 2]) // [-0.5, 1]")
ACTIVATION(leakyRelu, "", tn_leakyRelu(x, 0.2f), "x where it is positive, else 0.2 x.",
           "leakyRelu([-1, 2]) // [-0.2, 2]")
ACTIVATION(celu, "", tn_elu(x), "elu that is smooth for every alpha, of alpha 1: elu itself.",
           "celu([-1, 2]) // [-0.6321206, 2]")
ACTIVATION(exponential, "", tn_exp(x), "exp(x).", "exponential([0, 1]) // [1, 2.7182817]")
ACTIVATION(
    glu, "", gated_half(x),
    "The first half of the last axis times the sigmoid of the second (Dauphin et al., 2017).",
    "glu([2, 4, 0, 1]) // [1, 2.9242343]")
ACTIVATION(logSigmoid, "", tn_logSigmoid(x), "Logarithm of sigmoid.",
           "logSigmoid([0, 2]) // [-0.6931472, -0.126928]")
ACTIVATION(hardShrink, "", hard_shrink(x), "x where it is beyond -0.5 and 0.5, else 0.",
           "hardShrink([-0.25, 2]) // [0, 2]")
ACTIVATION(softShrink, "", soft_shrink(x), "x brought nearer to 0 by 0.5, or all the way.",
           "softShrink([-0.25, 2]) // [0, 1.5]")
ACTIVATION(tanhShrink, "", tn_sub(x, tn_tanh(x)), "x - tanh(x).",
           "tanhShrink([0, 1]) // [0, 0.2384058]")
ACTIVATION(threshold, "", tn_relu(x),
           "x where it is above 0, else 0: Keras's threshold of 0 with value 0.",
           "threshold([-1, 2]) // [0, 2]")
ACTIVATION(sparsePlus, "", sparse_plus(x), "0 up to -1, (x + 1)^2 / 4 up to 1, then x.",
           "sparsePlus([0, 2]) // [0.25, 2]")
ACTIVATION(sparseSigmoid, "", sparse_sigmoid(x), "(x + 1) / 2, between 0 and 1.",
           "sparseSigmoid([0.5, 2]) // [0.75, 1]")
ACTIVATION(sparsemax, "", sparsemax(x),
           "softmax that gives small elements exactly 0 (Martins and Astudillo, 2016).",
           "sparsemax([1, 2, 1.5]) // [0, 0.75, 0.25]")
ACTIVATION(squareplus, "", squareplus(x), "(x + sqrt(x^2 + 4)) / 2 (Barron, 2021).",
           "squareplus([0, 1.5]) // [1, 2]")
