/* One batch: forward, loss, gradients, update, metrics. */
#include "trainer.h"
#include "../engine/engine.h"

static Tensor *(*call_function)(int function, Tensor *y, Tensor *p);

void tn_on_metric(Tensor *(*call)(int function, Tensor *y, Tensor *p)) { call_function = call; }

static Tensor *judged(const Judge *j, Tensor *y, Tensor *p) {
    if (failed()) return nothing();
    if (j->of) return j->of->call(to_float(y), p);
    if (!j->meter) trace_break("JavaScript judges");
    if (!j->meter) return call_function(j->function, y, p);
    meter_add(j->meter, y, p, NULL);
    return meter_result(j->meter);
}

void trainer_reset(Trainer *t) {
    for (int i = 0; i < t->nmetrics; i++)
        if (t->metrics[i].meter) meter_reset(t->metrics[i].meter);
}

bool adds_up(const Trainer *t, int i) {
    int first = t->nnames - t->nmetrics;
    return i >= first && t->metrics[i - first].meter;
}

/* ---- data ---- */

static bool fits(const Shape *want, const Tensor *x) {
    bool same = want->rank == x->rank;
    for (int i = 0; same && i < want->rank; i++)
        same = want->size[i] < 0 || want->size[i] == x->shape[i];
    return same;
}

static bool want_count(const char *who, const char *what, int given, int want) {
    if (failed()) return false;
    if (given == want) return true;
    fail(TN_VALUE, "%s: %s has %d tensors, the model takes %d", who, what, given, want);
    return false;
}

/* x with a second axis where it has one only. */
static Tensor *of_rank_two(Tensor *x) { return x->rank == 1 ? tn_expandDims(x, 1) : tn_clone(x); }

void ready_inputs(const char *who, const Layer *model, const List *x, Tensor **to) {
    const Graph *g = graph_of(model);
    if (!g || !want_count(who, "x", x->n, g->nin)) return;
    for (int i = 0; i < x->n && !failed(); i++) {
        const Symbol *input = g->inputs[i];
        to[i] = input->shape.rank == 1 ? tn_clone(x->v[i]) : of_rank_two(x->v[i]);
        if (to[i]->dtype != input->shape.dtype) to[i] = tn_cast(to[i], input->shape.dtype);
        if (!failed() && !fits(&input->shape, to[i]))
            fail(TN_SHAPE, "%s: input %.80s must have shape %s, but x%s has %s", who,
                 input->node->layer->name, shape_words(&input->shape),
                 to[i]->rank == x->v[i]->rank ? "" : ", as a column,", shape_text(to[i]));
        if (!failed() && (!to[i]->rank || to[i]->shape[0] != to[0]->shape[0]))
            fail(TN_SHAPE, "%s: x has %d and %d examples in its tensors", who, to[0]->shape[0],
                 to[i]->rank ? to[i]->shape[0] : 0);
    }
}

void ready_targets(const char *who, const Trainer *t, const List *y, Tensor **to) {
    if (!want_count(who, "y", y->n, t->nout)) return;
    for (int i = 0; i < y->n && !failed(); i++) {
        Shape want = t->model->graph->outputs[i]->shape;
        to[i] = of_rank_two(y->v[i]);
        if (t->losses[i].of == &sparseCategoricalCrossentropy_metric && want.rank)
            want.size[want.rank - 1] = 1;
        if (!failed() && t->losses[i].of && !fits(&want, to[i]))
            fail(TN_SHAPE, "%s: the target of %.80s must have shape %s, but y has %s", who,
                 t->model->graph->outputs[i]->node->layer->name, shape_words(&want),
                 shape_text(y->v[i]));
    }
}

/* ---- loss ---- */

/* Mean loss of one output. */
static Tensor *loss_of(const Trainer *t, const Batch *b, Tensor **p, int i) {
    const Tensor *y = b->y[i];
    if (y->rank && p[i]->rank && y->shape[0] != p[i]->shape[0])
        return fail(TN_SHAPE, "loss: y has %d examples, x has %d", y->shape[0], p[i]->shape[0]);
    Tensor *loss = judged(&t->losses[i], b->y[i], p[i]);
    if (b->weights && b->weights[i]) loss = tn_mul(loss, weights_along(b->weights[i], loss));
    return tn_mean(loss, NULL, false);
}

/* The sum of the outputs' losses; values[] get those of each output where there are several. */
static Tensor *total_loss(const Trainer *t, const Batch *b, Tensor **p, Tensor **values) {
    Tensor *total = NULL;
    for (int i = 0; i < t->nout && !failed(); i++) {
        Tensor *loss = loss_of(t, b, p, i);
        if (t->nout > 1) values[1 + i] = loss;
        total = total ? tn_add(total, loss) : loss;
    }
    return failed() ? nothing() : total;
}

const List *tn_model_penalties(Layer *model) {
    Walk w = weights_of(model, ALL_WEIGHTS);
    Tensor **found = arena_take(&w.arena, (size_t)w.n * sizeof *found);
    int n = 0;
    for (int i = 0; i < w.n && !failed(); i++) {
        const Regularizer *r = w.v[i]->regularizer;
        if (r) found[n++] = r->of->apply(r->config, w.v[i]->value);
    }
    List *list = make_list(failed() ? 0 : n);
    for (int i = 0; i < list->n; i++) list->v[i] = found[i];
    arena_free(&w.arena);
    return list;
}

static Tensor *penalties(const Trainer *t, Tensor *total, Tensor *activity) {
    if (activity && !failed()) total = tn_add(total, activity);
    for (int i = 0; i < t->all.n && !failed(); i++) {
        const Weight *w = t->all.v[i];
        if (w->regularizer)
            total = tn_add(total, w->regularizer->of->apply(w->regularizer->config, w->value));
    }
    return total;
}

static void measure(const Trainer *t, const Batch *b, Tensor **p, Tensor **values) {
    int first = t->nnames - t->nmetrics;
    tn_tape_pause(true);
    for (int k = 0; k < t->nmetrics && !failed(); k++) {
        const Judge *m = t->metrics + k;
        Tensor *value = judged(m, b->y[m->output], p[m->output]);
        values[first + k] = tn_mean(value, NULL, false);
    }
    tn_tape_pause(false);
}

/* ---- steps ---- */

/* Lists of the trained variables and what comes with them, in one piece of working memory. */
typedef struct Lists {
    List *variables;
    Tensor **p;
    void *memory;
    size_t bytes;
} Lists;

static bool lists_make(const Trainer *t, Lists *l) {
    size_t list = sizeof(List) + (size_t)t->trained.n * sizeof(Tensor *);
    l->bytes = list + (size_t)t->nout * sizeof(Tensor *);
    l->memory = scratch(l->bytes);
    if (!l->memory) return false;
    l->variables = l->memory;
    l->p = (Tensor **)((char *)l->memory + list);
    l->variables->n = t->trained.n;
    for (int i = 0; i < t->trained.n; i++) {
        const Weight *w = t->trained.v[i];
        l->variables->v[i] = w->value;
        if (!w->value || w->value->id != w->id) {
            fail(TN_DISPOSED, "fit: the weight %.80s/%s is disposed", t->trained.of[i]->name,
                 w->name);
            break;
        }
    }
    return !failed();
}

static void forward(const Trainer *t, const Batch *b, Tensor **p, bool training) {
    if (training) layer_run(t->model, b->x, t->model->graph->nin, p, t->nout, true);
    else model_run(t->model, b->x, p);
}

static void constrain(const Trainer *t) {
    for (int i = 0; i < t->trained.n && !failed(); i++) {
        const Weight *w = t->trained.v[i];
        if (w->constraint)
            tn_assign(w->value, w->constraint->of->apply(w->constraint->config, w->value));
    }
}

static void learn(const Trainer *t, const Lists *l, Tensor *total) {
    const List *grads = tn_gradients(total, l->variables, NULL);
    bool any = false;
    for (int i = 0; i < grads->n; i++) any |= grads->v[i] != NULL;
    if (!failed() && !any)
        fail(TN_GRADIENT, "fit: the loss does not depend on any trainable weight");
    tn_tape_end();
    optimizer_apply(t->optimizer, l->variables, grads);
    constrain(t);
}

static void hand_out(const Trainer *t, Scope *s, Tensor **values) {
    for (int i = 0; i < t->nnames; i++) {
        values[i] = failed() ? nothing() : values[i];
        tn_scope_out(s, values[i]);
    }
    tn_scope_end(s);
}

void train_on_batch(Trainer *t, const Batch *b, Tensor **values) {
    Lists l = {0};
    Scope *s = tn_scope_begin();
    if (!failed() && lists_make(t, &l)) {
        tn_tape_begin();
        penalty_begin();
        forward(t, b, l.p, true);
        Tensor *activity = penalty_end();
        Tensor *total = penalties(t, total_loss(t, b, l.p, values), activity);
        tn_dispose(activity);
        values[0] = total;
        if (!failed()) measure(t, b, l.p, values);
        if (failed()) tn_tape_end();
        else learn(t, &l, total);
    }
    scratch_free(l.memory, l.bytes);
    hand_out(t, s, values);
}

void test_on_batch(Trainer *t, const Batch *b, Tensor **values) {
    Lists l = {0};
    Scope *s = tn_scope_begin();
    if (!failed() && lists_make(t, &l)) {
        forward(t, b, l.p, false);
        values[0] = total_loss(t, b, l.p, values);
        if (!failed()) measure(t, b, l.p, values);
    }
    scratch_free(l.memory, l.bytes);
    hand_out(t, s, values);
}
