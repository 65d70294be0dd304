/* The weights of a layer, or of a model's layers with nested ones, in order. */
#include "nn/core/custom.h"
#include "base/arena_grow.h"
#include "nn/core/model.h"

void walk_add(Walk *w, Layer *l, Weight *weight) {
    int capacity = w->capacity; /* of both arrays */
    if (!ARENA_GROW(&w->arena, w->v, capacity, w->n + 1)) return;
    if (!ARENA_GROW(&w->arena, w->of, w->capacity, w->n + 1)) return;
    w->of[w->n] = l;
    w->v[w->n++] = weight;
}

/* Which weights of a layer a walk lists. */
typedef enum WalkFilter { TRAINING, STAYING, MADE_TO_TRAIN, MADE_TO_STAY } WalkFilter;

static bool passes(WalkFilter filter, const Weight *w, bool trainable) {
    if (filter >= MADE_TO_TRAIN) return w->trainable == (filter == MADE_TO_TRAIN);
    return (trainable && w->trainable) == (filter == TRAINING);
}

static void walk(Walk *w, Layer *l, Layer *above, int mark, bool trainable, WalkFilter filter) {
    if (l->visit.mark == mark) return; /* shared */
    l->visit.mark = mark;
    l->visit.parent = above;
    trainable = trainable && l->trainable;
    for (int i = 0; i < l->nweights; i++)
        if (passes(filter, l->weights + i, trainable)) walk_add(w, l, l->weights + i);
    int n;
    Layer **layers = layers_inside(l, &n);
    for (int i = 0; i < n; i++) walk(w, layers[i], l, mark, trainable, filter);
}

/* Classes that list their weights themselves do so before the walk. */
static void ask(Layer *l, int mark) {
    int n;
    if (l->visit.mark == mark) return;
    l->visit.mark = mark;
    Layer **inside = layers_inside(l, &n);
    for (int i = 0; i < n; i++) ask(inside[i], mark);
    custom_weights(l);
}

Walk weights_of(Layer *l, WhichWeights which) {
    Walk w = {0};
    if (which < TN_WEIGHTS_OWN_TRAINABLE) ask(l, graph_mark());
    l->visit.parent = NULL;
    for (int i = 0; which >= TN_WEIGHTS_OWN_TRAINABLE && i < l->nweights; i++)
        if (l->weights[i].trainable == (which == TN_WEIGHTS_OWN_TRAINABLE))
            walk_add(&w, l, l->weights + i);
    if (which == TN_WEIGHTS_TRAINABLE) walk(&w, l, NULL, graph_mark(), true, TRAINING);
    if (which == TN_WEIGHTS_FIXED) walk(&w, l, NULL, graph_mark(), true, STAYING);
    if (which != TN_WEIGHTS_ALL) return w;
    walk(&w, l, NULL, graph_mark(), true, MADE_TO_TRAIN);
    walk(&w, l, NULL, graph_mark(), true, MADE_TO_STAY);
    return w;
}
