/* Symbolic tensors and nodes as C programs and JavaScript see them: models.h. */
#include "nn/api/models_api.h"
#include "models.h"
#include "tensor/engine.h"

Pointers *pointers(int n) {
    static Pointers *list;
    static size_t capacity;
    static Pointers none;
    size_t bytes = sizeof(Pointers) + (size_t)n * sizeof(void *);
    if (bytes > capacity) {
        Pointers *larger = scratch(bytes);
        if (!larger) return &none;
        scratch_free(list, capacity);
        list = larger;
        capacity = bytes;
    }
    list->n = n;
    return list;
}

static const Symbols *symbols(Symbol **v, int n) {
    Pointers *list = pointers(failed() ? 0 : n);
    for (int i = 0; i < list->n; i++) list->v[i] = v[i];
    return (const Symbols *)list;
}

const Symbols *tn_layer_connect(Layer *l, const Symbols *inputs) {
    Node *node = failed()            ? NULL
                 : is_input_layer(l) ? input_connect(l)
                                     : layer_connect(l, (Symbol **)inputs->v, inputs->n);
    return node ? symbols(node->out, node->nout) : symbols(NULL, 0);
}

Symbol *tn_input(const char *name, const Ints *batch_shape, DType dtype) {
    Shape s = {.dtype = dtype, .rank = batch_shape->n};
    if (s.rank < 0 || s.rank > TN_MAX_RANK || dtype >= TN_DTYPES) {
        fail(TN_SHAPE, "input: rank %d is not in 0..%d, or dtype %d is not known", s.rank,
             TN_MAX_RANK, (int)dtype);
        return NULL;
    }
    memcpy(s.size, batch_shape->v, sizeof(int) * (size_t)s.rank);
    Layer *l = input_make(name && *name ? name : NULL, &s);
    return l ? l->nodes->out[0] : NULL;
}

Layer *tn_symbol_layer(const Symbol *s) { return s->node->layer; }

const char *tn_symbol_info(const Symbol *s) {
    cJSON *info = json_object();
    json_put(info, "name", json_string(s->name));
    json_put(info, "shape", json_sizes(s->shape.rank, s->shape.size));
    json_put(info, "dtype", json_string(dtype_name(s->shape.dtype)));
    json_put(info, "id", json_number(s->id));
    json_put(info, "nodeIndex", json_number(s->node->index + own_nodes(s->node->layer)));
    json_put(info, "tensorIndex", json_number(s->index));
    return json_text(info);
}

const Symbols *tn_model_symbols(const Layer *model, bool outputs) {
    const Graph *g = want_model("model", model) ? graph_of(model) : NULL;
    if (!g) return symbols(NULL, 0);
    return outputs ? symbols(g->outputs, g->nout) : symbols(g->inputs, g->nin);
}

const Symbols *tn_layer_symbols(const Layer *l, int node, bool results) {
    Node *at = l->nodes;
    const int own = own_nodes(l);
    const char *what = results ? "output" : "input";
    if (own && !node) return tn_model_symbols(l, results);
    for (int i = own; at && i < node; i++) at = at->next;
    if (at && node >= 0) return results ? symbols(at->out, at->nout) : symbols(at->in, at->nin);
    if (!l->nnodes && !own)
        fail(TN_VALUE, "The layer %.80s has never been called and thus has no defined %s.", l->name,
             what);
    else
        fail(TN_VALUE,
             "%.80s: Asked to get %s at node %d, but the layer has only %d inbound "
             "nodes.",
             l->name, what, node, l->nnodes + own);
    return symbols(NULL, 0);
}
