/* Counting: bincount, denseBincount, math.confusionMatrix. */
#include "ops/scatter.h"
#include "ops/binary.gen.h"
#include "ops/slice.gen.h"
#include "ops/view.gen.h"

typedef struct Bins {
    int rows, size; /* of the result */
} Bins;

/* weight: null where each counts 1. */
#define COUNT(name, type, into)                                                                    \
    static void name(const int *restrict x, const type *restrict weight, int n, int size,          \
                     type *restrict y) {                                                           \
        for (int i = 0; i < n; i++)                                                                \
            if (x[i] < size) y[x[i]] into weight ? weight[i] : 1;                                  \
    }
COUNT(count_floats, float, +=)
COUNT(count_ints, int, +=)
COUNT(count_bools, uint8_t, |=)

/* Weights from an element on, or null if there are none. */
#define WEIGHTS(of, w, from) ((w)->size ? of(w) + (from) : NULL)

/* in: x, weights of the same size or none; x is 0 or more. */
static void bins_cpu(Call *c) {
    const Bins *b = c->attrs;
    const Tensor *w = c->in[1], *y = c->out[0];
    const int n = c->in[0]->size / b->rows;
    memset(y->storage->data, 0, data_bytes(y));
    for (int row = 0; row < b->rows; row++) {
        const int *x = i32(c->in[0]) + (int64_t)row * n;
        const int64_t from = (int64_t)row * n, to = (int64_t)row * b->size;
        if (y->dtype == TN_BOOL) count_bools(x, WEIGHTS(u8, w, from), n, b->size, u8(y) + to);
        else if (y->dtype == TN_INT32)
            count_ints(x, WEIGHTS(i32, w, from), n, b->size, i32(y) + to);
        else count_floats(x, WEIGHTS(f32, w, from), n, b->size, f32(y) + to);
    }
}

extern const Op bins_op;

/* What lies in the bin of each x; 0 where it has none. */
static void binsOf_cpu(Call *c) {
    const Bins *b = c->attrs;
    const int n = c->in[0]->size / b->rows, *x = i32(c->in[0]);
    for (int i = 0; i < c->in[0]->size; i++)
        f32(c->out[0])[i] = x[i] < b->size ? f32(c->in[1])[(int64_t)(i / n) * b->size + x[i]] : 0;
}

static void binsOf_grad(Call *c, Tensor **dy, Tensor **dx) {
    if (wants(c, 1))
        dx[1] =
            run(&bins_op, IN(c->in[0], dy[0]), OUT(make_like(c->in[1])), c->attrs, sizeof(Bins));
}

static const Op binsOf_op = {
    .name = "binsOf", .cpu = binsOf_cpu, .gl = "binsOf", .grad = binsOf_grad};

static void bins_grad(Call *c, Tensor **dy, Tensor **dx) {
    if (wants(c, 1))
        dx[1] =
            run(&binsOf_op, IN(c->in[0], dy[0]), OUT(make_like(c->in[1])), c->attrs, sizeof(Bins));
}

const Op bins_op = {.name = "bins",
                    .cpu = bins_cpu,
                    .gl_why = "indices are checked in memory, and counted there",
                    .grad = bins_grad};

/* False with the error set if one is negative. */
static bool none_negative(const char *op, Tensor *x) {
    const int *value = read_ints(x);
    int all = 0;
    for (int i = 0; value && i < x->size; i++) all |= value[i];
    for (int i = 0; all < 0; i++) {
        if (value[i] >= 0) continue;
        fail(TN_INDEX, "%s: Input x must be non-negative! x[%d] is %d", op, i, value[i]);
        break;
    }
    return !failed();
}

static bool counts_fit(const char *op, const Tensor *x, const Tensor *weights, int size) {
    if (!want_dtype(op, "x", x, TN_INT32)) return false;
    if (size < 0) fail(TN_VALUE, "%s: size must be non-negative, but got %d.", op, size);
    else if (weights->size && weights->size != x->size)
        fail(TN_SHAPE,
             "%s: weights must have the same size as x or 0-length, but got x shape: %s, "
             "weights shape: %s",
             op, shape_text(x), shape_text(weights));
    return !failed();
}

/* Counts, or sums of weights, for each of `rows` rows of x: [rows, size]. */
static Tensor *count(const char *op, Tensor *x, Tensor *weights, int rows, int size) {
    if (!none_negative(op, x)) return nothing();
    const Bins b = {rows, size};
    Tensor *y = make(weights->dtype, 2, (int[]){rows, size});
    return run(&bins_op, IN(x, weights), OUT(y), &b, sizeof b);
}

/* bincount: How often each number occurs, or the sum of the weights where it does.
**   x : int32 [...]                  0 or more
**   weights : [...]                  of the same size as x, or of size 0: each counts 1
**   size : int                       of the result; numbers that are not below it are left out
**   -> y : dtype of weights [size]
** > tf.bincount(tf.tensor([1, 3, 1, 9], [4], 'int32'), [0.5, 2, 3, 4], 4)   // [0, 3.5, 0, 2]
** > tf.bincount(tf.tensor([1, 3, 1, 9], [4], 'int32'), [], 4)   // [0, 2, 0, 1]
*/
OP(bincount, (Tensor * x, Tensor *weights, int size)) {
    if (!counts_fit("bincount", x, weights, size)) return nothing();
    Scope *s = tn_scope_begin();
    return leave(s, tn_reshape(count("bincount", x, weights, 1, size), INTS(size)));
}

/* denseBincount: bincount of a vector, or of each row of a matrix.
**   x : int32 [...]                     of rank 2 or less, 0 or more
**   weights : [...]                     of the same size as x, or of size 0: each counts 1
**   size : int                          bins of a row; numbers that are not below it are left out
**   binaryOutput : bool = false         1 where the number occurs at all; the weights do not
**                                       matter
**   -> y : dtype of weights rank of x   [size], or [rows, size]
** > tf.denseBincount(tf.tensor([[1, 0], [2, 2]], [2, 2], 'int32'), [[0.5, 2], [3, 4]], 3)
**     // [[2, 0.5, 0], [0, 0, 7]]
** > tf.denseBincount(tf.tensor([2, 2, 0], [3], 'int32'), [], 3, true)   // [1, 0, 1]
*/
OP(denseBincount, (Tensor * x, Tensor *weights, int size, bool binaryOutput)) {
    const char *op = "denseBincount";
    if (failed()) return nothing();
    if (x->rank > 2)
        return fail(TN_SHAPE, "%s: input must be at most rank 2, but got rank %d", op, x->rank);
    const int rows = x->rank == 2 ? x->shape[0] : 1;
    if (!counts_fit(op, x, weights, size)) return nothing();
    Scope *s = tn_scope_begin();
    Tensor *counted = binaryOutput ? tn_zeros(INTS(0), weights->dtype) : weights;
    Tensor *y = count(op, x, counted, rows, size);
    if (binaryOutput) y = to_dtype(tn_greater(y, tn_zerosLike(y)), weights->dtype);
    return leave(s, x->rank == 2 ? tn_clone(y) : tn_reshape(y, INTS(size)));
}

/* math.confusionMatrix: How often a class was taken for another.
**   labels : [n]                            the true classes
**   predictions : [n]                       the classes predicted; pairs with one outside of
**                                           0..numClasses-1 are left out
**   numClasses : float                      number of classes, a whole number from 1
**   -> y : int32 [numClasses, numClasses]   rows by label, columns by prediction
** > tf.math.confusionMatrix([0, 1, 1], [0, 0, 1], 2)   // [[1, 0], [1, 1]]
*/
OP(confusionMatrix, (Tensor * labels, Tensor *predictions, double numClasses)) {
    const char *op = "confusionMatrix";
    const int classes = numClasses >= 1 && numClasses <= INT32_MAX ? (int)numClasses : 0;
    if (failed()) return nothing();
    if (!classes || classes != numClasses)
        return fail(TN_VALUE, "%s: numClasses is required to be a positive integer, but got %g", op,
                    numClasses);
    if (labels->rank != 1 || predictions->rank != 1)
        return fail(TN_SHAPE, "%s: Expected the rank of %s to be 1, but got %d", op,
                    labels->rank == 1 ? "predictions" : "labels",
                    labels->rank == 1 ? predictions->rank : labels->rank);
    if (labels->size != predictions->size)
        return fail(TN_SHAPE,
                    "%s: Mismatch in the number of examples: %d vs. %d. Labels and "
                    "predictions should have the same number of elements.",
                    op, labels->size, predictions->size);
    const int64_t cells = (int64_t)classes * classes;
    if (cells > INT32_MAX / 8) return fail(TN_VALUE, "%s: numClasses %d is too much", op, classes);
    Scope *s = tn_scope_begin();
    const int *label = read_ints(labels = to_dtype(labels, TN_INT32));
    const int *found = read_ints(predictions = to_dtype(predictions, TN_INT32));
    Tensor *at = tn_tensor(TN_INT32, INTS(labels->size), NULL);
    if (failed()) return leave(s, nothing());
    for (int i = 0; i < at->size; i++) {
        const bool in = label[i] >= 0 && label[i] < classes && found[i] >= 0 && found[i] < classes;
        i32(at)[i] = in ? label[i] * classes + found[i] : (int)cells;
    }
    Tensor *y = add_rows(tn_ones(INTS(at->size), TN_INT32), at, (int)cells + 1);
    y = tn_slice(y, INTS(0), INTS((int)cells));
    return leave(s, tn_reshape(y, INTS(classes, classes)));
}
