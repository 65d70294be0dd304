/* Initializers, regularizers, constraints and activations of a caller's own classes: the config of
** one is its JSON, {className, config}, by which the caller finds it. */
#include "nn/core/model.h"
#include "tensor/engine.h"

static PartHooks hooks;

void tn_on_part(const PartHooks *functions) { hooks = *functions; }

static Tensor *applied(const char *json, Tensor *x, const char *shape) {
    trace_break("a part in JavaScript");
    Tensor *y = failed() ? NULL : hooks.apply(json, x, shape);
    return failed() ? nothing() : y;
}

static Tensor *wrong_shape(const char *json, const Tensor *y, const char *must) {
    cJSON *tree = json_read("part", json);
    const char *name = json_get_text(tree, "className");
    fail(TN_SHAPE, "%.80s: apply must give %s, but gave shape %s", name ? name : "part", must,
         shape_text(y));
    json_free(tree);
    return nothing();
}

static Tensor *own_make(const void *json, const Ints *shape) {
    Tensor *y = applied(json, NULL, json_text(json_ints(shape->n, shape->v)));
    bool same = !failed() && y->rank == shape->n;
    for (int i = 0; same && i < shape->n; i++) same = y->shape[i] == shape->v[i];
    return same || failed() ? y : wrong_shape(json, y, "a tensor of the shape it was given");
}

static Tensor *own_penalty(const void *json, Tensor *w) {
    Tensor *y = applied(json, w, NULL);
    return failed() || !y->rank ? y : wrong_shape(json, y, "a scalar");
}

static Tensor *shape_kept(const char *json, Tensor *x) {
    Tensor *y = applied(json, x, NULL);
    bool same = !failed() && y->rank == x->rank &&
                !memcmp(y->shape, x->shape, sizeof *x->shape * (size_t)x->rank);
    return same || failed() ? y : wrong_shape(json, y, "a tensor of its argument's shape");
}

static Tensor *own_constrained(const void *json, Tensor *w) { return shape_kept(json, w); }

Tensor *custom_activate(const Activation *a, Tensor *x) { return shape_kept(a->own, x); }

static const Schema own_schema = {.name = "part", .class_name = "Part", .bytes = 1};
static const PartClass own_initializer = {.schema = &own_schema, .make = own_make},
                       own_regularizer = {.schema = &own_schema, .apply = own_penalty},
                       own_constraint = {.schema = &own_schema, .apply = own_constrained};

static const PartClass *class_for(FieldKind kind) {
    if (kind == FIELD_INITIALIZER) return &own_initializer;
    return kind == FIELD_REGULARIZER ? &own_regularizer : &own_constraint;
}

/* {className, config} of what is given, as the caller's class has it, the arena's; NULL if no such
** class is registered. */
static const char *own_json(const Reader *r, const cJSON *spec) {
    const char *name = cJSON_IsString(spec) ? spec->valuestring : json_get_text(spec, "className");
    const cJSON *config = json_get(spec, "config");
    if (!hooks.config || !name || failed()) return NULL;
    cJSON *fields = config ? json_copy(config) : json_object();
    const char *text = json_text(json_instance(name, fields));
    const char *full = failed() ? NULL : hooks.config(text);
    return full && !failed() ? arena_text(r->arena, full) : NULL;
}

const Part *custom_part(const Reader *r, const Field *f, const cJSON *spec) {
    const char *json = own_json(r, spec);
    Part *part = json ? arena_take(r->arena, sizeof *part) : NULL;
    if (!part) return NULL;
    *part = (Part){class_for(f->kind), json};
    json_put(r->to, f->name, json_read(r->who, json));
    return part;
}

/* In files an activation is its name alone, where its config says nothing. */
const Activation *custom_activation(const Reader *r, const Field *f, const cJSON *spec) {
    const char *json = own_json(r, spec);
    Activation *a = json ? arena_take(r->arena, sizeof *a) : NULL;
    if (!a) return NULL;
    cJSON *full = json_read(r->who, json);
    const char *name = json_get_text(full, "className");
    *a = (Activation){.name = arena_text(r->arena, name ? name : ""), .also = "", .own = json};
    const bool bare = !cJSON_GetArraySize(json_get(full, "config"));
    json_put(r->to, f->name, bare ? json_string(a->name) : json_copy(full));
    json_free(full);
    return a;
}
