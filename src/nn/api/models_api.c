/* Layers and models as C programs and JavaScript see them: models.h. */
#include "nn/core/custom.h"
#include "models.h"
#include "nn/core/model.h"
#include "nn/api/models_api.h"
#include "nn/model/summary.h"
#include "nn/model/model_weights.h"
#include "tensor/engine.h"

/* The tree of an argument that may be missing. */
static cJSON *read_argument(const char *who, const char *json) {
    return json && *json ? json_read(who, json) : NULL;
}

/* ---- layers ---- */

/* What a program makes by the name of the library's class is of that class; in what is inside, as
** in files, a class of the program's comes first. */
static Layer *make_layer(const cJSON *tree) {
    const char *name = json_get_text(tree, "className");
    const LayerClass *of = name ? layer_class_find(name) : NULL;
    return of ? layer_make(of, json_get(tree, "config")) : layer_from_json("layer", tree);
}

Layer *tn_layer(const char *json) {
    cJSON *tree = json_read("layer", json);
    bool before = layer_allow_handles(true);
    Layer *l = tree ? make_layer(tree) : NULL;
    layer_allow_handles(before);
    json_free(tree);
    if (l) l->refs.by_program = is_model(l);
    if (!l || !is_input_layer(l) || input_connect(l)) return l;
    layer_release(l);
    return NULL;
}

void tn_layer_retain(Layer *l) { layer_retain(l); }
void tn_layer_release(Layer *l) { layer_release(l); }

int results_of(const Layer *l, int beneath) {
    enum { MOST_RESULTS = 64 };
    if (failed() || (l->graph && !graph_of(l))) return 0;
    return is_called_outside(l, beneath) ? MOST_RESULTS : layer_results_own(l);
}

static Tensor *last_mask;

Tensor *tn_layer_last_mask(void) { return last_mask; }

/* An input layer that is applied to a tensor says whether it is what was declared. */
static void check_input(const Layer *l, const List *inputs) {
    const Ints *want = l->batch_shape;
    const Tensor *x = inputs->n == 1 ? inputs->v[0] : NULL;
    bool same = x && want && x->rank == want->n;
    for (int i = 0; same && i < want->n; i++) same = want->v[i] < 0 || want->v[i] == x->shape[i];
    if (same) return;
    Shape s = {.rank = want ? want->n : 0};
    if (want) memcpy(s.size, want->v, sizeof(int) * (size_t)want->n);
    fail(TN_SHAPE, "%.80s: the input must have shape %s, but %s%s", l->name, shape_string(&s),
         x ? "has " : "there is not one", x ? shape_text(x) : "");
}

const List *tn_layer_apply_beneath(Layer *l, const List *inputs, const List *masks, bool training,
                                   int methods) {
    if (masks && masks->n != inputs->n)
        fail(TN_VALUE, "%.80s: %d masks for %d inputs", l->name, masks->n, inputs->n);
    int n = results_of(l, methods);
    size_t bytes = (size_t)n * sizeof(Tensor *);
    Tensor **out = n ? scratch(bytes) : NULL;
    Apply a = {.in = (Tensor **)inputs->v,
               .out = out,
               .nin = inputs->n,
               .nout = n,
               .training = training,
               .masks = masks ? (Tensor **)masks->v : NULL,
               .open = is_called_outside(l, methods),
               .beneath = methods};
    if (is_input_layer(l) && !failed()) check_input(l, inputs);
    if (!l->graph && !l->nnodes) l->refs.by_program = true;
    if (out) layer_apply(l, &a);
    last_mask = failed() ? NULL : a.mask;
    List *list = make_list(failed() || !out ? 0 : a.nout);
    for (int i = 0; i < list->n; i++) list->v[i] = out[i];
    scratch_free(out, bytes);
    return list;
}

const List *tn_layer_apply_masked(Layer *l, const List *inputs, const List *masks, bool training) {
    return tn_layer_apply_beneath(l, inputs, masks, training, 0);
}

const List *tn_layer_apply(Layer *l, const List *inputs, bool training) {
    return tn_layer_apply_masked(l, inputs, NULL, training);
}

LayerKind tn_layer_kind(const Layer *l) {
    if (l->graph) return l->graph->sequential ? TN_SEQUENTIAL : TN_FUNCTIONAL;
    return l->of->is_cell ? TN_CELL : l->of->states ? TN_RECURRENT : TN_LAYER;
}

const char *tn_layer_class_name(const Layer *l) { return layer_class_name(l); }
const char *tn_layer_name(const Layer *l) { return l->name; }
bool tn_layer_is_built(const Layer *l) { return l->built; }
bool tn_layer_is_trainable(const Layer *l) { return l->trainable; }
bool tn_layer_is_disposed(const Layer *l) { return l->disposed; }
bool tn_layer_takes_masks(const Layer *l) { return accepts_masks(l); }
int tn_layer_node_count(const Layer *l) { return l->nnodes + own_nodes(l); }
int tn_layer_users(const Layer *l) { return layer_references(l); }

const char *tn_layer_config(const Layer *l, bool pythonic, bool whole) {
    if (failed()) return "";
    if (l->of->made && !whole) { /* what the library knows of it: the caller adds the rest */
        cJSON *base = json_copy(l->json);
        json_replace(base, "trainable", json_bool(l->trainable));
        return json_text(base);
    }
    return json_text(whole ? layer_to_json(l, pythonic) : layer_config_own(l, pythonic));
}

/* The shapes of a list, in an arena. */
static Shape *read_shapes(const Layer *l, const cJSON *json, Arena *arena) {
    int i = 0;
    const cJSON *item;
    Shape *in = arena_take(arena, (size_t)(cJSON_GetArraySize(json) + 1) * sizeof *in);
    cJSON_ArrayForEach(item, json) if (!failed() && !read_shape(item, in + i++))
        fail(TN_SHAPE, "%.80s: a shape must be a list of at most %d sizes", l->name, TN_MAX_RANK);
    return failed() ? NULL : in;
}

const char *tn_layer_shapes(Layer *l, const char *shapes) {
    Arena arena = {0};
    cJSON *json = json_read(l->name, shapes), *answer = NULL;
    Shape *in = failed() ? NULL : read_shapes(l, json, &arena);
    int nin = cJSON_GetArraySize(json), nout = 0;
    if (in) nout = l->of->made ? layer_count_results(l, in, nin) : layer_results_own(l);
    Shape *out = arena_take(&arena, (size_t)(nout + 1) * sizeof *out);
    if (!failed()) layer_shapes_own(l, in, nin, out);
    if (!failed()) answer = json_shapes(out, nout);
    arena_free(&arena);
    json_free(json);
    return json_text(answer);
}

void tn_layer_build(Layer *l, const char *shapes) {
    Arena arena = {0};
    cJSON *json = json_read(l->name, shapes);
    Shape *in = failed() ? NULL : read_shapes(l, json, &arena);
    if (in && !cJSON_GetArraySize(json)) fail(TN_VALUE, "%.80s: build needs a shape", l->name);
    if (!failed()) layer_build_by(l, in, cJSON_GetArraySize(json), subclass_build);
    arena_free(&arena);
    json_free(json);
}

/* A variable's own flag is what tf.train looks at. */
static void flag_weights(Layer *l, bool trainable) {
    l->frozen = !trainable;
    int n;
    Layer **inside = layers_inside(l, &n);
    for (int i = 0; i < l->nweights; i++)
        if (l->weights[i].trainable && l->weights[i].value->id == l->weights[i].id)
            l->weights[i].value->trainable = trainable;
    for (int i = 0; i < n; i++) flag_weights(inside[i], trainable && inside[i]->trainable);
}

void tn_layer_set_trainable(Layer *l, bool trainable) {
    l->trainable = trainable;
    layers_changed();
    flag_weights(l, trainable);
}

void tn_layer_reset_states(Layer *l) { layer_reset_states(l); }

void tn_layer_set_initial(Layer *l, const List *values) {
    if (failed()) return;
    if (l->built) {
        weights_set(l, values);
        return;
    }
    layer_drop_initial(l);
    if (!values->n) return;
    List *list = arena_take(&l->arena, sizeof *list + (size_t)values->n * sizeof *list->v);
    l->initial = list;
    for (int i = 0; i < values->n && !failed(); i++) {
        Tensor *copy = tensor_alias(values->v[i]);
        if (!failed()) list->v[list->n++] = tn_keep(copy);
    }
}

/* ---- weights ---- */

const List *tn_layer_weights(Layer *l, WhichWeights which) {
    Walk w = weights_of(l, which);
    List *list = make_list(failed() ? 0 : w.n);
    for (int i = 0; i < list->n; i++) list->v[i] = w.v[i]->value;
    arena_free(&w.arena);
    return list;
}

const char *tn_layer_weight_names(Layer *l, WhichWeights which) {
    Walk w = weights_of(l, which);
    const char **unique = failed() ? NULL : weights_names(&w, &w.arena);
    cJSON *names = json_array();
    for (int i = 0; unique && i < w.n && !failed(); i++) json_append(names, json_string(unique[i]));
    arena_free(&w.arena);
    return json_text(names);
}

void tn_layer_set_weights(Layer *l, const List *values) { weights_set(l, values); }

void tn_layer_load_weights(Layer *l, const char *names, const List *values, bool strict) {
    cJSON *tree = json_read(l->name, names);
    if (tree) weights_load(l, tree, values, strict);
    json_free(tree);
}

int tn_layer_dispose(Layer *l) { return layer_dispose(l); }

/* The layer that was made first; `lifetime.newer` leads to the one after it. */
static Layer *oldest(void) {
    Layer *l = newest_layer();
    while (l && l->lifetime.older) l = l->lifetime.older;
    return l;
}

/* Not disposed, and no other layer's. */
static bool is_there(const Weight *w) { return !w->lent && w->value->id == w->id; }

const List *tn_all_weights(void) {
    int n = 0, i = 0;
    for (Layer *l = newest_layer(); l; l = l->lifetime.older) n += l->nweights;
    List *list = make_list(n);
    for (Layer *l = oldest(); l && list->n; l = l->lifetime.newer)
        for (int k = 0; k < l->nweights; k++)
            if (is_there(l->weights + k)) list->v[i++] = l->weights[k].value;
    list->n = i;
    return list;
}

const char *tn_all_weight_names(void) {
    char name[300];
    cJSON *names = json_array();
    for (Layer *l = oldest(); l; l = l->lifetime.newer)
        for (int k = 0; k < l->nweights; k++) {
            snprintf(name, sizeof name, "%.200s/%.80s", l->name, l->weights[k].name);
            if (is_there(l->weights + k)) json_append(names, json_string(name));
        }
    return json_text(names);
}

/* ---- models ---- */

bool want_model(const char *who, const Layer *l) {
    if (!is_model(l)) fail(TN_VALUE, "%s: layer %.80s is not a model", who, l->name);
    return !failed();
}

static bool want_sequential(const char *who, const Layer *l) {
    if (!is_sequential(l)) fail(TN_VALUE, "%s: %.80s is not a sequential model", who, l->name);
    return !failed();
}

/* A model that a program makes has a reference of the program. */
static Layer *made(Layer *model) {
    if (model) model->refs.by_program = true;
    return model;
}

void tn_model_take(Layer *model) {
    if (is_model(model) && !model->disposed) model->refs.by_program = true;
}

Layer *tn_sequential(const char *name) {
    return made(sequential_make(name && *name ? name : NULL));
}

void tn_sequential_add(Layer *model, Layer *l) {
    if (want_sequential("add", model)) sequential_add(model, l);
}

void tn_sequential_pop(Layer *model) {
    if (want_sequential("pop", model)) sequential_pop(model);
}

Layer *tn_model(const char *name, const Symbols *inputs, const Symbols *outputs) {
    return made(model_make(name && *name ? name : NULL, (Symbol **)inputs->v, inputs->n,
                           (Symbol **)outputs->v, outputs->n));
}

Layer *tn_model_load(const char *json) { return tn_model_load_for(json, -1); }

Layer *tn_model_load_for(const char *json, double numbers) {
    cJSON *tree = json_read("model", json);
    keras3_rewrite(tree);
    const cJSON *inside = failed() ? NULL : json_get(tree, "modelConfig");
    double before = weights_expect(numbers);
    bool begun = tree && !failed() && shared_read_begin();
    Layer *model = begun ? layer_from_json("model", inside ? inside : tree) : NULL;
    if (begun) shared_read_end();
    weights_expect(before);
    json_free(tree);
    if (!model || is_model(model)) return made(model);
    fail(TN_FILE, "model: the topology is that of a layer, %.80s", model->of->schema->class_name);
    layer_release(model);
    return NULL;
}

const char *tn_model_topology(const Layer *model) {
    if (!want_model("topology", model) || !graph_of(model)) return "";
    shared_begin((Layer *)model);
    cJSON *tree = layer_to_json(model, true);
    shared_end();
    json_put(tree, "keras_version", json_string("tensorine"));
    json_put(tree, "backend", json_string("tensorine"));
    return json_text(tree);
}

const Layers *tn_model_layers(const Layer *model) {
    int n;
    if (!want_model("layers", model)) return (const Layers *)pointers(0);
    Layer **layers = model_layers(model, &n);
    Pointers *list = pointers(n);
    for (int i = 0; i < list->n; i++) list->v[i] = layers[i];
    return (const Layers *)list;
}

const char *tn_model_summary(Layer *model, int width, const char *positions) {
    double ends[8];
    int n = 0;
    Arena arena = {0};
    cJSON *json = read_argument("summary", positions);
    const cJSON *item;
    cJSON_ArrayForEach(item, json) if (n < 8) ends[n++] =
        cJSON_IsNumber(item) ? item->valuedouble : 0;
    const char *text =
        want_model("summary", model) ? model_summary(model, width, ends, n, &arena) : "";
    cJSON *answer = json_string(text);
    arena_free(&arena);
    json_free(json);
    return json_text(answer);
}
