/* Weights of whole models: counting, setting, by name from files. */
#include "nn/core/model.h"
#include "nn/model/model_weights.h"
#include "ops/binary.gen.h"
#include "ops/reduce.gen.h"
#include "ops/unary.gen.h"

double weights_count(const Walk *w) {
    double n = 0;
    for (int i = 0; i < w->n; i++) n += w->v[i]->value->size;
    return n;
}

/* True where the constraint changes the value by no more than the 1e-7 beside its norm. */
static bool keeps(Tensor *value, Tensor *constrained) {
    const double bound = 1e-6;
    Tensor *most = tn_max(tn_abs(tn_sub(value, constrained)), NULL, false);
    const float *v = value->size ? tn_data(most) : NULL;
    return !failed() && (!v || *v <= bound);
}

/* The value is brought to keep the weight's constraint; one of a file that does so stays bit for
** bit as it was saved. */
static void assign(const Walk *w, int i, Tensor *value, bool of_file) {
    const Constraint *c = w->v[i]->constraint;
    char name[300];
    const Tensor *to = w->v[i]->value;
    weights_name(w, i, name, sizeof name);
    if (w->v[i]->id != to->id) fail(TN_DISPOSED, "weight %s is disposed", name);
    else if (!failed() && !same_shape(to, value))
        fail(TN_SHAPE,
             "Shape mismatch: the weight shape %s of %s is not compatible with provided "
             "weight shape %s",
             shape_text(to), name, shape_text(value));
    if (failed()) return;
    Scope *s = tn_scope_begin();
    tn_tape_pause(true);
    value = to_dtype(value, to->dtype);
    Tensor *constrained = c ? c->of->apply(c->config, value) : value;
    if (c && !(of_file && keeps(value, constrained))) value = constrained;
    tn_assign(w->v[i]->value, value);
    tn_tape_pause(false);
    tn_scope_end(s);
}

void weights_set(Layer *l, const List *values) {
    Walk w = weights_of(l, TN_WEIGHTS_ALL);
    if (!failed() && w.n != values->n)
        fail(TN_VALUE,
             "You called setWeights(weights) on layer \"%.80s\" with a weight list of "
             "length %d, but the layer was expecting %d weights.",
             l->name, values->n, w.n);
    for (int i = 0; i < w.n && !failed(); i++) assign(&w, i, values->v[i], false);
    arena_free(&w.arena);
}

/* ---- by name ---- */

static void want_all(const Layer *model, const Naming *all) {
    int missing = 0, first = 0;
    for (int i = all->walk->n - 1; i >= 0; i--)
        if (!all->used[i]) missing++, first = i;
    if (missing)
        fail(TN_FILE, "%.80s: %d of %d weights are not set: the first is %s", model->name, missing,
             all->walk->n, all->names[first]);
}

/* The strings of a JSON array, "" for what is none. */
static const char **list_strings(const cJSON *names, Arena *arena) {
    int n = 0;
    const cJSON *item;
    const char **strings =
        arena_take(arena, (size_t)(cJSON_GetArraySize(names) + 1) * sizeof *strings);
    cJSON_ArrayForEach(item, names) if (strings) strings[n++] =
        cJSON_IsString(item) ? item->valuestring : "";
    return strings;
}

void weights_load(Layer *model, const cJSON *names, const List *values, bool strict) {
    Walk w = weights_of(model, TN_WEIGHTS_ALL);
    int n = cJSON_GetArraySize(names);
    if (!failed() && n != values->n)
        fail(TN_FILE, "%.80s: %d names for %d weights", model->name, n, values->n);
    const char **strings = failed() ? NULL : list_strings(names, &w.arena);
    Naming all = {.walk = &w};
    const int *found = strings ? weights_find(&all, strings, n, &w.arena) : NULL;
    for (int k = 0; found && k < n && !failed(); k++) {
        if (found[k] >= 0) assign(&w, found[k], values->v[k], true);
        else if (strict)
            fail(TN_FILE, "%.80s: Provided weight data has no target variable: %.200s", model->name,
                 strings[k]);
    }
    if (found && strict && !failed()) want_all(model, &all);
    arena_free(&w.arena);
}

/* ---- disposing ---- */

static int dispose_own(Layer *l) {
    int disposed = 0;
    for (int i = 0; i < l->nweights; i++) {
        if (l->weights[i].value->id != l->weights[i].id) continue;
        tn_dispose(l->weights[i].value);
        disposed++;
    }
    return disposed;
}

static void forget_states(Layer *l) {
    Recurrence *r = l->recurrence;
    for (int i = 0; r && i < MOST_INSIDE; i++) {
        tn_dispose(r->states[i]);
        r->states[i] = NULL;
    }
}

int layer_references(const Layer *l) {
    const References *r = &l->refs;
    if (l->disposed) return 0;
    int program = r->by_program ? 1 : 0;
    if (l->graph) return program + r->users;
    int calls = l->nnodes - r->lost_nodes + program, n = calls > r->users ? calls : r->users;
    return (n ? n : 1) - r->disposals;
}

/* True if neither another model nor the program holds a layer, one of whose models is disposed. */
static bool is_left(const Layer *l) {
    if (l->graph) return !layer_references(l);
    return l->refs.users + (l->refs.by_program ? 1 : 0) <= l->refs.disposals;
}

/* Disposes a layer's weights, and those of layers inside it that have no other reference. */
static int dispose_layer(Layer *l) {
    int disposed = 0, n;
    Layer **inside = layers_inside(l, &n);
    for (int i = 0; i < n; i++) {
        References *r = &inside[i]->refs;
        if (r->users > 0) r->users--;
        if (!r->users) r->lost_nodes = inside[i]->nnodes;
        if (is_left(inside[i])) disposed += dispose_layer(inside[i]);
    }
    l->disposed = true;
    forget_states(l);
    return disposed + dispose_own(l);
}

int layer_dispose(Layer *l) {
    if (l->disposed)
        fail(TN_DISPOSED, "%s '%.80s' is already disposed.", l->graph ? "Container" : "Layer",
             l->name);
    else if (!l->graph && !l->built)
        fail(TN_VALUE, "Cannot dispose Layer %.80s because it has not been built yet.", l->name);
    if (failed()) return 0;
    layer_drop_trainer(l);
    layers_changed();
    if (!l->graph) l->refs.disposals++;
    else if (l->refs.by_program) l->refs.by_program = false;
    else if (l->refs.users > 0) l->refs.users--;
    return layer_references(l) ? 0 : dispose_layer(l);
}
