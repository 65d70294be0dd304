/* Rows of TensorArray ops. An array is one resource, which all who have it see change; the flow
** that goes along gives the order. */
#include "graph_model/rows.h"
#include "tensor/engine.h"
#include "ops/join.gen.h"
#include "ops/slice.gen.h"
#include "ops/view.gen.h"

enum { WRITTEN = 1, READ = 2, CLEARED = 4 };

static Resource *array_at(NodeContext *c, int i) {
    Resource *t = arg_resource(c, i, RESOURCE_ARRAY);
    if (t && t->closed)
        fail(TN_VALUE, "%s: TensorArray %.80s has already been closed.", c->node->op, t->name);
    return failed() ? NULL : t;
}

static void flow_on(NodeContext *c, int from) { out(c, 0, arg(c, from)); }

void array_make(NodeContext *c) {
    int n = arg_int(c, 0, 0);
    if (n < 0) node_fail(c, TN_VALUE, "size is %lld", n, 0);
    Resource *t = failed() ? NULL
                           : resource_make(RESOURCE_ARRAY, attr_dtype(c, "dtype", TN_FLOAT32),
                                           attr_shape(c, "element_shape"));
    if (!t) return;
    t->length = n;
    t->grows = attr_bool(c, "dynamic_size", false);
    t->clears = attr_bool(c, "clear_after_read", true);
    t->name = c->node->name;
    out_resource(c, 0, t);
    out(c, 1, tn_scalar(1));
}

static bool check_write(NodeContext *c, const Resource *t, int i, const Tensor *x) {
    int shape[TN_MAX_RANK + 1] = {x->rank}, merged[TN_MAX_RANK + 1];
    memcpy(shape + 1, x->shape, sizeof x->shape);
    if (failed()) return false;
    if (i < 0 || (!t->grows && i >= t->length))
        node_fail(c, TN_INDEX,
                  "Tried to write to index %lld, but array is not resizeable and size is: %lld", i,
                  t->length);
    else if (x->dtype != t->dtype)
        fail(TN_DTYPE,
             "%s: Could not write to TensorArray index %d, because the value dtype is %s, but "
             "TensorArray dtype is %s.",
             c->node->op, i, dtype_name(x->dtype), dtype_name(t->dtype));
    else if (!shapes_merge(t->shape, (const Ints *)shape, merged))
        fail(TN_SHAPE, "%s: Could not write to TensorArray index %d. Shapes %s and %s must match",
             c->node->op, i, ints_text(t->shape->n, t->shape->v), shape_text(x));
    else if (i < t->capacity && t->items[i].state & (READ | WRITTEN))
        node_fail(
            c, TN_VALUE,
            "Could not write to TensorArray index %lld, because it has already been written or "
            "read.",
            i, 0);
    return !failed();
}

static void write(NodeContext *c, Resource *t, int i, Tensor *x) {
    if (!check_write(c, t, i, x) || !resource_grow(t, i + 1)) return;
    t->items[i].tensor = tensor_retain(x);
    t->items[i].state = WRITTEN;
    if (t->length <= i) t->length = i + 1;
}

/* Element i; one that was never written counts as zeros where its shape is known. */
static Tensor *read(NodeContext *c, Resource *t, int i) {
    if (i < 0 || i >= t->length)
        return node_fail(c, TN_INDEX, "Tried to read from index %lld, but array size is: %lld", i,
                         t->length);
    if (i < t->capacity && t->items[i].state & CLEARED)
        return node_fail(c, TN_VALUE,
                         "Could not read index %lld twice because it was cleared after a previous "
                         "read (perhaps try setting clear_after_read = false?).",
                         i, 0);
    if (i < t->capacity && t->items[i].tensor) {
        t->items[i].state |= READ | (t->clears ? CLEARED : 0);
        return t->items[i].tensor;
    }
    for (int k = 0; t->shape && k < t->shape->n; k++)
        if (t->shape->v[k] < 0) return node_fail(c, TN_VALUE, "index %lld was never written", i, 0);
    return t->shape ? tn_zeros(t->shape, t->dtype)
                    : node_fail(c, TN_VALUE, "index %lld was never written", i, 0);
}

void array_write(NodeContext *c) {
    Resource *t = array_at(c, 0);
    if (!t) return;
    write(c, t, arg_int(c, 1, 0), arg(c, 2));
    flow_on(c, 3);
}

Tensor *array_read(NodeContext *c) {
    Resource *t = array_at(c, 0);
    return t ? read(c, t, arg_int(c, 1, 0)) : nothing();
}

/* Elements at the indices; NULL: all. */
static const List *read_many(NodeContext *c, Resource *t, const Ints *at) {
    static const List none;
    int n = at ? at->n : t->length;
    List *list = arena_take(&c->arena, sizeof(List) + (size_t)n * sizeof(Tensor *));
    if (!list) return &none;
    list->n = n;
    for (int i = 0; i < n && !failed(); i++) list->v[i] = read(c, t, at ? at->v[i] : i);
    return failed() ? &none : list;
}

/* No elements, one on the other or one after the other: [0, ...], open sizes being 0. */
static Tensor *no_elements(const Resource *t, bool stacked) {
    int shape[TN_MAX_RANK + 1] = {0}, rank = 1;
    for (int i = !stacked; t->shape && i < t->shape->n && rank < TN_MAX_RANK; i++)
        shape[rank++] = t->shape->v[i] < 0 ? 0 : t->shape->v[i];
    return make(t->dtype, rank, shape);
}

Tensor *array_gather(NodeContext *c) {
    Resource *t = array_at(c, 0);
    const List *list = t ? read_many(c, t, arg_ints(c, 1)) : NULL;
    if (!list || failed()) return nothing();
    return list->n ? tn_stack(list, 0) : no_elements(t, true);
}

void array_scatter(NodeContext *c) {
    Resource *t = array_at(c, 0);
    const Ints *at = arg_ints(c, 1);
    Tensor *x = arg(c, 2);
    if (!t || failed()) return;
    if (!x->rank || at->n != x->shape[0]) {
        node_fail(c, TN_SHAPE, "Expected len(indices) == tensor.shape[0], but saw: %lld vs. %lld",
                  at->n, x->rank ? x->shape[0] : 0);
        return;
    }
    const List *parts = tn_unstack(x, 0);
    for (int i = 0; i < parts->n && !failed(); i++) write(c, t, at->v[i], parts->v[i]);
    flow_on(c, 3);
}

void array_concat(NodeContext *c) {
    Resource *t = array_at(c, 0);
    const List *list = t ? read_many(c, t, NULL) : NULL;
    if (!list || failed()) return;
    int *sizes = arena_take(&c->arena, (size_t)list->n * sizeof *sizes);
    for (int i = 0; sizes && i < list->n; i++)
        sizes[i] = list->v[i]->rank ? list->v[i]->shape[0] : 0;
    if (!sizes) return;
    out(c, 0, list->n ? tn_concat(list, 0) : no_elements(t, false));
    out(c, 1, tn_tensor(TN_INT32, INTS(list->n), sizes));
}

void array_split(NodeContext *c) {
    Resource *t = array_at(c, 0);
    Tensor *x = arg(c, 1);
    const Ints *lengths = arg_ints(c, 2);
    int64_t total = 0;
    for (int i = 0; i < lengths->n; i++) total += lengths->v[i];
    if (!t || failed()) return;
    if (!x->rank || total != x->shape[0])
        node_fail(c, TN_SHAPE, "the sum of lengths is %lld, tensor.shape[0] %lld", total,
                  x->rank ? x->shape[0] : 0);
    else if (!t->grows && lengths->n != t->length)
        node_fail(c, TN_SHAPE,
                  "TensorArray's size is not equal to the size of lengths (%lld vs. %lld)",
                  t->length, lengths->n);
    for (int i = 0, from = 0; i < lengths->n && !failed(); from += lengths->v[i++])
        write(c, t, i, tn_slice(x, INTS(from), INTS(lengths->v[i])));
    flow_on(c, 3);
}

void array_close(NodeContext *c) {
    Resource *t = arg_resource(c, 0, RESOURCE_ARRAY);
    if (!t) return;
    for (int i = 0; i < t->capacity; i++) {
        tensor_release(t->items[i].tensor);
        t->items[i].tensor = NULL;
    }
    t->closed = true;
    row_pass(c);
}

Tensor *array_size(NodeContext *c) {
    Resource *t = array_at(c, 0);
    return int_scalar(t ? t->length : 0);
}
