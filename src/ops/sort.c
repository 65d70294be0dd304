/* Where the largest and smallest are: topk, argMax, argMin. NaN is below everything. */
#include "gather.h"

/* ---- topk ---- */

typedef struct TopK {
    int rows, n, k;
} TopK;

typedef bool (*Before)(const void *x, int a, int b);

/* Whether element a comes before b: it is larger, or as large and its index is lower. */
#define BEFORE(name, type)                                                                         \
    static bool name(const void *row, int a, int b) {                                              \
        const type x = ((const type *)row)[a], y = ((const type *)row)[b];                         \
        if (x > y || x < y) return x > y;                                                          \
        if ((x != x) != (y != y)) return y != y;                                                   \
        return a < b;                                                                              \
    }
BEFORE(float_before, float)
BEFORE(int_before, int)
BEFORE(byte_before, uint8_t)

/* Puts `item` into the hole at `at` of a heap in which children come before their parent: the root is
** the last of all. */
static void sift(int *heap, int n, int at, int item, const void *x, Before before) {
    for (int child; (child = 2 * at + 1) < n; at = child) {
        if (child + 1 < n && before(x, heap[child], heap[child + 1])) child++;
        if (!before(x, item, heap[child])) break;
        heap[at] = heap[child];
    }
    heap[at] = item;
}

/* The first k of n in order: a heap of the best k so far, then taken apart from the last. */
static void best_of_row(const void *x, int n, int k, int *best, Before before) {
    for (int i = 0; i < k; i++) best[i] = i;
    for (int i = k / 2 - 1; i >= 0; i--) sift(best, k, i, best[i], x, before);
    for (int i = k; i < n; i++)
        if (before(x, i, best[0])) sift(best, k, 0, i, x, before);
    for (int left = k - 1; left > 0; left--) {
        const int last = best[0], item = best[left];
        sift(best, left, 0, item, x, before);
        best[left] = last;
    }
}

static void topk_rows(void *call, int begin, int end) {
    const Call *c = call;
    const TopK *t = c->attrs;
    const DType d = c->in[0]->dtype;
    const int bytes = dtype_bytes(d);
    const Before before = d == TN_FLOAT32 ? float_before : d == TN_INT32 ? int_before : byte_before;
    for (int row = begin; row < end; row++) {
        const char *x = (const char *)c->in[0]->storage->data + (int64_t)row * t->n * bytes;
        char *values = (char *)c->out[0]->storage->data + (int64_t)row * t->k * bytes;
        int *best = i32(c->out[1]) + (int64_t)row * t->k;
        best_of_row(x, t->n, t->k, best, before);
        for (int i = 0; i < t->k; i++)
            memcpy(values + i * (int64_t)bytes, x + best[i] * (int64_t)bytes, (size_t)bytes);
    }
}

static void topk_cpu(Call *c) {
    const TopK *t = c->attrs;
    parallel_for(t->rows, 4096 / t->n + 1, topk_rows, c);
}

static void topk_grad(Call *c, Tensor **dy, Tensor **dx) {
    const TopK *t = c->attrs;
    const Gather g = {.batch = t->rows, .outer = 1, .dim = t->n, .count = t->k, .inner = 1};
    dx[0] = scatter_add(dy[0], c->out[1], c->in[0], &g);
}

/* topk: The k largest along the last axis, and where they are.
**   x               any shape of rank 1 or more
**   k = 1           how many
**   sorted = true   in falling order; they are in any case
**   -> values       the largest, of equals the one with the lower index first; as x
**   -> indices      int32, their places along the last axis
** > tf.topk([[1, 5, 3], [2, 2, 9]], 2)   // {values: [[5, 3], [9, 2]], indices: [[1, 2], [2, 0]]}
*/
OP(topk, (Tensor *x, int k, bool sorted, Tensor **indices)) {
    (void)sorted;
    give(indices, nothing());
    if (failed()) return nothing();
    if (!x->rank) return fail(TN_SHAPE, "topk: topk() expects the input to be of rank 1 or higher");
    const int n = x->shape[x->rank - 1];
    if (k < 0) return fail(TN_VALUE, "topk: 'k' passed to topk() must be >= 0 but got %d", k);
    if (k > n)
        return fail(TN_VALUE, "topk: 'k' passed to topk() must be <= the last dimension (%d) but "
                              "got %d", n, k);
    int shape[TN_MAX_RANK];
    memcpy(shape, x->shape, sizeof shape);
    shape[x->rank - 1] = k;
    const TopK t = {outer_size(x, x->rank - 1), n, k};
    Tensor *out[] = {make(x->dtype, x->rank, shape), make(TN_INT32, x->rank, shape)};
    Tensor *values = run(&topk_op, IN(x), out, 2, &t, sizeof t);
    if (!failed()) give(indices, out[1]);
    return values;
}
IMPL(topk, .cpu = topk_cpu, .grad = topk_grad);

/* ---- argMax, argMin ---- */

typedef struct ArgReduce {
    int outer, n, inner;
    float sign; /* 1: the largest, -1: the smallest */
} ArgReduce;

enum { COLUMNS = 64 };

/* Lines are [outer, pieces of inner]: the best so far of some columns is kept, row after row. */
#define ARG(name, type, better)                                                                    \
    static void name(const ArgReduce *r, const type *restrict x, int columns, int *restrict y) {   \
        type best[COLUMNS];                                                                        \
        for (int i = 0; i < columns; i++) best[i] = x[i], y[i] = 0;                                \
        for (int k = 1; k < r->n; k++) {                                                           \
            x += r->inner;                                                                         \
            for (int i = 0; i < columns; i++)                                                      \
                if (better) best[i] = x[i], y[i] = k;                                              \
        }                                                                                          \
    }
ARG(float_max, float, x[i] > best[i] || (best[i] != best[i] && x[i] == x[i]))
ARG(float_min, float, x[i] < best[i] || (best[i] != best[i] && x[i] == x[i]))
ARG(int_max, int, x[i] > best[i])
ARG(int_min, int, x[i] < best[i])

static void arg_lines(void *call, int begin, int end) {
    const Call *c = call;
    const ArgReduce *r = c->attrs;
    const int pieces = (r->inner - 1) / COLUMNS + 1;
    for (int line = begin; line < end; line++) {
        const int column = line % pieces * COLUMNS, rest = r->inner - column;
        const int64_t outer = line / pieces, from = outer * r->n * r->inner + column;
        const int columns = rest < COLUMNS ? rest : COLUMNS;
        int *y = i32(c->out[0]) + outer * r->inner + column;
        if (c->in[0]->dtype == TN_FLOAT32)
            (r->sign > 0 ? float_max : float_min)(r, f32(c->in[0]) + from, columns, y);
        else (r->sign > 0 ? int_max : int_min)(r, i32(c->in[0]) + from, columns, y);
    }
}

static void arg_cpu(Call *c) {
    const ArgReduce *r = c->attrs;
    const int pieces = (r->inner - 1) / COLUMNS + 1, width = r->inner / pieces;
    parallel_for(r->outer * pieces, 16384 / r->n / width + 1, arg_lines, c);
}

static Tensor *arg_reduce(const Op *op, Tensor *x, int axis, float sign) {
    if (failed()) return nothing();
    axis = axis_of(op->name, axis, x->rank);
    if (failed()) return nothing();
    int shape[TN_MAX_RANK];
    for (int i = 0; i < x->rank - 1; i++) shape[i] = x->shape[i + (i >= axis)];
    const ArgReduce r = {outer_size(x, axis), x->shape[axis], inner_size(x, axis), sign};
    Scope *s = tn_scope_begin();
    Tensor *y = make(TN_INT32, x->rank - 1, shape);
    if (!r.n && y->size)
        return leave(s, fail(TN_SHAPE, "%s: axis %d of x has 0 elements, it takes 1", op->name,
                             axis));
    if (x->dtype == TN_BOOL) x = to_dtype(x, TN_INT32);
    return leave(s, run(op, IN(x), OUT(y), &r, sizeof r));
}

/* argMax: Where the largest element along an axis is, the first of equals; NaN is passed over.
**   x          any shape of rank 1 or more
**   axis = 0   which axis, dropped in the result; negative counts from the end
**   -> y       int32 indices
** > tf.argMax([1, 5, 3])   // 1
** > tf.argMax([[1, 5], [7, 2]], 1)   // [1, 0]
*/
OP(argMax, (Tensor *x, int axis)) { return arg_reduce(&argMax_op, x, axis, 1); }
IMPL(argMax, .cpu = arg_cpu, .constant = true);

/* argMin: Where the smallest element along an axis is, the first of equals; NaN is passed over.
**   x          any shape of rank 1 or more
**   axis = 0   which axis, dropped in the result; negative counts from the end
**   -> y       int32 indices
** > tf.argMin([3, 5, 1])   // 2
** > tf.argMin([[1, 5], [7, 2]], 1)   // [0, 1]
*/
OP(argMin, (Tensor *x, int axis)) { return arg_reduce(&argMin_op, x, axis, -1); }
IMPL(argMin, .cpu = arg_cpu, .constant = true);
