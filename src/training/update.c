/* One step over all variables: clipping, decay, the update of the class, running means. */
#include "training/optimizer_state.h"
#include "tensor/engine.h"
#include "ops/binary.gen.h"
#include "ops/reduce.gen.h"
#include "ops/unary.gen.h"

static bool (*takes_step)(Optimizer *o, const List *variables, const List *grads);
static bool (*minimizes)(Optimizer *o, const List *variables);

void tn_on_optimizer(bool (*step)(Optimizer *o, const List *variables, const List *grads),
                     bool (*minimize)(Optimizer *o, const List *variables)) {
    takes_step = step;
    minimizes = minimize;
}

bool optimizer_minimize(Optimizer *o, const List *variables) {
    return minimizes && minimizes(o, variables);
}

/* ---- gradients that are too long ---- */

/* The factor that brings something of this norm down to the limit. */
static Tensor *down_to(double limit, Tensor *norm) {
    Tensor *most = tn_scalar((float)limit);
    return tn_div(most, tn_maximum(norm, most));
}

static Tensor *square_sum(Tensor *x) { return tn_sum(tn_square(x), NULL, false); }

/* The factor for all gradients together, or NULL. */
static Tensor *global_factor(const Optimizer *o, const List *grads) {
    Tensor *sum = NULL;
    if (isnan(o->extras->globalClipnorm)) return NULL;
    for (int i = 0; i < grads->n && !failed(); i++) {
        Tensor *mine = grads->v[i] ? square_sum(grads->v[i]) : NULL;
        if (mine) sum = sum ? tn_add(sum, mine) : mine;
    }
    return sum ? down_to(o->extras->globalClipnorm, tn_sqrt(sum)) : NULL;
}

static Tensor *clipped(const Optimizer *o, Tensor *grad, Tensor *factor) {
    const ExtrasConfig *k = o->extras;
    if (factor) grad = tn_mul(grad, factor);
    if (!isnan(k->clipnorm)) grad = tn_mul(grad, down_to(k->clipnorm, tn_sqrt(square_sum(grad))));
    if (isnan(k->clipvalue)) return grad;
    return tn_clipByValue(grad, (float)-k->clipvalue, (float)k->clipvalue);
}

/* ---- one variable ---- */

static Tensor *decayed(const Optimizer *o, const Update *u) {
    double share = o->of->decay ? o->of->decay(u) : o->extras->weightDecay;
    share *= *(const double *)o->config;
    return share ? tn_mul(u->value, tn_scalar((float)(1 - share))) : u->value;
}

static void replace(Tensor *state, Tensor *by) {
    if (!failed() && by != state) tn_assign(state, by);
}

static Tensor *mean_towards(const Optimizer *o, Tensor *mean, Tensor *value) {
    double stays = o->extras->emaMomentum;
    return tn_add(tn_mul(mean, tn_scalar((float)stays)),
                  tn_mul(value, tn_scalar((float)(1 - stays))));
}

static bool is_known(const Slot *s) { return !s->waits && s->variable && s->variable->id == s->id; }

/* Variable and running mean change places, unless they have. */
static void swap_average(Slot *s, bool train) {
    if (!s->average || s->swapped != train) return;
    Tensor *value = tensor_alias(s->variable);
    tn_assign(s->variable, s->average);
    tn_assign(s->average, value);
    if (!failed()) s->swapped = !train;
}

/* Every so many steps the mean takes the variable's place. */
static bool overwrites(const Optimizer *o) {
    int every = o->extras->emaOverwriteFrequency;
    return every != NONE && o->steps % every == 0;
}

static void update(Optimizer *o, Slot *s, Tensor *variable, Tensor *grad, Tensor *factor) {
    if (!same_shape(variable, grad)) {
        fail(TN_SHAPE, "%s: a gradient has shape %s, its variable %s", o->of->schema->name,
             shape_text(grad), shape_text(variable));
        return;
    }
    Scope *scope = tn_scope_begin();
    swap_average(s, true);
    Update u = {
        .value = variable, .grad = clipped(o, grad, factor), .config = o->config, .step = o->steps};
    memcpy(u.state, s->state, sizeof u.state);
    u.value = decayed(o, &u);
    o->of->update(&u);
    if (!failed()) tn_assign(variable, u.value);
    for (int i = 0; i < state_count(o); i++) replace(s->state[i], u.state[i]);
    if (s->average) {
        replace(s->average, s->fresh ? u.value : mean_towards(o, s->average, u.value));
        s->fresh = false;
        if (overwrites(o) && !failed()) tn_assign(variable, s->average);
    }
    tn_scope_end(scope);
}

/* ---- all ---- */

static bool all_float(const Optimizer *o, const List *variables, const List *grads) {
    for (int i = 0; i < variables->n; i++)
        if (grads->v[i] && variables->v[i]->dtype != TN_FLOAT32) {
            fail(TN_DTYPE, "%s: variable %d is %s, not float32", o->of->schema->name, i,
                 dtype_name(variables->v[i]->dtype));
            return false;
        }
    return true;
}

static void apply(Optimizer *o, const List *variables, const List *grads) {
    if (!all_float(o, variables, grads)) return;
    if (o->schedule) *(double *)o->config = schedule_at(o->schedule, o->steps);
    o->steps++;
    Scope *s = tn_scope_begin();
    Tensor *factor = global_factor(o, grads);
    for (int i = 0; i < variables->n && !failed(); i++) {
        bool known = variables->v[i]->dtype == TN_FLOAT32;
        Slot *slot = known ? slot_of(o, variables->v[i], i) : NULL;
        if (slot && grads->v[i]) update(o, slot, variables->v[i], grads->v[i], factor);
    }
    tn_scope_end(s);
}

void optimizer_apply(Optimizer *o, const List *variables, const List *grads) {
    if (!failed() && !o->of->update)
        fail(TN_VALUE, "applyGradients: a subclass of Optimizer must have applyGradients()");
    if (failed()) return;
    tn_tape_pause(true);
    apply(o, variables, grads);
    tn_tape_pause(false);
}

/* The caller may pass on other variables than it got: owners, which go by place, do not hold. */
static bool taken_by_caller(Optimizer *o, const List *variables, const List *grads) {
    const Layer *const *owners = o->owners;
    const int steps = o->steps;
    if (!takes_step) return false;
    o->owners = NULL;
    tn_tape_pause(true);
    const bool taken = takes_step(o, variables, grads);
    tn_tape_pause(false);
    o->owners = owners;
    if (taken && !o->of->update && o->steps == steps) o->steps++;
    return taken;
}

void optimizer_step(Optimizer *o, const List *variables, const List *grads) {
    if (!failed() && !taken_by_caller(o, variables, grads)) optimizer_apply(o, variables, grads);
}

void optimizer_owners(Optimizer *o, const Layer *const *owners) { o->owners = owners; }

static void swap_values(const Optimizer *o, const Slot *s, bool train) {
    Update u = {.value = s->variable, .config = o->config, .step = o->steps};
    memcpy(u.state, s->state, sizeof u.state);
    tn_assign(s->variable, o->of->swap(&u, train));
}

void optimizer_swap(Optimizer *o, bool train) {
    if (failed()) return;
    tn_tape_pause(true);
    for (int i = 0; i < o->nslots && !failed(); i++) {
        Slot *s = o->slots + i;
        if (!is_known(s)) continue;
        Scope *scope = tn_scope_begin();
        if (o->of->swap) swap_values(o, s, train);
        else swap_average(s, train);
        tn_scope_end(scope);
    }
    tn_tape_pause(false);
}

void optimizer_finish(Optimizer *o) {
    for (int i = 0; i < o->nslots && !failed(); i++) {
        Slot *s = o->slots + i;
        if (!s->average || !is_known(s)) continue;
        Scope *scope = tn_scope_begin();
        swap_average(s, true);
        tn_assign(s->variable, s->average);
        tn_scope_end(scope);
    }
}
