/* fusedMatMul, fusedConv2d, fusedDepthwiseConv2d: product, bias and activation in one call. */
#include "tensor/op.h"
#include "ops/binary.gen.h"
#include "ops/conv.gen.h"
#include "ops/depthwise.gen.h"
#include "ops/matmul.gen.h"
#include "ops/unary.gen.h"
#include "ops/view.gen.h"

static Tensor *activated(const char *op, Tensor *x, FusedActivation activation, Tensor *weights,
                         float alpha) {
    switch (activation) {
    case FUSED_RELU: return tn_relu(x);
    case FUSED_ELU: return tn_elu(x);
    case FUSED_RELU6: return tn_relu6(x);
    case FUSED_LEAKY_RELU: return tn_leakyRelu(x, alpha);
    case FUSED_SIGMOID: return tn_sigmoid(x);
    case FUSED_PRELU:
        if (weights) return tn_prelu(x, weights);
        return fail(TN_VALUE, "%s: prelu takes preluActivationWeights, but there are none", op);
    default: return x;
    }
}

/* Whether p is one value, one for each channel, or of a shape that broadcasts to y's. */
static bool want_fitting(const char *op, const char *name, const Tensor *p, const Tensor *y) {
    bool fits = p->rank <= y->rank;
    for (int i = 1; fits && i <= p->rank; i++) {
        const int size = p->shape[p->rank - i];
        fits = size == 1 || size == y->shape[y->rank - i];
    }
    if (!fits)
        fail(TN_SHAPE, "%s: %s (%s) is not compatible with the output shape %s", op, name,
             shape_text(p), shape_text(y));
    return fits;
}

/* p, where it has one value for each channel, as [channels, 1, 1] for images in NCHW. */
static Tensor *for_format(Tensor *p, DataFormat format) {
    if (!p || format == FORMAT_NHWC || p->rank != 1) return p;
    return tn_reshape(p, INTS(p->size, 1, 1));
}

/* What is done with a result; weights and bias may be NULL. */
typedef struct End {
    const char *op;
    Tensor *bias, *weights;
    DataFormat format;
    FusedActivation activation;
    float alpha;
} End;

static Tensor *ended(const End *e, Tensor *y) {
    Tensor *bias = for_format(e->bias, e->format), *weights = for_format(e->weights, e->format);
    if (failed() || (bias && !want_fitting(e->op, "bias", bias, y)) ||
        (weights && !want_fitting(e->op, "PReLU activation weights", weights, y)))
        return nothing();
    if (bias) y = tn_add(y, bias);
    return activated(e->op, y, e->activation, weights, e->alpha);
}

/* fusedMatMul: matMul, then a bias and an activation.
**   a : [..., m, k]                           as in matMul
**   b : [..., k, n]                           as in matMul
**   transposeA : bool = false                 as in matMul
**   transposeB : bool = false                 as in matMul
**   bias : [...] = null                       is added; broadcasts to the product
**   activation : FusedActivation = 'linear'   'linear' is none
**   preluActivationWeights : [...] = null     alpha of 'prelu', broadcasts to the product
**   leakyreluAlpha : float = 0.2              alpha of 'leakyrelu'
**   -> y : float32 [..., m, n]                as the product
** > tf.fusedMatMul([[1, 2]], [[1, -1], [0.5, 1]], false, false, [1, -5], 'relu')   // [[3, 0]]
** > tf.fusedMatMul([[1, 2]], [[1, 0.5], [-1, 1]], false, true, null, 'prelu', [0.1, 0.5])
**     // [[2, 1]]
*/
OP(fusedMatMul,
   (Tensor * a, Tensor *b, bool transposeA, bool transposeB, Tensor *bias,
    FusedActivation activation, Tensor *preluActivationWeights, float leakyreluAlpha)) {
    if (failed()) return nothing();
    const End e = {"fusedMatMul", bias,       preluActivationWeights,
                   FORMAT_NHWC,   activation, leakyreluAlpha};
    Scope *s = tn_scope_begin();
    return leave(s, ended(&e, tn_matMul(a, b, transposeA, transposeB)));
}

/* fusedConv2d: conv2d, then a bias and an activation.
**   x : [n, h, w, cin] | [h, w, cin]          as in conv2d
**   filter : [kh, kw, cin, cout]              as in conv2d
**   strides : ints                            as in conv2d
**   pad : padding                             as in conv2d
**   dataFormat : DataFormat = 'NHWC'          as in conv2d
**   dilations : ints = [1, 1]                 as in conv2d
**   dimRoundingMode : Rounding = null         as in conv2d
**   bias : [...] = null                       is added: a number, [cout], or what broadcasts to y
**   activation : FusedActivation = 'linear'   'linear' is none
**   preluActivationWeights : [...] = null     alpha of 'prelu', of a shape as bias
**   leakyreluAlpha : float = 0.2              alpha of 'leakyrelu'
**   -> y : float32 [...]                      as conv2d
** > tf.fusedConv2d([[[1], [2]], [[3], [4]]], [[[[1, -1]]]], 1, 'valid', 'NHWC', 1, null, [0.5,
**     3.5], 'relu')   // [[[1.5, 2.5], [2.5, 1.5]], [[3.5, 0.5], [4.5, 0]]]
** > tf.fusedConv2d([[[[1, 2], [3, 4]]]], [[[[1, -1]]]], 1, 'valid', 'NCHW', 1, null, [0.5, 1.5],
**     'leakyrelu', null, 0.1)   // [[[[1.5, 2.5], [3.5, 4.5]], [[0.5, -0.05], [-0.15, -0.25]]]]
*/
OP(fusedConv2d,
   (Tensor * x, Tensor *filter, const Ints *strides, const Pad *pad, DataFormat dataFormat,
    const Ints *dilations, Rounding dimRoundingMode, Tensor *bias, FusedActivation activation,
    Tensor *preluActivationWeights, float leakyreluAlpha)) {
    if (failed()) return nothing();
    const End e = {"fusedConv2d", bias,       preluActivationWeights,
                   dataFormat,    activation, leakyreluAlpha};
    Scope *s = tn_scope_begin();
    return leave(
        s, ended(&e, tn_conv2d(x, filter, strides, pad, dataFormat, dilations, dimRoundingMode)));
}

/* fusedDepthwiseConv2d: depthwiseConv2d, then a bias and an activation.
**   x : [n, h, w, c] | [h, w, c]              as in depthwiseConv2d
**   filter : [kh, kw, c, multiplier]          as in depthwiseConv2d
**   strides : ints                            as in depthwiseConv2d
**   pad : padding                             as in depthwiseConv2d
**   dataFormat : DataFormat = 'NHWC'          as in depthwiseConv2d
**   dilations : ints = [1, 1]                 as in depthwiseConv2d
**   dimRoundingMode : Rounding = null         as in depthwiseConv2d
**   bias : [...] = null                       is added: a number, one for each channel, or what
**                                             broadcasts to y
**   activation : FusedActivation = 'linear'   'linear' is none
**   preluActivationWeights : [...] = null     alpha of 'prelu', of a shape as bias
**   leakyreluAlpha : float = 0.2              alpha of 'leakyrelu'
**   -> y : float32 [...]                      as depthwiseConv2d
** > tf.fusedDepthwiseConv2d([[[1, 2], [3, 4]]], [[[[1], [10]], [[2], [20]]]], 1, 'valid', 'NHWC',
**     1, null, [-3, -99], 'relu6')   // [[[4, 1]]]
*/
OP(fusedDepthwiseConv2d,
   (Tensor * x, Tensor *filter, const Ints *strides, const Pad *pad, DataFormat dataFormat,
    const Ints *dilations, Rounding dimRoundingMode, Tensor *bias, FusedActivation activation,
    Tensor *preluActivationWeights, float leakyreluAlpha)) {
    if (failed()) return nothing();
    const End e = {"fusedDepthwiseConv2d", bias, preluActivationWeights, dataFormat, activation,
                   leakyreluAlpha};
    Scope *s = tn_scope_begin();
    return leave(s, ended(&e, tn_depthwiseConv2d(x, filter, strides, pad, dataFormat, dilations,
                                                 dimRoundingMode)));
}
