/* Topologies as Keras 3 writes them, brought into the form of Keras 2: nodes as lists of references
** in place of calls with tensors in them, dtypes as names, batch_input_shape. Nothing is trusted:
** what does not fit is left as it is, and fails where it is read. What says something that the
** layers here cannot do is refused (keras3_fields.c). */
#include "nn/model/keras3.h"

KerasVersion of_keras;

/* Names are exchanged, not copied: no memory is needed, so it cannot fail. */
void take_place(cJSON *object, cJSON *member, cJSON *value) {
    if (!value) return;
    char *name = value->string;
    const int differ = (value->type ^ member->type) & cJSON_StringIsConst;
    value->string = member->string;
    member->string = name;
    value->type ^= differ;
    member->type ^= differ;
    cJSON_ReplaceItemViaPointer(object, member, value);
}

/* ---- nodes ---- */

const char *without_module(const char *name) {
    const char *end = name;
    for (const char *p = name; *p; p++)
        if (*p == '>' || *p == '.') end = p + 1;
    return end;
}

static bool is_of(const cJSON *value, const char *class_name) {
    const char *name = json_get_text(value, "className");
    return name && !strcmp(without_module(name), class_name);
}

/* Adds [name, node, tensor, {}] for each symbolic tensor in a call's arguments, in their order. */
static void collect(const cJSON *value, cJSON *to) {
    const cJSON *item;
    if (is_of(value, "__keras_tensor__")) {
        cJSON *ref = json_copy(json_get(json_get(value, "config"), "kerasHistory"));
        json_append(ref, json_object());
        json_append(to, ref);
        return;
    }
    cJSON_ArrayForEach(item, value) if (!failed() && !(item->string && names_mask(item->string)))
        collect(item, to);
}

static void rewrite_nodes(cJSON *nodes) {
    for (cJSON *node = nodes->child, *next; node && !failed(); node = next) {
        next = node->next;
        if (!cJSON_IsObject(node)) continue;
        cJSON *inputs = json_array();
        collect(json_get(node, "args"), inputs);
        collect(json_get(node, "kwargs"), inputs);
        if (!failed()) cJSON_ReplaceItemViaPointer(nodes, node, inputs);
        else json_free(inputs);
    }
}

/* ---- functions as layers: x + y, keras.ops.mean(x) ---- */

/* True if each call takes two symbolic tensors and nothing else: then it is what the layer does. */
static bool takes_two_tensors(const cJSON *layer) {
    const cJSON *nodes = json_get(layer, "inboundNodes"), *node;
    cJSON_ArrayForEach(node, nodes) {
        const cJSON *args = json_get(node, "args");
        if (cJSON_GetArraySize(args) != 2 || !is_of(args->child, "__keras_tensor__") ||
            !is_of(args->child->next, "__keras_tensor__"))
            return false;
    }
    return nodes != NULL;
}

bool is_function(const cJSON *layer) {
    const char *module = json_get_text(layer, "module");
    return module && (!strncmp(module, "keras.src.ops", 13) || !strncmp(module, "keras.ops", 9));
}

/* A function is named with its module, so it is not taken for a layer of the same name. */
static void rename_function(cJSON *layer) {
    static const char *const as_layers[] = {"Add", "Multiply", "Maximum", "Minimum"};
    const char *module = json_get_text(layer, "module"), *name = json_get_text(layer, "className");
    char full[200];
    if (!name || !is_function(layer)) return;
    for (size_t i = 0; i < sizeof as_layers / sizeof *as_layers; i++)
        if (!strcmp(name, as_layers[i]) && takes_two_tensors(layer)) return;
    snprintf(full, sizeof full, "%.90s.%.90s", module, name);
    json_replace(layer, "class_name", json_string(full));
}

/* ---- dtypes and values ---- */

/* The name of the dtype that a policy, or its name, computes in here: float32 or int32 for those
** that differ in width alone, NULL where it is no dtype or stays. */
static const char *dtype_here(const char *name) {
    static const char *const floats[] = {"float16", "bfloat16", "float64", "mixed_float16",
                                         "mixed_bfloat16"};
    static const char *const ints[] = {"int8",   "int16",  "int64", "uint8",
                                       "uint16", "uint32", "uint64"};
    for (size_t i = 0; i < sizeof floats / sizeof *floats; i++)
        if (!strcmp(name, floats[i])) return "float32";
    for (size_t i = 0; i < sizeof ints / sizeof *ints; i++)
        if (!strcmp(name, ints[i])) return "int32";
    return NULL;
}

/* The name in {"class_name": "DTypePolicy", "config": {"name": "float32"}}, else NULL. */
static const char *policy_name(const cJSON *value) {
    const cJSON *config = json_get(value, "config");
    if (is_of(value, "DTypePolicy") || is_of(value, "FloatDTypePolicy") || is_of(value, "Policy") ||
        is_of(value, "PolicyV1"))
        return json_get_text(config, "name");
    if (is_of(value, "DTypePolicyMap")) {
        const char *name = policy_name(json_get(config, "defaultPolicy"));
        return name ? name : json_get_text(config, "defaultPolicy");
    }
    if (is_of(value, "QuantizedDTypePolicy") || is_of(value, "QuantizedFloat8DTypePolicy"))
        fail(TN_FILE, "model: a layer is quantized: its dtype is of class %.40s",
             json_get_text(value, "className"));
    return NULL;
}

/* What stands for an item here: a dtype's name, the value of a constant; NULL: the item itself. */
static cJSON *plain_value(const cJSON *item) {
    if (!cJSON_IsString(item) && !(cJSON_IsObject(item) && json_get_text(item, "className")))
        return NULL; /* as nearly all are */
    const char *name = policy_name(item);
    bool dtype = name || (item->string && same_name(item->string, "dtype") && cJSON_IsString(item));
    if (dtype && !name) name = item->valuestring;
    if (dtype) {
        const char *here = dtype_here(name);
        return json_string(here ? here : name); /* a copy: the text goes with the item */
    }
    if (is_of(item, "__numpy__") || is_of(item, "__tensor__"))
        return json_copy(json_get(json_get(item, "config"), "value"));
    if (is_of(item, "__tuple__") || is_of(item, "TensorShape"))
        return json_copy(json_get(item, "items"));
    return NULL;
}

static void rewrite(cJSON *tree) {
    bool object = cJSON_IsObject(tree);
    if (object && !failed()) {
        rename_function(tree);
        keras3_fields(tree);
        keras_calls(tree);
        keras_masks(tree);
    }
    for (cJSON *item = tree ? tree->child : NULL, *next; item && !failed(); item = next) {
        cJSON *plain = plain_value(item);
        next = item->next;
        if (plain) {
            take_place(tree, item, plain);
            item = plain;
        }
        if (object && !strcmp(item->string, "batch_shape") && !json_get(tree, "batchInputShape"))
            json_put(tree, "batch_input_shape", json_copy(item));
        if (object && !strcmp(item->string, "inbound_nodes")) rewrite_nodes(item);
        rewrite(item);
    }
}

/* The file says of which Keras it is; a part of a file says so by its form. */
void keras3_rewrite(cJSON *tree) {
    const char *version = json_get_text(tree, "kerasVersion");
    of_keras = !version ? KERAS_BY_FORM : atoi(version) >= 3 ? KERAS_3 : KERAS_2;
    rewrite(tree);
}
