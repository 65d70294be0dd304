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
    case BANDED_MANY:
    case BANDED_EACH: return sizeof(Banded) / sizeof(int);
    case QUARTERED: return sizeof(Quartered) / sizeof(int);
    default: return 0;
    }
}

int pending_words(const Pending *p) {
    int n = p->np + (pending_walks(p) ? p->rank : 0);
    for (int k = 0; k < p->nin; k++) n += input_words(p, k);
    return n;
}

static Pending *pending_make(const Pending *given) {
    Pending *p = mem_alloc(sizeof *p);
    if (!p) return NULL;
    *p = *given;
    p->nodes = 1;
    for (int k = 0; k < p->nin; k++) {
        if (!p->in[k]) continue;
        p->in[k]->refs++;
        if (p->in[k]->pending) p->nodes += p->in[k]->pending->nodes;
    }
    return p;
}

/* Draws what t is made of until all that is left fits into one draw. Nodes that several read are
** counted for each, so that there may be fewer. */
static bool keep_small(Texture *t) {
    while (t->pending->nodes > MOST_NODES) {
        Chain c = {0};
        Texture *first = chain_gather(&c, t, t);
        if (!first) t->pending->nodes = c.nodes;
        else if (!texture_settle(first)) return false;
    }
    return true;
}

bool pend(const Pending *given, Tensor *y) {
    Pending *p = pending_make(given);
    Texture *t = p ? texture_pending(y->dtype, y->size, p) : NULL;
    if (p && !t) pending_free(p);
    if (t && !keep_small(t)) texture_free(t), t = NULL;
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
