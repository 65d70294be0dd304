/* Inside graph models: nodes as read from JSON, subgraphs, values and runs.
**
** A topology is read into a GraphDef of nodes, each function of its library into another. A
** Subgraph (subgraph.c) is the list of steps that computes outputs from inputs: nodes in
** topological order, each loop a range of steps that is repeated. A run (interpreter.c) goes
** through the steps and holds a Value for each output that is read, by the index that
** value_indices.c gave it. Calls of functions are frames in a list, not on C's stack, so a run can
** stop for a custom op and go on later. What an op of TensorFlow is here is a row of op_table.h. */
#ifndef TN_GRAPH_H
#define TN_GRAPH_H
#include "graphs.h"
#include "base/arena.h"
#include "base/json.h"
#include "tensor/op.h"
#include <stdio.h>

/* ---- names ---- */

/* Names in order, to be found: by length, then by their last eight bytes, as names in graphs begin
** alike, then by the others. `at` is the number of a name as it was given. */
typedef struct NameKey {
    uint64_t tail;
    size_t length;
    const char *name;
    int at;
} NameKey;

typedef struct Names {
    int n;
    const NameKey *keys;
} Names;
bool names_sort(Names *s, Arena *a, int n, const char *const *names);
/* The number of a name, of the last if several are equal, or -1. */
int names_find(const Names *s, const char *name);
/* The index of the first name that is there twice, or -1. */
int names_double(const Names *s);

/* ---- attributes, attrs.c ---- */

typedef enum AttrKind {
    ATTR_NUMBER,
    ATTR_STRING,
    ATTR_BOOL,
    ATTR_DTYPE,
    ATTR_SHAPE,
    ATTR_FUNCTION,
    ATTR_INTS,
    ATTR_STRINGS
} AttrKind;

typedef struct Attr {
    const char *name;
    AttrKind kind;
    int count;     /* of strings */
    double number; /* also a bool, or a dtype: -1 where it has no counterpart */
    const char *string;
    const Ints *ints; /* also a shape: -1 open; NULL: the rank is open */
    const char *const *strings;
} Attr;

/* Attributes of a node, as protobuf's JSON has them; false with the error set. */
bool attrs_read(const cJSON *json, Arena *a, Attr **attrs, int *count);

/* ---- nodes, reading.c ---- */

typedef struct Row Row;

enum { CONTROL = -1 };
/* An output of a node; index CONTROL: that it has been computed. */
typedef struct Link {
    int node, index;
} Link;

typedef struct GraphNode {
    const char *name, *op;
    const Row *row;   /* NULL: a custom op, or one that nobody knows */
    const char *json; /* of a custom op */
    Attr *attrs;
    int nattrs;
    Link *in; /* data first, then control */
    int nin, ncontrol;
    Tensor *weight; /* of a Const */
} GraphNode;

/* An input or output of a graph as its caller sees it. */
typedef struct Port {
    const char *key; /* of the signature, or NULL */
    Link link;
} Port;

typedef struct GraphDef {
    const char *name; /* of the function; NULL: the model itself */
    GraphModel *model;
    GraphNode *nodes;
    int nnodes;
    Names names, input_keys, output_keys;
    Port *inputs, *outputs;
    int ninputs, noutputs;
    Subgraph *subgraph; /* of a function, made when it is first called */
} GraphDef;

typedef struct Table Table;
struct GraphModel {
    int refs; /* one for the caller, one for each run */
    cJSON *json;
    Arena arena;
    GraphDef main, *initializer; /* initializer: NULL if there is none */
    GraphDef *functions;
    int nfunctions;
    Names function_names;
    const char *const *resources; /* for each input: the initializer's output for it, or NULL */
    bool custom;
    Subgraph *subgraphs;
    struct Resource *tables; /* hash tables, by the names of their nodes */
    bool initialized;
    struct Value *captured; /* values of main.inputs that the initializer gave */
    int ncaptured;
    struct Kept *kept;
    int nkept;
};

/* The node and output that a name means, a key of the signature first. node -1: there is none. */
Link link_of(const GraphDef *g, const char *name, bool input);
GraphDef *function_of(GraphModel *m, const char *name);

/* ---- subgraphs, subgraph.c ---- */

/* Output number of values that are no output: control, and the value of the iteration before. */
enum { INDEX_CONTROL = INT32_MAX, INDEX_BACK = INT32_MAX - 1, MOST_OUTPUTS = INT32_MAX - 2 };

typedef struct Loop {
    const char *name;
    int parent;              /* in the subgraph's loops, -1: none */
    int begin, end;          /* steps; end is the one that decides about going on */
    int *enter, nenter;      /* values that enter, for the first iteration alone */
    int *next, *back, nnext; /* values for the next iteration, and where they go */
} Loop;

typedef struct SubgraphStep {
    GraphNode *node;  /* NULL: the end of a loop */
    int *in, nin;     /* values that it reads: data, then control where that may not be there */
    int first, nout;  /* values of its outputs: first, first + 1, ... */
    int control;      /* value that says that it was computed, or -1 */
    int *free, nfree; /* values that are not read later */
    int loop;         /* the loop that ends here */
} SubgraphStep;

/* Indices into the values of a run are called values in these structs. */
struct Subgraph {
    Subgraph *next;
    GraphDef *graph;
    int refs; /* one for the model's list, one for each run */
    Arena arena;
    SubgraphStep *steps;
    int nsteps;
    Loop *loops;
    int nloops;
    int nvalues, *index;      /* by value: the output that it is */
    int *node;                /* by value: of which node */
    int *in, nin, *out, nout; /* values of inputs and results */
    int ngiven;               /* of the inputs, those of the caller; then captured ones */
    int *captured;            /* ports of the captured ones */
    bool conditional;         /* values may not be there: there is a Switch */
    bool dynamic;             /* control flow, tables, or results of sizes not known before */
    int *weights, nweights;   /* values of constants */
    int *always, nalways;     /* control values of what is always there */
    struct Plans *plans;      /* its runs as plans of calls (jit/plan.h) */
};

Subgraph *subgraph_make(GraphDef *g, const Link *in, int nin, const Link *out, int nout);
/* Takes it out of the model's list, which releases it. */
void subgraph_remove(Subgraph *p);
/* Frees it when no run has it any more. */
void subgraph_release(Subgraph *p);

/* ---- values, graph_values.c ---- */

typedef enum ResourceKind { RESOURCE_LIST, RESOURCE_ARRAY, RESOURCE_TABLE } ResourceKind;
/* One element of a list or an array. */
typedef struct Item {
    Tensor *tensor; /* NULL: not there yet */
    uint8_t state;  /* of an array's: what was done with it */
} Item;
/* What a graph passes along that is no tensor. */
typedef struct Resource {
    int refs;
    ResourceKind kind;
    DType dtype;
    const Ints *shape; /* of elements, -1 open; NULL: the rank is open */
    int shape_store[TN_MAX_RANK + 1];
    int length, most; /* most: -1 without limit */
    Item *items;
    int capacity;
    bool grows, clears, closed;
    const char *name;      /* of the node */
    struct Resource *next; /* of the model's tables */
    Tensor *keys, *values; /* of a table */
    int *order;            /* of keys, by value */
} Resource;

/* One output of a node in a run; both NULL: it is not there (not computed, or on the path not
** taken). */
typedef struct Value {
    Tensor *tensor;
    Resource *resource;
} Value;

static inline bool is_present(const Value *v) { return v->tensor || v->resource; }
void value_release(Value *v); /* leaves it empty */
Value value_retain(Value v);
/* In the place of what is in *to; v is the caller's reference, handed over. */
void value_move(Value *to, Value *from);
/* A handle in the open scope. */
Tensor *value_handle(Value v);

typedef struct Kept {
    const GraphNode *node;
    int index;
    Tensor *tensor;
} Kept;

Resource *resource_make(ResourceKind kind, DType dtype, const Ints *shape);
void resource_release(Resource *t);
/* Makes place for n items at least; false with the error set. */
bool resource_grow(Resource *t, int n);

/* ---- runs ---- */

/* What a row of the table sees: a node with its inputs. */
typedef struct NodeContext {
    GraphModel *model;
    const GraphNode *node;
    const Subgraph *subgraph;
    const SubgraphStep *step;
    Value *values;
    Arena arena; /* freed after the step */
} NodeContext;

/* Tables and captured values of a model; kept values. */
void tables_free(GraphModel *m);
void kept_free(GraphModel *m);

/* ---- what rows ask for, node_context.c ---- */

int args(const NodeContext *c);     /* how many inputs */
Tensor *arg(NodeContext *c, int i); /* input i; -1 is the last; nothing() with the error set */
Resource *arg_resource(NodeContext *c, int i, ResourceKind kind);
/* Inputs from..to-1; to <= 0 counts from the end. */
const List *arg_list(NodeContext *c, int from, int to);
double arg_number(NodeContext *c, int i, double otherwise);
int arg_int(NodeContext *c, int i, int otherwise);
bool arg_bool(NodeContext *c, int i);
const Ints *arg_ints(NodeContext *c, int i); /* elements of an input, in memory of the step */
/* A shape; NULL where it is a scalar: the rank is open. */
const Ints *arg_shape(NodeContext *c, int i);
double attr_number(NodeContext *c, const char *name, double otherwise);
int attr_int(NodeContext *c, const char *name, int otherwise);
bool attr_bool(NodeContext *c, const char *name, bool otherwise);
/* As it is in the file; "" if it is not there. */
const char *attr_string(NodeContext *c, const char *name);
const Ints *attr_ints(NodeContext *c, const char *name);
const Ints *attr_shape(NodeContext *c, const char *name);
DType attr_dtype(NodeContext *c, const char *name, DType otherwise);
const Attr *attr_find(const GraphNode *node, const char *name);
/* Leaves output i. */
void out(NodeContext *c, int i, Tensor *x);
void out_value(NodeContext *c, int i, Value v);
/* Leaves a resource, of which the caller has a reference, handed over. */
void out_resource(NodeContext *c, int i, Resource *t);
void out_list(NodeContext *c, const List *list);
const Ints *ints_make(NodeContext *c, int n, const int *v);
/* Fails, naming the node. */
Tensor *node_fail(const NodeContext *c, ErrorCode code, const char *what, long long a, long long b);

/* ---- the table ---- */

typedef enum Flow {
    FLOW_PLAIN,
    FLOW_CONST,
    FLOW_INPUT,
    FLOW_SWITCH,
    FLOW_MERGE,
    FLOW_ENTER,
    FLOW_EXIT,
    FLOW_NEXT,
    FLOW_IF,
    FLOW_WHILE,
    FLOW_CALL
} Flow;
struct Row {
    const char *op;
    int least; /* inputs that it needs */
    Flow flow;
    void (*run)(NodeContext *c);
    const char *outputs; /* names of several, as functions refer to them: "values indices" */
};
const Row *row_of(const char *op);
/* All of them, by name. */
const Row *rows_all(int *n);
#endif
