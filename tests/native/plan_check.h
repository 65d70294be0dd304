/* For tests of plans: numbers, and results compared bit for bit. */
#ifndef PLAN_CHECK_H
#define PLAN_CHECK_H
#include "jit/plan.h"
#include "training/trainer.h"
#include "graph_model/graph.h"
#include "graph_check.h"

static inline Tensor *numbers(const Ints *shape, int seed) {
    static float values[4096];
    int n = 1;
    for (int i = 0; i < shape->n; i++) n *= shape->v[i];
    for (int i = 0; i < n; i++) values[i] = (float)((i * 37 + seed * 101) % 64) / 32 - 1;
    return floats(shape, values);
}

static inline bool same(Tensor *a, Tensor *b) {
    const void *x = tn_data(a), *y = tn_data(b);
    return same_shape(a, b) && a->dtype == b->dtype && !memcmp(x, y, a->storage->bytes);
}
#endif
