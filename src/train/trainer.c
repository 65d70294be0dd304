/* One batch: forward, loss, gradients, update, metrics. */
#include "trainer.h"
#include "../engine/plan.h"

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

/* Batches may be of other sizes than the model's input says. */
static bool fits(const Shape *want, const Tensor *x) {
    bool same = want->rank == x->rank;
    for (int i = 1; same && i < want->rank; i++)
        same = want->size[i] < 0 || want->size[i] == x->shape[i];
    return same;
}

static bool want_count(const char *who, const char *what, int given, int want) {
    if (failed()) return false;
    if (given == want) return true;
    fail(TN_VALUE, "%s: Error when checking %s: Expected to see %d Tensor(s), but instead got %d "
         "Tensor(s).", who, what, want, given);
    return false;
}

/* x with a second axis where it has one only. */
static Tensor *of_rank_two(Tensor *x) { return x->rank == 1 ? tn_expandDims(x, 1) : tn_clone(x); }

static void misfit(const char *who, const char *what, const Symbol *s, const Shape *want,
                   const Tensor *x) {
    Shape got = shape_of(x);
    fail(TN_SHAPE,
         "%s: Error when checking %s: expected %.80s to have shape %s, but got array with "
         "shape %s",
         who, what, s->node->layer->name, shape_json(want), shape_json(&got));
}

void ready_inputs(const char *who, const Layer *model, const List *x, Tensor **to) {
    const Graph *g = graph_of(model);
    if (!g || !want_count(who, "x", x->n, g->nin)) return;
    for (int i = 0; i < x->n && !failed(); i++) {
        const Symbol *input = g->inputs[i];
        to[i] = input->shape.rank == 1 ? tn_clone(x->v[i]) : of_rank_two(x->v[i]);
        if (to[i]->dtype != input->shape.dtype) to[i] = tn_cast(to[i], input->shape.dtype);
        if (!failed() && !fits(&input->shape, to[i]))
            misfit(who, "x", input, &input->shape, to[i]);
        if (!failed() && (!to[i]->rank || to[i]->shape[0] != to[0]->shape[0]))
            fail(TN_SHAPE, "%s: All input Tensors (x) should have the same number of samples, but "
                 "have %d and %d", who, to[0]->shape[0], to[i]->rank ? to[i]->shape[0] : 0);
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
            misfit(who, "y", t->model->graph->outputs[i], &want, y->v[i]);
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

/* The weighted sum of the outputs' losses; values[] get those of each output, unweighted, where
** there are several. */
static Tensor *total_loss(const Trainer *t, const Batch *b, Tensor **p, Tensor **values) {
    Tensor *total = NULL;
    for (int i = 0; i < t->nout && !failed(); i++) {
        Tensor *loss = loss_of(t, b, p, i);
        if (t->nout > 1) values[1 + i] = loss;
        if (t->loss_weights[i] != 1) loss = tn_mul(loss, tn_scalar(t->loss_weights[i]));
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

/* The metrics that are ours, of the batch alone; or the others. */
static void measure(const Trainer *t, const Batch *b, Tensor **p, Tensor **values, bool ours) {
    int first = t->nnames - t->nmetrics;
    tn_tape_pause(true);
    for (int k = 0; k < t->nmetrics && !failed(); k++) {
        const Judge *m = t->metrics + k;
        if ((m->of != NULL) != ours) continue;
        Tensor *value = judged(m, b->y[m->output], p[m->output]);
        values[first + k] = tn_mean(value, NULL, false);
    }
    tn_tape_pause(false);
}

/* ---- steps ---- */

/* What a step gives, in one piece of working memory with the list of variables: values, gradients
** by variable (NULL: none), and the model's outputs. */
typedef struct Results {
    Tensor **values, **grads, **p;
    List *variables, *by;
    int n;
    void *memory;
    size_t bytes;
} Results;

static bool variables_there(const Trainer *t, List *variables) {
    variables->n = t->trained.n;
    for (int i = 0; i < t->trained.n; i++) {
        const Weight *w = t->trained.v[i];
        variables->v[i] = w->value;
        if (w->value && w->value->id == w->id) continue;
        fail(TN_DISPOSED, "fit: the weight %.80s/%s is disposed", t->trained.of[i]->name, w->name);
        return false;
    }
    return true;
}

static bool results_make(const Trainer *t, Results *r) {
    const size_t list = sizeof(List) + (size_t)t->trained.n * sizeof(Tensor *);
    r->n = t->nnames + t->trained.n + t->nout;
    r->bytes = 2 * list + (size_t)r->n * sizeof(Tensor *);
    r->memory = scratch(r->bytes);
    if (!r->memory) return false;
    memset(r->memory, 0, r->bytes);
    r->variables = r->memory;
    r->by = (List *)((char *)r->memory + list);
    r->values = (Tensor **)((char *)r->memory + 2 * list);
    r->grads = r->values + t->nnames;
    r->p = r->grads + t->trained.n;
    return variables_there(t, r->variables);
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
        else if (w->constrained)
            tn_assign(w->value, custom_constrain(t->trained.of[i], w->value));
    }
}

/* True if nothing is measured beyond metrics of ours: then nobody asks for the outputs. */
static bool only_ours(const Trainer *t) {
    for (int k = 0; k < t->nmetrics; k++)
        if (!t->metrics[k].of) return false;
    return true;
}

/* Of those that are trainable now: a layer may be frozen after the model is compiled. A model that
** is frozen as a whole, to stand in another, trains by itself as it was compiled. */
static void find_gradients(Tensor *total, const List *variables, Tensor **to) {
    List *now = scratch(sizeof *now + (size_t)variables->n * sizeof *now->v);
    bool any = false, all = true;
    if (!now) return;
    now->n = 0;
    for (int i = 0; i < variables->n; i++) all &= !variables->v[i]->trainable;
    for (int i = 0; i < variables->n; i++)
        if (all || variables->v[i]->trainable) now->v[now->n++] = variables->v[i];
    const List *grads = tn_gradients(total, now, NULL);
    for (int i = 0, k = 0; i < variables->n && k < grads->n; i++)
        if (all || variables->v[i]->trainable) any |= (to[i] = grads->v[k++]) != NULL;
    if (!failed() && !any)
        fail(TN_GRADIENT, "fit: the loss does not depend on any trainable weight");
    scratch_free(now, sizeof *now + (size_t)variables->n * sizeof *now->v);
}

typedef struct TrainJob {
    const Trainer *t;
    const List *variables;
    bool weighted;
} TrainJob;

/* Loss, metrics of ours and gradients of in[]: x, y, weights. */
static void compute_step(void *job, Tensor **in, Tensor **out) {
    const TrainJob *j = job;
    const Trainer *t = j->t;
    Tensor **y = in + t->model->graph->nin, **grads = out + t->nnames, **p = grads + t->trained.n;
    const Batch b = {in, y, j->weighted ? y + t->nout : NULL};
    tn_tape_begin();
    penalty_begin();
    forward(t, &b, p, true);
    Tensor *activity = penalty_end();
    Tensor *total = penalties(t, total_loss(t, &b, p, out), activity);
    tn_dispose(activity);
    out[0] = total;
    if (!failed()) measure(t, &b, p, out, true);
    if (!failed()) find_gradients(total, j->variables, grads);
    tn_tape_end();
    for (int i = 0; i < t->nout && only_ours(t); i++) {
        tn_dispose(p[i]);
        p[i] = NULL;
    }
}

static void step(Trainer *t, const Batch *b, const Results *r) {
    const int nin = t->model->graph->nin, n = nin + 2 * t->nout;
    Tensor **in = scratch((size_t)n * sizeof *in);
    if (!in) return;
    memcpy(in, b->x, (size_t)nin * sizeof *in);
    memcpy(in + nin, b->y, (size_t)t->nout * sizeof *in);
    for (int i = 0; i < t->nout; i++) in[nin + t->nout + i] = b->weights ? b->weights[i] : NULL;
    TrainJob job = {t, r->variables, b->weights != NULL};
    Work w = {compute_step, &job, in, r->values, n, r->n, .version = layers_version()};
    plans_run(&t->plans, &w);
    scratch_free(in, (size_t)n * sizeof *in);
}

static void learn(const Trainer *t, const Results *r) {
    r->by->n = t->trained.n;
    for (int i = 0; i < t->trained.n; i++) r->by->v[i] = r->grads[i];
    optimizer_apply(t->optimizer, r->variables, r->by);
    constrain(t);
}

static void hand_out(const Trainer *t, Scope *s, const Results *r, Tensor **values) {
    for (int i = 0; i < t->nnames; i++) {
        values[i] = failed() ? nothing() : r->values[i];
        tn_scope_out(s, values[i]);
    }
    scratch_free(r->memory, r->bytes);
    tn_scope_end(s);
}

void train_on_batch(Trainer *t, const Batch *b, Tensor **values) {
    Results r = {0};
    Scope *s = tn_scope_begin();
    if (!failed() && results_make(t, &r)) {
        step(t, b, &r);
        if (!failed()) measure(t, b, r.p, r.values, false);
        if (!failed()) learn(t, &r);
    }
    hand_out(t, s, &r, values);
}

void test_on_batch(Trainer *t, const Batch *b, Tensor **values) {
    Results r = {0};
    Scope *s = tn_scope_begin();
    if (!failed() && results_make(t, &r)) {
        forward(t, b, r.p, false);
        r.values[0] = total_loss(t, b, r.p, r.values);
        if (!failed()) measure(t, b, r.p, r.values, true);
        if (!failed()) measure(t, b, r.p, r.values, false);
    }
    hand_out(t, s, &r, values);
}
