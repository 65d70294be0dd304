/* Optimizers as files of Keras and TensorFlow.js say them, in the names and classes of this
** library. */
#include "training/optimizer.h"

/* True if the member is there, and says null. */
static bool is_null_member(const cJSON *config, const char *name) {
    const cJSON *item;
    cJSON_ArrayForEach(item, config) if (item->string &&
                                         same_name(item->string, name)) return cJSON_IsNull(item);
    return false;
}

static bool has_field(const OptimizerClass *of, const char *name) {
    for (int i = 0; i < of->schema->count; i++)
        if (!strcmp(of->schema->fields[i].name, name)) return true;
    return false;
}

/* A field by the name that Keras has for it now or had once. */
static const cJSON *given_as(const OptimizerClass *of, const cJSON *config, const char *field) {
    const cJSON *rho = json_get(config, "rho");
    if (!strcmp(field, "decay") && rho && !has_field(of, "rho")) return rho;
    const cJSON *value = json_get(config, field);
    if (!value && !strcmp(field, "learningRate")) value = json_get(config, "lr");
    if (!value && !strcmp(field, "useNesterov")) value = json_get(config, "nesterov");
    return value;
}

/* Keras's decay of the rate by steps, where a file has it, as the schedule that it is. */
static void take_decay(const OptimizerClass *of, const cJSON *config, cJSON *fields) {
    const cJSON *decay = json_get(config, "decay"), *rate = json_get(fields, "learningRate");
    bool own = has_field(of, "decay") && !(json_get(config, "rho") && !has_field(of, "rho"));
    if (own || !cJSON_IsNumber(decay) || !(decay->valuedouble > 0) || !cJSON_IsNumber(rate)) return;
    cJSON *schedule = json_object();
    json_put(schedule, "initialLearningRate", json_copy(rate));
    json_put(schedule, "decaySteps", json_number(1));
    json_put(schedule, "decayRate", json_copy(decay));
    json_replace(fields, "learningRate", json_instance("InverseTimeDecay", schedule));
}

static cJSON *fields_of(const OptimizerClass *of, const cJSON *config) {
    cJSON *fields = json_object();
    for (int i = 0; i < of->schema->count && !failed(); i++) {
        const char *name = of->schema->fields[i].name;
        const cJSON *value = given_as(of, config, name);
        bool none = of->usual && !strcmp(name, "weightDecay");
        none |= !strcmp(name, "rmsRate");
        if (cJSON_IsFalse(value) && !strcmp(name, "amsgrad")) continue;
        if (value) json_put(fields, name, json_copy(value));
        else if (none && is_null_member(config, name)) json_put(fields, name, json_number(0));
    }
    if (!failed()) take_decay(of, config, fields);
    return fields;
}

static const OptimizerClass *class_of(const char *name, const cJSON *config) {
    const OptimizerClass *of = optimizer_find(name);
    const cJSON *momentum = json_get(config, "momentum");
    if (of && !strcmp(of->schema->name, "sgd") && cJSON_IsNumber(momentum) && momentum->valuedouble)
        return optimizer_find("momentum");
    if (of) return of;
    Likely best = {0};
    for (int i = 0; all_optimizers[i]; i++)
        likely_try(&best, name, all_optimizers[i]->schema->class_name);
    fail(TN_VALUE, "Unknown optimizer: %.80s%s", name, did_you_mean(&best));
    return NULL;
}

cJSON *optimizer_from_file(const char *class_name, const cJSON *config) {
    const cJSON *inner = json_get(config, "innerOptimizer");
    /* Numbers are float32 here: there is nothing to scale a loss for. */
    for (int i = 0; same_name(class_name, "LossScaleOptimizer") && inner && i < 8; i++) {
        const char *name = json_get_text(inner, "className");
        if (name) class_name = name;
        config = json_get(inner, "config");
        inner = json_get(config, "innerOptimizer");
    }
    const OptimizerClass *of = class_of(class_name, config);
    cJSON *fields = failed() ? NULL : fields_of(of, config);
    return failed() ? NULL : json_instance(of->schema->class_name, fields);
}
