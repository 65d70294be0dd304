/* Elements chosen by index: gather, oneHot. */
#include "ops/gather.h"

enum { GRAIN = 16384 }; /* elements of a parallel piece */

typedef struct Job {
    const Gather *g;
    const char *x;
    const int *index;
    char *y;
    int bytes; /* of an element */
} Job;

/* ---- gather ---- */

/* Single elements of four bytes, the commonest table look-up. */
static void pick_words(int n, const int *restrict index, const void *from, void *to) {
    const uint32_t *restrict x = from;
    uint32_t *restrict y = to;
    for (int i = 0; i < n; i++) y[i] = x[index[i]];
}

/* Lines are [batch, outer]; each is `count` runs of `inner` elements. */
static void gather_lines(void *job, int begin, int end) {
    const Job *j = job;
    const Gather *g = j->g;
    const size_t run = (size_t)g->inner * (size_t)j->bytes;
    for (int line = begin; line < end; line++) {
        const int *restrict index = j->index + (int64_t)(line / g->outer) * g->count;
        const char *x = j->x + (int64_t)line * g->dim * (int64_t)run;
        char *y = j->y + (int64_t)line * g->count * (int64_t)run;
        if (run == sizeof(uint32_t)) pick_words(g->count, index, x, y);
        else
            for (int i = 0; i < g->count; i++)
                memcpy(y + i * (int64_t)run, x + index[i] * (int64_t)run, run);
    }
}

/* One line: pieces of its runs. */
static void gather_runs(void *job, int begin, int end) {
    const Job *j = job;
    const size_t run = (size_t)j->g->inner * (size_t)j->bytes;
    for (int i = begin; i < end; i++)
        memcpy(j->y + i * (int64_t)run, j->x + j->index[i] * (int64_t)run, run);
}

static void gather_elements(void *job, int begin, int end) {
    const Job *j = job;
    pick_words(end - begin, j->index + begin, j->x, (uint32_t *)j->y + begin);
}

static void gather_cpu(Call *c) {
    const Gather *g = c->attrs;
    Job j = {g, c->in[0]->storage->data, i32(c->in[1]), c->out[0]->storage->data,
             dtype_bytes(c->in[0]->dtype)};
    const int lines = g->batch * g->outer;
    if (lines > 1) parallel_for(lines, GRAIN / (g->count * g->inner) + 1, gather_lines, &j);
    else if (g->inner == 1 && j.bytes == 4) parallel_for(g->count, GRAIN, gather_elements, &j);
    else parallel_for(g->count, GRAIN / g->inner + 1, gather_runs, &j);
}

static void add_lines(void *job, int begin, int end) {
    const Job *j = job;
    const Gather *g = j->g;
    for (int line = begin; line < end; line++) {
        const int *index = j->index + (int64_t)(line / g->outer) * g->count;
        for (int i = 0; i < g->count; i++) {
            const float *restrict from =
                (const float *)j->x + ((int64_t)line * g->count + i) * g->inner;
            float *restrict to = (float *)j->y + ((int64_t)line * g->dim + index[i]) * g->inner;
            for (int k = 0; k < g->inner; k++) to[k] += from[k];
        }
    }
}

static void scatter_add_cpu(Call *c) {
    const Gather *g = c->attrs;
    Job j = {g, c->in[0]->storage->data, i32(c->in[1]), c->out[0]->storage->data, 4};
    memset(j.y, 0, (size_t)c->out[0]->size * sizeof(float));
    if (!c->in[0]->size) return;
    parallel_for(g->batch * g->outer, GRAIN / (g->count * g->inner) + 1, add_lines, &j);
}

extern const Op gather_op;

static void scatter_add_grad(Call *c, Tensor **dy, Tensor **dx) {
    dx[0] =
        run(&gather_op, IN(dy[0], c->in[1]), OUT(make_like(c->in[0])), c->attrs, sizeof(Gather));
}

static const Op scatter_add_op = {
    .name = "scatterAdd", .cpu = scatter_add_cpu, .gl = "scatterAdd", .grad = scatter_add_grad};

Tensor *scatter_add(Tensor *dy, Tensor *indices, const Tensor *x, const Gather *g) {
    return run(&scatter_add_op, IN(dy, indices), OUT(make_like(x)), g, sizeof *g);
}

static void gather_grad(Call *c, Tensor **dy, Tensor **dx) {
    if (wants(c, 0)) dx[0] = scatter_add(dy[0], c->in[1], c->in[0], c->attrs);
}

/* Axis and batchDims are brought to 0..rank. False with the error set. */
static bool gather_axes(const Tensor *x, const Tensor *indices, int *axis, int *batch) {
    *axis = axis_of("gather", *axis, x->rank);
    if (failed()) return false;
    if (*batch < -indices->rank || *batch > indices->rank) {
        fail(TN_VALUE, "gather: Expect batchDims in the range of [-%d, %d], but got %d",
             indices->rank, indices->rank, *batch);
        return false;
    }
    if (*batch < 0) *batch += indices->rank;
    if (*batch > *axis)
        fail(TN_VALUE, "gather: batchDims (%d) must be less than or equal to axis (%d)", *batch,
             *axis);
    for (int i = 0; i < *batch && !failed(); i++)
        if (x->shape[i] != indices->shape[i])
            fail(TN_SHAPE, "gather: x.shape[%d]: %d should be equal to indices.shape[%d]: %d", i,
                 x->shape[i], i, indices->shape[i]);
    return !failed();
}

/* The result's shape; its rank, or -1 with the error set. */
static int gather_shape(const Tensor *x, const Tensor *indices, int axis, int batch, int *shape) {
    const int rank = x->rank - 1 + indices->rank - batch;
    if (rank > TN_MAX_RANK) {
        fail(TN_SHAPE, "gather: the result has rank %d, above %d", rank, TN_MAX_RANK);
        return -1;
    }
    int n = 0;
    for (int i = 0; i < axis; i++) shape[n++] = x->shape[i];
    for (int i = batch; i < indices->rank; i++) shape[n++] = indices->shape[i];
    for (int i = axis + 1; i < x->rank; i++) shape[n++] = x->shape[i];
    return rank;
}

static bool indices_fit(Tensor *indices, int dim) {
    const int *index = read_ints(indices);
    if (!index) return false;
    unsigned bad = 0;
    for (int i = 0; i < indices->size; i++) bad |= (unsigned)index[i] >= (unsigned)dim;
    for (int i = 0; bad; i++) {
        if ((unsigned)index[i] < (unsigned)dim) continue;
        fail(TN_INDEX, "gather: indices[%d]: GatherV2: the index value %d is not in [0, %d]", i,
             index[i], dim - 1);
        return false;
    }
    return true;
}

/* gather: Chooses slices along an axis by their indices.
**   x : any [...]                         of rank 1 or more
**   indices : int32 [...]                 each from 0 to the size of the axis less 1
**   axis : int = 0                        along which; negative counts from the end
**   batchDims : int = 0                   so many leading axes are common to x and indices
**   -> y : dtype of x usually rank of x   x's shape with the axis replaced by the (other) axes of
**                                         indices
** > tf.gather([1, 2, 3, 4], [3, 0, 0])   // [4, 1, 1]
** > tf.gather([[1, 2], [3, 4]], [[1, 0], [0, 0]], 1)   // [[[2, 1], [1, 1]], [[4, 3], [3, 3]]]
** > tf.gather([[1, 2], [3, 4]], [[1, 1], [0, 1]], 1, 1)   // [[2, 2], [3, 4]]
*/
OP(gather, (Tensor * x, Tensor *indices, int axis, int batchDims)) {
    if (!want_dtype("gather", "indices", indices, TN_INT32)) return nothing();
    if (!gather_axes(x, indices, &axis, &batchDims)) return nothing();
    int shape[2 * TN_MAX_RANK];
    const int rank = gather_shape(x, indices, axis, batchDims, shape);
    if (failed()) return nothing();
    Gather g = {.batch = outer_size(x, batchDims),
                .outer = 1,
                .dim = x->shape[axis],
                .count = 1,
                .inner = inner_size(x, axis)};
    for (int i = batchDims; i < axis; i++) g.outer *= x->shape[i];
    for (int i = batchDims; i < indices->rank; i++) g.count *= indices->shape[i];
    if (!indices_fit(indices, g.dim)) return nothing();
    return run(&gather_op, IN(x, indices), OUT(make(x->dtype, rank, shape)), &g, sizeof g);
}
IMPL(gather, .cpu = gather_cpu, .gl = "gather", .grad = gather_grad, .any = true);

/* ---- oneHot ---- */

typedef struct OneHot {
    int depth;
    Constant on, off;
} OneHot;

#define SPREAD(name, type, read)                                                                   \
    static void name(const OneHot *o, const Tensor *indices, type *restrict y, int n) {            \
        const type on = (type)(o->on.read), off = (type)(o->off.read);                             \
        for (int i = 0; i < n; i++) y[i] = off;                                                    \
        for (int i = 0; i < indices->size; i++, y += o->depth) {                                   \
            const int at = i32(indices)[i];                                                        \
            if (at >= 0 && at < o->depth) y[at] = on;                                              \
        }                                                                                          \
    }
SPREAD(spread_floats, float, real)
SPREAD(spread_ints, int, whole)
SPREAD(spread_bools, uint8_t, real != 0)

static void oneHot_cpu(Call *c) {
    const OneHot *o = c->attrs;
    const Tensor *y = c->out[0];
    if (y->dtype == TN_FLOAT32) spread_floats(o, c->in[0], f32(y), y->size);
    else if (y->dtype == TN_INT32) spread_ints(o, c->in[0], i32(y), y->size);
    else spread_bools(o, c->in[0], u8(y), y->size);
}

/* oneHot: Numbers of classes as rows with one value `on`.
**   indices : int32 [...]     a row is all off for one that is not in 0..depth-1
**   depth : int               number of classes, 2 or more
**   onValue : float = 1       the value at the class
**   offValue : float = 0      the value elsewhere
**   dtype : dtype = 'int32'   of the result
**   -> y : dtype [...]        indices' shape and a last axis of depth
** > tf.oneHot([1, 0, 3], 3)   // [[0, 1, 0], [1, 0, 0], [0, 0, 0]]
** > tf.oneHot(1, 2, 0.5, -1, 'float32')   // [-1, 0.5]
*/
OP(oneHot, (Tensor * indices, int depth, double onValue, double offValue, DType dtype)) {
    if (!want_dtype("oneHot", "indices", indices, TN_INT32)) return nothing();
    if (depth < 2) return fail(TN_VALUE, "oneHot: depth must be >=2, but it is %d", depth);
    if (!want_known_dtype("oneHot", dtype)) return nothing();
    if (indices->rank == TN_MAX_RANK)
        return fail(TN_SHAPE, "oneHot: indices already has rank %d", TN_MAX_RANK);
    if (dtype == TN_INT32 && !(fits_int32(onValue) && fits_int32(offValue)))
        return fail(TN_VALUE, "oneHot: onValue %.10g or offValue %.10g does not fit int32", onValue,
                    offValue);
    int shape[TN_MAX_RANK];
    memcpy(shape, indices->shape, sizeof shape);
    shape[indices->rank] = depth;
    const OneHot o = {depth, constant_of(onValue), constant_of(offValue)};
    Tensor *y = make(dtype, indices->rank + 1, shape);
    return run(&oneHot_op, IN(indices), OUT(y), &o, sizeof o);
}
/* The shader's bools are its floats as they come. */
static bool not_bool(const Call *c) { return c->out[0]->dtype != TN_BOOL; }
IMPL(oneHot, .cpu = oneHot_cpu, .gl = "oneHot", .gl_takes = not_bool, .constant = true);
