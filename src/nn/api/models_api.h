/* What the files of the face share. */
#ifndef TN_FACE_H
#define TN_FACE_H
#include "nn/core/model.h"

/* Room for the results; how many a layer of a caller's class gives is known when it did. */
int results_of(const Layer *l, int beneath);
/* True for layers that mind masks or pass them on. */
bool accepts_masks(const Layer *l);

typedef struct Pointers {
    int n;
    void *v[];
} Pointers;

/* Room for a list of n pointers, the one there is; a list of none where there is no memory. */
Pointers *pointers(int n);
/* Fails unless l is a model. */
bool want_model(const char *who, const Layer *l);
static inline bool is_input_layer(const Layer *l) {
    return !strcmp(l->of->schema->class_name, "InputLayer");
}
#endif
