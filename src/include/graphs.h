/* Graph models: TensorFlow graphs as TensorFlow.js's converter writes them, for C programs and for
** JavaScript.
**
**     #include "graphs.h"
**
**     GraphModel *model = tn_graph(json);                    // {"modelTopology": ..., ...}
**     tn_graph_set_weights(model, "[\"w\", \"b\"]", LIST(w, b));
**     Subgraph *subgraph = tn_graph_subgraph(model, "[\"x\"]", "[\"y\"]");
**     const List *y = tn_graph_run(subgraph, LIST(x));
**     tn_graph_release(model);
**
** A subgraph is the order of computing some outputs from some inputs, worked out once. Errors go
** the way of tensorine.h: functions give NULL or empty lists, and tn_error() says why. Strings and
** lists that are given back are valid until the next call that gives one. */
#ifndef TENSORINE_GRAPHS_H
#define TENSORINE_GRAPHS_H
#include "tensorine.h"

typedef struct GraphModel GraphModel;
typedef struct Subgraph Subgraph;
typedef struct GraphRun GraphRun;

/* A model from {modelTopology, signature, modelInitializer, initializerSignature, customOps}: as in
** a model.json, and the names of ops that the caller computes. NULL with the error set, of code
** TN_FILE if the graph is broken. */
EXPORT GraphModel *tn_graph(const char *json);
/* Frees it, its subgraphs and tables; runs that are under way keep what they need. NULL is fine. */
EXPORT void tn_graph_release(GraphModel *model);
/* {"Op": ["node", ...], ...}: its ops that are not known. What does not need them can be computed.
** */
EXPORT const char *tn_graph_unknown(const GraphModel *model);
/* {inputs: [{name, key, shape, dtype}], outputs: [the same], custom}: name is of the node, key that
** of the signature or null, shape null where it is open; custom: whether it has custom ops. */
EXPORT const char *tn_graph_info(const GraphModel *model);
/* Values of constants by the names of their nodes (a JSON array). The tensors are held. */
EXPORT void tn_graph_set_weights(GraphModel *model, const char *names, const List *values);

/* Names (JSON arrays) are keys of the signature, or nodes with an optional output: "node:1". The
** subgraph belongs to the model. */
EXPORT Subgraph *tn_graph_subgraph(GraphModel *model, const char *inputs, const char *outputs);
EXPORT void tn_subgraph_release(Subgraph *subgraph);
/* Whether it has control flow, hash tables, or results whose sizes depend on values. */
EXPORT bool tn_subgraph_is_dynamic(const Subgraph *subgraph);
/* Computes: inputs and results in the order of the subgraph's names. The results belong to the open
** scope. For subgraphs without custom ops. */
EXPORT const List *tn_graph_run(Subgraph *subgraph, const List *inputs);

/* The same in steps, for subgraphs with custom ops. keep: values between are kept for
** tn_graph_intermediates. */
EXPORT GraphRun *tn_graph_begin(Subgraph *subgraph, const List *inputs, bool keep);
/* Goes on: NULL at the end or with the error set, or the JSON of a node whose op the caller must
** compute: from tn_graph_arguments (new tensors in the open scope), to tn_graph_supply. */
EXPORT const char *tn_graph_continue(GraphRun *run);
EXPORT const List *tn_graph_arguments(GraphRun *run);
EXPORT void tn_graph_supply(GraphRun *run, const List *results);
/* Frees the run; its results, or an empty list if it was not at its end. */
EXPORT const List *tn_graph_end(GraphRun *run);
/* What the last run that kept values has left, new tensors in the open scope, and their names:
** [["node", 0], ...]. The next run and tn_graph_forget free them. */
EXPORT const List *tn_graph_intermediates(GraphModel *model);
EXPORT const char *tn_graph_intermediate_names(GraphModel *model);
EXPORT void tn_graph_forget(GraphModel *model);
/* Iterations of loops and calls of functions that a run may make in all; 0: the default. */
EXPORT void tn_graph_limit(int iterations);
#endif
