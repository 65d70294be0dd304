/* The reader of configs, for fields that are layers, or activations, which layers may be. */
#include "nn/core/layer.h"
#include "nn/core/layers_state.h"
bool layer_allow_handles(bool on) {
    bool before = layers_now.handles;
    layers_now.handles = on;
    return before;
}

/* The layer that a handle stands for, with a handle of its own; NULL if there is none. */
static Layer *by_handle(const cJSON *j) {
    const cJSON *handle = layers_now.handles ? json_get(j, "handle") : NULL;
    if (!cJSON_IsNumber(handle)) return NULL;
    for (Layer *l = newest_layer(); l; l = l->lifetime.older)
        if ((double)(uintptr_t)l == handle->valuedouble) {
            layer_retain(l);
            return l;
        }
    return NULL;
}

/* A layer inside the one that is configured; NULL with the error set. */
static Layer *inside(const Reader *r, const Field *f, const cJSON *j) {
    if (!cJSON_IsObject(j)) {
        config_wrong(r, f, "a layer", j);
        return NULL;
    }
    Layer *inner = by_handle(j);
    if (!inner) inner = layer_from_json(r->who, j);
    if (!failed()) layer_contain(r->layer, inner);
    return failed() ? NULL : inner;
}

/* A layer as an activation, {className: 'LeakyReLU', config}: one without weights, held by that
** which is configured. */
static bool read_layer_activation(const Reader *r, const Field *f, const cJSON *j, void *to) {
    Layer *inner = layer_from_json(r->who, j);
    if (!inner) return false;
    if (inner->of->build || inner->of->results || inner->of->least_inputs || inner->graph)
        fail(TN_VALUE, "%s: %s must be an activation or a layer without weights, but is %s", r->who,
             f->name, inner->of->schema->class_name);
    cJSON *json = failed() ? NULL : layer_to_json(inner, false);
    Activation *a = arena_take(r->arena, sizeof *a);
    if (a && !failed()) {
        *a = (Activation){inner->of->schema->class_name, "", NULL, inner, NULL};
        *(const Activation **)to = a;
        layer_hold(r->layer, inner);
    } else {
        layer_release(inner);
    }
    return json_put(r->to, f->name, json);
}

bool config_read_activation(const Reader *r, const Field *f, const cJSON *j, void *to) {
    const char *name = cJSON_IsString(j) ? j->valuestring : json_get_text(j, "className");
    if (cJSON_IsObject(j) && name && r->layer && layer_class_find(name))
        return read_layer_activation(r, f, j, to);
    const Activation *a = custom_activation(r, f, j);
    if (a || failed()) return (*(const Activation **)to = a) != NULL;
    a = name ? activation_find(name) : NULL;
    if (!a) {
        fail(TN_VALUE, "%s: Unknown activation: %.60s: %s must be the name of an activation",
             r->who, name ? name : config_shown(j), f->name);
        return false;
    }
    *(const Activation **)to = a;
    return json_put(r->to, f->name, json_string(a->name));
}

bool config_read_layer(const Reader *r, const Field *f, const cJSON *j, void *to) {
    Layer *inner = *(Layer **)to = inside(r, f, j);
    return inner && json_put(r->to, f->name, layer_to_json(inner, false));
}

bool config_read_layers(const Reader *r, const Field *f, const cJSON *j, void *to) {
    int n = cJSON_IsArray(j) ? cJSON_GetArraySize(j) : 0;
    Layers *list = arena_take(r->arena, sizeof *list + (size_t)n * sizeof *list->v);
    if (!n) return config_wrong(r, f, "a list of layers", j);
    if (!list) return false;
    *(const Layers **)to = list;
    cJSON *all = json_put(r->to, f->name, json_array());
    const cJSON *item;
    cJSON_ArrayForEach(item, j) {
        Layer *inner = inside(r, f, item);
        if (!inner) return false;
        list->v[list->n++] = inner;
        json_append(all, layer_to_json(inner, false));
    }
    return !failed();
}
