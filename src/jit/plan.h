/* Plans: what a function of tensors did once, call by call, to be done again without its C code.
** trace.c notes the calls while the function runs as always, plan.c makes a plan of them: calls
** that nothing needs are left out, results of calls on constants are kept, and tensors in between
** get places in one block of memory. executor.c does it again, and plan_cache.c keeps plans by
** shapes. */
#ifndef TN_PLAN_H
#define TN_PLAN_H
#include "tensor/engine.h"

typedef enum ValueKind { VALUE_INPUT, VALUE_CONSTANT, VALUE_COMPUTED } ValueKind;

/* One tensor of the trace. */
typedef struct PlanValue {
    Tensor
        x; /* what the calls see; a constant keeps its storage, others have one from time to time */
    Storage own; /* its place in the block */
    ValueKind kind;
    int root; /* number of the value whose data a view shows, itself if none, -1: outer tensor's */
    int first, last;      /* calls that make it and read it last */
    int until;            /* call that reads it, or a view of it, last */
    int next_gone;        /* in the list of values that a call frees */
    bool wanted, escapes; /* escapes: a result, or a new value of a variable, shows its data */
    bool placed;          /* in the block, at offset */
    uint32_t offset;
} PlanValue;

/* One call, or the assignment of in[0] to a variable. */
typedef struct PlanCall {
    Call call; /* op NULL: an assignment */
    Tensor *variable;
    int *values;       /* numbers: of in, then of out; -1: none, an outer tensor */
    int gone;          /* list of values that are freed after it, -1: empty */
    size_t bytes;      /* of this all */
    Tensor *tensors[]; /* in, out; then attributes, then values */
} PlanCall;

/* A tensor from outside the trace: a weight. It is looked at when a call reads it. */
typedef struct Outer {
    Tensor *x;
    uint32_t id; /* 0: it had no handle, and the plan holds it */
} Outer;

typedef struct Plan {
    PlanValue **values;
    PlanCall **calls;
    Outer *outers;
    int *results; /* number of each value, -1: NULL */
    int nvalues, ncalls, nouters, nresults, nin;
    int value_capacity, call_capacity, outer_capacity;
    uint32_t block; /* bytes; 0: every tensor has storage of its own */
} Plan;

/* ---- trace.c ---- */

/* Opens a trace of a function of in[]; the tensors that stand for them, to be given to it, are left
** in stand[], without a scope. False if one is open already or there is no memory: no error. */
bool trace_begin(Tensor **in, Tensor **stand, int nin);
/* Closes it. out[] are what the function gave, its only results; NULL where there is none. NULL
** with *why it cannot be a plan; then the results are right all the same. */
Plan *trace_end(Tensor **stand, int nin, Tensor **out, int nout, const char **why);

/* Closes what was opened since a trace had this base, after a call that was cut off. */
void trace_back(uint32_t base);

/* ---- plan.c ---- */

/* Leaves out what nothing needs, and finds places for the rest. False: no memory. */
bool plan_finish(Plan *p);
void plan_free(Plan *p);

/* ---- executor.c ---- */

/* False if a tensor from outside is not there any more. */
bool plan_holds(const Plan *p);
/* Fills out[] with new tensors in the open scope, nothing() where the error is set. */
void plan_replay(Plan *p, Tensor **in, Tensor **out);

/* ---- plan_cache.c ---- */

/* Something to be done with tensors, and the same each time for inputs of the same shapes, but for
** values, weights and unseeded random numbers. in[] and out[] may have NULLs in them. */
typedef struct Work {
    void (*run)(void *job, Tensor **in, Tensor **out); /* out[]: new handles in the open scope */
    void *job;
    Tensor **in, **out;
    int nin, nout;
    int version, mode; /* whatever else it depends on */
} Work;
typedef struct Plans Plans; /* also in nn/core/layer.h */
/* Does it: by a plan from the third time on. *all, first NULL, keeps the plans. */
void plans_run(Plans **all, const Work *work);
void plans_free(Plans *all);
/* How many plans there are, and why the last work that cannot have one cannot (or NULL). */
int plans_count(const Plans *all, const char **why);
#endif
