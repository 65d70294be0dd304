/* Tracing: while a trace is open, run() notes its calls here. A tensor that it made knows its slot
** by a number, and numbers never come twice; one below trace_base is of an earlier trace, or of
** none. What a plan could not do again breaks the trace: it is noted no further. */
#include "jit/plan.h"

enum { MOST_STEPS = 20000, MOST_FOLDED = 4096 };
uint32_t trace_base; /* of the open trace, 0: none; also the number of what has no slot yet */
int trace_alive;     /* tensors made in it that are there */
static uint32_t next_number = 1;
static Plan *plan;
static const char *broken;

extern const Op clone_op;

void trace_break(const char *why) {
    if (trace_base && !broken) broken = why;
}

static bool noting(void) { return trace_base && !broken; }

/* ---- slots ---- */

static Slot *slot_at(int i) { return i >= 0 ? plan->slots[i] : NULL; }

static int add_slot(SlotKind kind, Tensor *x) {
    Slot *s = plan_room((void **)&plan->slots, &plan->slot_room, plan->nslots, sizeof s)
                  ? mem_alloc(sizeof *s)
                  : NULL;
    if (!s) {
        trace_break("out of memory");
        return -1;
    }
    *s = (Slot){.kind = kind, .root = plan->nslots, .first = -1, .last = -1, .until = -1};
    s->x = (Tensor){.dtype = x->dtype, .rank = x->rank, .size = x->size, .refs = 1};
    memcpy(s->x.shape, x->shape, sizeof s->x.shape);
    s->own.bytes = (uint32_t)x->size * (uint32_t)dtype_bytes(x->dtype);
    if (kind == SLOT_CONSTANT) {
        storage_to_memory(x->storage); /* a device may be lost */
        s->x.storage = storage_retain(x->storage);
    }
    plan->slots[plan->nslots] = s;
    x->slot = trace_base + 1 + (uint32_t)plan->nslots;
    return plan->nslots++;
}

static void add_outer(Tensor *x) {
    for (int i = 0; i < plan->nouters; i++)
        if (plan->outers[i].x == x) return;
    if (!plan_room((void **)&plan->outers, &plan->outer_room, plan->nouters, sizeof(Outer))) {
        trace_break("out of memory");
        return;
    }
    plan->outers[plan->nouters++] = (Outer){x, x->id};
    if (!x->id) tensor_retain(x);
}

/* The slot of a tensor that is read; -1: it is from outside. What was made of the caller's data is
** a constant. */
static int slot_of(Tensor *x) {
    if (x->slot > trace_base) return (int)(x->slot - trace_base - 1);
    if (x->slot == trace_base) return add_slot(SLOT_CONSTANT, x);
    add_outer(x);
    return -1;
}

static bool is_constant(const Tensor *x, int slot) {
    return slot >= 0 ? plan->slots[slot]->kind == SLOT_CONSTANT : !x || !x->variable;
}

/* ---- steps ---- */

static PlanCall *add_step(const Call *c) {
    const int n = c->nin + c->nout;
    const size_t attrs = ((size_t)c->attr_bytes + 7) & ~(size_t)7;
    const size_t bytes = sizeof(PlanCall) + (size_t)n * (sizeof(Tensor *) + sizeof(int)) + attrs;
    PlanCall *s = plan_room((void **)&plan->steps, &plan->step_room, plan->nsteps, sizeof s)
                      ? mem_alloc(bytes)
                      : NULL;
    if (!s) {
        trace_break("out of memory");
        return NULL;
    }
    *s = (PlanCall){.call = *c, .bytes = bytes, .gone = -1};
    s->call.in = s->tensors;
    s->call.out = s->tensors + c->nin;
    s->call.attrs = s->tensors + n;
    s->slots = (int *)((char *)(s->tensors + n) + attrs);
    if (c->attr_bytes) memcpy(s->tensors + n, c->attrs, (size_t)c->attr_bytes);
    plan->steps[plan->nsteps++] = s;
    return s;
}

static void fill_step(PlanCall *s, const Call *c) {
    for (int i = 0; i < c->nin + c->nout; i++) {
        Tensor *x = i < c->nin ? c->in[i] : c->out[i - c->nin];
        s->slots[i] = !x ? -1 : i < c->nin ? slot_of(x) : add_slot(SLOT_MADE, x);
        s->tensors[i] = s->slots[i] >= 0 ? &plan->slots[s->slots[i]]->x : x;
    }
    if (c->op && !c->op->cpu && !broken) {
        const Slot *from = slot_at(s->slots[0]);
        plan->slots[s->slots[c->nin]]->root = from ? from->root : -1;
    }
}

/* True if a call gives the same each time: then its results are kept, unless they are large. */
static bool folds(const Call *c) {
    int bytes = 0;
    if (c->op->random) return false;
    for (int j = 0; j < c->nout; j++) {
        if (c->out[j]->size > MOST_FOLDED) return false;
        bytes += c->out[j]->size * dtype_bytes(c->out[j]->dtype);
    }
    for (int i = 0; i < c->nin; i++)
        if (c->in[i] && !is_constant(c->in[i], slot_of(c->in[i]))) return false;
    return bytes <= MOST_FOLDED;
}

static bool any_strings(Tensor **x, int n) {
    for (int i = 0; i < n; i++)
        if (x[i] && x[i]->dtype == TN_STRING) return true;
    return false;
}

void trace_call(const Call *c) {
    if (!noting()) return;
    if (any_strings(c->in, c->nin) || any_strings(c->out, c->nout)) trace_break("strings");
    else if (plan->nsteps == MOST_STEPS) trace_break("too many calls");
    else if (folds(c))
        for (int j = 0; j < c->nout; j++) add_slot(SLOT_CONSTANT, c->out[j]);
    else {
        PlanCall *s = noting() ? add_step(c) : NULL;
        if (s) fill_step(s, c);
    }
}

void trace_alias(Tensor *x, Tensor *y) {
    if (noting()) trace_call(&(Call){&clone_op, &x, &y, 1, 1, NULL, 0});
}

void trace_assign(Tensor *variable, Tensor *value) {
    if (!noting()) return;
    if (variable->slot >= trace_base) {
        trace_break("a variable of its own");
        return;
    }
    add_outer(variable);
    PlanCall *s = noting() ? add_step(&(Call){NULL, &value, NULL, 1, 0, NULL, 0}) : NULL;
    if (!s) return;
    fill_step(s, &(Call){NULL, &value, NULL, 1, 0, NULL, 0});
    s->variable = variable;
}

void trace_read(Tensor *x) {
    if (!noting() || x == nothing() || x->slot == trace_base) return;
    if (!is_constant(x, slot_of(x))) trace_break("values are read");
}

void trace_needs(Tensor *x) {
    if (noting() && x->slot < trace_base) add_outer(x);
}

/* ---- begin and end ---- */

bool trace_begin(Tensor **in, Tensor **stand, int nin) {
    if (trace_base) return false;
    plan = mem_alloc(sizeof *plan);
    if (!plan) return false;
    *plan = (Plan){.nin = nin};
    broken = NULL;
    trace_alive = 0;
    trace_base = next_number++;
    for (int i = 0; i < nin; i++) {
        stand[i] = in[i] ? tn_keep(make_like(in[i])) : NULL;
        if (!stand[i] || failed()) continue;
        stand[i]->storage = storage_retain(in[i]->storage);
        add_slot(SLOT_INPUT, stand[i]);
    }
    return true;
}

static void trace_close(void) {
    next_number = trace_base + 1 + (uint32_t)plan->nslots;
    trace_base = 0;
}

/* Gives up an open trace that was not open then. */
void trace_back(uint32_t base) {
    if (!trace_base || trace_base == base) return;
    trace_close();
    plan_free(plan);
}

/* Nothing may be left of the trace but its results. */
static bool find_results(Tensor **out, int nout) {
    int alive = 0;
    plan->nresults = nout;
    plan->results = mem_alloc((size_t)nout * sizeof(int));
    if (!plan->results) return false;
    for (int j = 0; j < nout; j++) {
        plan->results[j] = -1;
        if (!out[j]) continue;
        if (out[j]->slot < trace_base || out[j]->refs != 1) trace_break("a result is kept");
        if (noting()) plan->results[j] = slot_of(out[j]);
        for (int i = 0; i < j; i++)
            if (out[i] == out[j]) trace_break("a result is given twice");
        alive++;
    }
    if (trace_alive != alive) trace_break("a tensor is kept");
    return true;
}

Plan *trace_end(Tensor **stand, int nin, Tensor **out, int nout, const char **why) {
    for (int i = 0; i < nin; i++) tn_dispose(stand[i]);
    if (!broken && failed()) broken = "an error";
    if (!broken && !find_results(out, nout)) broken = "out of memory";
    if (!broken && !plan_finish(plan)) broken = "out of memory";
    trace_close();
    *why = broken;
    if (!broken) return plan;
    plan_free(plan);
    return NULL;
}
