/* fit, evaluate, predict: cutting data into batches and averaging over them. */
#include "fit.h"
#include "../engine/engine.h"
#include "../engine/random.h"

/* Data of one kind: inputs, targets, weights, one after the other; handles of their own. */
typedef struct Data {
    Tensor **v;
    int nx, ny, nw; /* nw is 0 or ny */
    int examples;
} Data;

static int data_count(const Data *d) { return d->nx + d->ny + d->nw; }

static void data_free(Data *d) {
    for (int i = 0; d->v && i < data_count(d); i++) tn_dispose(d->v[i]);
    mem_free(d->v, (size_t)data_count(d) * sizeof *d->v);
    *d = (Data){0};
}

/* Room for so many tensors; empty ones are harmless. */
static bool data_room(Data *d, int nx, int ny, int nw) {
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
            fail(TN_SHAPE, "%s: x has %d examples, %s has %d", who, d->examples,
                 i < d->nx + d->ny ? "y" : "sampleWeight", n);
    }
    if (!failed() && !d->examples) fail(TN_VALUE, "%s: there are no examples", who);
}

static void data_read(const char *who, const Trainer *t, Data *d, const List *x, const List *y,
                      const List *weights) {
    if (weights && weights->n != t->nout)
        fail(TN_VALUE, "%s: sampleWeight has %d tensors, the model has %d outputs", who, weights->n,
             t->nout);
    if (failed() || !data_room(d, t->model->graph->nin, t->nout, weights ? t->nout : 0)) return;
    Scope *s = tn_scope_begin();
    ready_inputs(who, t->model, x, d->v);
    ready_targets(who, t, y, d->v + d->nx);
    for (int i = 0; i < d->nw && !failed(); i++) d->v[d->nx + d->ny + i] = tn_clone(weights->v[i]);
    check_examples(who, d);
    if (!failed()) data_keep(d);
    tn_scope_end(s);
}

/* ---- batches ---- */

/* n examples of x from `start` on. */
static Tensor *piece(Tensor *x, int start, int n) {
    if (start == 0 && n == x->shape[0]) return x;
    int begin[TN_MAX_RANK + 1] = {x->rank, start}, size[TN_MAX_RANK + 1] = {x->rank, n};
    for (int i = 1; i < x->rank; i++) size[i + 1] = -1;
    return tn_slice(x, (const Ints *)begin, (const Ints *)size);
}

static Batch batch_of(const Data *d, Tensor **v) {
    return (Batch){v, v + d->nx, d->nw ? v + d->nx + d->ny : NULL};
}

/* ---- means over batches ---- */

/* a + p0 b: sums stay where the numbers are. */
static void add_times_cpu(Call *c) {
    float p = *(const float *)c->attrs;
    for (int i = 0; i < c->out[0]->size; i++)
        f32(c->out[0])[i] = f32(c->in[0])[i] + p * f32(c->in[1])[i];
}

static const Op add_times_op = {.name = "add_times", .cpu = add_times_cpu, .gl = "=a + p0 * b",
                                .constant = true};

static Tensor *add_times(Tensor *sum, Tensor *x, float times) {
    x = to_float(x);
    if (!sum) return tn_mul(x, tn_scalar(times));
    return run(&add_times_op, IN(sum, x), OUT(make_like(sum)), &times, sizeof times);
}

typedef struct Means {
    Tensor **sums; /* of n; NULL at first */
    int n, examples;
} Means;

static bool means_start(Means *m, int n) {
    *m = (Means){.sums = scratch((size_t)n * sizeof *m->sums), .n = n};
    for (int i = 0; m->sums && i < n; i++) m->sums[i] = NULL;
    return m->sums != NULL;
}

static void means_clear(Means *m) {
    for (int i = 0; i < m->n; i++) {
        tn_dispose(m->sums[i]);
        m->sums[i] = NULL;
    }
    m->examples = 0;
}

static void means_free(Means *m) {
    if (!m->sums) return;
    means_clear(m);
    scratch_free(m->sums, (size_t)m->n * sizeof *m->sums);
    *m = (Means){0};
}

static void means_add(Means *m, Tensor **values, int examples) {
    Scope *s = tn_scope_begin();
    for (int i = 0; i < m->n && !failed(); i++) {
        Tensor *sum = add_times(m->sums[i], values[i], (float)examples);
        if (failed()) break;
        tn_dispose(m->sums[i]);
        m->sums[i] = tn_keep(sum);
    }
    m->examples += examples;
    tn_scope_end(s);
}

static Tensor *mean_of(const Means *m, int i) {
    return m->sums[i] ? tn_mul(m->sums[i], tn_scalar(1 / (float)m->examples)) : tn_scalar(NAN);
}

/* ---- evaluate ---- */

static void evaluate(Trainer *t, const Data *d, int batch, Means *m) {
    int n = data_count(d);
    Tensor **v = scratch((size_t)(n + t->nnames) * sizeof *v), **values = v + n;
    means_clear(m);
    for (int start = 0, size; v && start < d->examples && !failed(); start += size) {
        size = d->examples - start < batch ? d->examples - start : batch;
        Scope *s = tn_scope_begin();
        for (int i = 0; i < n; i++) v[i] = piece(d->v[i], start, size);
        Batch b = batch_of(d, v);
        test_on_batch(t, &b, values);
        means_add(m, values, size);
        tn_scope_end(s);
    }
    scratch_free(v, (size_t)(n + t->nnames) * sizeof *v);
}

static Trainer *compiled(const char *who, const Layer *model) {
    if (failed()) return NULL;
    if (!model->trainer)
        fail(TN_VALUE, "%s: %.80s must be compiled before: call compile()", who, model->name);
    return model->trainer;
}

const List *model_evaluate(Layer *model, const List *x, const List *y, const List *weights,
                           int batch) {
    Trainer *t = compiled("evaluate", model);
    Data d = {0};
    Means m = {0};
    if (batch < 1) fail(TN_VALUE, "evaluate: batchSize must be at least 1, but is %d", batch);
    if (t) data_read("evaluate", t, &d, x, y, weights);
    if (t && !failed() && means_start(&m, t->nnames)) evaluate(t, &d, batch, &m);
    List *list = make_list(failed() ? 0 : m.n);
    for (int i = 0; i < list->n; i++) list->v[i] = mean_of(&m, i);
    means_free(&m);
    data_free(&d);
    return list;
}

/* ---- predict ---- */

/* One batch's results into parts[output][k]. */
static void predict_batch(Layer *model, Tensor **x, int start, int size, Tensor **parts, int k,
                          int batches) {
    int nin = model->graph->nin, nout = model->graph->nout;
    Tensor **v = scratch((size_t)(nin + nout) * sizeof *v);
    if (!v) return;
    Scope *s = tn_scope_begin();
    for (int i = 0; i < nin; i++) v[i] = piece(x[i], start, size);
    layer_run(model, v, nin, v + nin, nout, false);
    for (int j = 0; j < nout; j++) parts[j * batches + k] = tn_scope_out(s, v[nin + j]);
    tn_scope_end(s);
    scratch_free(v, (size_t)(nin + nout) * sizeof *v);
}

/* The parts of one output in one piece. */
static Tensor *joined(Tensor **parts, int n) {
    if (n == 1 || failed()) return parts[0];
    size_t bytes = sizeof(List) + (size_t)n * sizeof(Tensor *);
    List *list = scratch(bytes);
    if (!list) return nothing();
    list->n = n;
    memcpy(list->v, parts, (size_t)n * sizeof *parts);
    Tensor *all = tn_concat(list, 0);
    scratch_free(list, bytes);
    return all;
}

const List *model_predict(Layer *model, const List *x, int batch) {
    const Graph *g = graph_of(model);
    if (batch < 1) fail(TN_VALUE, "predict: batchSize must be at least 1, but is %d", batch);
    if (!g || failed()) return make_list(0);
    Data d;
    Scope *s = tn_scope_begin();
    if (data_room(&d, g->nin, 0, 0)) ready_inputs("predict", model, x, d.v);
    int examples = failed() || !d.v[0]->rank ? 0 : d.v[0]->shape[0];
    int batches = examples > batch ? (examples - 1) / batch + 1 : 1;
    size_t bytes = (size_t)g->nout * (size_t)batches * sizeof(Tensor *);
    Tensor **parts = failed() ? NULL : scratch(bytes);
    for (int k = 0; parts && k < batches && !failed(); k++) {
        int start = k * batch, size = examples - start < batch ? examples - start : batch;
        predict_batch(model, d.v, start, size, parts, k, batches);
    }
    for (int j = 0; parts && j < g->nout && !failed(); j++)
        parts[j] = joined(parts + (size_t)j * (size_t)batches, batches);
    List *list = make_list(failed() ? 0 : g->nout);
    for (int j = 0; j < list->n; j++) list->v[j] = tn_scope_out(s, parts[j]);
    scratch_free(parts, bytes);
    if (d.v) scratch_free(d.v, (size_t)g->nin * sizeof *d.v);
    tn_scope_end(s);
    return list;
}

/* ---- fit ---- */

struct Fit {
    Layer *model;
    Trainer *t;
    Data train, validation;
    FitOptions options;
    Random random;
    Tensor *order;   /* int32, a permutation of the examples; NULL: as they are */
    Tensor **values; /* of the last batch */
    Means means, valued;
    List *answer;    /* what fit_values gave last */
};

/* The last part of the data becomes the validation's. */
static void split_off(Fit *f) {
    Data *d = &f->train;
    int n = data_count(d), first = (int)floor(d->examples * (1 - f->options.split));
    if (first < 1 || first >= d->examples) {
        fail(TN_VALUE, "fit: validationSplit %g leaves %d of %d examples to train on",
             f->options.split, first, d->examples);
        return;
    }
    if (!data_room(&f->validation, d->nx, d->ny, d->nw)) return;
    Scope *s = tn_scope_begin();
    f->validation.examples = d->examples - first;
    for (int i = 0; i < n && !failed(); i++) {
        f->validation.v[i] = tn_keep(piece(d->v[i], first, d->examples - first));
        Tensor *rest = tn_keep(piece(d->v[i], 0, first));
        tn_dispose(d->v[i]);
        d->v[i] = rest;
    }
    d->examples = first;
    tn_scope_end(s);
}

static bool check_options(const FitOptions *o) {
    if (o->batch < 1)
        fail(TN_VALUE, "fit: batchSize must be at least 1, but is %d", o->batch);
    if (!(o->split >= 0 && o->split < 1))
        fail(TN_VALUE, "fit: validationSplit must be at least 0 and below 1, but is %g", o->split);
    return !failed();
}

static size_t answer_bytes(const Trainer *t) {
    return sizeof(List) + (size_t)t->nnames * sizeof(Tensor *);
}

Fit *fit_begin(Layer *model, const List *x, const List *y, const List *weights, const List *vx,
               const List *vy, const FitOptions *options) {
    Trainer *t = compiled("fit", model);
    if (!t || !check_options(options)) return NULL;
    Fit *f = scratch(sizeof *f);
    if (!f) return NULL;
    *f = (Fit){.model = model, .t = trainer_retain(t), .options = *options};
    layer_retain(model);
    random_start(&f->random, options->seed);
    data_read("fit", t, &f->train, x, y, weights);
    if (!failed() && vx) data_read("fit: validationData", t, &f->validation, vx, vy, NULL);
    else if (!failed() && options->split > 0) split_off(f);
    size_t values = (size_t)t->nnames * sizeof *f->values;
    f->values = scratch(values);
    if (f->values) memset(f->values, 0, values);
    f->answer = scratch(answer_bytes(t));
    if (f->answer) f->answer->n = 0;
    if (means_start(&f->means, t->nnames) && means_start(&f->valued, t->nnames) && !failed())
        return f;
    fit_end(f);
    return NULL;
}

static void clear_answer(Fit *f) {
    while (f->answer && f->answer->n) tn_dispose(f->answer->v[--f->answer->n]);
}

void fit_end(Fit *f) {
    const Trainer *t = f->t;
    clear_answer(f);
    if (f->values)
        for (int i = 0; i < t->nnames; i++) tn_dispose(f->values[i]);
    scratch_free(f->values, (size_t)t->nnames * sizeof *f->values);
    scratch_free(f->answer, answer_bytes(t));
    means_free(&f->means);
    means_free(&f->valued);
    data_free(&f->train);
    data_free(&f->validation);
    tn_dispose(f->order);
    trainer_release(f->t);
    layer_release(f->model);
    scratch_free(f, sizeof *f);
}

int fit_examples(const Fit *f) { return f->train.examples; }
bool fit_validates(const Fit *f) { return f->validation.examples > 0; }

/* Fisher and Yates. */
static void shuffle(Fit *f) {
    int n = f->train.examples;
    Tensor *order = tn_tensor(TN_INT32, INTS(n), NULL);
    if (failed()) return;
    for (int i = 0; i < n; i++) i32(order)[i] = i;
    for (int i = n - 1; i > 0; i--) {
        int k = (int)(random_next(&f->random) * (i + 1)), held = i32(order)[i];
        i32(order)[i] = i32(order)[k];
        i32(order)[k] = held;
    }
    tn_dispose(f->order);
    f->order = tn_keep(order);
}

int fit_epoch(Fit *f) {
    means_clear(&f->means);
    if (f->options.shuffle) shuffle(f);
    return failed() ? 0 : (f->train.examples - 1) / f->options.batch + 1;
}

int fit_batch(Fit *f, int i) {
    Trainer *t = f->t;
    const Data *d = &f->train;
    int n = data_count(d), batch = f->options.batch;
    if (i < 0 || i > (d->examples - 1) / batch)
        fail(TN_VALUE, "fit: there is no batch %d, the epoch has %d", i,
             (d->examples - 1) / batch + 1);
    int start = i * batch;
    int size = d->examples - start < batch ? d->examples - start : batch;
    Tensor **v = failed() ? NULL : scratch((size_t)n * sizeof *v);
    if (!v) return 0;
    Scope *s = tn_scope_begin();
    Tensor *rows = f->order ? piece(f->order, start, size) : NULL;
    for (int k = 0; k < n; k++)
        v[k] = rows ? tn_gather(d->v[k], rows, 0, 0) : piece(d->v[k], start, size);
    for (int k = 0; k < t->nnames; k++) {
        tn_dispose(f->values[k]);
        f->values[k] = NULL;
    }
    Batch b = batch_of(d, v);
    train_on_batch(t, &b, f->values);
    for (int k = 0; k < t->nnames; k++) tn_keep(f->values[k]);
    means_add(&f->means, f->values, size);
    tn_scope_end(s);
    scratch_free(v, (size_t)n * sizeof *v);
    return size;
}

void fit_validate(Fit *f) {
    if (!failed() && fit_validates(f))
        evaluate(f->t, &f->validation, f->options.batch, &f->valued);
}

const List *fit_values(Fit *f, FitValues which) {
    clear_answer(f);
    Scope *s = tn_scope_begin();
    for (int i = 0; i < f->means.n && !failed(); i++) {
        Tensor *value = which == FIT_BATCH ? f->values[i] ? tn_clone(f->values[i]) : tn_scalar(NAN)
                        : mean_of(which == FIT_EPOCH ? &f->means : &f->valued, i);
        if (!failed()) f->answer->v[f->answer->n++] = tn_keep(value);
    }
    tn_scope_end(s);
    return f->answer;
}
