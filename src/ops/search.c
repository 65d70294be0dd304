/* Places of values: searchSorted, lowerBound, upperBound, inTopK, and of what holds: nonzero,
** booleanMask. */
#include "tensor/op.h"
#include "ops/gather.gen.h"
#include "ops/search.gen.h"
#include "ops/view.gen.h"

/* ---- searchSorted ---- */

typedef struct Search {
    int rows, n, m; /* m values are looked up in n sorted ones, in each row */
    int right;      /* after equal values, not before them */
} Search;

/* How many of n sorted ones come before the value. No branch depends on what is compared. */
#define SEARCH(name, type, before)                                                                 \
    static int name(const type *sorted, int n, type value) {                                       \
        const type *from = sorted;                                                                 \
        while (n > 1) {                                                                            \
            const int half = n / 2;                                                                \
            from += from[half - 1] before value ? half : 0;                                        \
            n -= half;                                                                             \
        }                                                                                          \
        return (int)(from - sorted) + (n && *from before value);                                   \
    }
SEARCH(float_left, float, <)
SEARCH(float_right, float, <=)
SEARCH(int_left, int, <)
SEARCH(int_right, int, <=)

static void search_values(void *call, int begin, int end) {
    const Call *c = call;
    const Search *g = c->attrs;
    const Tensor *sorted = c->in[0], *values = c->in[1];
    int *y = i32(c->out[0]);
    for (int i = begin; i < end; i++) {
        const int64_t row = (int64_t)(i / g->m) * g->n;
        if (values->dtype == TN_FLOAT32)
            y[i] = (g->right ? float_right : float_left)(f32(sorted) + row, g->n, f32(values)[i]);
        else y[i] = (g->right ? int_right : int_left)(i32(sorted) + row, g->n, i32(values)[i]);
    }
}

static void searchSorted_cpu(Call *c) { parallel_for(c->out[0]->size, 2048, search_values, c); }

/* searchSorted: Where values would go into sorted rows so that these stay sorted.
**   sortedSequence : [..., n]   rising along the last axis
**   values : [..., m]           as many rows of them
**   side : Side = 'left'        before equal ones ('left') or after them ('right')
**   -> y : int32 [rows, m]      each from 0 to n
** > tf.searchSorted([[0, 3, 9], [1, 2, 2]], [[4, 0], [2, 9]])   // [[2, 0], [1, 3]]
** > tf.searchSorted([[0, 3, 9], [1, 2, 2]], [[4, 0], [2, 9]], 'right')   // [[2, 1], [3, 3]]
*/
OP(searchSorted, (Tensor * sortedSequence, Tensor *values, Side side)) {
    if (failed()) return nothing();
    if (!sortedSequence->rank || !values->rank)
        return fail(TN_SHAPE, "searchSorted: %s must be rank 1 or higher, but has rank 0",
                    values->rank ? "sortedSequence" : "values");
    const int rows = outer_size(sortedSequence, sortedSequence->rank - 1);
    if (rows != outer_size(values, values->rank - 1))
        return fail(TN_SHAPE,
                    "searchSorted: Leading dimension of 'sortedSequence' (%s) and "
                    "'values' (%s) must match",
                    shape_text(sortedSequence), shape_text(values));
    if (side > SIDE_RIGHT) return fail(TN_VALUE, "searchSorted: side %d is not known", (int)side);
    const Search g = {rows, sortedSequence->shape[sortedSequence->rank - 1],
                      values->shape[values->rank - 1], side == SIDE_RIGHT};
    DType dtype = upcast(sortedSequence->dtype, values->dtype);
    Scope *s = tn_scope_begin();
    sortedSequence = to_dtype(sortedSequence, dtype);
    values = to_dtype(values, dtype);
    Tensor *y = make(TN_INT32, 2, (int[]){rows, g.m});
    return leave(s, run(&searchSorted_op, IN(sortedSequence, values), OUT(y), &g, sizeof g));
}
IMPL(searchSorted, .cpu = searchSorted_cpu, .gl = "searchSorted", .constant = true);

/* lowerBound: searchSorted before equal values.
**   sortedSequence : [..., n]   rising along the last axis
**   values : [..., m]           as many rows of them
**   -> y : int32 [rows, m]      each from 0 to n
** > tf.lowerBound([[0, 3, 3, 9]], [[3, 10]])   // [[1, 4]]
*/
OP(lowerBound, (Tensor * sortedSequence, Tensor *values)) {
    return tn_searchSorted(sortedSequence, values, SIDE_LEFT);
}

/* upperBound: searchSorted after equal values.
**   sortedSequence : [..., n]   rising along the last axis
**   values : [..., m]           as many rows of them
**   -> y : int32 [rows, m]      each from 0 to n
** > tf.upperBound([[0, 3, 3, 9]], [[3, 10]])   // [[3, 4]]
*/
OP(upperBound, (Tensor * sortedSequence, Tensor *values)) {
    return tn_searchSorted(sortedSequence, values, SIDE_RIGHT);
}

/* ---- inTopK ---- */

typedef struct InTopK {
    int n, k;
} InTopK;

static void inTopK_cpu(Call *c) {
    const InTopK *g = c->attrs;
    const int *target = i32(c->in[1]);
    for (int i = 0; i < c->out[0]->size; i++) {
        const float *x = f32(c->in[0]) + (int64_t)i * g->n;
        const int t = target[i];
        int before = (unsigned)t < (unsigned)g->n ? 0 : g->n; /* classes that are likelier */
        for (int j = 0; j < g->n && before < g->k; j++)
            before += x[j] > x[t] || (x[j] == x[t] && j < t) || (x[t] != x[t] && x[j] == x[j]);
        u8(c->out[0])[i] = before < g->k;
    }
}

/* inTopK: Whether the target is among the k largest predictions, of equal ones the first;
** inTopKAsync with a result at once.
**   predictions : [..., classes]   of rank 2 or more
**   targets : [...]                the right classes; one that there is not is never among them
**   k : int = 1                    how many, from 1 to classes
**   -> y : bool [...]
** > tf.inTopK([[20, 10, 40, 30], [30, 50, -20, 10]], [2, 0])   // [true, false]
** > tf.inTopK([[20, 10, 40, 30], [30, 50, -20, 10]], [2, 0], 2)   // [true, true]
*/
OP(inTopK, (Tensor * predictions, Tensor *targets, int k)) {
    if (failed()) return nothing();
    const int rank = predictions->rank;
    if (rank < 2)
        return fail(TN_SHAPE,
                    "inTopK() expects the predictions to be of rank 2 or higher, "
                    "but got %d",
                    rank);
    if (targets->rank != rank - 1)
        return fail(TN_SHAPE,
                    "predictions rank should be 1 larger than targets rank, but "
                    "got predictions rank %d and targets rank %d",
                    rank, targets->rank);
    for (int i = 0; i < rank - 1; i++)
        if (predictions->shape[i] != targets->shape[i])
            return fail(TN_SHAPE,
                        "inTopK: predictions's shape should be align with the targets' "
                        "shape, except the last dimension: %s and %s",
                        shape_text(predictions), shape_text(targets));
    const InTopK g = {predictions->shape[rank - 1], k};
    if (k < 1 || k > g.n)
        return fail(TN_VALUE,
                    "'k' passed to inTopK() must be > 0 && <= the predictions "
                    "last dimension (%d), but got %d",
                    g.n, k);
    Scope *s = tn_scope_begin();
    predictions = to_float(predictions);
    targets = to_dtype(targets, TN_INT32);
    Tensor *y = make(TN_BOOL, targets->rank, targets->shape);
    return leave(s, run(&inTopK_op, IN(predictions, targets), OUT(y), &g, sizeof g));
}
IMPL(inTopK, .cpu = inTopK_cpu, .gl = "inTopK", .constant = true);

/* ---- nonzero, booleanMask ---- */

static void nonzero_cpu(Call *c) {
    const Tensor *x = c->in[0];
    int *y = i32(c->out[0]), *end = y + c->out[0]->size;
    int index[TN_MAX_RANK] = {0};
    for (int i = 0; i < x->size && y < end; i++) {
        if (u8(x)[i])
            for (int k = 0; k < x->rank; k++) *y++ = index[k];
        for (int k = x->rank - 1; k >= 0 && ++index[k] == x->shape[k]; k--) index[k] = 0;
    }
}

static int count_true(Tensor *condition) {
    const uint8_t *v = tn_data(condition);
    int n = 0;
    for (int i = 0; v && i < condition->size; i++) n += v[i] != 0;
    return n;
}

/* nonzero: Where the condition holds; whereAsync with a result at once.
**   condition : bool [...]
**   -> y : int32 [number of true elements, rank]   their indices in row-major order
** > tf.nonzero([[false, true], [true, true]])   // [[0, 1], [1, 0], [1, 1]]
*/
OP(nonzero, (Tensor * condition)) {
    if (!want_dtype("nonzero", "condition", condition, TN_BOOL)) return nothing();
    const int n = count_true(condition);
    if (failed()) return nothing();
    Tensor *y = make(TN_INT32, 2, (int[]){n, condition->rank});
    return run(&nonzero_op, IN(condition), OUT(y), NULL, 0);
}
IMPL(nonzero, .cpu = nonzero_cpu, .gl_why = "how many there are is the shape of the result",
     .constant = true);

/* booleanMask: The slices of a tensor where the mask holds; booleanMaskAsync with a result at once.
**   tensor : any [...]             of rank 1 or more
**   mask : bool [...]              of the sizes of some axes of tensor, one or more
**   axis : int = 0                 the first of these axes
**   -> y : dtype of tensor [...]   tensor with these axes replaced by one: of the slices that are
**                                  kept
** > tf.booleanMask([[1, 2], [3, 4], [5, 6]], [true, false, true])   // [[1, 2], [5, 6]]
** > tf.booleanMask([[1, 2], [3, 4]], [[true, false], [true, true]])   // [1, 3, 4]
** > tf.booleanMask([[1, 2], [3, 4]], [false, true], 1)   // [[2], [4]]
*/
OP(booleanMask, (Tensor * tensor, Tensor *mask, int axis)) {
    if (!want_dtype("booleanMask", "mask", mask, TN_BOOL)) return nothing();
    if (!mask->rank) return fail(TN_SHAPE, "mask cannot be scalar");
    axis = axis_of("booleanMask", axis, tensor->rank);
    if (failed()) return nothing();
    bool fits = axis + mask->rank <= tensor->rank;
    for (int i = 0; fits && i < mask->rank; i++) fits = tensor->shape[axis + i] == mask->shape[i];
    if (!fits)
        return fail(TN_SHAPE,
                    "mask's shape must match the first K dimensions of tensor's shape, "
                    "Shapes %s and %s must match",
                    ints_list(tensor->rank - axis < mask->rank ? tensor->rank - axis : mask->rank,
                              tensor->shape + axis, ","),
                    shape_list(mask));
    int shape[TN_MAX_RANK + 1] = {0};
    for (int i = 0; i < tensor->rank; i++)
        if (i <= axis || i >= axis + mask->rank)
            shape[++shape[0]] = i == axis ? mask->size : tensor->shape[i];
    Scope *s = tn_scope_begin();
    Tensor *at = tn_nonzero(tn_reshape(mask, INTS(mask->size)));
    if (!failed()) at = tn_reshape(at, INTS(at->size));
    return leave(s, tn_gather(tn_reshape(tensor, (const Ints *)shape), at, axis, 0));
}
