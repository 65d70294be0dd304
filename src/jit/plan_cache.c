/* A few plans for what is done again and again, by shapes and dtypes of its inputs. The first time
** is as always, the second is traced, and from then on there is a plan, or a reason why not. */
#include "jit/plan.h"

enum { MOST_PLANS = 4, MOST_INPUTS = 16, INPUT_WORDS = TN_MAX_RANK + 2 };

typedef struct Key {
    const Device *device;
    int n, v[4 + MOST_INPUTS * INPUT_WORDS];
} Key;

typedef struct Entry {
    Key key;
    Plan *plan;
    const char *why; /* there is no plan */
    unsigned used;   /* 0: the entry is free */
} Entry;

struct Plans {
    Entry entries[MOST_PLANS];
    unsigned clock;
};

static Key key_of(const Work *w) {
    Key key = {.device = device(), .v = {w->version, w->mode, w->nin, w->nout}};
    int n = 4;
    for (int i = 0; i < w->nin; i++) {
        const Tensor *x = w->in[i];
        key.v[n++] = x ? (int)x->dtype : -1;
        key.v[n++] = x ? x->rank : 0;
        for (int k = 0; x && k < x->rank; k++) key.v[n++] = x->shape[k];
    }
    key.n = n;
    return key;
}

static bool same_key(const Key *a, const Key *b) {
    return a->device == b->device && a->n == b->n &&
           !memcmp(a->v, b->v, sizeof(int) * (size_t)a->n);
}

static void clear(Entry *e) {
    plan_free(e->plan);
    *e = (Entry){0};
}

static Plans *start(Plans **all) {
    if (*all) return *all;
    *all = mem_alloc(sizeof **all);
    if (*all) memset(*all, 0, sizeof **all);
    return *all;
}

/* The entry for the work; *seen: the work was done before. In a new entry's place the one goes that
** was used least recently. */
static Entry *entry_of(Plans **all, const Work *w, bool *seen) {
    Plans *plans = start(all);
    if (!plans) return NULL;
    const Key key = key_of(w);
    Entry *oldest = plans->entries;
    plans->clock++;
    for (int i = 0; i < MOST_PLANS; i++) {
        Entry *e = plans->entries + i;
        *seen = e->used && same_key(&e->key, &key);
        if (*seen) oldest = e;
        if (*seen) break;
        if (e->used < oldest->used) oldest = e;
    }
    if (!*seen) {
        clear(oldest);
        oldest->key = key;
    }
    oldest->used = plans->clock;
    return oldest;
}

/* Scopes are closed before the trace ends, so that what is left is what was kept. */
static void trace_work(Entry *e, const Work *w) {
    Tensor *stand[MOST_INPUTS];
    if (!trace_begin(w->in, stand, w->nin)) {
        w->run(w->job, w->in, w->out);
        return;
    }
    Scope *s = tn_scope_begin();
    w->run(w->job, stand, w->out);
    for (int j = 0; j < w->nout; j++)
        if (w->out[j]) tn_scope_out(s, w->out[j]);
    tn_scope_end(s);
    e->plan = trace_end(stand, w->nin, w->out, w->nout, &e->why);
    if (failed()) e->why = NULL; /* another time */
}

void plans_run(Plans **all, const Work *w) {
    bool seen = false;
    const bool may = !failed() && !recording() && !watching() && !trace_base && !trace_paused;
    Entry *e = may && w->nin <= MOST_INPUTS ? entry_of(all, w, &seen) : NULL;
    if (e && e->plan && !plan_holds(e->plan)) {
        plan_free(e->plan);
        e->plan = NULL;
    }
    if (e && e->plan) plan_replay(e->plan, w->in, w->out);
    else if (seen && !e->why) trace_work(e, w);
    else w->run(w->job, w->in, w->out);
}

void plans_free(Plans *all) {
    if (!all) return;
    for (int i = 0; i < MOST_PLANS; i++) clear(all->entries + i);
    mem_free(all, sizeof *all);
}

int plans_count(const Plans *all, const char **why) {
    int n = 0;
    unsigned last = 0;
    *why = NULL;
    for (int i = 0; all && i < MOST_PLANS; i++) {
        const Entry *e = all->entries + i;
        n += e->plan != NULL;
        if (e->why && e->used > last) {
            last = e->used;
            *why = e->why;
        }
    }
    return n;
}
