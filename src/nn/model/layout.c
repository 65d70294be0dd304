/* Lays a model out: finds what lies between its inputs and outputs, in an order of computing, and
** numbers all symbolic tensors, as values. */
#include "base/arena_grow.h"
#include "nn/core/model.h"
#include "jit/plan.h"

typedef struct Nodes {
    Node **v;
    int n, capacity;
} Nodes;

/* A walk from the outputs towards the inputs. */
typedef struct Layout {
    Arena *arena;
    Nodes nodes; /* each after what it depends on */
    int mark;    /* nodes and layers with this mark were met */
    int nlayers;
} Layout;

static int last_mark;

int graph_mark(void) { return ++last_mark; }

static void push(Arena *a, Nodes *to, Node *node) {
    if (ARENA_GROW(a, to->v, to->capacity, to->n + 1)) to->v[to->n++] = node;
}

static bool met(Layout *w, Node *node) {
    if (node->mark == w->mark) return true;
    node->mark = w->mark;
    node->cursor = node->depth = 0;
    Layer *l = node->layer;
    if (l->visit.mark == w->mark) return false;
    l->visit.mark = w->mark;
    l->visit.depth = 0;
    l->visit.order = w->nlayers++;
    return false;
}

/* Depth first, on a stack of its own: a graph may be deeper than C's allows. */
static void visit(Layout *w, Node *root) {
    Nodes stack = {0};
    if (met(w, root)) return;
    push(w->arena, &stack, root);
    while (stack.n && !failed()) {
        Node *node = stack.v[stack.n - 1];
        if (node->cursor == node->nin) {
            stack.n--;
            push(w->arena, &w->nodes, node);
            continue;
        }
        Node *before = node->in[node->cursor++]->node;
        if (!met(w, before)) push(w->arena, &stack, before);
    }
}

/* Distance of layers from the outputs: a layer used twice is as far as its farthest use. */
static void measure(const Layout *w) {
    for (int i = w->nodes.n - 1; i >= 0; i--) {
        Node *node = w->nodes.v[i];
        if (node->layer->visit.depth > node->depth) node->depth = node->layer->visit.depth;
        node->layer->visit.depth = node->depth;
        for (int k = 0; k < node->nin; k++) {
            Node *before = node->in[k]->node;
            if (before->depth < node->depth + 1) before->depth = node->depth + 1;
        }
    }
}

static int farther_first(const void *a, const void *b) {
    const Layer *x = *(Layer *const *)a, *y = *(Layer *const *)b;
    if (x->visit.depth != y->visit.depth) return x->visit.depth > y->visit.depth ? -1 : 1;
    return (x->visit.order > y->visit.order) - (x->visit.order < y->visit.order);
}

static int by_name(const void *a, const void *b) {
    return strcmp((*(Layer *const *)a)->name, (*(Layer *const *)b)->name);
}

static void check_names(const Layout *w, const Layer *model, const Graph *g) {
    Layer **sorted = arena_take(w->arena, (size_t)g->nlayers * sizeof *sorted);
    if (!sorted) return;
    memcpy(sorted, g->layers, (size_t)g->nlayers * sizeof *sorted);
    qsort(sorted, (size_t)g->nlayers, sizeof *sorted, by_name);
    for (int i = 1; i < g->nlayers && !failed(); i++)
        if (!strcmp(sorted[i - 1]->name, sorted[i]->name))
            fail(TN_VALUE,
                 "%.80s: The name \"%.80s\" is used more than once in the model. All "
                 "layer names should be unique.",
                 model->name, sorted[i]->name);
}

static void list_layers(const Layout *w, Graph *g) {
    g->layers = arena_take(&g->arena, (size_t)w->nlayers * sizeof *g->layers);
    if (!g->layers) return;
    for (int i = 0; i < w->nodes.n; i++)
        g->layers[w->nodes.v[i]->layer->visit.order] = w->nodes.v[i]->layer;
    g->nlayers = w->nlayers;
    qsort(g->layers, (size_t)g->nlayers, sizeof *g->layers, farther_first);
}

static int *values_of(Arena *a, Symbol **symbols, int n) {
    int *values = arena_take(a, (size_t)(n ? n : 1) * sizeof *values);
    for (int i = 0; values && i < n; i++)
        values[i] = symbols[i]->node->first_value + symbols[i]->index;
    return values;
}

static void count_uses(Graph *g, const int *values, int n) {
    for (int i = 0; i < n; i++) g->uses[values[i]]++;
}

static void make_calls(const Layout *w, Graph *g) {
    g->calls = arena_take(&g->arena, (size_t)w->nodes.n * sizeof *g->calls);
    for (int i = 0; i < w->nodes.n; i++) {
        w->nodes.v[i]->first_value = g->nvalues;
        g->nvalues += w->nodes.v[i]->nout;
    }
    g->uses = arena_take(&g->arena, (size_t)g->nvalues * sizeof *g->uses);
    for (int i = 0; i < w->nodes.n && !failed(); i++) {
        Node *node = w->nodes.v[i];
        if (!node->nin) continue; /* an input layer */
        int *in = values_of(&g->arena, node->in, node->nin);
        if (!in) return;
        count_uses(g, in, node->nin);
        g->calls[g->ncalls++] =
            (LayerCall){node->layer, node, in, node->first_value, node->nin, node->nout};
    }
    g->input_values = values_of(&g->arena, g->inputs, g->nin);
    g->output_values = values_of(&g->arena, g->outputs, g->nout);
    if (!failed()) count_uses(g, g->output_values, g->nout);
}

static Symbol **symbols_copy(Arena *a, Symbol **symbols, int n) {
    Symbol **copy = arena_take(a, (size_t)(n ? n : 1) * sizeof *copy);
    if (copy && n) memcpy(copy, symbols, (size_t)n * sizeof *copy);
    return copy;
}

static bool is_input(const Graph *g, const Node *node) {
    for (int i = 0; i < g->nin; i++)
        if (g->inputs[i]->node == node) return true;
    return false;
}

static bool check_inputs(const Layer *model, const Layout *w, const Graph *g) {
    for (int i = 0; i < g->nin; i++) {
        if (g->inputs[i]->node->nin)
            fail(TN_VALUE,
                 "%.80s: Input layers to a LayersModel must be InputLayer objects, but "
                 "input %d is the result of layer %.80s",
                 model->name, i, g->inputs[i]->node->layer->name);
        for (int k = 0; k < i; k++)
            if (g->inputs[i] == g->inputs[k])
                fail(TN_VALUE,
                     "%.80s: The list of inputs passed to the model is redundant: %d and "
                     "%d are the same",
                     model->name, k, i);
    }
    for (int i = 0; i < w->nodes.n && !failed(); i++)
        if (!w->nodes.v[i]->nin && !is_input(g, w->nodes.v[i]))
            fail(TN_VALUE,
                 "%.80s: Graph disconnected: the outputs depend on input %.80s, which is "
                 "not among the model's inputs",
                 model->name, w->nodes.v[i]->layer->name);
    return !failed();
}

void graph_lay_out(Layer *model, Symbol **inputs, int nin, Symbol **outputs, int nout) {
    Graph *g = model->graph;
    Arena walk = {0};
    Layout w = {.arena = &walk, .mark = graph_mark()};
    g->inputs = symbols_copy(&g->arena, inputs, nin);
    g->outputs = symbols_copy(&g->arena, outputs, nout);
    g->nin = nin;
    g->nout = nout;
    for (int i = 0; i < nout && !failed(); i++) visit(&w, outputs[i]->node);
    for (int i = 0; i < nin && !failed(); i++) visit(&w, inputs[i]->node);
    if (!failed() && check_inputs(model, &w, g)) {
        measure(&w);
        list_layers(&w, g);
        if (!failed()) check_names(&w, model, g);
        if (!failed()) make_calls(&w, g);
    }
    arena_free(&walk);
}

Graph *graph_of(const Layer *model) {
    Graph *g = model->graph;
    if (failed() || !g->stale) return failed() ? NULL : g;
    arena_free(&g->arena);
    g->nlayers = g->ncalls = g->nvalues = 0;
    if (g->nstack) graph_lay_out((Layer *)model, &g->bottom, 1, &g->top, 1);
    else
        fail(TN_VALUE,
             "%.80s: Sequential model cannot be built: model is empty. Add some layers "
             "first.",
             model->name);
    if (failed()) return NULL;
    g->stale = false;
    return g;
}

void graph_free(Graph *g) {
    plans_free(g->plans);
    arena_free(&g->stack_arena);
    arena_free(&g->arena);
}
