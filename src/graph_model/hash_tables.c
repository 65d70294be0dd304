/* Rows of hash tables. A table belongs to the model, by the name of its node: the initializer fills
** it, the graph looks things up. Keys are int32, numbers or ids of strings; they are sorted. */
#include "graph_model/rows.h"
#include "tensor/engine.h"
#include "ops/gather.gen.h"
#include "ops/join.gen.h"
#include "ops/view.gen.h"
#include <stdlib.h>

void table_make(NodeContext *c) {
    Resource *t = c->model->tables;
    while (t && strcmp(t->name, c->node->name)) t = t->next;
    if (!t) {
        t = resource_make(RESOURCE_TABLE, attr_dtype(c, "value_dtype", TN_FLOAT32), NULL);
        if (!t) return;
        t->name = c->node->name;
        t->next = c->model->tables;
        c->model->tables = t;
    }
    t->refs++;
    out_resource(c, 0, t);
}

static const int *sorting;

static int by_key(const void *a, const void *b) {
    int i = *(const int *)a, j = *(const int *)b;
    return sorting[i] != sorting[j] ? (sorting[i] > sorting[j]) - (sorting[i] < sorting[j])
                                    : (i > j) - (i < j);
}

static bool check_keys(NodeContext *c, const Tensor *keys, const char *arg) {
    if (failed() || keys->dtype == TN_INT32 || keys->dtype == TN_STRING) return !failed();
    fail(TN_DTYPE, "%s: %s must be int32 or string, but are %s", c->node->op, arg,
         dtype_name(keys->dtype));
    return false;
}

/* The values that the table has are replaced. The table itself goes on, for who waits for it. */
void table_import(NodeContext *c) {
    Resource *t = arg_resource(c, 0, RESOURCE_TABLE);
    Tensor *keys = arg(c, 1), *values = arg(c, 2);
    if (!t || !check_keys(c, keys, "keys")) return;
    if (!values->rank || values->shape[0] != keys->size) {
        node_fail(c, TN_SHAPE,
                  "The number of elements doesn't match, keys has %lld elements, the values has "
                  "%lld elements.",
                  keys->size, values->rank ? values->shape[0] : 0);
        return;
    }
    const int *ids = tn_data(keys);
    int *order = ids ? mem_alloc((size_t)keys->size * sizeof *order) : NULL;
    if (!order) {
        fail(TN_MEMORY, "out of memory: a table of %d keys", keys->size);
        return;
    }
    for (int i = 0; i < keys->size; i++) order[i] = i;
    sorting = ids;
    qsort(order, (size_t)keys->size, sizeof *order, by_key);
    if (t->keys) mem_free(t->order, (size_t)t->keys->size * sizeof *order);
    tensor_retain(keys), tensor_retain(values);
    tensor_release(t->keys), tensor_release(t->values);
    t->keys = keys;
    t->values = values;
    t->order = order;
    row_pass(c);
}

/* Where a key is among the values, the last if it is there twice; their number if it is not. */
static int find(const Resource *t, const int *ids, int key) {
    int low = 0, high = t->keys->size;
    while (low < high) {
        int mid = low + (high - low) / 2;
        if (ids[t->order[mid]] <= key) low = mid + 1;
        else high = mid;
    }
    return low && ids[t->order[low - 1]] == key ? t->order[low - 1] : t->keys->size;
}

/* The default is put after the values; then all are gathered. */
Tensor *table_find(NodeContext *c) {
    Resource *t = arg_resource(c, 0, RESOURCE_TABLE);
    Tensor *keys = arg(c, 1), *otherwise = arg(c, 2);
    if (!t || !check_keys(c, keys, "keys")) return nothing();
    if (!t->keys)
        return fail(TN_VALUE, "%s: the table '%.80s' has no values yet", c->node->op, t->name);
    if (keys->dtype != t->keys->dtype)
        return fail(TN_DTYPE, "%s: Expect key dtype %s, but got %s", c->node->op,
                    dtype_name(t->keys->dtype), dtype_name(keys->dtype));
    if (otherwise->dtype != t->values->dtype)
        return fail(TN_DTYPE, "%s: Expect value dtype %s, but got %s", c->node->op,
                    dtype_name(t->values->dtype), dtype_name(otherwise->dtype));
    int row[TN_MAX_RANK + 1] = {t->values->rank, 1};
    memcpy(row + 2, t->values->shape + 1, sizeof(int) * (size_t)(t->values->rank - 1));
    Tensor *all = tn_concat(LIST(t->values, tn_broadcastTo(otherwise, (const Ints *)row)), 0);
    Tensor *at = make(TN_INT32, keys->rank, keys->shape);
    const int *wanted = tn_data(keys), *ids = tn_data(t->keys);
    if (failed() || !tensor_allocate(at)) return nothing();
    for (int i = 0; i < keys->size; i++) i32(at)[i] = find(t, ids, wanted[i]);
    return tn_gather(all, at, 0, 0);
}

Tensor *table_size(NodeContext *c) {
    Resource *t = arg_resource(c, 0, RESOURCE_TABLE);
    return int_scalar(t && t->keys ? t->keys->size : 0);
}
