/* Rows of arithmetic, reductions, creation that say more than one op. */
#include "graph_model/rows.h"
#include "ops/binary.gen.h"
#include "ops/create.gen.h"
#include "ops/fft.gen.h"
#include "ops/gather.gen.h"
#include "ops/pad.gen.h"
#include "ops/random.gen.h"
#include "ops/slice.gen.h"
#include "ops/sort.gen.h"
#include "ops/transpose.gen.h"
#include "ops/view.gen.h"
#include "ops/where.gen.h"

/* b [channels] as it is added to x. */
static Tensor *along_channels(NodeContext *c, Tensor *x, Tensor *b) {
    if (failed() || node_format(c) == FORMAT_NHWC || b->rank != 1 || x->rank < 3) return b;
    int shape[TN_MAX_RANK + 1] = {x->rank - 1, b->shape[0]};
    for (int i = 2; i < x->rank; i++) shape[i] = 1;
    return tn_reshape(b, (const Ints *)shape);
}

Tensor *row_bias(NodeContext *c) {
    return tn_add(arg(c, 0), along_channels(c, arg(c, 0), arg(c, 1)));
}

/* A condition of rank 1 chooses whole rows. */
Tensor *row_select(NodeContext *c) {
    Tensor *condition = arg(c, 0), *a = arg(c, 1), *b = arg(c, 2);
    if (failed()) return nothing();
    if (condition->dtype != TN_BOOL) condition = tn_cast(condition, TN_BOOL);
    if (!strcmp(c->node->op, "Select") && condition->rank == 1 && a->rank > 1) {
        int shape[TN_MAX_RANK + 1] = {a->rank, condition->size};
        for (int i = 2; i <= a->rank; i++) shape[i] = 1;
        condition = tn_reshape(condition, (const Ints *)shape);
    }
    return tn_where(condition, a, b);
}

/* No axes: nothing is reduced. */
Tensor *row_reduce(NodeContext *c, Reduction f) {
    const Ints *axes = arg_ints(c, 1);
    if (!axes->n) return arg(c, 0);
    return f(arg(c, 0), axes, attr_bool(c, "keep_dims", false));
}

void row_top(NodeContext *c) {
    Tensor *indices = NULL;
    out(c, 0, tn_topk(arg(c, 0), arg_int(c, 1, 1), attr_bool(c, "sorted", true), &indices));
    out(c, 1, indices);
}

/* The new axis, which tn_oneHot puts last, goes where the node says. */
Tensor *row_one_hot(NodeContext *c) {
    DType dtype = attr_dtype(c, "T", TN_FLOAT32);
    Tensor *y = tn_oneHot(to_dtype(arg(c, 0), TN_INT32), arg_int(c, 1, 0), arg_number(c, 2, 1),
                          arg_number(c, 3, 0), dtype);
    int axis = attr_int(c, "axis", -1), perm[TN_MAX_RANK + 1];
    if (failed() || axis == -1 || axis == y->rank - 1) return y;
    if (axis < 0 || axis >= y->rank)
        return node_fail(c, TN_VALUE, "axis %lld is not in -1..%lld", axis, y->rank - 1);
    perm[0] = y->rank;
    for (int i = 0; i < y->rank; i++) perm[1 + i] = i < axis ? i : i == axis ? y->rank - 1 : i - 1;
    return tn_transpose(y, (const Ints *)perm, false);
}

Tensor *row_range(NodeContext *c) {
    Tensor *start = arg(c, 0);
    return tn_range(arg_number(c, 0, 0), arg_number(c, 1, 0), arg_number(c, 2, 1),
                    attr_dtype(c, "Tidx", start->dtype));
}

Tensor *row_fill(NodeContext *c) {
    Tensor *value = arg(c, 1);
    if (failed()) return value;
    return tn_broadcastTo(to_dtype(value, attr_dtype(c, "T", value->dtype)), arg_ints(c, 0));
}

const char *seed_of(NodeContext *c) {
    double seed = attr_number(c, "seed", 0);
    char text[32];
    if (seed == 0) return NULL;
    snprintf(text, sizeof text, "%.17g", seed);
    return arena_text(&c->arena, text);
}

Tensor *row_uniform_int(NodeContext *c) {
    double min = args(c) > 2 ? arg_number(c, 1, 0) : attr_number(c, "minval", 0);
    double max = args(c) > 2 ? arg_number(c, 2, 0) : attr_number(c, "maxval", 0);
    return tn_randomUniformInt(arg_ints(c, 0), min, max, seed_of(c));
}

Tensor *row_rfft(NodeContext *c) {
    Tensor *x = arg(c, 0);
    return tn_rfft(x, arg_int(c, 1, x->rank ? x->shape[x->rank - 1] : 0));
}

/* Rows of frequencies are cut, or continued with zeros, to what the length needs. */
Tensor *row_irfft(NodeContext *c) {
    Tensor *x = arg(c, 0);
    int have = x->rank ? x->shape[x->rank - 1] : 0, length = arg_int(c, 1, 2 * (have - 1));
    if (failed() || !x->rank || length == 2 * (have - 1)) return tn_irfft(x);
    if (length < 2 || length % 2)
        return node_fail(c, TN_VALUE, "fft_length must be even and 2 or more, but is %lld", length,
                         0);
    int sizes[TN_MAX_RANK], ends[2 * TN_MAX_RANK] = {0}, zeros[TN_MAX_RANK] = {0},
                                     want = length / 2 + 1;
    memcpy(sizes, x->shape, sizeof sizes);
    sizes[x->rank - 1] = want;
    ends[2 * x->rank - 1] = want - have;
    return tn_irfft(want < have
                        ? tn_slice(x, ints_make(c, x->rank, zeros), ints_make(c, x->rank, sizes))
                        : tn_pad(x, ints_make(c, 2 * x->rank, ends), 0));
}
