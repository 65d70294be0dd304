/* Rows of TensorList ops. A list is a value: who changes one that others still read gets a copy,
** and changes it in place if nobody does. Items are held, not copied; an item that was never set
** counts as zeros. */
#include "graph_model/rows.h"
#include "tensor/engine.h"
#include "ops/join.gen.h"
#include "ops/slice.gen.h"
#include "ops/view.gen.h"

/* ---- shapes of which parts are open ---- */

bool shapes_merge(const Ints *a, const Ints *b, int *merged) {
    const Ints *one = a ? a : b;
    if (a && b && a->n != b->n) return false;
    merged[0] = one ? one->n : -1;
    for (int i = 0; one && i < one->n; i++) {
        int x = a ? a->v[i] : -1, y = b ? b->v[i] : -1;
        if (x >= 0 && y >= 0 && x != y) return false;
        merged[1 + i] = x >= 0 ? x : y;
    }
    return true;
}

static const char *open_text(const Ints *s) { return s ? ints_text(s->n, s->v) : "open"; }

static bool misfit(const NodeContext *c, const Ints *a, const Ints *b) {
    fail(TN_SHAPE, "%s: TensorList shape mismatch: Shapes %s and %s must match", c->node->op,
         open_text(a), open_text(b));
    return false;
}

/* Fails unless x may be an item. */
static bool check_item(const NodeContext *c, const Resource *t, const Tensor *x) {
    int shape[TN_MAX_RANK + 1] = {x->rank}, merged[TN_MAX_RANK + 1];
    memcpy(shape + 1, x->shape, sizeof x->shape);
    if (failed()) return false;
    if (x->dtype != t->dtype)
        fail(TN_DTYPE, "%s: Invalid data types; op elements %s, but list elements %s", c->node->op,
             dtype_name(x->dtype), dtype_name(t->dtype));
    else if (!shapes_merge(t->shape, (const Ints *)shape, merged))
        return misfit(c, t->shape, (const Ints *)shape);
    return !failed();
}

/* The shape of items, from the list's, the node's and the items' own; it must be whole. */
static bool item_shape(NodeContext *c, const Resource *t, const Ints *asked, int *shape) {
    if (asked && asked->n > TN_MAX_RANK) asked = NULL;
    if (!shapes_merge(t->shape, asked, shape)) return misfit(c, t->shape, asked);
    for (int i = 0; i < t->length && i < t->capacity; i++) {
        const Tensor *x = t->items[i].tensor;
        int own[TN_MAX_RANK + 1], known[TN_MAX_RANK + 1];
        if (!x) continue;
        own[0] = x->rank;
        memcpy(own + 1, x->shape, sizeof x->shape);
        memcpy(known, shape, sizeof known);
        if (!shapes_merge(known[0] < 0 ? NULL : (const Ints *)known, (const Ints *)own, shape))
            return misfit(c, (const Ints *)known, (const Ints *)own);
    }
    bool whole = shape[0] >= 0;
    for (int i = 0; whole && i < shape[0]; i++) whole = shape[1 + i] >= 0;
    if (!whole)
        node_fail(c, TN_SHAPE, "the shape of the elements is not known; %lld are there", t->length,
                  0);
    return !failed();
}

/* ---- lists ---- */

static bool check_dtype(NodeContext *c, const Resource *t) {
    DType wanted = t ? attr_dtype(c, "element_dtype", t->dtype) : TN_FLOAT32;
    if (failed()) return false;
    if (wanted != t->dtype)
        fail(TN_DTYPE, "%s: Invalid data types; op elements %s, but list elements %s", c->node->op,
             dtype_name(wanted), dtype_name(t->dtype));
    return !failed();
}

static Resource *list_at(NodeContext *c, int i) {
    Resource *t = arg_resource(c, i, RESOURCE_LIST);
    return check_dtype(c, t) ? t : NULL;
}

static Resource *list_copy(const Resource *t) {
    Resource *copy = resource_make(RESOURCE_LIST, t->dtype, t->shape);
    int n = t->length < t->capacity ? t->length : t->capacity;
    if (!copy || !resource_grow(copy, n)) {
        resource_release(copy);
        return NULL;
    }
    copy->length = t->length;
    copy->most = t->most;
    for (int i = 0; i < n; i++)
        copy->items[i].tensor = t->items[i].tensor ? tensor_retain(t->items[i].tensor) : NULL;
    return copy;
}

/* A list to be changed, the caller's: the one that came in if nobody reads it later, or a copy. */
static Resource *list_take(NodeContext *c) {
    Resource *t = list_at(c, 0);
    if (!t) return NULL;
    int value = c->step->in[0];
    for (int i = 0; i < c->step->nfree && t->refs == 1; i++)
        if (c->step->free[i] == value) {
            c->values[value].resource = NULL;
            return t;
        }
    return list_copy(t);
}

static void put_item(Resource *t, int i, Tensor *x) {
    if (failed() || !resource_grow(t, i + 1)) return;
    tensor_release(t->items[i].tensor);
    t->items[i].tensor = tensor_retain(x);
    if (t->length <= i) t->length = i + 1;
}

/* Item i: a new tensor of zeros if it was never set. */
static Tensor *item_at(const Resource *t, int i, const int *shape) {
    Tensor *x = i < t->capacity ? t->items[i].tensor : NULL;
    if (!x) return tn_zeros((const Ints *)shape, t->dtype);
    return x->rank == shape[0] ? x : tn_reshape(x, (const Ints *)shape);
}

static Resource *list_make(NodeContext *c, DType dtype, const Ints *shape, int length) {
    Resource *t = resource_make(RESOURCE_LIST, dtype, shape);
    if (length < 0) node_fail(c, TN_VALUE, "a list of %lld elements", length, 0);
    if (t) t->length = length > 0 ? length : 0;
    if (!failed()) return t;
    resource_release(t);
    return NULL;
}

void list_reserve(NodeContext *c) {
    out_resource(c, 0,
                 list_make(c, attr_dtype(c, "element_dtype", TN_FLOAT32), arg_shape(c, 0),
                           arg_int(c, 1, 0)));
}

void list_empty(NodeContext *c) {
    Resource *t = list_make(c, attr_dtype(c, "element_dtype", TN_FLOAT32), arg_shape(c, 0), 0);
    if (t) t->most = arg_int(c, 1, -1);
    out_resource(c, 0, t);
}

/* Sets the items that parts of a tensor are, at 0.. or at indices. */
static void fill(NodeContext *c, Resource *t, const List *parts, const Ints *at) {
    for (int i = 0; t && i < parts->n && !failed(); i++) {
        int k = at ? at->v[i] : i;
        if (k < 0 || (t->most >= 0 && k >= t->most))
            node_fail(c, TN_INDEX, "Max index must be < array size (%lld vs. %lld)", k, t->most);
        else if (check_item(c, t, parts->v[i])) put_item(t, k, parts->v[i]);
    }
    out_resource(c, 0, t);
}

void list_from_tensor(NodeContext *c) {
    Tensor *x = arg(c, 0);
    if (!failed() && !x->rank)
        fail(TN_SHAPE, "%s: Tensor must be at least a vector, but saw shape: []", c->node->op);
    Resource *t = list_make(c, attr_dtype(c, "element_dtype", x->dtype), arg_shape(c, 1), 0);
    if (t) fill(c, t, tn_unstack(x, 0), NULL);
}

void list_scatter(NodeContext *c) {
    Tensor *x = arg(c, 0);
    const Ints *at = arg_ints(c, 1);
    int length = arg_int(c, 3, -1);
    if (!failed() && (!x->rank || at->n != x->shape[0]))
        node_fail(c, TN_SHAPE, "Expected len(indices) == tensor.shape[0], but saw: %lld vs. %lld",
                  at->n, x->rank ? x->shape[0] : 0);
    Resource *t = list_make(c, attr_dtype(c, "element_dtype", x->dtype), arg_shape(c, 2),
                            length < 0 ? 0 : length);
    if (!t) return;
    t->most = length;
    fill(c, t, tn_unstack(x, 0), at);
}

/* Parts of the lengths along the first axis. */
static const List *parts_of(NodeContext *c, Tensor *x, const Ints *lengths) {
    static const List none;
    int64_t total = 0;
    for (int i = 0; i < lengths->n; i++) {
        if (lengths->v[i] < 0) node_fail(c, TN_VALUE, "length %lld is %lld", i, lengths->v[i]);
        total += lengths->v[i];
    }
    if (failed()) return &none;
    if (!x->rank || total != x->shape[0]) {
        node_fail(c, TN_SHAPE, "the sum of lengths is %lld, tensor.shape[0] %lld", total,
                  x->rank ? x->shape[0] : 0);
        return &none;
    }
    List *list = arena_take(&c->arena, sizeof(List) + (size_t)lengths->n * sizeof(Tensor *));
    if (!list) return &none;
    list->n = lengths->n;
    for (int i = 0, from = 0; i < list->n; from += lengths->v[i++])
        list->v[i] = tn_slice(x, INTS(from), INTS(lengths->v[i]));
    return list;
}

void list_split(NodeContext *c) {
    Tensor *x = arg(c, 0);
    Resource *t = list_make(c, attr_dtype(c, "element_dtype", x->dtype), arg_shape(c, 1), 0);
    if (t) fill(c, t, parts_of(c, x, arg_ints(c, 2)), NULL);
}

void list_set(NodeContext *c) {
    int i = arg_int(c, 1, 0);
    Tensor *x = arg(c, 2);
    Resource *t = list_take(c);
    if (t && check_item(c, t, x)) {
        if (i < 0 || (t->most >= 0 && i >= t->most))
            node_fail(c, TN_INDEX, "Trying to set element %lld in a list with max %lld elements.",
                      i, t->most);
        else put_item(t, i, x);
    }
    out_resource(c, 0, t);
}

void list_push(NodeContext *c) {
    Tensor *x = arg(c, 1);
    Resource *t = list_take(c);
    if (t && check_item(c, t, x)) {
        if (t->length == t->most)
            node_fail(c, TN_VALUE, "Trying to push element into a full list of %lld.", t->most, 0);
        else put_item(t, t->length, x);
    }
    out_resource(c, 0, t);
}

void list_pop(NodeContext *c) {
    const Ints *asked = arg_shape(c, 1);
    Resource *t = list_take(c);
    int shape[TN_MAX_RANK + 1], last = t ? t->length - 1 : -1;
    if (t && last < 0) fail(TN_VALUE, "%s: Trying to pop from an empty list.", c->node->op);
    if (t && !failed() && item_shape(c, t, asked, shape)) {
        out(c, 1, item_at(t, last, shape));
        if (last < t->capacity) {
            tensor_release(t->items[last].tensor);
            t->items[last].tensor = NULL;
        }
        t->length = last;
    }
    out_resource(c, 0, t);
}

void list_resize(NodeContext *c) {
    int n = arg_int(c, 1, 0);
    Resource *t = list_take(c);
    if (t && n < 0) node_fail(c, TN_VALUE, "expects size to be non-negative. Got: %lld", n, 0);
    else if (t && t->most >= 0 && n > t->most)
        node_fail(c, TN_VALUE, "a list of at most %lld elements is given the size %lld", t->most,
                  n);
    if (t && !failed()) {
        for (int i = n; i < t->capacity; i++) {
            tensor_release(t->items[i].tensor);
            t->items[i].tensor = NULL;
        }
        t->length = n;
    }
    out_resource(c, 0, t);
}

Tensor *list_get(NodeContext *c) {
    Resource *t = list_at(c, 0);
    int i = arg_int(c, 1, 0), shape[TN_MAX_RANK + 1];
    if (t && (i < 0 || i >= t->length))
        node_fail(c, TN_INDEX, "Trying to access element %lld in a list with %lld elements.", i,
                  t->length);
    if (!t || failed() || !item_shape(c, t, arg_shape(c, 2), shape)) return nothing();
    return item_at(t, i, shape);
}

/* Items at the indices (NULL: all), one on the other. */
static Tensor *stack_items(NodeContext *c, const Resource *t, const Ints *at, const Ints *asked) {
    int n = at ? at->n : t->length, shape[TN_MAX_RANK + 1];
    if (!item_shape(c, t, asked, shape)) return nothing();
    List *list = arena_take(&c->arena, sizeof(List) + (size_t)n * sizeof(Tensor *));
    if (!list) return nothing();
    list->n = n;
    for (int i = 0; i < n && !failed(); i++) {
        int k = at ? at->v[i] : i;
        if (k < 0 || k >= t->length)
            return node_fail(c, TN_INDEX,
                             "Trying to access element %lld in a list with %lld elements.", k,
                             t->length);
        list->v[i] = item_at(t, k, shape);
    }
    if (n) return failed() ? nothing() : tn_stack(list, 0);
    int none[TN_MAX_RANK + 1] = {0};
    if (shape[0] == TN_MAX_RANK)
        return node_fail(c, TN_SHAPE, "elements of rank %lld cannot be stacked", shape[0], 0);
    memcpy(none + 1, shape + 1, sizeof(int) * (size_t)shape[0]);
    return make(t->dtype, shape[0] + 1, none);
}

Tensor *list_gather(NodeContext *c) {
    Resource *t = list_at(c, 0);
    return t ? stack_items(c, t, arg_ints(c, 1), arg_shape(c, 2)) : nothing();
}

Tensor *list_stack(NodeContext *c) {
    Resource *t = list_at(c, 0);
    int n = attr_int(c, "num_elements", -1);
    if (t && n >= 0 && n != t->length)
        node_fail(c, TN_VALUE,
                  "Operation expected a list with %lld elements but got a list with %lld elements.",
                  n, t->length);
    return t && !failed() ? stack_items(c, t, NULL, arg_shape(c, 1)) : nothing();
}

/* One after the other along their first axes, of which the sizes are the second result. */
void list_concat(NodeContext *c) {
    Resource *t = list_at(c, 0);
    int n = t ? t->length : 0;
    List *list = arena_take(&c->arena, sizeof(List) + (size_t)n * sizeof(Tensor *));
    int *sizes = arena_take(&c->arena, (size_t)n * sizeof *sizes);
    if (!t || !list || !sizes) return;
    list->n = n;
    for (int i = 0; i < n; i++) {
        list->v[i] = i < t->capacity ? t->items[i].tensor : NULL;
        if (!list->v[i] || !list->v[i]->rank) {
            node_fail(c, TN_SHAPE, "element %lld of %lld is not set, or has no axis", i, n);
            return;
        }
        sizes[i] = list->v[i]->shape[0];
    }
    const Ints *shape = args(c) > 1 ? arg_shape(c, 1) : attr_shape(c, "element_shape");
    int none[TN_MAX_RANK + 1] = {0};
    if (!n && shape && shape->n <= TN_MAX_RANK)
        memcpy(none, &shape->n, sizeof(int) * (size_t)(shape->n + 1));
    for (int i = 0; i <= none[0]; i++)
        if (i == 1 || none[i] < 0) none[i] = 0;
    out(c, 0, n ? tn_concat(list, 0) : tn_zeros(none[0] ? (const Ints *)none : INTS(0), t->dtype));
    out(c, 1, tn_tensor(TN_INT32, INTS(n), sizes));
}

Tensor *list_length(NodeContext *c) {
    Resource *t = arg_resource(c, 0, RESOURCE_LIST);
    return int_scalar(t ? t->length : 0);
}
