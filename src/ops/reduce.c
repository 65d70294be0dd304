/* Reductions: sum, mean, max, min, prod, any, all, and what is said with them. */
#include "reduce.h"
#include "../cpu/reduce.h"

double reduced_count(const Tensor *x, unsigned axes) {
    double n = 1;
    for (int i = 0; i < x->rank; i++)
        if (axes >> i & 1) n *= x->shape[i];
    return n;
}

/* One pass over the axes first..last of x, which become 1. */
static Tensor *pass(const Op *op, Tensor *x, int first, int last, DType dtype) {
    if (failed()) return nothing();
    int shape[TN_MAX_RANK], n = 1;
    for (int i = 0; i < x->rank; i++) shape[i] = i >= first && i <= last ? 1 : x->shape[i];
    for (int i = first; i <= last; i++) n *= x->shape[i];
    Reduce r = {outer_size(x, first), n, inner_size(x, last)};
    return run(op, IN(x), OUT(make(dtype, x->rank, shape)), &r, sizeof r);
}

Tensor *reduce(const Op *op, Tensor *x, const Ints *axes, bool keepDims, DType dtype) {
    if (failed()) return nothing();
    unsigned mask = axes_of(op->name, axes, x->rank);
    if (failed()) return nothing();
    Scope *s = tn_scope_begin();
    int shape[TN_MAX_RANK + 1] = {0};
    for (int i = 0; i < x->rank; i++)
        if (!(mask >> i & 1)) shape[++shape[0]] = x->shape[i];
        else if (keepDims) shape[++shape[0]] = 1;
    Tensor *y = to_dtype(x, dtype);
    for (int last = x->rank - 1; last >= 0; last--) {
        if (!(mask >> last & 1)) continue;
        int first = last;
        while (first > 0 && mask >> (first - 1) & 1) first--;
        y = pass(op, y, first, last, dtype);
        last = first;
    }
    return leave(s, tn_reshape(y, (const Ints *)shape));
}

/* Sends dy back to every element that went into it. */
static Tensor *spread(const Call *c, Tensor *dy) {
    int shape[TN_MAX_RANK + 1] = {c->in[0]->rank};
    memcpy(shape + 1, c->in[0]->shape, sizeof(int) * (size_t)shape[0]);
    return tn_broadcastTo(dy, (const Ints *)shape);
}

/* ---- sum, mean ---- */

static void sum_cpu(Call *c) {
    const Reduce *r = c->attrs;
    const Tensor *x = c->in[0], *y = c->out[0];
    if (x->dtype == TN_FLOAT32) {
        reduce_sum(f32(x), r->outer, r->n, r->inner, f32(y));
        return;
    }
    for (int o = 0; o < r->outer; o++)
        for (int i = 0; i < r->inner; i++) {
            int total = 0;
            const int *at = i32(x) + (int64_t)o * r->n * r->inner + i;
            for (int k = 0; k < r->n; k++) total += at[(int64_t)k * r->inner];
            i32(y)[(int64_t)o * r->inner + i] = total;
        }
}

static void sum_grad(Call *c, Tensor **dy, Tensor **dx) { dx[0] = spread(c, dy[0]); }

/* sum: Adds elements up, over all axes or some. Blocked, so that long sums keep their digits.
**   x                  any shape; bool counts as int32
**   axis = null        which axes; all if not given
**   keepDims = false   keep them with size 1
**   -> y               float32 or int32
** > tf.sum([[1, 2], [3, 4]], 1)   // [3, 7]
*/
OP(sum, (Tensor *x, const Ints *axis, bool keepDims)) {
    return reduce(&sum_op, x, axis, keepDims, x->dtype == TN_BOOL ? TN_INT32 : x->dtype);
}
IMPL(sum, .cpu = sum_cpu, .gl = "sum", .grad = sum_grad);

/* mean: Average of elements, over all axes or some.
**   x                  any shape
**   axis = null        which axes; all if not given
**   keepDims = false   keep them with size 1
**   -> y               float32; NaN where there is nothing to average
** > tf.mean([[1, 2], [3, 4]], 0)   // [2, 3]
*/
OP(mean, (Tensor *x, const Ints *axis, bool keepDims)) {
    if (failed()) return nothing();
    unsigned mask = axes_of("mean", axis, x->rank);
    Scope *s = tn_scope_begin();
    Tensor *total = tn_sum(to_float(x), axis, keepDims);
    return leave(s, tn_div(total, tn_scalar((float)reduced_count(x, mask))));
}

/* ---- max, min ---- */

static void extreme_grad(Call *c, Tensor **dy, Tensor **dx) {
    Tensor *here = tn_equal(c->in[0], c->out[0]); /* ties: each gets the whole gradient */
    dx[0] = tn_where(here, spread(c, dy[0]), tn_scalar(0));
}

static void int_extreme(const Call *c, int sign) {
    const Reduce *r = c->attrs;
    for (int o = 0; o < r->outer; o++)
        for (int i = 0; i < r->inner; i++) {
            const int *at = i32(c->in[0]) + (int64_t)o * r->n * r->inner + i;
            int best = sign > 0 ? INT32_MIN : INT32_MAX;
            for (int k = 0; k < r->n; k++, at += r->inner)
                if (sign > 0 ? *at > best : *at < best) best = *at;
            i32(c->out[0])[(int64_t)o * r->inner + i] = best;
        }
}

static void max_cpu(Call *c) {
    const Reduce *r = c->attrs;
    if (c->in[0]->dtype != TN_FLOAT32) int_extreme(c, 1);
    else reduce_max(f32(c->in[0]), r->outer, r->n, r->inner, f32(c->out[0]));
}

static void min_cpu(Call *c) {
    const Reduce *r = c->attrs;
    if (c->in[0]->dtype != TN_FLOAT32) int_extreme(c, -1);
    else reduce_min(f32(c->in[0]), r->outer, r->n, r->inner, f32(c->out[0]));
}

static DType number(const Tensor *x) { return x->dtype == TN_BOOL ? TN_INT32 : x->dtype; }

/* max: The largest element, over all axes or some.
**   x                  any shape
**   axis = null        which axes; all if not given
**   keepDims = false   keep them with size 1
**   -> y               as x; NaN if one is in it, -Infinity of nothing
** > tf.max([[1, 5], [3, 2]], 1)   // [5, 3]
*/
OP(max, (Tensor *x, const Ints *axis, bool keepDims)) {
    return reduce(&max_op, x, axis, keepDims, number(x));
}
IMPL(max, .cpu = max_cpu, .gl = "max", .grad = extreme_grad);

/* min: The smallest element, over all axes or some.
**   x                  any shape
**   axis = null        which axes; all if not given
**   keepDims = false   keep them with size 1
**   -> y               as x; NaN if one is in it, Infinity of nothing
** > tf.min([[1, 5], [3, 2]], 1)   // [1, 2]
*/
OP(min, (Tensor *x, const Ints *axis, bool keepDims)) {
    return reduce(&min_op, x, axis, keepDims, number(x));
}
IMPL(min, .cpu = min_cpu, .grad = extreme_grad);
