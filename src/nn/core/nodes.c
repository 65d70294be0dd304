/* Where the results of a layer go, what does not fit where it is connected, what is inside it. */
#include "base/arena_grow.h"
#include "nn/core/model.h"
#include "tensor/engine.h"

int own_nodes(const Layer *l) { return is_model(l) && l->built ? 1 : 0; }

/* ---- where results go ---- */

typedef struct Found {
    Arena arena;
    void **v; /* layer, n, layer, n, ... */
    int n, capacity;
} Found;

static void found(Found *f, Layer *l, int node) {
    if (!ARENA_GROW(&f->arena, f->v, f->capacity, f->n + 2)) return;
    f->v[f->n++] = l;
    f->v[f->n++] = (void *)(intptr_t)node;
}

static bool has_input_of(const Node *node, const Layer *l) {
    for (int i = 0; i < node->nin; i++)
        if (node->in[i]->node->layer == l) return true;
    return false;
}

const Layers *tn_layer_outbound(const Layer *l) {
    static Layers none;
    static Found last; /* valid until the next call */
    const struct Group *group = l->lifetime.group;
    arena_free(&last.arena);
    last = (Found){0};
    for (Layer *k = newest_layer(); k && l->nnodes && !failed(); k = k->lifetime.older)
        for (const Node *node = k->nodes; node && k->lifetime.group == group; node = node->next)
            if (has_input_of(node, l)) found(&last, k, node->index + own_nodes(k));
    Layers *list = arena_take(&last.arena, sizeof *list + (size_t)(last.n + 1) * sizeof *list->v);
    if (!list) return &none;
    list->n = last.n;
    if (last.n) memcpy(list->v, last.v, (size_t)last.n * sizeof *last.v);
    return list;
}

/* ---- what does not fit ---- */

static const char *mismatch(const Layer *l, const Shape *x) {
    static char text[400];
    const Ints *want = l->batch_shape;
    *text = 0;
    if (!want || !x || failed()) return text;
    Shape expected = {.rank = want->n};
    memcpy(expected.size, want->v, (size_t)want->n * sizeof *want->v);
    bool fits = true;
    for (int i = 0; i < want->n && want->n == x->rank; i++)
        fits = fits && (want->v[i] < 0 || x->size[i] < 0 || want->v[i] == x->size[i]);
    if (want->n != x->rank)
        snprintf(text, sizeof text,
                 "The rank of the input tensor provided (shape: %s) does not match "
                 "that of the batchInputShape (%s) of the layer %.80s",
                 shape_json(x), shape_json(&expected), l->name);
    else if (!fits)
        snprintf(text, sizeof text,
                 "The shape of the input tensor (%s) does not match the "
                 "expectation of layer %.80s: %s",
                 shape_json(x), l->name, shape_json(&expected));
    return text;
}

const char *tn_layer_mismatch(const Layer *l, const Symbols *inputs) {
    return mismatch(l, inputs->n ? &inputs->v[0]->shape : NULL);
}

const char *tn_sequential_mismatch(const Layer *model, const Layer *l) {
    const Graph *g = is_sequential(model) ? model->graph : NULL;
    return mismatch(l, g && g->nstack && g->top ? &g->top->shape : NULL);
}

/* ---- inside ---- */

const Layers *tn_layer_inside(const Layer *l) {
    static struct {
        int n;
        Layer *v[MOST_INSIDE];
    } list;
    list.n = l->graph || l->of->made ? 0 : l->ninner;
    if (list.n) memcpy(list.v, l->inner, (size_t)list.n * sizeof *list.v);
    return (const Layers *)&list;
}
