/* Weights of whole models: counting, setting, by name from files. */
#include "../train/trainer.h"
#include "model.h"
#include "weights.h"

double weights_count(const Walk *w) {
    double n = 0;
    for (int i = 0; i < w->n; i++) n += w->v[i]->value->size;
    return n;
}

/* Of stacked cells: layer/RNNCell_0. */
static void stacked_name(const Layer *cell, char *to, int room) {
    const Layer *stack = cell->around, *top = stack->around ? stack->around : stack;
    int i = 0;
    while (stack->inner[i] != cell) i++;
    snprintf(to, (size_t)room, "%.200s/RNNCell_%d", top->name, i);
}

void weights_name(const Walk *w, int i, char *to, int room) {
    const Layer *l = w->of[i], *around = l->around;
    char cell[240];
    if (!around) {
        snprintf(to, (size_t)room, "%.200s/%.80s", l->name, w->v[i]->name);
    } else if (around->of->is_cell) {
        stacked_name(l, cell, sizeof cell);
        snprintf(to, (size_t)room, "%.200s/%.80s", cell, w->v[i]->name);
    } else if (around->ninner == 1) { /* a wrapper of one lends it its name */
        snprintf(to, (size_t)room, "%.200s/%.80s", around->name, w->v[i]->name);
    } else {
        snprintf(to, (size_t)room, "%.100s/%.100s/%.80s", around->name, l->name, w->v[i]->name);
    }
}

/* c: a constraint that the value is brought to keep, or NULL. */
static void assign(const Walk *w, int i, Tensor *value, const Constraint *c) {
    char name[300];
    const Tensor *to = w->v[i]->value;
    weights_name(w, i, name, sizeof name);
    if (w->v[i]->id != to->id)
        fail(TN_DISPOSED, "weight %s is disposed", name);
    else if (!failed() && !same_shape(to, value))
        fail(TN_SHAPE, "weight %s has shape %s, the value given has %s", name, shape_text(to),
             shape_text(value));
    if (failed()) return;
    Scope *s = tn_scope_begin();
    tn_tape_pause(true);
    value = to_dtype(value, to->dtype);
    if (c) value = c->of->apply(c->config, value);
    tn_assign(w->v[i]->value, value);
    tn_tape_pause(false);
    tn_scope_end(s);
}

void weights_set(Layer *l, const List *values) {
    Walk w = weights_of(l, ALL_WEIGHTS);
    if (!failed() && w.n != values->n)
        fail(TN_VALUE, "setWeights: %.80s has %d weights, but got %d", l->name, w.n, values->n);
    for (int i = 0; i < w.n && !failed(); i++)
        assign(&w, i, values->v[i], w.v[i]->constraint);
    arena_free(&w.arena);
}

/* ---- by name ---- */

typedef struct Name {
    char text[300];
    int index; /* in the walk */
    bool used;
} Name;

static int by_text(const void *a, const void *b) {
    const Name *x = a, *y = b;
    int order = strcmp(x->text, y->text);
    return order ? order : (x->index > y->index) - (x->index < y->index);
}

/* The first unused one of this name, NULL if there is none. */
static Name *find(Name *names, int n, const char *text) {
    int low = 0, high = n;
    while (low < high) {
        int middle = (low + high) / 2;
        if (strcmp(names[middle].text, text) < 0) low = middle + 1;
        else high = middle;
    }
    while (low < n && !strcmp(names[low].text, text) && names[low].used) low++;
    return low < n && !strcmp(names[low].text, text) ? names + low : NULL;
}

/* A file may say layer/cell/kernel, or model/layer/kernel, where the model says layer/kernel. */
static Name *find_loosely(Name *names, int n, const char *text) {
    char shorter[300];
    const char *last = strrchr(text, '/'), *middle = last;
    Name *found = find(names, n, text);
    if (found || !last || last == text) return found;
    while (middle > text && middle[-1] != '/') middle--;
    if (middle == text) return NULL;
    snprintf(shorter, sizeof shorter, "%.*s%s", (int)(middle - 1 - text), text, last);
    found = find(names, n, shorter);
    return found ? found : find(names, n, middle);
}

static Name *list_names(const Walk *w, Arena *a) {
    Name *names = arena_take(a, (size_t)(w->n + 1) * sizeof *names);
    for (int i = 0; names && i < w->n; i++) {
        weights_name(w, i, names[i].text, sizeof names->text);
        names[i].index = i;
    }
    if (names) qsort(names, (size_t)w->n, sizeof *names, by_text);
    return names;
}

static void want_all(const Layer *model, const Name *names, int n) {
    int missing = 0;
    const Name *first = NULL;
    for (int i = 0; i < n; i++)
        if (!names[i].used && !missing++) first = names + i;
    if (missing)
        fail(TN_FILE, "%.80s: %d of %d weights are not in the file, the first being %s",
             model->name, missing, n, first->text);
}

void weights_load(Layer *model, const cJSON *given, const List *values, bool strict) {
    Walk w = weights_of(model, ALL_WEIGHTS);
    Name *names = failed() ? NULL : list_names(&w, &w.arena);
    int k = 0;
    const cJSON *item;
    if (!failed() && cJSON_GetArraySize(given) != values->n)
        fail(TN_FILE, "%.80s: %d names for %d weights", model->name, cJSON_GetArraySize(given),
             values->n);
    cJSON_ArrayForEach(item, given) {
        if (failed()) break;
        const char *text = cJSON_IsString(item) ? item->valuestring : "";
        Name *name = find_loosely(names, w.n, text);
        if (name) {
            name->used = true;
            assign(&w, name->index, values->v[k], NULL); /* bit for bit as it was saved */
        } else if (strict) {
            fail(TN_FILE, "%.80s: the file has a weight '%.200s' that the model has not",
                 model->name, text);
        }
        k++;
    }
    if (strict && !failed()) want_all(model, names, w.n);
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

/* A layer's weights go when the last model that holds it lets go. */
static int let_go(Layer *l, bool last) {
    int disposed = 0, n;
    if (!last) return 0;
    Layer **inside = layers_inside(l, &n);
    for (int i = 0; i < n; i++) {
        if (inside[i]->users > 0) inside[i]->users--;
        disposed += let_go(inside[i], inside[i]->users == 0);
    }
    l->disposed = true;
    return disposed + dispose_own(l);
}

static void forget_states(Layer *l) {
    int n;
    Layer **inside = layers_inside(l, &n);
    for (int i = 0; i < n; i++) forget_states(inside[i]);
    for (int i = 0; i < MOST_INSIDE; i++) {
        tn_dispose(l->state[i]);
        l->state[i] = NULL;
    }
    layers_changed();
}

int layer_dispose(Layer *l) {
    if (l->disposed) fail(TN_DISPOSED, "Layer '%.80s' is already disposed", l->name);
    if (failed()) return 0;
    trainer_release(l->trainer);
    l->trainer = NULL;
    forget_states(l);
    if (l->users > 0) l->users--;
    int disposed = let_go(l, l->users == 0);
    if (l->trainer) optimizer_sweep(l->trainer->optimizer);
    return disposed;
}
