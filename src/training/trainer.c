/* One batch: forward, loss, gradients, update, metrics. */
#include "nn/core/custom.h"
#include "training/data.h"
#include "jit/plan.h"
#include "ops/binary.gen.h"
#include "ops/reduce.gen.h"
#include "ops/view.gen.h"

/* mask: which steps count, or NULL. Metrics that add up use it; of the others mean_over() does. */
static Tensor *loss_or_metric(const LossOrMetric *j, Tensor *y, Tensor *p, Tensor *mask) {
    if (failed()) return nothing();
    if (j->of) return j->of->call(to_float(y), p);
    if (!j->metric) trace_break("a loss or metric in JavaScript");
    if (!j->metric) return metric_callback(j->function, y, p);
    metric_add(j->metric, y, p, mask ? to_float(mask) : NULL);
    return metric_result(j->metric);
}

/* True if a mask may leave out some of what it judges. */
static bool skips(const Trainer *t, const LossOrMetric *j) {
    return !j->metric && (t->masked || (j->of && j->of->skips_zeros));
}

/* The mask of what counts of x, whose first axes it has, or NULL: all does. */
static Tensor *mask_of(const LossOrMetric *j, Tensor *x, Tensor *mask) {
    if (!failed() && j->of && j->of->skips_zeros) mask = tn_greater(x, tn_scalar(0));
    bool fits = !failed() && mask && x->rank >= mask->rank;
    for (int i = 0; fits && i < mask->rank; i++) fits = x->shape[i] == mask->shape[i];
    return fits ? to_float(mask) : NULL;
}

/* The mean of x over what counts by the mask, which may be NULL. */
static Tensor *mean_over(Tensor *x, Tensor *mask) {
    if (failed() || !mask) return tn_mean(x, NULL, false);
    Tensor *kept = tn_mul(to_float(x), weights_along(mask, x));
    return tn_divNoNan(tn_mean(kept, NULL, false), tn_mean(mask, NULL, false));
}

void trainer_reset(Trainer *t) {
    for (int i = 0; i < t->nmetrics; i++)
        if (t->metrics[i].metric) metric_reset(t->metrics[i].metric);
}

int trainer_values(const Trainer *t) { return t->nnames + t->nmetrics; }

bool adds_up(const Trainer *t, int i) {
    int first = t->nnames - t->nmetrics;
    return i >= first && t->metrics[i - first].metric;
}

/* ---- loss ---- */

/* What a model gives for a batch: results, and masks of their steps, NULL where all count. */
typedef struct Outputs {
    Tensor **p, **masks;
} Outputs;

/* Mean loss of one output. */
static Tensor *loss_of(const Trainer *t, const Batch *b, const Outputs *got, int i) {
    Tensor **p = got->p;
    const Tensor *y = b->y[i];
    if (y->rank && p[i]->rank && y->shape[0] != p[i]->shape[0])
        return fail(TN_SHAPE, "loss: y has %d examples, x has %d", y->shape[0], p[i]->shape[0]);
    Tensor *loss = loss_or_metric(&t->losses[i], b->y[i], p[i], got->masks[i]);
    Tensor *mask = mask_of(&t->losses[i], loss, got->masks[i]);
    if (b->weights && b->weights[i]) loss = tn_mul(loss, weights_along(b->weights[i], loss));
    return mean_over(loss, mask);
}

/* The weighted sum of the outputs' losses; values[] get those of each of several, unweighted. */
static Tensor *total_loss(const Trainer *t, const Batch *b, const Outputs *got, Tensor **values) {
    Tensor *total = NULL;
    for (int i = 0; i < t->nout && !failed(); i++) {
        Tensor *loss = loss_of(t, b, got, i);
        if (t->nout > 1) values[1 + i] = loss;
        if (t->loss_weights[i] != 1) loss = tn_mul(loss, tn_scalar(t->loss_weights[i]));
        total = total ? tn_add(total, loss) : loss;
    }
    return failed() ? nothing() : total;
}

const List *tn_model_penalties(Layer *model) {
    Walk w = weights_of(model, TN_WEIGHTS_ALL);
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

/* Values of the metrics that are functions of the library (ours), or of the others. */
static void measure(const Trainer *t, const Batch *b, const Outputs *got, Tensor **values,
                    bool ours) {
    int first = t->nnames - t->nmetrics;
    Tensor **counts = values + t->nnames;
    tn_tape_pause(true);
    for (int k = 0; k < t->nmetrics && !failed(); k++) {
        const LossOrMetric *m = t->metrics + k;
        if ((m->of != NULL) != ours) continue;
        Tensor *y = b->y[m->output], *mask = got->masks[m->output];
        Tensor *value = loss_or_metric(m, y, got->p[m->output], mask);
        mask = m->metric ? NULL : mask_of(m, value, mask);
        values[first + k] = mean_over(value, mask);
        if (failed() || !skips(t, m)) continue;
        counts[k] = mask ? tn_sum(mask, NULL, false) : tn_scalar((float)y->shape[0]);
    }
    tn_tape_pause(false);
}

/* ---- steps ---- */

/* What a step gives, in one piece of working memory with the list of variables: values and counts
** (trainer_values), gradients by variable (NULL: none), the model's outputs and their masks. */
typedef struct Results {
    Tensor **values, **grads;
    Outputs got;
    List *variables, *by;
    int n;
    void *memory,
        *late; /* late: longer variables, by and grads, for weights made during the step */
    size_t bytes, late_bytes;
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

static size_t list_bytes(int n) { return sizeof(List) + (size_t)n * sizeof(Tensor *); }

static bool results_make(const Trainer *t, Results *r) {
    const size_t list = list_bytes(t->trained.n);
    r->n = trainer_values(t) + t->trained.n + 2 * t->nout;
    r->bytes = 2 * list + (size_t)r->n * sizeof(Tensor *);
    r->memory = scratch(r->bytes);
    if (!r->memory) return false;
    memset(r->memory, 0, r->bytes);
    r->variables = r->memory;
    r->by = (List *)((char *)r->memory + list);
    r->values = (Tensor **)((char *)r->memory + 2 * list);
    r->grads = r->values + trainer_values(t);
    r->got = (Outputs){r->grads + t->trained.n, r->grads + t->trained.n + t->nout};
    return variables_there(t, r->variables);
}

/* More memory, for weights that layers made while the step ran. */
static bool results_grow(const Trainer *t, Results *r) {
    const size_t list = list_bytes(t->trained.n);
    r->late_bytes = 2 * list + (size_t)t->trained.n * sizeof(Tensor *);
    r->late = scratch(r->late_bytes);
    if (!r->late) return false;
    memset(r->late, 0, r->late_bytes);
    r->variables = r->late;
    r->by = (List *)((char *)r->late + list);
    r->grads = (Tensor **)((char *)r->late + 2 * list);
    return variables_there(t, r->variables);
}

/* No plan keeps these gradients as its results, so they are kept here; hand_out() disposes them. */
static void keep_late(Tensor **grads, int n) {
    for (int i = 0; i < n; i++) {
        if (failed()) grads[i] = NULL;
        if (grads[i]) tn_keep(grads[i]);
    }
}

static void forward(const Trainer *t, Tensor **x, const Outputs *got, bool training) {
    Apply a = {.in = x,
               .out = got->p,
               .nin = t->model->graph->nin,
               .nout = t->nout,
               .training = training,
               .all_masks = t->masked ? got->masks : NULL,
               .beneath = CALL_METHODS}; /* those are for models around it */
    for (int i = 0; i < t->nout; i++) got->masks[i] = NULL;
    layer_apply(t->model, &a);
}

static void compute_test(void *trainer, Tensor **in, Tensor **out) {
    const Trainer *t = trainer;
    const Outputs got = {out, out + t->nout};
    forward(t, in, &got, false);
}

/* got's arrays follow each other. */
static void forward_test(Trainer *t, const Batch *b, const Outputs *got) {
    if (!t->masked) {
        model_run(t->model, b->x, got->p);
        return;
    }
    Work w = {compute_test,
              t,
              b->x,
              got->p,
              t->model->graph->nin,
              2 * t->nout,
              .version = layers_version()};
    plans_run(&t->tests, &w);
}

static void constrain(const Trainer *t) {
    for (int i = 0; i < t->trained.n && !failed(); i++) {
        const Weight *w = t->trained.v[i];
        if (w->constraint)
            tn_assign(w->value, w->constraint->of->apply(w->constraint->config, w->value));
        else if (w->constrained) tn_assign(w->value, custom_constrain(t->trained.of[i], w->value));
    }
}

/* True if all metrics are functions of the library: then the outputs are of no use. */
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
    Trainer *t;
    Results *r;
    bool weighted;
} TrainJob;

/* Loss, metrics of ours and gradients of in[]: x, y, weights. */
static void compute_step(void *job, Tensor **in, Tensor **out) {
    const TrainJob *j = job;
    Trainer *t = j->t;
    Tensor **y = in + t->model->graph->nin, **grads = out + trainer_values(t);
    Tensor **p = grads + t->trained.n;
    const Outputs got = {p, p + t->nout};
    const Batch b = {in, y, j->weighted ? y + t->nout : NULL};
    tn_tape_begin();
    penalty_begin();
    forward(t, in, &got, true);
    Tensor *activity = penalty_end();
    if (!failed() && trainer_add_new_weights(t) && results_grow(t, j->r)) grads = j->r->grads;
    Tensor *total = penalties(t, total_loss(t, &b, &got, out), activity);
    tn_dispose(activity);
    out[0] = total;
    if (!failed()) measure(t, &b, &got, out, true);
    if (!failed()) find_gradients(total, j->r->variables, grads);
    if (j->r->late) keep_late(j->r->grads, t->trained.n);
    tn_tape_end();
    for (int i = 0; i < 2 * t->nout && only_ours(t); i++) {
        tn_dispose(p[i]);
        p[i] = NULL;
    }
}

static void step(Trainer *t, const Batch *b, Results *r) {
    const int nin = t->model->graph->nin, n = nin + 2 * t->nout;
    Tensor **in = scratch((size_t)n * sizeof *in);
    if (!in) return;
    memcpy(in, b->x, (size_t)nin * sizeof *in);
    memcpy(in + nin, b->y, (size_t)t->nout * sizeof *in);
    for (int i = 0; i < t->nout; i++) in[nin + t->nout + i] = b->weights ? b->weights[i] : NULL;
    TrainJob job = {t, r, b->weights != NULL};
    Work w = {compute_step, &job, in, r->values, n, r->n, .version = layers_version()};
    plans_run(&t->plans, &w);
    scratch_free(in, (size_t)n * sizeof *in);
}

static void learn(const Trainer *t, const Results *r) {
    r->by->n = t->trained.n;
    for (int i = 0; i < t->trained.n; i++) r->by->v[i] = r->grads[i];
    optimizer_owners(t->optimizer, (const Layer *const *)t->trained.of);
    optimizer_step(t->optimizer, r->variables, r->by);
    optimizer_owners(t->optimizer, NULL);
    constrain(t);
}

/* ---- optimizers of the caller's that find their gradients by themselves ---- */

typedef struct CallerStep {
    const Trainer *t;
    const Batch *b;
    Results *r;
    bool known; /* values[] are those of the first loss, which are reported */
} CallerStep;

static CallerStep *caller_step;

static Tensor *caller_loss(CallerStep *a) {
    const Trainer *t = a->t;
    Tensor **values = a->known ? scratch((size_t)trainer_values(t) * sizeof *values) : a->r->values;
    if (!values) return nothing();
    penalty_begin();
    forward(t, a->b->x, &a->r->got, true);
    Tensor *activity = penalty_end();
    Tensor *total = penalties(t, total_loss(t, a->b, &a->r->got, values), activity);
    tn_dispose(activity);
    if (a->known) scratch_free(values, (size_t)trainer_values(t) * sizeof *values);
    if (a->known || failed()) return total;
    measure(t, a->b, &a->r->got, values, true);
    measure(t, a->b, &a->r->got, values, false);
    values[0] = tn_clone(total);
    keep_late(values, trainer_values(t));
    a->known = true;
    return total;
}

Tensor *tn_training_loss(void) {
    if (!caller_step)
        return fail(TN_VALUE, "minimize: the loss of a step can be asked for during it only");
    Scope *s = tn_scope_begin();
    return leave(s, caller_loss(caller_step));
}

/* A whole step by the caller's minimize(); false: there is none. */
static bool minimize(const Trainer *t, const Batch *b, Results *r) {
    CallerStep mine = {t, b, r, false}, *before = caller_step;
    caller_step = &mine;
    const bool done = optimizer_minimize(t->optimizer, r->variables);
    caller_step = before;
    if (!done) return false;
    if (!failed() && !mine.known)
        fail(TN_VALUE, "minimize: the optimizer did not ask for the loss: it must call f()");
    for (int i = 0; mine.known && i < trainer_values(t); i++) {
        Tensor *kept = r->values[i];
        if (kept && !failed()) r->values[i] = tn_clone(kept);
        tn_dispose(kept);
    }
    constrain(t);
    return true;
}

static void hand_out(const Trainer *t, Scope *s, const Results *r, Tensor **values) {
    for (int i = 0; i < trainer_values(t); i++) {
        values[i] = failed() ? i < t->nnames ? nothing() : NULL : r->values[i];
        if (values[i]) tn_scope_out(s, values[i]);
    }
    for (int i = 0; r->late && i < t->trained.n; i++) tn_dispose(r->grads[i]);
    scratch_free(r->late, r->late_bytes);
    scratch_free(r->memory, r->bytes);
    tn_scope_end(s);
}

void train_on_batch(Trainer *t, const Batch *b, Tensor **values) {
    Results r = {0};
    Scope *s = tn_scope_begin();
    if (!failed()) trainer_add_new_weights(t);
    if (!failed() && results_make(t, &r) && !minimize(t, b, &r)) {
        step(t, b, &r);
        if (!failed()) measure(t, b, &r.got, r.values, false);
        if (!failed()) learn(t, &r);
    }
    hand_out(t, s, &r, values);
}

void test_on_batch(Trainer *t, const Batch *b, Tensor **values) {
    Results r = {0};
    Scope *s = tn_scope_begin();
    if (!failed() && results_make(t, &r)) {
        forward_test(t, b, &r.got);
        r.values[0] = total_loss(t, b, &r.got, r.values);
        if (!failed()) measure(t, b, &r.got, r.values, true);
        if (!failed()) measure(t, b, &r.got, r.values, false);
    }
    hand_out(t, s, &r, values);
}
