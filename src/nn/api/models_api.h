/* What the files of this folder share. */
#ifndef TN_MODELS_API_H
#define TN_MODELS_API_H
#include "nn/core/model.h"

/* How many results a call may give; of a caller's class a bound, since only the call tells. */
int results_of(const Layer *l, int beneath);
/* True for layers that mind masks or pass them on. */
bool accepts_masks(const Layer *l);

typedef struct Pointers {
    int n;
    void *v[];
} Pointers;

/* The one list of pointers that answers use, with n places; with none where memory is out. */
Pointers *pointers(int n);
/* Fails unless l is a model. */
bool want_model(const char *who, const Layer *l);
static inline bool is_input_layer(const Layer *l) {
    return !strcmp(l->of->schema->class_name, "InputLayer");
}
#endif
