/* Slices by lists of indices: gatherND, scatterND, tensorScatterUpdate, sparseToDense. The indices
** become numbers of rows of a matrix; what is done with the rows is scatter.h. */
#include "ops/scatter.h"
#include "ops/gather.gen.h"
#include "ops/view.gen.h"
#include "ops/where.gen.h"

/* ---- rows ---- */

#define ADD(name, type, into)                                                                      \
    static void name(const Tensor *updates, const int *at, type *y, int width) {                   \
        const type *from = updates->storage->data;                                                 \
        const int n = updates->shape[0];                                                           \
        for (int i = 0; i < n; i++, from += width) {                                               \
            type *restrict to = y + (int64_t)at[i] * width;                                        \
            for (int k = 0; k < width; k++) to[k] into from[k];                                    \
        }                                                                                          \
    }
ADD(add_floats, float, +=)
ADD(add_ints, int, +=)
ADD(add_bools, uint8_t, |=)

static void addRows_cpu(Call *c) {
    const Tensor *updates = c->in[0], *y = c->out[0];
    const int *at = i32(c->in[1]), width = inner_size(updates, 0);
    memset(y->storage->data, 0, data_bytes(y));
    if (!updates->size) return;
    if (y->dtype == TN_BOOL) add_bools(updates, at, u8(y), width);
    else if (y->dtype == TN_INT32) add_ints(updates, at, i32(y), width);
    else add_floats(updates, at, f32(y), y->dtype == TN_COMPLEX64 ? 2 * width : width);
}

static void addRows_grad(Call *c, Tensor **dy, Tensor **dx) {
    if (wants(c, 0)) dx[0] = tn_gather(dy[0], c->in[1], 0, 0);
}

static const Op addRows_op = {
    .name = "addRows", .cpu = addRows_cpu, .gl = "addRows", .grad = addRows_grad, .any = true};

Tensor *add_rows(Tensor *updates, Tensor *at, int rows) {
    if (failed()) return nothing();
    if (updates->dtype == TN_STRING)
        return fail(TN_DTYPE, "addRows: string tensors cannot be added");
    int shape[TN_MAX_RANK];
    memcpy(shape, updates->shape, sizeof shape);
    shape[0] = rows;
    Tensor *y = make(updates->dtype, updates->rank, shape);
    return run(&addRows_op, IN(updates, at), OUT(y), NULL, 0);
}

static void setRows_cpu(Call *c) {
    const Tensor *x = c->in[0], *updates = c->in[2];
    const int *at = i32(c->in[1]);
    const size_t bytes = (size_t)dtype_bytes(x->dtype),
                 row = (size_t)inner_size(updates, 0) * bytes;
    char *y = c->out[0]->storage->data;
    const char *from = updates->storage->data;
    memcpy(y, x->storage->data, (size_t)x->size * bytes);
    if (!updates->size) return;
    if (row == 4) {
        for (int i = 0; i < updates->shape[0]; i++)
            ((uint32_t *)y)[at[i]] = ((const uint32_t *)from)[i];
        return;
    }
    for (int i = 0; i < updates->shape[0]; i++)
        memcpy(y + at[i] * (int64_t)row, from + i * row, row);
}

/* Which updates are the last at their row. */
static void lastRows_cpu(Call *c) {
    const int rows = *(const int *)c->attrs, n = c->in[0]->size, *at = i32(c->in[0]);
    int *last = scratch((size_t)rows * sizeof(int));
    if (!last) return;
    for (int i = 0; i < n; i++) last[at[i]] = i;
    for (int i = 0; i < n; i++) u8(c->out[0])[i] = last[at[i]] == i;
    scratch_free(last, (size_t)rows * sizeof(int));
}
static const Op lastRows_op = {.name = "lastRows",
                               .cpu = lastRows_cpu,
                               .gl_why = "of equal indices the last one counts, in their order",
                               .constant = true};

static void setRows_grad(Call *c, Tensor **dy, Tensor **dx) {
    Tensor *x = c->in[0], *at = c->in[1], *updates = c->in[2];
    if (wants(c, 0)) dx[0] = set_rows(dy[0], at, tn_zerosLike(updates));
    if (!wants(c, 2)) return;
    const int rows = x->shape[0];
    Tensor *last = run(&lastRows_op, IN(at), OUT(make(TN_BOOL, 1, at->shape)), &rows, sizeof rows);
    int shape[TN_MAX_RANK + 1] = {updates->rank, at->shape[0]};
    for (int i = 1; i < updates->rank; i++) shape[1 + i] = 1;
    last = tn_reshape(last, (const Ints *)shape);
    dx[2] = tn_where(last, tn_gather(dy[0], at, 0, 0), tn_scalar(0));
}

static const Op setRows_op = {
    .name = "setRows", .cpu = setRows_cpu, .gl = "setRows", .grad = setRows_grad, .any = true};

Tensor *set_rows(Tensor *x, Tensor *at, Tensor *updates) {
    return run(&setRows_op, IN(x, at, updates), OUT(make_like(x)), NULL, 0);
}

/* ---- indices ---- */

/* Indices [..., depth] into the leading axes of a shape. */
typedef struct Places {
    int n, depth;    /* so many places, of so many indices each */
    int rows, width; /* products of the sizes that are indexed, and of the others */
    const int *shape;
} Places;

static Places places_of(int n, int depth, int rank, const int *shape) {
    Places p = {n, depth, 1, 1, shape};
    for (int k = 0; k < rank; k++) *(k < depth ? &p.rows : &p.width) *= shape[k];
    return p;
}

/* The rows of places of `depth` indices; the first place outside of the shape, or n. */
static inline int name_rows(const Places *p, int depth, const int *restrict index,
                            int *restrict at) {
    for (int i = 0; i < p->n; i++, index += depth) {
        int row = 0;
        bool in = true;
        for (int k = 0; k < depth; k++) {
            in &= (unsigned)index[k] < (unsigned)p->shape[k];
            row = row * p->shape[k] + index[k];
        }
        if (!in) return i;
        at[i] = row;
    }
    return p->n;
}

/* The error of a place that is outside. */
static Tensor *outside(const char *op, const Places *p, int place, const int *index) {
    int k = 0;
    while ((unsigned)index[k] < (unsigned)p->shape[k]) k++;
    return fail(TN_INDEX,
                "%s: Invalid indices: index %d of place %d is %d, which does not index "
                "into size %d of %s",
                op, k, place, index[k], p->shape[k], ints_text(p->depth, p->shape));
}

/* The row that each place names, int32 [n]; an error where one is outside of the shape. */
static Tensor *rows_of(const char *op, Tensor *indices, const Places *p) {
    const int *index = failed() ? NULL : read_ints(indices);
    Tensor *at = index ? tn_tensor(TN_INT32, INTS(p->n), NULL) : NULL;
    if (failed()) return nothing();
    const int first = p->depth == 1   ? name_rows(p, 1, index, i32(at))
                      : p->depth == 2 ? name_rows(p, 2, index, i32(at))
                                      : name_rows(p, p->depth, index, i32(at));
    if (first < p->n) return outside(op, p, first, index + (int64_t)first * p->depth);
    return at;
}

static bool whole_shape(const char *op, const Ints *shape, DType dtype) {
    if (failed()) return false;
    checked_size(op, shape->n, shape->v, dtype);
    return !failed();
}

/* ---- gatherND ---- */

/* gatherND: Elements or slices of x, each named by a list of indices.
**   x : any [...]                  of rank 1 or more
**   indices : int32 [..., depth]   the last axis indexes the first depth axes of x
**   -> y : dtype of x [...]        indices' shape but for its last axis, and the sizes of x from
**                                  axis depth on
** > tf.gatherND([[1, 2], [3, 4]], [[1, 0], [0, 1]])   // [3, 2]
** > tf.gatherND([[1, 2], [3, 4]], [[1], [1], [0]])   // [[3, 4], [3, 4], [1, 2]]
*/
OP(gatherND, (Tensor * x, Tensor *indices)) {
    if (!want_dtype("gatherND", "indices", indices, TN_INT32)) return nothing();
    if (!x->rank || !indices->rank)
        return fail(TN_SHAPE,
                    "gatherND: tf.gatherND() expects %s to be rank 1 or higher, but the "
                    "rank was 0",
                    x->rank ? "the indices" : "the input");
    const int lead = indices->rank - 1, depth = indices->shape[lead];
    if (depth > x->rank)
        return fail(TN_SHAPE,
                    "gatherND: index innermost dimension length must be <= tensor rank; "
                    "saw: %d vs. %d",
                    depth, x->rank);
    int shape[2 * TN_MAX_RANK + 1] = {lead + x->rank - depth};
    if (shape[0] > TN_MAX_RANK)
        return fail(TN_SHAPE, "gatherND: the result has rank %d, above %d", shape[0], TN_MAX_RANK);
    memcpy(shape + 1, indices->shape, sizeof(int) * (size_t)lead);
    memcpy(shape + 1 + lead, x->shape + depth, sizeof(int) * (size_t)(x->rank - depth));
    const Places p = places_of(outer_size(indices, lead), depth, x->rank, x->shape);
    Scope *s = tn_scope_begin();
    Tensor *at = rows_of("gatherND", indices, &p);
    Tensor *y = tn_gather(tn_reshape(x, INTS(p.rows, p.width)), at, 0, 0);
    return leave(s, tn_reshape(y, (const Ints *)shape));
}

/* ---- scatterND, tensorScatterUpdate ---- */

/* True if updates have the shape that indices into `shape` ask for; else false, the error set. */
static bool updates_fit(const char *op, const Tensor *indices, const Tensor *updates, int rank,
                        const int *shape, Places *p) {
    if (!indices->rank || !updates->rank || !rank) {
        fail(TN_SHAPE, "%s: %s must be rank 1 or higher, but the rank was 0", op,
             !rank           ? "the output"
             : indices->rank ? "updates"
                             : "indices");
        return false;
    }
    const int depth = indices->rank > 1 ? indices->shape[indices->rank - 1] : 1;
    const int lead = indices->rank > 1 ? indices->rank - 1 : 1;
    bool fits = depth <= rank && updates->rank == lead + rank - depth;
    for (int i = 0; fits && i < updates->rank; i++)
        fits = updates->shape[i] == (i < lead ? indices->shape[i] : shape[i - lead + depth]);
    if (!fits)
        fail(TN_SHAPE,
             "%s: Must have updates.shape = indices.shape[:%d] + shape[%d:], got "
             "updates.shape: %s, indices.shape: %s, shape: %s",
             op, lead, depth, shape_text(updates), shape_text(indices), ints_text(rank, shape));
    else *p = places_of(outer_size(indices, lead), depth, rank, shape);
    return fits;
}

/* scatterND: Zeros to which updates are added at places given by indices.
**   indices : int32 [..., depth] | [n]   the latter of depth 1: each names an element or a slice
**   updates : [...]                      not string: [..., and the sizes of shape from depth on]
**   shape : shape                        sizes of the result, 1 axis or more
**   -> y : dtype of updates [...shape]   updates at the same place are summed
** > tf.scatterND([[1], [3], [1]], [5, 6, 7], [4])   // [0, 12, 0, 6]
** > tf.scatterND([[1], [0]], [[1, 2], [3, 4]], [3, 2])   // [[3, 4], [1, 2], [0, 0]]
*/
OP(scatterND, (Tensor * indices, Tensor *updates, const Ints *shape)) {
    if (!want_dtype("scatterND", "indices", indices, TN_INT32)) return nothing();
    if (updates->dtype == TN_STRING)
        return fail(TN_DTYPE, "scatterND: updates must be numeric, but are string");
    if (!whole_shape("scatterND", shape, updates->dtype)) return nothing();
    Places p;
    if (!updates_fit("scatterND", indices, updates, shape->n, shape->v, &p)) return nothing();
    Scope *s = tn_scope_begin();
    Tensor *at = rows_of("scatterND", indices, &p);
    updates = tn_reshape(updates, INTS(p.n, p.width));
    return leave(s, tn_reshape(add_rows(updates, at, p.rows), shape));
}

/* tensorScatterUpdate: A tensor with updates put at places given by indices.
**   tensor : [...]                       of rank 1 or more
**   indices : int32 [..., depth] | [n]   the latter of depth 1: each names an element or a slice
**   updates : [...]                      of the dtype of tensor: [..., and its sizes from axis
**                                        depth on]
**   -> y : like tensor                   of updates at the same place the last stays
** > tf.tensorScatterUpdate([1, 2, 3, 4], [[1], [3], [1]], [5, 6, 7])   // [1, 7, 3, 6]
** > tf.tensorScatterUpdate([[1, 2], [3, 4]], [[1]], [[8, 9]])   // [[1, 2], [8, 9]]
*/
OP(tensorScatterUpdate, (Tensor * tensor, Tensor *indices, Tensor *updates)) {
    const char *op = "tensorScatterUpdate";
    if (!want_dtype(op, "indices", indices, TN_INT32)) return nothing();
    Places p;
    if (!updates_fit(op, indices, updates, tensor->rank, tensor->shape, &p)) return nothing();
    if (tensor->dtype != updates->dtype)
        return fail(TN_DTYPE,
                    "%s: tensor and updates must have the same dtype, instead they are "
                    "%s and %s",
                    op, dtype_name(tensor->dtype), dtype_name(updates->dtype));
    int shape[TN_MAX_RANK + 1] = {tensor->rank};
    memcpy(shape + 1, tensor->shape, sizeof(int) * (size_t)tensor->rank);
    Scope *s = tn_scope_begin();
    Tensor *at = rows_of(op, indices, &p);
    Tensor *y = set_rows(tn_reshape(tensor, INTS(p.rows, p.width)), at,
                         tn_reshape(updates, INTS(p.n, p.width)));
    return leave(s, tn_reshape(y, (const Ints *)shape));
}

/* ---- sparseToDense ---- */

/* sparseToDense: A tensor of one value but for the elements that indices name.
**   sparseIndices : int32 [] | [n] | [n, rank]      the places; rank is that of the result
**   sparseValues : any [] | [n]                     the values at these places: one for all, or
**                                                   one for each
**   outputShape : shape                             sizes of the result
**   defaultValue : dtype of sparseValues [...] = null   one value for the other elements, 0 or ''
**      if not given
**   -> y : dtype of sparseValues [...outputShape]
** > tf.sparseToDense([[0, 1], [1, 0]], [5, 6], [2, 2], 1.5)   // [[1.5, 5], [6, 1.5]]
** > tf.sparseToDense([1, 3], 2.5, [4])   // [0, 2.5, 0, 2.5]
*/
OP(sparseToDense,
   (Tensor * sparseIndices, Tensor *sparseValues, const Ints *outputShape, Tensor *defaultValue)) {
    const char *op = "sparseToDense";
    if (!want_dtype(op, "sparseIndices", sparseIndices, TN_INT32)) return nothing();
    if (!whole_shape(op, outputShape, sparseValues->dtype)) return nothing();
    const int rank = sparseIndices->rank;
    if (rank > 2)
        return fail(TN_SHAPE,
                    "%s: sparseIndices should be a scalar, vector, or matrix, but got "
                    "shape %s",
                    op, shape_text(sparseIndices));
    const int n = rank > 0 ? sparseIndices->shape[0] : 1;
    const int depth = rank > 1 ? sparseIndices->shape[1] : 1;
    if (outputShape->n != depth)
        return fail(TN_SHAPE, "%s: outputShape has incorrect number of elements: %d, should be: %d",
                    op, outputShape->n, depth);
    if (sparseValues->rank > 1 || (sparseValues->rank && sparseValues->size != n))
        return fail(TN_SHAPE, "%s: sparseValues has incorrect shape %s, should be [] or [%d]", op,
                    shape_text(sparseValues), n);
    if (defaultValue && defaultValue->dtype != sparseValues->dtype)
        return fail(TN_DTYPE, "%s: sparseValues.dtype (%s) must match defaultValue.dtype (%s)", op,
                    dtype_name(sparseValues->dtype), dtype_name(defaultValue->dtype));
    if (defaultValue && defaultValue->size != 1)
        return fail(TN_SHAPE, "%s: defaultValue must be one value, but has shape %s", op,
                    shape_text(defaultValue));
    const Places p = places_of(n, depth, depth, outputShape->v);
    Scope *s = tn_scope_begin();
    Tensor *at = rows_of(op, sparseIndices, &p);
    Tensor *rest =
        defaultValue ? tn_reshape(defaultValue, INTS(1)) : tn_fill(INTS(1), 0, sparseValues->dtype);
    Tensor *y =
        set_rows(tn_broadcastTo(rest, INTS(p.rows)), at, tn_broadcastTo(sparseValues, INTS(n)));
    return leave(s, tn_reshape(y, outputShape));
}
