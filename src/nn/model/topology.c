/* Models from their topologies: Keras's and the peer's JSON, in either spelling, sequential as an
** array or {layers}, functional with inbound nodes, nested. Nothing in a file is trusted. */
#include "nn/core/custom.h"
#include "nn/core/model.h"

/* ---- one layer, or model ---- */

static Layer *new_layer(const char *who, const char *name, const cJSON *config) {
    Layer *custom = custom_from_json(name, config);
    if (custom || failed()) return custom;
    if (!strcmp(name, "Sequential")) return sequential_from_json(config);
    if (!strcmp(name, "Model") || !strcmp(name, "Functional")) return functional_from_json(config);
    const LayerClass *of = layer_class_find(name);
    if (of) return layer_make(of, config);
    fail(TN_FILE, "%.80s: layer class '%.80s' is not known", who, name);
    return NULL;
}

Layer *layer_from_json(const char *who, const cJSON *json) {
    const char *name = json_get_text(json, "className");
    Layer *l = failed() ? NULL : shared_find(json);
    if (l || failed()) return l;
    if (name) l = new_layer(who, name, json_get(json, "config"));
    else if (json_get(json, "node"))
        fail(TN_FILE, "%.80s: this is a graph model, which is loaded by tf.loadGraphModel", who);
    else fail(TN_FILE, "%.80s: a layer has no class_name", who);
    if (l) shared_note(json, l);
    return l;
}

/* ---- sequential ---- */

/* An input layer for a model whose file tells the input's shape beside the layers. */
static void add_built_shape(Layer *model, const cJSON *config) {
    const cJSON *sizes = json_get(config, "buildInputShape"), *item;
    Shape s = {.dtype = TN_FLOAT32};
    cJSON_ArrayForEach(item, sizes) {
        if (s.rank == TN_MAX_RANK) return;
        double size = cJSON_IsNumber(item) ? item->valuedouble : -1;
        s.size[s.rank++] = size >= 0 && size <= INT32_MAX ? (int)size : -1;
    }
    if (!s.rank) return;
    Layer *input = input_make(NULL, &s);
    if (input) sequential_add(model, input);
    layer_release(input);
}

Layer *sequential_from_json(const cJSON *config) {
    const cJSON *layers = cJSON_IsArray(config) ? config : json_get(config, "layers"), *item;
    Layer *model = sequential_make(json_get_text(config, "name"));
    if (!model) return NULL;
    if (!cJSON_IsArray(layers)) fail(TN_FILE, "%.80s: it has no list of layers", model->name);
    cJSON_ArrayForEach(item, layers) {
        Layer *l = layer_from_json(model->name, item);
        if (l && !model->graph->nstack && !l->batch_shape && !is_model(l))
            add_built_shape(model, config);
        if (l) sequential_add(model, l);
        layer_release(l);
        if (failed()) break;
    }
    if (cJSON_IsFalse(json_get(config, "trainable"))) tn_layer_set_trainable(model, false);
    if (!failed()) return model;
    layer_release(model);
    return NULL;
}

/* ---- functional ---- */

/* A layer of the file while its nodes are being connected. */
typedef struct Entry {
    Layer *layer;
    const char *name;   /* that references say, mostly the layer's */
    int first;          /* what is taken off a node's number in the file */
    const cJSON *node;  /* next to connect, an array of inputs */
    const cJSON *input; /* next of its inputs to look at */
    int inputs;         /* of that node, found so far */
} Entry;

typedef struct Loading {
    const char *who;
    Entry *entries;
    Entry **by_name; /* sorted */
    int n;
    Arena arena;
} Loading;

static int by_name(const void *a, const void *b) {
    return strcmp((*(Entry *const *)a)->name, (*(Entry *const *)b)->name);
}

static Entry *find(const Loading *f, const char *name) {
    int low = 0, high = f->n;
    while (low < high) {
        int middle = (low + high) / 2, order = strcmp(name, f->by_name[middle]->name);
        if (!order) return f->by_name[middle];
        if (order < 0) high = middle;
        else low = middle + 1;
    }
    for (int i = 0; i < f->n; i++) /* not found: perhaps its config says another name */
        if (!strcmp(name, f->entries[i].layer->name)) return f->entries + i;
    return NULL;
}

/* A reference [layer, node, result]. */
typedef struct Ref {
    Entry *entry;
    int node, result;
} Ref;

static bool count_at(const cJSON *item, int *to) {
    bool good = cJSON_IsNumber(item) && item->valuedouble >= 0 && item->valuedouble < 1e6;
    if (good) *to = (int)item->valuedouble;
    return good;
}

static bool read_ref(const Loading *f, const cJSON *item, Ref *to) {
    const cJSON *name = cJSON_IsArray(item) ? item->child : NULL;
    const cJSON *node = name ? name->next : NULL, *result = node ? node->next : NULL;
    if (!cJSON_IsString(name) || !count_at(node, &to->node) || !count_at(result, &to->result)) {
        fail(TN_FILE, "%.80s: a reference to a layer is not [name, node, tensor]", f->who);
        return false;
    }
    to->entry = find(f, name->valuestring);
    if (!to->entry) fail(TN_FILE, "%.80s: there is no layer '%.80s'", f->who, name->valuestring);
    else to->node -= to->entry->first;
    return to->entry != NULL;
}

/* The symbol of a reference, NULL while its node is not connected. */
static Symbol *symbol_of(const Loading *f, const Ref *ref) {
    Node *node = ref->entry->layer->nodes;
    for (int i = 0; node && i < ref->node; i++) node = node->next;
    if (!node) return NULL;
    if (ref->result < node->nout) return node->out[ref->result];
    fail(TN_FILE, "%.80s: layer %.80s has %d results, tensor %d is asked for", f->who,
         ref->entry->layer->name, node->nout, ref->result);
    return NULL;
}

static void connect(const Loading *f, Entry *e) {
    int n = cJSON_GetArraySize(e->node), i = 0;
    Arena arena = {0};
    Symbol **in = arena_take(&arena, (size_t)(n ? n : 1) * sizeof *in);
    const cJSON *item;
    if (!n) fail(TN_FILE, "%.80s: layer %.80s has a node without inputs", f->who, e->layer->name);
    cJSON_ArrayForEach(item, e->node) {
        Ref ref;
        if (failed() || !read_ref(f, item, &ref)) break;
        in[i++] = symbol_of(f, &ref);
    }
    if (!failed()) layer_connect(e->layer, in, n);
    arena_free(&arena);
    e->node = e->node->next;
    e->input = NULL;
    e->inputs = 0;
}

/* The first layer that the next node of e still waits for, NULL if none: then it is connected. */
static Entry *next_missing(const Loading *f, Entry *e, int *nodes) {
    if (!e->input && !e->inputs) e->input = e->node->child;
    for (; e->input && !failed(); e->input = e->input->next, e->inputs++) {
        Ref ref;
        if (!read_ref(f, e->input, &ref)) return NULL;
        if (ref.node < ref.entry->layer->nnodes) continue;
        *nodes = ref.node + 1;
        return ref.entry;
    }
    if (!failed()) connect(f, e);
    return NULL;
}

typedef struct Wish {
    Entry *entry;
    int nodes; /* wanted */
} Wish;

/* Connects layers until `root` has all its nodes: what it waits for comes first. A wish waits on a
** stack; more wishes than there are nodes mean that layers wait for each other. */
static void resolve(const Loading *f, Entry *root, Wish *stack, int capacity) {
    int n = 0;
    stack[n++] = (Wish){root, INT32_MAX};
    while (n && !failed()) {
        Wish *top = &stack[n - 1];
        Wish next = {0};
        bool last = !top->entry->node;
        if (top->entry->layer->nnodes >= top->nodes || (last && top->nodes == INT32_MAX)) {
            n--;
        } else if (last) {
            fail(TN_FILE, "%.80s: layer %.80s has %d nodes, node %d is asked for", f->who,
                 top->entry->layer->name, top->entry->layer->nnodes,
                 top->nodes - 1 + top->entry->first);
        } else if ((next.entry = next_missing(f, top->entry, &next.nodes))) {
            if (n < capacity) stack[n++] = next;
            else fail(TN_FILE, "%.80s: its layers depend on each other in a circle", f->who);
        }
    }
}

static bool check_nodes(const Loading *f, const cJSON *nodes, const Layer *l, int *count) {
    const cJSON *node;
    if (nodes && !cJSON_IsArray(nodes)) fail(TN_FILE, "%.80s: inbound_nodes is no array", f->who);
    cJSON_ArrayForEach(node, nodes) {
        if (!cJSON_IsArray(node))
            fail(TN_FILE, "%.80s: a node of layer %.80s is no array of inputs", f->who, l->name);
        ++*count;
    }
    return !failed();
}

static void read_layers(Loading *f, const cJSON *layers, int *nodes) {
    const cJSON *item;
    cJSON_ArrayForEach(item, layers) {
        Entry *e = f->entries + f->n;
        e->layer = layer_from_json(f->who, item);
        if (!e->layer) return;
        const char *name = json_get_text(item, "name");
        e->name = name ? name : e->layer->name;
        if (name && !json_get(json_get(item, "config"), "name")) tn_layer_set_name(e->layer, name);
        e->first = (is_model(e->layer) ? 1 : 0) - e->layer->nnodes; /* a shared one has some */
        f->by_name[f->n++] = e;
        const cJSON *inbound = json_get(item, "inboundNodes");
        if (!check_nodes(f, inbound, e->layer, nodes)) return;
        e->node = inbound ? inbound->child : NULL;
        bool input = !strcmp(e->layer->of->schema->class_name, "InputLayer");
        if (input && !e->node && !input_connect(e->layer)) return;
    }
    qsort(f->by_name, (size_t)f->n, sizeof *f->by_name, by_name);
    for (int i = 1; i < f->n && !failed(); i++)
        if (!by_name(f->by_name + i - 1, f->by_name + i))
            fail(TN_FILE, "%.80s: two layers are named '%.80s'", f->who, f->by_name[i]->name);
}

/* ---- numbers of nodes ---- */

/* A model's own node, from its inputs to its outputs, is number 0 in files of Keras 2 and
** TensorFlow.js, and its calls count from 1. Keras 3 counts the calls of sequential models from 0,
** as Tensorine once did those of all models. All nodes in a file are named somewhere, so where
** number 0 of a model is, its calls count from 0. */
static void look_at_refs(const Loading *f, const cJSON *refs) {
    const cJSON *item;
    cJSON_ArrayForEach(item, refs) {
        const cJSON *name = cJSON_IsArray(item) ? item->child : NULL;
        int number;
        if (!cJSON_IsString(name) || !count_at(name->next, &number) || number) continue;
        Entry *e = find(f, name->valuestring);
        if (e && is_model(e->layer)) e->first = -e->layer->nnodes;
    }
}

static void number_models(const Loading *f, const cJSON *config) {
    const cJSON *outputs = json_get(config, "outputLayers");
    const cJSON single = {.type = cJSON_Array, .child = (cJSON *)outputs};
    for (int i = 0; i < f->n; i++)
        for (const cJSON *node = f->entries[i].node; node; node = node->next) look_at_refs(f, node);
    bool one = cJSON_IsArray(outputs) && cJSON_IsString(outputs->child);
    look_at_refs(f, one ? &single : outputs);
}

static void connect_layers(Loading *f, int nodes) {
    Wish *stack = arena_take(&f->arena, ((size_t)nodes + 2) * sizeof *stack);
    for (int i = 0; i < f->n && !failed(); i++) resolve(f, f->entries + i, stack, nodes + 2);
}

/* [[name, node, tensor], ...], or one of them, as symbols. */
static Symbol **read_symbols(Loading *f, const cJSON *config, const char *name, int *n) {
    const cJSON *refs = json_get(config, name), *item;
    if (failed()) return NULL;
    bool single = cJSON_IsArray(refs) && cJSON_IsString(refs->child);
    int count = single ? 1 : cJSON_GetArraySize(refs);
    Symbol **symbols = arena_take(&f->arena, (size_t)(count ? count : 1) * sizeof *symbols);
    *n = 0;
    for (item = single ? refs : refs ? refs->child : NULL; item && *n < count; item = item->next) {
        Ref ref;
        if (failed() || !read_ref(f, item, &ref)) return NULL;
        Symbol *s = symbol_of(f, &ref);
        if (!s) fail(TN_FILE, "%.80s: %s names a node that is not there", f->who, name);
        symbols[(*n)++] = s;
    }
    return symbols;
}

Layer *functional_from_json(const cJSON *config) {
    const cJSON *layers = json_get(config, "layers");
    const char *name = json_get_text(config, "name");
    Loading f = {.who = name ? name : "model"};
    int n = cJSON_GetArraySize(layers), nodes = 0, nin, nout;
    Layer *model = NULL;
    if (!n) fail(TN_FILE, "%.80s: it has no layers", f.who);
    f.entries = arena_take(&f.arena, (size_t)n * sizeof *f.entries);
    f.by_name = arena_take(&f.arena, (size_t)n * sizeof *f.by_name);
    if (!failed()) read_layers(&f, layers, &nodes);
    if (!failed()) number_models(&f, config);
    if (!failed()) connect_layers(&f, nodes);
    Symbol **inputs = read_symbols(&f, config, "inputLayers", &nin);
    Symbol **outputs = read_symbols(&f, config, "outputLayers", &nout);
    if (!failed()) model = model_make(name, inputs, nin, outputs, nout);
    if (model && cJSON_IsFalse(json_get(config, "trainable"))) tn_layer_set_trainable(model, false);
    for (int i = 0; i < f.n; i++) layer_release(f.entries[i].layer);
    arena_free(&f.arena);
    return model;
}
