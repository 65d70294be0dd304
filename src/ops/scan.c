/* Running sums and products along an axis: cumsum, cumprod. Carried on in double, so that long ones
** keep their digits. */
#include "ops/attrs.h"
#include "ops/binary.gen.h"
#include "ops/pad.gen.h"
#include "ops/scan.gen.h"
#include "ops/slice.gen.h"
#include "ops/view.gen.h"

enum { COLUMNS = 128 };

typedef void (*Column)(const Call *c, const Scan *s, int64_t at, int64_t stride, int columns);

/* Lines are [outer, pieces of inner]; `stride` is from one element of a line to the next. */
static void scan_lines(const Call *c, Column column, int begin, int end) {
    const Scan *s = c->attrs;
    const int pieces = (s->inner - 1) / COLUMNS + 1;
    for (int line = begin; line < end; line++) {
        const int first = line % pieces * COLUMNS, rest = s->inner - first;
        int64_t at = (int64_t)(line / pieces) * s->n * s->inner + first, stride = s->inner;
        if (s->reverse) at += (s->n - 1) * stride, stride = -stride;
        column(c, s, at, stride, rest < COLUMNS ? rest : COLUMNS);
    }
}

static void scan(Call *c, void (*lines)(void *call, int begin, int end)) {
    const Scan *s = c->attrs;
    const int pieces = (s->inner - 1) / COLUMNS + 1, width = s->inner / pieces;
    parallel_for(s->outer * pieces, 16384 / s->n / width + 1, lines, c);
}

/* ---- cumsum ---- */

/* A line alone is a loop of its own: its sum stays in a register. */
#define SUM(name, type, wide)                                                                      \
    static inline void name##_line(const type *restrict x, type *restrict y, int64_t stride,       \
                                   int n, bool exclusive) {                                        \
        wide sum = 0;                                                                              \
        for (int k = 0; k < n; k++, x += stride, y += stride) {                                    \
            const wide before = sum;                                                               \
            sum += *x;                                                                             \
            *y = (type)(exclusive ? before : sum);                                                 \
        }                                                                                          \
    }                                                                                              \
    static void name(const Call *c, const Scan *s, int64_t at, int64_t stride, int columns) {      \
        const type *restrict x = (const type *)c->in[0]->storage->data + at;                       \
        type *restrict y = (type *)c->out[0]->storage->data + at;                                  \
        wide sum[COLUMNS] = {0};                                                                   \
        if (columns == 1) {                                                                        \
            name##_line(x, y, stride, s->n, s->exclusive);                                         \
            return;                                                                                \
        }                                                                                          \
        for (int k = 0; k < s->n; k++, x += stride, y += stride)                                   \
            for (int i = 0; i < columns; i++) {                                                    \
                const wide before = sum[i], after = before + x[i];                                 \
                sum[i] = after;                                                                    \
                y[i] = (type)(s->exclusive ? before : after);                                      \
            }                                                                                      \
    }
SUM(float_sums, float, double)
SUM(int_sums, int, int)

static void sum_lines(void *call, int begin, int end) {
    const Call *c = call;
    scan_lines(c, c->in[0]->dtype == TN_FLOAT32 ? float_sums : int_sums, begin, end);
}

static void cumsum_cpu(Call *c) { scan(c, sum_lines); }

static void cumsum_grad(Call *c, Tensor **dy, Tensor **dx) {
    const Scan *s = c->attrs;
    dx[0] = tn_cumsum(dy[0], s->axis, s->exclusive, !s->reverse);
}

/* Fails unless x has the axis. */
static bool scan_of(const char *op, const Tensor *x, int axis, Scan *s) {
    if (failed()) return false;
    if (!x->rank) fail(TN_SHAPE, "%s: x has rank 0, it takes rank 1 or more", op);
    axis = axis_of(op, axis, x->rank);
    if (failed()) return false;
    *s = (Scan){outer_size(x, axis), x->shape[axis], inner_size(x, axis), .axis = axis};
    return true;
}

/* cumsum: Running sum along an axis.
**   x : [...]                  of rank 1 or more; bool counts as int32
**   axis : int = 0             along which; negative counts from the end
**   exclusive : bool = false   each sum leaves out the element itself
**   reverse : bool = false     runs from the end
**   -> y : dtype of x [...]
** > tf.cumsum([1, 2, 3, 4])   // [1, 3, 6, 10]
** > tf.cumsum([[1, 2, 3], [4, 5, 6]], 1, true, true)   // [[5, 3, 0], [11, 6, 0]]
*/
OP(cumsum, (Tensor * x, int axis, bool exclusive, bool reverse)) {
    Scan s;
    if (!scan_of("cumsum", x, axis, &s)) return nothing();
    s.exclusive = exclusive;
    s.reverse = reverse;
    Scope *scope = tn_scope_begin();
    if (x->dtype == TN_BOOL) x = to_dtype(x, TN_INT32);
    return leave(scope, run(&cumsum_op, IN(x), OUT(make_like(x)), &s, sizeof s));
}
IMPL(cumsum, .cpu = cumsum_cpu, .gl = "cumsum", .grad = cumsum_grad);

/* ---- the recurrence y[k] = a[k] + b[k] y[k - 1], for the gradient of cumprod ---- */

#define RECUR(name, type, wide)                                                                    \
    static void name(const Call *c, const Scan *s, int64_t at, int64_t stride, int columns) {      \
        const type *restrict a = (const type *)c->in[0]->storage->data + at;                       \
        const type *restrict b = (const type *)c->in[1]->storage->data + at;                       \
        type *restrict y = (type *)c->out[0]->storage->data + at;                                  \
        wide last[COLUMNS];                                                                        \
        for (int i = 0; i < columns; i++) y[i] = (type)(last[i] = a[i]);                           \
        for (int k = 1; k < s->n; k++) {                                                           \
            a += stride, b += stride, y += stride;                                                 \
            for (int i = 0; i < columns; i++) y[i] = (type)(last[i] = a[i] + b[i] * last[i]);      \
        }                                                                                          \
    }
RECUR(float_recur, float, double)
RECUR(int_recur, int, int)

static void recur_lines(void *call, int begin, int end) {
    const Call *c = call;
    scan_lines(c, c->in[0]->dtype == TN_FLOAT32 ? float_recur : int_recur, begin, end);
}

static void recur_cpu(Call *c) { scan(c, recur_lines); }
static void recur_grad(Call *c, Tensor **dy, Tensor **dx);
static const Op recur_op = {
    .name = "recur",
    .cpu = recur_cpu,
    .gl_why = "each step needs the one before, and products of many would be infinite times 0",
    .grad = recur_grad};

/* x moved by one along the axis, towards the end or the beginning; `fill` comes in. */
static Tensor *shifted(Tensor *x, int axis, bool to_end, double fill) {
    if (failed()) return nothing();
    int begin[TN_MAX_RANK + 1] = {x->rank}, size[TN_MAX_RANK + 1] = {x->rank};
    int paddings[2 * TN_MAX_RANK + 1] = {2 * x->rank};
    memcpy(size + 1, x->shape, sizeof x->shape);
    begin[1 + axis] = !to_end;
    size[1 + axis]--;
    paddings[1 + 2 * axis + !to_end] = 1;
    x = tn_slice(x, (const Ints *)begin, (const Ints *)size);
    return tn_pad(x, (const Ints *)paddings, fill);
}

static Tensor *recur(Tensor *a, Tensor *b, const Scan *s) {
    if (failed()) return nothing();
    return run(&recur_op, IN(a, b), OUT(make_like(a)), s, sizeof *s);
}

/* What comes back to y[k] is dy[k] and, through y[k + 1], b[k + 1] times what comes back there: the
** recurrence the other way. */
static void recur_grad(Call *c, Tensor **dy, Tensor **dx) {
    Scan back = *(const Scan *)c->attrs;
    const bool to_end = !back.reverse;
    back.reverse = to_end;
    Tensor *t = recur(dy[0], shifted(c->in[1], back.axis, !to_end, 0), &back);
    if (wants(c, 0)) dx[0] = t;
    if (wants(c, 1)) dx[1] = tn_mul(t, shifted(c->out[0], back.axis, to_end, 0));
}

/* ---- cumprod ---- */

#define PRODUCT(name, type, wide)                                                                  \
    static void name(const Call *c, const Scan *s, int64_t at, int64_t stride, int columns) {      \
        const type *restrict x = (const type *)c->in[0]->storage->data + at;                       \
        type *restrict y = (type *)c->out[0]->storage->data + at;                                  \
        wide product[COLUMNS];                                                                     \
        for (int i = 0; i < columns; i++) product[i] = 1;                                          \
        for (int k = 0; k < s->n; k++, x += stride, y += stride)                                   \
            for (int i = 0; i < columns; i++) y[i] = (type)(product[i] *= x[i]);                   \
    }
PRODUCT(float_products, float, double)
PRODUCT(int_products, int, int)

static void product_lines(void *call, int begin, int end) {
    const Call *c = call;
    scan_lines(c, c->in[0]->dtype == TN_FLOAT32 ? float_products : int_products, begin, end);
}

static void cumprod_cpu(Call *c) { scan(c, product_lines); }

/* y[k] = x[k] y[k - 1], so what comes back to y is a recurrence from the end of the scan. */
static void cumprod_grad(Call *c, Tensor **dy, Tensor **dx) {
    Scan back = *(const Scan *)c->attrs;
    const bool to_end = !back.reverse;
    back.reverse = to_end;
    Tensor *t = recur(dy[0], shifted(c->in[0], back.axis, !to_end, 0), &back);
    dx[0] = tn_mul(t, shifted(c->out[0], back.axis, to_end, 1));
}

/* cumprod: Running product along an axis; its gradient is right where elements are 0, too.
**   x : [...]                  of rank 1 or more; bool counts as int32
**   axis : int = 0             along which; negative counts from the end
**   exclusive : bool = false   each product leaves out the element itself
**   reverse : bool = false     runs from the end
**   -> y : dtype of x [...]
** > tf.cumprod([1, 2, 3, 4])   // [1, 2, 6, 24]
** > tf.cumprod([[2, 0, 3], [4, 5, 6]], 1, true, true)   // [[0, 3, 1], [30, 6, 1]]
*/
OP(cumprod, (Tensor * x, int axis, bool exclusive, bool reverse)) {
    Scan s;
    if (!scan_of("cumprod", x, axis, &s)) return nothing();
    if (!x->size) return tn_cast(x, x->dtype == TN_BOOL ? TN_INT32 : x->dtype);
    Scope *scope = tn_scope_begin();
    s.reverse = reverse;
    if (x->dtype == TN_BOOL) x = to_dtype(x, TN_INT32);
    if (exclusive) x = shifted(x, s.axis, !reverse, 1);
    return leave(scope, run(&cumprod_op, IN(x), OUT(make_like(x)), &s, sizeof s));
}
IMPL(cumprod, .cpu = cumprod_cpu, .gl = "cumprod", .grad = cumprod_grad);
