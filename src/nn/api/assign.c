/* Assigning to a layer that is there: fields of its config, and its name. */
#include "nn/api/models_api.h"
#include "tensor/engine.h"

static const Field *find_field(const Layer *l, const char *name) {
    const Schema *s = l->of->schema;
    for (int i = 0; i < s->count; i++)
        if (!strcmp(s->fields[i].name, name)) return s->fields + i;
    return NULL;
}

static const Field *field_of(const Layer *l, const char *name) {
    const Field *f = find_field(l, name);
    if (!f) fail(TN_VALUE, "%.80s: has no field %.80s", l->name, name);
    return f;
}

/* In Keras arguments of a call: weights do not depend on them. */
static bool is_of_calls(const Field *f) {
    static const char *const names[] = {"useCausalMask", "returnAttentionScores", "reverse"};
    for (size_t i = 0; i < sizeof names / sizeof *names; i++)
        if (!strcmp(f->name, names[i])) return true;
    return false;
}

/* The others are fields that shapes of weights and results may depend on. */
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
        if (layer_results(anew) != node->nout)
            refuse(l, f, "since the number of its results would be another");
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
    else if (shaped && l->built && l->of->build && !is_of_calls(f))
        refuse(l, f, "since its weights are there");
    else if (shaped && l->ninner) refuse(l, f, "since there are layers inside");
    if (failed() || l->ninner) return;
    Layer *anew = layer_make(l->of, config);
    if (anew && anew->halves != l->halves)
        refuse(l, f, "since the shape of its result would be another");
    else if (anew && shaped) compare_results(l, anew, f);
    layer_release(anew);
}

/* True for layers whose inner layers are fields, not made with a config like their own. */
static bool has_layer_fields(const Layer *l) {
    const Schema *s = l->of->schema;
    for (int i = 0; i < s->count; i++)
        if (s->fields[i].kind == FIELD_LAYER || s->fields[i].kind == FIELD_LAYERS) return true;
    return false;
}

/* Weights that are there get a regularizer or constraint by its name: recurrentConstraint is of
** recurrent_kernel. */
static void hand_to_weights(Layer *l, const Field *f) {
    const bool regularizer = f->kind == FIELD_REGULARIZER;
    if (!regularizer && f->kind != FIELD_CONSTRAINT) return;
    const size_t n = strlen(f->name) - strlen(regularizer ? "Regularizer" : "Constraint");
    const void *at = (const char *)l->config + f->offset;
    for (int i = 0; i < l->nweights; i++) {
        Weight *w = l->weights + i;
        const char *slash = strrchr(w->name, '/'), *leaf = slash ? slash + 1 : w->name;
        if (w->lent || strncmp(leaf, f->name, n) || (leaf[n] && strcmp(leaf + n, "_kernel")))
            continue;
        if (regularizer) w->regularizer = *(const Regularizer *const *)at;
        else w->constraint = *(const Constraint *const *)at;
    }
}

/* Sets the config `all`; what the class made of the former one is made anew. */
static void take_config(Layer *l, const Field *f, void *config, cJSON *all) {
    json_free(l->json);
    l->json = all;
    l->config = config;
    layer_find_activity(l);
    if (l->of->prepare && !l->ninner) l->of->prepare(l);
    hand_to_weights(l, f);
    layers_changed();
}

/* The config's struct with one field anew, or all of it where the class keeps what it made of it.
** A new struct: plans and calls under way may still look at the old one. */
static void read_config(Layer *l, const Field *f, const cJSON *fields, cJSON *all, void *config) {
    const bool whole = l->of->prepare && !l->ninner;
    cJSON *read = json_object();
    Reader r = {l->name, fields, read, &l->arena, l};
    memcpy(config, l->config, (size_t)l->of->schema->bytes);
    if (!failed()) config_read_field(&r, f, config);
    if (!failed()) json_replace(all, f->name, json_copy(json_get(read, f->name)));
    json_free(read);
    if (!whole || failed()) return;
    cJSON *copy = json_copy(all);
    while (all->child) json_free(cJSON_DetachItemViaPointer(all, all->child));
    r = (Reader){l->name, copy, all, &l->arena, l};
    if (!failed() && config_read(&r, l->of->schema, config)) layer_put_base(l, all);
    json_free(copy);
}

static void set_field(Layer *l, const Field *f, const cJSON *fields) {
    cJSON *all = failed() ? NULL : json_copy(l->json);
    void *config = all ? arena_take(&l->arena, (size_t)l->of->schema->bytes) : NULL;
    if (config) read_config(l, f, fields, all, config);
    if (config && !failed()) try_config(l, all, f);
    for (int i = 0; i < l->ninner && !failed() && !has_layer_fields(l); i++) {
        const Field *its = find_field(l->inner[i], f->name);
        if (its) set_field(l->inner[i], its, fields);
    }
    if (failed()) json_free(all);
    else take_config(l, f, config, all);
}

void tn_layer_set_field(Layer *l, const char *name, const char *value) {
    cJSON *fields = json_object();
    const Field *f = failed() ? NULL : field_of(l, name);
    if (f) json_put(fields, name, json_read(name, value));
    if (f) set_field(l, f, fields);
    json_free(fields);
}

/* The input's shape, or its dtype: of a layer that is not connected. */
void tn_layer_set_input(Layer *l, const char *name, const char *value) {
    const Field *f = NULL;
    LayerConfig c = {0};
    cJSON *fields = json_object(), *read = json_object();
    for (int i = 0; i < layer_schema.count; i++)
        if (!strcmp(layer_schema.fields[i].name, name)) f = layer_schema.fields + i;
    if (!failed() && (!f || (strcmp(name, "batchInputShape") && strcmp(name, "dtype"))))
        fail(TN_VALUE, "%.80s: has no %.80s that could be changed", l->name, name);
    else if (f && l->nnodes) refuse(l, f, "since it is connected");
    if (!failed()) json_put(fields, name, json_read(name, value));
    Reader r = {l->name, fields, read, &l->arena, l};
    if (!failed()) config_read_field(&r, f, (char *)&c);
    if (!failed() && f->kind == FIELD_DTYPE) l->dtype = c.dtype;
    else if (!failed() && layer_want_batch(l, fields)) l->batch_shape = c.batchInputShape;
    cJSON_DeleteItemFromObjectCaseSensitive(failed() ? NULL : l->json, name);
    if (!failed() && json_get(read, name)) json_put(l->json, name, json_copy(json_get(read, name)));
    json_free(fields);
    json_free(read);
}

int tn_layer_set_flag(Layer *l, const char *name, bool on) {
    const Field *f = failed() ? NULL : find_field(l, name);
    if (!f || f->kind != FIELD_BOOL || !is_of_calls(f)) return -1;
    bool *at = (bool *)((char *)(uintptr_t)l->config + f->offset), before = *at;
    if (before != on) json_replace(l->json, name, json_bool(on));
    *at = on;
    return before;
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
