/* Debug mode: each result is searched for NaN and infinities, and JavaScript is told of the call
** that makes the first one, and what was under way: a layer, a node of a graph, a gradient. */
#include "tensor/engine.h"

static void (*tell)(const char *op, int what, const char *kind, const char *name);
static bool on;
static Place here;

/* JavaScript is told by a function: the op, 1 NaN or 2 infinity, the kind of place and its name. */
EXPORT void tn_on_strange(void (*f)(const char *op, int what, const char *kind, const char *name)) {
    tell = f;
}

EXPORT void tn_watch(bool watch) { on = watch; }

bool watching(void) { return on; }

Place place(const char *kind, const char *name) {
    const Place before = here;
    here = (Place){kind, name};
    return before;
}

void place_back(Place before) { here = before; }
Place place_now(void) { return here; }

/* 1 if x has a NaN, 2 if it has an infinity (and no NaN before it), else 0. */
static int strange(Tensor *x) {
    const float *v = x && x->dtype == TN_FLOAT32 ? tn_data(x) : NULL;
    for (int i = 0; v && i < x->size; i++)
        if (!isfinite(v[i])) return isnan(v[i]) ? 1 : 2;
    return 0;
}

void watch_call(const Call *c) {
    int found = 0;
    for (int j = 0; j < c->nout && !found; j++) found = strange(c->out[j]);
    for (int i = 0; i < c->nin && found; i++)
        if (strange(c->in[i]) == found) return; /* it came in */
    if (found && tell) tell(c->op->name, found, here.kind, here.name);
}
