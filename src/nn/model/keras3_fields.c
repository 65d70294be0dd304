/* Configs as Keras 3 writes them: fields with other names and forms than in Keras 2, and those that
** ask for what is not done here. The latter were passed over without a word otherwise, and the
** model would compute something else. */
#include "nn/model/keras3.h"

static bool is_whole(const cJSON *value, double wanted) {
    const cJSON *item;
    if (!cJSON_IsArray(value)) return cJSON_IsNumber(value) && value->valuedouble == wanted;
    cJSON_ArrayForEach(item, value) if (!is_whole(item, wanted)) return false;
    return true;
}

/* The value that a field must have, where it is not null and the layer has no such field. */
typedef enum Must { MUST_BE_1, MUST_BE_0, MUST_BE_FALSE, MUST_BE_NULL, MUST_BE_LAST } Must;

static bool holds(const cJSON *value, Must must) {
    if (must == MUST_BE_1 || must == MUST_BE_0) return is_whole(value, must == MUST_BE_1);
    if (must == MUST_BE_FALSE) return cJSON_IsFalse(value);
    return must == MUST_BE_LAST && cJSON_IsString(value) &&
           same_name(value->valuestring, "channelsLast");
}

static const struct {
    const char *classes; /* that have it, "" all; each between spaces */
    const char *field;
    Must must;
} rules[] = {
    {"", "groups", MUST_BE_1},
    {"", "keepdims", MUST_BE_FALSE},
    {"", "rmsScaling", MUST_BE_FALSE},
    {"", "renorm", MUST_BE_FALSE},
    {"", "loraRank", MUST_BE_NULL},
    {"", "quantizationConfig", MUST_BE_NULL},
    {" InputLayer ", "ragged", MUST_BE_FALSE},
    {" RNN SimpleRNN LSTM GRU ", "timeMajor", MUST_BE_FALSE},
    {" Resizing ", "padToAspectRatio", MUST_BE_FALSE},
    {" Resizing ", "antialias", MUST_BE_FALSE},
    {" Resizing CenterCrop ", "dataFormat", MUST_BE_LAST},
};

static bool is_among(const char *classes, const char *name) {
    char word[64];
    if (!*classes) return true;
    snprintf(word, sizeof word, " %.60s ", name);
    return strstr(classes, word) != NULL;
}

/* True for a field that the layers of this class have, so that it is read. */
static bool has_field(const char *class_name, const char *field) {
    const LayerClass *of = layer_class_find(class_name);
    for (int i = 0; of && i < of->schema->count; i++)
        if (!strcmp(of->schema->fields[i].name, field)) return true;
    return false;
}

static void check_fields(const char *class_name, const cJSON *config) {
    static const char *const strings[] = {"1", "0", "false", "null", "channels_last"};
    const char *name = json_get_text(config, "name");
    for (size_t i = 0; i < sizeof rules / sizeof *rules && !failed(); i++) {
        const cJSON *value = json_get(config, rules[i].field);
        if (!value || !is_among(rules[i].classes, class_name) || holds(value, rules[i].must) ||
            has_field(class_name, rules[i].field))
            continue;
        fail(TN_FILE, "model: %.60s '%.80s': %s must be %s here", class_name, name ? name : "",
             rules[i].field, strings[rules[i].must]);
    }
}

/* ---- other names ---- */

static void rename_class(cJSON *instance, const char *from, const char *to) {
    const char *name = json_get_text(instance, "className");
    if (name && !strcmp(name, from)) json_replace(instance, "class_name", json_string(to));
}

static void copy_field(cJSON *config, const char *from, const char *to) {
    const cJSON *value = json_get(config, from);
    if (value && !json_get(config, to)) json_put(config, to, json_copy(value));
}

/* ---- other forms ---- */

/* The activation in {"class_name": "function", "config": name}, and as it is named here. */
static void mend_activation(cJSON *config, const char *field, bool keras3) {
    cJSON *item = (cJSON *)json_get(config, field);
    const char *class_name = json_get_text(item, "className"),
               *owner = json_get_text(config, "name");
    const char *name = cJSON_IsString(item) ? item->valuestring : NULL;
    if (class_name && !strcmp(class_name, "__lambda__"))
        fail(TN_FILE, "model: '%.80s': %s is a lambda; code in Python cannot run here",
             owner ? owner : "", field);
    else if (class_name && !strcmp(class_name, "function")) name = json_get_text(item, "config");
    if (!name || failed()) return;
    const bool with_module = strchr(name, '.') && activation_find(without_module(name));
    if (with_module) name = without_module(name);
    if (keras3 && same_name(name, "hardSigmoid"))
        take_place(config, item, json_string("hard_sigmoid_relu6"));
    else if (same_name(name, "silu")) take_place(config, item, json_string("swish"));
    else if (with_module || !cJSON_IsString(item)) take_place(config, item, json_string(name));
}

/* A list of one axis is the axis, however deep. */
static void mend_axis(cJSON *config) {
    cJSON *item = (cJSON *)json_get(config, "axis"), *axis = item;
    while (cJSON_IsArray(axis) && cJSON_GetArraySize(axis) == 1) axis = axis->child;
    if (axis != item) take_place(config, item, json_copy(axis));
}

/* A random generator counts by its seed. */
static void mend_seed(cJSON *config) {
    cJSON *item = (cJSON *)json_get(config, "seed");
    if (!cJSON_IsObject(item)) return;
    const cJSON *seed = json_get(json_get(item, "config"), "seed");
    take_place(config, item, seed ? json_copy(seed) : json_null());
}

/* A layer that goes the other way may be given apart; here it is always the first one's like. */
static void check_backward(const cJSON *config) {
    static const char *const own[] = {"name", "go_backwards", "goBackwards"};
    const cJSON *forward = json_get(json_get(config, "layer"), "config"),
                *backward = json_get(json_get(config, "backwardLayer"), "config");
    if (!forward || !backward) return;
    cJSON *a = json_copy(forward), *b = json_copy(backward);
    for (size_t i = 0; a && b && i < sizeof own / sizeof *own; i++) {
        cJSON_DeleteItemFromObjectCaseSensitive(a, own[i]);
        cJSON_DeleteItemFromObjectCaseSensitive(b, own[i]);
    }
    if (!failed() && !cJSON_Compare(a, b, true))
        fail(TN_FILE, "model: Bidirectional '%.80s': its backward_layer must be as its layer",
             json_get_text(config, "name") ? json_get_text(config, "name") : "");
    json_free(a);
    json_free(b);
}

/* A list of one number where a number is wanted is the number. */
static void mend_numbers(cJSON *config, const Schema *schema) {
    for (int i = 0; i < schema->count && !failed(); i++) {
        const Field *f = schema->fields + i;
        cJSON *item = (cJSON *)json_get(config, f->name);
        const bool number = f->kind == FIELD_INT || f->kind == FIELD_FLOAT;
        if (number && cJSON_GetArraySize(item) == 1 && cJSON_IsNumber(item->child))
            take_place(config, item, json_copy(item->child));
    }
}

static void mend_layer(cJSON *instance, cJSON *config, const char *class_name) {
    const bool keras3 =
        of_keras == KERAS_BY_FORM ? json_get_text(instance, "module") != NULL : of_keras == KERAS_3;
    mend_numbers(config, layer_class_find(class_name)->schema);
    mend_activation(config, "activation", keras3);
    mend_activation(config, "recurrentActivation", keras3);
    if (!strcmp(class_name, "LeakyReLU")) copy_field(config, "negativeSlope", "alpha");
    if (!strcmp(class_name, "BatchNormalization") || !strcmp(class_name, "Softmax"))
        mend_axis(config);
    if (!strcmp(class_name, "Bidirectional")) check_backward(config);
    if (!failed()) check_fields(json_get_text(instance, "className"), config);
}

static bool is_known(const char *class_name) {
    static const char *const models[] = {"Sequential", "Functional", "Model"};
    for (size_t i = 0; i < sizeof models / sizeof *models; i++)
        if (!strcmp(class_name, models[i])) return true;
    return layer_class_find(class_name) || part_class_is_known(class_name);
}

/* The class in "Custom>Normalization", "keras.layers.Normalization", or under its other names. */
static void plain_class(cJSON *instance) {
    static const char *const others[][2] = {{"GroupQueryAttention", "GroupedQueryAttention"}};
    const char *name = json_get_text(instance, "className");
    if (!name || is_known(name) || strstr(name, ".ops.")) return;
    char known[64];
    snprintf(known, sizeof known, "%.60s", without_module(name));
    for (size_t i = 0; i < sizeof others / sizeof *others; i++)
        if (!strcmp(known, others[i][0])) strcpy(known, others[i][1]);
    if (strcmp(known, name) && is_known(known))
        take_place(instance, (cJSON *)json_get(instance, "className"), json_string(known));
}

/* Names that TensorFlow 1 gave classes. */
static void rename_classes(cJSON *instance) {
    static const char *const names[][2] = {
        {"BatchNormalizationV1", "BatchNormalization"},
        {"BatchNormalizationV2", "BatchNormalization"},
        {"UnifiedLSTM", "LSTM"},
        {"UnifiedGRU", "GRU"},
    };
    for (size_t i = 0; i < sizeof names / sizeof *names; i++)
        rename_class(instance, names[i][0], names[i][1]);
}

void keras3_fields(cJSON *instance) {
    rename_classes(instance);
    plain_class(instance);
    cJSON *config = (cJSON *)json_get(instance, "config");
    const char *class_name = json_get_text(instance, "className");
    if (!class_name || !cJSON_IsObject(config) || failed()) return;
    mend_seed(config);
    if (layer_class_find(class_name)) {
        mend_layer(instance, config, class_name);
        return;
    }
    rename_class(instance, "OrthogonalInitializer", "Orthogonal");
    rename_class(instance, "IdentityInitializer", "Identity");
}
