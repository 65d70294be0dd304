/* Pending results: how they begin, and how much may be drawn at once. */
#include "backend/webgl/pending.h"

bool pending_walks(const Pending *p) {
    for (int k = 0; k < p->nin; k++)
        if (way_walks(p->way[k])) return true;
    return false;
}

int input_words(const Pending *p, int k) {
    switch (p->way[k]) {
    case VALUE: return 1;
    case QUAD:
    case SPLAT:
    case EACH: return p->along[k] ? 0 : 1 + p->rank;
    case BANDED:
    case BANDED_EACH: return sizeof(Banded) / sizeof(int);
    default: return 0;
    }
}

int pending_words(const Pending *p) {
    int n = p->np + (pending_walks(p) ? p->rank : 0);
    for (int k = 0; k < p->nin; k++) n += input_words(p, k);
    return n;
}

/* What is to be drawn with p, at most: inputs that lie as it does may be pending themselves. */
static void count(Pending *p) {
    p->nodes = 1;
    p->leaves = 0;
    p->words = pending_words(p);
    for (int k = 0; k < p->nin; k++) {
        const Pending *in = p->in[k] ? p->in[k]->pending : NULL;
        p->nodes += in ? in->nodes : 0;
        p->leaves += in ? in->leaves : p->in[k] != NULL;
        p->words += in ? in->words : 0;
    }
    if (!p->leaves) p->leaves = 1;
}

static bool fits(const Pending *p) {
    return p->nodes <= MOST_NODES && p->leaves <= MOST_LEAVES && p->words <= MAX_WORDS;
}

/* Draws inputs, those with most behind them first, until all fits into one draw. */
static bool draw_inputs(Pending *p) {
    for (count(p); !fits(p); count(p)) {
        Texture *most = NULL;
        for (int k = 0; k < p->nin; k++) {
            Texture *t = p->in[k];
            if (t && t->pending && (!most || t->pending->nodes > most->pending->nodes)) most = t;
        }
        if (!most || !texture_settle(most)) return false;
    }
    return true;
}

static Pending *pending_make(const Pending *given) {
    Pending *p = mem_alloc(sizeof *p);
    if (!p) return NULL;
    *p = *given;
    for (int k = 0; k < p->nin; k++)
        if (p->in[k]) p->in[k]->refs++;
    if (draw_inputs(p)) return p;
    pending_free(p);
    return NULL;
}

bool pend(const Pending *given, Tensor *y) {
    Pending *p = pending_make(given);
    Texture *t = p ? texture_pending(y->dtype, y->size, p) : NULL;
    if (p && !t) pending_free(p);
    if (!t) return false;
    y->storage = storage_empty(data_bytes(y));
    if (y->storage) y->storage->texture = t;
    else texture_free(t);
    return y->storage != NULL;
}

void pending_free(Pending *p) {
    for (int k = 0; k < p->nin; k++) texture_free(p->in[k]);
    mem_free(p, sizeof *p);
}
