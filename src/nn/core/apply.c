/* Applying layers: to tensors, which computes, and to symbols, which connects. */
#include "nn/core/custom.h"
#include "nn/core/layers_state.h"
#include "nn/core/model.h"
#include "base/stack.h"
#include "tensor/engine.h"
#include "ops/binary.gen.h"
#include "ops/view.gen.h"

enum { FEW = 16 }; /* inputs or results that need no memory of their own */

/* Memory for n shapes, `few` if they fit in it; shapes_free() it. */
static Shape *shapes_scratch(Shape *few, int n) {
    return n <= FEW ? few : scratch((size_t)n * sizeof(Shape));
}

static void shapes_free(Shape *shapes, const Shape *few, int n) {
    if (shapes && shapes != few) scratch_free(shapes, (size_t)n * sizeof(Shape));
}

/* ---- to tensors ---- */

static bool among(const Tensor *x, Tensor **list, int n) {
    for (int i = 0; i < n; i++)
        if (list[i] == x) return true;
    return false;
}

/* A result is a handle of its own, also where a layer gives back what it got, or a weight. */
static Tensor *fresh(const Layer *l, Tensor *y, const Apply *a, int made) {
    bool own = !among(y, a->in, a->nin) && !among(y, a->out, made);
    for (int i = 0; own && i < l->nweights; i++) own = l->weights[i].value != y;
    return own ? y : tn_clone(y);
}

/* True for a layer of a caller's class, or with one inside: its shapes may be known only when it
** is built. */
static bool is_custom(const Layer *l) {
    const int asked = 1 << TN_METHOD_BUILD | 1 << TN_METHOD_COMPUTE_OUTPUT_SHAPE;
    bool own = l->of->made != NULL || (l->custom->overrides & asked);
    for (int i = 0; i < l->ninner && !own; i++) own = is_custom(l->inner[i]);
    return own;
}

/* Checks inputs before they build the layer: it would keep weights for inputs that do not fit. */
static void check_first(const Layer *l, const Shape *in, int nin) {
    Shape few[FEW];
    int n = layer_results(l);
    Shape *out = failed() ? NULL : shapes_scratch(few, n);
    if (out) layer_shapes(l, in, nin, out);
    shapes_free(out, few, n);
}

/* Builds the layer if need be; its build may set specs, which the inputs must fit too. */
static void make_ready(Layer *l, const Shape *in, int nin) {
    bool fits = fits_specs(l, in, nin), built = l->built;
    if (fits && !built && !is_custom(l)) check_first(l, in, nin);
    if (fits) layer_build(l, in, nin);
    if (!failed() && !built) fits_specs(l, in, nin);
}

static bool check_dtypes(const Layer *l, Tensor **in, int nin) {
    for (int i = 0; i < nin && !l->of->accepts_strings && !l->graph && !failed(); i++)
        if (in[i]->dtype == TN_STRING)
            fail(TN_DTYPE,
                 "%.80s: Argument 'inputs[%d]' passed to '%.80s' must be numeric tensor, "
                 "but got string tensor",
                 l->name, i, l->name);
    return !failed();
}

static void check_shapes(Layer *l, const Apply *a) {
    Tensor **in = a->in;
    const int nin = a->nin, nout = a->nout;
    Shape few[FEW], few_out[FEW];
    Shape *shapes = shapes_scratch(few, nin), *out = shapes_scratch(few_out, nout);
    if (shapes && out && check_dtypes(l, in, nin)) {
        for (int i = 0; i < nin; i++) shapes[i] = shape_of(in[i]);
        make_ready(l, shapes, nin);
        if (!is_called_outside(l, a->beneath)) layer_shapes_own(l, shapes, nin, out);
    }
    shapes_free(shapes, few, nin);
    shapes_free(out, few_out, nout);
}

/* ---- penalties on results, while a trainer collects them ---- */

static Tensor *penalty;
static int round_of_penalties;

void penalty_begin(void) {
    penalty = NULL;
    layers_now.penalties = true;
    round_of_penalties++;
}

Tensor *penalty_end(void) {
    Tensor *sum = penalty;
    layers_now.penalties = false;
    penalty = NULL;
    return sum;
}

void penalty_drop(bool goes_on) {
    if (goes_on) return;
    tn_dispose(penalty);
    penalty = NULL;
}

/* The mean over the batch, as Keras has it. */
static void penalize(const Layer *l, Tensor *y) {
    Tensor *sum = l->activity->of->apply(l->activity->config, y);
    if (failed() || !y->rank || !y->shape[0]) return;
    Tensor *mean = tn_mul(sum, tn_scalar(1 / (float)y->shape[0])), *before = penalty;
    penalty = tn_keep(before ? tn_add(before, mean) : mean);
    tn_dispose(before);
}

/* What the caller adds for a layer counts once, however often the layer is used. */
static void add_loss(Layer *l) {
    Custom *c = layer_custom(l);
    if (!c || c->loss_round == round_of_penalties) return;
    c->loss_round = round_of_penalties;
    Tensor *sum = custom_loss(l), *before = penalty;
    if (failed()) return;
    penalty = tn_keep(before ? tn_add(before, sum) : tn_clone(sum));
    tn_dispose(before);
}

/* ---- running ---- */

static bool is_usable(const Layer *l) {
    if (l->disposed) fail(TN_DISPOSED, "Layer '%.80s' is already disposed.", l->name);
    if (failed()) return false;
    for (int i = 0; i < l->nweights; i++) {
        trace_needs(l->weights[i].value);
        if (l->weights[i].value->id != l->weights[i].id) {
            fail(TN_DISPOSED, "Layer '%.80s' is already disposed: its weight %s is gone", l->name,
                 l->weights[i].name);
            return false;
        }
    }
    return true;
}

void layer_apply(Layer *l, Apply *a) {
    for (int j = 0; j < a->nout; j++) a->out[j] = nothing();
    a->mask = NULL;
    if (too_deep(l->name)) return;
    if (is_usable(l)) check_shapes(l, a);
    if (failed()) return;
    Scope *s = tn_scope_begin();
    const Custom *c = l->custom;
    const bool within = c->overrides & a->beneath; /* the caller's method calls this one's */
    if (c->has_before && !(c->overrides & ~a->beneath & CALL_METHODS)) custom_before(l, a);
    const Place before = place("layer", l->name);
    a->out[0] = layer_call(l, a);
    place_back(before);
    for (int j = 0; j < a->nout && !failed(); j++)
        a->out[j] = tn_scope_out(s, fresh(l, a->out[j], a, j));
    if (layers_now.penalties && l->activity && !within && !failed()) penalize(l, a->out[0]);
    if (layers_now.penalties && c->has_loss && !failed()) add_loss(l);
    if (l->of->keeps_mask && a->masks && !is_called_outside(l, a->beneath)) a->mask = a->masks[0];
    if (a->mask) tn_scope_out(s, a->mask);
    Tensor **masks = a->all_masks;
    for (int j = 0; masks && j < a->nout && !failed(); j++)
        if (masks[j]) masks[j] = tn_scope_out(s, tn_clone(masks[j]));
    tn_scope_end(s);
    for (int j = 0; j < a->nout && failed(); j++) a->out[j] = nothing();
}

void layer_run(Layer *l, Tensor **in, int nin, Tensor **out, int nout, bool training) {
    Apply a = {.in = in, .out = out, .nin = nin, .nout = nout, .training = training};
    layer_apply(l, &a);
}

/* ---- to symbols ---- */

/* The n-th symbol that the layer gives. */
static const char *symbol_name(Layer *l, int n, int nin) {
    char text[400];
    if (!nin) return l->name;
    int at = snprintf(text, sizeof text, "%.150s/%.150s", l->name, l->name);
    if (n) snprintf(text + at, sizeof text - (size_t)at, "_%d", n);
    return arena_text(&l->arena, text);
}

static Node *node_make(Layer *l, int nin, int nout) {
    static int last_symbol;
    Node *node = arena_take(&l->arena, sizeof *node);
    if (!node) return NULL;
    *node = (Node){.layer = l, .index = l->nnodes, .nin = nin, .nout = nout};
    node->in = arena_take(&l->arena, (size_t)(nin ? nin : 1) * sizeof *node->in);
    node->out = arena_take(&l->arena, (size_t)nout * sizeof *node->out);
    for (int j = 0; j < nout && !failed(); j++) {
        node->out[j] = arena_take(&l->arena, sizeof **node->out);
        if (!failed())
            *node->out[j] = (Symbol){.node = node,
                                     .index = j,
                                     .id = last_symbol++,
                                     .name = symbol_name(l, l->nsymbols + j, nin)};
    }
    return failed() ? NULL : node;
}

static void node_append(Layer *l, Node *node) {
    if (l->last_node) l->last_node->next = node;
    else l->nodes = node;
    l->last_node = node;
    l->nnodes++;
    l->nsymbols += node->nout;
}

Node *layer_connect(Layer *l, Symbol **in, int nin) {
    Shape few[FEW], few_out[FEW];
    int nout = 0;
    if (too_deep(l->name)) return NULL;
    Shape *shapes = shapes_scratch(few, nin), *out = NULL;
    Node *node = NULL;
    for (int i = 0; shapes && i < nin; i++) shapes[i] = in[i]->shape;
    if (shapes && nin && is_usable(l)) make_ready(l, shapes, nin);
    if (shapes && !failed()) nout = nin ? layer_count_results(l, shapes, nin) : 1;
    if (!failed()) out = shapes_scratch(few_out, nout);
    if (out) {
        if (nin) layer_shapes(l, shapes, nin, out);
        node = failed() ? NULL : node_make(l, nin, nout);
    }
    for (int i = 0; node && i < nin; i++) {
        node->in[i] = in[i];
        layer_join(l, in[i]->node->layer);
    }
    for (int j = 0; node && nin && j < nout; j++) node->out[j]->shape = out[j];
    if (node) node_append(l, node);
    shapes_free(shapes, few, nin);
    shapes_free(out, few_out, nout);
    return node;
}

/* ---- the source of symbols ---- */

static Tensor *input_call(Layer *l, Apply *a) {
    (void)l;
    return a->in[0];
}

/* inputLayer: Where a model's data comes in; tf.input makes one and gives its symbolic tensor.
**   sparse : bool = false   must be false
**   -> y : like x           as it is
** > tf.input({shape: [2, 3]}).shape   // [null, 2, 3]
*/
LAYER(inputLayer, InputLayer, .call = input_call, .accepts_strings = true);

/* Gives an input layer the node that all input layers have. */
Node *input_connect(Layer *l) {
    if (l->nodes) return l->nodes;
    if (!l->batch_shape) {
        fail(TN_VALUE,
             "%.80s: An InputLayer should be passed either a `batchInputShape` or an "
             "`inputShape`.",
             l->name);
        return NULL;
    }
    l->trainable = false;
    Node *node = layer_connect(l, NULL, 0);
    if (!node) return NULL;
    Shape s = {.dtype = l->dtype, .rank = l->batch_shape->n};
    memcpy(s.size, l->batch_shape->v, sizeof(int) * (size_t)s.rank);
    node->out[0]->shape = s;
    l->built = true;
    return node;
}

Layer *input_make(const char *name, const Shape *shape) {
    cJSON *config = json_object();
    if (name) json_put(config, "name", json_string(name));
    json_put(config, "batchInputShape", json_sizes(shape->rank, shape->size));
    json_put(config, "dtype", json_string(dtype_name(shape->dtype)));
    Layer *l = failed() ? NULL : layer_make(&inputLayer_layer, config);
    json_free(config);
    if (!l || input_connect(l)) return l;
    layer_release(l);
    return NULL;
}
