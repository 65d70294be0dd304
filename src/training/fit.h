/* Training over epochs, evaluating and predicting in batches. The caller drives the batches, so
** that it may do other things between them; the data, the order and the sums are here. */
#ifndef TN_FIT_H
#define TN_FIT_H
#include "models.h"
#include "training/trainer.h"

typedef struct FitOptions {
    int batch;        /* examples a batch; the last one may have fewer */
    bool shuffle;     /* a new order each epoch */
    double split;     /* share at the end of the data that is kept for validation, 0: none */
    const char *seed; /* of the order; NULL: unpredictable */
    const cJSON *class_weight; /* {class: weight}, a list or an object of them by output, or NULL */
} FitOptions;

/* x, y: as the model's inputs and outputs; weights: of the examples, one an output, or NULL;
** vx, vy, vweights: the same for validation, or NULL. x may be NULL: then batches are fed. NULL
** with the error set. */
Fit *fit_begin(Layer *model, const List *x, const List *y, const List *weights, const List *vx,
               const List *vy, const List *vweights, const FitOptions *options);
int fit_examples(const Fit *f); /* to train on */
bool fit_validates(const Fit *f);
/* Starts an epoch; how many batches it has. */
int fit_epoch(Fit *f);
/* Trains on batch i of the epoch; how many examples it has. */
int fit_batch(Fit *f, int i);
/* Trains on a batch that is given; how many examples it has. */
int fit_feed(Fit *f, const List *x, const List *y);
/* Evaluates on what is kept for validation. */
void fit_validate(Fit *f);
/* Numbers named by the trainer. Valid until the next call of any fit function. */
const List *fit_values(Fit *f, FitValues which);
void fit_end(Fit *f);

/* Means over batches, in the open scope; empty with the error set. */
const List *model_evaluate(Layer *model, const List *x, const List *y, const List *weights,
                           int batch);
/* Results for all examples, in the open scope; empty with the error set. */
const List *model_predict(Layer *model, const List *x, int batch);
#endif
