/* Masks in functional topologies of Keras 3: it writes the operations that make them (not_equal
** of an Embedding's input, any, logical_or) as layers, and passes their results to calls as
** `mask`. Here layers make and pass on masks themselves, so those operations are dropped. */
#include "nn/model/keras3.h"

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

typedef struct Entry {
    const char *name;
    cJSON *layer; /* NULL: it was dropped */
    int taken;    /* how often its results are taken, as masks aside */
    bool masks;   /* they are handed to a call as its mask */
} Entry;

typedef struct Masks {
    cJSON *layers, *dropped; /* dropped ones stay until the end: names lie in them */
    Entry *entries;          /* sorted by names */
    int n;
} Masks;

static int by_name(const void *a, const void *b) {
    return strcmp(((const Entry *)a)->name, ((const Entry *)b)->name);
}

static Entry *find(const Masks *m, const char *name) {
    const Entry wanted = {.name = name};
    return bsearch(&wanted, m->entries, (size_t)m->n, sizeof wanted, by_name);
}

/* An input as a mask would be passed over without a word. */
static void take_as_mask(Entry *e) {
    const char *class_name = json_get_text(e->layer, "className");
    e->masks = true;
    if (class_name && !strcmp(class_name, "InputLayer"))
        fail(TN_FILE,
             "model: input '%.80s' is given to a layer as its mask, which cannot be done "
             "here: use a Masking layer, or an Embedding with mask_zero",
             e->name);
}

/* What a call's arguments come from. */
static void count(const Masks *m, const cJSON *value, bool in_mask) {
    const cJSON *item;
    const char *source = source_of(value);
    Entry *e = source ? find(m, source) : NULL;
    if (e && in_mask) take_as_mask(e);
    else if (e) e->taken++;
    if (source) return;
    cJSON_ArrayForEach(item, value)
        count(m, item, in_mask || (item->string && names_mask(item->string)));
}

static void count_outputs(const Masks *m, const cJSON *outputs) {
    const cJSON *item;
    Entry *e = cJSON_IsString(outputs) ? find(m, outputs->valuestring) : NULL;
    if (e) e->taken++;
    cJSON_ArrayForEach(item, outputs) count_outputs(m, item);
}

static void drop(const Masks *m, Entry *e, int depth);

static void drop_sources(const Masks *m, const cJSON *value, int depth) {
    const cJSON *item;
    const char *source = source_of(value);
    Entry *e = source ? find(m, source) : NULL;
    if (e) e->taken--;
    if (e) drop(m, e, depth);
    if (source) return;
    cJSON_ArrayForEach(item, value) if (!(item->string && names_mask(item->string)))
        drop_sources(m, item, depth);
}

/* Drops an operation that serves masks alone, and then those that served it. */
static void drop(const Masks *m, Entry *e, int depth) {
    enum { DEEPEST = 64 };
    cJSON *layer = e->layer;
    if (!layer || e->taken || depth > DEEPEST || !is_function(layer)) return;
    e->layer = NULL;
    cJSON_AddItemToArray(m->dropped, cJSON_DetachItemViaPointer(m->layers, layer));
    drop_sources(m, json_get(layer, "inboundNodes"), depth + 1);
}

static void list_layers(Masks *m, Arena *arena) {
    cJSON *layer;
    m->entries = arena_take(arena, (size_t)(cJSON_GetArraySize(m->layers) + 1) * sizeof(Entry));
    cJSON_ArrayForEach(layer, m->layers) {
        const char *name = json_get_text(layer, "name");
        if (m->entries && name) m->entries[m->n++] = (Entry){.name = name, .layer = layer};
    }
    if (m->n) qsort(m->entries, (size_t)m->n, sizeof *m->entries, by_name);
}

void keras_masks(const cJSON *config) {
    Masks m = {.layers = (cJSON *)json_get(config, "layers")};
    const cJSON *outputs = json_get(config, "outputLayers"), *layer;
    Arena arena = {0};
    if (!outputs || !cJSON_IsArray(m.layers) || failed()) return;
    list_layers(&m, &arena);
    if (failed()) return;
    m.dropped = json_array();
    count_outputs(&m, outputs);
    cJSON_ArrayForEach(layer, m.layers) count(&m, json_get(layer, "inboundNodes"), false);
    for (int i = 0; i < m.n && !failed(); i++)
        if (m.entries[i].masks) drop(&m, m.entries + i, 0);
    json_free(m.dropped);
    arena_free(&arena);
}
