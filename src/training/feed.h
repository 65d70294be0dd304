/* Evaluating a model on batches that come one by one. */
#ifndef TN_FEED_H
#define TN_FEED_H
#include "models.h"
#include "training/trainer.h"

/* NULL with the error set. */
Evaluation *evaluation_begin(Layer *model);
/* Adds a batch: x, y as the model's inputs and outputs; how many examples it has. */
int evaluation_feed(Evaluation *e, const List *x, const List *y);
/* Means over the batches so far, in the open scope; empty with the error set. */
const List *evaluation_values(const Evaluation *e);
void evaluation_end(Evaluation *e);
#endif
