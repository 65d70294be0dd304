/* Where the largest and smallest are: topk, argMax, argMin. NaN is below everything. */
#include "ops/attrs.h"
#include "ops/gather.h"
#include "backend/cpu/simd.h"

/* ---- topk ---- */

/* Whether x comes before y: it is larger; NaN is last. */
#define ABOVE(x, y) ((x) > (y) || ((y) != (y) && (x) == (x)))

/* The first k of n in order, equals by index: a heap of the best k so far, in which children come
** before their parent, so that the root is the last of all; then taken apart from the root. */
#define BEST(name, type)                                                                           \
    static inline bool name##_before(const type *x, int a, int b) {                                \
        return ABOVE(x[a], x[b]) || (!ABOVE(x[b], x[a]) && a < b);                                 \
    }                                                                                              \
    static void name##_sift(int *heap, int n, int at, int item, const type *x) {                   \
        for (int child; (child = 2 * at + 1) < n; at = child) {                                    \
            if (child + 1 < n && name##_before(x, heap[child], heap[child + 1])) child++;          \
            if (!name##_before(x, item, heap[child])) break;                                       \
            heap[at] = heap[child];                                                                \
        }                                                                                          \
        heap[at] = item;                                                                           \
    }                                                                                              \
    static void name(const void *row, int n, int k, int *best) {                                   \
        const type *x = row;                                                                       \
        for (int i = 0; i < k; i++) best[i] = i;                                                   \
        for (int i = k / 2 - 1; i >= 0; i--) name##_sift(best, k, i, best[i], x);                  \
        type last = x[best[0]];                                                                    \
        for (int i = k; i < n; i++) {                                                              \
            if (!ABOVE(x[i], last)) continue;                                                      \
            name##_sift(best, k, 0, i, x);                                                         \
            last = x[best[0]];                                                                     \
        }                                                                                          \
        for (int left = k - 1; left > 0; left--) {                                                 \
            const int end = best[0], item = best[left];                                            \
            name##_sift(best, left, 0, item, x);                                                   \
            best[left] = end;                                                                      \
        }                                                                                          \
    }
BEST(best_floats, float)
BEST(best_ints, int)
BEST(best_bytes, uint8_t)

static void topk_rows(void *call, int begin, int end) {
    const Call *c = call;
    const TopK *t = c->attrs;
    const DType d = c->in[0]->dtype;
    const int bytes = dtype_bytes(d);
    for (int row = begin; row < end; row++) {
        const char *x = (const char *)c->in[0]->storage->data + (int64_t)row * t->n * bytes;
        char *values = (char *)c->out[0]->storage->data + (int64_t)row * t->k * bytes;
        int *best = i32(c->out[1]) + (int64_t)row * t->k;
        if (d == TN_FLOAT32) best_floats(x, t->n, t->k, best);
        else if (d == TN_INT32) best_ints(x, t->n, t->k, best);
        else best_bytes(x, t->n, t->k, best);
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
**   x : [...]                          of rank 1 or more
**   k : int = 1                        how many
**   sorted : bool = true               in falling order; they are in any case
**   -> values : dtype of x rank of x   the largest, of equals the one with the lower index first
**   -> indices : int32 like values     their places along the last axis
** > tf.topk([[1, 5, 3], [2, 2, 9]], 2)   // {values: [[5, 3], [9, 2]], indices: [[1, 2], [2, 0]]}
*/
OP(topk, (Tensor * x, int k, bool sorted, Tensor **indices)) {
    (void)sorted;
    give(indices, nothing());
    if (failed()) return nothing();
    if (!x->rank) return fail(TN_SHAPE, "topk: topk() expects the input to be of rank 1 or higher");
    const int n = x->shape[x->rank - 1];
    if (k < 0) return fail(TN_VALUE, "topk: 'k' passed to topk() must be >= 0 but got %d", k);
    if (k > n)
        return fail(TN_VALUE,
                    "topk: 'k' passed to topk() must be <= the last dimension (%d) but "
                    "got %d",
                    n, k);
    int shape[TN_MAX_RANK];
    memcpy(shape, x->shape, sizeof shape);
    shape[x->rank - 1] = k;
    const TopK t = {outer_size(x, x->rank - 1), n, k};
    Tensor *out[] = {make(x->dtype, x->rank, shape), make(TN_INT32, x->rank, shape)};
    Tensor *values = run(&topk_op, IN(x), out, 2, &t, sizeof t);
    if (!failed()) give(indices, out[1]);
    return values;
}
IMPL(topk, .cpu = topk_cpu, .gl = "topk", .grad = topk_grad);

/* ---- argMax, argMin ---- */

typedef struct ArgReduce {
    int outer, n, inner;
    float sign; /* 1: the largest, -1: the smallest */
} ArgReduce;

enum { COLUMNS = 64 };

/* The best of n and `top`. f4_max and f4_min drop a NaN in their second argument. */
#define TOP(name, type, over, vector)                                                              \
    static type name##_top(const type *x, int n, type top) {                                       \
        int i = 0;                                                                                 \
        vector for (; i < n; i++) top = over(x[i], top) ? x[i] : top;                              \
        return top;                                                                                \
    }
#define FOURS(pick, over)                                                                          \
    f4 four = f4_splat(top);                                                                       \
    for (; i + 4 <= n; i += 4) four = pick(four, f4_load(x + i));                                  \
    for (int k = 0; k < 4; k++) top = over(four[k], top) ? four[k] : top;
#define GREATER(a, b) ((a) > (b))
#define LESS(a, b) ((a) < (b))

/* Where the best is. Nothing is over `least`: where the best stays that, it is looked up. */
#define ARG(name, type, least, over, vector)                                                       \
    TOP(name, type, over, vector)                                                                  \
    static int name##_least(const type *x, int64_t stride, int n) {                                \
        for (int k = 0; k < n; k++)                                                                \
            if (x[k * stride] == least) return k;                                                  \
        return 0;                                                                                  \
    }                                                                                              \
    /* Some columns, row after row. */                                                             \
    static void name##_columns(const ArgReduce *r, const type *restrict x, int columns,            \
                               int *restrict y) {                                                  \
        type best[COLUMNS];                                                                        \
        for (int i = 0; i < columns; i++) best[i] = least, y[i] = 0;                               \
        for (int k = 0; k < r->n; k++)                                                             \
            for (int i = 0; i < columns; i++) {                                                    \
                const type v = x[(int64_t)k * r->inner + i], b = best[i];                          \
                best[i] = over(v, b) ? v : b;                                                      \
                y[i] = over(v, b) ? k : y[i];                                                      \
            }                                                                                      \
        for (int i = 0; i < columns; i++)                                                          \
            if (best[i] == least) y[i] = name##_least(x + i, r->inner, r->n);                      \
    }                                                                                              \
    /* A line: the best of each block, and where in it only if it beats those before. */           \
    static int name##_line(const type *x, int n) {                                                 \
        type best = least;                                                                         \
        int at = 0;                                                                                \
        for (int k = 0; k < n; k += COLUMNS) {                                                     \
            const type top = name##_top(x + k, n - k < COLUMNS ? n - k : COLUMNS, best);           \
            if (top == best) continue;                                                             \
            best = top;                                                                            \
            for (at = k; x[at] != best;) at++;                                                     \
        }                                                                                          \
        return best == least ? name##_least(x, 1, n) : at;                                         \
    }                                                                                              \
    static void name(const ArgReduce *r, const type *x, int columns, int *y) {                     \
        if (r->inner == 1) *y = name##_line(x, r->n);                                              \
        else name##_columns(r, x, columns, y);                                                     \
    }
ARG(float_max, float, -INFINITY, GREATER, FOURS(f4_max, GREATER))
ARG(float_min, float, INFINITY, LESS, FOURS(f4_min, LESS))
ARG(int_max, int, INT32_MIN, GREATER, )
ARG(int_min, int, INT32_MAX, LESS, )

/* Lines are [outer, pieces of inner]. */
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
        return leave(s,
                     fail(TN_SHAPE, "%s: axis %d of x has 0 elements, it takes 1", op->name, axis));
    if (x->dtype == TN_BOOL) x = to_dtype(x, TN_INT32);
    return leave(s, run(op, IN(x), OUT(y), &r, sizeof r));
}

/* argMax: Where the largest element along an axis is, the first of equals; NaN is passed over.
**   x : [...]            of rank 1 or more
**   axis : int = 0       which axis, dropped in the result; negative counts from the end
**   -> y : int32 [...]   indices
** > tf.argMax([1, 5, 3])   // 1
** > tf.argMax([[1, 5], [7, 2]], 1)   // [1, 0]
*/
OP(argMax, (Tensor * x, int axis)) { return arg_reduce(&argMax_op, x, axis, 1); }
IMPL(argMax, .cpu = arg_cpu, .gl = "argMax", .constant = true);

/* argMin: Where the smallest element along an axis is, the first of equals; NaN is passed over.
**   x : [...]            of rank 1 or more
**   axis : int = 0       which axis, dropped in the result; negative counts from the end
**   -> y : int32 [...]   indices
** > tf.argMin([3, 5, 1])   // 2
** > tf.argMin([[1, 5], [7, 2]], 1)   // [0, 1]
*/
OP(argMin, (Tensor * x, int axis)) { return arg_reduce(&argMin_op, x, axis, -1); }
IMPL(argMin, .cpu = arg_cpu, .gl = "argMax", .constant = true);
