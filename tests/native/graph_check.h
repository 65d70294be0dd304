/* For tests of graph models: graphs as text, with ' for ", and running them. */
#ifndef GRAPH_CHECK_H
#define GRAPH_CHECK_H
#include "layer_check.h"
#include "graphs.h"
/* clang-format off: nodes stand side by side */

enum { ROOM = 1 << 16 };

/* {"modelTopology": {"node": [nodes] and what follows, with ' for ". */
static inline GraphModel *graph(const char *nodes, const char *rest) {
    static char json[ROOM];
    snprintf(json, sizeof json, "{'modelTopology': {'node': [%s]%s", nodes, rest);
    for (char *c = json; *c; c++)
        if (*c == '\'') *c = '"';
    return tn_graph(json);
}

static inline const char *quoted(const char *text) {
    static char copies[4][400];
    static int next;
    char *to = copies[next++ & 3];
    snprintf(to, sizeof copies[0], "%s", text);
    for (char *c = to; *c; c++)
        if (*c == '\'') *c = '"';
    return to;
}

static inline void weights(GraphModel *m, const char *names, const List *values) {
    if (m) tn_graph_set_weights(m, quoted(names), values);
}

/* One result of one input; 0 with the error set. */
static inline Tensor *run1(GraphModel *m, const char *in, const char *to, Tensor *x) {
    Subgraph *p = m ? tn_graph_subgraph(m, quoted(in), quoted(to)) : NULL;
    const List *y = p ? tn_graph_run(p, x ? LIST(x) : (const List *)(int[]){0, 0, 0, 0}) : NULL;
    return y && y->n ? y->v[0] : tn_scalar(NAN);
}

static inline Tensor *whole(int v) { return tn_tensor(TN_INT32, (const Ints *)(int[]){0}, &v); }

#define NODE(name, op, in) "{'name':'" name "','op':'" op "','input':[" in "]}"
#define NODE_A(name, op, in, attr)                                                                 \
    "{'name':'" name "','op':'" op "','input':[" in "],'attr':{" attr "}}"

#define FUNC(f) "{'func':{'name':'" f "'}}"
/* sum of 0..n-1 and the list of partial sums, by While */
/* clang-format off */
__attribute__((unused)) static const char loop2[] =
    NODE("n", "Placeholder", "") "," NODE("zero", "Const", "") ","
    NODE("shape", "Const", "") "," NODE("most", "Const", "") ","
    NODE_A("list", "EmptyTensorList", "'shape','most'", "'element_dtype':{'type':'DT_INT32'}") ","
    NODE_A("w", "While", "'zero','zero','n','list'", "'cond':" FUNC("c") ",'body':" FUNC("b")) ","
    NODE_A("all", "TensorListStack", "'w:3','shape'", "'element_dtype':{'type':'DT_INT32'}") ","
    NODE("sum", "Identity", "'w:1'");
/* clang-format on */
/* clang-format off */
__attribute__((unused)) static const char library2[] =
    ",'library':{'function':["
    "{'signature':{'name':'c','inputArg':[{'name':'i'},{'name':'s'},{'name':'n'},{'name':'l'}],"
        "'outputArg':[{'name':'r'}]},"
    "'nodeDef':[" NODE("less", "Less", "'i','n'") "],'ret':{'r':'less:z:0'}},"
    "{'signature':{'name':'b','inputArg':[{'name':'i'},{'name':'s'},{'name':'n'},{'name':'l'}],"
    "'outputArg':[{'name':'i1'},{'name':'s1'},{'name':'n1'},{'name':'l1'}]},"
    "'nodeDef':[" NODE("one", "Const", "") "," NODE("next", "Add", "'i','one:output:0'") ","
        NODE("total", "Add", "'s','i'") ","
    NODE("push", "TensorListPushBack", "'l','total:z:0'")
    "],'ret':{'i1':'next:z:0','s1':'total:z:0','n1':'n','l1':'push:output_handle:0'}}]}}}";
/* clang-format on */
#endif
