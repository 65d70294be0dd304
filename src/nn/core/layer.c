/* Making layers, naming them, their weights and shapes. */
#include "nn/core/custom.h"
#include "nn/core/layers_state.h"
#include "nn/core/model.h"
#include "tensor/engine.h"
#include "ops/view.gen.h"

/* layer: What every layer's config may hold.
**   name : string = null             unique in a model; made from the class if not given
**   trainable : bool = true          whether fitting changes its weights
**   inputShape : shape = null        of one example, for the first layer of a sequential model
**   batchInputShape : shape = null   the same with the batch's size, or null, in front
**   batchSize : int = null           the batch's size for inputShape
**   dtype : dtype = 'float32'        of the input
*/
FIELDS(layer, Layer)

/* ---- names ---- */

const LayerClass *layer_class_find(const char *class_name) {
    for (int i = 0; all_layers[i]; i++) {
        const char *name = all_layers[i]->schema->class_name;
        if (*name == *class_name && !strcmp(name, class_name)) return all_layers[i];
    }
    return NULL;
}

const char *layer_new_name(Layer *l) {
    static int made[LAYER_CLASSES + 3];
    const char *class_name = layer_class_name(l);
    char snake[64], name[160];
    int k = 0;
    while (all_layers[k] && all_layers[k] != l->of) k++;
    if (l->of == &sequential_class) {
        snprintf(name, sizeof name, "sequential_%d", ++made[LAYER_CLASSES]);
    } else if (is_model(l)) {
        snprintf(name, sizeof name, "model%d", ++made[LAYER_CLASSES + 1]);
    } else if (!strcmp(class_name, "InputLayer")) {
        snprintf(name, sizeof name, "input%d", ++made[k]);
    } else {
        snake_case(class_name, snake, sizeof snake);
        bool own = l->of->made || strcmp(class_name, l->of->schema->class_name);
        int n = own ? custom_count(class_name) : ++made[k];
        snprintf(name, sizeof name, "%s_%s%d", snake, class_name, n);
    }
    return arena_text(&l->arena, name);
}

/* ---- making ---- */

/* An empty layer, in its own arena and group. */
static Layer *layer_start(const LayerClass *of) {
    Arena arena = {0};
    Layer *l = arena_take(&arena, sizeof *l);
    if (!l) return NULL;
    *l = (Layer){.of = of, .arena = arena, .trainable = true, .custom = &no_custom};
    const char *subclass = subclass_take();
    Custom *c = subclass ? layer_custom(l) : NULL;
    if (c) c->class_name = subclass;
    layer_add_recurrence(l);
    if (!failed() && group_start(l)) return l;
    arena = l->arena;
    arena_free(&arena);
    return NULL;
}

void layer_add_recurrence(Layer *l) {
    if (l->of->states && !l->recurrence)
        l->recurrence = arena_take(&l->arena, sizeof *l->recurrence);
}

bool layer_want_batch(const Layer *l, const cJSON *json) {
    const cJSON *shape = json_get(json, "batchInputShape");
    if (!cJSON_IsNumber(shape)) return true;
    fail(TN_SHAPE,
         "%.80s: batchInputShape must be a list with the batch's size, or null, in front, "
         "as [null, %g], but is %g",
         l->name, shape->valuedouble, shape->valuedouble);
    return false;
}

/* The batch's shape from batchInputShape, or from inputShape and batchSize; a dense layer may have
** an inputDim instead. */
static void read_input_shape(Layer *l, const LayerConfig *c, const cJSON *json) {
    const cJSON *features = json_get(json, "inputDim");
    bool dense = !strcmp(l->of->schema->class_name, "Dense") && cJSON_IsNumber(features);
    int v[TN_MAX_RANK + 1];
    l->dtype = c->dtype;
    if (!layer_want_batch(l, json)) return;
    if (!strcmp(l->of->schema->class_name, "InputLayer") && c->batchInputShape) {
        if (c->inputShape)
            fail(TN_VALUE,
                 "%.80s: Only provide the inputShape OR batchInputShape argument to "
                 "inputLayer, not both at the same time.",
                 l->name);
        else if (c->batchSize != NONE)
            fail(TN_VALUE,
                 "%.80s: Cannot specify batchSize if batchInputShape is specified when "
                 "creating an InputLayer.",
                 l->name);
    }
    if (c->batchInputShape) {
        l->batch_shape = c->batchInputShape;
    } else if (c->inputShape) {
        if (c->inputShape->n == TN_MAX_RANK) {
            fail(TN_SHAPE, "%.80s: inputShape has %d sizes and the batch's is one more, above %d",
                 l->name, TN_MAX_RANK, TN_MAX_RANK);
            return;
        }
        v[0] = c->batchSize == NONE ? -1 : c->batchSize;
        memcpy(v + 1, c->inputShape->v, sizeof(int) * (size_t)c->inputShape->n);
        l->batch_shape = arena_ints(&l->arena, c->inputShape->n + 1, v);
    } else if (dense && features->valuedouble >= 1 && features->valuedouble <= INT32_MAX) {
        v[0] = c->batchSize == NONE ? -1 : c->batchSize;
        v[1] = (int)features->valuedouble;
        l->batch_shape = arena_ints(&l->arena, 2, v);
    }
}

/* What every layer's config holds beyond its class's own, at the end of the config as files have
** it: name, trainable, and the input's shape and dtype where it is known. */
void layer_put_base(const Layer *l, cJSON *to) {
    json_put(to, "name", json_string(l->name));
    if (strcmp(l->of->schema->class_name, "InputLayer"))
        json_put(to, "trainable", json_bool(l->trainable));
    if (!l->batch_shape) return;
    json_put(to, "batchInputShape", json_sizes(l->batch_shape->n, l->batch_shape->v));
    json_put(to, "dtype", json_string(dtype_name(l->dtype)));
}

/* The one field that every class may have and the layer itself does not look at. */
void layer_find_activity(Layer *l) {
    const Schema *schema = l->of->schema;
    for (int i = 0; i < schema->count; i++)
        if (!strcmp(schema->fields[i].name, "activityRegularizer"))
            memcpy(&l->activity, (const char *)l->config + schema->fields[i].offset,
                   sizeof l->activity);
}

/* What has an activation, and is no recurrent layer, applies it to its result. */
static void find_halving(Layer *l) {
    const Schema *schema = l->of->schema;
    const Activation *activation = NULL;
    for (int i = 0; i < schema->count; i++)
        if (schema->fields[i].kind == FIELD_ACTIVATION &&
            !strcmp(schema->fields[i].name, "activation"))
            memcpy(&activation, (const char *)l->config + schema->fields[i].offset,
                   sizeof activation);
    l->halves = activation && !strcmp(activation->name, "glu");
    if (l->halves && l->of->states)
        fail(TN_VALUE, "%.80s: activation must keep the size of a state, but 'glu' halves it",
             l->name);
}

static void halve_channels(const Layer *l, Shape *out) {
    const char *format = json_get_text(l->json, "dataFormat");
    int *size = out->size + (format && !strcmp(format, "channelsFirst") ? 1 : out->rank - 1);
    if (out->rank && *size % 2 == 0) *size /= 2;
    else if (!out->rank || *size >= 0)
        fail(TN_SHAPE,
             "%.80s: activation 'glu' halves the channels of shape %s, which are not "
             "even",
             l->name, shape_string(out));
}

static void configure(Layer *l, const cJSON *json) {
    cJSON *base = json_object();
    LayerConfig c = {0};
    Reader r = {l->of->schema->name, json, base, &l->arena, l};
    if (config_read(&r, &layer_schema, &c)) {
        l->name = c.name ? c.name : layer_new_name(l);
        l->trainable = c.trainable;
        read_input_shape(l, &c, json);
    }
    json_free(base);
    if (failed()) return;
    void *config = arena_take(&l->arena, (size_t)l->of->schema->bytes);
    l->config = config;
    l->json = json_object();
    r.who = l->name;
    r.to = l->json;
    if (failed() || !config_read(&r, l->of->schema, config)) return;
    layer_find_activity(l);
    find_halving(l);
    layer_put_base(l, l->json);
    if (!failed() && l->of->prepare) l->of->prepare(l);
}

Layer *layer_make(const LayerClass *of, const cJSON *config) {
    if (failed()) return NULL;
    Layer *l = layer_start(of);
    if (!l) return NULL;
    configure(l, config);
    if (!failed()) return l;
    layer_release(l);
    return NULL;
}

Layer *layer_start_model(const LayerClass *of, const char *name) {
    if (failed()) return NULL;
    Layer *l = layer_start(of);
    if (!l) return NULL;
    l->graph = arena_take(&l->arena, sizeof *l->graph);
    if (l->graph) l->name = name ? arena_text(&l->arena, name) : layer_new_name(l);
    if (!failed()) return l;
    layer_release(l);
    return NULL;
}

Tensor *activate(const Activation *a, Tensor *x) {
    Tensor *y = NULL;
    if (a->own) return custom_activate(a, x);
    if (!a->layer) return a->call(x);
    if (!failed()) layer_run(a->layer, &x, 1, &y, 1, false);
    return failed() ? nothing() : y;
}

/* ---- weights ---- */

static int version;
int weights_version(void) { return version; }
void weights_changed(void) { version++; }

static Weight *next_weight(Layer *l) {
    Weight *more = arena_take(&l->arena, (size_t)(l->nweights + 1) * sizeof *more);
    if (!more) return NULL;
    if (l->nweights) memcpy(more, l->weights, (size_t)l->nweights * sizeof *more);
    l->weights = more;
    return more + l->nweights;
}

double weights_expect(double numbers) {
    double before = layers_now.file_numbers;
    layers_now.file_numbers = numbers;
    return before;
}

/* The first value of a weight. One that a file will set begins as zeros, if the file can have
** it. */
static Tensor *first_value(const Layer *l, const Weight *w, const Ints *shape,
                           const Initializer *initial, DType dtype) {
    double n = 1;
    if (layers_now.file_numbers < 0)
        return to_dtype(initial->of->make(initial->config, shape), dtype);
    for (int i = 0; i < shape->n; i++) n *= shape->v[i];
    if (n > layers_now.file_numbers)
        return fail(TN_FILE, "%.80s: weight %.80s has %.0f numbers, the file at most %.0f more",
                    l->name, w->name, n, layers_now.file_numbers);
    layers_now.file_numbers -= n;
    return tn_zeros(shape, dtype);
}

void add_weight_as(Layer *l, Weight w, const Ints *shape, const Initializer *initial, DType dtype) {
    if (failed()) return;
    Weight *to = next_weight(l);
    if (!to) return;
    Scope *s = tn_scope_begin();
    tn_tape_pause(true);
    w.value = tn_variable(first_value(l, &w, shape, initial, dtype), w.trainable && l->trainable);
    tn_tape_pause(false);
    tn_scope_end(s);
    if (failed()) return;
    w.id = w.value->id;
    *to = w;
    l->nweights++;
    weights_changed();
}

void add_weight(Layer *l, const char *name, const Ints *shape, const Initializer *initial,
                const Regularizer *regularizer, const Constraint *constraint) {
    add_weight_as(
        l,
        (Weight){
            .name = name, .regularizer = regularizer, .constraint = constraint, .trainable = true},
        shape, initial, TN_FLOAT32);
}

void add_state(Layer *l, const char *name, const Ints *shape, const Initializer *initial) {
    add_weight_as(l, (Weight){.name = name}, shape, initial, TN_FLOAT32);
}

void set_weight(Layer *l, int i, Tensor *value) {
    tn_tape_pause(true);
    tn_assign(l->weights[i].value, value);
    tn_tape_pause(false);
}

void draw_on(Layer *l, const char *seed) {
    if (seed && (!l->seeded || strcmp(seed, l->seeded->seed))) {
        const char *copy = arena_text(&l->arena, seed);
        if (copy && !l->seeded) l->seeded = arena_take(&l->arena, sizeof *l->seeded);
        if (failed()) return;
        l->seeded->seed = copy;
        random_start(&l->seeded->random, seed);
    }
    random_follow(seed ? &l->seeded->random : NULL);
}

void draw_end(void) { random_follow(NULL); }

static void set_initial(Layer *l) {
    if (l->initial->n != l->nweights) {
        fail(TN_VALUE, "%.80s: weights has %d tensors, the layer has %d", l->name, l->initial->n,
             l->nweights);
        return;
    }
    for (int i = 0; i < l->nweights; i++) {
        const Constraint *c = l->weights[i].constraint;
        Scope *s = tn_scope_begin();
        Tensor *value = l->initial->v[i];
        set_weight(l, i, c ? c->of->apply(c->config, value) : value);
        tn_scope_end(s);
    }
    layer_drop_initial(l);
}

void layer_build(Layer *l, const Shape *in, int nin) {
    layer_build_by(l, in, nin, has_method(l, TN_METHOD_BUILD) ? custom_build : subclass_build);
}

void layer_build_by(Layer *l, const Shape *in, int nin, Build *build) {
    const bool beneath = build == subclass_build && has_method(l, TN_METHOD_BUILD);
    if ((beneath ? l->class_built : l->built) || failed()) return;
    build(l, in, nin);
    if (!failed() && l->initial) set_initial(l);
    if (!failed()) l->built = true;
    else
        while (l->nweights)
            if (!l->weights[--l->nweights].lent) tn_dispose(l->weights[l->nweights].value);
}

/* ---- shapes ---- */

int layer_results_own(const Layer *l) { return l->of->results ? l->of->results(l) : 1; }

int layer_results(const Layer *l) {
    if (!has_method(l, TN_METHOD_COMPUTE_OUTPUT_SHAPE)) return layer_results_own(l);
    return custom_known_results(l);
}

int layer_count_results(Layer *l, const Shape *in, int nin) {
    bool asks = l->of->made ? !l->of->is_cell : has_method(l, TN_METHOD_COMPUTE_OUTPUT_SHAPE);
    return asks ? custom_results(l, in, nin) : layer_results(l);
}

static void shapes_of_class(const Layer *l, const Shape *in, int nin, Shape *out);

/* Classes look at their weights where the layer is built; a caller's build() may have made none. */
void layer_shapes_own(const Layer *l, const Shape *in, int nin, Shape *out) {
    Layer *seen = (Layer *)l;
    const bool built = l->built;
    seen->built = built && (l->class_built || !has_method(l, TN_METHOD_BUILD));
    shapes_of_class(l, in, nin, out);
    seen->built = built;
}

void layer_shapes(const Layer *l, const Shape *in, int nin, Shape *out) {
    if (has_method(l, TN_METHOD_COMPUTE_OUTPUT_SHAPE)) custom_shape(l, in, nin, out);
    else layer_shapes_own(l, in, nin, out);
}

static void shapes_of_class(const Layer *l, const Shape *in, int nin, Shape *out) {
    int least = l->of->least_inputs;
    if (failed()) return;
    if (!least && !l->graph && nin != 1)
        fail(TN_VALUE, "%.80s: takes one input, but got %d", l->name, nin);
    else if (nin < least)
        fail(TN_VALUE, "%.80s: should be called on a list of at least %d inputs. Got %d input(s).",
             l->name, least, nin);
    else if (l->of->shape) l->of->shape(l, in, nin, out);
    else out[0] = in[0];
    if (l->halves && !failed()) halve_channels(l, out);
}
