/* Calls of attention layers in files: Keras names their inputs (value=..., key=...) and gives flags
** (use_causal_mask=True) with the call. Here inputs have an order, and flags are the layer's. */
#include "nn/model/keras3.h"

static bool attends(const cJSON *layer, bool *named) {
    const char *name = json_get_text(layer, "className");
    *named =
        name && (!strcmp(name, "MultiHeadAttention") || !strcmp(name, "GroupedQueryAttention"));
    return *named || (name && (!strcmp(name, "Attention") || !strcmp(name, "AdditiveAttention")));
}

static void take_flags(cJSON *layer, const cJSON *kwargs) {
    static const char *const flags[] = {"useCausalMask", "returnAttentionScores"};
    cJSON *config = (cJSON *)json_get(layer, "config");
    for (int i = 0; i < 2 && cJSON_IsObject(config) && !failed(); i++)
        if (cJSON_IsTrue(json_get(kwargs, flags[i])) && !json_get(config, flags[i]))
            json_put(config, flags[i], json_bool(true));
}

static void append_copy(cJSON *to, const cJSON *item) {
    if (item && !failed()) json_append(to, json_copy(item));
}

/* [query, value, key, attention_mask] as far as they are there; a mask comes fourth, so a key that
** is not given is the value. args: by position, NULL: all are named. */
static cJSON *in_order(const cJSON *query, const cJSON *args, const cJSON *kwargs) {
    static const char *const names[] = {"query",     "value",   "key",          "queryMask",
                                        "valueMask", "keyMask", "attentionMask"};
    const cJSON *inputs[7] = {query};
    for (int i = 0; i < 7; i++) {
        const cJSON *item = cJSON_GetArrayItem(args, i);
        if (!item || cJSON_IsNull(item)) item = json_get(kwargs, names[i]);
        if (item) inputs[i] = item;
    }
    cJSON *all = json_array();
    for (int i = 0; i < 2; i++) append_copy(all, inputs[i]);
    append_copy(all, inputs[2] ? inputs[2] : inputs[6] ? inputs[1] : NULL);
    append_copy(all, inputs[6]);
    return all;
}

/* A call the other way round; then floats are vectors in all of its calls, and whole numbers are
** not. */
static void take_reverse(cJSON *layer, const cJSON *kwargs) {
    cJSON *config = (cJSON *)json_get(layer, "config");
    if (cJSON_IsTrue(json_get(kwargs, "reverse")) && cJSON_IsObject(config) &&
        !json_get(config, "reverse"))
        json_put(config, "reverse", json_bool(true));
}

/* Keras 3: {"args": [...], "kwargs": {...}}. */
static void order_call(cJSON *layer, cJSON *node, bool named) {
    cJSON *kwargs = (cJSON *)json_get(node, "kwargs");
    cJSON *args = (cJSON *)json_get(node, "args");
    take_flags(layer, kwargs);
    if (!named || !args || failed()) return;
    cJSON *all = in_order(NULL, args, kwargs);
    if (kwargs) take_place(node, kwargs, json_object());
    take_place(node, args, all);
}

/* Keras 2: [[query, node, tensor, {"value": [value, node, tensor], ...}]]. */
static void order_node(cJSON *layer, cJSON *nodes, cJSON *node, bool named) {
    const cJSON *kwargs = NULL, *first = node->child, *input;
    cJSON_ArrayForEach(input, node) if (cJSON_GetArraySize(input) > 3) {
        kwargs = cJSON_GetArrayItem(input, 3);
        take_flags(layer, kwargs);
    }
    if (!named || failed() || cJSON_GetArraySize(node) != 1 || !json_get(kwargs, "value")) return;
    cJSON *all = in_order(first, NULL, kwargs);
    if (!failed()) cJSON_ReplaceItemViaPointer(nodes, node, all);
    else json_free(all);
}

void keras_calls(cJSON *layer) {
    bool named;
    cJSON *nodes = (cJSON *)json_get(layer, "inboundNodes");
    const char *class_name = json_get_text(layer, "className");
    bool reversible = class_name && !strcmp(class_name, "ReversibleEmbedding");
    if (!cJSON_IsArray(nodes) || !(attends(layer, &named) || reversible)) return;
    for (cJSON *node = nodes->child, *next; node && !failed(); node = next) {
        next = node->next;
        if (reversible) take_reverse(layer, json_get(node, "kwargs"));
        else if (cJSON_IsObject(node)) order_call(layer, node, named);
        else if (cJSON_IsArray(node)) order_node(layer, nodes, node, named);
    }
}
