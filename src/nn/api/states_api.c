/* Masks and states of layers as C programs and JavaScript see them: models.h. */
#include "nn/core/custom.h"
#include "nn/api/models_api.h"
#include "models.h"
#include "tensor/engine.h"
#include "ops/view.gen.h"

/* True for layers that go through the steps of a sequence. */
static bool goes_through(const Layer *l) { return l->of->states && !l->of->is_cell; }

/* Those of stacked cells from the last to the first; those of images end with the channels. */
static void put_state_sizes(const Layer *cell, cJSON *to) {
    Shape step = {.rank = 2, .size = {-1, -1}}, out[MOST_INSIDE];
    const cJSON *size = json_get(cell->json, "units");
    if (!size) size = json_get(cell->json, "filters");
    for (int i = cell->ninner; i-- > 0;) put_state_sizes(cell->inner[i], to);
    if (cell->ninner) return;
    int n = cell->of->states(cell, size ? NULL : &step, out);
    for (int i = 0; i < n && !failed(); i++)
        json_append(to, json_number(size ? size->valuedouble : out[i].size[1]));
}

const char *tn_layer_state_sizes(const Layer *cell) {
    cJSON *sizes = json_array();
    if (cell->of->is_cell && !cell->of->made) put_state_sizes(cell, sizes);
    return json_text(sizes);
}

bool accepts_masks(const Layer *l) {
    bool makes_mask = cJSON_IsTrue(json_get(l->json, "maskZero"));
    return l->of->keeps_mask || l->of->knows_mask || l->graph || makes_mask;
}

Tensor *tn_layer_mask(Layer *l, const List *inputs, const List *masks) {
    int n = results_of(l, ALL_METHODS);
    size_t bytes = (size_t)n * sizeof(Tensor *);
    Tensor **out = n ? scratch(bytes) : NULL;
    if (!out) return NULL;
    Apply a = {.in = (Tensor **)inputs->v,
               .out = out,
               .nin = inputs->n,
               .nout = n,
               .masks = (Tensor **)masks->v,
               .open = l->of->made != NULL,
               .beneath = ALL_METHODS};
    bool masked = false;
    for (int i = 0; i < masks->n; i++) masked |= masks->v[i] != NULL;
    if (masks->n != inputs->n)
        fail(TN_VALUE,
             "%.80s: the inputs and masks are expected to have the same length, but "
             "there are %d masks for %d inputs",
             l->name, masks->n, inputs->n);
    if (masked && !accepts_masks(l) && !l->of->made)
        fail(TN_VALUE, "Layer %.80s does not support masking, but was passed an inputMask.",
             l->name);
    if (!accepts_masks(l) && !l->of->made) n = 0;
    Scope *s = tn_scope_begin();
    bool all = cJSON_IsTrue(json_get(l->json, "returnSequences"));
    if (goes_through(l) && !failed()) a.mask = all && masks->n ? masks->v[0] : NULL;
    else if (!failed() && n) layer_apply(l, &a);
    Tensor *mask = a.mask && !failed() ? tn_scope_out(s, tn_clone(a.mask)) : NULL;
    tn_scope_end(s);
    scratch_free(out, bytes);
    return mask;
}

static int states_of(const Layer *l) {
    if (goes_through(l)) return l->of->states(l, NULL, NULL);
    fail(TN_VALUE, "%.80s: has no states, it is no recurrent layer", l->name);
    return 0;
}

const List *tn_layer_first_states(Layer *l, const Tensor *x) {
    Shape in = shape_of(x), shapes[MOST_INSIDE];
    int n = failed() ? 0 : states_of(l);
    if (n && in.rank < 3)
        fail(TN_SHAPE, "%.80s: x has rank %d, it takes sequences", l->name, in.rank);
    if (n && !failed()) l->of->states(l, &in, shapes);
    List *list = make_list(failed() ? 0 : n);
    for (int i = 0; i < list->n; i++) list->v[i] = shape_zeros(shapes + i);
    return list;
}

const List *tn_layer_states(const Layer *l) {
    List *list = make_list(failed() ? 0 : states_of(l));
    for (int i = 0; i < list->n; i++) list->v[i] = l->recurrence->states[i];
    return list;
}

/* Fails unless the value has the shape of the state that is there, if one is. */
static void want_state(const Layer *l, int i, const Tensor *value) {
    const Tensor *now = l->recurrence->states[i];
    bool same = !now || now->rank == value->rank;
    for (int k = l->recurrence->reset; same && now && k < now->rank; k++)
        same = now->shape[k] == value->shape[k];
    if (!same)
        fail(TN_SHAPE, "State %d is incompatible with layer %.80s: expected shape %s, but got %s",
             i, l->name, shape_text(now), shape_text(value));
}

void tn_layer_set_states(Layer *l, const List *values) {
    int n = failed() ? 0 : states_of(l);
    if (!failed() && values->n != n)
        fail(TN_VALUE, "Layer %.80s expects %d state(s), but it received %d state value(s)",
             l->name, n, values->n);
    for (int i = 0; i < n && !failed(); i++) want_state(l, i, values->v[i]);
    for (int i = 0; i < n && !failed(); i++) {
        Tensor *copy = tensor_alias(values->v[i]);
        if (failed()) return;
        tn_dispose(l->recurrence->states[i]);
        l->recurrence->states[i] = tn_keep(copy);
    }
    if (n) l->recurrence->reset = false;
    layers_changed();
}
