/* fit: epochs, their order, and what they report. */
#include "training/fit.h"
#include "training/data.h"
#include "base/alea.h"
#include "ops/gather.gen.h"
#include "ops/view.gen.h"

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
    cJSON *by_class; /* weights of classes for batches that are fed, or NULL */
    bool fed;        /* a batch was, and its labels were looked at */
};

/* How many of n examples stay when a share at their end is split off: 1 of 10 for 0.9, though
** 1 - 0.9 is a little less than 0.1 in binary. */
static int examples_before(int n, double share) { return (int)floor(n * (1 - share) + n * 1e-12); }

/* The last part of the data becomes the validation's. */
static void split_off(Fit *f) {
    Data *d = &f->train;
    int n = data_count(d), first = examples_before(d->examples, f->options.split);
    if (first < 1 || first >= d->examples) {
        fail(TN_VALUE,
             "fit: validationSplit %g leaves %d of %d examples to train on and %d to "
             "validate: give a share that leaves one of each, or validationData",
             f->options.split, first, d->examples, d->examples - first);
        return;
    }
    if (!data_allocate(&f->validation, d->nx, d->ny, d->nw)) return;
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
    want_batch("fit", o->batch);
    if (!(o->split >= 0 && o->split < 1))
        fail(TN_VALUE, "fit: validationSplit must be at least 0 and below 1, but is %g", o->split);
    return !failed();
}

static size_t answer_bytes(const Trainer *t) {
    return sizeof(List) + (size_t)t->nnames * sizeof(Tensor *);
}

Fit *fit_begin(Layer *model, const List *x, const List *y, const List *weights, const List *vx,
               const List *vy, const List *vweights, const FitOptions *options) {
    Trainer *t = compiled("fit", model);
    if (!t || !check_options(options)) return NULL;
    Fit *f = scratch(sizeof *f);
    if (!f) return NULL;
    *f = (Fit){.model = model, .t = trainer_retain(t), .options = *options};
    f->options.class_weight = NULL; /* the caller's, read below */
    f->options.seed = NULL;
    layer_retain(model);
    random_start(&f->random, options->seed);
    if (x) data_read("fit", t, &f->train, x, y, weights, options->class_weight);
    if (x && !failed()) check_labels("fit", t, &f->train);
    else if (options->class_weight && !(f->by_class = cJSON_Duplicate(options->class_weight, true)))
        fail(TN_MEMORY, "out of memory: fit: classWeight");
    if (!failed() && vx)
        data_read("fit: validationData", t, &f->validation, vx, vy, vweights, NULL);
    else if (!failed() && options->split > 0) split_off(f);
    size_t values = (size_t)trainer_values(t) * sizeof *f->values;
    f->values = scratch(values);
    if (f->values) memset(f->values, 0, values);
    f->answer = scratch(answer_bytes(t));
    if (f->answer) f->answer->n = 0;
    if (means_start(&f->means, t) && means_start(&f->valued, t) && !failed()) return f;
    fit_end(f);
    return NULL;
}

static void clear_answer(Fit *f) {
    while (f->answer && f->answer->n) tn_dispose(f->answer->v[--f->answer->n]);
}

void fit_end(Fit *f) {
    const Trainer *t = f->t;
    trainer_reset(f->t);
    clear_answer(f);
    if (f->values)
        for (int i = 0; i < trainer_values(t); i++) tn_dispose(f->values[i]);
    scratch_free(f->values, (size_t)trainer_values(t) * sizeof *f->values);
    scratch_free(f->answer, answer_bytes(t));
    means_free(&f->means);
    means_free(&f->valued);
    data_free(&f->train);
    data_free(&f->validation);
    tn_dispose(f->order);
    json_free(f->by_class);
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
    trainer_reset(f->t);
    if (f->options.shuffle && f->train.examples) shuffle(f);
    return failed() ? 0 : (f->train.examples - 1) / f->options.batch + 1;
}

/* On some of the examples, in the epoch's order. */
static void train_on(Fit *f, int start, int size) {
    Trainer *t = f->t;
    const Data *d = &f->train;
    int n = data_count(d);
    Tensor **v = failed() ? NULL : scratch((size_t)n * sizeof *v);
    if (!v) return;
    Scope *s = tn_scope_begin();
    Tensor *rows = f->order ? piece(f->order, start, size) : NULL;
    for (int k = 0; k < n; k++)
        v[k] = rows ? tn_gather(d->v[k], rows, 0, 0) : piece(d->v[k], start, size);
    for (int k = 0; k < trainer_values(t); k++) {
        tn_dispose(f->values[k]);
        f->values[k] = NULL;
    }
    Batch b = batch_of(d, v);
    train_on_batch(t, &b, f->values);
    for (int k = 0; k < trainer_values(t); k++)
        if (f->values[k]) tn_keep(f->values[k]);
    means_add(&f->means, f->values, size);
    tn_scope_end(s);
    scratch_free(v, (size_t)n * sizeof *v);
}

int fit_batch(Fit *f, int i) {
    int examples = f->train.examples, batch = f->options.batch;
    if (i < 0 || i > (examples - 1) / batch)
        fail(TN_VALUE, "fit: there is no batch %d, the epoch has %d", i,
             (examples - 1) / batch + 1);
    if (failed()) return 0;
    int start = i * batch, size = examples - start < batch ? examples - start : batch;
    train_on(f, start, size);
    return size;
}

int fit_feed(Fit *f, const List *x, const List *y) {
    data_read("fitDataset", f->t, &f->train, x, y, NULL, f->by_class);
    if (!f->fed && !failed()) check_labels("fitDataset", f->t, &f->train);
    f->fed = true;
    int examples = failed() ? 0 : f->train.examples;
    if (examples) train_on(f, 0, examples);
    data_free(&f->train);
    return examples;
}

void fit_validate(Fit *f) {
    if (!failed() && fit_validates(f)) evaluate(f->t, &f->validation, f->options.batch, &f->valued);
}

const List *fit_values(Fit *f, FitValues which) {
    clear_answer(f);
    Scope *s = tn_scope_begin();
    for (int i = 0; i < f->means.n && !failed(); i++) {
        Tensor *value = which == TN_FIT_BATCH
                            ? f->values[i] ? tn_clone(f->values[i]) : tn_scalar(NAN)
                            : mean_of(which == TN_FIT_EPOCH ? &f->means : &f->valued, i);
        if (!failed()) f->answer->v[f->answer->n++] = tn_keep(value);
    }
    tn_scope_end(s);
    return f->answer;
}
