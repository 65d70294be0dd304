/* Activations by name, a row each: name, expression of x, manual, example. */
#include "layer.h"

static Tensor *num(float value) { return tn_scalar(value); }

/* x in a scope of its own is not needed: a layer's call has one. */
static Tensor *hard_sigmoid(Tensor *x) {
    return tn_clipByValue(tn_add(tn_mul(x, num(0.2f)), num(0.5f)), 0, 1);
}

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

ACTIVATION(linear, x,
    "x as it is.", "linear([-1, 2]) // [-1, 2]")
ACTIVATION(relu, tn_relu(x),
    "x where it is positive, else 0.", "relu([-1, 2]) // [0, 2]")
ACTIVATION(relu6, tn_relu6(x),
    "relu that stops at 6.", "relu6([-1, 9]) // [0, 6]")
ACTIVATION(elu, tn_elu(x),
    "x where it is positive, else exp(x) - 1.", "elu([-1, 2]) // [-0.6321206, 2]")
ACTIVATION(selu, tn_selu(x),
    "Scaled elu (Klambauer et al., 2017).", "selu([-1, 2]) // [-1.1113307, 2.101402]")
ACTIVATION(sigmoid, tn_sigmoid(x),
    "1 / (1 + exp(-x)).", "sigmoid([0, 2]) // [0.5, 0.8807971]")
ACTIVATION(hardSigmoid, hard_sigmoid(x),
    "0.2 x + 0.5, between 0 and 1.", "hardSigmoid([-3, 1]) // [0, 0.7]")
ACTIVATION(softplus, tn_softplus(x),
    "log(1 + exp(x)).", "softplus([0.5, 20]) // [0.974077, 20]")
ACTIVATION(softsign, tn_div(x, tn_add(tn_abs(x), num(1))),
    "x / (1 + |x|).", "softsign([-1, 3]) // [-0.5, 0.75]")
ACTIVATION(tanh, tn_tanh(x),
    "Hyperbolic tangent.", "tanh([0, 1]) // [0, 0.7615942]")
ACTIVATION(softmax, tn_softmax(x, -1),
    "exp(x) / sum(exp(x)) along the last axis.", "softmax([0, 1]) // [0.2689414, 0.7310586]")
ACTIVATION(logSoftmax, tn_logSoftmax(x, -1),
    "Logarithm of softmax.", "logSoftmax([0, 1]) // [-1.3132617, -0.3132617]")
ACTIVATION(gelu, gelu_by_erf(x),
    "x times the normal distribution function of x.", "gelu([-1, 1]) // [-0.1586553, 0.8413447]")
ACTIVATION(gelu_new, gelu_by_tanh(x),
    "gelu approximated by tanh.", "gelu_new([-1, 1]) // [-0.158808, 0.841192]")
ACTIVATION(mish, tn_mul(x, tn_tanh(tn_softplus(x))),
    "x tanh(softplus(x)).", "mish([-1, 1]) // [-0.3034015, 0.8650984]")
ACTIVATION(swish, tn_mul(x, tn_sigmoid(x)),
    "x sigmoid(x).", "swish([-1, 1]) // [-0.2689414, 0.7310586]")
