/* Sparse tensors as indices [n, rank], values [n] and a shape: sparse.sparseFillEmptyRows and
** sparseReshape. */
#include "ops/scatter.h"
#include "ops/gather.gen.h"
#include "ops/join.gen.h"
#include "ops/view.gen.h"

/* ---- sparseFillEmptyRows ---- */

typedef struct Fill {
    int n, rank, rows;
    const int *index; /* [n, rank] */
    int *start;       /* [rows]: where the next element of a row goes */
} Fill;

static bool row_checks(const Fill *f) {
    for (int i = 0; i < f->n; i++) {
        const int row = f->index[(int64_t)i * f->rank];
        if (row < 0) fail(TN_INDEX, "indices(%d, 0) is invalid: %d < 0", i, row);
        else if (row >= f->rows)
            fail(TN_INDEX, "indices(%d, 0) is invalid: %d >= %d", i, row, f->rows);
        if (failed()) return false;
    }
    return true;
}

/* Counts rows into start, which becomes where each row begins; says which are empty. The number of
** elements with one for each empty row; -1 with the error set. */
static int lay_rows(const Fill *f, uint8_t *is_empty) {
    int64_t total = 0;
    for (int i = 0; i < f->n; i++) f->start[f->index[(int64_t)i * f->rank]]++;
    for (int row = 0; row < f->rows; row++) {
        const int count = f->start[row];
        is_empty[row] = !count;
        f->start[row] = (int)total;
        total += count ? count : 1;
    }
    if (total <= INT32_MAX) return (int)total;
    fail(TN_SHAPE, "sparseFillEmptyRows: %.0f elements are too many", (double)total);
    return -1;
}

/* Indices, and which value each has (n: the default); where each of the n went. */
static void place_rows(const Fill *f, const uint8_t *is_empty, int *index, int *source, int *map) {
    const size_t bytes = (size_t)f->rank * sizeof(int);
    for (int row = 0; row < f->rows; row++) {
        if (!is_empty[row]) continue;
        index[(int64_t)f->start[row] * f->rank] = row; /* the others are 0 already */
        source[f->start[row]] = f->n;
    }
    for (int i = 0; i < f->n; i++) {
        const int *from = f->index + (int64_t)i * f->rank, to = f->start[*from]++;
        memcpy(index + (int64_t)to * f->rank, from, bytes);
        source[to] = i;
        map[i] = to;
    }
}

static bool filling_fits(const Tensor *indices, const Tensor *values, const Tensor *denseShape,
                         const Tensor *defaultValue) {
    const char *op = "sparseFillEmptyRows";
    if (!want_dtype(op, "indices", indices, TN_INT32) ||
        !want_dtype(op, "denseShape", denseShape, TN_INT32))
        return false;
    if (indices->rank != 2)
        fail(TN_SHAPE, "%s: Indices should be Tensor2D but received shape %s", op,
             shape_text(indices));
    else if (values->rank != 1)
        fail(TN_SHAPE, "%s: Values should be Tensor1D but received shape %s", op,
             shape_text(values));
    else if (denseShape->rank != 1 || !denseShape->size)
        fail(TN_SHAPE,
             "%s: Dense shape should be Tensor1D of one size or more but received shape %s", op,
             shape_text(denseShape));
    else if (defaultValue->rank)
        fail(TN_SHAPE, "%s: Default value should be a scalar but received shape %s", op,
             shape_text(defaultValue));
    else if (values->size != indices->shape[0] || denseShape->size != indices->shape[1])
        fail(TN_SHAPE,
             "%s: indices have shape %s, but there are %d values and %d sizes in "
             "denseShape",
             op, shape_text(indices), values->size, denseShape->size);
    else if (values->dtype != defaultValue->dtype)
        fail(TN_DTYPE, "%s: values are %s, but defaultValue is %s", op, dtype_name(values->dtype),
             dtype_name(defaultValue->dtype));
    return !failed();
}

/* The rows of a dense shape, for n elements; -1 with the error set. */
static int dense_rows(Tensor *denseShape, int n) {
    const int *shape = read_ints(denseShape);
    if (!shape) return -1;
    if (shape[0] < 0)
        fail(TN_VALUE, "sparseFillEmptyRows: denseShape[0] is %d, which is negative", shape[0]);
    else if (!shape[0] && n)
        fail(TN_VALUE,
             "sparseFillEmptyRows: Received SparseTensor with denseShape[0] = 0 but "
             "indices.shape[0] = %d",
             n);
    return failed() ? -1 : shape[0];
}

/* sparse.sparseFillEmptyRows: Gives each row of a sparse tensor that has no element one at its
** first place.
**   indices : int32 [n, rank]
**   values : any [n]
**   denseShape : int32 [rank]               the shape that the indices are of
**   defaultValue : dtype of values []       for the new elements
**   -> outputIndices : int32 [m, rank]      rows in rising order, within a row as they were
**   -> outputValues : dtype of values [m]
**   -> emptyRowIndicator : bool [rows]      which of denseShape[0] rows had none
**   -> reverseIndexMap : int32 [n]          where each element went
** > tf.sparse.sparseFillEmptyRows([[2, 1], [0, 3], [2, 0]], [5, 6, 7], [4, 4], 0.5)   // {outputIndices: [[0, 3], [1, 0], [2, 1], [2, 0], [3, 0]], outputValues: [6, 0.5, 5, 7, 0.5], emptyRowIndicator: [0, 1, 0, 1], reverseIndexMap: [2, 0, 3]}
*/
OP(sparseFillEmptyRows,
   (Tensor * indices, Tensor *values, Tensor *denseShape, Tensor *defaultValue,
    Tensor **outputValues, Tensor **emptyRowIndicator, Tensor **reverseIndexMap)) {
    give(outputValues, nothing()), give(emptyRowIndicator, nothing());
    give(reverseIndexMap, nothing());
    if (!filling_fits(indices, values, denseShape, defaultValue)) return nothing();
    Fill f = {indices->shape[0], indices->shape[1], dense_rows(denseShape, values->size),
              read_ints(indices), NULL};
    if (failed() || !row_checks(&f)) return nothing();
    Scope *s = tn_scope_begin();
    Tensor *start = tn_tensor(TN_INT32, INTS(f.rows), NULL);
    Tensor *is_empty = tn_tensor(TN_BOOL, INTS(f.rows), NULL);
    Tensor *map = tn_tensor(TN_INT32, INTS(f.n), NULL);
    if (failed()) return leave(s, nothing());
    f.start = i32(start);
    const int total = lay_rows(&f, u8(is_empty));
    Tensor *source = total < 0 ? nothing() : tn_tensor(TN_INT32, INTS(total), NULL);
    Tensor *index = tn_tensor(TN_INT32, INTS(total, f.rank), NULL);
    if (failed()) return leave(s, nothing());
    place_rows(&f, u8(is_empty), i32(index), i32(source), i32(map));
    Tensor *all = tn_concat(LIST(values, tn_reshape(defaultValue, INTS(1))), 0);
    Tensor *filled = tn_gather(all, source, 0, 0);
    if (failed()) return leave(s, nothing());
    give(outputValues, tn_scope_out(s, filled));
    give(emptyRowIndicator, tn_scope_out(s, is_empty));
    give(reverseIndexMap, tn_scope_out(s, map));
    return leave(s, index);
}

/* ---- sparseReshape ---- */

/* The product of sizes, none negative; -1 with the error set. */
static int64_t dense_size(int rank, const int *shape) {
    int64_t size = 1;
    bool none = false;
    for (int i = 0; i < rank; i++) {
        if (shape[i] < 0)
            fail(TN_VALUE, "sparseReshape: inputShape[%d] is %d, which is negative", i, shape[i]);
        none |= !shape[i];
        if (shape[i] > 0 && size > INT64_MAX / shape[i])
            fail(TN_SHAPE, "sparseReshape: inputShape %s is too large", ints_text(rank, shape));
        if (failed()) return -1;
        if (shape[i]) size *= shape[i];
    }
    return none ? 0 : size;
}

/* Copies the new shape, the size that is -1 worked out. */
static bool open_shape(int64_t dense, int rank, const int *wanted, int *shape) {
    int open = -1;
    int64_t product = 1;
    for (int i = 0; i < rank; i++) {
        shape[i] = wanted[i] == -1 ? 1 : wanted[i];
        if (wanted[i] == -1 && open >= 0)
            fail(TN_VALUE, "sparseReshape: only one output dimension may be -1, not both %d and %d",
                 open, i);
        else if (shape[i] < 0) fail(TN_VALUE, "size %d must be non-negative, not %d", i, shape[i]);
        if (failed()) return false;
        if (wanted[i] == -1) open = i;
        if (shape[i] && product > INT64_MAX / shape[i]) product = INT64_MAX; /* too much anyway */
        else product *= shape[i];
    }
    if (open >= 0 && !product) {
        fail(TN_VALUE, "sparseReshape: reshape cannot infer the missing input size for an empty "
                       "tensor unless all specified input sizes are non-zero");
    } else if (open >= 0 && dense % product) {
        fail(TN_SHAPE,
             "sparseReshape: Input to reshape is a SparseTensor with %.0f dense values, "
             "but the requested shape requires a multiple of %.0f",
             (double)dense, (double)product);
    } else if (open >= 0 ? dense / product > INT32_MAX : product != dense) {
        fail(TN_SHAPE,
             "sparseReshape: Input to reshape is a tensor with %.0f dense values, but the "
             "requested shape has %.0f: %s",
             (double)dense, (double)product, ints_text(rank, wanted));
    } else if (open >= 0) {
        shape[open] = (int)(dense / product);
    }
    return !failed();
}

/* Indices [n, from.rank] of one shape as those of another. */
static bool reshape_indices(int n, int rank, const int *shape, const int *index, int to_rank,
                            const int *to_shape, int *to) {
    for (int i = 0; i < n; i++, index += rank, to += to_rank) {
        int64_t at = 0;
        for (int k = 0; k < rank; k++) {
            if ((unsigned)index[k] >= (unsigned)shape[k]) {
                fail(TN_INDEX, "sparseReshape: inputIndices[%d, %d] is %d, not in 0..%d", i, k,
                     index[k], shape[k] - 1);
                return false;
            }
            at = at * shape[k] + index[k];
        }
        for (int k = to_rank - 1; k >= 0; k--) {
            to[k] = (int)(at % to_shape[k]);
            at /= to_shape[k];
        }
    }
    return true;
}

static bool reshape_fits(const Tensor *indices, const Tensor *shape, const Tensor *to) {
    const char *op = "sparseReshape";
    if (!want_dtype(op, "inputIndices", indices, TN_INT32) ||
        !want_dtype(op, "inputShape", shape, TN_INT32) || !want_dtype(op, "newShape", to, TN_INT32))
        return false;
    if (indices->rank != 2)
        fail(TN_SHAPE, "%s: Input indices should be Tensor2D but received shape %s", op,
             shape_text(indices));
    else if (shape->rank != 1)
        fail(TN_SHAPE, "%s: Input shape should be Tensor1D but received shape %s", op,
             shape_text(shape));
    else if (to->rank != 1)
        fail(TN_SHAPE, "%s: New shape should be Tensor1D but received shape %s", op,
             shape_text(to));
    else if (indices->shape[1] != shape->size)
        fail(TN_SHAPE, "%s: inputIndices have shape %s, but inputShape has %d sizes", op,
             shape_text(indices), shape->size);
    return !failed();
}

/* sparse.sparseReshape: The indices of a sparse tensor after its dense one is reshaped.
**   inputIndices : int32 [n, rank]
**   inputShape : int32 [rank]                the shape that they are of
**   newShape : int32 [new rank]              one size may be -1: worked out
**   -> outputIndices : int32 [n, new rank]
**   -> outputShape : int32 [new rank]        with nothing left open
** > tf.sparse.sparseReshape([[0, 1], [1, 2]], [2, 3], [3, -1])
**     // {outputIndices: [[0, 1], [2, 1]], outputShape: [3, 2]}
*/
OP(sparseReshape,
   (Tensor * inputIndices, Tensor *inputShape, Tensor *newShape, Tensor **outputShape)) {
    give(outputShape, nothing());
    if (!reshape_fits(inputIndices, inputShape, newShape)) return nothing();
    const int n = inputIndices->shape[0], rank = inputShape->size, to_rank = newShape->size;
    const int *index = read_ints(inputIndices), *shape = read_ints(inputShape);
    const int *wanted = read_ints(newShape);
    const int64_t dense = failed() ? -1 : dense_size(rank, shape);
    if (dense < 0) return nothing();
    Scope *s = tn_scope_begin();
    Tensor *y = tn_tensor(TN_INT32, INTS(n, to_rank), NULL);
    Tensor *sizes = tn_tensor(TN_INT32, INTS(to_rank), NULL);
    if (failed() || !open_shape(dense, to_rank, wanted, i32(sizes)) ||
        !reshape_indices(n, rank, shape, index, to_rank, i32(sizes), i32(y)))
        return leave(s, nothing());
    give(outputShape, tn_scope_out(s, sizes));
    return leave(s, y);
}
