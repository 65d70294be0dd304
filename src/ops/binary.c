/* Elementwise ops of two tensors, a row each: name, expression on float32, the same on int32,
** gradients of a and b, manual, example. Shapes broadcast as in NumPy. */
#include "ops/elementwise.h"
#include "ops/binary.gen.h"
#include "ops/unary.gen.h"
#include "ops/view.gen.h"
#include "ops/where.gen.h"

static Tensor *num(float value) { return tn_scalar(value); }
/* dy where the condition holds, else 0. */
static Tensor *when(Tensor *condition, Tensor *dy) { return tn_where(condition, dy, num(0)); }

static int int_pow(int a, int b) {
    int y = 1;
    if (b < 0) return a == 1 ? 1 : a == -1 ? (b % 2 ? -1 : 1) : 0;
    for (; b; b >>= 1, a *= a)
        if (b & 1) y *= a;
    return y;
}

/* Rounds down, as floor does; x / 0 is 0, and the one quotient that overflows wraps. */
static int int_floor_div(int a, int b) {
    if (b == 0) return 0;
    if (b == -1) return -a;
    return a / b - (a % b != 0 && (a < 0) != (b < 0));
}

static int int_mod(int a, int b) { return b == 0 ? 0 : a - b * int_floor_div(a, b); }

static int int_atan2(int a, int b) { return (int)vatan2((float)a, (float)b); }

static Tensor *pow_exponent_grad(Tensor *a, Tensor *y, Tensor *dy) {
    Tensor *safe = tn_where(tn_greater(a, num(0)), a, num(1));
    return tn_mul(dy, tn_mul(y, tn_log(safe)));
}

BINARY(add, a + b, a + b, dy, dy, "a + b, broadcast.", "tf.add([1, 2], 3) // [4, 5]")
BINARY(sub, a - b, a - b, dy, tn_neg(dy), "a - b, broadcast.", "tf.sub([1, 2], 3) // [-2, -1]")
BINARY(mul, a *b, a *b, tn_mul(dy, b), tn_mul(dy, a), "a times b, broadcast.",
       "tf.mul([1, 2], [3, 4]) // [3, 8]")
BINARY(div, a / b, int_floor_div(a, b), tn_div(dy, b), tn_neg(tn_div(tn_div(tn_mul(dy, a), b), b)),
       "a divided by b; two int32 round down.", "tf.div([1, 9], [2, 3]) // [0.5, 3]")
BINARY(divNoNan, b == 0.0f ? 0.0f : a / b, int_floor_div(a, b), tn_divNoNan(dy, b),
       tn_neg(tn_divNoNan(tn_mul(dy, y), b)), "a divided by b, 0 where b is 0.",
       "tf.divNoNan([1, 9], [2, 3]) // [0.5, 3]")
BINARY(floorDiv, vfloordiv(a, b), int_floor_div(a, b), tn_zerosLike(dy), tn_zerosLike(dy),
       "a divided by b, rounded down.", "tf.floorDiv([7, -7], [2, 2]) // [3, -4]")
BINARY_BY(mod, vmod_n((size_t)n, a, (size_t)stride_a, b, (size_t)stride_b, y), vmod(a, b),
          int_mod(a, b), dy, tn_neg(tn_mul(dy, tn_floorDiv(a, b))), "Remainder with the sign of b.",
          "tf.mod([7, -7.5], [4, 4]) // [3, 0.5]")
BINARY(pow, vpow(a, b), int_pow(a, b), tn_mul(dy, tn_mul(b, tn_pow(a, tn_sub(b, num(1))))),
       pow_exponent_grad(a, y, dy), "(base, exp) The base to the power of the exponent.",
       "tf.pow([2, 3], [3, 2]) // [8, 9]")
BINARY(maximum, a > b || a != a ? a : b, a > b ? a : b, when(tn_greaterEqual(a, b), dy),
       when(tn_less(a, b), dy), "The larger of a and b.", "tf.maximum([1, 5], [3, 2]) // [3, 5]")
BINARY(minimum, a < b || a != a ? a : b, a < b ? a : b, when(tn_lessEqual(a, b), dy),
       when(tn_greater(a, b), dy), "The smaller of a and b.",
       "tf.minimum([1, 5], [3, 2]) // [1, 2]")
BINARY(squaredDifference, (a - b) * (a - b), (a - b) * (a - b),
       tn_mul(dy, tn_mul(num(2), tn_sub(a, b))), tn_mul(dy, tn_mul(num(2), tn_sub(b, a))),
       "(a - b) squared.", "tf.squaredDifference([1, 5], [3, 2]) // [4, 9]")
BINARY_BY(atan2, vatan2_n((size_t)n, a, (size_t)stride_a, b, (size_t)stride_b, y), vatan2(a, b),
          int_atan2(a, b), tn_div(tn_mul(dy, b), tn_add(tn_square(a), tn_square(b))),
          tn_neg(tn_div(tn_mul(dy, a), tn_add(tn_square(a), tn_square(b)))),
          "Angle of the point (b, a), in radians.",
          "tf.atan2([1, 1], [1, 2]) // [0.7853982, 0.4636476]")

COMPARE(equal, a == b, "True where a is b.", "tf.equal([1, 2], [1, 3]) // [1, 0]")
COMPARE(notEqual, a != b, "True where a is not b.", "tf.notEqual([1, 2], [1, 3]) // [0, 1]")
COMPARE(greater, a > b, "True where a is above b.", "tf.greater([1, 2], [2, 1]) // [0, 1]")
COMPARE(greaterEqual, a >= b, "True where a is not below b.",
        "tf.greaterEqual([1, 2], [1, 3]) // [1, 0]")
COMPARE(less, a < b, "True where a is below b.", "tf.less([1, 2], [2, 1]) // [1, 0]")
COMPARE(lessEqual, a <= b, "True where a is not above b.", "tf.lessEqual([1, 3], [1, 2]) // [1, 0]")

LOGICAL(logicalAnd, a != 0.0f && b != 0.0f, a &b, "True where both are.",
        "tf.logicalAnd([true, false], [true, true]) // [1, 0]")
LOGICAL(logicalOr, a != 0.0f || b != 0.0f, a | b, "True where one is.",
        "tf.logicalOr([true, false], [false, false]) // [1, 0]")
LOGICAL(logicalXor, (a != 0.0f) != (b != 0.0f), a ^ b, "True where just one is.",
        "tf.logicalXor([true, false], [true, true]) // [0, 1]")

/* logicalNot: True where x is false.
**   x : bool [...]
**   -> y : bool like x
** > tf.logicalNot([true, false])   // [0, 1]
*/
OP(logicalNot, (Tensor * x)) {
    if (failed()) return nothing();
    if (x->dtype != TN_BOOL)
        return fail(TN_DTYPE, "logicalNot: x must be bool, but is %s", dtype_name(x->dtype));
    Scope *s = tn_scope_begin();
    return leave(s, tn_logicalXor(x, tn_cast(num(1), TN_BOOL)));
}
