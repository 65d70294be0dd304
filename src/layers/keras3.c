/* Topologies as Keras 3 writes them, brought into the form of Keras 2: nodes as lists of references
** in place of calls with tensors in them, dtypes as names, batch_input_shape. Nothing is trusted:
** what does not fit is left as it is, and fails where it is read. */
#include "model.h"

/* Adds [name, node, tensor, {}] for each symbolic tensor in a call's arguments, in their order. */
static void collect(const cJSON *value, cJSON *to) {
    const char *class_name = json_get_text(value, "className");
    const cJSON *item;
    if (class_name && !strcmp(class_name, "__keras_tensor__")) {
        cJSON *ref = json_copy(json_get(json_get(value, "config"), "kerasHistory"));
        json_append(ref, json_object());
        json_append(to, ref);
        return;
    }
    cJSON_ArrayForEach(item, value)
        if (!failed() && !(item->string && same_name(item->string, "mask"))) collect(item, to);
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

/* The name in {"class_name": "DTypePolicy", "config": {"name": "float32"}}, else NULL. */
static const char *policy_name(const cJSON *value) {
    const char *class_name = json_get_text(value, "className");
    bool policy = class_name && !strcmp(class_name, "DTypePolicy");
    return policy ? json_get_text(json_get(value, "config"), "name") : NULL;
}

void keras3_rewrite(cJSON *tree) {
    bool object = cJSON_IsObject(tree);
    for (cJSON *item = tree ? tree->child : NULL, *next; item && !failed(); item = next) {
        const char *dtype = object ? policy_name(item) : NULL;
        next = item->next;
        if (dtype) {
            cJSON *name = json_string(dtype); /* a copy: the text goes with the item */
            if (name && !cJSON_ReplaceItemInObjectCaseSensitive(tree, item->string, name))
                json_free(name);
            continue;
        }
        if (object && !strcmp(item->string, "batch_shape") && !json_get(tree, "batchInputShape"))
            json_put(tree, "batch_input_shape", json_copy(item));
        if (object && !strcmp(item->string, "inbound_nodes")) rewrite_nodes(item);
        keras3_rewrite(item);
    }
}
