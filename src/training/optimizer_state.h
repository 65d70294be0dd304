/* An optimizer from inside: what it remembers of variables (optimizer_state.c), how it steps
** (update.c). */
#ifndef TN_OPTIMIZER_STATE_H
#define TN_OPTIMIZER_STATE_H
#include "training/optimizer.h"

/* What is remembered of one variable. */
typedef struct Slot {
    Tensor *variable; /* NULL while states were set, and the variable they are of is not known */
    uint32_t id;      /* of the variable: another one may come to lie where it was */
    bool waits;       /* for its variable */
    Tensor *state[MAX_STATES];
    Tensor *average; /* running mean of the variable, or NULL */
    bool fresh;      /* the mean has not begun */
    bool swapped;    /* the variable has the mean's value, the mean that of the variable */
} Slot;

struct Optimizer {
    const OptimizerClass *of;
    void *config;
    const ExtrasConfig *extras; /* in the config; NULL: a custom one, that has none */
    const Schedule *schedule;   /* of the learning rate, or NULL */
    cJSON *json;
    int handles, steps;
    const Layer *const *owners; /* of the variables of a step, or NULL */
    Slot *slots;
    int nslots, capacity;
    Optimizer *next, *previous; /* in the list of all */
    Arena arena;                /* holds the optimizer itself */
};

/* How many states like the variable there are. */
int state_count(const Optimizer *o);
/* The slot of a step's variable at `hint`, where its slot usually is. NULL with the error set. */
Slot *slot_of(Optimizer *o, Tensor *variable, int hint);
#endif
