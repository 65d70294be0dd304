/* What the parts that build a subgraph share: which nodes are needed, the loops they are in, their
** order. */
#ifndef TN_SUBGRAPH_H
#define TN_SUBGRAPH_H
#include "graph_model/graph.h"

/* The nodes between a frame's Enter and Exit nodes; frame 0 is what is outside all loops. */
typedef struct Region {
    const char *name;
    int parent, depth;
    int enters;          /* list of Enter nodes, by SubgraphBuilder.next */
    int ready, openable; /* lists: nodes that can be computed, frames inside that can begin */
    int next;            /* in the list of the frame around it */
    int waits;           /* values from outside that are not there yet */
    int loop;            /* in the subgraph */
} Region;

typedef struct SubgraphBuilder {
    GraphDef *g;
    Subgraph *p;
    Arena arena;  /* until the subgraph is made */
    uint8_t *use; /* by node: NODE_* */
    int *region, *next, *waits;
    int *user_start, *users; /* nodes that take a node's outputs: users[user_start[i]..] */
    int used, done;
    Region *regions;
    int nregions;
    int *step_loop;   /* the loop that a step is in, -1: none */
    bool conditional; /* values may not be there: there is a Switch */
} SubgraphBuilder;
enum { NODE_UNUSED, NODE_USED, NODE_FED };

static inline Flow flow_of(const GraphNode *node) {
    return node->row ? node->row->flow : FLOW_PLAIN;
}
/* True if input k of a Merge is what comes around a loop. */
bool is_back(const GraphDef *g, const GraphNode *node, int k);
/* True if a node takes a step; else its value is there from the start. */
bool has_step(const SubgraphBuilder *w, int node);

/* unknown_ops.c: false, with the error set, if it uses ops that nobody computes; all are named. */
bool subgraph_ops_known(const SubgraphBuilder *w);
/* ordering.c: fills in regions, steps (nodes only) and loops. False with the error set. */
bool subgraph_order(SubgraphBuilder *w);
/* value_indices.c: gives the steps the indices of their values. */
bool subgraph_number_values(SubgraphBuilder *w, const Link *in, int nin, const Link *out, int nout);
#endif
