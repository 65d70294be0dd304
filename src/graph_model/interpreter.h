/* Runs of subgraphs, between the two files that make and use them. */
#ifndef TN_INTERPRETER_H
#define TN_INTERPRETER_H
#include "graph_model/graph.h"

/* What the results of a frame are for. */
typedef enum Purpose { FOR_CALLER, FOR_NODE, FOR_CONDITION, FOR_LOOP } Purpose;

typedef struct Frame {
    struct Frame *up;
    Subgraph *subgraph;
    Purpose purpose;
    int at; /* the step under way */
    int nvars;
    Value *vars;    /* of a While under way */
    Value values[]; /* subgraph->nvalues */
} Frame;

struct GraphRun {
    GraphModel *model;
    Subgraph *subgraph;
    Frame *frame;
    int calls, left; /* frames; iterations and calls that may come */
    bool keep, done;
    Value *results;
};

/* Iterations and calls that a run may make. */
int run_limit(void);
/* A frame for a subgraph; in[] are moved into it. */
bool frame_push(GraphRun *run, Subgraph *p, Value *in, Purpose purpose);
void frame_free(GraphRun *run);
void values_release(Value *v, int n);
/* The node at which the frame is. */
NodeContext node_context(GraphRun *run, Frame *f);
/* After a node has its results: what is not read later is freed, and the frame goes on. */
void step_end(GraphRun *run, Frame *f);
/* One step, or the end of a frame; false if the node is the caller's to compute. */
bool run_step(GraphRun *run);
#endif
