/* What goes along the links of a graph: tensors, and resources: lists, arrays, hash tables. A
** tensor in a Value has no handle of its own; one is made for what leaves the graph. */
#include "graph_model/graph.h"
#include "base/grow.h"
#include "tensor/engine.h"
#include "ops/view.gen.h"

void value_release(Value *v) {
    tensor_release(v->tensor);
    resource_release(v->resource);
    *v = (Value){0};
}

Value value_retain(Value v) {
    if (v.tensor) tensor_retain(v.tensor);
    if (v.resource) v.resource->refs++;
    return v;
}

void value_move(Value *to, Value *from) {
    Value v = *from;
    *from = (Value){0};
    value_release(to);
    *to = v;
}

/* A tensor that somebody has a handle on already is cloned, so that theirs stays theirs. */
Tensor *value_handle(Value v) {
    if (!v.tensor) return tn_scalar(0);
    return v.tensor->id || v.tensor == nothing() ? tn_clone(v.tensor) : tensor_revive(v.tensor);
}

/* ---- resources ---- */

Resource *resource_make(ResourceKind kind, DType dtype, const Ints *shape) {
    if (failed()) return NULL;
    Resource *t = mem_alloc(sizeof *t);
    if (!t) {
        fail(TN_MEMORY, "out of memory for a list of tensors");
        return NULL;
    }
    *t = (Resource){.refs = 1, .kind = kind, .dtype = dtype, .most = -1};
    if (!shape) return t;
    if (shape->n > TN_MAX_RANK) {
        fail(TN_SHAPE, "graph: elements of rank %d; the rank may be %d at most", shape->n,
             TN_MAX_RANK);
        resource_release(t);
        return NULL;
    }
    t->shape_store[0] = shape->n;
    memcpy(t->shape_store + 1, shape->v, sizeof(int) * (size_t)shape->n);
    t->shape = (const Ints *)t->shape_store;
    return t;
}

void resource_release(Resource *t) {
    if (!t || --t->refs) return;
    for (int i = 0; i < t->capacity; i++) tensor_release(t->items[i].tensor);
    mem_free(t->items, (size_t)t->capacity * sizeof *t->items);
    mem_free(t->order, t->keys ? (size_t)t->keys->size * sizeof *t->order : 0);
    tensor_release(t->keys);
    tensor_release(t->values);
    mem_free(t, sizeof *t);
}

enum { MOST_ITEMS = 1 << 24 };

bool resource_grow(Resource *t, int n) {
    if (n <= t->capacity) return !failed();
    if (n > MOST_ITEMS) {
        fail(TN_VALUE, "graph: a list of %d tensors; it may have %d", n, MOST_ITEMS);
        return false;
    }
    if (GROW(t->items, t->capacity, (size_t)n)) return true;
    fail(TN_MEMORY, "out of memory: a list of %d tensors", n);
    return false;
}

void tables_free(GraphModel *m) {
    for (Resource *t = m->tables, *next; t; t = next) {
        next = t->next;
        resource_release(t);
    }
    for (int i = 0; i < m->ncaptured; i++) value_release(m->captured + i);
    m->tables = NULL;
    m->ncaptured = 0;
}

void kept_free(GraphModel *m) {
    for (int i = 0; i < m->nkept; i++) tensor_release(m->kept[i].tensor);
    mem_free(m->kept, (size_t)m->nkept * sizeof *m->kept);
    m->kept = NULL;
    m->nkept = 0;
}
