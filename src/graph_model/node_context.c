/* What rows of the table ask for: inputs and attributes of their node, and where results go. */
#include "graph_model/graph.h"
#include "tensor/engine.h"

Tensor *node_fail(const NodeContext *c, ErrorCode code, const char *what, long long a,
                  long long b) {
    char text[200];
    snprintf(text, sizeof text, what, a, b);
    return fail(code, "%s: %s", c->node->op, text);
}

/* ---- inputs ---- */

int args(const NodeContext *c) { return c->node->nin; }

static Value value_at(NodeContext *c, int i) {
    if (i < 0) i += args(c);
    if (i >= 0 && i < args(c)) return c->values[c->step->in[i]];
    node_fail(c, TN_FILE, "input %lld is asked for, the node has %lld", i, args(c));
    return (Value){0};
}

Tensor *arg(NodeContext *c, int i) {
    Value v = value_at(c, i);
    if (v.tensor) return v.tensor;
    return failed() ? nothing() : node_fail(c, TN_VALUE, "input %lld is no tensor", i, 0);
}

/* NULL if the node has fewer. */
static Tensor *arg_or(NodeContext *c, int i) { return i < args(c) ? arg(c, i) : NULL; }

Resource *arg_resource(NodeContext *c, int i, ResourceKind kind) {
    static const char *const names[] = {"tensor list", "tensor array", "hash table"};
    Value v = value_at(c, i);
    if (kind == RESOURCE_TABLE) trace_break("a table");
    if (v.resource && v.resource->kind == kind) return v.resource;
    fail(TN_VALUE, "%s: input %d is no %s", c->node->op, i, names[kind]);
    return NULL;
}

const List *arg_list(NodeContext *c, int from, int to) {
    static const List none;
    if (to <= 0) to += args(c);
    int n = to > from ? to - from : 0;
    List *list = arena_take(&c->arena, sizeof(List) + (size_t)n * sizeof(Tensor *));
    if (!list) return &none;
    list->n = n;
    for (int i = 0; i < n; i++) list->v[i] = arg(c, from + i);
    return list;
}

static double number_at(const Tensor *x, const void *data, int i) {
    switch (x->dtype) {
    case TN_FLOAT32: return ((const float *)data)[i];
    case TN_INT32: return ((const int *)data)[i];
    case TN_BOOL: return ((const uint8_t *)data)[i];
    default: return NAN;
    }
}

double arg_number(NodeContext *c, int i, double otherwise) {
    Tensor *x = arg_or(c, i);
    if (!x || failed()) return otherwise;
    if (!x->size || !is_real(x->dtype)) {
        node_fail(c, TN_SHAPE, "input %lld must be a number", i, 0);
        return otherwise;
    }
    const void *data = tn_data(x);
    return data ? number_at(x, data, 0) : otherwise;
}

static int to_int(double v) { return isnan(v) ? 0 : (int)fmax(fmin(v, INT32_MAX), INT32_MIN); }

int arg_int(NodeContext *c, int i, int otherwise) { return to_int(arg_number(c, i, otherwise)); }

bool arg_bool(NodeContext *c, int i) {
    Tensor *x = arg(c, i);
    return !failed() && x->size && arg_number(c, i, 0) != 0;
}

const Ints *ints_make(NodeContext *c, int n, const int *v) {
    static const Ints none;
    const Ints *made = arena_ints(&c->arena, n, v);
    return made ? made : &none;
}

const Ints *arg_ints(NodeContext *c, int i) {
    static const Ints none;
    Tensor *x = arg(c, i);
    if (failed() || !is_real(x->dtype)) {
        node_fail(c, TN_DTYPE, "input %lld must be of whole numbers", i, 0);
        return &none;
    }
    Ints *ints = arena_take(&c->arena, sizeof(Ints) + (size_t)x->size * sizeof(int));
    const void *data = tn_data(x);
    if (!ints || !data) return &none;
    ints->n = x->size;
    for (int k = 0; k < x->size; k++) ints->v[k] = to_int(number_at(x, data, k));
    return ints;
}

const Ints *arg_shape(NodeContext *c, int i) {
    Tensor *x = arg(c, i);
    return failed() || !x->rank ? NULL : arg_ints(c, i);
}

/* ---- attributes ---- */

const Attr *attr_find(const GraphNode *node, const char *name) {
    for (int i = 0; i < node->nattrs; i++)
        if (!strcmp(node->attrs[i].name, name)) return node->attrs + i;
    return NULL;
}

double attr_number(NodeContext *c, const char *name, double otherwise) {
    const Attr *a = attr_find(c->node, name);
    return a && (a->kind == ATTR_NUMBER || a->kind == ATTR_BOOL) ? a->number : otherwise;
}

int attr_int(NodeContext *c, const char *name, int otherwise) {
    return to_int(attr_number(c, name, otherwise));
}

bool attr_bool(NodeContext *c, const char *name, bool otherwise) {
    return attr_number(c, name, otherwise) != 0;
}

const char *attr_string(NodeContext *c, const char *name) {
    const Attr *a = attr_find(c->node, name);
    return a && a->string ? a->string : "";
}

const Ints *attr_ints(NodeContext *c, const char *name) {
    static const Ints none;
    const Attr *a = attr_find(c->node, name);
    return a && a->kind == ATTR_INTS && a->ints ? a->ints : &none;
}

const Ints *attr_shape(NodeContext *c, const char *name) {
    const Attr *a = attr_find(c->node, name);
    return a && a->kind == ATTR_SHAPE ? a->ints : NULL;
}

DType attr_dtype(NodeContext *c, const char *name, DType otherwise) {
    const Attr *a = attr_find(c->node, name);
    if (!a || a->kind != ATTR_DTYPE) return otherwise;
    if (a->number >= 0) return (DType)a->number;
    fail(TN_DTYPE, "%s: attribute '%s' is of a type that is not known", c->node->op, name);
    return otherwise;
}

/* ---- results ---- */

void out_value(NodeContext *c, int i, Value v) {
    const SubgraphStep *step = c->step;
    const int *index = c->subgraph->index + step->first;
    int low = 0, high = step->nout;
    while (low < high) {
        int mid = low + (high - low) / 2;
        if (index[mid] < i) low = mid + 1;
        else high = mid;
    }
    if (low < step->nout && index[low] == i && !failed())
        value_move(c->values + step->first + low, &v);
    value_release(&v);
}

void out(NodeContext *c, int i, Tensor *x) {
    if (!failed()) out_value(c, i, (Value){.tensor = tensor_retain(x)});
}

void out_resource(NodeContext *c, int i, Resource *t) {
    if (t) out_value(c, i, (Value){.resource = t});
}

void out_list(NodeContext *c, const List *list) {
    for (int i = 0; i < list->n && !failed(); i++) out(c, i, list->v[i]);
}
