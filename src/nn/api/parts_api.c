/* Initializers, regularizers, constraints and activations by themselves: models.h. */
#include "nn/core/layer.h"
#include "ops/view.gen.h"

/* A part of the library's, as a config's field would have it, also where a class of the program's
** has its name; its arena and full JSON are the caller's. */
static const Part *part_alone(FieldKind kind, const char *json, Arena *arena, cJSON **full) {
    static const char *const names[] = {"initializer", "regularizer", "constraint"};
    Field f = {.name = names[kind - FIELD_INITIALIZER], .kind = kind};
    cJSON *tree = json_read(f.name, json);
    *full = json_object();
    Reader r = {"tf", tree, *full, arena, NULL};
    const Part *part = failed() ? NULL : part_read_known(&r, &f, tree);
    json_free(tree);
    return part;
}

static Tensor *apply_alone(FieldKind kind, const char *json, const Ints *shape, Tensor *w) {
    Arena arena = {0};
    cJSON *full = NULL;
    const Part *part = part_alone(kind, json, &arena, &full);
    Tensor *y = nothing();
    if (part) {
        Scope *s = tn_scope_begin();
        y = shape ? part->of->make(part->config, shape) : part->of->apply(part->config, w);
        y = leave(s, y);
    }
    json_free(full);
    arena_free(&arena);
    return y;
}

Tensor *tn_initializer(const char *part, const Ints *shape) {
    return apply_alone(FIELD_INITIALIZER, part, shape, NULL);
}

Tensor *tn_regularizer(const char *part, Tensor *w) {
    return apply_alone(FIELD_REGULARIZER, part, NULL, w);
}

Tensor *tn_constraint(const char *part, Tensor *w) {
    return apply_alone(FIELD_CONSTRAINT, part, NULL, w);
}

const char *tn_part_config(const char *part, PartKind kind) {
    Arena arena = {0};
    cJSON *full = NULL;
    part_alone(FIELD_INITIALIZER + (FieldKind)kind, part, &arena, &full);
    arena_free(&arena);
    cJSON *answer = full ? cJSON_DetachItemFromArray(full, 0) : NULL;
    json_free(full);
    return failed() ? (json_free(answer), "") : json_text(answer);
}

Tensor *tn_activation(const char *name, Tensor *x) {
    const Activation *a = activation_find(name);
    if (!a) return fail(TN_VALUE, "activation '%.80s' is not known", name);
    Scope *s = tn_scope_begin();
    Tensor *y = a->call(x);
    return leave(s, y == x ? tn_clone(x) : y);
}

static cJSON *activation_names(void) {
    cJSON *names = json_array();
    for (int i = 0; all_activations[i]; i++)
        json_append(names, json_string(all_activations[i]->name));
    return names;
}

static cJSON *part_names(const PartClass *const *all) {
    cJSON *names = json_array();
    for (int i = 0; all[i]; i++) json_append(names, json_string(all[i]->schema->class_name));
    return names;
}

const char *tn_class_names(void) {
    cJSON *names = json_object(), *layers = json_array();
    for (int i = 0; all_layers[i]; i++)
        json_append(layers, json_string(all_layers[i]->schema->class_name));
    json_put(names, "layers", layers);
    json_put(names, "initializers", part_names(all_initializers));
    json_put(names, "regularizers", part_names(all_regularizers));
    json_put(names, "constraints", part_names(all_constraints));
    json_put(names, "activations", activation_names());
    return json_text(names);
}
