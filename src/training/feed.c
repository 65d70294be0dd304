/* Training and evaluating on batches that come one by one, from datasets. */
#include "training/feed.h"
#include "training/data.h"

struct Evaluation {
    Layer *model;
    Trainer *t;
    Means means;
};

Evaluation *evaluation_begin(Layer *model) {
    Trainer *t = compiled("evaluateDataset", model);
    Evaluation *e = t ? scratch(sizeof *e) : NULL;
    if (!e) return NULL;
    *e = (Evaluation){.model = model, .t = trainer_retain(t)};
    layer_retain(model);
    trainer_reset(t);
    if (means_start(&e->means, t)) return e;
    evaluation_end(e);
    return NULL;
}

int evaluation_feed(Evaluation *e, const List *x, const List *y) {
    Data d = {0};
    data_read("evaluateDataset", e->t, &d, x, y, NULL, NULL);
    int examples = failed() ? 0 : d.examples;
    if (examples) evaluate_batches(e->t, &d, examples, &e->means);
    data_free(&d);
    return examples;
}

const List *evaluation_values(const Evaluation *e) {
    if (!failed() && !e->means.examples)
        fail(TN_VALUE, "evaluateDataset: the dataset has no batches");
    List *list = make_list(failed() ? 0 : e->means.n);
    for (int i = 0; i < list->n; i++) list->v[i] = mean_of(&e->means, i);
    return list;
}

void evaluation_end(Evaluation *e) {
    means_free(&e->means);
    trainer_release(e->t);
    layer_release(e->model);
    scratch_free(e, sizeof *e);
}
