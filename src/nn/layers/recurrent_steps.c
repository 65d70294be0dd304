/* What layers share that go through steps: states from batch to batch, and which steps count. */
#include "nn/layers/recurrent.h"
#include "ops/join.gen.h"
#include "ops/slice.gen.h"
#include "ops/view.gen.h"

bool fits_batch(const Layer *l, const Tensor *kept, int batch) {
    if (kept->rank && kept->shape[0] == batch) return true;
    if (l->recurrence->reset) return false;
    fail(TN_SHAPE,
         "%.80s: is stateful and had batches of %d, this one has %d: call resetStates() "
         "between",
         l->name, kept->rank ? kept->shape[0] : 0, batch);
    return false;
}

void begin_states(Layer *l, const Shape *in) {
    Shape shapes[MOST_INSIDE];
    int n = l->of->states(l, in, shapes);
    for (int i = 0; i < n && !failed(); i++) {
        const Shape *s = shapes + i;
        if (s->size[0] < 0) {
            fail(TN_VALUE,
                 "%.80s: If an RNN is stateful, it needs to know its batch size: give the "
                 "first layer a batchInputShape, or tf.input a batchShape",
                 l->name);
            return;
        }
        Tensor **state = l->recurrence->states + i;
        if (!*state) *state = tn_keep(shape_zeros(s));
        if (failed()) *state = NULL;
    }
}

void keep_states(Layer *l, Tensor **state, int n) {
    Recurrence *r = l->recurrence;
    r->reset = false;
    for (int i = 0; i < n && !failed(); i++) {
        tn_tape_pause(true);
        Tensor *copy = tn_clone(state[i]);
        tn_tape_pause(false);
        if (failed()) return;
        tn_dispose(r->states[i]);
        r->states[i] = tn_keep(copy);
    }
}

Tensor *counting_at(Tensor *counts, int t, int rank) {
    Tensor *now = tn_slice(counts, INTS(0, t), INTS(-1, 1));
    while (!failed() && now->rank < rank) now = tn_expandDims(now, -1);
    return now;
}

Tensor *counting(const Layer *l, const Apply *a, bool backwards) {
    Tensor *mask = a->masks ? a->masks[0] : NULL;
    const Tensor *x = a->in[0];
    if (!mask) return NULL;
    if (mask->rank != 2 || mask->shape[0] != x->shape[0] || mask->shape[1] != x->shape[1])
        return fail(TN_SHAPE, "%.80s: the mask has shape %s, x has %s", l->name, shape_text(mask),
                    shape_text(x));
    mask = to_dtype(mask, TN_BOOL);
    return backwards ? tn_reverse(mask, INTS(1)) : mask;
}

Tensor *stacked(Tensor **v, int n) {
    size_t bytes = sizeof(List) + (size_t)n * sizeof(Tensor *);
    List *list = scratch(bytes);
    if (!list) return nothing();
    list->n = n;
    memcpy(list->v, v, (size_t)n * sizeof *v);
    Tensor *y = tn_stack(list, 1);
    scratch_free(list, bytes);
    return y;
}
