/* Assigning to a layer that is there: fields of its config, and its name. */
#include "nn/api/models_api.h"
#include "tensor/engine.h"

static const Field *field_of(const Layer *l, const char *name) {
    const Schema *s = l->of->schema;
    for (int i = 0; i < s->count; i++)
        if (!strcmp(s->fields[i].name, name)) return s->fields + i;
    fail(TN_VALUE, "%.80s: has no field %.80s", l->name, name);
    return NULL;
}

/* Fields that shapes of weights and results may depend on. */
static bool is_number(const Field *f) {
    return f->kind == FIELD_FLOAT || f->kind == FIELD_SEED || f->kind == FIELD_ACTIVATION ||
           f->kind == FIELD_INITIALIZER || f->kind == FIELD_REGULARIZER ||
           f->kind == FIELD_CONSTRAINT;
}

static bool same_sizes(const Shape *a, const Shape *b) {
    return a->rank == b->rank && !memcmp(a->size, b->size, sizeof(int) * (size_t)a->rank);
}

static void refuse(const Layer *l, const Field *f, const char *why) {
    fail(TN_VALUE, "%.80s: %s cannot be changed any more, %s: make a new layer", l->name, f->name,
         why);
}

/* A layer made anew with the config must have results like those that others are connected to. */
static void compare_results(const Layer *l, const Layer *anew, const Field *f) {
    Shape in[MOST_INSIDE], out[MOST_INSIDE];
    for (const Node *node = l->nodes; node && !failed(); node = node->next) {
        if (node->nin > MOST_INSIDE || node->nout > MOST_INSIDE) return;
        for (int i = 0; i < node->nin; i++) in[i] = node->in[i]->shape;
        layer_shapes(anew, in, node->nin, out);
        for (int j = 0; j < node->nout && !failed(); j++)
            if (!same_sizes(out + j, &node->out[j]->shape))
                refuse(l, f, "since the shape of its result would be another");
    }
}

/* Tries the config on a layer made anew: it must be good, and fit what is there. */
static void try_config(const Layer *l, const cJSON *config, const Field *f) {
    bool shaped = !is_number(f);
    if (f->kind == FIELD_LAYER || f->kind == FIELD_LAYERS) refuse(l, f, "it is a layer inside");
    else if (shaped && l->nweights) refuse(l, f, "since its weights are there");
    else if (shaped && l->ninner) refuse(l, f, "since there are layers inside");
    if (failed() || l->ninner) return;
    Layer *anew = layer_make(l->of, config);
    if (anew && anew->halves != l->halves)
        refuse(l, f, "since the shape of its result would be another");
    else if (anew && shaped) compare_results(l, anew, f);
    layer_release(anew);
}

/* The config's struct is copied: plans and calls under way may still look at the old one. */
void tn_layer_set_field(Layer *l, const char *name, const char *value) {
    cJSON *given = json_object(), *read = json_object(), *all = json_copy(l->json);
    const Field *f = failed() ? NULL : field_of(l, name);
    size_t bytes = (size_t)l->of->schema->bytes;
    char *config = f ? arena_take(&l->arena, bytes) : NULL;
    if (config) {
        memcpy(config, l->config, bytes);
        json_put(given, name, json_read(name, value));
        Reader r = {l->name, given, read, &l->arena, l};
        if (!failed()) config_read_field(&r, f, config);
        if (!failed()) json_replace(all, name, json_copy(json_get(read, name)));
        if (!failed()) try_config(l, all, f);
    }
    if (config && !failed()) {
        cJSON *old = l->json;
        l->json = all;
        all = old;
        l->config = config;
        layer_find_activity(l);
        layers_changed();
    }
    json_free(given);
    json_free(read);
    json_free(all);
}

void tn_layer_set_name(Layer *l, const char *name) {
    const char *copy = *name ? arena_text(&l->arena, name) : NULL;
    if (!copy && !failed()) fail(TN_VALUE, "%.80s: a name must be a text", l->name);
    if (failed()) return;
    l->name = copy;
    if (l->json && cJSON_GetObjectItemCaseSensitive(l->json, "name"))
        json_replace(l->json, "name", json_string(copy));
    layers_changed();
}
