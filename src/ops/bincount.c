/* Counting: bincount, denseBincount, math.confusionMatrix. */
#include "scatter.h"

/* Places in rows of size + 1 bins: what has no bin goes to the last of its row. NULL with the error
** set. */
static Tensor *bins_of(const char *op, Tensor *x, int rows, int size) {
    const int *value = read_ints(x);
    Tensor *at = value ? tn_tensor(TN_INT32, INTS(x->size), NULL) : NULL;
    if (failed()) return NULL;
    const int row = rows ? x->size / rows : 0;
    for (int i = 0; i < x->size; i++) {
        if (value[i] < 0) {
            fail(TN_INDEX, "%s: Input x must be non-negative! x[%d] is %d", op, i, value[i]);
            return NULL;
        }
        i32(at)[i] = i / row * (size + 1) + (value[i] < size ? value[i] : size);
    }
    return at;
}

static bool counts_fit(const char *op, const Tensor *x, const Tensor *weights, int rows, int size) {
    if (!want_dtype(op, "x", x, TN_INT32)) return false;
    if (size < 0) fail(TN_VALUE, "%s: size must be non-negative, but got %d.", op, size);
    else if (size == INT32_MAX || (int64_t)rows * (size + 1) > INT32_MAX / 8)
        fail(TN_VALUE, "%s: size %d for %d rows is too much", op, size, rows);
    else if (weights->size && weights->size != x->size)
        fail(TN_SHAPE, "%s: weights must have the same size as x or 0-length, but got x shape: %s, "
                       "weights shape: %s", op, shape_text(x), shape_text(weights));
    return !failed();
}

/* Counts, or sums of weights, for each of `rows` rows of x: [rows, size]. */
static Tensor *count(const char *op, Tensor *x, Tensor *weights, int rows, int size) {
    Tensor *at = bins_of(op, x, rows, size);
    if (!at) return nothing();
    weights = weights->size ? tn_reshape(weights, INTS(x->size))
                            : tn_ones(INTS(x->size), weights->dtype);
    Tensor *y = tn_reshape(add_rows(weights, at, rows * (size + 1)), INTS(rows, size + 1));
    return tn_slice(y, INTS(0, 0), INTS(rows, size));
}

/* bincount: How often each number occurs, or the sum of the weights where it does.
**   x         int32, 0 or more
**   weights   numbers of the same size as x, or of size 0: each counts 1
**   size      of the result; numbers that are not below it are left out
**   -> y      [size], as weights
** > tf.bincount(tf.tensor([1, 3, 1, 9], [4], 'int32'), [0.5, 2, 3, 4], 4)   // [0, 3.5, 0, 2]
** > tf.bincount(tf.tensor([1, 3, 1, 9], [4], 'int32'), [], 4)   // [0, 2, 0, 1]
*/
OP(bincount, (Tensor *x, Tensor *weights, int size)) {
    if (!counts_fit("bincount", x, weights, 1, size)) return nothing();
    Scope *s = tn_scope_begin();
    return leave(s, tn_reshape(count("bincount", x, weights, 1, size), INTS(size)));
}

/* denseBincount: bincount of a vector, or of each row of a matrix.
**   x                      int32 of rank 2 or less, 0 or more
**   weights                numbers of the same size as x, or of size 0: each counts 1
**   size                   bins of a row; numbers that are not below it are left out
**   binaryOutput = false   1 where the number occurs at all; the weights do not matter
**   -> y                   [size], or [rows, size]; as weights
** > tf.denseBincount(tf.tensor([[1, 0], [2, 2]], [2, 2], 'int32'), [[0.5, 2], [3, 4]], 3)   // [[2, 0.5, 0], [0, 0, 7]]
** > tf.denseBincount(tf.tensor([2, 2, 0], [3], 'int32'), [], 3, true)   // [1, 0, 1]
*/
OP(denseBincount, (Tensor *x, Tensor *weights, int size, bool binaryOutput)) {
    const char *op = "denseBincount";
    if (failed()) return nothing();
    if (x->rank > 2)
        return fail(TN_SHAPE, "%s: input must be at most rank 2, but got rank %d", op, x->rank);
    const int rows = x->rank == 2 ? x->shape[0] : 1;
    if (!counts_fit(op, x, weights, rows, size)) return nothing();
    Scope *s = tn_scope_begin();
    Tensor *counted = binaryOutput ? tn_zeros(INTS(0), weights->dtype) : weights;
    Tensor *y = count(op, x, counted, rows, size);
    if (binaryOutput) y = to_dtype(tn_greater(y, tn_zerosLike(y)), weights->dtype);
    return leave(s, x->rank == 2 ? tn_clone(y) : tn_reshape(y, INTS(size)));
}

/* math.confusionMatrix: How often a class was taken for another.
**   labels        numbers [n], the true classes
**   predictions   numbers [n], the classes predicted; pairs with one outside of 0..numClasses-1 are
**                 left out
**   numClasses    number of classes, 1 or more
**   -> y          int32 [numClasses, numClasses], rows by label, columns by prediction
** > tf.math.confusionMatrix([0, 1, 1], [0, 0, 1], 2)   // [[1, 0], [1, 1]]
*/
OP(confusionMatrix, (Tensor *labels, Tensor *predictions, int numClasses)) {
    const char *op = "confusionMatrix";
    if (failed()) return nothing();
    if (numClasses < 1)
        return fail(TN_VALUE, "%s: numClasses is required to be a positive integer, but got %d", op,
                    numClasses);
    if (labels->rank != 1 || predictions->rank != 1)
        return fail(TN_SHAPE, "%s: Expected the rank of %s to be 1, but got %d", op,
                    labels->rank == 1 ? "predictions" : "labels",
                    labels->rank == 1 ? predictions->rank : labels->rank);
    if (labels->size != predictions->size)
        return fail(TN_SHAPE, "%s: Mismatch in the number of examples: %d vs. %d. Labels and "
                              "predictions should have the same number of elements.", op,
                    labels->size, predictions->size);
    const int64_t cells = (int64_t)numClasses * numClasses;
    if (cells > INT32_MAX / 8)
        return fail(TN_VALUE, "%s: numClasses %d is too much", op, numClasses);
    Scope *s = tn_scope_begin();
    const int *label = read_ints(labels = to_dtype(labels, TN_INT32));
    const int *found = read_ints(predictions = to_dtype(predictions, TN_INT32));
    Tensor *at = tn_tensor(TN_INT32, INTS(labels->size), NULL);
    if (failed()) return leave(s, nothing());
    for (int i = 0; i < at->size; i++) {
        const bool in = label[i] >= 0 && label[i] < numClasses && found[i] >= 0 &&
                        found[i] < numClasses;
        i32(at)[i] = in ? label[i] * numClasses + found[i] : (int)cells;
    }
    Tensor *y = add_rows(tn_ones(INTS(at->size), TN_INT32), at, (int)cells + 1);
    y = tn_slice(y, INTS(0), INTS((int)cells));
    return leave(s, tn_reshape(y, INTS(numClasses, numClasses)));
}
