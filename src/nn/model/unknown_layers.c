/* Which layers of a topology are of classes that are not known here: all of them are told at once,
** and before weights are fetched. */
#include "models.h"
#include "nn/core/model.h"

enum { MOST_TOLD = 10000 };

typedef struct Search {
    cJSON *found; /* {class: [names of layers]} */
    int n;
} Search;

static void tell(Search *s, const char *class_name, const char *name) {
    if (s->n++ >= MOST_TOLD) return;
    cJSON *names = cJSON_GetObjectItemCaseSensitive(s->found, class_name);
    if (!names) names = json_put(s->found, class_name, json_array());
    json_append(names, json_string(name ? name : ""));
}

static void look(Search *s, const cJSON *layer);

static void look_each(Search *s, const cJSON *layers) {
    const cJSON *item;
    if (cJSON_IsArray(layers)) cJSON_ArrayForEach(item, layers) look(s, item);
}

/* As deep as the JSON is, which is bounded. */
static void look(Search *s, const cJSON *layer) {
    static const char *const inner[] = {"layer", "forwardLayer", "backwardLayer", "cell"};
    const char *class_name = json_get_text(layer, "className");
    const cJSON *config = json_get(layer, "config");
    if (!class_name || failed()) return;
    bool model = !strcmp(class_name, "Sequential") || !strcmp(class_name, "Model") ||
                 !strcmp(class_name, "Functional");
    if (!model && !layer_class_find(class_name)) {
        const char *name = json_get_text(config, "name");
        tell(s, class_name, name ? name : json_get_text(layer, "name"));
        return;
    }
    look_each(s, cJSON_IsArray(config) ? config : json_get(config, "layers"));
    look_each(s, json_get(config, "cells"));
    for (int i = 0; i < 4; i++) look(s, json_get(config, inner[i]));
}

const char *tn_model_unknown(const char *json) {
    cJSON *tree = json_read("model", json);
    keras3_rewrite(tree);
    Search s = {.found = json_object()};
    const cJSON *inside = json_get(tree, "modelConfig");
    if (!failed()) look(&s, inside ? inside : tree);
    json_free(tree);
    return json_text(s.found);
}
