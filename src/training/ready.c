/* Data of a batch, checked against the model and made as it wants them. */
#include "training/data.h"
#include "ops/view.gen.h"

/* Batches may be of other sizes than the model's input says. */
static bool fits(const Shape *want, const Tensor *x) {
    bool same = want->rank == x->rank;
    for (int i = 1; same && i < want->rank; i++)
        same = want->size[i] < 0 || want->size[i] == x->shape[i];
    return same;
}

static bool want_count(const char *who, const char *what, int got, int want) {
    if (failed()) return false;
    if (got == want) return true;
    fail(TN_VALUE,
         "%s: Error when checking %s: Expected to see %d Tensor(s), but instead got %d "
         "Tensor(s).",
         who, what, want, got);
    return false;
}

/* x with a second axis where it has one only. */
static Tensor *of_rank_two(Tensor *x) { return x->rank == 1 ? tn_expandDims(x, 1) : tn_clone(x); }

static void misfit(const char *who, const char *what, const Symbol *s, const Shape *want,
                   const Tensor *x, const char *remedy) {
    Shape got = shape_of(x);
    fail(TN_SHAPE,
         "%s: Error when checking %s: expected %.80s to have shape %s, but got array with "
         "shape %s%s",
         who, what, s->node->layer->name, shape_json(want), shape_json(&got), remedy);
}

void ready_inputs(const char *who, const Layer *model, const List *x, Tensor **to) {
    const Graph *g = graph_of(model);
    if (!g || !want_count(who, "x", x->n, g->nin)) return;
    for (int i = 0; i < x->n && !failed(); i++) {
        const Symbol *input = g->inputs[i];
        to[i] = input->shape.rank == 1 ? tn_clone(x->v[i]) : of_rank_two(x->v[i]);
        if (to[i]->dtype != input->shape.dtype) to[i] = tn_cast(to[i], input->shape.dtype);
        if (!failed() && !fits(&input->shape, to[i]))
            misfit(who, "x", input, &input->shape, to[i], "");
        if (!failed() && (!to[i]->rank || to[i]->shape[0] != to[0]->shape[0]))
            fail(TN_SHAPE,
                 "%s: All input Tensors (x) should have the same number of samples, but "
                 "have %d and %d",
                 who, to[0]->shape[0], to[i]->rank ? to[i]->shape[0] : 0);
    }
}

void ready_targets(const char *who, const Trainer *t, const List *y, Tensor **to) {
    if (!want_count(who, "y", y->n, t->nout)) return;
    for (int i = 0; i < y->n && !failed(); i++) {
        Shape want = t->model->graph->outputs[i]->shape;
        to[i] = of_rank_two(y->v[i]);
        const MetricFunction *loss = t->losses[i].of;
        const Targets targets = loss ? loss->targets : TARGETS_LABELS;
        if (targets == TARGETS_CLASSES && want.rank) want.size[want.rank - 1] = 1;
        if (!failed() && targets != TARGETS_LABELS && !fits(&want, to[i]))
            misfit(who, "y", t->model->graph->outputs[i], &want, y->v[i],
                   label_remedy(t, i, y->v[i]));
    }
}
