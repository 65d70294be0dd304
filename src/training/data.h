/* Examples in batches: the tensors of fit and evaluate, and means over batches. */
#ifndef TN_DATA_H
#define TN_DATA_H
#include "training/trainer.h"

/* Data of one kind: inputs, targets, weights, one after the other; handles of their own. */
typedef struct Data {
    Tensor **v;
    int nx, ny, nw; /* nw is 0 or ny */
    int examples;
} Data;

static inline int data_count(const Data *d) { return d->nx + d->ny + d->nw; }
/* Memory for so many tensors, NULL at first. */
bool data_allocate(Data *d, int nx, int ny, int nw);
/* Checked data; by_class: class weights, or NULL. Freed also where it fails. */
void data_read(const char *who, const Trainer *t, Data *d, const List *x, const List *y,
               const List *weights, const cJSON *by_class);
void data_free(Data *d);
/* n examples of x from `start` on. */
Tensor *piece(Tensor *x, int start, int n);
Batch batch_of(const Data *d, Tensor **v);

/* Means over batches of what a trainer reports; they stay on the device. Of what adds up by itself
** the last is kept. */
typedef struct Means {
    const Trainer *of;
    Tensor **sums; /* of n, then of the counts of metrics (trainer_values); NULL at first */
    int n, examples;
} Means;

bool means_start(Means *m, const Trainer *t);
void means_clear(Means *m);
void means_free(Means *m);
void means_add(Means *m, Tensor **values, int examples);
Tensor *mean_of(const Means *m, int i);

/* A model's numbers over all batches in m; the second adds them to what is there. */
void evaluate(Trainer *t, const Data *d, int batch, Means *m);
void evaluate_batches(Trainer *t, const Data *d, int batch, Means *m);
/* Fails unless it is at least 1. */
void want_batch(const char *who, int batch);
/* The trainer of a compiled model; NULL with the error set. */
Trainer *compiled(const char *who, const Layer *model);
/* Fails where a target, one for each output, has numbers of classes that there are not. What only a
** device holds is passed over: looking would make each batch wait for it (label_checks.c). */
void check_classes(const char *who, const Trainer *t, Tensor *const *y);
/* Fails where targets cannot be what their losses take: numbers of classes that there are not,
** probabilities outside of 0..1. */
void check_labels(const char *who, const Trainer *t, const Data *d);
/* What to do about targets that are numbers of classes where a row of classes is needed, or "". */
const char *label_remedy(const Trainer *t, int output, const Tensor *y);
/* A weight for each example by its class in y, the target of an output. */
Tensor *class_weights(const Trainer *t, const cJSON *spec, int output, Tensor *y);
#endif
