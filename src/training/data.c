/* Reading data for training, cutting it into batches, averaging over them. */
#include "training/data.h"
#include "tensor/engine.h"
#include "ops/binary.gen.h"
#include "ops/slice.gen.h"
#include "ops/view.gen.h"

void data_free(Data *d) {
    for (int i = 0; d->v && i < data_count(d); i++) tn_dispose(d->v[i]);
    mem_free(d->v, (size_t)data_count(d) * sizeof *d->v);
    *d = (Data){0};
}

bool data_allocate(Data *d, int nx, int ny, int nw) {
    *d = (Data){.nx = nx, .ny = ny, .nw = nw};
    d->v = scratch((size_t)data_count(d) * sizeof *d->v);
    for (int i = 0; d->v && i < data_count(d); i++) d->v[i] = nothing();
    return d->v != NULL;
}

static void data_keep(Data *d) {
    for (int i = 0; d->v && i < data_count(d); i++) tn_keep(d->v[i]);
}

/* Examples of the batch in the tensors must be as many. */
static void check_examples(const char *who, Data *d) {
    d->examples = failed() || !d->nx ? 0 : d->v[0]->shape[0];
    for (int i = d->nx; i < data_count(d) && !failed(); i++) {
        int n = d->v[i]->rank ? d->v[i]->shape[0] : 0;
        if (n != d->examples)
            fail(TN_SHAPE,
                 "%s: Input Tensors should have the same number of samples as %s Tensors. "
                 "Found %d input sample(s) and %d %s sample(s).",
                 who, i < d->nx + d->ny ? "target" : "sampleWeight", d->examples, n,
                 i < d->nx + d->ny ? "target" : "sampleWeight");
    }
    if (!failed() && !d->examples) fail(TN_VALUE, "%s: there are no examples", who);
}

/* Weights of the examples, given or by class, or both multiplied. */
static void read_weights(const Trainer *t, Data *d, const List *weights, const cJSON *by_class) {
    Tensor **w = d->v + d->nx + d->ny, **y = d->v + d->nx;
    for (int i = 0; i < d->nw && !failed(); i++) {
        Tensor *class = by_class ? class_weights(t, by_class, i, y[i]) : NULL;
        if (weights && class) w[i] = tn_mul(weights->v[i], class);
        else w[i] = weights ? tn_clone(weights->v[i]) : class;
    }
}

void data_read(const char *who, const Trainer *t, Data *d, const List *x, const List *y,
               const List *weights, const cJSON *by_class) {
    if (weights && weights->n != t->nout)
        fail(TN_VALUE, "%s: sampleWeight has %d tensors, the model has %d outputs", who, weights->n,
             t->nout);
    int nw = weights || by_class ? t->nout : 0;
    if (failed() || !data_allocate(d, t->model->graph->nin, t->nout, nw)) return;
    Scope *s = tn_scope_begin();
    ready_inputs(who, t->model, x, d->v);
    ready_targets(who, t, y, d->v + d->nx);
    read_weights(t, d, weights, by_class);
    check_examples(who, d);
    if (!failed()) check_classes(who, t, d->v + d->nx);
    if (!failed()) data_keep(d);
    tn_scope_end(s);
}

/* ---- batches ---- */

Tensor *piece(Tensor *x, int start, int n) {
    if (start == 0 && n == x->shape[0]) return x;
    int begin[TN_MAX_RANK + 1] = {x->rank, start}, size[TN_MAX_RANK + 1] = {x->rank, n};
    for (int i = 1; i < x->rank; i++) size[i + 1] = -1;
    return tn_slice(x, (const Ints *)begin, (const Ints *)size);
}

Batch batch_of(const Data *d, Tensor **v) {
    return (Batch){v, v + d->nx, d->nw ? v + d->nx + d->ny : NULL};
}

/* ---- means over batches ---- */

/* a + p0 b: sums stay where the numbers are. */
static void add_times_cpu(Call *c) {
    float p = *(const float *)c->attrs;
    for (int i = 0; i < c->out[0]->size; i++)
        f32(c->out[0])[i] = f32(c->in[0])[i] + p * f32(c->in[1])[i];
}

static const Op add_times_op = {
    .name = "add_times", .cpu = add_times_cpu, .gl = "=a + p0 * b", .constant = true};

static Tensor *add_times(Tensor *sum, Tensor *x, float times) {
    x = to_float(x);
    if (!sum) return tn_mul(x, tn_scalar(times));
    return run(&add_times_op, IN(sum, x), OUT(make_like(sum)), &times, sizeof times);
}

bool means_start(Means *m, const Trainer *t) {
    int all = trainer_values(t);
    *m = (Means){.of = t, .sums = scratch((size_t)all * sizeof *m->sums), .n = t->nnames};
    for (int i = 0; m->sums && i < all; i++) m->sums[i] = NULL;
    return m->sums != NULL;
}

void means_clear(Means *m) {
    for (int i = 0; i < trainer_values(m->of); i++) {
        tn_dispose(m->sums[i]);
        m->sums[i] = NULL;
    }
    m->examples = 0;
}

void means_free(Means *m) {
    if (!m->sums) return;
    means_clear(m);
    scratch_free(m->sums, (size_t)trainer_values(m->of) * sizeof *m->sums);
    *m = (Means){0};
}

/* Where the count that value i is the mean over stands among a batch's values; -1: no metric. */
static int count_at(const Means *m, int i) {
    int first = m->of->nnames - m->of->nmetrics;
    return i < first ? -1 : m->n + i - first;
}

static void keep_sum(Means *m, int i, Tensor *sum) {
    if (failed()) return;
    tn_dispose(m->sums[i]);
    m->sums[i] = tn_keep(sum);
}

void means_add(Means *m, Tensor **values, int examples) {
    Scope *s = tn_scope_begin();
    for (int i = 0; i < m->n && !failed(); i++) {
        int at = count_at(m, i);
        Tensor *count = at < 0 ? NULL : values[at], *sum;
        if (adds_up(m->of, i)) sum = tensor_alias(values[i]);
        else if (count) sum = add_times(m->sums[i], tn_mul(values[i], count), 1);
        else sum = add_times(m->sums[i], values[i], (float)examples);
        keep_sum(m, i, sum);
        if (count) keep_sum(m, at, add_times(m->sums[at], count, 1));
    }
    m->examples += examples;
    tn_scope_end(s);
}

Tensor *mean_of(const Means *m, int i) {
    if (m->sums[i] && adds_up(m->of, i)) return tensor_alias(m->sums[i]);
    if (!m->sums[i]) return tn_scalar(NAN);
    Scope *s = tn_scope_begin();
    int at = count_at(m, i);
    if (at >= 0 && m->sums[at]) return leave(s, tn_divNoNan(m->sums[i], m->sums[at]));
    return leave(s, tn_mul(m->sums[i], tn_scalar(1 / (float)m->examples)));
}
