/* How layers hang together and how long they exist. Layers that are applied to each other's symbols
** form one group, which is freed as a whole when no handle from outside is left: sharing a layer
** makes cycles that counts per layer would never free. A model, or a wrapper, holds the group of
** what is inside it by a handle of its own. */
#include "nn/core/model.h"
#include "jit/plan.h"

typedef struct Group {
    Layer *first;
    int handles, layers;
} Group;

/* A handle that one layer has on another; each of the two has a list of them. */
typedef struct Hold {
    struct Hold *next, *next_on_layer, *before_on_layer;
    Layer *holder, *layer;
    bool counted; /* false where both are in one group: it would keep itself from being freed */
} Hold;

static void let_go(Hold *h) {
    if (h->before_on_layer) h->before_on_layer->next_on_layer = h->next_on_layer;
    else h->layer->lifetime.held_by = h->next_on_layer;
    if (h->next_on_layer) h->next_on_layer->before_on_layer = h->before_on_layer;
    layer_release(h->layer);
}

/* ---- all layers there are ---- */

static Layer *newest;

Layer *newest_layer(void) { return newest; }

static void list(Layer *l) {
    l->lifetime.older = newest;
    if (newest) newest->lifetime.newer = l;
    newest = l;
}

static void unlist(Layer *l) {
    Layer *older = l->lifetime.older, *newer = l->lifetime.newer;
    if (newer) newer->lifetime.older = older;
    else newest = older;
    if (older) older->lifetime.newer = newer;
}

/* ---- freeing ---- */

void layer_drop_trainer(Layer *l) {
    Graph *g = l->graph;
    if (!g || !g->trainer) return;
    g->release_trainer(g->trainer);
    g->trainer = NULL;
}

void layer_drop_initial(Layer *l) {
    for (int i = 0; l->initial && i < l->initial->n; i++) tn_dispose(l->initial->v[i]);
    l->initial = NULL;
}

static void layer_free(Layer *l) {
    unlist(l);
    layer_drop_trainer(l);
    for (int i = 0; i < l->nweights; i++) {
        const Weight *w = l->weights + i;
        if (!w->lent && w->value->id == w->id)
            tn_dispose(w->value); /* else it is disposed, and another's */
    }
    layer_drop_initial(l);
    for (int i = 0; l->recurrence && i < MOST_INSIDE; i++) tn_dispose(l->recurrence->states[i]);
    if (l->graph) graph_free(l->graph);
    json_free(l->json);
    Arena arena = l->arena; /* l itself lies in it */
    arena_free(&arena);
}

static void group_free(Group *g) {
    for (Layer *l = g->first; l; l = l->lifetime.next_in_group)
        for (Hold *h = l->lifetime.holds; h; h = h->next)
            if (h->counted) let_go(h);
    for (Layer *l = g->first, *next; l; l = next) {
        next = l->lifetime.next_in_group;
        layer_free(l);
    }
    mem_free(g, sizeof *g);
}

/* ---- groups ---- */

bool group_start(Layer *l) {
    Group *g = mem_alloc(sizeof *g);
    if (!g) {
        fail(TN_MEMORY, "out of memory for a layer");
        return false;
    }
    *g = (Group){l, 1, 1};
    l->lifetime.group = g;
    list(l);
    return true;
}

void layer_retain(Layer *l) { l->lifetime.group->handles++; }

void layer_release(Layer *l) {
    if (!l) return;
    Group *g = l->lifetime.group;
    if (--g->handles == 0) group_free(g);
}

/* Handles that the group has on itself do not count. */
static void drop_own(Hold *h) {
    Group *g = h->layer->lifetime.group;
    if (!h->counted || g != h->holder->lifetime.group) return;
    h->counted = false;
    g->handles--;
}

/* The smaller group goes into the larger one. */
void layer_join(Layer *a, Layer *b) {
    Group *to = a->lifetime.group, *from = b->lifetime.group;
    if (to == from) return;
    if (from->layers > to->layers) {
        Group *smaller = to;
        to = from;
        from = smaller;
    }
    Layer *moved = from->first, *last = moved;
    for (Layer *l = moved; l; l = l->lifetime.next_in_group) {
        l->lifetime.group = to;
        last = l;
    }
    to->handles += from->handles;
    to->layers += from->layers;
    mem_free(from, sizeof *from);
    for (Layer *l = moved; l; l = l->lifetime.next_in_group) {
        for (Hold *h = l->lifetime.holds; h; h = h->next) drop_own(h);
        for (Hold *h = l->lifetime.held_by; h; h = h->next_on_layer) drop_own(h);
    }
    last->lifetime.next_in_group = to->first;
    to->first = moved;
}

/* ---- layers inside layers ---- */

void layer_rise(Layer *l, const Layer *inner) {
    int *level = &l->lifetime.level;
    if (inner->lifetime.level >= *level) *level = inner->lifetime.level + 1;
    if (*level > MOST_LEVELS)
        fail(TN_VALUE, "%.80s: models are nested more than %d deep", l->name ? l->name : "layer",
             MOST_LEVELS);
}

void layer_contain(Layer *l, Layer *inner) {
    layer_hold(l, inner);
    if (!failed()) layer_rise(l, inner);
    if (!failed() && !l->inner) l->inner = arena_take(&l->arena, MOST_INSIDE * sizeof *l->inner);
    if (failed()) return;
    if (l->ninner == MOST_INSIDE) {
        fail(TN_VALUE, "%.80s: takes at most %d layers", l->name, MOST_INSIDE);
        return;
    }
    inner->around = l;
    inner->refs.users++;
    l->inner[l->ninner++] = inner;
}

void layer_hold(Layer *l, Layer *inner) {
    Hold *h = arena_take(&l->arena, sizeof *h);
    if (!h) {
        layer_release(inner);
        return;
    }
    Hold **on_inner = &inner->lifetime.held_by;
    *h = (Hold){.next = l->lifetime.holds,
                .next_on_layer = *on_inner,
                .holder = l,
                .layer = inner,
                .counted = true};
    if (*on_inner) (*on_inner)->before_on_layer = h;
    l->lifetime.holds = *on_inner = h;
    drop_own(h);
}
