/* Reductions: sum, mean, max, min, prod, any, all, and what is said with them. */
#include "ops/reduce.h"
#include "backend/cpu/reduce_kernels.h"
#include "ops/complex.h"
#include "ops/binary.gen.h"
#include "ops/pad.gen.h"
#include "ops/reduce.gen.h"
#include "ops/slice.gen.h"
#include "ops/view.gen.h"
#include "ops/where.gen.h"

/* Number of elements that become one. */
static double reduced_count(const Tensor *x, unsigned axes) {
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

/* ---- folds: y[outer, inner] from x[outer, n, inner] ---- */

/* Neighbours by vectors of 16 bytes, else row after row. */
#define FOLD(id, type, start, take)                                                                \
    typedef type id##_vector __attribute__((vector_size(16), aligned(sizeof(type)), may_alias));   \
    static type id##_line(int n, const type *x) {                                                  \
        enum { LANES = 16 / sizeof(type) };                                                        \
        id##_vector a = (id##_vector){0} + (type)(start), b = a;                                   \
        type y = start;                                                                            \
        for (; n >= 2 * LANES; n -= 2 * LANES, x += 2 * LANES) {                                   \
            a take *(const id##_vector *)x;                                                        \
            b take *(const id##_vector *)(x + LANES);                                              \
        }                                                                                          \
        a take b;                                                                                  \
        for (int i = 0; i < LANES; i++) y take a[i];                                               \
        for (; n > 0; n--) y take *x++;                                                            \
        return y;                                                                                  \
    }                                                                                              \
    static void id##_rows(int n, int inner, const type *restrict x, type *restrict y) {            \
        for (int i = 0; i < inner; i++) y[i] = start;                                              \
        for (; n > 0; n--, x += inner)                                                             \
            for (int i = 0; i < inner; i++) y[i] take x[i];                                        \
    }                                                                                              \
    static void id(const Reduce *r, const type *x, type *y) {                                      \
        const int64_t size = (int64_t)r->n * r->inner;                                             \
        for (int o = r->outer; o > 0; o--, x += size, y += r->inner) {                             \
            if (r->inner == 1) *y = id##_line(r->n, x);                                            \
            else id##_rows(r->n, r->inner, x, y);                                                  \
        }                                                                                          \
    }
FOLD(sum_of_ints, int, 0, +=)
FOLD(prod_of_floats, float, 1, *=)
FOLD(prod_of_ints, int, 1, *=)
FOLD(any_of, uint8_t, 0, |=)
FOLD(all_of, uint8_t, 1, &=)

/* ---- sum, mean ---- */

static void sum_cpu(Call *c) {
    const Reduce *r = c->attrs;
    const Tensor *x = c->in[0], *y = c->out[0];
    if (x->dtype == TN_FLOAT32) reduce_sum(f32(x), r->outer, r->n, r->inner, f32(y));
    else sum_of_ints(r, i32(x), i32(y));
}

static void sum_grad(Call *c, Tensor **dy, Tensor **dx) { dx[0] = spread(c, dy[0]); }

/* sum: Adds elements up, over all axes or some. Blocked, so that long sums keep their digits.
**   x : [...]                    bool counts as int32
**   axis : ints = null           which axes; all if not given
**   keepDims : bool = false      keep them with size 1
**   -> y : float32|int32 [...]
** > tf.sum([[1, 2], [3, 4]], 1)   // [3, 7]
*/
OP(sum, (Tensor * x, const Ints *axis, bool keepDims)) {
    if (!failed() && x->dtype == TN_COMPLEX64) return complex_sum(x, axis, keepDims);
    return reduce(&sum_op, x, axis, keepDims, x->dtype == TN_BOOL ? TN_INT32 : x->dtype);
}
IMPL(sum, .cpu = sum_cpu, .gl = "sum", .grad = sum_grad);

/* mean: Average of elements, over all axes or some.
**   x : [...]
**   axis : ints = null        which axes; all if not given
**   keepDims : bool = false   keep them with size 1
**   -> y : float32 [...]      NaN where there is nothing to average
** > tf.mean([[1, 2], [3, 4]], 0)   // [2, 3]
*/
OP(mean, (Tensor * x, const Ints *axis, bool keepDims)) {
    if (failed()) return nothing();
    unsigned mask = axes_of("mean", axis, x->rank);
    Scope *s = tn_scope_begin();
    Tensor *total = tn_sum(x->dtype == TN_COMPLEX64 ? x : to_float(x), axis, keepDims);
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

/* Of bools the int32 kernel: its result is bool again. */
static Tensor *extreme(const Op *op, Tensor *x, const Ints *axis, bool keepDims) {
    if (failed()) return nothing();
    if (x->dtype != TN_BOOL) return reduce(op, x, axis, keepDims, x->dtype);
    Scope *s = tn_scope_begin();
    return leave(s, to_dtype(reduce(op, x, axis, keepDims, TN_INT32), TN_BOOL));
}

/* max: The largest element, over all axes or some.
**   x : [...]
**   axis : ints = null        which axes; all if not given
**   keepDims : bool = false   keep them with size 1
**   -> y : dtype of x [...]   NaN if one is in it, -Infinity of nothing
** > tf.max([[1, 5], [3, 2]], 1)   // [5, 3]
*/
OP(max, (Tensor * x, const Ints *axis, bool keepDims)) {
    return extreme(&max_op, x, axis, keepDims);
}
IMPL(max, .cpu = max_cpu, .gl = "max", .grad = extreme_grad);

/* min: The smallest element, over all axes or some.
**   x : [...]
**   axis : ints = null        which axes; all if not given
**   keepDims : bool = false   keep them with size 1
**   -> y : dtype of x [...]   NaN if one is in it, Infinity of nothing
** > tf.min([[1, 5], [3, 2]], 1)   // [1, 2]
*/
OP(min, (Tensor * x, const Ints *axis, bool keepDims)) {
    return extreme(&min_op, x, axis, keepDims);
}
IMPL(min, .cpu = min_cpu, .gl = "min", .grad = extreme_grad);

/* ---- prod, any, all ---- */

static void prod_cpu(Call *c) {
    if (c->in[0]->dtype == TN_FLOAT32) prod_of_floats(c->attrs, f32(c->in[0]), f32(c->out[0]));
    else prod_of_ints(c->attrs, i32(c->in[0]), i32(c->out[0]));
}

enum { MAX_LEVELS = 31 };

/* Pairs of neighbours along the middle axis of x [outer, m, inner]: [outer, m / 2, 2, inner]. */
static Tensor *pairs_of(Tensor *x) {
    return tn_reshape(x, INTS(x->shape[0], x->shape[1] / 2, 2, x->shape[2]));
}

/* A tree of products of two, up and down again: no division, so zeros are no exception, and made of
** products whose own gradients are such trees, so that any order is right. */
static void prod_grad(Call *c, Tensor **dy, Tensor **dx) {
    const Reduce *r = c->attrs;
    Tensor *level[MAX_LEVELS], *x = c->in[0], *g;
    int levels = 0, m = 1;
    while (m < r->n) m *= 2;
    Tensor *p = tn_reshape(x, INTS(r->outer, r->n, r->inner));
    if (m > r->n) p = tn_pad(p, INTS(0, 0, 0, m - r->n, 0, 0), 1);
    for (; m > 1 && !failed(); m /= 2) {
        level[levels++] = pairs_of(p);
        if (m > 2) p = tn_prod(level[levels - 1], INTS(2), false);
    }
    g = tn_reshape(dy[0], INTS(r->outer, 1, r->inner));
    while (levels-- && !failed()) {
        g = tn_mul(tn_reverse(level[levels], INTS(2)), tn_expandDims(g, 2));
        g = tn_reshape(g, INTS(r->outer, g->shape[1] * 2, r->inner));
    }
    g = tn_slice(g, INTS(0, 0, 0), INTS(r->outer, r->n, r->inner));
    int shape[TN_MAX_RANK + 1] = {x->rank};
    memcpy(shape + 1, x->shape, sizeof(int) * (size_t)x->rank);
    dx[0] = tn_reshape(g, (const Ints *)shape);
}

/* prod: Multiplies elements, over all axes or some.
**   x : [...]                    bool counts as int32
**   axis : ints = null           which axes; all if not given
**   keepDims : bool = false      keep them with size 1
**   -> y : float32|int32 [...]   1 of nothing
** > tf.prod([[1, 2], [3, 4]], 1)   // [2, 12]
** > tf.prod([[1, 2, 3], [0, 4, -5]])   // 0
*/
OP(prod, (Tensor * x, const Ints *axis, bool keepDims)) {
    return reduce(&prod_op, x, axis, keepDims, number(x));
}
IMPL(prod, .cpu = prod_cpu, .gl = "prod", .grad = prod_grad);

static void any_cpu(Call *c) { any_of(c->attrs, u8(c->in[0]), u8(c->out[0])); }
static void all_cpu(Call *c) { all_of(c->attrs, u8(c->in[0]), u8(c->out[0])); }

/* any: True where one element is, over all axes or some.
**   x : bool [...]
**   axis : ints = null        which axes; all if not given
**   keepDims : bool = false   keep them with size 1
**   -> y : bool [...]         false of nothing
** > tf.any([[true, false], [false, false]], 1)   // [1, 0]
*/
OP(any, (Tensor * x, const Ints *axis, bool keepDims)) {
    if (!want_dtype("any", "x", x, TN_BOOL)) return nothing();
    return reduce(&any_op, x, axis, keepDims, TN_BOOL);
}
IMPL(any, .cpu = any_cpu, .gl = "max", .constant = true);

/* all: True where every element is, over all axes or some.
**   x : bool [...]
**   axis : ints = null        which axes; all if not given
**   keepDims : bool = false   keep them with size 1
**   -> y : bool [...]         true of nothing
** > tf.all([[true, true], [true, false]], 1)   // [1, 0]
*/
OP(all, (Tensor * x, const Ints *axis, bool keepDims)) {
    if (!want_dtype("all", "x", x, TN_BOOL)) return nothing();
    return reduce(&all_op, x, axis, keepDims, TN_BOOL);
}
IMPL(all, .cpu = all_cpu, .gl = "min", .constant = true);
