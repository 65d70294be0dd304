/* Code of the caller's in place of the library's: methods of a layer's class or object (subclass.c),
** and layers of the caller's own classes (custom.c). */
#ifndef TN_CUSTOM_H
#define TN_CUSTOM_H
#include "nn/core/layer.h"

/* What a layer has of the caller's own code. */
struct Custom {
    const char *class_name;    /* of the caller's class that extends the library's, or NULL */
    int overrides;             /* methods that the caller has, a bit for each LayerMethod */
    bool has_loss, has_before; /* these hooks are called */
    bool lists_weights;        /* its class lists its weights itself */
    int asked;          /* while the hook that lists them runs, layers_now.cuts + 1; else 0 */
    int nresults;       /* at the last call of its computeOutputShape, 0: not called yet */
    int loss_round;     /* the last collection of penalties that it was in */
    struct Spec *specs; /* what its inputs must be like, or NULL (input_spec.c) */
    int nspecs;
};

extern const Custom no_custom; /* of layers that have none */
/* The part for the caller's code, to be changed: the layer's own, made if need be. NULL with the
** error set. */
Custom *layer_custom(Layer *l);
/* True if the caller has the method. */
static inline bool has_method(const Layer *l, LayerMethod m) {
    return l->custom->overrides >> m & 1;
}

/* ---- classes of the caller's that extend the library's (subclass.c) ---- */

/* The class of the next layer that is made, once; NULL: the library's. */
const char *subclass_take(void);
enum {
    CALL_METHODS = 1 << TN_METHOD_APPLY | 1 << TN_METHOD_CALL | 1 << TN_METHOD_COMPUTE_MASK,
    ALL_METHODS = (1 << (TN_METHOD_COUNT_PARAMS + 1)) - 1
};
/* True if a call of the layer runs methods of the caller's. */
bool is_called_outside(const Layer *l, int beneath);
/* What its class, or the caller's, computes. */
Tensor *layer_call(Layer *l, Apply *a);
/* Builds by the library's class, before weights that the caller added. */
void subclass_build(Layer *l, const Shape *in, int nin);

/* ---- layers of the caller's (custom.c) ---- */

void custom_build(Layer *l, const Shape *in, int nin);
void custom_shape(const Layer *l, const Shape *in, int nin, Shape *out);
Tensor *custom_call(Layer *l, Apply *a);
/* Counts one more layer of a caller's class, for its name. */
int custom_count(const char *class_name);
bool custom_is_known(const char *class_name);
double custom_params(Layer *l);

/* A layer of a class that the library does not know, NULL if the caller does not either. */
Layer *custom_from_json(const char *class_name, const cJSON *config);
/* Its config for files. */
cJSON *custom_config(const Layer *l, bool pythonic);
int custom_results(Layer *l, const Shape *in, int nin);
/* How many it had at the last custom_results, 1 before. */
int custom_known_results(const Layer *l);
/* What addLoss() adds to the loss; and the hook that runs before a call. */
Tensor *custom_loss(Layer *l);
void custom_before(Layer *l, const Apply *a);
/* The weight as the caller's constraint has it. */
Tensor *custom_constrain(Layer *l, Tensor *weight);
/* False with the error set unless the inputs are as the layer's specs have it (input_spec.c). */
bool fits_specs(const Layer *l, const Shape *in, int nin);
/* Lends a layer the weights that its class lists itself, if it does. */
void custom_weights(Layer *l);
#endif
