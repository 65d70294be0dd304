/* Masks in functional topologies of Keras 3: it writes the operations that make them (not_equal of
** an Embedding's input, any, logical_or) as layers, and hands their results to calls as `mask`.
** Here layers make and pass on masks themselves, so those operations go. */
#include "keras3.h"

bool names_mask(const char *argument) {
    static const char *const names[] = {"mask", "queryMask", "valueMask", "keyMask"};
    for (size_t i = 0; i < sizeof names / sizeof *names; i++)
        if (same_name(argument, names[i])) return true;
    return false;
}

/* The layer that a symbolic tensor in a call's arguments comes from, or NULL. */
static const char *source_of(const cJSON *value) {
    const char *class_name = json_get_text(value, "className");
    if (!class_name || strcmp(class_name, "__keras_tensor__")) return NULL;
    const cJSON *history = json_get(json_get(value, "config"), "kerasHistory");
    return cJSON_IsArray(history) && cJSON_IsString(history->child) ? history->child->valuestring
                                                                    : NULL;
}

/* True if a call's arguments have the layer's result in them, masks aside. */
static bool takes_from(const cJSON *value, const char *layer) {
    const cJSON *item;
    const char *source = source_of(value);
    if (source) return !strcmp(source, layer);
    cJSON_ArrayForEach(item, value)
        if (!(item->string && names_mask(item->string)) && takes_from(item, layer)) return true;
    return false;
}

static bool has_text(const cJSON *value, const char *text) {
    const cJSON *item;
    if (cJSON_IsString(value)) return !strcmp(value->valuestring, text);
    cJSON_ArrayForEach(item, value) if (has_text(item, text)) return true;
    return false;
}

typedef struct Masks {
    const cJSON *outputs;
    cJSON *layers, *dropped; /* dropped ones stay until the end: names lie in them */
    struct Source {
        const char *layer;
        struct Source *next;
    } *sources; /* of what is handed to calls as a mask */
    Arena arena;
} Masks;

static bool is_taken(const Masks *m, const char *name) {
    const cJSON *layer;
    if (has_text(m->outputs, name)) return true;
    cJSON_ArrayForEach(layer, m->layers)
        if (takes_from(json_get(layer, "inboundNodes"), name)) return true;
    return false;
}

static cJSON *layer_named(const Masks *m, const char *name) {
    cJSON *layer;
    cJSON_ArrayForEach(layer, m->layers) {
        const char *its = json_get_text(layer, "name");
        if (its && !strcmp(its, name)) return layer;
    }
    return NULL;
}

static void drop(Masks *m, const char *name, int depth);

/* The same for what the arguments come from. */
static void drop_sources(Masks *m, const cJSON *value, int depth) {
    const cJSON *item;
    const char *source = source_of(value);
    if (source) drop(m, source, depth);
    else cJSON_ArrayForEach(item, value) drop_sources(m, item, depth);
}

/* Drops an operation that serves masks alone, and then those that served it. */
static void drop(Masks *m, const char *name, int depth) {
    enum { DEEPEST = 64 };
    cJSON *layer = failed() || depth > DEEPEST ? NULL : layer_named(m, name);
    if (!layer || !is_function(layer) || is_taken(m, name)) return;
    cJSON_AddItemToArray(m->dropped, cJSON_DetachItemViaPointer(m->layers, layer));
    drop_sources(m, json_get(layer, "inboundNodes"), depth + 1);
}

/* An input as a mask would be passed over without a word. */
static bool may_be_mask(const Masks *m, const char *name) {
    const char *class_name = json_get_text(layer_named(m, name), "className");
    if (class_name && !strcmp(class_name, "InputLayer"))
        fail(TN_FILE, "model: input '%.80s' is given to a layer as its mask, which cannot be done "
             "here: use a Masking layer, or an Embedding with mask_zero", name);
    return !failed();
}

static void collect(Masks *m, const cJSON *value, bool in_mask) {
    const cJSON *item;
    const char *source = source_of(value);
    struct Source *found = source && in_mask ? arena_take(&m->arena, sizeof *found) : NULL;
    if (found) *found = (struct Source){source, m->sources};
    if (found) m->sources = found;
    if (source) return;
    cJSON_ArrayForEach(item, value)
        collect(m, item, in_mask || (item->string && names_mask(item->string)));
}

void keras_masks(const cJSON *config) {
    Masks m = {.outputs = json_get(config, "outputLayers"),
               .layers = (cJSON *)json_get(config, "layers")};
    const cJSON *layer;
    if (!m.outputs || !cJSON_IsArray(m.layers) || failed()) return;
    cJSON_ArrayForEach(layer, m.layers) collect(&m, json_get(layer, "inboundNodes"), false);
    m.dropped = m.sources ? json_array() : NULL;
    for (const struct Source *s = m.sources; s && !failed() && may_be_mask(&m, s->layer);
         s = s->next)
        drop(&m, s->layer, 0);
    json_free(m.dropped);
    arena_free(&m.arena);
}
