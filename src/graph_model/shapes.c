/* Rows that pass values on, tell shapes, cut and join. */
#include "graph_model/rows.h"
#include "ops/gather.gen.h"
#include "ops/join.gen.h"
#include "ops/pad.gen.h"
#include "ops/slice.gen.h"
#include "ops/view.gen.h"

static void pass(NodeContext *c, int from, int to) {
    out_value(c, to, value_retain(c->values[c->step->in[from]]));
}

void row_pass(NodeContext *c) { pass(c, 0, 0); }

void row_pass_all(NodeContext *c) {
    for (int i = 0; i < args(c); i++) pass(c, i, i);
}

void row_switch(NodeContext *c) {
    int branch = arg_bool(c, 1);
    if (!failed()) pass(c, 0, branch);
}

Tensor *int_scalar(int value) { return tn_tensor(TN_INT32, (const Ints *)(int[]){0}, &value); }

static Tensor *shape_tensor(const Tensor *x) {
    return tn_tensor(TN_INT32, INTS(x->rank), x->shape);
}

Tensor *row_shape(NodeContext *c) { return shape_tensor(arg(c, 0)); }

void row_shapes(NodeContext *c) {
    for (int i = 0; i < args(c) && !failed(); i++) out(c, i, shape_tensor(arg(c, i)));
}

static bool same_but_ones(const Tensor *a, const Tensor *b) {
    int i = 0, j = 0;
    for (;; i++, j++) {
        while (i < a->rank && a->shape[i] == 1) i++;
        while (j < b->rank && b->shape[j] == 1) j++;
        if (i == a->rank || j == b->rank) return i == a->rank && j == b->rank;
        if (a->shape[i] != b->shape[j]) return false;
    }
}

static const Ints *shape_ints(NodeContext *c, const Tensor *x) {
    return ints_make(c, x->rank, x->shape);
}

/* Tensors that differ in axes of size 1 take the shape of the first. */
Tensor *row_pack(NodeContext *c) {
    const List *list = arg_list(c, 0, 0);
    for (int i = 1; i < list->n && !failed(); i++) {
        Tensor **x = (Tensor **)list->v + i;
        if (same_shape(*x, list->v[0])) continue;
        if (!same_but_ones(*x, list->v[0]))
            return fail(TN_SHAPE, "Pack: input %d has shape %s, the first %s", i, shape_text(*x),
                        shape_text(list->v[0]));
        *x = tn_reshape(*x, shape_ints(c, list->v[0]));
    }
    return failed() ? nothing() : tn_stack(list, attr_int(c, "axis", 0));
}

void row_split(NodeContext *c) {
    out_list(c, tn_split(arg(c, 1), ints_make(c, 1, (int[]){attr_int(c, "num_split", 1)}),
                         arg_int(c, 0, 0)));
}

void row_split_sizes(NodeContext *c) {
    const Ints *sizes = arg_ints(c, 1);
    Tensor *x = arg(c, 0);
    int axis = failed() ? -1 : axis_of("SplitV", arg_int(c, 2, 0), x->rank);
    if (axis < 0) return;
    if (sizes->n != 1) out_list(c, tn_split(x, sizes, axis));
    else if (sizes->v[0] == -1 || sizes->v[0] == x->shape[axis]) out(c, 0, x);
    else node_fail(c, TN_SHAPE, "a part of %lld is asked of %lld", sizes->v[0], x->shape[axis]);
}

void row_unpack(NodeContext *c) { out_list(c, tn_unstack(arg(c, 0), attr_int(c, "axis", 0))); }

Tensor *row_strided_slice(NodeContext *c) {
    return tn_stridedSlice(arg(c, 0), arg_ints(c, 1), arg_ints(c, 2), arg_ints(c, 3),
                           attr_int(c, "begin_mask", 0), attr_int(c, "end_mask", 0),
                           attr_int(c, "ellipsis_mask", 0), attr_int(c, "new_axis_mask", 0),
                           attr_int(c, "shrink_axis_mask", 0));
}

/* Of Reverse a bool for each axis, of ReverseV2 the axes. */
Tensor *row_reverse(NodeContext *c) {
    const Ints *given = arg_ints(c, 1);
    int axes[TN_MAX_RANK + 1] = {0};
    if (strcmp(c->node->op, "Reverse")) return given->n ? tn_reverse(arg(c, 0), given) : arg(c, 0);
    for (int i = 0; i < given->n && i < TN_MAX_RANK; i++)
        if (given->v[i]) axes[++axes[0]] = i;
    return axes[0] ? tn_reverse(arg(c, 0), (const Ints *)axes) : arg(c, 0);
}

Tensor *row_squeeze(NodeContext *c) {
    const Ints *axes = attr_ints(c, "squeeze_dims");
    if (!axes->n) axes = attr_ints(c, "axis");
    return tn_squeeze(arg(c, 0), axes->n ? axes : NULL);
}

Tensor *row_ensure_shape(NodeContext *c) {
    const Ints *shape = args(c) > 1 ? arg_ints(c, 1) : attr_shape(c, "shape");
    Tensor *x = arg(c, 0);
    if (failed() || !shape) return x;
    bool fits = shape->n == x->rank;
    for (int i = 0; fits && i < shape->n; i++) fits = shape->v[i] < 0 || shape->v[i] == x->shape[i];
    if (fits) return x;
    return fail(TN_SHAPE, "EnsureShape: the shape is %s, not %s", shape_text(x),
                ints_text(shape->n, shape->v));
}

Tensor *row_pad(NodeContext *c, double value) { return tn_pad(arg(c, 0), arg_ints(c, 1), value); }

Tensor *row_gather(NodeContext *c, int axis) {
    return tn_gather(arg(c, 0), to_dtype(arg(c, 1), TN_INT32), axis, attr_int(c, "batch_dims", 0));
}

Tensor *row_slice(NodeContext *c) {
    Tensor *x = arg(c, 0);
    return x->rank ? tn_slice(x, arg_ints(c, 1), arg_ints(c, 2)) : x;
}
