/* One layer at two places of a topology: both have the same shared_object_id, as in Keras's files,
** and are one layer again when the file is read. */
#include "nn/core/layers_state.h"
#include "nn/core/model.h"

/* ---- writing ---- */

static void count_places(Layer *l, int mark, int *ids) {
    int n;
    Layer **inside = layers_inside(l, &n);
    if (l->visit.mark == mark) {
        if (!l->visit.shared_id && strcmp(l->of->schema->class_name, "InputLayer"))
            l->visit.shared_id = ++*ids;
        return;
    }
    l->visit.mark = mark;
    l->visit.shared_id = 0;
    for (int i = 0; i < n; i++) count_places(inside[i], mark, ids);
}

void shared_begin(Layer *model) {
    int ids = 0; /* a layer's getConfig may write another model */
    if (!layers_now.writing++) count_places(model, graph_mark(), &ids);
}

void shared_end(void) { layers_now.writing--; }

void shared_put(const Layer *l, cJSON *object) {
    if (layers_now.writing && l->visit.shared_id)
        json_put(object, "shared_object_id", json_number(l->visit.shared_id));
}

/* ---- reading ---- */

/* A layer that was read with an id; held until the topology is read. */
typedef struct Noted {
    double id;
    const cJSON *json;
    Layer *layer;
    struct Noted *next;
} Noted;

enum { BUCKETS = 1024 };
typedef struct Shared {
    Arena arena;
    struct Shared *before; /* of a model whose layer reads another */
    Noted *of[BUCKETS];    /* by id */
} Shared;

bool shared_read_begin(void) {
    Arena arena = {0};
    Shared *made = arena_take(&arena, sizeof *made);
    if (!made) return false;
    *made = (Shared){.arena = arena, .before = layers_now.read};
    layers_now.read = made;
    return true;
}

void shared_read_end(void) {
    Shared *table = layers_now.read;
    for (int i = 0; i < BUCKETS; i++)
        for (Noted *at = table->of[i]; at; at = at->next) layer_release(at->layer);
    Arena arena = table->arena; /* the table itself lies in it */
    layers_now.read = table->before;
    arena_free(&arena);
}

static bool id_of(const cJSON *json, double *id) {
    const cJSON *number = layers_now.read ? json_get(json, "sharedObjectId") : NULL;
    if (!cJSON_IsNumber(number) || !(number->valuedouble >= 0 && number->valuedouble < 1e9))
        return false;
    *id = number->valuedouble;
    return true;
}

/* Files in which two layers have one id by mistake differ in their configs, if only by the name. */
static bool same_layer(const cJSON *a, const cJSON *b) {
    const char *x = json_get_text(a, "className"), *y = json_get_text(b, "className");
    return x && y && !strcmp(x, y) &&
           cJSON_Compare(json_get(a, "config"), json_get(b, "config"), true);
}

Layer *shared_find(const cJSON *json) {
    double id;
    if (!id_of(json, &id)) return NULL;
    for (const Noted *at = layers_now.read->of[(int)id % BUCKETS]; at; at = at->next)
        if (at->id == id && same_layer(at->json, json)) {
            layer_retain(at->layer);
            return at->layer;
        }
    return NULL;
}

void shared_note(const cJSON *json, Layer *l) {
    double id;
    bool input = !strcmp(l->of->schema->class_name, "InputLayer");
    if (input || !id_of(json, &id)) return;
    Noted *noted = arena_take(&layers_now.read->arena, sizeof *noted);
    if (!noted) return;
    Noted **bucket = &layers_now.read->of[(int)id % BUCKETS];
    *noted = (Noted){id, json, l, *bucket};
    *bucket = noted;
    layer_retain(l);
}

/* ---- cut off ---- */

LayersState layers_now = {.file_numbers = -1};

void layers_back(const LayersState *before) {
    const int cuts = layers_now.cuts + 1;
    while (layers_now.read && layers_now.read != before->read) shared_read_end();
    penalty_drop(before->penalties);
    layers_now = *before;
    layers_now.cuts = cuts;
}
