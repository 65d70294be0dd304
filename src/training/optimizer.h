/* Optimizers: each declared once, like a layer; they serve model.fit and tf.train alike. */
#ifndef TN_OPTIMIZER_H
#define TN_OPTIMIZER_H
#include "training/schedule.h"

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
    int extras; /* where ExtrasConfig lies in its config */
    void (*update)(Update *u);
    const char *names[MAX_STATES];       /* of the tensors like the variable that it remembers */
    int (*states)(const void *config);   /* how many of them; absent: all that have a name */
    double (*first)(const void *config); /* what they start with; absent: 0 */
    /* The i-th state of a variable where it is not all one number of the variable's shape; `owner`:
    ** name of the layer that has the variable, or "". */
    Tensor *(*begin)(const void *config, int i, Tensor *variable, const char *owner);
    double (*decay)(const Update *u); /* share of weight decay; absent: that of the extras */
    /* The variable as it is looked at, or as it is trained, where those are two. */
    Tensor *(*swap)(const Update *u, bool train);
    const char *usual;   /* config that differs from the defaults of the fields */
    const char *by_name; /* the same, when a model is compiled with the bare name */
} OptimizerClass;

#define OPTIMIZER(id, Class, ...)                                                                  \
    const OptimizerClass id##_optimizer = {                                                        \
        .schema = &id##_schema, .extras = offsetof(Class##Config, extras), __VA_ARGS__}

/* With one handle. NULL with the error set. The config holds fields by name. */
Optimizer *optimizer_make(const OptimizerClass *of, const cJSON *config);
/* From a name, as compile takes it: other defaults than tf.train's in places. */
Optimizer *optimizer_by_name(const char *name);
/* One that steps by a function of the caller's (tn_on_optimizer). */
Optimizer *optimizer_custom(void);
const OptimizerClass *optimizer_find(const char *name);
Optimizer *optimizer_retain(Optimizer *o);
void optimizer_release(Optimizer *o);
/* One step of the class: variables[i] by grads[i], which may be NULL. */
void optimizer_apply(Optimizer *o, const List *variables, const List *grads);
/* The same in training: by the caller's own function, if there is one. */
void optimizer_step(Optimizer *o, const List *variables, const List *grads);
/* Has the caller's function find gradients of tn_training_loss() and step by them; false: there
** is none. */
bool optimizer_minimize(Optimizer *o, const List *variables);
/* Puts the running means of variables, where it keeps them, into the variables. */
void optimizer_finish(Optimizer *o);
/* Variables as they are trained, or as they are looked at, where the class has two values, or
** running means are kept. */
void optimizer_swap(Optimizer *o, bool train);
/* Who has the variables of the next step, by their places; NULL: nobody knows. */
void optimizer_owners(Optimizer *o, const Layer *const *owners);

const char *optimizer_class(const Optimizer *o);
cJSON *optimizer_config(const Optimizer *o, bool pythonic);
/* {className, config} of what a file says, be it Keras's or TensorFlow.js's, in fields that the
** class has (keras_optimizers.c); NULL with the error set. */
cJSON *optimizer_from_file(const char *class_name, const cJSON *config);
/* The rate of the next step. */
double optimizer_rate(const Optimizer *o);
/* Changes a number or truth of the config; a rate given so takes the place of a schedule. */
void optimizer_set(Optimizer *o, const char *name, double value);
void optimizer_forget(Optimizer *o);
/* Disposes the states of variables that are disposed. */
void optimizer_sweep(Optimizer *o);
/* Disposes states that were set and have found no variable yet. */
void optimizer_forget_waiting(Optimizer *o);
/* After all variables were disposed: all optimizers dispose states of them. */
void optimizers_sweep(void);
int optimizer_steps(const Optimizer *o);
void optimizer_set_steps(Optimizer *o, int steps);
/* Variables with something remembered, in the order of first use; one that is not known yet, its
** states having been set, is NULL. Not the caller's. */
const List *optimizer_variables(const Optimizer *o);
/* The states: the first of each variable, then the second of each... Not the caller's. */
const List *optimizer_states(const Optimizer *o);
/* Names of the states of one variable. */
cJSON *optimizer_state_names(const Optimizer *o);
/* Goes on where another left off: states in that order, of the variables of the next step. */
void optimizer_set_states(Optimizer *o, int steps, const List *values);

extern const OptimizerClass *const all_optimizers[];
#endif
