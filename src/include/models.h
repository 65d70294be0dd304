/* Tensorine's layers, models and training, for C programs and for JavaScript.
**
**     #include "models.h"
**
**     Layer *model = tn_sequential(NULL);
**     Layer *dense = tn_layer("{\"className\": \"Dense\","
**                             " \"config\": {\"units\": 1, \"inputShape\": [2]}}");
**     tn_sequential_add(model, dense);
**     Optimizer *sgd = tn_optimizer("sgd", NULL);
**     tn_compile(model, sgd, "{\"loss\": \"meanSquaredError\"}");
**     tn_fit(model, LIST(x), LIST(y), "{\"epochs\": 100, \"batchSize\": 32}");
**     const List *p = tn_predict(model, LIST(x), 32);
**     tn_optimizer_release(sgd), tn_layer_release(dense), tn_layer_release(model);
**
** A model is a layer. Configs are JSON, with the names of TensorFlow.js or of Keras. Layers and
** optimizers are counted: what makes one gives a handle, to be released once; layers that hang
** together live as long as a handle on one of them. Errors go the way of tensorine.h: functions
** give NULL, empty lists or 0, and tn_error() says why. Strings and lists that are given back are
** valid until the next call that gives one.
*/
#ifndef TENSORINE_MODELS_H
#define TENSORINE_MODELS_H
#include "tensorine.h"

typedef struct Layer Layer;
typedef struct Symbol Symbol;
typedef struct Optimizer Optimizer;
typedef struct Fit Fit;
typedef struct Metric Metric;

/* A counted list of symbolic tensors. SYMBOLS(a, b) makes one in place. */
typedef struct Symbols {
    int n;
    Symbol *v[];
} Symbols;
#define SYMBOLS(...)                                                                               \
    ((const Symbols *)&(const struct {                                                             \
        int n;                                                                                     \
        Symbol *v[TN_ARGS(__VA_ARGS__)];                                                           \
    }){TN_ARGS(__VA_ARGS__), {__VA_ARGS__}})

typedef struct Layers {
    int n;
    Layer *v[];
} Layers;

/* ---- layers ---- */

/* A layer or model from {"className": "Dense", "config": {...}}. A layer that is there already may
** be given to a wrapper as {"handle": its address as a number}. */
EXPORT Layer *tn_layer(const char *json);
EXPORT void tn_layer_retain(Layer *layer);
/* NULL is fine. */
EXPORT void tn_layer_release(Layer *layer);
/* Computes; the results belong to the open scope. Weights are made at the first call. */
EXPORT const List *tn_layer_apply(Layer *layer, const List *inputs, bool training);
/* The same where only some steps of the inputs count: masks[i] says it of input i, NULL: all. */
EXPORT const List *tn_layer_apply_masked(Layer *layer, const List *inputs, const List *masks,
                                         bool training);
/* Connects the layer to symbolic tensors: its symbolic results. None for an input layer. */
EXPORT const Symbols *tn_layer_connect(Layer *layer, const Symbols *inputs);
/* A symbolic tensor that stands for input data, of a shape with the batch in front, -1 where it is
** open. The caller gets a handle on its layer, tn_symbol_layer. */
EXPORT Symbol *tn_input(const char *name, const Ints *batch_shape, DType dtype);
EXPORT Layer *tn_symbol_layer(const Symbol *symbol);
/* {name, shape, dtype, id, nodeIndex, tensorIndex}. */
EXPORT const char *tn_symbol_info(const Symbol *symbol);
typedef enum LayerKind { TN_LAYER, TN_CELL, TN_RECURRENT, TN_FUNCTIONAL, TN_SEQUENTIAL } LayerKind;
EXPORT LayerKind tn_layer_kind(const Layer *layer);
/* Dense. */
EXPORT const char *tn_layer_class_name(const Layer *layer);
EXPORT const char *tn_layer_name(const Layer *layer);
EXPORT bool tn_layer_is_built(const Layer *layer);
EXPORT bool tn_layer_is_trainable(const Layer *layer);
EXPORT bool tn_layer_is_disposed(const Layer *layer);
/* Whether it minds masks or passes them on. */
EXPORT bool tn_layer_takes_masks(const Layer *layer);
/* How often it was connected; of a model with its own inputs too. */
EXPORT int tn_layer_node_count(const Layer *layer);
/* What else holds its weights. */
EXPORT int tn_layer_users(const Layer *layer);
/* What is wrong with the inputs by the shape that the layer was configured with, or "". */
EXPORT const char *tn_layer_mismatch(const Layer *layer, const Symbols *inputs);
/* The same for a layer that is about to be added to a stack. */
EXPORT const char *tn_sequential_mismatch(const Layer *model, const Layer *layer);
/* Where its results go: [layer, n, layer, n, ...], for the n-th node of a layer. No handles. */
EXPORT const Layers *tn_layer_outbound(const Layer *layer);
/* Symbolic inputs or results of the layer's n-th node. */
EXPORT const Symbols *tn_layer_symbols(const Layer *layer, int node, bool results);
/* The config as JSON: camelCase, or pythonic as files have it; whole: {className, config}. */
EXPORT const char *tn_layer_config(const Layer *layer, bool pythonic, bool whole);
/* Shapes of the results, [[null, 3], ...], for input shapes in the same form. */
EXPORT const char *tn_layer_shapes(Layer *layer, const char *shapes);
EXPORT void tn_layer_set_trainable(Layer *layer, bool trainable);
/* Forgets the states of stateful recurrent layers. */
EXPORT void tn_layer_reset_states(Layer *layer);
/* Learns from batches of data what training does not: a vocabulary, mean and variance. */
EXPORT void tn_layer_adapt(Layer *layer, const List *batches);
/* Weights that are given before the layer is built: set when it is. Copied lazily. */
EXPORT void tn_layer_set_initial(Layer *layer, const List *values);

/* The layers inside a wrapper or a recurrent layer. No handles. */
EXPORT const Layers *tn_layer_inside(const Layer *layer);
/* Of a cell: how many numbers each state has, [3, 3]. */
EXPORT const char *tn_layer_state_sizes(const Layer *cell);
/* States of a recurrent layer that is stateful, NULL where there are none yet; not handles. */
EXPORT const List *tn_layer_states(const Layer *layer);
/* Zeros for the states of a batch like x; they belong to the open scope. */
EXPORT const List *tn_layer_first_states(Layer *layer, const Tensor *x);
/* Other states from now on, as many as it has. Copied lazily. */
EXPORT void tn_layer_set_states(Layer *layer, const List *values);
/* Makes the weights for inputs of these shapes, [[null, 3], ...]. */
EXPORT void tn_layer_build(Layer *layer, const char *shapes);
/* Which steps of the result count, where masks[i] (NULL: all) says it of input i; NULL: all. */
EXPORT Tensor *tn_layer_mask(Layer *layer, const List *inputs, const List *masks);

/* ---- layers of the caller's own ---- */

/* What such a layer does; strings and lists need to live until the next call of one of these. */
typedef struct LayerHooks {
    void (*build)(Layer *layer, const char *shapes);         /* adds weights */
    const char *(*shapes)(Layer *layer, const char *shapes); /* of the results, in the same form */
    /* The results, then which steps of them count, or NULL. masks: of the inputs, or NULL. how:
    ** LAYER_TRAINS, LAYER_LISTS: the call comes from a model, which gives lists of inputs. */
    const List *(*call)(Layer *layer, const List *inputs, const List *masks, int how);
    const char *(*config)(Layer *layer); /* for files, as JSON */
    const char *(*states)(Layer *layer); /* of a cell: "[3, 3]", their sizes */
    Layer *(*make)(const char *class_name, const char *config); /* from a file; NULL: not known */
    Tensor *(*loss)(Layer *layer);                              /* added to the loss in training */
    void (*before)(Layer *layer, const List *inputs, int how);  /* each call of a watched layer */
    Tensor *(*constrain)(Layer *layer, Tensor *weight);         /* as it may be after a step */
    void (*weights)(Layer *layer); /* lends what weights it has now: tn_layer_lend_weights */
    bool (*known)(const char *class_name); /* whether `make` knows the class */
    double (*params)(Layer *layer);        /* how many numbers its weights hold, for a summary */
} LayerHooks;
/* LAYER_APPLIES: `call` is to answer as the caller's apply(). */
enum { LAYER_TRAINS = 1, LAYER_LISTS = 2, LAYER_APPLIES = 4 };
EXPORT void tn_on_layer(const LayerHooks *hooks);
/* Parts of the caller's classes; json: {className, config}. */
typedef struct PartHooks {
    const char *(*config)(const char *json); /* in full; NULL: the class is not known */
    Tensor *(*apply)(const char *json, Tensor *x, const char *shape); /* to x, or of a shape */
} PartHooks;
EXPORT void tn_on_part(const PartHooks *hooks);
/* A layer of a class of the caller's; config: {name, trainable, inputShape...}. */
EXPORT Layer *tn_layer_custom(const char *class_name, const char *config, bool cell);
/* Methods that a class or an object of the caller's may have in place of the library's. */
typedef enum LayerMethod {
    TN_METHOD_APPLY,
    TN_METHOD_CALL,
    TN_METHOD_BUILD,
    TN_METHOD_COMPUTE_OUTPUT_SHAPE,
    TN_METHOD_COMPUTE_MASK,
    TN_METHOD_GET_CONFIG,
    TN_METHOD_COUNT_PARAMS
} LayerMethod;
/* A layer of the library's, as tn_layer makes it, that is of a class of the caller's in files. */
EXPORT Layer *tn_layer_subclass(const char *class_name, const char *json);
/* The same for a model that is there. */
EXPORT void tn_layer_name_class(Layer *layer, const char *class_name);
/* From now on the hooks are asked for what these methods do, a bit for each. What functions of this
** header do with a layer's build, shapes, config and mask is still the library's own. */
EXPORT void tn_layer_override(Layer *layer, int methods);
/* As tn_layer_apply_masked (masks may be NULL), as if the layer had none of these methods. */
EXPORT const List *tn_layer_apply_beneath(Layer *layer, const List *inputs, const List *masks,
                                          bool training, int methods);
/* spec: {name, shape, initializer, regularizer, constraint, trainable, dtype, constrained}: the new
** variable. constrained: hooks.constrain has a say. */
EXPORT Tensor *tn_layer_add_weight(Layer *layer, const char *spec);
/* From now on its weights, trainable ones or the others, are these variables, which may be weights
** of other layers; names: a JSON array. */
EXPORT void tn_layer_lend_weights(Layer *layer, const List *variables, const char *names,
                                  bool trainable);
/* A weight of a layer is brought to keep the constraint that it has. */
EXPORT void tn_weight_constrain(Tensor *variable);
/* A layer of the caller's from now on makes one step of a recurrent layer. */
EXPORT void tn_layer_as_cell(Layer *layer);
/* What the inputs must be like: [{ndim, maxNDim, minNDim, dtype, axes, shape} | null, ...] or
** null. */
EXPORT void tn_layer_set_specs(Layer *layer, const char *specs);
/* Whether hooks.loss and hooks.before are called for a layer. */
EXPORT void tn_layer_watch(Layer *layer, bool loss, bool before);
/* Which steps count of the result that tn_layer_apply gave last, NULL: all. */
EXPORT Tensor *tn_layer_last_mask(void);
/* Its weights are asked for by hooks.weights. */
EXPORT void tn_layer_says_weights(Layer *layer);
/* Changes a field of its config (JSON), for the next call; fails where shapes depend on it. */
EXPORT void tn_layer_set_field(Layer *layer, const char *name, const char *value);
/* Its batchInputShape or dtype (JSON), as long as it is not connected. */
EXPORT void tn_layer_set_input(Layer *layer, const char *name, const char *value);
/* A flag that is a call's argument, useCausalMask, for the calls until it is set back: what it was,
** -1 if the layer has none. */
EXPORT int tn_layer_set_flag(Layer *layer, const char *name, bool on);
EXPORT void tn_layer_set_name(Layer *layer, const char *name);
EXPORT void tn_layer_set_built(Layer *layer, bool built);

/* ---- weights, of layers and models ---- */

/* All, trainable ones first; trainable ones; the others; of these two the layer's own, whether or
** not it is trainable. */
typedef enum WhichWeights {
    TN_WEIGHTS_ALL,
    TN_WEIGHTS_TRAINABLE,
    TN_WEIGHTS_FIXED,
    TN_WEIGHTS_OWN_TRAINABLE,
    TN_WEIGHTS_OWN_FIXED
} WhichWeights;
/* Not the caller's: no handles. */
EXPORT const List *tn_layer_weights(Layer *layer, WhichWeights which);
/* ["dense_Dense1/kernel", ...] of the same. */
EXPORT const char *tn_layer_weight_names(Layer *layer, WhichWeights which);
EXPORT void tn_layer_set_weights(Layer *layer, const List *values);
/* By name, a JSON array; strict: each name and each weight must find its other. */
EXPORT void tn_layer_load_weights(Layer *layer, const char *names, const List *values, bool strict);
/* Lets go of the weights; they are freed where no other model has the layer. How many were. */
EXPORT int tn_layer_dispose(Layer *layer);
/* Weights of all layers there are, those of the oldest layer first, and their names. An optimizer
** that is told nothing changes the trainable ones. */
EXPORT const List *tn_all_weights(void);
EXPORT const char *tn_all_weight_names(void);

/* ---- models ---- */

EXPORT Layer *tn_sequential(const char *name);
EXPORT void tn_sequential_add(Layer *model, Layer *layer);
EXPORT void tn_sequential_pop(Layer *model);
EXPORT Layer *tn_model(const char *name, const Symbols *inputs, const Symbols *outputs);
/* The program has it from now on, as it has one that it made: until it disposes it. */
EXPORT void tn_model_take(Layer *model);
/* {"Class": ["layer", ...], ...}: layers of a topology whose class is not one of the library's. */
EXPORT const char *tn_model_unknown(const char *json);
/* From a topology, as files have it under modelTopology. */
EXPORT Layer *tn_model_load(const char *json);
/* The same for a file that will set all weights, and has at most so many numbers for them: what the
** topology says is no reason to take more memory. -1: as tn_model_load. */
EXPORT Layer *tn_model_load_for(const char *json, double numbers);
/* The topology for a file. */
EXPORT const char *tn_model_topology(const Layer *model);
EXPORT const Symbols *tn_model_symbols(const Layer *model, bool outputs);
/* The model's layers. Not handles. */
EXPORT const Layers *tn_model_layers(const Layer *model);
/* The table of layers, a line each. positions: JSON array, or NULL; width 0: what fits. */
EXPORT const char *tn_model_summary(Layer *model, int width, const char *positions);

/* ---- training ---- */

/* By name and config (JSON, or NULL). */
EXPORT Optimizer *tn_optimizer(const char *name, const char *config);
/* With the defaults that compile takes for a bare name. */
EXPORT Optimizer *tn_optimizer_by_name(const char *name);
EXPORT void tn_optimizer_retain(Optimizer *optimizer);
EXPORT void tn_optimizer_release(Optimizer *optimizer);
EXPORT const char *tn_optimizer_config(const Optimizer *optimizer, bool pythonic, bool whole);
/* One that has no step of its own: the function that tn_on_optimizer was given takes all of them.
** */
EXPORT Optimizer *tn_optimizer_custom(void);
/* Training asks the two for each step, of any optimizer; false: what the optimizer does by itself
** is to be done. minimize finds the gradients, too: it asks tn_training_loss() for the loss. */
EXPORT void tn_on_optimizer(bool (*step)(Optimizer *optimizer, const List *variables,
                                         const List *grads),
                            bool (*minimize)(Optimizer *optimizer, const List *variables));
/* The loss of the batch that a step is taken for. */
EXPORT Tensor *tn_training_loss(void);
/* The learning rate of the next step. */
EXPORT double tn_optimizer_rate(const Optimizer *optimizer);
/* Changes a number of the config, from the next step on: learningRate, momentum... */
EXPORT void tn_optimizer_set(Optimizer *optimizer, const char *name, double value);
/* Frees what it remembers of variables. */
EXPORT void tn_optimizer_forget(Optimizer *optimizer);
/* One step: variables[i] by grads[i], NULL for none. */
EXPORT void tn_optimizer_apply(Optimizer *optimizer, const List *variables, const List *grads);
/* With useEma: puts the running means into the variables. */
EXPORT void tn_optimizer_finish(Optimizer *optimizer);
/* Of a class that trains at other values than those it is to be judged by (scheduleFreeAdamW):
** puts the ones or the others into the variables. */
EXPORT void tn_optimizer_swap(Optimizer *optimizer, bool train);
/* {className, config} in this library's names, of what a file of Keras or TensorFlow.js says. */
EXPORT const char *tn_optimizer_from_file(const char *class_name, const char *config);
/* The optimizer of a compiled model, NULL if it is not compiled. Not a handle. */
EXPORT Optimizer *tn_model_optimizer(const Layer *model);
/* Steps so far. */
EXPORT int tn_optimizer_steps(const Optimizer *optimizer);
EXPORT void tn_optimizer_set_steps(Optimizer *optimizer, int steps);
/* After all variables were disposed: optimizers let go of what they remember of them. */
EXPORT void tn_optimizers_sweep(void);
/* What is remembered: of which variables, in the order of first use, under which names (JSON), and
** the first state of all variables, the second of all... Not the caller's. */
EXPORT const List *tn_optimizer_variables(const Optimizer *optimizer);
EXPORT const char *tn_optimizer_state_names(const Optimizer *optimizer);
EXPORT const List *tn_optimizer_states(const Optimizer *optimizer);
/* Takes up where another left; the states are those of the variables of the next step. */
EXPORT void tn_optimizer_set_states(Optimizer *optimizer, int steps, const List *values);
/* A schedule of learning rates {className, config}: with all its fields; its rate after some
** steps. */
EXPORT const char *tn_schedule(const char *json);
EXPORT double tn_schedule_at(const char *json, double step);

/* spec: {loss, metrics, lossWeights, maskLoss}. The optimizer is borrowed. */
EXPORT void tn_compile(Layer *model, Optimizer *optimizer, const char *spec);
/* Another optimizer for a compiled model. Borrowed. */
EXPORT void tn_model_set_optimizer(Layer *model, Optimizer *optimizer);
/* ["loss", ...]: names of what training and evaluation report. */
EXPORT const char *tn_metrics_names(const Layer *model);
/* Penalties of the weights that have regularizers, as the loss gets them. */
EXPORT const List *tn_model_penalties(Layer *model);
/* One step on one batch: loss and metrics as numbers. weights: of the examples, or NULL. */
EXPORT const List *tn_train_on_batch(Layer *model, const List *x, const List *y,
                                     const List *weights);
/* Means over all examples. */
EXPORT const List *tn_evaluate(Layer *model, const List *x, const List *y, const List *weights,
                               int batch);
EXPORT const List *tn_predict(Layer *model, const List *x, int batch);
/* How calls are replayed: {predict: {plans, why}, train: {plans, why}}; why: the last reason that
** there cannot be a plan, or null. */
EXPORT const char *tn_model_plans(const Layer *model);
/* Trains for options.epochs, from start to end: the loss of the last epoch. Options as below. */
EXPORT double tn_fit(Layer *model, const List *x, const List *y, const char *options);

/* The same in steps, for a caller that does other things between them. options: {batchSize = 32,
** shuffle = true, validationSplit = 0, seed, classWeight}. vx, vy, vweights: the
** same for validation, or NULL. */
EXPORT Fit *tn_fit_begin(Layer *model, const List *x, const List *y, const List *weights,
                         const List *vx, const List *vy, const List *vweights, const char *options);
EXPORT int tn_fit_examples(const Fit *fit);
EXPORT bool tn_fit_validates(const Fit *fit);
/* Starts an epoch: how many batches it has. */
EXPORT int tn_fit_epoch(Fit *fit);
/* Trains on batch i of the epoch: how many examples it has. */
EXPORT int tn_fit_batch(Fit *fit, int i);
/* Instead, where tn_fit_begin was given no x: trains on a batch; how many examples it has. */
EXPORT int tn_fit_feed(Fit *fit, const List *x, const List *y);
EXPORT void tn_fit_validate(Fit *fit);
/* Of the last batch, means of the epoch so far, of the validation. */
typedef enum FitValues { TN_FIT_BATCH, TN_FIT_EPOCH, TN_FIT_VALIDATION } FitValues;
/* Numbers in the order of tn_metrics_names. Valid until the next call on this fit. */
EXPORT const List *tn_fit_values(Fit *fit, FitValues which);
EXPORT void tn_fit_end(Fit *fit);

/* The same for evaluating: begin, feed batches, ask for the means (in the open scope), end. */
typedef struct Evaluation Evaluation;
EXPORT Evaluation *tn_evaluation_begin(Layer *model);
EXPORT int tn_evaluation_feed(Evaluation *e, const List *x, const List *y);
EXPORT const List *tn_evaluation_values(const Evaluation *e);
EXPORT void tn_evaluation_end(Evaluation *e);

/* ---- parts by themselves ---- */

/* part: a name or {className, config} as JSON. A new tensor; a penalty; the constrained weight. */
EXPORT Tensor *tn_initializer(const char *part, const Ints *shape);
EXPORT Tensor *tn_regularizer(const char *part, Tensor *weight);
EXPORT Tensor *tn_constraint(const char *part, Tensor *weight);
typedef enum PartKind { TN_PART_INITIALIZER, TN_PART_REGULARIZER, TN_PART_CONSTRAINT } PartKind;
/* {className, config} in full. */
EXPORT const char *tn_part_config(const char *part, PartKind kind);
/* {layers, initializers, regularizers, constraints}: the names of all classes. */
EXPORT const char *tn_class_names(void);
EXPORT Tensor *tn_activation(const char *name, Tensor *x);
/* A loss or metric by name: y should come out, p did. */
EXPORT Tensor *tn_metric_function(const char *name, Tensor *y, Tensor *p);
/* A metric that adds up over batches, by name and config (JSON, or NULL); of one that does not, the
** mean. A spec has it as
** {"metric": its address as a number}. */
EXPORT Metric *tn_metric(const char *name, const char *config);
/* The mean of what a function of tn_on_metric_function's gives. */
EXPORT Metric *tn_metric_of_function(int function, const char *config);
EXPORT void tn_metric_release(Metric *metric);
/* {className, config}. */
EXPORT const char *tn_metric_config(const Metric *metric);
/* weights: of the examples, or NULL. */
EXPORT void tn_metric_add(Metric *metric, Tensor *y, Tensor *p, Tensor *weights);
EXPORT Tensor *tn_metric_result(const Metric *metric);
EXPORT void tn_metric_reset(Metric *metric);
/* [{name, likely}]: which of the names of options (a JSON array) are not known, and what is most
** like each, or "". kind: 'layer', 'optimizer', 'metric', 'schedule', 'initializer',
** 'regularizer', 'constraint', and the name of the class;
** or '', and the names that are known, between blanks. */
EXPORT const char *tn_unknown_options(const char *kind, const char *name, const char *given);
/* Losses and metrics named {"function": n} in a spec are computed by this. */
EXPORT void tn_on_metric_function(Tensor *(*call)(int function, Tensor *y, Tensor *p));
#endif
