/* Tracing: while a trace is open, run() notes its calls here. A tensor that was made meanwhile
** knows its PlanValue by trace_id. Ids never come twice; one below trace_base is of an earlier
** trace, or of none. What a plan could not do again breaks the trace: it is noted no further. */
#include "jit/plan.h"
#include "base/grow.h"

enum { MOST_CALLS = 20000, MOST_FOLDED = 4096 };
uint32_t trace_base;    /* of the open trace, 0: none; also the id of what has no PlanValue yet */
bool trace_paused;      /* no trace is begun, no plan replayed */
int trace_live_tensors; /* tensors made in it that are not released */
static uint32_t next_number = 1;
static Plan *plan;
static const char *broken;

extern const Op clone_op;

void trace_break(const char *why) {
    if (trace_base && !broken) broken = why;
}

static bool noting(void) { return trace_base && !broken; }

/* ---- values ---- */

static PlanValue *value_at(int i) { return i >= 0 ? plan->values[i] : NULL; }

static int add_value(ValueKind kind, Tensor *x) {
    const bool grown = GROW(plan->values, plan->value_capacity, (size_t)plan->nvalues + 1);
    PlanValue *s = grown ? mem_alloc(sizeof *s) : NULL;
    if (!s) {
        trace_break("out of memory");
        return -1;
    }
    *s = (PlanValue){.kind = kind, .root = plan->nvalues, .first = -1, .last = -1, .until = -1};
    s->x = (Tensor){.dtype = x->dtype, .rank = x->rank, .size = x->size, .refs = 1};
    memcpy(s->x.shape, x->shape, sizeof s->x.shape);
    s->own.bytes = data_bytes(x);
    if (kind == VALUE_CONSTANT) {
        storage_to_memory(x->storage); /* a device may be lost */
        s->x.storage = storage_retain(x->storage);
    }
    plan->values[plan->nvalues] = s;
    x->trace_id = trace_base + 1 + (uint32_t)plan->nvalues;
    return plan->nvalues++;
}

static void add_outer(Tensor *x) {
    for (int i = 0; i < plan->nouters; i++)
        if (plan->outers[i].x == x) return;
    if (!GROW(plan->outers, plan->outer_capacity, (size_t)plan->nouters + 1)) {
        trace_break("out of memory");
        return;
    }
    plan->outers[plan->nouters++] = (Outer){x, x->id};
    if (!x->id) tensor_retain(x);
}

/* The number of the PlanValue of a tensor that is read; -1: it is from outside. What was made of
** the caller's data is a constant. */
static int value_of(Tensor *x) {
    if (x->trace_id > trace_base) return (int)(x->trace_id - trace_base - 1);
    if (x->trace_id == trace_base) return add_value(VALUE_CONSTANT, x);
    add_outer(x);
    return -1;
}

static bool is_constant(const Tensor *x, int value) {
    return value >= 0 ? plan->values[value]->kind == VALUE_CONSTANT : !x || !x->variable;
}

/* ---- calls ---- */

static PlanCall *add_call(const Call *c) {
    const int n = c->nin + c->nout;
    const size_t attrs = ((size_t)c->attr_bytes + 7) & ~(size_t)7;
    const size_t bytes = sizeof(PlanCall) + (size_t)n * (sizeof(Tensor *) + sizeof(int)) + attrs;
    const bool grown = GROW(plan->calls, plan->call_capacity, (size_t)plan->ncalls + 1);
    PlanCall *s = grown ? mem_alloc(bytes) : NULL;
    if (!s) {
        trace_break("out of memory");
        return NULL;
    }
    *s = (PlanCall){.call = *c, .bytes = bytes, .gone = -1};
    s->call.in = s->tensors;
    s->call.out = s->tensors + c->nin;
    s->call.attrs = s->tensors + n;
    s->values = (int *)((char *)(s->tensors + n) + attrs);
    if (c->attr_bytes) memcpy(s->tensors + n, c->attrs, (size_t)c->attr_bytes);
    plan->calls[plan->ncalls++] = s;
    return s;
}

static void fill_call(PlanCall *s, const Call *c) {
    for (int i = 0; i < c->nin + c->nout; i++) {
        Tensor *x = i < c->nin ? c->in[i] : c->out[i - c->nin];
        s->values[i] = !x ? -1 : i < c->nin ? value_of(x) : add_value(VALUE_COMPUTED, x);
        s->tensors[i] = s->values[i] >= 0 ? &plan->values[s->values[i]]->x : x;
    }
    if (c->op && !c->op->cpu && !broken) {
        const PlanValue *from = value_at(s->values[0]);
        plan->values[s->values[c->nin]]->root = from ? from->root : -1;
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
        if (c->in[i] && !is_constant(c->in[i], value_of(c->in[i]))) return false;
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
    else if (plan->ncalls == MOST_CALLS) trace_break("too many calls");
    else if (folds(c))
        for (int j = 0; j < c->nout; j++) add_value(VALUE_CONSTANT, c->out[j]);
    else {
        PlanCall *s = noting() ? add_call(c) : NULL;
        if (s) fill_call(s, c);
    }
}

void trace_alias(Tensor *x, Tensor *y) {
    if (noting()) trace_call(&(Call){.op = &clone_op, .in = &x, .out = &y, .nin = 1, .nout = 1});
}

void trace_assign(Tensor *variable, Tensor *value) {
    if (!noting()) return;
    if (variable->trace_id >= trace_base) {
        trace_break("a variable of its own");
        return;
    }
    add_outer(variable);
    PlanCall *s = noting() ? add_call(&(Call){.in = &value, .nin = 1}) : NULL;
    if (!s) return;
    fill_call(s, &(Call){.in = &value, .nin = 1});
    s->variable = variable;
}

void trace_read(Tensor *x) {
    if (!noting() || x == nothing() || x->trace_id == trace_base) return;
    if (!is_constant(x, value_of(x))) trace_break("values are read");
}

void trace_needs(Tensor *x) {
    if (noting() && x->trace_id < trace_base) add_outer(x);
}

/* ---- begin and end ---- */

bool trace_begin(Tensor **in, Tensor **stand, int nin) {
    if (trace_base) return false;
    plan = mem_alloc(sizeof *plan);
    if (!plan) return false;
    *plan = (Plan){.nin = nin};
    broken = NULL;
    trace_live_tensors = 0;
    trace_base = next_number++;
    for (int i = 0; i < nin; i++) {
        stand[i] = in[i] ? tn_keep(make_like(in[i])) : NULL;
        if (!stand[i] || failed()) continue;
        stand[i]->storage = storage_retain(in[i]->storage);
        add_value(VALUE_INPUT, stand[i]);
    }
    return true;
}

static void trace_close(void) {
    next_number = trace_base + 1 + (uint32_t)plan->nvalues;
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
    int results = 0;
    plan->nresults = nout;
    plan->results = mem_alloc((size_t)nout * sizeof(int));
    if (!plan->results) return false;
    for (int j = 0; j < nout; j++) {
        plan->results[j] = -1;
        if (!out[j]) continue;
        if (out[j]->trace_id < trace_base || out[j]->refs != 1) trace_break("a result is kept");
        if (noting()) plan->results[j] = value_of(out[j]);
        for (int i = 0; i < j; i++)
            if (out[i] == out[j]) trace_break("a result is given twice");
        results++;
    }
    if (trace_live_tensors != results) trace_break("a tensor is kept");
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
