/* Weights of whole models. */
#ifndef TN_MODEL_WEIGHTS_H
#define TN_MODEL_WEIGHTS_H
#include "nn/core/model.h"

/* How many numbers. */
double weights_count(const Walk *w);
/* layer/kernel (weight_names.c). */
void weights_name(const Walk *w, int i, char *to, int size);
/* The names of all, as files have them: unique, and the same whenever the model is made again. A
** name that several would have gets those of the models around it in front. */
const char **weights_names(const Walk *w, Arena *arena);

/* Which weights of a walk are found. */
typedef struct Naming {
    const Walk *walk;
    const char **names;
    bool *used;
} Naming;
/* For each name of a file the number of its weight, or -1. Names may have others in front (models,
** outer layers) or inside (cells), and numbers in place of names (layer/1). */
const int *weights_find(Naming *all, const char **strings, int n, Arena *arena);
/* Sets all weights of a layer or model, in the order of weights_of, each to what its constraint
** makes of the value. */
void weights_set(Layer *l, const List *values);
/* Sets weights by the names of a file, a JSON array. strict: every name and every weight must find
** its other. */
void weights_load(Layer *model, const cJSON *names, const List *values, bool strict);
/* Takes one reference from a layer; with the last one its weights are disposed. Returns how many
** were. A layer has a reference for each application to symbols, or for each model and wrapper
** that contains it, and one of the program that made the model, or called the layer before it
** connected it. Layers inside are disposed with the last model that contains them. */
int layer_dispose(Layer *l);
/* How many references it has. */
int layer_references(const Layer *l);
#endif
