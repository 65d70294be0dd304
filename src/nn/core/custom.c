/* Layers of a caller's own classes, which compute by hooks that the caller registers. */
#include "nn/core/custom.h"
#include "nn/core/layers_state.h"
#include "nn/core/model.h"
#include "tensor/engine.h"

/* Never freed: its layers point at it. */
typedef struct CustomClass {
    LayerClass of;
    Schema schema;
    int made;
    struct CustomClass *next;
    char name[];
} CustomClass;

static CustomClass *classes;
static LayerHooks hooks;

void tn_on_layer(const LayerHooks *functions) { hooks = *functions; }

/* ---- what the library asks of a layer ---- */

/* n shapes from the caller's answer, or false with the error set. */
static bool read_answer(const Layer *l, const char *answer, Shape *to, int n) {
    cJSON *json = failed() ? NULL : json_read(l->name, answer);
    int got = cJSON_GetArraySize(json), i = 0;
    const cJSON *item;
    if (!failed() && got != n)
        fail(TN_VALUE, "%.80s: its output shapes are %d, and were %d", l->name, got, n);
    cJSON_ArrayForEach(item, json) if (!failed() && !read_shape(item, to + i++))
        fail(TN_SHAPE, "%.80s: an output shape must be a list of at most %d sizes", l->name,
             TN_MAX_RANK);
    json_free(json);
    return !failed();
}

void custom_build(Layer *l, const Shape *in, int nin) {
    const char *shapes = json_text(json_shapes(in, nin));
    if (!failed()) hooks.build(l, shapes);
}

int custom_results(Layer *l, const Shape *in, int nin) {
    Custom *c = layer_custom(l);
    const char *shapes = json_text(json_shapes(in, nin));
    cJSON *json = failed() ? NULL : json_read(l->name, hooks.shapes(l, shapes));
    int n = cJSON_GetArraySize(json);
    json_free(json);
    if (c) c->nresults = n;
    if (n < 1) fail(TN_VALUE, "%.80s: it gives no output shape", l->name);
    return failed() ? 1 : n;
}

void custom_shape(const Layer *l, const Shape *in, int nin, Shape *out) {
    const char *shapes = json_text(json_shapes(in, nin));
    int n = layer_results(l);
    if (failed() || !read_answer(l, hooks.shapes((Layer *)l, shapes), out, n)) return;
    for (int j = 0; j < n; j++) out[j].dtype = in[0].dtype;
}

int custom_known_results(const Layer *l) { return l->custom->nresults ? l->custom->nresults : 1; }

static int custom_states(const Layer *l, const Shape *in, Shape *out) {
    cJSON *json = json_read(l->name, hooks.states((Layer *)l));
    const cJSON *item;
    int n = cJSON_GetArraySize(json), i = 0;
    if (!failed() && (n < 1 || n > MOST_INSIDE))
        fail(TN_VALUE, "%.80s: stateSize must be a number or 1 to %d numbers", l->name,
             MOST_INSIDE);
    cJSON_ArrayForEach(item, json) {
        double size = cJSON_IsNumber(item) ? item->valuedouble : -1;
        if (!failed() && !(size >= 0 && size <= INT32_MAX))
            fail(TN_VALUE, "%.80s: stateSize must be whole numbers of at least 0", l->name);
        if (failed()) break;
        if (in)
            out[i++] = (Shape){.dtype = TN_FLOAT32, .rank = 2, .size = {in->size[0], (int)size}};
    }
    json_free(json);
    return failed() ? 0 : n;
}

static int cell_results(const Layer *l) { return 1 + custom_states(l, NULL, NULL); }

static void cell_shape(const Layer *l, const Shape *in, int nin, Shape *out) {
    int n = custom_states(l, in, out + 1);
    if (failed()) return;
    if (nin == 1 + n) out[0] = out[1];
    else fail(TN_VALUE, "%.80s: takes x and %d states, but got %d inputs", l->name, n, nin);
}

/* A list of borrowed tensors for a call; scratch_free it. */
static List *listed(Tensor **v, int n) {
    List *list = scratch(sizeof(List) + (size_t)n * sizeof(Tensor *));
    if (!list) return NULL;
    list->n = n;
    memcpy(list->v, v, (size_t)n * sizeof *v);
    return list;
}

static void unlist(List *list) {
    if (list) scratch_free(list, sizeof(List) + (size_t)list->n * sizeof(Tensor *));
}

static int how_called(const Layer *l, const Apply *a) {
    const bool applies = l->custom->overrides & ~a->beneath & 1 << TN_METHOD_APPLY;
    return (a->training ? LAYER_TRAINS : 0) | (l->around ? 0 : LAYER_LISTS) |
           (applies ? LAYER_APPLIES : 0);
}

Tensor *custom_call(Layer *l, Apply *a) {
    List *in = listed(a->in, a->nin), *masks = a->masks ? listed(a->masks, a->nin) : NULL;
    trace_break("a layer in JavaScript");
    const List *out = failed() ? NULL : hooks.call(l, in, masks, how_called(l, a));
    if (!failed() && a->open && out->n >= 2 && out->n <= a->nout + 1) a->nout = out->n - 1;
    if (!failed() && out->n != a->nout + 1)
        fail(TN_VALUE, "%.80s: call gave %d results, its output shapes are %d", l->name, out->n - 1,
             a->nout);
    for (int j = 0; j < a->nout && !failed(); j++) a->out[j] = out->v[j];
    if (!failed()) a->mask = out->v[a->nout];
    unlist(masks);
    unlist(in);
    return failed() ? nothing() : a->out[0];
}

Tensor *custom_loss(Layer *l) {
    trace_break("a loss in JavaScript");
    return hooks.loss(l);
}

void custom_before(Layer *l, const Apply *a) {
    List *list = listed(a->in, a->nin);
    trace_break("a hook in JavaScript");
    if (list) hooks.before(l, list, how_called(l, a));
    unlist(list);
}

void custom_weights(Layer *l) {
    const int now = layers_now.cuts + 1; /* one that was cut off has not come back */
    if (!l->custom->lists_weights || l->custom->asked == now || failed()) return;
    Custom *c = layer_custom(l);
    c->asked = now;
    hooks.weights(l);
    c->asked = 0;
}

void tn_layer_says_weights(Layer *l) {
    Custom *c = layer_custom(l);
    if (c) c->lists_weights = true;
}

Tensor *custom_constrain(Layer *l, Tensor *weight) { return hooks.constrain(l, weight); }

cJSON *custom_config(const Layer *l, bool pythonic) {
    cJSON *config = json_read(l->name, hooks.config((Layer *)l));
    if (!pythonic || failed()) return config;
    cJSON *spelled = json_pythonic(config);
    json_free(config);
    return spelled;
}

/* ---- making ---- */

static CustomClass *class_of(const char *name, bool cell) {
    for (CustomClass *c = classes; c; c = c->next)
        if (!strcmp(c->name, name) && c->of.is_cell == cell) return c;
    size_t bytes = strlen(name) + 1;
    CustomClass *c = mem_alloc(sizeof *c + bytes);
    if (!c) {
        fail(TN_MEMORY, "out of memory for a class of layers");
        return NULL;
    }
    *c = (CustomClass){.next = classes};
    memcpy(c->name, name, bytes);
    c->schema = (Schema){.name = c->name, .class_name = c->name, .bytes = 1};
    c->of = (LayerClass){.schema = &c->schema,
                         .build = custom_build,
                         .call = custom_call,
                         .shape = cell ? cell_shape : custom_shape,
                         .results = cell ? cell_results : custom_known_results,
                         .least_inputs = 1,
                         .states = cell ? custom_states : NULL,
                         .is_cell = cell,
                         .made = &c->made};
    return classes = c;
}

Layer *tn_layer_custom(const char *class_name, const char *config, bool cell) {
    CustomClass *c = failed() ? NULL : class_of(class_name, cell);
    cJSON *json = c ? json_read(class_name, config) : NULL;
    Layer *l = json ? layer_make(&c->of, json) : NULL;
    json_free(json);
    return l;
}

int custom_count(const char *class_name) {
    CustomClass *c = class_of(class_name, false);
    return c ? ++c->made : 0;
}

bool custom_is_known(const char *class_name) {
    return hooks.known && !failed() && hooks.known(class_name);
}

double custom_params(Layer *l) { return hooks.params(l); }

Layer *custom_from_json(const char *class_name, const cJSON *config) {
    if (!custom_is_known(class_name)) return NULL;
    cJSON *copy = config ? json_copy(config) : json_object();
    const char *text = json_text(copy);
    return failed() ? NULL : hooks.make(class_name, text);
}

/* weightSpec: A weight that a layer of a caller's class adds.
**   name : string                         in files layer/name
**   shape : shape                         of the weight
**   initializer : initializer = 'zeros'   makes its first value
**   regularizer : regularizer = null      penalty on it
**   constraint : constraint = null        of it
**   trainable : bool = true               whether training changes it
**   dtype : dtype = 'float32'             of the weight
**   constrained : bool = false            whether the caller has a constraint of it
*/
FIELDS(weightSpec, WeightSpec)

static bool is_new(const Layer *l, const char *name) {
    for (int i = 0; i < l->nweights; i++)
        if (!l->weights[i].lent && !strcmp(l->weights[i].name, name)) {
            fail(TN_VALUE, "Duplicate weight name %.80s for layer %.80s", name, l->name);
            return false;
        }
    return true;
}

Tensor *tn_layer_add_weight(Layer *l, const char *spec) {
    WeightSpecConfig k = {0};
    cJSON *json = json_read(l->name, spec), *full = json_object();
    Reader r = {l->name, json, full, &l->arena, l};
    int before = l->nweights;
    bool good = !failed() && config_read(&r, &weightSpec_schema, &k);
    if (good && is_new(l, k.name))
        add_weight_as(l,
                      (Weight){.name = k.name,
                               .trainable = k.trainable,
                               .regularizer = k.regularizer,
                               .constraint = k.constraint,
                               .constrained = k.constrained},
                      k.shape, k.initializer, k.dtype);
    json_free(json);
    json_free(full);
    return !failed() && l->nweights > before ? l->weights[before].value : NULL;
}

/* The weight that a layer has a variable as, NULL if none has it. */
static const Weight *weight_of(const Tensor *variable, Layer **owner) {
    for (Layer *l = newest_layer(); l; l = l->lifetime.older)
        for (int i = 0; i < l->nweights; i++) {
            const Weight *w = l->weights + i;
            if (w->value != variable || w->id != variable->id || w->lent) continue;
            *owner = l;
            return w;
        }
    return NULL;
}

void tn_weight_constrain(Tensor *variable) {
    Layer *owner = NULL;
    const Weight *w = weight_of(variable, &owner);
    if (!w || !w->constraint || failed()) return;
    Scope *s = tn_scope_begin();
    tn_tape_pause(true);
    tn_assign(variable, w->constraint->of->apply(w->constraint->config, variable));
    tn_tape_pause(false);
    tn_scope_end(s);
}

/* A weight that is the variable; the layer's own ones stay as they are. */
static Weight lend(Layer *l, Tensor *variable, const char *name, bool trainable) {
    Layer *owner = NULL;
    const Weight *known = weight_of(variable, &owner);
    if (owner == l) return *known;
    Weight w = {.value = variable,
                .id = variable->id,
                .name = arena_text(&l->arena, name),
                .trainable = trainable,
                .lent = true};
    if (known) {
        w.name = known->name;
        w.from = arena_text(&l->arena, owner->name);
        w.from_class = layer_class_name(owner);
        w.regularizer = known->regularizer;
        w.constraint = known->constraint;
    }
    return w;
}

void tn_layer_lend_weights(Layer *l, const List *variables, const char *names, bool trainable) {
    cJSON *strings = failed() ? NULL : json_read(l->name, names);
    Weight *all =
        strings ? arena_take(&l->arena, (size_t)(variables->n + l->nweights + 1) * sizeof *all)
                : NULL;
    int n = 0;
    for (int i = 0; all && i < l->nweights; i++)
        if (l->weights[i].trainable != trainable) all[n++] = l->weights[i];
    for (int i = 0; all && i < variables->n && !failed(); i++) {
        const cJSON *name = cJSON_GetArrayItem(strings, i);
        all[n++] = lend(l, variables->v[i], cJSON_IsString(name) ? name->valuestring : "weight",
                        trainable);
    }
    if (all && !failed()) {
        l->weights = all;
        l->nweights = n;
        weights_changed();
        layers_changed();
    }
    json_free(strings);
}

void tn_layer_as_cell(Layer *l) {
    if (failed() || !l->of->made || l->of->is_cell) return;
    const CustomClass *c = class_of(l->of->schema->class_name, true);
    if (c) layer_add_recurrence(l);
    if (c && !failed()) l->of = &c->of;
}

void tn_layer_watch(Layer *l, bool loss, bool before) {
    Custom *c = layer_custom(l);
    if (c) {
        c->has_loss = loss;
        c->has_before = before;
    }
    layers_changed();
}

void tn_layer_set_built(Layer *l, bool built) {
    l->built = built;
    layers_changed();
}
