/* evaluate and predict, batch by batch. */
#include "training/data.h"
#include "training/fit.h"
#include "ops/join.gen.h"

void evaluate(Trainer *t, const Data *d, int batch, Means *m) {
    means_clear(m);
    trainer_reset(t);
    evaluate_batches(t, d, batch, m);
}

void evaluate_batches(Trainer *t, const Data *d, int batch, Means *m) {
    int n = data_count(d), all = n + trainer_values(t);
    Tensor **v = scratch((size_t)all * sizeof *v), **values = v ? v + n : NULL;
    for (int start = 0, size; v && start < d->examples && !failed(); start += size) {
        size = d->examples - start < batch ? d->examples - start : batch;
        Scope *s = tn_scope_begin();
        for (int i = 0; i < n; i++) v[i] = piece(d->v[i], start, size);
        Batch b = batch_of(d, v);
        test_on_batch(t, &b, values);
        means_add(m, values, size);
        tn_scope_end(s);
    }
    scratch_free(v, (size_t)all * sizeof *v);
}

void want_batch(const char *who, int batch) {
    if (batch < 1)
        fail(TN_VALUE, "%s: batchSize is required to be a positive integer, but got %d", who,
             batch);
}

Trainer *compiled(const char *who, const Layer *model) {
    if (failed()) return NULL;
    if (model->disposed)
        fail(TN_DISPOSED, "%s: Container '%.80s' is already disposed.", who, model->name);
    else if (!trainer_of(model))
        fail(TN_VALUE,
             "%s: You must compile a model before training/testing. Use compile() of "
             "%.80s.",
             who, model->name);
    return trainer_of(model);
}

const List *model_evaluate(Layer *model, const List *x, const List *y, const List *weights,
                           int batch) {
    Trainer *t = compiled("evaluate", model);
    Data d = {0};
    Means m = {0};
    want_batch("evaluate", batch);
    if (t) data_read("evaluate", t, &d, x, y, weights, NULL);
    if (t && !failed() && means_start(&m, t)) evaluate(t, &d, batch, &m);
    List *list = make_list(failed() ? 0 : m.n);
    for (int i = 0; i < list->n; i++) list->v[i] = mean_of(&m, i);
    if (t) trainer_reset(t);
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
    model_run(model, v, v + nin);
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
    want_batch("predict", batch);
    if (!g || failed()) return make_list(0);
    Data d;
    Scope *s = tn_scope_begin();
    if (data_allocate(&d, g->nin, 0, 0)) ready_inputs("predict", model, x, d.v);
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
