/* Ragged tensors, rows of unlike lengths: raggedRange, raggedGather. A partition of values into
** rows is a vector of splits: row i is from splits[i] to splits[i + 1]. */
#include "ops/scatter.h"
#include "ops/binary.gen.h"
#include "ops/gather.gen.h"

/* ---- raggedRange ---- */

/* Element i of a vector, or the number that stands for all. */
static double number_at(const Tensor *x, const void *data, int i) {
    const int at = x->rank ? i : 0;
    return x->dtype == TN_FLOAT32 ? ((const float *)data)[at] : ((const int *)data)[at];
}

/* Elements from start before limit in steps of delta; -1 with the error set. */
static int range_length(double start, double limit, double delta) {
    if (delta == 0) fail(TN_VALUE, "Requires delta != 0");
    else if (delta > 0 ? limit < start : limit > start) return 0;
    const double n = ceil(fabs((limit - start) / delta));
    if (!failed() && !(n <= INT32_MAX))
        fail(TN_VALUE, "Requires ((limit - start) / delta) <= %d", INT32_MAX);
    return failed() ? -1 : (int)n;
}

/* The number of rows of three vectors, of which some may be numbers; -1 with the error set. */
static int range_rows(Tensor *const *x) {
    static const char *const names[] = {"starts", "limits", "deltas"};
    int rows = -1;
    for (int i = 0; i < 3 && !failed(); i++) {
        if (x[i]->rank > 1) fail(TN_SHAPE, "%s must be a scalar or vector", names[i]);
        else if (x[i]->dtype != x[0]->dtype || x[0]->dtype > TN_INT32)
            fail(TN_DTYPE,
                 "raggedRange: %s are %s, starts are %s: all float32 or all int32 is "
                 "taken",
                 names[i], dtype_name(x[i]->dtype), dtype_name(x[0]->dtype));
        else if (x[i]->rank && rows >= 0 && x[i]->size != rows)
            fail(TN_SHAPE, "starts, limits, and deltas must have the same shape");
        else if (x[i]->rank) rows = x[i]->size;
    }
    return failed() ? -1 : rows < 0 ? 1 : rows;
}

/* Fills splits [rows + 1]; false with the error set. */
static bool range_splits(Tensor *const *x, int rows, int *splits) {
    const void *v[3];
    for (int i = 0; i < 3; i++)
        if (!(v[i] = tn_data(x[i]))) return false;
    for (int row = 0; row < rows; row++) {
        const int n = range_length(number_at(x[0], v[0], row), number_at(x[1], v[1], row),
                                   number_at(x[2], v[2], row));
        if (n >= 0 && splits[row] > INT32_MAX / 4 - n)
            fail(TN_SHAPE, "raggedRange: more than %d elements", INT32_MAX / 4);
        if (failed()) return false;
        splits[row + 1] = splits[row] + n;
    }
    return true;
}

/* x for each element of the rows: its own element of a vector, or the number. */
static Tensor *spread(Tensor *x, Tensor *row) { return x->rank ? tn_gather(x, row, 0, 0) : x; }

/* raggedRange: Rows of numbers from starts up to limits, which are not reached, in steps of deltas.
**   starts : float32|int32 [rows] | []         one number is for all rows
**   limits : dtype of starts [rows] | []
**   deltas : dtype of starts [rows] | []       not 0
**   -> rtNestedSplits : int32 [rows + 1]       where each row begins, and the end
**   -> rtDenseValues : dtype of starts [...]   the rows one after another
** > tf.raggedRange([0.5, 5, 8], [3, 6.5, 7.5], [1, 1, 1])
**     // {rtNestedSplits: [0, 3, 5, 5], rtDenseValues: [0.5, 1.5, 2.5, 5, 6]}
** > tf.raggedRange([0, 5], [2.5, 2.5], [1, -1])
**     // {rtNestedSplits: [0, 3, 6], rtDenseValues: [0, 1, 2, 5, 4, 3]}
*/
OP(raggedRange, (Tensor * starts, Tensor *limits, Tensor *deltas, Tensor **rtDenseValues)) {
    give(rtDenseValues, nothing());
    if (failed()) return nothing();
    Tensor *const x[] = {starts, limits, deltas};
    const int rows = range_rows(x);
    if (rows < 0) return nothing();
    Scope *s = tn_scope_begin();
    Tensor *splits = tn_tensor(TN_INT32, INTS(rows + 1), NULL);
    if (failed() || !range_splits(x, rows, i32(splits))) return leave(s, nothing());
    const int n = i32(splits)[rows];
    Tensor *row = tn_tensor(TN_INT32, INTS(n), NULL), *at = tn_tensor(starts->dtype, INTS(n), NULL);
    if (failed()) return leave(s, nothing());
    for (int r = 0; r < rows; r++)
        for (int i = i32(splits)[r], k = 0; i < i32(splits)[r + 1]; i++, k++) {
            i32(row)[i] = r;
            if (at->dtype == TN_FLOAT32) f32(at)[i] = (float)k;
            else i32(at)[i] = k;
        }
    Tensor *values = tn_add(spread(starts, row), tn_mul(at, spread(deltas, row)));
    if (failed()) return leave(s, nothing());
    give(rtDenseValues, tn_scope_out(s, values));
    return leave(s, splits);
}

/* ---- raggedGather ---- */

/* Splits are in order and end before `limit`, one more than they may point to. */
static bool splits_fit(const Tensor *splits, const int *v, int limit) {
    const int n = splits->size;
    if (!n) fail(TN_SHAPE, "Ragged splits may not be empty");
    else if (v[0] < 0) fail(TN_INDEX, "Ragged splits must be non-negative");
    for (int i = 1; i < n && !failed(); i++)
        if (v[i] < v[i - 1]) fail(TN_INDEX, "Ragged splits must be sorted in ascending order");
    if (!failed() && v[n - 1] > limit) fail(TN_INDEX, "Ragged splits must not point past values");
    return !failed();
}

/* All nested splits: vectors of int32, each pointing into the next, the last into the values. */
static bool nested_fit(const char *op, const List *nested, const Tensor *values) {
    if (!nested->n) fail(TN_VALUE, "%s: paramsNestedSplits must be non empty", op);
    else if (!values->rank) fail(TN_SHAPE, "params.rank must be nonzero");
    for (int i = 0; i < nested->n && !failed(); i++) {
        if (nested->v[i]->rank != 1)
            fail(TN_SHAPE,
                 "%s: Split tensors must not be scalars but vectors: paramsNestedSplits"
                 "[%d] has shape %s",
                 op, i, shape_text(nested->v[i]));
        else want_dtype(op, "paramsNestedSplits", nested->v[i], TN_INT32);
    }
    for (int i = 0; i < nested->n && !failed(); i++) {
        /* a split is the number of a row of the next, and may be one past its last */
        const int limit = i + 1 < nested->n ? nested->v[i + 1]->size - 1 : values->shape[0];
        const int *v = read_ints(nested->v[i]);
        if (v) splits_fit(nested->v[i], v, limit);
    }
    return !failed();
}

/* Row pieces begin[i] to end[i]; after each level they are pieces of the next one's rows. */
typedef struct Pieces {
    int n;
    int *begin, *end;
} Pieces;

/* The partition of the pieces' rows as gathered, [1 + rows]; the pieces go one level in. */
static Tensor *level_splits(const Pieces *p, const int *splits) {
    int64_t rows = 0, total = 0;
    for (int i = 0; i < p->n; i++) {
        rows += p->end[i] - p->begin[i];
        total += splits[p->end[i]] - splits[p->begin[i]];
    }
    if (rows > INT32_MAX / 8 || total > INT32_MAX / 8)
        return fail(TN_SHAPE, "raggedGather: %.0f elements are too many",
                    (double)(rows > total ? rows : total));
    Tensor *y = tn_tensor(TN_INT32, INTS((int)rows + 1), NULL);
    if (failed()) return nothing();
    int at = 0;
    for (int i = 0; i < p->n; i++) {
        for (int row = p->begin[i]; row < p->end[i]; row++, at++)
            i32(y)[at + 1] = i32(y)[at] + splits[row + 1] - splits[row];
        p->begin[i] = splits[p->begin[i]];
        p->end[i] = splits[p->end[i]];
    }
    return y;
}

/* The partition that axis `dim` of indices is: rows of equal length. */
static Tensor *even_splits(const Tensor *indices, int dim) {
    const int rows = outer_size(indices, dim + 1), length = indices->shape[dim + 1];
    Tensor *y = tn_tensor(TN_INT32, INTS(rows + 1), NULL);
    for (int i = 0; i <= rows && !failed(); i++) i32(y)[i] = i * length;
    return y;
}

/* The values of all pieces, one after another. */
static Tensor *piece_values(const Pieces *p, Tensor *values) {
    int n = 0;
    for (int i = 0; i < p->n; i++) n += p->end[i] - p->begin[i];
    Tensor *at = tn_tensor(TN_INT32, INTS(n), NULL);
    if (failed()) return nothing();
    int *to = i32(at);
    for (int i = 0; i < p->n; i++)
        for (int k = p->begin[i]; k < p->end[i]; k++) *to++ = k;
    return tn_gather(values, at, 0, 0);
}

/* Pieces of one row for each index, in the data of a tensor; false with the error set. */
static bool begin_pieces(Tensor *indices, int rows, Pieces *p) {
    const int *index = read_ints(indices);
    Tensor *ends = index ? tn_tensor(TN_INT32, INTS(2, indices->size), NULL) : NULL;
    if (failed()) return false;
    *p = (Pieces){indices->size, i32(ends), i32(ends) + indices->size};
    for (int i = 0; i < p->n; i++) {
        if ((unsigned)index[i] >= (unsigned)rows) {
            fail(TN_INDEX, "indices[%d] = %d is not in [0, %d)", i, index[i], rows);
            return false;
        }
        p->begin[i] = index[i];
        p->end[i] = index[i] + 1;
    }
    return true;
}

/* Fills out[] with the splits of the result; gives its values. */
static Tensor *gather_levels(const List *nested, Tensor *values, Tensor *indices, Tensor **out) {
    Pieces p;
    if (!begin_pieces(indices, nested->v[0]->size - 1, &p)) return nothing();
    for (int dim = 0; dim < indices->rank - 1; dim++) *out++ = even_splits(indices, dim);
    for (int i = 0; i < nested->n && !failed(); i++) {
        const int *splits = read_ints(nested->v[i]);
        Tensor *level = splits ? level_splits(&p, splits) : nothing();
        if (i || indices->rank) *out++ = level;
    }
    return failed() ? nothing() : piece_values(&p, values);
}

/* raggedGather: Rows of a ragged tensor, chosen by their indices.
**   paramsNestedSplits : list of [n]              partitions, int32 vectors from the outermost to
**                                                 the innermost
**   paramsDenseValues : [...]                     what the innermost parts, of rank 1 or more
**   indices : int32 [...]                         numbers of outermost rows
**   outputRaggedRank : int                        number of partitions of the result, which is
**                                                 known without
**   -> outputNestedSplits : list of int32 [...]   partitions of the result: those that the axes of
**                                                 indices make, and then those of the rows; one
**                                                 less than there were for a single index
**   -> outputDenseValues : dtype of paramsDenseValues [...]   the values of the rows
** > tf.raggedGather([tf.tensor([0, 3, 3, 5], [4], 'int32')], [1, 2, 3, 4, 5], [2, 1, 0], 1)
**     // {outputNestedSplits: [[0, 2, 2, 5]], outputDenseValues: [4, 5, 1, 2, 3]}
*/
LISTOP(raggedGather, (const List *paramsNestedSplits, Tensor *paramsDenseValues, Tensor *indices,
                      int outputRaggedRank, Tensor **outputDenseValues)) {
    const List *nested = paramsNestedSplits;
    (void)outputRaggedRank;
    give(outputDenseValues, nothing());
    if (!want_dtype("raggedGather", "indices", indices, TN_INT32) ||
        !nested_fit("raggedGather", nested, paramsDenseValues))
        return make_list(0);
    const int n = nested->n + indices->rank - 1;
    const size_t bytes = ((size_t)n + 1) * sizeof(Tensor *);
    Tensor **out = scratch(bytes);
    if (!out) return make_list(0);
    Scope *s = tn_scope_begin();
    Tensor *values = gather_levels(nested, paramsDenseValues, indices, out);
    List *list = make_list(failed() ? 0 : n);
    for (int i = 0; i < list->n; i++) list->v[i] = tn_scope_out(s, out[i]);
    if (!failed()) give(outputDenseValues, tn_scope_out(s, values));
    tn_scope_end(s);
    scratch_free(out, bytes);
    return list;
}
