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
static const char **list_strings(const cJSON *given, Arena *arena) {
    int n = 0;
    const cJSON *item;
    const char **strings =
        arena_take(arena, (size_t)(cJSON_GetArraySize(given) + 1) * sizeof *strings);
    cJSON_ArrayForEach(item, given) if (strings) strings[n++] =
        cJSON_IsString(item) ? item->valuestring : "";
    return strings;
}

void weights_load(Layer *model, const cJSON *given, const List *values, bool strict) {
    Walk w = weights_of(model, TN_WEIGHTS_ALL);
    int n = cJSON_GetArraySize(given);
    if (!failed() && n != values->n)
        fail(TN_FILE, "%.80s: %d names for %d weights", model->name, n, values->n);
    const char **strings = failed() ? NULL : list_strings(given, &w.arena);
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

static void forget_state(Layer *l) {
    for (int i = 0; i < MOST_INSIDE; i++) {
        tn_dispose(l->state[i]);
        l->state[i] = NULL;
    }
}

int layer_references(const Layer *l) {
    if (l->disposed) return 0;
    if (l->graph) return (l->of_program ? 1 : 0) + l->users;
    int uses = l->nnodes - l->gone + (l->of_program ? 1 : 0), n = uses > l->users ? uses : l->users;
    return (n ? n : 1) - l->dropped;
}

/* True if neither another model nor the program holds a layer, one of whose models goes. */
static bool is_left(const Layer *l) {
    if (l->graph) return !layer_references(l);
    return l->users + (l->of_program ? 1 : 0) <= l->dropped;
}

/* A layer's weights go, and with them those of what is inside it and held by nothing else. */
static int let_go(Layer *l) {
    int disposed = 0, n;
    Layer **inside = layers_inside(l, &n);
    for (int i = 0; i < n; i++) {
        if (inside[i]->users > 0) inside[i]->users--;
        if (!inside[i]->users) inside[i]->gone = inside[i]->nnodes;
        if (is_left(inside[i])) disposed += let_go(inside[i]);
    }
    l->disposed = true;
    forget_state(l);
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
    if (!l->graph) l->dropped++;
    else if (l->of_program) l->of_program = false;
    else if (l->users > 0) l->users--;
    return layer_references(l) ? 0 : let_go(l);
}
