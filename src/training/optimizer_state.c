/* What optimizers remember of variables: finding it, giving it out for files, taking it back. */
#include "training/optimizer_state.h"
#include "tensor/engine.h"
#include "ops/view.gen.h"

int state_count(const Optimizer *o) {
    int n = 0;
    if (o->of->states) return o->of->states(o->config);
    while (n < MAX_STATES && o->of->names[n]) n++;
    return n;
}

static bool averages(const Optimizer *o) { return o->extras && o->extras->useEma; }

/* ---- forgetting ---- */

static void forget(Slot *s) {
    for (int i = 0; i < MAX_STATES; i++) tn_dispose(s->state[i]);
    tn_dispose(s->average);
    *s = (Slot){0};
}

void optimizer_forget(Optimizer *o) {
    while (o->nslots) forget(o->slots + --o->nslots);
}

static bool is_disposed(const Slot *s) {
    return !s->waits && (!s->variable || s->variable->id != s->id);
}

void optimizer_sweep(Optimizer *o) {
    for (int i = 0; i < o->nslots; i++)
        if (is_disposed(o->slots + i)) forget(o->slots + i);
}

void optimizer_forget_waiting(Optimizer *o) {
    for (int i = 0; i < o->nslots; i++)
        if (o->slots[i].waits) forget(o->slots + i);
}

/* ---- finding ---- */

static bool reserve_slots(Optimizer *o, int slots) {
    int more = o->capacity ? o->capacity : 16;
    while (more < slots) more *= 2;
    if (more == o->capacity) return true;
    Slot *larger = mem_alloc((size_t)more * sizeof *larger);
    if (!larger) {
        fail(TN_MEMORY, "%s: out of memory for its states", o->of->schema->name);
        return false;
    }
    if (o->nslots) memcpy(larger, o->slots, (size_t)o->nslots * sizeof *larger);
    mem_free(o->slots, (size_t)o->capacity * sizeof *o->slots);
    o->slots = larger;
    o->capacity = more;
    return true;
}

static Slot *add_slot(Optimizer *o) {
    for (int i = 0; i < o->nslots; i++)
        if (is_disposed(o->slots + i)) {
            forget(o->slots + i);
            return o->slots + i;
        }
    if (!reserve_slots(o, o->nslots + 1)) return NULL;
    o->slots[o->nslots] = (Slot){0};
    return o->slots + o->nslots++;
}

/* A state that begins, like x. */
static Tensor *first_state(const Optimizer *o, const Tensor *x) {
    int shape[TN_MAX_RANK + 1] = {x->rank};
    memcpy(shape + 1, x->shape, sizeof(int) * (size_t)x->rank);
    double first = o->of->first ? o->of->first(o->config) : 0;
    return tn_keep(tn_fill((const Ints *)shape, (float)first, TN_FLOAT32));
}

/* The i-th state of a variable, that begins. */
static Tensor *begun(const Optimizer *o, Tensor *variable, int i, const char *owner) {
    if (!o->of->begin) return first_state(o, variable);
    Scope *s = tn_scope_begin();
    return tn_keep(leave(s, o->of->begin(o->config, i, variable, owner)));
}

static void start_slot(const Optimizer *o, Slot *s, Tensor *variable, const char *owner) {
    *s = (Slot){.variable = variable, .id = variable->id};
    for (int i = 0; i < state_count(o) && !failed(); i++)
        s->state[i] = begun(o, variable, i, owner);
    if (averages(o) && !failed()) s->average = tn_keep(tensor_alias(variable));
    s->fresh = true;
    if (failed()) forget(s);
}

/* True if a state has the shape of those that the class begins with. */
static bool fits(const Optimizer *o, const Slot *s, int i, Tensor *variable, const char *owner) {
    if (!o->of->begin) return same_shape(s->state[i], variable);
    Tensor *like = begun(o, variable, i, owner);
    bool same = !failed() && same_shape(s->state[i], like);
    tn_dispose(like);
    return same;
}

/* Gives states that were set to a variable, if they are of its shape. */
static Slot *adopt(const Optimizer *o, Slot *s, Tensor *variable, const char *owner) {
    for (int i = 0; i < state_count(o); i++)
        if (!fits(o, s, i, variable, owner)) {
            fail(TN_SHAPE, "%s: a state has shape %s, its variable %s", o->of->schema->name,
                 shape_text(s->state[i]), shape_text(variable));
            return NULL;
        }
    s->variable = variable;
    s->id = variable->id;
    s->waits = false;
    return s;
}

Slot *slot_of(Optimizer *o, Tensor *variable, int hint) {
    for (int k = 0; k < o->nslots; k++) {
        Slot *s = o->slots + (hint + k) % o->nslots;
        if (!s->waits && s->variable == variable && s->id == variable->id) return s;
    }
    const char *owner = o->owners ? o->owners[hint]->name : "";
    if (hint < o->nslots && o->slots[hint].waits) return adopt(o, o->slots + hint, variable, owner);
    Slot *s = add_slot(o);
    if (s) start_slot(o, s, variable, owner);
    return failed() ? NULL : s;
}

/* ---- for files ---- */

static Tensor *state_at(const Slot *s, int i, int n) { return i < n ? s->state[i] : s->average; }

const List *optimizer_variables(const Optimizer *o) {
    List *list = make_list(o->nslots);
    int k = 0;
    for (int i = 0; i < o->nslots && list->n; i++)
        if (!is_disposed(o->slots + i)) list->v[k++] = o->slots[i].variable;
    if (list->n) list->n = k;
    return list;
}

const List *optimizer_states(const Optimizer *o) {
    int n = state_count(o), all = n + averages(o), k = 0;
    List *list = make_list(o->nslots * all);
    for (int j = 0; j < all && list->n; j++)
        for (int i = 0; i < o->nslots; i++)
            if (!is_disposed(o->slots + i)) list->v[k++] = state_at(o->slots + i, j, n);
    if (list->n) list->n = k;
    return list;
}

cJSON *optimizer_state_names(const Optimizer *o) {
    cJSON *names = json_array();
    for (int i = 0; i < state_count(o); i++) json_append(names, json_string(o->of->names[i]));
    if (averages(o)) json_append(names, json_string("average"));
    return names;
}

/* Handles of the optimizer's own on values, which may be states that it is about to forget. */
static Tensor **copies_of(const List *values) {
    Tensor **v = scratch((size_t)values->n * sizeof *v);
    for (int i = 0; v && i < values->n; i++)
        v[i] = failed() ? NULL : tn_keep(tensor_alias(to_float(values->v[i])));
    if (!v || !failed()) return v;
    for (int i = 0; i < values->n; i++) tn_dispose(v[i]);
    scratch_free(v, (size_t)values->n * sizeof *v);
    return NULL;
}

/* Where among n states of variables that have `all` of them each the j-th ones begin. Where they do
** not come out even, as those of another optimizer may not, the last are most, as in the peer. */
static int states_begin(int n, int j, int all) { return (int)((int64_t)n * j / all); }

/* The i-th slot of states that were set; those that are lacking begin, like the last. */
static Slot waiting_slot(const Optimizer *o, Tensor **v, int count, int i) {
    Slot s = {.waits = true};
    int n = state_count(o), all = n + averages(o), slots = (count + all - 1) / all;
    for (int j = 0; j < all; j++) {
        int at = states_begin(count, j, all) + i;
        bool there = at < states_begin(count, j + 1, all);
        Tensor *x = there ? v[at] : first_state(o, v[count - slots + i]);
        if (j < n) s.state[j] = x;
        else s.average = x;
    }
    return s;
}

void optimizer_set_states(Optimizer *o, int steps, const List *values) {
    int all = state_count(o) + averages(o), slots = all ? (values->n + all - 1) / all : 0;
    if (!all && values->n)
        fail(TN_VALUE, "%s: there are no states, but %d are given", o->of->schema->name, values->n);
    Scope *scope = tn_scope_begin();
    Tensor **v = !failed() && reserve_slots(o, slots) ? copies_of(values) : NULL;
    if (v) optimizer_forget(o);
    for (int i = 0; v && i < slots; i++) o->slots[o->nslots++] = waiting_slot(o, v, values->n, i);
    if (v) o->steps = steps;
    if (failed()) optimizer_forget(o);
    scratch_free(v, (size_t)values->n * sizeof *v);
    tn_scope_end(scope);
}
