/* How layers hang together and how long they live. Layers that are applied to each other's symbols
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
typedef struct Held {
    struct Held *next, *next_holder, *before_holder;
    Layer *holder, *layer;
    bool counted; /* false where both are in one group: it would keep itself alive */
} Held;

static void let_go(Held *h) {
    if (h->before_holder) h->before_holder->next_holder = h->next_holder;
    else h->layer->holders = h->next_holder;
    if (h->next_holder) h->next_holder->before_holder = h->before_holder;
    layer_release(h->layer);
}

static Layer *alive;

Layer *layers_alive(void) { return alive; }

void layer_drop_trainer(Layer *l) {
    if (l->trainer) l->release_trainer(l->trainer);
    l->trainer = NULL;
}

static void layer_free(Layer *l) {
    if (l->before_alive) l->before_alive->next_alive = l->next_alive;
    else alive = l->next_alive;
    if (l->next_alive) l->next_alive->before_alive = l->before_alive;
    layer_drop_trainer(l);
    for (int i = 0; i < l->nweights; i++) {
        const Weight *w = l->weights + i;
        if (!w->lent && w->value->id == w->id)
            tn_dispose(w->value); /* else it is disposed, and another's */
    }
    for (int i = 0; i < l->ninitial; i++) tn_dispose(l->initial[i]);
    for (int i = 0; i < MOST_INSIDE; i++) tn_dispose(l->state[i]);
    plans_free(l->plans);
    if (l->graph) graph_free(l->graph);
    json_free(l->json);
    Arena arena = l->arena; /* l itself lies in it */
    arena_free(&arena);
}

static void group_free(Group *g) {
    for (Layer *l = g->first; l; l = l->next_in_group)
        for (Held *h = l->held; h; h = h->next)
            if (h->counted) let_go(h);
    for (Layer *l = g->first, *next; l; l = next) {
        next = l->next_in_group;
        layer_free(l);
    }
    mem_free(g, sizeof *g);
}

bool group_start(Layer *l) {
    Group *g = mem_alloc(sizeof *g);
    if (!g) {
        fail(TN_MEMORY, "out of memory: no room for a layer");
        return false;
    }
    *g = (Group){l, 1, 1};
    l->group = g;
    l->next_alive = alive;
    if (alive) alive->before_alive = l;
    alive = l;
    return true;
}

void layer_retain(Layer *l) { l->group->handles++; }

void layer_release(Layer *l) {
    if (l && --l->group->handles == 0) group_free(l->group);
}

/* Handles that the group has on itself do not count. */
static void drop_own(Held *h) {
    if (!h->counted || h->layer->group != h->holder->group) return;
    h->counted = false;
    h->layer->group->handles--;
}

/* The smaller group goes into the larger one. */
void layer_join(Layer *a, Layer *b) {
    bool larger = b->group->layers > a->group->layers;
    Group *to = larger ? b->group : a->group, *from = larger ? a->group : b->group;
    if (to == from) return;
    Layer *moved = from->first, *last = moved;
    for (Layer *l = moved; l; l = l->next_in_group) {
        l->group = to;
        last = l;
    }
    to->handles += from->handles;
    to->layers += from->layers;
    mem_free(from, sizeof *from);
    for (Layer *l = moved; l; l = l->next_in_group) {
        for (Held *h = l->held; h; h = h->next) drop_own(h);
        for (Held *h = l->holders; h; h = h->next_holder) drop_own(h);
    }
    last->next_in_group = to->first;
    to->first = moved;
}

void layer_rise(Layer *l, const Layer *inner) {
    if (inner->level >= l->level) l->level = inner->level + 1;
    if (l->level > MOST_LEVELS)
        fail(TN_VALUE, "%.80s: models are nested more than %d deep", l->name ? l->name : "layer",
             MOST_LEVELS);
}

void layer_contain(Layer *l, Layer *inner) {
    layer_hold(l, inner);
    if (!failed()) layer_rise(l, inner);
    if (failed()) return;
    if (l->ninner == MOST_INSIDE) {
        fail(TN_VALUE, "%.80s: takes at most %d layers", l->name, MOST_INSIDE);
        return;
    }
    inner->around = l;
    inner->users++;
    l->inner[l->ninner++] = inner;
}

void layer_hold(Layer *l, Layer *inner) {
    Held *h = arena_take(&l->arena, sizeof *h);
    if (!h) {
        layer_release(inner);
        return;
    }
    *h = (Held){.next = l->held,
                .next_holder = inner->holders,
                .holder = l,
                .layer = inner,
                .counted = true};
    if (inner->holders) inner->holders->before_holder = h;
    l->held = inner->holders = h;
    drop_own(h);
}
