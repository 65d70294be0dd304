/* Weights of whole models. */
#ifndef TN_WEIGHTS_H
#define TN_WEIGHTS_H
#include "model.h"

/* How many numbers. */
double weights_count(const Walk *w);
/* layer/kernel, as files have it. */
void weights_name(const Walk *w, int i, char *to, int room);
/* Sets all weights of a layer or model, in the order of weights_of, each to what its constraint
** makes of the value. */
void weights_set(Layer *l, const List *values);
/* Sets weights by the names of a file, a JSON array. strict: every name and every weight must find
** its other. */
void weights_load(Layer *model, const cJSON *names, const List *values, bool strict);
/* Lets a layer go; where no model holds it any more its weights are freed. How many were. */
int layer_dispose(Layer *l);
#endif
