/* Sums of rows by the segment they belong to: unsortedSegmentSum, sparse.sparseSegmentSum and
** sparseSegmentMean. */
#include "ops/scatter.h"
#include "ops/binary.gen.h"
#include "ops/gather.gen.h"
#include "ops/slice.gen.h"
#include "ops/view.gen.h"

/* ---- unsortedSegmentSum ---- */

/* The segment of each id; `segments` itself, one past them, for a negative id. */
static Tensor *segments_of(Tensor *ids, int segments) {
    const int *id = failed() ? NULL : read_ints(ids);
    Tensor *at = id ? tn_tensor(TN_INT32, INTS(ids->size), id) : NULL;
    if (failed()) return nothing();
    for (int i = 0; i < ids->size; i++) {
        if (id[i] >= segments)
            return fail(TN_INDEX,
                        "unsortedSegmentSum: segmentIds[%d] is %d, which is not below "
                        "numSegments, %d",
                        i, id[i], segments);
        if (id[i] < 0) i32(at)[i] = segments;
    }
    return at;
}

/* unsortedSegmentSum: Sums of the slices of x that have the same segment id.
**   x : [...]                             not string, of any shape whose first axes are those of
**                                         segmentIds
**   segmentIds : int32 [...]              below numSegments; slices with a negative one are left
**                                         out
**   numSegments : int                     number of sums
**   -> y : dtype of x usually rank of x   [numSegments, and the other axes of x]
** > tf.unsortedSegmentSum([1, 2, 3, 4], [1, 0, -1, 1], 3)   // [2, 5, 0]
** > tf.unsortedSegmentSum([[1, 2], [3, 4], [5, 6]], [1, 0, 1], 2)   // [[3, 4], [6, 8]]
*/
OP(unsortedSegmentSum, (Tensor * x, Tensor *segmentIds, int numSegments)) {
    const char *op = "unsortedSegmentSum";
    if (!want_dtype(op, "segmentIds", segmentIds, TN_INT32)) return nothing();
    const int lead = segmentIds->rank;
    bool fits = lead <= x->rank;
    for (int i = 0; fits && i < lead; i++) fits = x->shape[i] == segmentIds->shape[i];
    if (!fits)
        return fail(TN_SHAPE, "%s: x has shape %s, which does not begin with %s of segmentIds", op,
                    shape_text(x), shape_text(segmentIds));
    if (numSegments < 0 || numSegments == INT32_MAX)
        return fail(TN_VALUE, "%s: numSegments must be 0 or more and below 2^31 - 1, but is %d", op,
                    numSegments);
    if (!lead && x->rank == TN_MAX_RANK)
        return fail(TN_SHAPE, "%s: x already has rank %d", op, TN_MAX_RANK);
    int shape[TN_MAX_RANK + 1] = {x->rank - lead + 1, numSegments}, width = 1;
    for (int i = lead; i < x->rank; i++) width *= shape[2 + i - lead] = x->shape[i];
    Scope *s = tn_scope_begin();
    if (x->dtype == TN_BOOL) x = to_dtype(x, TN_INT32);
    Tensor *at = segments_of(segmentIds, numSegments);
    Tensor *sums = add_rows(tn_reshape(x, INTS(segmentIds->size, width)), at, numSegments + 1);
    sums = tn_slice(sums, INTS(0, 0), INTS(numSegments, width));
    return leave(s, tn_reshape(sums, (const Ints *)shape));
}

/* ---- sparse segments ---- */

/* One more than the last segment id, once all are in order and all indices in data; -1 with the
** error set. */
static int sparse_segments(const char *op, Tensor *data, Tensor *indices, Tensor *ids) {
    const int n = indices->size, rows = data->shape[0];
    const int *index = read_ints(indices), *id = read_ints(ids);
    if (failed()) return -1;
    const int64_t segments = n ? (int64_t)id[n - 1] + 1 : 0;
    if (segments < 0 || (n && !segments)) fail(TN_INDEX, "segment ids must be >= 0");
    for (int i = 0; i < n && !failed(); i++) {
        if (i && id[i] < id[i - 1] && (id[i] < 0 || id[i - 1] < segments))
            fail(TN_INDEX, "segment ids are not increasing");
        else if (id[i] < 0 || id[i] >= segments)
            fail(TN_INDEX,
                 "Segment id %d out of range [0, %d), possibly because segmentIds input "
                 "is not sorted.",
                 id[i], (int)segments);
        else if ((unsigned)index[i] >= (unsigned)rows)
            fail(TN_INDEX, "%s: Bad: indices[%d] == %d out of range [0, %d)", op, i, index[i],
                 rows);
    }
    if (segments > INT32_MAX) fail(TN_INDEX, "%s: segment id %d is too large", op, id[n - 1]);
    return failed() ? -1 : (int)segments;
}

static bool sparse_fits(const char *op, const Tensor *data, const Tensor *indices,
                        const Tensor *ids) {
    if (!want_dtype(op, "indices", indices, TN_INT32) ||
        !want_dtype(op, "segmentIds", ids, TN_INT32))
        return false;
    if (!data->rank)
        fail(TN_SHAPE, "%s: Data should be at least 1 dimensional but received scalar", op);
    else if (indices->rank != 1)
        fail(TN_SHAPE, "%s: Indices should be Tensor1D but received shape %s", op,
             shape_text(indices));
    else if (ids->rank != 1)
        fail(TN_SHAPE, "%s: Segment ids should be Tensor1D but received shape %s", op,
             shape_text(ids));
    else if (ids->size != indices->size)
        fail(TN_SHAPE, "%s: segmentIds and indices should have same size, but have %d and %d", op,
             ids->size, indices->size);
    return !failed();
}

/* Slices in each segment, at least 1: [segments, 1, ...] of data's rank, float32. */
static Tensor *counts_of(const Tensor *data, Tensor *ids, int segments) {
    if (failed()) return nothing();
    int shape[TN_MAX_RANK + 1] = {data->rank, segments};
    for (int i = 1; i < data->rank; i++) shape[1 + i] = 1;
    Tensor *counts = add_rows(tn_ones(INTS(ids->size), TN_FLOAT32), ids, segments);
    return tn_reshape(tn_maximum(counts, tn_scalar(1)), (const Ints *)shape);
}

static void add_floats(float *restrict to, const float *restrict from, int n) {
    for (int k = 0; k < n; k++) to[k] += from[k];
}

/* Row i of data that indices name is added to row ids[i]. */
static void addChosen_cpu(Call *c) {
    const Tensor *data = c->in[0], *y = c->out[0];
    const int *index = i32(c->in[1]), *id = i32(c->in[2]), width = inner_size(data, 0);
    memset(y->storage->data, 0, (size_t)y->size * sizeof(float));
    for (int i = 0; i < c->in[1]->size; i++) {
        const int64_t to = (int64_t)id[i] * width, from = (int64_t)index[i] * width;
        if (y->dtype == TN_INT32)
            for (int k = 0; k < width; k++) i32(y)[to + k] += i32(data)[from + k];
        else add_floats(f32(y) + to, f32(data) + from, width);
    }
}

static void addChosen_grad(Call *c, Tensor **dy, Tensor **dx) {
    if (wants(c, 0))
        dx[0] = add_rows(tn_gather(dy[0], c->in[2], 0, 0), c->in[1], c->in[0]->shape[0]);
}

static const Op addChosen_op = {
    .name = "addChosen", .cpu = addChosen_cpu, .gl = "addChosen", .grad = addChosen_grad};

static Tensor *sparse_segment(const char *op, Tensor *data, Tensor *indices, Tensor *ids,
                              bool mean) {
    if (!sparse_fits(op, data, indices, ids)) return nothing();
    const int segments = sparse_segments(op, data, indices, ids);
    if (segments < 0) return nothing();
    Scope *s = tn_scope_begin();
    if (data->dtype == TN_BOOL) data = to_dtype(data, TN_INT32);
    int shape[TN_MAX_RANK];
    memcpy(shape, data->shape, sizeof shape);
    shape[0] = segments;
    Tensor *y = make(data->dtype, data->rank, shape);
    y = run(&addChosen_op, IN(data, indices, ids), OUT(y), NULL, 0);
    if (!mean) return leave(s, y);
    Tensor *counts = counts_of(data, ids, segments);
    return leave(s, to_dtype(tn_div(to_float(y), counts), data->dtype));
}

/* sparse.sparseSegmentSum: Sums of slices of data, which indices choose and segment ids group.
**   data : [...]                 of rank 1 or more
**   indices : int32 [n]          numbers of slices along axis 0
**   segmentIds : int32 [n]       from 0 up in rising order: the sum that each slice goes into
**   -> y : dtype of data [...]   one more slice than the last id says; 0 where there is none
** > tf.sparse.sparseSegmentSum([[1, 2], [3, 4], [5, 6]], [0, 2, 1], [0, 0, 2])
**     // [[6, 8], [0, 0], [3, 4]]
*/
OP(sparseSegmentSum, (Tensor * data, Tensor *indices, Tensor *segmentIds)) {
    return sparse_segment("sparseSegmentSum", data, indices, segmentIds, false);
}

/* sparse.sparseSegmentMean: Means of slices of data, which indices choose and segment ids group.
**   data : [...]                 of rank 1 or more; means of int32 are cut towards 0
**   indices : int32 [n]          numbers of slices along axis 0
**   segmentIds : int32 [n]       from 0 up in rising order: the mean that each slice goes into
**   -> y : dtype of data [...]   one more slice than the last id says; 0 where there is none
** > tf.sparse.sparseSegmentMean([[1, 2], [3, 4], [5, 6]], [0, 2, 1], [0, 0, 2])
**     // [[3, 4], [0, 0], [3, 4]]
*/
OP(sparseSegmentMean, (Tensor * data, Tensor *indices, Tensor *segmentIds)) {
    return sparse_segment("sparseSegmentMean", data, indices, segmentIds, true);
}
