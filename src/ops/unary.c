/* Elementwise ops of one tensor, a row each: name, expression, gradient, manual, example.
** An expression is compiled to the CPU loop and, as GLSL, to the shader (see elementwise.h). */
#include "ops/elementwise.h"
#include "ops/binary.gen.h"
#include "ops/unary.gen.h"
#include "ops/view.gen.h"
#include "ops/where.gen.h"

static Tensor *num(float value) { return tn_scalar(value); }
/* 1 - x^2 and the like are common below. */
static Tensor *one_minus(Tensor *x) { return tn_sub(num(1), x); }
static Tensor *one_plus(Tensor *x) { return tn_add(num(1), x); }

/* The gradient through a gate: a where b is positive. Its own, so relu trains in one pass. */
PRIVATE_BINARY(gate, b > 0.0f ? a : 0.0f, tn_gate(dy, b), NULL)
/* The same where 0 < b < 6. */
PRIVATE_BINARY(gate6, b > 0.0f && b < 6.0f ? a : 0.0f, tn_gate6(dy, b), NULL)

/* ---- numbers that may be int32 ---- */

UNARY_INT(abs, x < 0.0f ? -x : x, x < 0 ? -x : x, tn_mul(dy, tn_sign(x)), "Absolute value.",
          "tf.abs([-1.5, 2]) // [1.5, 2]")
UNARY_INT(neg, -x, -x, tn_neg(dy), "Negative.", "tf.neg([1, -2]) // [-1, 2]")
UNARY_INT(sign,
          isnan(x)   ? 0.0f
          : x > 0.0f ? 1.0f
          : x < 0.0f ? -1.0f
                     : 0.0f,
          x > 0   ? 1
          : x < 0 ? -1
                  : 0,
          tn_zerosLike(x), "-1, 0 or 1; 0 of NaN.", "tf.sign([-3, 0, 5]) // [-1, 0, 1]")
UNARY_INT(square, x *x, x *x, tn_mul(dy, tn_mul(num(2), x)), "x times x.",
          "tf.square([3, -4]) // [9, 16]")
UNARY_INT(relu, x < 0.0f ? 0.0f : x, x < 0 ? 0 : x, tn_gate(dy, y),
          "x where it is positive, else 0.", "tf.relu([-1, 2]) // [0, 2]")
UNARY_INT(relu6, x<0.0f ? 0.0f : x> 6.0f ? 6.0f : x, x<0 ? 0 : x> 6 ? 6 : x, tn_gate6(dy, y),
          "relu that stops at 6.", "tf.relu6([-1, 2, 9]) // [0, 2, 6]")
UNARY_FLOAT(ceil, ceil(x), tn_zerosLike(x), "The next whole number above.",
            "tf.ceil([0.3, -1.5]) // [1, -1]")
UNARY_FLOAT(floor, floor(x), tn_zerosLike(x), "The next whole number below.",
            "tf.floor([0.3, -1.5]) // [0, -2]")
UNARY_INT(round, vround(x), x, tn_zerosLike(x),
          "The nearest whole number; halves go to the even one.",
          "tf.round([0.5, 1.5, 2.4]) // [0, 2, 2]")

/* ---- powers, exponentials, logarithms ---- */

UNARY_FLOAT(sqrt, sqrt(x), tn_div(dy, tn_mul(num(2), y)), "Square root.",
            "tf.sqrt([4, 2.25]) // [2, 1.5]")
UNARY_FLOAT(rsqrt, 1.0f / sqrt(x), tn_mul(dy, tn_mul(num(-0.5f), tn_div(y, x))),
            "One over the square root.", "tf.rsqrt([4, 0.25]) // [0.5, 2]")
UNARY(reciprocal, 1.0f / x, tn_neg(tn_mul(dy, tn_square(y))), "One over x.",
      "tf.reciprocal([4, 0.5]) // [0.25, 2]")
UNARY_BY(exp, vmap(MAP_EXP, (size_t)n, x, y), vexp(x), tn_mul(dy, y), "e to the power of x.",
         "tf.exp([0, 1]) // [1, 2.7182818]")
UNARY(expm1, vexpm1(x), tn_mul(dy, one_plus(y)), "exp(x) - 1, exact near 0.",
      "tf.expm1([0, 1]) // [0, 1.7182818]")
UNARY_FLOAT_BY(log, vmap(MAP_LOG, (size_t)n, x, y), vlog(x), tn_div(dy, x), "Natural logarithm.",
               "tf.log([1, 2.7182818]) // [0, 1]")
UNARY(log1p, vlog1p(x), tn_div(dy, one_plus(x)), "log(1 + x), exact near 0.",
      "tf.log1p([0, 1.7182818]) // [0, 1]")

/* ---- activations ---- */

UNARY_FLOAT_BY(sigmoid, vmap(MAP_SIGMOID, (size_t)n, x, y), vsigmoid(x),
               tn_mul(dy, tn_mul(y, one_minus(y))), "1 / (1 + exp(-x)).",
               "tf.sigmoid([0, 2]) // [0.5, 0.8807971]")
UNARY(softplus, vsoftplus(x), tn_mul(dy, tn_sigmoid(x)), "log(1 + exp(x)).",
      "tf.softplus([0.5, 20]) // [0.974077, 20]")
UNARY(logSigmoid, -vsoftplus(-x), tn_mul(dy, tn_sigmoid(tn_neg(x))),
      "log(sigmoid(x)), exact far below 0.", "tf.logSigmoid([0.5, -20]) // [-0.474077, -20]")
UNARY_FLOAT_BY(elu, vmap(MAP_ELU, (size_t)n, x, y), x < 0.0f ? vexpm1(x) : x,
               tn_mul(dy, tn_exp(tn_minimum(x, num(0)))),
               "x where it is positive, else exp(x) - 1.", "tf.elu([-1, 2]) // [-0.6321206, 2]")
UNARY(selu, x < 0.0f ? 1.7580993408473768f * vexpm1(x) : 1.0507009873554805f * x,
      tn_mul(dy, tn_where(tn_greater(x, num(0)), num(1.0507009873554805f),
                          tn_mul(num(1.7580993408473768f), tn_exp(tn_minimum(x, num(0)))))),
      "Scaled elu, keeps mean 0 and variance 1 (Klambauer et al., 2017).",
      "tf.selu([-1, 2]) // [-1.1113307, 2.101402]")
UNARY(erf, verf(x), tn_mul(dy, tn_mul(num(1.1283791670955126f), tn_exp(tn_neg(tn_square(x))))),
      "Error function.", "tf.erf([0.5, 1]) // [0.5204999, 0.8427008]")

/* ---- trigonometry, in radians ---- */

UNARY_FLOAT_BY(sin, vsin_n((size_t)n, x, y), vsin(x), tn_mul(dy, tn_cos(x)), "Sine.",
               "tf.sin([0, 1.5707963]) // [0, 1]")
UNARY_FLOAT_BY(cos, vcos_n((size_t)n, x, y), vcos(x), tn_neg(tn_mul(dy, tn_sin(x))), "Cosine.",
               "tf.cos([0, 1]) // [1, 0.5403023]")
UNARY_FLOAT_BY(tan, vtan_n((size_t)n, x, y), vtan(x), tn_mul(dy, one_plus(tn_square(y))),
               "Tangent.", "tf.tan([0, 1]) // [0, 1.5574077]")
UNARY(asin, vasin(x), tn_mul(dy, tn_rsqrt(one_minus(tn_square(x)))), "Inverse sine.",
      "tf.asin([0, 0.5]) // [0, 0.5235988]")
UNARY(acos, vacos(x), tn_neg(tn_mul(dy, tn_rsqrt(one_minus(tn_square(x))))), "Inverse cosine.",
      "tf.acos([0.5, 0.25]) // [1.0471976, 1.318116]")
UNARY(atan, vatan(x), tn_div(dy, one_plus(tn_square(x))), "Inverse tangent.",
      "tf.atan([0, 1]) // [0, 0.7853982]")
UNARY(sinh, vsinh(x), tn_mul(dy, tn_cosh(x)), "Hyperbolic sine.",
      "tf.sinh([0, 1]) // [0, 1.1752012]")
UNARY_FLOAT(cosh, vcosh(x), tn_mul(dy, tn_sinh(x)), "Hyperbolic cosine.",
            "tf.cosh([0, 1]) // [1, 1.5430806]")
UNARY_FLOAT_BY(tanh, vmap(MAP_TANH, (size_t)n, x, y), vtanh(x), tn_mul(dy, one_minus(tn_square(y))),
               "Hyperbolic tangent.", "tf.tanh([0, 1]) // [0, 0.7615942]")
UNARY(asinh, vasinh(x), tn_mul(dy, tn_rsqrt(one_plus(tn_square(x)))), "Inverse hyperbolic sine.",
      "tf.asinh([0, 1]) // [0, 0.8813736]")
UNARY(acosh, vacosh(x), tn_mul(dy, tn_rsqrt(tn_sub(tn_square(x), num(1)))),
      "Inverse hyperbolic cosine.", "tf.acosh([1.5, 2]) // [0.9624237, 1.316958]")
UNARY(atanh, vatanh(x), tn_div(dy, one_minus(tn_square(x))), "Inverse hyperbolic tangent.",
      "tf.atanh([0, 0.5]) // [0, 0.5493061]")

/* ---- tests ---- */

UNARY_TEST(isNaN, isnan(x), "True where x is not a number.", "tf.isNaN([1, NaN]) // [0, 1]")
UNARY_TEST(isInf, isinf(x), "True where x is infinite.",
           "tf.isInf([1, -Infinity, NaN]) // [0, 1, 0]")
UNARY_TEST(isFinite, !isnan(x) && !isinf(x), "True where x is a number and finite.",
           "tf.isFinite([1, Infinity, NaN]) // [1, 0, 0]")

/* ---- with a parameter ---- */

typedef struct Slope {
    float alpha;
} Slope;

static void leakyRelu_cpu(Call *c) {
    float alpha = ((const Slope *)c->attrs)->alpha, *y = f32(c->out[0]);
    const float *x = f32(c->in[0]);
    for (int i = 0; i < c->out[0]->size; i++) y[i] = x[i] < 0 ? alpha * x[i] : x[i];
}

static void leakyRelu_grad(Call *c, Tensor **dy, Tensor **dx) {
    float alpha = ((const Slope *)c->attrs)->alpha;
    Tensor *positive = tn_greater(c->in[0], num(0));
    dx[0] = tn_where(positive, dy[0], tn_mul(num(alpha), dy[0]));
}

/* leakyRelu: x where it is positive, else alpha times x.
**   x : [...]
**   alpha : float = 0.2     slope of the negative side
**   -> y : float32 like x
** > tf.leakyRelu([-1, 2], 0.1)   // [-0.1, 2]
*/
OP(leakyRelu, (Tensor * x, float alpha)) {
    Scope *s = tn_scope_begin();
    x = to_float(x);
    Slope a = {alpha};
    return leave(s, run(&leakyRelu_op, IN(x), OUT(make_like(x)), &a, sizeof a));
}
IMPL(leakyRelu, .cpu = leakyRelu_cpu, .gl = "=x < 0.0f ? p0 * x : x", .grad = leakyRelu_grad);

static void step_cpu(Call *c) {
    const Constant alpha = *(const Constant *)c->attrs;
    const Tensor *x = c->in[0];
    const int n = x->size;
    if (x->dtype == TN_FLOAT32) {
        const float *from = f32(x);
        float *restrict y = f32(c->out[0]);
        for (int i = 0; i < n; i++) {
            const float low = from[i] <= 0 ? alpha.real : from[i];
            y[i] = from[i] > 0 ? 1 : low;
        }
    } else {
        const int *from = i32(x);
        int *restrict y = i32(c->out[0]);
        for (int i = 0; i < n; i++) y[i] = from[i] > 0 ? 1 : alpha.whole;
    }
}

static void step_grad(Call *c, Tensor **dy, Tensor **dx) {
    dx[0] = tn_where(tn_isNaN(c->in[0]), dy[0], num(0));
}

/* step: 1 where x is positive, else alpha; NaN stays.
**   x : [...]
**   alpha : float = 0   the value where x is 0 or negative
**   -> y : like x       int32 of a bool
** > tf.step([-1, 0, 2])   // [0, 0, 1]
*/
OP(step, (Tensor * x, double alpha)) {
    if (failed()) return nothing();
    const Constant a = constant_of(alpha);
    Scope *s = tn_scope_begin();
    if (x->dtype != TN_FLOAT32 && !fits_int32(alpha))
        return leave(s, fail(TN_VALUE, "step: alpha %.10g does not fit int32", alpha));
    if (x->dtype != TN_FLOAT32) x = to_dtype(x, TN_INT32);
    return leave(s, run(&step_op, IN(x), OUT(make_like(x)), &a, sizeof a));
}
IMPL(step, .cpu = step_cpu, .gl = "=x > 0.0f ? 1.0f : x <= 0.0f ? p0 : x",
     .gl_int = "x > 0 ? 1 : q1", .grad = step_grad);

/* Ends for each dtype. */
typedef struct Ends {
    float low, high;
    int lowest, highest;
} Ends;

static void clip_cpu(Call *c) {
    const Ends e = *(const Ends *)c->attrs;
    const Tensor *x = c->in[0];
    const int n = x->size;
    if (x->dtype == TN_FLOAT32) {
        const float *from = f32(x);
        float *restrict y = f32(c->out[0]);
        for (int i = 0; i < n; i++) {
            const float v = from[i] < e.low ? e.low : from[i];
            y[i] = v > e.high ? e.high : v;
        }
    } else {
        const int *from = i32(x);
        int *restrict y = i32(c->out[0]);
        for (int i = 0; i < n; i++) {
            const int v = from[i] < e.lowest ? e.lowest : from[i];
            y[i] = v > e.highest ? e.highest : v;
        }
    }
}

static void clip_grad(Call *c, Tensor **dy, Tensor **dx) {
    const Ends *e = c->attrs;
    Tensor *x = c->in[0];
    Tensor *inside = tn_logicalAnd(tn_greaterEqual(x, num(e->low)), tn_lessEqual(x, num(e->high)));
    dx[0] = tn_where(inside, dy[0], num(0));
}

/* clipByValue: Moves values outside [min, max] to its ends.
**   x : [...]
**   min : float     lower end
**   max : float     upper end, not below min
**   -> y : like x
** > tf.clipByValue([-2, 0.5, 7], 0, 1)   // [0, 0.5, 1]
*/
OP(clipByValue, (Tensor * x, double min, double max)) {
    if (!(min <= max)) return fail(TN_VALUE, "clipByValue: min %g is above max %g", min, max);
    if (failed()) return nothing();
    const DType dtype = x->dtype;
    const Ends e = {(float)min, (float)max, clamp_int32(min), clamp_int32(max)};
    Scope *s = tn_scope_begin();
    if (dtype != TN_INT32) x = to_float(x);
    Tensor *y = run(&clipByValue_op, IN(x), OUT(make_like(x)), &e, sizeof e);
    return leave(s, to_dtype(y, dtype));
}
IMPL(clipByValue, .cpu = clip_cpu, .gl = "=x < p0 ? p0 : x > p1 ? p1 : x",
     .gl_int = "x < q2 ? q2 : x > q3 ? q3 : x", .grad = clip_grad);

/* Of floats in one pass. */
PRIVATE_BINARY(leaky, a < 0.0f ? a * b : a, tn_where(tn_less(a, num(0)), tn_mul(dy, b), dy),
               tn_mul(dy, tn_minimum(a, num(0))))

/* prelu: x where it is positive, else alpha times x, with a learned alpha.
**   x : [...]
**   alpha : [...]   broadcasts to x
**   -> y : like x
** > tf.prelu([-1, 2], [0.1, 0.5])   // [-0.1, 2]
*/
OP(prelu, (Tensor * x, Tensor *alpha)) {
    if (failed()) return nothing();
    if (x->dtype == TN_FLOAT32 && alpha->dtype == TN_FLOAT32) return tn_leaky(x, alpha);
    Scope *s = tn_scope_begin();
    Tensor *negative = tn_minimum(x, num(0));
    return leave(s, tn_add(tn_relu(x), tn_mul(alpha, negative)));
}
