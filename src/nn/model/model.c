/* Models as layers: running a graph, functional and sequential models, walks over weights. */
#include "nn/core/custom.h"
#include "base/arena_grow.h"
#include "nn/core/model.h"
#include "jit/plan.h"
#include "ops/view.gen.h"

/* ---- running ---- */

typedef struct Run {
    const Graph *g;
    Tensor **values; /* by their numbers */
    Tensor **masks;  /* by their numbers, or NULL */
    int *left;       /* readers still to come; the last one releases */
    bool training;
} Run;

static void run_call(Run *r, const LayerCall *c) {
    enum { FEW = 16 };
    Tensor *few[2 * FEW];
    size_t bytes = 2 * (size_t)c->nin * sizeof(Tensor *);
    Tensor **in = c->nin <= FEW ? few : scratch(bytes), **masks = in ? in + c->nin : NULL;
    bool masked = false;
    if (!in) return;
    for (int i = 0; i < c->nin; i++) {
        in[i] = r->values[c->in[i]];
        masks[i] = r->masks[c->in[i]];
        masked |= masks[i] != NULL;
    }
    Apply a = {.in = in,
               .out = r->values + c->first_out,
               .nin = c->nin,
               .nout = c->nout,
               .training = r->training,
               .masks = masked ? masks : NULL};
    layer_apply(c->layer, &a);
    r->masks[c->first_out] = a.mask;
    for (int i = 0; i < c->nin; i++)
        if (--r->left[c->in[i]] == 0) tn_dispose(in[i]);
    for (int j = 0; j < c->nout; j++)
        if (!r->left[c->first_out + j]) tn_dispose(r->values[c->first_out + j]);
    if (in != few) scratch_free(in, bytes);
}

/* Inputs are borrowed: a reader more than there is keeps them from being released. */
static void start_run(Run *r, const Apply *a) {
    const Graph *g = r->g;
    memcpy(r->left, g->uses, (size_t)g->nvalues * sizeof *r->left);
    for (int i = 0; i < g->nvalues; i++) r->values[i] = nothing(), r->masks[i] = NULL;
    for (int i = 0; i < g->nin; i++) {
        r->values[g->input_values[i]] = a->in[i];
        if (a->masks) r->masks[g->input_values[i]] = a->masks[i];
        r->left[g->input_values[i]]++;
    }
}

static Tensor *model_call(Layer *l, Apply *a) {
    const Graph *g = graph_of(l);
    if (!g) return nothing();
    size_t bytes = (size_t)g->nvalues * (2 * sizeof(Tensor *) + sizeof(int));
    Tensor **memory = scratch(bytes);
    if (!memory) return nothing();
    Run r = {g, memory, memory + g->nvalues, (int *)(memory + 2 * g->nvalues), a->training};
    start_run(&r, a);
    for (int i = 0; i < g->ncalls && !failed(); i++) run_call(&r, g->calls + i);
    for (int j = 0; j < g->nout; j++) a->out[j] = r.values[g->output_values[j]];
    a->mask = r.masks[g->output_values[0]];
    for (int j = 0; a->all_masks && j < g->nout; j++)
        a->all_masks[j] = r.masks[g->output_values[j]];
    scratch_free(memory, bytes);
    return failed() ? nothing() : a->out[0];
}

/* ---- by plans ---- */

static int version;
void layers_changed(void) { version++; }
int layers_version(void) { return version; }

static void run_untrained(void *model, Tensor **in, Tensor **out) {
    const Graph *g = ((Layer *)model)->graph;
    Apply a = {.in = in, .out = out, .nin = g->nin, .nout = g->nout, .beneath = CALL_METHODS};
    layer_apply(model, &a);
}

void model_run(Layer *model, Tensor **in, Tensor **out) {
    const Graph *g = graph_of(model);
    if (!g) return;
    Work w = {run_untrained, model, in, out, g->nin, g->nout, .version = version};
    plans_run(&model->graph->plans, &w);
}

/* ---- shapes ---- */

/* True if the input fits what the model's input says; batches may be of other sizes. */
static bool fits(const Shape *want, const Shape *got) {
    bool same = want->rank == got->rank;
    for (int i = 1; same && i < want->rank; i++)
        same = want->size[i] < 0 || got->size[i] < 0 || want->size[i] == got->size[i];
    return same;
}

static bool other_batch(const Graph *g, const Shape *in) {
    const Shape *s = &g->inputs[0]->shape;
    return s->rank && s->size[0] >= 0 && s->size[0] != in->size[0];
}

/* True if the model leaves sizes open beyond the batch's. */
static bool is_open(const Graph *g) {
    for (int i = 0; i < g->nin; i++)
        for (int k = 1; k < g->inputs[i]->shape.rank; k++)
            if (g->inputs[i]->shape.size[k] < 0) return true;
    return false;
}

/* Shapes worked out step by step, for a model with open sizes, or inputs of other shapes than it
** was made for: whether they fit is for the layers to say. */
static void shapes_through(const Graph *g, const Shape *in, Shape *out) {
    size_t bytes = (size_t)g->nvalues * sizeof(Shape);
    Arena arena = {0};
    Shape *shapes = scratch(bytes);
    if (!shapes) return;
    for (int i = 0; i < g->nin; i++) shapes[g->input_values[i]] = in[i];
    for (int i = 0; i < g->ncalls && !failed(); i++) {
        const LayerCall *c = g->calls + i;
        Shape *got = arena_take(&arena, (size_t)c->nin * sizeof *got);
        for (int k = 0; got && k < c->nin; k++) got[k] = shapes[c->in[k]];
        layer_shapes(c->layer, got, c->nin, shapes + c->first_out);
    }
    for (int j = 0; j < g->nout; j++) out[j] = shapes[g->output_values[j]];
    scratch_free(shapes, bytes);
    arena_free(&arena);
}

static void model_shape(const Layer *l, const Shape *in, int nin, Shape *out) {
    const Graph *g = graph_of(l);
    if (!g) return;
    if (nin != g->nin) {
        fail(TN_VALUE, "%.80s: takes %d inputs, but got %d", l->name, g->nin, nin);
        return;
    }
    bool fit = true;
    for (int i = 0; i < nin; i++) fit = fit && fits(&g->inputs[i]->shape, in + i);
    if (!fit || is_open(g) || other_batch(g, in)) {
        shapes_through(g, in, out);
        return;
    }
    for (int j = 0; j < g->nout; j++) {
        out[j] = g->outputs[j]->shape;
        if (out[j].rank && out[j].size[0] < 0) out[j].size[0] = in[0].size[0];
    }
}

static int model_results(const Layer *l) { return is_sequential(l) ? 1 : l->graph->nout; }

static const Schema model_schema = {.name = "model", .class_name = "Model"};
static const Schema functional_schema = {.name = "model", .class_name = "Functional"};
const LayerClass model_class = {
    .schema = &model_schema, .shape = model_shape, .call = model_call, .results = model_results};
const LayerClass functional_class = {.schema = &functional_schema,
                                     .shape = model_shape,
                                     .call = model_call,
                                     .results = model_results};

/* ---- making ---- */

/* Counts the model's layers as used by it, and itself as a level above them. */
static void use_layer(Layer *model, Layer *l) {
    l->refs.users++;
    layer_rise(model, l);
}

Layer *model_make(const char *name, Symbol **inputs, int nin, Symbol **outputs, int nout) {
    if (!nin || !nout)
        fail(TN_VALUE, "model: needs at least one input and one output, but got %d and %d", nin,
             nout);
    Layer *l = layer_start_model(&model_class, name);
    if (!l) return NULL;
    l->built = true;
    graph_lay_out(l, inputs, nin, outputs, nout);
    Layer *first = inputs[0]->node->layer;
    for (int i = 1; i < nin && !failed(); i++) layer_join(first, inputs[i]->node->layer);
    for (int j = 0; j < nout && !failed(); j++) layer_join(first, outputs[j]->node->layer);
    if (!failed()) {
        layer_retain(first);
        layer_hold(l, first);
    }
    for (int i = 0; i < l->graph->nlayers && !failed(); i++) use_layer(l, l->graph->layers[i]);
    if (!failed()) return l;
    layer_release(l);
    return NULL;
}

/* ---- sequential ---- */

static const Schema sequential_schema = {.name = "sequential", .class_name = "Sequential"};
const LayerClass sequential_class = {.schema = &sequential_schema,
                                     .shape = model_shape,
                                     .call = model_call,
                                     .results = model_results};

Layer *sequential_make(const char *name) {
    Layer *l = layer_start_model(&sequential_class, name);
    if (l) l->graph->sequential = l->graph->stale = true;
    return l;
}

static bool reserve_layer(Graph *g) {
    return ARENA_GROW(&g->stack_arena, g->stack, g->stack_capacity, g->nstack + 1);
}

/* The shape that the first layer of a sequential model takes. */
static bool first_shape(const Layer *model, const Layer *first, Shape *s) {
    const Graph *g = first->graph ? graph_of(first) : NULL;
    if (failed()) return false;
    if (g && g->nin == 1) {
        *s = g->inputs[0]->shape;
        return true;
    }
    if (!first->batch_shape && first->of->input && first->of->input(first, s)) return true;
    if (!first->batch_shape) {
        fail(TN_VALUE,
             "%.80s: the first layer in a Sequential model must get an `inputShape` or "
             "`batchInputShape` argument, but %.80s has none",
             model->name, first->name);
        return false;
    }
    *s = (Shape){.dtype = first->dtype, .rank = first->batch_shape->n};
    memcpy(s->size, first->batch_shape->v, sizeof(int) * (size_t)s->rank);
    return true;
}

/* The symbol that the first layer is applied to; its input layer is held by the model. */
static Symbol *start_stack(Layer *model, Layer *first) {
    Shape s;
    char name[200];
    if (!first_shape(model, first, &s)) return NULL;
    snprintf(name, sizeof name, "%.150s_input", first->name);
    Layer *input = input_make(name, &s);
    if (!input) return NULL;
    Symbol *x = input->nodes->out[0];
    layer_hold(model, input);
    return failed() ? NULL : x;
}

/* Where a layer of this name is, or would be. */
static Layer **place_of(const Graph *g, const char *name) {
    unsigned hash = 2166136261u; /* FNV-1a */
    for (const char *at = name; *at; at++) hash = (hash ^ (unsigned char)*at) * 16777619u;
    unsigned i = hash % (unsigned)g->named_size;
    while (g->named[i] && strcmp(g->named[i]->name, name)) i = (i + 1) % (unsigned)g->named_size;
    return g->named + i;
}

static void name_all(Graph *g) {
    memset(g->named, 0, (size_t)g->named_size * sizeof *g->named);
    for (int i = 0; i < g->nstack; i++) *place_of(g, g->stack[i]->name) = g->stack[i];
    g->named_count = g->nstack;
}

/* Half of the places stay free. */
static bool reserve_name(Graph *g) {
    if (2 * (g->named_count + 1) <= g->named_size) return true;
    int size = g->nstack < 8 ? 32 : 4 * g->nstack;
    Layer **named = arena_take(&g->stack_arena, (size_t)size * sizeof *named);
    if (!named) return false;
    g->named = named;
    g->named_size = size;
    name_all(g);
    return true;
}

static bool may_add(const Layer *model, const Layer *l) {
    if (l == model) fail(TN_VALUE, "%.80s: a model cannot be added to itself", model->name);
    if (failed() || !reserve_name(model->graph)) return false;
    const Graph *g = l->graph && graph_of(l) ? l->graph : NULL;
    if (g && g->nin != 1)
        fail(TN_VALUE,
             "%.80s: All layers in a Sequential model should have a single input tensor, "
             "but %.80s has %d. For multi-input layers, use the functional API.",
             model->name, l->name, g->nin);
    if (*place_of(model->graph, l->name))
        fail(TN_VALUE, "%.80s: it has a layer named %.80s already", model->name, l->name);
    return !failed();
}

void sequential_add(Layer *model, Layer *l) {
    Graph *g = model->graph;
    if (failed() || !may_add(model, l) || !reserve_layer(g)) return;
    bool input = !g->nstack && !strcmp(l->of->schema->class_name, "InputLayer");
    Symbol *x = g->nstack ? g->top : input ? NULL : start_stack(model, l);
    Node *node = failed() ? NULL : input ? input_connect(l) : layer_connect(l, &x, 1);
    if (node && node->nout != 1)
        fail(TN_VALUE,
             "%.80s: All layers in a Sequential model should have a single output tensor, "
             "but %.80s has %d. For multi-output layers, use the functional API.",
             model->name, l->name, node->nout);
    if (failed()) return;
    layer_retain(l);
    layer_hold(model, l);
    use_layer(model, l);
    if (failed()) return;
    if (!g->nstack) g->bottom = input ? node->out[0] : x;
    g->top = node->out[0];
    g->stack[g->nstack++] = *place_of(g, l->name) = l;
    g->named_count++;
    g->stale = model->built = true;
    layers_changed();
}

void sequential_pop(Layer *model) {
    Graph *g = model->graph;
    if (!g->nstack) {
        fail(TN_VALUE, "%.80s: There are no layers in the model.", model->name);
        return;
    }
    g->stack[--g->nstack]->refs.users--;
    name_all(g);
    g->stale = true;
    layers_changed();
    model->built = g->nstack > 0;
    if (g->nstack) g->top = g->top->node->in[0];
}

Layer **model_layers(const Layer *model, int *n) {
    const Graph *g = model->graph;
    *n = g->sequential ? g->nstack : g->nlayers;
    return g->sequential ? g->stack : g->layers;
}

Layer **layers_inside(Layer *l, int *n) {
    if (l->graph) return model_layers(l, n);
    *n = l->ninner;
    return l->inner;
}

void layer_reset_states(Layer *l) {
    int n;
    Layer **inside = layers_inside(l, &n);
    for (int i = 0; i < n; i++) layer_reset_states(inside[i]);
    layers_changed();
    Recurrence *r = l->recurrence;
    if (!r) return;
    for (int i = 0; i < MOST_INSIDE && r->states[i] && !failed(); i++) {
        Tensor *zeros = tn_keep(tn_zerosLike(r->states[i]));
        tn_dispose(r->states[i]);
        r->states[i] = failed() ? NULL : zeros;
    }
    r->reset = true;
}
