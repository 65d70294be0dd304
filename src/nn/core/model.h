/* Models: a graph of applied layers that is a layer itself. */
#ifndef TN_MODEL_H
#define TN_MODEL_H
#include "nn/core/layer.h"

/* One node of a model, its symbols by the numbers of their values. */
typedef struct LayerCall {
    Layer *layer;
    Node *node;
    int *in, first_out, nin, nout; /* numbers of values */
} LayerCall;

typedef struct Trainer Trainer;
typedef struct Plans Plans;

struct Graph {
    Symbol **inputs, **outputs;
    int nin, nout;
    Layer **layers; /* inputs first, then by distance from the outputs */
    int nlayers;
    LayerCall *calls; /* in an order of computing */
    int ncalls;
    int nvalues, *input_values, *output_values, *uses; /* how often a value is read */
    Arena arena;                                       /* of all the above */
    /* of a sequential model: what was added; the graph is laid out anew where stale */
    bool sequential, stale;
    Layer **stack;
    int nstack, stack_capacity;
    Layer **named; /* the same layers by the hashes of their names, NULL between */
    int named_size, named_count;
    Symbol *bottom, *top;
    Arena stack_arena;
    Trainer *trainer; /* of a compiled model, else NULL; and what releases it */
    void (*release_trainer)(Trainer *);
    Plans *plans; /* of predict(), or NULL */
};

/* Counts changes of any layer that may change what a model computes, beyond its weights' values. */
void layers_changed(void);
int layers_version(void);
/* layer_run of a model without training, by a plan where there is one. */
void model_run(Layer *model, Tensor **in, Tensor **out);

extern const LayerClass model_class, functional_class, sequential_class;
static inline bool is_model(const Layer *l) { return l->graph != NULL; }
/* NULL where it is not compiled, or no model. */
static inline Trainer *trainer_of(const Layer *l) { return l->graph ? l->graph->trainer : NULL; }
static inline bool is_sequential(const Layer *l) { return l->graph && l->graph->sequential; }

/* A model of what lies between inputs (results of input layers) and outputs. name: NULL, made. */
Layer *model_make(const char *name, Symbol **inputs, int nin, Symbol **outputs, int nout);
Layer *sequential_make(const char *name);
/* An empty model layer of a class (layer.c). */
Layer *layer_start_model(const LayerClass *of, const char *name);
/* Puts a layer on top; the first must know its input shape, or be a model. Borrowed. */
void sequential_add(Layer *model, Layer *layer);
void sequential_pop(Layer *model);
/* An input layer; its only symbol is node->out[0]. */
Layer *input_make(const char *name, const Shape *shape);
/* The node of an input layer; made if it has none. NULL with the error set. */
Node *input_connect(Layer *l);

/* Fills in a model's graph from its symbols: layers, calls, values. */
void graph_lay_out(Layer *model, Symbol **inputs, int nin, Symbol **outputs, int nout);
/* A model's graph, up to date; NULL with the error set. */
Graph *graph_of(const Layer *model);
/* Marks nodes and layers of a new walk. */
int graph_mark(void);
void graph_free(Graph *g);
/* The model's layers as its user sees them: of a sequential model those that were added. */
Layer **model_layers(const Layer *model, int *n);
/* How many nodes a layer has before those of its calls: a model's own, from its inputs to its
** outputs, as Keras 2 and TensorFlow.js count them. */
int own_nodes(const Layer *l);
/* Layers inside a model or a wrapper. */
Layer **layers_inside(Layer *l, int *n);

/* Weights of a layer, or of a model's layers with nested ones, in order. */
typedef struct Walk {
    Weight **v;
    Layer **of; /* the layer each belongs to */
    int n, capacity;
    Arena arena;
} Walk;
/* Trainable ones first, then the others. Of TN_WEIGHTS_ALL, as files and getWeights() list them,
** the order is that of unfrozen layers, so freezing does not change it. Each layer's
** `visit.parent` then leads to l. Ends with arena_free(&w.arena). */
Walk weights_of(Layer *l, WhichWeights which);
void walk_add(Walk *w, Layer *l, Weight *weight);

/* Topologies (topology.c). */
Layer *functional_from_json(const cJSON *config);
Layer *sequential_from_json(const cJSON *config);
/* One layer at several places (shared.c). Between begin and end a layer that occurs twice is
** written with a shared_object_id; read, the second place finds the layer of the first, retained.
** */
void shared_begin(Layer *model);
void shared_put(const Layer *l, cJSON *object);
void shared_end(void);
bool shared_read_begin(void); /* false with the error set */
Layer *shared_find(const cJSON *json);
void shared_note(const cJSON *json, Layer *l);
void shared_read_end(void);
/* Brings what Keras 3 wrote into the form that these read, in place (keras3.c). */
void keras3_rewrite(cJSON *tree);
/* {name, layers, ...} of a model (save.c). */
cJSON *model_config(const Layer *model, bool pythonic);
#endif
