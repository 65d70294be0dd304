/* What optimizers share: states kept for each variable, and the step over all of them. */
#include "optimizer.h"
#include "../engine/engine.h"

/* What is remembered of one variable. */
typedef struct Slot {
    Tensor *variable;
    uint32_t id; /* of the variable: another one may come to lie where it was */
    Tensor *state[MAX_STATES];
} Slot;

struct Optimizer {
    const OptimizerClass *of;
    void *config;
    cJSON *json;
    int handles, steps;
    Slot *slots;
    int nslots, room;
    Arena arena; /* holds the optimizer itself */
};

const OptimizerClass *optimizer_find(const char *name) {
    for (int i = 0; all_optimizers[i]; i++)
        if (same_name(name, all_optimizers[i]->schema->name)) return all_optimizers[i];
    return NULL;
}

Optimizer *optimizer_make(const OptimizerClass *of, const cJSON *config) {
    Arena arena = {0};
    Optimizer *o = arena_take(&arena, sizeof *o);
    if (!o) return NULL;
    *o = (Optimizer){.of = of, .handles = 1, .arena = arena};
    void *values = arena_take(&o->arena, (size_t)of->schema->bytes);
    o->config = values;
    o->json = json_object();
    Reader r = {of->schema->name, config, o->json, &o->arena, NULL};
    if (values && config_read(&r, of->schema, values)) return o;
    optimizer_release(o);
    return NULL;
}

Optimizer *optimizer_by_name(const char *name) {
    const OptimizerClass *of = optimizer_find(name);
    if (!of) {
        fail(TN_VALUE, "compile: optimizer '%.80s' is not known", name);
        return NULL;
    }
    cJSON *config = of->by_name ? json_read(name, of->by_name) : NULL;
    Optimizer *o = failed() ? NULL : optimizer_make(of, config);
    json_free(config);
    return o;
}

static void forget(Slot *s) {
    for (int i = 0; i < MAX_STATES; i++) tn_dispose(s->state[i]);
    *s = (Slot){0};
}

Optimizer *optimizer_retain(Optimizer *o) {
    o->handles++;
    return o;
}

void optimizer_forget(Optimizer *o) {
    while (o->nslots) forget(o->slots + --o->nslots);
}

void optimizer_release(Optimizer *o) {
    if (!o || --o->handles) return;
    optimizer_forget(o);
    mem_free(o->slots, (size_t)o->room * sizeof *o->slots);
    json_free(o->json);
    Arena arena = o->arena;
    arena_free(&arena);
}

/* ---- states ---- */

static int states(const Optimizer *o) { return o->of->states ? o->of->states(o->config) : 0; }

static bool is_gone(const Slot *s) { return !s->variable || s->variable->id != s->id; }

void optimizer_sweep(Optimizer *o) {
    for (int i = 0; i < o->nslots; i++)
        if (is_gone(o->slots + i)) forget(o->slots + i);
}

static Slot *add_slot(Optimizer *o) {
    for (int i = 0; i < o->nslots; i++)
        if (is_gone(o->slots + i)) {
            forget(o->slots + i);
            return o->slots + i;
        }
    if (o->nslots == o->room) {
        int more = o->room ? o->room * 2 : 16;
        Slot *larger = mem_alloc((size_t)more * sizeof *larger);
        if (!larger) {
            fail(TN_MEMORY, "%s: out of memory for its states", o->of->schema->name);
            return NULL;
        }
        if (o->nslots) memcpy(larger, o->slots, (size_t)o->nslots * sizeof *larger);
        mem_free(o->slots, (size_t)o->room * sizeof *o->slots);
        o->slots = larger;
        o->room = more;
    }
    o->slots[o->nslots] = (Slot){0};
    return o->slots + o->nslots++;
}

static void start_slot(const Optimizer *o, Slot *s, Tensor *variable) {
    int shape[TN_MAX_RANK + 1] = {variable->rank};
    memcpy(shape + 1, variable->shape, sizeof(int) * (size_t)variable->rank);
    double first = o->of->first ? o->of->first(o->config) : 0;
    *s = (Slot){.variable = variable, .id = variable->id};
    for (int i = 0; i < states(o) && !failed(); i++)
        s->state[i] = tn_keep(tn_fill((const Ints *)shape, (float)first, TN_FLOAT32));
    if (failed()) forget(s);
}

/* The slot of a variable; usually the `hint`-th. */
static Slot *slot_of(Optimizer *o, Tensor *variable, int hint) {
    for (int k = 0; k < o->nslots; k++) {
        Slot *s = o->slots + (hint + k) % o->nslots;
        if (s->variable == variable && s->id == variable->id) return s;
    }
    Slot *s = add_slot(o);
    if (s) start_slot(o, s, variable);
    return failed() ? NULL : s;
}

/* ---- steps ---- */

static void update(Optimizer *o, Slot *s, Tensor *variable, Tensor *grad) {
    if (!same_shape(variable, grad)) {
        fail(TN_SHAPE, "%s: a gradient has shape %s, its variable %s", o->of->schema->name,
             shape_text(grad), shape_text(variable));
        return;
    }
    Update u = {.value = variable, .grad = grad, .config = o->config, .step = o->steps};
    memcpy(u.state, s->state, sizeof u.state);
    Scope *scope = tn_scope_begin();
    o->of->update(&u);
    if (!failed()) tn_assign(variable, u.value);
    for (int i = 0; i < states(o) && !failed(); i++)
        if (u.state[i] != s->state[i]) {
            tn_dispose(s->state[i]);
            s->state[i] = tn_keep(u.state[i]);
        }
    tn_scope_end(scope);
}

void optimizer_apply(Optimizer *o, const List *variables, const List *grads) {
    if (failed()) return;
    o->steps++;
    tn_tape_pause(true);
    for (int i = 0; i < variables->n && !failed(); i++) {
        if (!grads->v[i]) continue;
        if (variables->v[i]->dtype != TN_FLOAT32) {
            fail(TN_DTYPE, "%s: variable %d is %s, not float32", o->of->schema->name, i,
                 dtype_name(variables->v[i]->dtype));
            break;
        }
        Slot *s = slot_of(o, variables->v[i], i);
        if (s) update(o, s, variables->v[i], grads->v[i]);
    }
    tn_tape_pause(false);
}

/* ---- what is remembered, for files ---- */

const char *optimizer_class(const Optimizer *o) { return o->of->schema->class_name; }

cJSON *optimizer_config(const Optimizer *o, bool pythonic) {
    return pythonic ? json_pythonic(o->json) : json_copy(o->json);
}

/* The rate is the first field of every optimizer's config, which is the optimizer's own. */
void optimizer_set_rate(Optimizer *o, double rate) {
    if (!isfinite(rate)) {
        fail(TN_VALUE, "%s: learningRate must be a number, but is %g", o->of->schema->name, rate);
        return;
    }
    *(double *)o->config = rate;
    json_replace(o->json, "learningRate", json_number(rate));
}

int optimizer_steps(const Optimizer *o) { return o->steps; }

const List *optimizer_states(const Optimizer *o) {
    int n = states(o), k = 0;
    List *list = make_list(o->nslots * n);
    for (int i = 0; i < o->nslots && list->n; i++)
        for (int j = 0; j < n && o->slots[i].variable; j++) list->v[k++] = o->slots[i].state[j];
    list->n = k;
    return list;
}

void optimizer_set_states(Optimizer *o, int steps, const List *variables, const List *values) {
    int n = states(o);
    if (values->n != variables->n * n)
        fail(TN_VALUE, "%s: %d states for %d variables, it has %d each", o->of->schema->name,
             values->n, variables->n, n);
    for (int i = 0; i < variables->n && !failed(); i++) {
        Slot *s = slot_of(o, variables->v[i], i);
        for (int j = 0; s && j < n && !failed(); j++) {
            Tensor *value = values->v[i * n + j];
            if (!same_shape(value, s->state[j])) {
                fail(TN_SHAPE, "%s: a state has shape %s, its variable %s", o->of->schema->name,
                     shape_text(value), shape_text(s->state[j]));
                return;
            }
            Tensor *copy = tensor_alias(value);
            if (failed()) return;
            tn_dispose(s->state[j]);
            s->state[j] = tn_keep(copy);
        }
    }
    if (!failed()) o->steps = steps;
}
