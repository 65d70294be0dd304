/* complex64: complex, real, imag, and arithmetic made of them. The gradient of a real loss by z is
** its derivative by the real part plus i times that by the imaginary part, so that a step against
** it goes downhill, as in TensorFlow. */
#include "ops/complex.h"
#include "ops/binary.gen.h"
#include "ops/complex.gen.h"
#include "ops/matmul.gen.h"
#include "ops/reduce.gen.h"
#include "ops/unary.gen.h"
#include "ops/view.gen.h"
#include "ops/where.gen.h"

extern const Op complex_op, real_op, imag_op;

static Tensor *num(float value) { return tn_scalar(value); }

/* ---- together and apart ---- */

static void complex_cpu(Call *c) {
    const float *restrict re = f32(c->in[0]), *restrict im = f32(c->in[1]);
    float *restrict y = f32(c->out[0]);
    for (int64_t i = 0; i < c->out[0]->size; i++) y[2 * i] = re[i], y[2 * i + 1] = im[i];
}

static void complex_grad(Call *c, Tensor **dy, Tensor **dx) {
    if (wants(c, 0)) dx[0] = tn_real(dy[0]);
    if (wants(c, 1)) dx[1] = tn_imag(dy[0]);
}

/* complex: Complex numbers of real and imaginary parts.
**   real : float32 [...]
**   imag : float32 [...]         of the shape of real
**   -> z : complex64 like real
** > tf.complex([1, 2], [3, 4])   // [1, 3, 2, 4]
*/
OP(complex, (Tensor * real, Tensor *imag)) {
    if (failed()) return nothing();
    if (!same_shape(real, imag))
        return fail(TN_SHAPE,
                    "complex: real and imag shapes, %s and %s, must match in call to "
                    "tf.complex().",
                    shape_list(real), shape_list(imag));
    Scope *s = tn_scope_begin();
    real = to_float(real), imag = to_float(imag);
    Tensor *z = make(TN_COMPLEX64, real->rank, real->shape);
    return leave(s, run(&complex_op, IN(real, imag), OUT(z), NULL, 0));
}
IMPL(complex, .cpu = complex_cpu, .gl_why = "complex64 is kept in memory only",
     .grad = complex_grad, .any = true);

static void part(const Call *c, int which) {
    const float *restrict z = f32(c->in[0]) + which;
    float *restrict y = f32(c->out[0]);
    for (int64_t i = 0; i < c->out[0]->size; i++) y[i] = z[2 * i];
}

static void real_cpu(Call *c) { part(c, 0); }
static void imag_cpu(Call *c) { part(c, 1); }

static void real_grad(Call *c, Tensor **dy, Tensor **dx) {
    (void)c;
    dx[0] = tn_complex(dy[0], tn_zerosLike(dy[0]));
}

static void imag_grad(Call *c, Tensor **dy, Tensor **dx) {
    (void)c;
    dx[0] = tn_complex(tn_zerosLike(dy[0]), dy[0]);
}

/* real: The real parts.
**   input : complex64 [...]     a real tensor is its own real part
**   -> y : float32 like input
** > tf.real(tf.complex([1, 2], [3, 4]))   // [1, 2]
*/
OP(real, (Tensor * input)) {
    if (failed()) return nothing();
    if (input->dtype != TN_COMPLEX64) return tn_cast(input, TN_FLOAT32);
    return run(&real_op, IN(input), OUT(make(TN_FLOAT32, input->rank, input->shape)), NULL, 0);
}
IMPL(real, .cpu = real_cpu, .gl_why = "complex64 is kept in memory only", .grad = real_grad,
     .any = true);

/* imag: The imaginary parts.
**   input : complex64 [...]     those of a real tensor are 0
**   -> y : float32 like input
** > tf.imag(tf.complex([1, 2], [3, 4]))   // [3, 4]
*/
OP(imag, (Tensor * input)) {
    if (failed()) return nothing();
    Scope *s = tn_scope_begin();
    if (input->dtype != TN_COMPLEX64) return leave(s, to_float(tn_zerosLike(input)));
    Tensor *y = make(TN_FLOAT32, input->rank, input->shape);
    return leave(s, run(&imag_op, IN(input), OUT(y), NULL, 0));
}
IMPL(imag, .cpu = imag_cpu, .gl_why = "complex64 is kept in memory only", .grad = imag_grad,
     .any = true);

/* ---- arithmetic ---- */

/* Both parts of an operand. */
typedef struct Parts {
    Tensor *re, *im;
} Parts;

static Parts parts_of(Tensor *z) { return (Parts){tn_real(z), tn_imag(z)}; }
static Tensor *whole_of(Parts z) { return tn_complex(z.re, z.im); }

static Parts add(Parts a, Parts b) { return (Parts){tn_add(a.re, b.re), tn_add(a.im, b.im)}; }
static Parts sub(Parts a, Parts b) { return (Parts){tn_sub(a.re, b.re), tn_sub(a.im, b.im)}; }

static Parts mul(Parts a, Parts b) {
    return (Parts){tn_sub(tn_mul(a.re, b.re), tn_mul(a.im, b.im)),
                   tn_add(tn_mul(a.re, b.im), tn_mul(a.im, b.re))};
}

static Parts over(Parts z, Tensor *by) { return (Parts){tn_div(z.re, by), tn_div(z.im, by)}; }

/* Scaled by the larger part of the divisor, so that squares do not overflow. */
static Parts div_(Parts a, Parts b) {
    Tensor *scale = tn_maximum(tn_abs(b.re), tn_abs(b.im));
    const Parts d = over(b, scale);
    Tensor *square = tn_add(tn_square(d.re), tn_square(d.im));
    return over(over(mul(a, (Parts){d.re, tn_neg(d.im)}), square), scale);
}

static Tensor *adds(Parts a, Parts b) { return whole_of(add(a, b)); }
static Tensor *subs(Parts a, Parts b) { return whole_of(sub(a, b)); }
static Tensor *muls(Parts a, Parts b) { return whole_of(mul(a, b)); }
static Tensor *divs(Parts a, Parts b) { return whole_of(div_(a, b)); }

static Tensor *equals(Parts a, Parts b) {
    return tn_logicalAnd(tn_equal(a.re, b.re), tn_equal(a.im, b.im));
}

static Tensor *differs(Parts a, Parts b) { return tn_logicalNot(equals(a, b)); }

/* Scaled, so that squares do not overflow; the gradient at 0 is 0. */
static Tensor *abs_of(Parts z) {
    Tensor *scale = tn_maximum(tn_abs(z.re), tn_abs(z.im));
    Tensor *zero = tn_equal(scale, num(0));
    const Parts d = over(z, tn_where(zero, num(1), scale));
    Tensor *square = tn_add(tn_square(d.re), tn_square(d.im));
    return tn_where(zero, num(0), tn_mul(scale, tn_sqrt(tn_where(zero, num(1), square))));
}

static Tensor *neg_of(Parts z) { return whole_of((Parts){tn_neg(z.re), tn_neg(z.im)}); }
static Tensor *square_of(Parts z) { return whole_of(mul(z, z)); }
static Tensor *reciprocal_of(Parts z) { return divs((Parts){num(1), num(0)}, z); }

static Tensor *exp_of(Parts z) {
    Tensor *size = tn_exp(z.re);
    return whole_of((Parts){tn_mul(size, tn_cos(z.im)), tn_mul(size, tn_sin(z.im))});
}

Tensor *complex_unary(const char *op, Tensor *x) {
    static const struct {
        const char *name;
        Tensor *(*of)(Parts);
    } rows[] = {
        {"abs", abs_of}, {"neg", neg_of}, {"square", square_of}, {"reciprocal", reciprocal_of},
        {"exp", exp_of},
    };
    for (size_t i = 0; i < sizeof rows / sizeof *rows; i++) {
        if (strcmp(rows[i].name, op)) continue;
        Scope *s = tn_scope_begin();
        return leave(s, rows[i].of(parts_of(x)));
    }
    return fail(TN_DTYPE, "%s: complex64 tensors are not taken", op);
}

Tensor *complex_binary(const char *op, Tensor *a, Tensor *b) {
    static const struct {
        const char *name;
        Tensor *(*of)(Parts, Parts);
    } rows[] = {
        {"add", adds}, {"sub", subs},     {"mul", muls},
        {"div", divs}, {"equal", equals}, {"notEqual", differs},
    };
    for (size_t i = 0; i < sizeof rows / sizeof *rows; i++) {
        if (strcmp(rows[i].name, op)) continue;
        Scope *s = tn_scope_begin();
        return leave(s, rows[i].of(parts_of(a), parts_of(b)));
    }
    return fail(TN_DTYPE, "%s: complex64 tensors are not taken", op);
}

Tensor *complex_sum(Tensor *x, const Ints *axis, bool keepDims) {
    Scope *s = tn_scope_begin();
    const Parts z = parts_of(x);
    return leave(s, tn_complex(tn_sum(z.re, axis, keepDims), tn_sum(z.im, axis, keepDims)));
}

Tensor *complex_matMul(Tensor *a, Tensor *b, bool ta, bool tb) {
    Scope *s = tn_scope_begin();
    const Parts p = parts_of(a), q = parts_of(b);
    Tensor *re = tn_sub(tn_matMul(p.re, q.re, ta, tb), tn_matMul(p.im, q.im, ta, tb));
    Tensor *im = tn_add(tn_matMul(p.re, q.im, ta, tb), tn_matMul(p.im, q.re, ta, tb));
    return leave(s, tn_complex(re, im));
}
