/* A compiled model: what it is trained towards and by what. One call trains on one batch. */
#ifndef TN_TRAINER_H
#define TN_TRAINER_H
#include "training/metric.h"
#include "training/metric_functions.h"
#include "training/optimizer.h"
#include "nn/core/model.h"

/* A loss or metric: one of ours, one that adds up over batches, or a function of JavaScript's by
** its number. */
typedef struct LossOrMetric {
    const MetricFunction *of;
    Metric *metric; /* held by the trainer */
    int function;
    const char *name;
    int output; /* of the model, that it looks at */
} LossOrMetric;

struct Trainer {
    Layer *model;
    Optimizer *optimizer;
    LossOrMetric *losses; /* one an output */
    float *loss_weights;
    LossOrMetric *metrics;
    int nout, nmetrics;
    const char **names; /* loss, then with several outputs name_loss of each, then the metrics */
    int nnames;
    Plans *plans;      /* of steps */
    Plans *tests;      /* of tests where steps may be masked; else the model's own serve */
    bool masked;       /* steps that a mask takes out count neither in losses nor in metrics */
    Walk trained, all; /* weights that were trainable when it was compiled, and all */
    int listed;        /* weights_version() when they were listed */
    int handles;       /* its model, and fits under way, also when it is compiled anew */
    Arena arena;
};

/* Compiles a model: {loss, metrics, lossWeights, maskLoss}, a loss being a name, {function, name},
** or an array or object of them by output; weights are numbers in the same form. Takes over the
** caller's handle on the optimizer. */
void model_compile(Layer *model, Optimizer *optimizer, const cJSON *spec);
/* Adds trainable weights that layers of a caller's class made since, in call(); false: none. */
bool trainer_add_new_weights(Trainer *t);
Trainer *trainer_retain(Trainer *t);
void trainer_release(Trainer *t);

/* Metrics that add up over batches start anew. */
void trainer_reset(Trainer *t);
/* True where values[i] is not of the batch alone, but of all since then. */
bool adds_up(const Trainer *t, int i);

/* How many tensors a batch gives: numbers named by t->names, then for each metric over how many
** examples or steps its number is the mean, NULL: over all examples. */
int trainer_values(const Trainer *t);

/* x: as the model's inputs, y: as its outputs, weights: of the examples, NULL or one an output.
** values[0..trainer_values) are left in the open scope. */
typedef struct Batch {
    Tensor **x, **y, **weights;
} Batch;
void train_on_batch(Trainer *t, const Batch *b, Tensor **values);
void test_on_batch(Trainer *t, const Batch *b, Tensor **values);

/* Checks shapes and dtypes of data against the model, gives one-dimensional targets a second axis,
** and leaves new handles in the open scope: in to[], n of them. */
void ready_inputs(const char *who, const Layer *model, const List *x, Tensor **to);
void ready_targets(const char *who, const Trainer *t, const List *y, Tensor **to);
#endif
