/* Optimizers: each declared once, like a layer; they serve model.fit and tf.train alike. */
#ifndef TN_OPTIMIZER_H
#define TN_OPTIMIZER_H
#include "../layers/layer.h"

enum { MAX_STATES = 3 };

/* One step of one variable: value, gradient and states come in, new tensors are left in value and
** state[]. */
typedef struct Update {
    Tensor *value, *grad, *state[MAX_STATES];
    const void *config;
    int step; /* from 1 */
} Update;

typedef struct OptimizerClass {
    const Schema *schema;
    void (*update)(Update *u);
    int (*states)(const void *config); /* how many tensors like the variable it remembers */
    double (*first)(const void *config); /* what they start with; absent: 0 */
    const char *by_name; /* config that differs when a model is compiled with the bare name */
} OptimizerClass;

#define OPTIMIZER(id, Class, ...)                                                                  \
    const OptimizerClass id##_optimizer = {.schema = &id##_schema, __VA_ARGS__}

/* With one handle. NULL with the error set. The config holds fields by name. */
Optimizer *optimizer_make(const OptimizerClass *of, const cJSON *config);
/* From a name, as compile takes it: other defaults than tf.train's in places. */
Optimizer *optimizer_by_name(const char *name);
const OptimizerClass *optimizer_find(const char *name);
Optimizer *optimizer_retain(Optimizer *o);
void optimizer_release(Optimizer *o);
/* One step: variables[i] by grads[i], which may be NULL. */
void optimizer_apply(Optimizer *o, const List *variables, const List *grads);

const char *optimizer_class(const Optimizer *o);
cJSON *optimizer_config(const Optimizer *o, bool pythonic);
void optimizer_set_rate(Optimizer *o, double rate);
void optimizer_forget(Optimizer *o);
/* Lets go of what it remembers of variables that are disposed. */
void optimizer_sweep(Optimizer *o);
int optimizer_steps(const Optimizer *o);
/* States of the variables in the order of first use; not the caller's. */
const List *optimizer_states(const Optimizer *o);
/* Takes up where another left: so many steps, and the states of these variables, in that form. */
void optimizer_set_states(Optimizer *o, int steps, const List *variables, const List *values);

extern const OptimizerClass *const all_optimizers[];
#endif
