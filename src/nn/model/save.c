/* Configs and topologies as JSON: camelCase for getConfig(), Keras's spelling for files. */
#include "nn/core/custom.h"
#include "nn/core/model.h"

static const char *spelled(const char *name, bool pythonic) {
    static char snake[4][40];
    static int next;
    if (!pythonic) return name;
    char *to = snake[next++ & 3];
    snake_case(name, to, sizeof snake[0]);
    return to;
}

static cJSON *instance(const char *class_name, cJSON *config, bool pythonic) {
    cJSON *object = json_object();
    json_put(object, spelled("className", pythonic), json_string(class_name));
    json_put(object, "config", config);
    return object;
}

static cJSON *layers_to_json(const Layers *layers, bool pythonic) {
    cJSON *all = json_array();
    for (int i = 0; i < layers->n && !failed(); i++)
        json_append(all, layer_to_json(layers->v[i], pythonic));
    return all;
}

/* True for strings of the caller's: another spelling would be another text, or another class. */
static bool as_given(const Layer *l, const Field *f, const void *at) {
    if (f->kind != FIELD_ACTIVATION) return f->kind == FIELD_VALUES || f->kind == FIELD_STRING;
    const Activation *a = *(const Activation *const *)at;
    return a && a->own && cJSON_IsString(cJSON_GetObjectItemCaseSensitive(l->json, f->name));
}

/* Nulls of defaults are left out of files, but for those of regularizers and constraints, which all
** files of Keras and TensorFlow.js have. */
static bool is_left_out(const cJSON *config, const Field *f, const char *name) {
    const bool none = f->initial && !strcmp(f->initial, "null") && !f->nullable &&
                      f->kind != FIELD_REGULARIZER && f->kind != FIELD_CONSTRAINT;
    return none && cJSON_IsNull(cJSON_GetObjectItemCaseSensitive(config, name));
}

/* Nulls aside, inner layers have their own names, and strings of the caller's stay as they are. */
static void write_field(const Layer *l, const Field *f, cJSON *config, bool pythonic) {
    const void *at = (const char *)l->config + f->offset;
    char name[40]; /* a copy: inner layers use the buffer of spelled() too */
    snprintf(name, sizeof name, "%s", spelled(f->name, pythonic));
    if (pythonic && is_left_out(config, f, name))
        cJSON_DeleteItemFromObjectCaseSensitive(config, name);
    else if (f->kind == FIELD_LAYER)
        json_replace(config, name, layer_to_json(*(Layer *const *)at, pythonic));
    else if (f->kind == FIELD_LAYERS)
        json_replace(config, name, layers_to_json(*(const Layers *const *)at, pythonic));
    else if (pythonic && as_given(l, f, at)) /* no names of this library */
        json_replace(config, name, json_copy(cJSON_GetObjectItemCaseSensitive(l->json, f->name)));
}

cJSON *layer_config(const Layer *l, bool pythonic) {
    bool asks = l->of->made || has_method(l, TN_METHOD_GET_CONFIG);
    return asks ? custom_config(l, pythonic) : layer_config_own(l, pythonic);
}

cJSON *layer_config_own(const Layer *l, bool pythonic) {
    if (is_model(l)) return model_config(l, pythonic);
    cJSON *config = pythonic ? json_pythonic(l->json) : json_copy(l->json);
    if (failed()) return config;
    if (cJSON_HasObjectItem(config, "trainable"))
        json_replace(config, "trainable", json_bool(l->trainable));
    const Schema *schema = l->of->schema;
    for (int i = 0; i < schema->count && !failed(); i++)
        write_field(l, schema->fields + i, config, pythonic);
    return config;
}

cJSON *layer_to_json(const Layer *l, bool pythonic) {
    cJSON *json = instance(layer_class_name(l), layer_config(l, pythonic), pythonic);
    shared_put(l, json);
    return json;
}

/* ---- models ---- */

static cJSON *sequential_config(const Layer *model, bool pythonic) {
    cJSON *config = json_object(), *layers = json_array();
    json_put(config, "name", json_string(model->name));
    for (int i = 0; i < model->graph->nstack && !failed(); i++)
        json_append(layers, layer_to_json(model->graph->stack[i], pythonic));
    json_put(config, "layers", layers);
    return config;
}

/* Numbers each layer's nodes among those that are in the model, in node->cursor. As Keras has it, a
** model's own node, from its inputs to its outputs, is number 0, and its calls count from 1. */
static int number_nodes(const Graph *g) {
    int mark = graph_mark();
    for (int i = 0; i < g->ncalls; i++) g->calls[i].node->mark = mark;
    for (int i = 0; i < g->nin; i++) g->inputs[i]->node->mark = mark;
    for (int i = 0; i < g->nlayers; i++) {
        int kept = is_model(g->layers[i]) ? 1 : 0;
        for (Node *node = g->layers[i]->nodes; node; node = node->next)
            if (node->mark == mark) node->cursor = kept++;
    }
    return mark;
}

static cJSON *ref(const Symbol *s) {
    cJSON *array = json_array();
    json_append(array, json_string(s->node->layer->name));
    json_append(array, json_number(s->node->cursor));
    json_append(array, json_number(s->index));
    return array;
}

static cJSON *refs(Symbol **symbols, int n) {
    cJSON *array = json_array();
    for (int i = 0; i < n && !failed(); i++) json_append(array, ref(symbols[i]));
    return array;
}

static cJSON *inbound(const Layer *l, int mark) {
    cJSON *nodes = json_array();
    for (const Node *node = l->nodes; node && !failed(); node = node->next) {
        if (node->mark != mark || !node->nin) continue;
        cJSON *inputs = json_array();
        for (int i = 0; i < node->nin && !failed(); i++) {
            cJSON *input = ref(node->in[i]);
            json_append(input, json_object()); /* no arguments beyond the tensors */
            json_append(inputs, input);
        }
        json_append(nodes, inputs);
    }
    return nodes;
}

static cJSON *functional_config(const Layer *model, bool pythonic) {
    const Graph *g = model->graph;
    cJSON *config = json_object(), *layers = json_array();
    int mark = number_nodes(g);
    json_put(config, "name", json_string(model->name));
    for (int i = 0; i < g->nlayers && !failed(); i++) {
        const Layer *l = g->layers[i];
        cJSON *item = json_object();
        json_put(item, "name", json_string(l->name));
        json_put(item, spelled("className", pythonic), json_string(layer_class_name(l)));
        json_put(item, spelled("inboundNodes", pythonic), inbound(l, mark));
        shared_put(l, item);
        json_append(layers, item);
    }
    json_put(config, spelled("inputLayers", pythonic), refs(g->inputs, g->nin));
    json_put(config, spelled("outputLayers", pythonic), refs(g->outputs, g->nout));
    cJSON *item = layers ? layers->child : NULL; /* now models inside may number nodes anew */
    for (int i = 0; item && i < g->nlayers && !failed(); i++, item = item->next)
        json_put(item, "config", layer_config(g->layers[i], pythonic));
    json_put(config, "layers", layers);
    return config;
}

cJSON *model_config(const Layer *model, bool pythonic) {
    return is_sequential(model) ? sequential_config(model, pythonic)
                                : functional_config(model, pythonic);
}
