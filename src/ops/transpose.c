/* transpose: axes in another order. */
#include "ops/strided.h"
#include "ops/complex.gen.h"
#include "ops/transpose.gen.h"
#include "ops/unary.gen.h"
#include "ops/view.gen.h"

/* True if the walk meets the elements in x's own order: only axes of size 1 have moved. */
static bool in_order(const Strided *s) {
    int64_t n = 1;
    for (int i = s->rank - 1; i >= 0; i--) {
        if (s->size[i] != 1 && s->stride[i] != n) return false;
        n *= s->size[i];
    }
    return true;
}

static void transpose_grad(Call *c, Tensor **dy, Tensor **dx) {
    const Strided *s = c->attrs;
    const Strided x = whole(c->in[0]);
    int perm[TN_MAX_RANK + 1] = {s->rank};
    unsigned taken = 0;
    for (int i = 0; i < s->rank; i++) /* axis i of x is the axis of y with its stride and size */
        for (int k = 0; k < s->rank; k++) {
            if (taken >> k & 1 || s->stride[k] != x.stride[i] || s->size[k] != x.size[i]) continue;
            taken |= 1u << k;
            perm[1 + i] = k;
            break;
        }
    dx[0] = tn_transpose(dy[0], (const Ints *)perm, false);
}

/* transpose: The axes in another order.
**   x : any [...]
**   perm : ints = null         for each axis of the result, the axis of x it is; all reversed if
**                              not given
**   conjugate : bool = false   complex numbers become their conjugates
**   -> y : like x
** > tf.transpose([[1, 2, 3], [4, 5, 6]])   // [[1, 4], [2, 5], [3, 6]]
** > tf.transpose([[[1, 2], [3, 4]], [[5, 6], [7, 8]]], [1, 0, 2])
**     // [[[1, 2], [5, 6]], [[3, 4], [7, 8]]]
*/
OP(transpose, (Tensor * x, const Ints *perm, bool conjugate)) {
    if (failed()) return nothing();
    if (conjugate && x->dtype == TN_COMPLEX64) {
        Scope *s = tn_scope_begin();
        x = tn_complex(tn_real(x), tn_neg(tn_imag(x)));
        return leave(s, tn_transpose(x, perm, false));
    }
    if (perm && perm->n != x->rank)
        return fail(TN_SHAPE, "transpose: perm has %d axes, x has rank %d", perm->n, x->rank);
    const Strided from = whole(x);
    Strided s = {.rank = x->rank};
    int shape[TN_MAX_RANK + 1] = {x->rank};
    unsigned seen = 0;
    for (int i = 0; i < x->rank; i++) {
        const int axis = perm ? perm->v[i] : x->rank - 1 - i;
        if (axis < 0 || axis >= x->rank || seen >> axis & 1)
            return fail(TN_VALUE,
                        "transpose: All entries in 'perm' must be between 0 and %d, each "
                        "once, but got %s",
                        x->rank - 1, ints_text(perm->n, perm->v));
        seen |= 1u << axis;
        shape[1 + i] = s.size[i] = from.size[axis];
        s.stride[i] = from.stride[axis];
    }
    if (in_order(&s)) return tn_reshape(x, (const Ints *)shape);
    return run(&transpose_op, IN(x), OUT(make(x->dtype, x->rank, shape + 1)), &s, sizeof s);
}
IMPL(transpose, .cpu = strided_cpu, .gl = "strided", .grad = transpose_grad, .any = true);
