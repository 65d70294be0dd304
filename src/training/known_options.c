/* What options a layer, an optimizer, a metric or a schedule knows, and which of those that were
** given it does not: for warnings. */
#include "training/metric.h"
#include "training/optimizer.h"

/* Names that JavaScript, or every layer, accepts beyond the fields of a class. */
static const char ALWAYS[] = "weights inputDType inputDim inputLength";

typedef struct Known {
    const Schema *schemas[2]; /* or NULL */
    const char *names;        /* more, between blanks */
} Known;

static const Schema *part_schema(const PartClass *const *all, const char *name) {
    for (int i = 0; all[i]; i++)
        if (same_name(name, all[i]->schema->class_name)) return all[i]->schema;
    return NULL;
}

static Known known_of(const char *kind, const char *name) {
    Known k = {.names = ""};
    if (!strcmp(kind, "initializer")) k.schemas[0] = part_schema(all_initializers, name);
    else if (!strcmp(kind, "regularizer")) k.schemas[0] = part_schema(all_regularizers, name);
    else if (!strcmp(kind, "constraint")) k.schemas[0] = part_schema(all_constraints, name);
    if (k.schemas[0]) return k;
    if (!strcmp(kind, "layer")) {
        const LayerClass *of = layer_class_find(name);
        if (of) k = (Known){{of->schema, &layer_schema}, ALWAYS};
    } else if (!strcmp(kind, "optimizer")) {
        const OptimizerClass *of = optimizer_find(name);
        if (of) k.schemas[0] = of->schema;
    } else if (!strcmp(kind, "metric")) {
        const MetricClass *of = metric_class_find(name);
        if (of) k.schemas[0] = of->schema;
        else if (metric_function_find(name)) k.schemas[0] = &metric_schema;
    } else if (!strcmp(kind, "schedule")) {
        for (int i = 0; all_schedules[i]; i++)
            if (same_name(name, all_schedules[i]->schema->class_name))
                k.schemas[0] = all_schedules[i]->schema;
    } else if (!*kind) k.names = name;
    return k;
}

/* True if the option is this known name; exact: in the same spelling, as JavaScript wants it. */
static bool try_name(Likely *best, const char *option, const char *name, bool exact) {
    likely_try(best, option, name);
    bool same = same_name(option, name);
    if (same) snprintf(best->name, sizeof best->name, "%s", name);
    if (same) best->changes = 0;
    return exact ? !strcmp(option, name) : same;
}

static bool is_known(const Known *k, const char *option, Likely *best) {
    char one[64];
    const char *names = k->names;
    bool found = false;
    for (int j = 0; j < 2; j++)
        for (int i = 0; k->schemas[j] && i < k->schemas[j]->count; i++)
            found |= try_name(best, option, k->schemas[j]->fields[i].name, false);
    for (int n; sscanf(names, "%63s%n", one, &n) == 1; names += n)
        found |= try_name(best, option, one, !k->schemas[0]);
    return found;
}

const char *tn_unknown_options(const char *kind, const char *name, const char *options) {
    cJSON *names = json_read("options", options), *unknown = json_array();
    Known k = known_of(kind, name);
    const cJSON *item;
    const bool any = k.schemas[0] || !*kind;
    cJSON_ArrayForEach(item, names) {
        Likely best = {0};
        if (!any || !cJSON_IsString(item) || is_known(&k, item->valuestring, &best)) continue;
        cJSON *one = json_append(unknown, json_object());
        json_put(one, "name", json_string(item->valuestring));
        json_put(one, "likely", json_string(best.name));
    }
    json_free(names);
    return json_text(unknown);
}
