/* Cross-entropies place by place, a being what should come out and b the probability that did, kept
** within [1e-7, 1 - 1e-7]: one pass forward and one back, where composed ops would take forty. */
#include "training/crossentropy.h"
#include "ops/elementwise.h"
#include "ops/binary.gen.h"
#include "ops/unary.gen.h"
#include "ops/where.gen.h"

static Tensor *num(float value) { return tn_scalar(value); }
static Tensor *inside(Tensor *p) { return tn_clipByValue(p, 1e-7f, 0.9999999f); }
static Tensor *one_minus(Tensor *x) { return tn_sub(num(1), x); }

/* g where p was not moved, else 0. */
static Tensor *unmoved(Tensor *p, Tensor *g) { return tn_where(tn_equal(p, inside(p)), g, num(0)); }

/* ---- of one class: -a log b ---- */

PRIVATE_BINARY(class_slope, b<1e-7f || b> 0.9999999f ? 0.0f : -a / b,
               unmoved(b, tn_neg(tn_div(dy, b))), unmoved(b, tn_div(tn_mul(dy, a), tn_square(b))))
PRIVATE_BINARY(class_loss, -a *vlog(b<1e-7f ? 1e-7f : b> 0.9999999f ? 0.9999999f : b),
               tn_neg(tn_mul(dy, tn_log(inside(b)))), tn_mul(dy, tn_class_slope(a, b)))

Tensor *class_crossentropy(Tensor *y, Tensor *p) { return tn_class_loss(y, p); }

/* ---- of yes or no: -a log b - (1 - a) log (1 - b) ---- */

/* (b - a) / (b (1 - b)) by b: (b^2 - 2ab + a) / (b (1 - b))^2. */
static Tensor *slope_of_slope(Tensor *a, Tensor *b) {
    Tensor *top = tn_add(tn_sub(tn_square(b), tn_mul(num(2), tn_mul(a, b))), a);
    return tn_div(top, tn_square(tn_mul(b, one_minus(b))));
}

PRIVATE_BINARY(binary_slope, b<1e-7f || b> 0.9999999f ? 0.0f : (b - a) / (b * (1.0f - b)),
               unmoved(b, tn_neg(tn_div(dy, tn_mul(b, one_minus(b))))),
               unmoved(b, tn_mul(dy, slope_of_slope(a, b))))
PRIVATE_BINARY(binary_loss,
               -a *vlog(b<1e-7f ? 1e-7f : b> 0.9999999f ? 0.9999999f : b) -
                   (1.0f - a) * vlog(1.0f - (b < 1e-7f        ? 1e-7f
                                             : b > 0.9999999f ? 0.9999999f
                                                              : b)),
               tn_mul(dy, tn_sub(tn_log(one_minus(inside(b))), tn_log(inside(b)))),
               tn_mul(dy, tn_binary_slope(a, b)))

Tensor *binary_crossentropy(Tensor *y, Tensor *p) { return tn_binary_loss(y, p); }
