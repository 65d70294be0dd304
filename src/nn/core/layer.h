/* What a layer file sees: layers, their weights and configs, and the LAYER declaration.
**
** A layer is declared once: a manual comment with a line for each config field (name, default,
** type, meaning), then LAYER(factory, ClassName, functions). tools/gen/layers.mjs makes of it the
** C struct of the config (DenseConfig), the table that reads it, the factory tf.layers.dense with
** its types, and the manual. A layer's call is made of ops, so its gradient comes by itself.
**
** Types of fields: int, float, bool, ints, ints(n), shape, sides, string, seed, dtype, activation,
** initializer, regularizer, constraint, layer, values (a list of strings or numbers, as it is), and
** the enums below; ints, float and enums may end in "| null" if null is not the default but means
** something; numbers may end in ">= n".
** "+ group" takes in the fields of a FIELDS(group, ...) block.
*/
#ifndef TN_LAYER_H
#define TN_LAYER_H
#include "nn/core/parts.h"
#include "models.h"
#include "base/alea.h"
#include <stdio.h>
#include <stdlib.h>

/* 'valid' | 'same' | 'causal' */
typedef enum Padding { PADDING_VALID, PADDING_SAME, PADDING_CAUSAL } Padding;
/* 'channelsLast' | 'channelsFirst' */
typedef enum Channels { CHANNELS_LAST, CHANNELS_FIRST } Channels;
/* 'fanIn' | 'fanOut' | 'fanAvg' */
typedef enum FanMode { FAN_IN, FAN_OUT, FAN_AVG } FanMode;
/* 'normal' | 'uniform' | 'truncatedNormal' | 'untruncatedNormal' */
typedef enum Distribution {
    DRAW_NORMAL,
    DRAW_UNIFORM,
    DRAW_TRUNCATED,
    DRAW_UNTRUNCATED
} Distribution;
/* 'rows' | 'columns' */
typedef enum OrthogonalMode { ORTHOGONAL_ROWS, ORTHOGONAL_COLUMNS } OrthogonalMode;
/* 'nearest' | 'bilinear' */
typedef enum Interpolation { INTERPOLATE_NEAREST, INTERPOLATE_BILINEAR } Interpolation;

/* 'int' | 'oneHot' | 'multiHot' | 'count' | 'tfIdf' */
typedef enum Encoding {
    ENCODE_INT,
    ENCODE_ONE_HOT,
    ENCODE_MULTI_HOT,
    ENCODE_COUNT,
    ENCODE_TF_IDF
} Encoding;
/* 'concat' | 'sum' | 'mul' | 'ave' */
typedef enum MergeMode { MERGE_NONE = -1, MERGE_CONCAT, MERGE_SUM, MERGE_MUL, MERGE_AVE } MergeMode;

/* 'dot' | 'concat' */
typedef enum ScoreMode { SCORE_DOT, SCORE_CONCAT } ScoreMode;
/* 'horizontal' | 'vertical' | 'horizontalAndVertical' */
typedef enum FlipMode { FLIP_HORIZONTAL, FLIP_VERTICAL, FLIP_BOTH } FlipMode;
/* 'lowerAndStripPunctuation' | 'lower' | 'stripPunctuation' */
typedef enum Standardize {
    STANDARDIZE_NONE = -1,
    STANDARDIZE_BOTH,
    STANDARDIZE_LOWER,
    STANDARDIZE_STRIP
} Standardize;
/* 'whitespace' | 'character' */
typedef enum Splitting { SPLIT_NONE = -1, SPLIT_WHITESPACE, SPLIT_CHARACTER } Splitting;
/* 'hann' | 'hamming' */
typedef enum Window { WINDOW_NONE = -1, WINDOW_HANN, WINDOW_HAMMING } Window;
/* 'density' | 'spectrum' */
typedef enum Scaling { SCALING_NONE = -1, SCALING_DENSITY, SCALING_SPECTRUM } Scaling;
/* 'real' | 'imag' */
typedef enum WavePart { WAVE_REAL, WAVE_IMAG } WavePart;
/* 'log' | 'magnitude' | 'psd' | 'real' | 'imag' | 'angle' | 'stft' */
typedef enum Spectrum {
    SPECTRUM_LOG,
    SPECTRUM_MAGNITUDE,
    SPECTRUM_PSD,
    SPECTRUM_REAL,
    SPECTRUM_IMAG,
    SPECTRUM_ANGLE,
    SPECTRUM_STFT
} Spectrum;

/* 'micro' | 'macro' | 'weighted' */
typedef enum Average { AVERAGE_NONE = -1, AVERAGE_MICRO, AVERAGE_MACRO, AVERAGE_WEIGHTED } Average;
/* 'uniformAverage' | 'varianceWeightedAverage' */
typedef enum Aggregation {
    AGGREGATE_NONE = -1,
    AGGREGATE_UNIFORM,
    AGGREGATE_BY_VARIANCE
} Aggregation;
/* 'ROC' | 'PR' */
typedef enum Curve { CURVE_ROC, CURVE_PR } Curve;
/* 'interpolation' | 'minoring' | 'majoring' */
typedef enum Summation { SUM_INTERPOLATION, SUM_MINORING, SUM_MAJORING } Summation;

/* A shape that may have unknown sizes: -1. */
typedef struct Shape {
    DType dtype;
    int rank, size[TN_MAX_RANK];
} Shape;

typedef struct Graph Graph;
typedef struct Custom Custom; /* custom.h */

typedef struct Weight {
    Tensor *value;    /* a variable */
    uint32_t id;      /* of that variable; another than value->id once it is disposed */
    const char *name; /* kernel; in files layer/kernel */
    const Regularizer *regularizer;
    const Constraint *constraint;
    bool trainable;
    bool lent; /* owned by another layer, or by the caller, and not disposed with this one */
    const char *from, *from_class; /* of a lent one: name and class of its layer, if it has one */
    bool constrained;              /* by a function of the caller's */
} Weight;

/* One application to tensors. in[] are borrowed; call returns the first result and leaves further
** ones in out[1], ... */
typedef struct Apply {
    Tensor **in, **out;
    int nin, nout;
    bool training;
    /* Bool [batch, steps] for each input, true where a step counts; NULL: all do. A layer whose
    ** first result has steps that do not count leaves its own in mask. */
    Tensor **masks, *mask;
    bool open; /* of a caller's class: nout is how many fit, and becomes how many there are */
    Tensor **all_masks; /* of a model: gets those of all results; NULL: not wanted */
    int beneath;        /* methods of the caller's to pass over, a bit for each LayerMethod */
} Apply;

typedef struct LayerClass {
    const Schema *schema;
    /* Makes the weights, once, for inputs of these shapes. Absent: none. */
    void (*build)(Layer *l, const Shape *in, int nin);
    /* Shapes of the results; absent: one result like in[0]. Sizes -1 are unknown. Checks ranks. */
    void (*shape)(const Layer *l, const Shape *in, int nin, Shape *out);
    Tensor *(*call)(Layer *l, Apply *a);
    /* How many results; absent: 1. */
    int (*results)(const Layer *l);
    /* After the config is read: checks, and making layers inside. */
    void (*prepare)(Layer *l);
    bool keeps_mask;  /* the steps of the result count as those of the first input */
    bool knows_mask;  /* it minds masks in its own way */
    int least_inputs; /* 0: takes exactly one; else a list of at least so many */
    /* The input's shape where the config gives none, for a layer that knows; sets *s. */
    bool (*input)(const Layer *l, Shape *s);
    /* Of recurrent layers and cells: shapes of the states for inputs of this shape (NULL: only the
    ** count); how many. A cell takes x and the states, and gives its result and new states. */
    int (*states)(const Layer *l, const Shape *in, Shape *out);
    /* Learns from data what training does not: adapt(). The layer is built for them. */
    void (*adapt)(Layer *l, Tensor *data);
    bool accepts_strings; /* string tensors, beside others */
    bool is_cell;         /* makes one step of a recurrent layer */
    int *made; /* counts the layers of a caller's class for their names; NULL: the library's */
} LayerClass;

enum { MOST_INSIDE = 16 }; /* layers inside a wrapper; states of a layer */

#define LAYER(id, Class, ...) const LayerClass id##_layer = {.schema = &id##_schema, __VA_ARGS__}
/* Fields that several layers take in with "+ id"; only its comment counts. */
#define FIELDS(id, Name)

/* A symbolic tensor: one result of a node. */
struct Symbol {
    Shape shape;
    struct Node *node;
    int index; /* among the node's results */
    int id;
    const char *name;
};

/* One application of a layer to symbols, in the layer's arena. */
typedef struct Node {
    Layer *layer;
    int index; /* among the layer's nodes */
    int nin, nout;
    Symbol **in, **out;
    struct Node *next;
    int mark, depth, cursor, first_value; /* notes of walks over the graph (layout.c) */
} Node;

/* What recurrent layers and cells keep between calls. */
typedef struct Recurrence {
    Tensor *states[MOST_INSIDE]; /* of a stateful layer, from batch to batch, or NULL */
    bool reset;                  /* zeros since resetStates(): batches may be of another size */
    Tensor *drops[2]; /* of a cell in a sequence: masks of inputs and state, or NULL until drawn */
    bool in_sequence;
} Recurrence;

/* What keeps a layer from being freed (lifetime.c). */
typedef struct Lifetime {
    struct Group *group; /* connected layers, freed together */
    Layer *next_in_group;
    Layer *older, *newer; /* in the list of all layers there are */
    struct Hold *holds;   /* on other layers */
    struct Hold *held_by; /* of other layers on this one */
    int level;            /* of models in each other: 1 + that of what is inside, else 0 */
} Lifetime;

/* What dispose() counts, as TensorFlow.js does (model_weights.c). */
typedef struct References {
    int users;       /* models and wrappers that contain the layer */
    int disposals;   /* of the layer by itself */
    int lost_nodes;  /* those whose models are disposed */
    bool by_program; /* a model that a program made, or a layer that it called before it connected
                        it; until the program disposes it */
} References;

/* Notes of the last walk that came to a layer. */
typedef struct Visit {
    int mark;         /* of the walk */
    int depth, order; /* distance from the model's outputs; when the walk met it (layout.c) */
    Layer *parent;    /* from which a walk over weights came, NULL: it began here */
    int shared_id;    /* of a layer at two places of a topology, else 0 (shared.c) */
} Visit;

/* Numbers drawn with a seed go on from call to call (draw_on). */
typedef struct SeededRandom {
    Random random;
    const char *seed;
} SeededRandom;

/* What every layer has, and at the end parts that only some have, NULL in others. They lie in the
** layer's arena, as the layer itself does. */
struct Layer {
    const LayerClass *of;
    const char *name;
    const void *config; /* struct of the class */
    cJSON *json;        /* the full config, camelCase */
    Arena arena;
    Weight *weights;
    int nweights;
    bool built, trainable;
    bool frozen;             /* it, or what it is in, was last set to not trainable */
    bool disposed;           /* its weights are disposed */
    bool class_built;        /* the library's class has built its weights (subclass.c) */
    bool halves;             /* its activation, glu, halves the channels */
    DType dtype;             /* of the input that batch_shape describes */
    const Ints *batch_shape; /* [batch, ...] if the config gives one, else NULL */
    Node *nodes, *last_node;
    int nnodes, nsymbols;        /* and their results */
    const Regularizer *activity; /* penalty on its results, or NULL */
    Lifetime lifetime;
    References refs;
    Visit visit;
    Layer *around; /* the wrapper that it is inside of, or NULL */

    Layer **inner; /* of a wrapper: the layers inside it */
    int ninner;
    Graph *graph;           /* of a model */
    Recurrence *recurrence; /* where the class has states */
    const Custom *custom;   /* what the caller has of its own; the same empty one in most */
    SeededRandom *seeded;   /* where a seed is drawn on */
    List *initial;          /* values that the weights get when they are built; kept */
    void *own;              /* what its class keeps */
};

/* ---- parts of a layer ---- */

/* Gives a layer whose class has states its part for them. */
void layer_add_recurrence(Layer *l);
/* Disposes the values that wait for its weights. */
void layer_drop_initial(Layer *l);

/* ---- for build and call ---- */

/* Adds a variable to l->weights. */
void add_weight(Layer *l, const char *name, const Ints *shape, const Initializer *initial,
                const Regularizer *regularizer, const Constraint *constraint);
/* The same of any dtype, all else as in w. */
void add_weight_as(Layer *l, Weight w, const Ints *shape, const Initializer *initial, DType dtype);
/* The same, not changed by training. */
void add_state(Layer *l, const char *name, const Ints *shape, const Initializer *initial);
/* Another number whenever a layer gets weights: lists of weights made before are out of date. */
int weights_version(void);
void weights_changed(void);
/* While a model is read: how many numbers its file has for weights, which then begin as zeros, -1
** if none will set them. Returns what it was. */
double weights_expect(double numbers);
static inline Tensor *weight(const Layer *l, int i) { return l->weights[i].value; }
Tensor *activate(const Activation *a, Tensor *x);
/* Until draw_end, numbers drawn with this seed (NULL: none) go on where the layer's last call left
** off, as those of Keras's layers do; so they do when a plan repeats the call. */
void draw_on(Layer *l, const char *seed);
void draw_end(void);
/* Replaces a weight's value outside of any tape. */
void set_weight(Layer *l, int i, Tensor *value);

/* ---- shapes (layer_shapes.c) ---- */

/* Fails unless the rank of input i is `rank`, or at least -rank where it is negative. */
bool want_input(const Layer *l, const Shape *in, int rank);
/* Fails unless the size is known. */
bool want_known(const Layer *l, const Shape *in, int axis);
const char *shape_string(const Shape *s); /* "[null, 3]", in one of a few rotating buffers */
const char *shape_json(const Shape *s);   /* "[null,3]", the same */
Shape shape_of(const Tensor *x);
/* Zeros, float32, of a shape whose sizes are known. */
Tensor *shape_zeros(const Shape *s);
/* [[null, 3], ...] of n shapes. */
cJSON *json_shapes(const Shape *v, int n);
/* A shape from [null, 3]; false, without an error, where it is none. */
bool read_shape(const cJSON *json, Shape *s);

/* ---- making, applying (layer.c, apply.c) ---- */

/* A layer of a class with a config (NULL: defaults). It holds itself once: layer_release it. */
Layer *layer_make(const LayerClass *of, const cJSON *config);
/* The same from {"className": "Dense", "config": {...}}, in either spelling. Models too. */
Layer *layer_from_json(const char *who, const cJSON *json);
/* While on, {"handle": address} in a config stands for a layer that exists; off while files are
** read. Returns what it was. */
bool layer_allow_handles(bool on);
/* {"className": ..., "config": ...}; with names as Keras writes them if pythonic. NULL with the
** error set. */
cJSON *layer_to_json(const Layer *l, bool pythonic);
cJSON *layer_config(const Layer *l, bool pythonic);
/* The class's name in files, names and messages: of the caller's class, if it is of one. */
const char *layer_class_name(const Layer *l);
const LayerClass *layer_class_find(const char *class_name);
int layer_results(const Layer *l);
/* The same for inputs of these shapes, by the hooks for a layer of a caller's class. */
int layer_count_results(Layer *l, const Shape *in, int nin);
void layer_build(Layer *l, const Shape *in, int nin);
/* Shapes of the results for inputs of these shapes. */
void layer_shapes(const Layer *l, const Shape *in, int nin, Shape *out);
/* Fills out[] from in[]: checks, builds if need be, calls. Results are new handles in the open
** scope. */
void layer_run(Layer *l, Tensor **in, int nin, Tensor **out, int nout, bool training);
/* The same with masks. */
void layer_apply(Layer *l, Apply *a);
/* Between the two, runs add up penalties on results; the sum is the caller's, NULL if there is
** none. */
void penalty_begin(void);
Tensor *penalty_end(void);
/* After an exception between the two: disposes the sum, unless an outer collection goes on. */
void penalty_drop(bool goes_on);
/* Connects the layer to symbols; NULL with the error set. */
Node *layer_connect(Layer *l, Symbol **in, int nin);

/* Makes the states of stateful layers zeros, in a model those of all. */
void layer_reset_states(Layer *l);

/* The library's own build, shapes, number of results and config. */
typedef void Build(Layer *l, const Shape *in, int nin);
void layer_build_by(Layer *l, const Shape *in, int nin, Build *build);
void layer_shapes_own(const Layer *l, const Shape *in, int nin, Shape *out);
int layer_results_own(const Layer *l);
cJSON *layer_config_own(const Layer *l, bool pythonic);

/* Fails where a config's batchInputShape is a number. */
bool layer_want_batch(const Layer *l, const cJSON *json);
/* Puts into a config what every layer's holds beyond its class's fields. */
void layer_put_base(const Layer *l, cJSON *to);
/* Sets l->activity from its config. */
void layer_find_activity(Layer *l);
/* ---- lifetime (lifetime.c) ---- */

/* Makes a group of its own for l, with one handle. */
bool group_start(Layer *l);
/* A handle from outside keeps the whole group of connected layers from being freed. */
void layer_retain(Layer *l);
void layer_release(Layer *l);
/* The model is no longer compiled. */
void layer_drop_trainer(Layer *l);
/* l takes over the caller's handle on inner, for as long as l exists. */
void layer_hold(Layer *l, Layer *inner);
void layer_join(Layer *a, Layer *b);
/* Models and wrappers may be nested so deep; l stands above inner. */
enum { MOST_LEVELS = 64 };
void layer_rise(Layer *l, const Layer *inner);
/* Holds inner as a layer inside l, whose weights are l's too. */
void layer_contain(Layer *l, Layer *inner);
/* Of all layers there are; `lifetime.older` leads to the others. */
Layer *newest_layer(void);
/* A name by class and count, dense_Dense1, in the arena. */
const char *layer_new_name(Layer *l);

extern const LayerClass *const all_layers[];
#include "layers.gen.h"
#endif
