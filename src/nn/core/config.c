/* The reader of configs: one function for each kind of field. */
#include "nn/core/layer.h"

const char *config_shown(const cJSON *j) {
    static char text[80];
    if (cJSON_IsNumber(j)) snprintf(text, sizeof text, "%.9g", j->valuedouble);
    else if (cJSON_IsString(j)) snprintf(text, sizeof text, "'%.60s'", j->valuestring);
    else if (cJSON_IsBool(j)) return cJSON_IsTrue(j) ? "true" : "false";
    else return cJSON_IsArray(j) ? "an array" : cJSON_IsObject(j) ? "an object" : "null";
    return text;
}

/* A text without its quotes. */
static const char *bare(const cJSON *j) {
    return cJSON_IsString(j) ? j->valuestring : config_shown(j);
}

bool config_wrong(const Reader *r, const Field *f, const char *must, const cJSON *value) {
    fail(TN_VALUE, "%s: %s must be %s, but is %s", r->who, f->name, must, config_shown(value));
    return false;
}

/* The same for counts, which goes on in TensorFlow.js's words. */
static bool no_count(const Reader *r, const Field *f, const char *must, const cJSON *value) {
    const char *quote = cJSON_IsString(value) ? "\"" : "";
    if (cJSON_IsArray(value) && !cJSON_GetArraySize(value))
        fail(TN_VALUE, "%s: %s must be %s: %s is unexpectedly an empty array.", r->who, f->name,
             must, f->name);
    else
        fail(TN_VALUE, "%s: %s must be %s: Expected %s to be a positive integer, but got %s%s%s.",
             r->who, f->name, must, f->name, quote, bare(value), quote);
    return false;
}

static bool whole(const cJSON *j, int *to) {
    if (!cJSON_IsNumber(j) || !(fabs(j->valuedouble) <= INT32_MAX)) return false;
    *to = (int)j->valuedouble;
    return *to == j->valuedouble;
}

/* ---- one function a kind: value to struct and to the full config ---- */

static bool read_int(const Reader *r, const Field *f, const cJSON *j, void *to) {
    char must[60];
    int *n = to;
    if (!whole(j, n) || *n < f->least) {
        if (f->least == NONE) return config_wrong(r, f, "a whole number", j);
        snprintf(must, sizeof must, "a whole number of at least %d", f->least);
        return f->least == 1 ? no_count(r, f, must, j) : config_wrong(r, f, must, j);
    }
    return json_put(r->to, f->name, json_number(*n));
}

static bool read_float(const Reader *r, const Field *f, const cJSON *j, void *to) {
    char must[60];
    if (!cJSON_IsNumber(j) || !isfinite(j->valuedouble)) return config_wrong(r, f, "a number", j);
    const bool low = f->least != NONE && j->valuedouble < f->least;
    if (low || (f->most != NONE && j->valuedouble > f->most)) {
        if (f->most == NONE) snprintf(must, sizeof must, "a number of at least %d", f->least);
        else snprintf(must, sizeof must, "a number from %d to %d", f->least, f->most);
        return config_wrong(r, f, must, j);
    }
    *(double *)to = j->valuedouble;
    return json_put(r->to, f->name, json_number(j->valuedouble));
}

static bool read_bool(const Reader *r, const Field *f, const cJSON *j, void *to) {
    bool truth = cJSON_IsTrue(j) || (cJSON_IsNumber(j) && j->valuedouble == 1);
    if (!truth && !cJSON_IsFalse(j) && !(cJSON_IsNumber(j) && j->valuedouble == 0))
        return config_wrong(r, f, "true or false", j);
    *(bool *)to = truth;
    return json_put(r->to, f->name, json_bool(truth));
}

/* Numbers into v, null and, in shapes, what is below zero as -1; how many, or -1 if one is not
** whole or too small. */
static int numbers(const cJSON *j, int least, bool nulls, int *v, int capacity) {
    const cJSON *item;
    int n = 0;
    cJSON_ArrayForEach(item, j) {
        if (n == capacity) return -1;
        bool none = cJSON_IsNull(item) && least == NONE;
        bool open = none || (nulls && (cJSON_IsNull(item) || (whole(item, v + n) && v[n] < 0)));
        if (open) v[n] = -1;
        else if (!whole(item, v + n) || v[n] < least) return -1;
        n++;
    }
    return n;
}

static bool no_integers(const Reader *r, const Field *f, const char *must, const cJSON *value) {
    const char *or_one = cJSON_IsArray(value) ? "" : "an integer or ";
    fail(TN_VALUE, "%s: %s must be %s: Expected %s to be %san array of integers, but received %s",
         r->who, f->name, must, f->name, or_one, config_shown(value));
    return false;
}

static bool read_list(const Reader *r, const Field *f, const cJSON *j, void *to) {
    int v[TN_MAX_RANK], n = f->count ? f->count : 1;
    char must[80], least[40] = "";
    bool good;
    if (cJSON_IsNumber(j)) {
        good = whole(j, v) && v[0] >= f->least;
        for (int i = 1; i < n; i++) v[i] = v[0];
    } else {
        n = cJSON_IsArray(j) ? numbers(j, f->least, f->kind == FIELD_SHAPE, v, TN_MAX_RANK) : -1;
        if (n == 1 && f->count > 1)
            for (; n < f->count; n++) v[n] = v[0];
        good = n >= 0 && (!f->count || n == f->count);
    }
    if (!good) {
        if (f->least != NONE) snprintf(least, sizeof least, " of at least %d", f->least);
        if (f->count) snprintf(must, sizeof must, "a number or %d numbers%s", f->count, least);
        else snprintf(must, sizeof must, "at most %d whole numbers%s", TN_MAX_RANK, least);
        if (f->least == 1 && !cJSON_IsArray(j)) return no_count(r, f, must, j);
        if (f->kind == FIELD_INTS && f->least == NONE) return no_integers(r, f, must, j);
        return config_wrong(r, f, must, j);
    }
    *(const Ints **)to = arena_ints(r->arena, n, v);
    bool number = cJSON_IsNumber(j) && !f->count;
    if (number) return json_put(r->to, f->name, json_number(v[0]));
    return json_put(r->to, f->name, f->kind == FIELD_SHAPE ? json_sizes(n, v) : json_ints(n, v));
}

/* How many values an array holds, in arrays in it too. */
static int leaves(const cJSON *j) {
    const cJSON *item;
    int n = 0;
    if (!cJSON_IsArray(j)) return 1;
    cJSON_ArrayForEach(item, j) n += leaves(item);
    return n;
}

static void take_numbers(const cJSON *j, Floats *list) {
    const cJSON *item;
    if (cJSON_IsNumber(j)) list->v[list->n++] = j->valuedouble;
    if (cJSON_IsArray(j)) cJSON_ArrayForEach(item, j) take_numbers(item, list);
}

static bool read_floats(const Reader *r, const Field *f, const cJSON *j, void *to) {
    int n = leaves(j);
    Floats *list = arena_take(r->arena, sizeof *list + (size_t)n * sizeof *list->v);
    if (!list) return false;
    *(const Floats **)to = list;
    take_numbers(j, list);
    for (int i = 0; i < list->n; i++)
        if (!isfinite(list->v[i])) list->n = 0;
    if (list->n < n) return config_wrong(r, f, "a number or an array of numbers", j);
    return json_put(r->to, f->name, json_copy(j));
}

/* Says which list is not one of two, if that is the fault. */
static bool no_sides(const Reader *r, const Field *f, const cJSON *j) {
    const cJSON *at = j;
    const char *which = "";
    int n = cJSON_IsArray(j) ? cJSON_GetArraySize(j) : 2;
    for (int i = 0; n == 2 && i < 2 && cJSON_IsArray(j); i++) {
        at = i ? j->child->next : j->child;
        which = i ? " width" : " height";
        if (cJSON_IsArray(at)) n = cJSON_GetArraySize(at);
    }
    if (n == 2)
        return config_wrong(r, f, "a number, [rows, columns] or [[top, bottom], [left, right]]", j);
    fail(TN_VALUE, "%s: expects%s %s to be a length-2 array, but received a length-%d array.",
         r->who, which, f->name, n);
    return false;
}

static bool read_sides(const Reader *r, const Field *f, const cJSON *j, void *to) {
    Sides *s = to;
    int v[2] = {0}, w[2];
    bool good = cJSON_IsNumber(j) && whole(j, v) && v[0] >= 0;
    if (good) *s = (Sides){v[0], v[0], v[0], v[0]};
    else if (cJSON_IsArray(j) && cJSON_IsArray(j->child)) {
        good = numbers(j->child, 0, false, v, 2) == 2 && cJSON_IsArray(j->child->next) &&
               !j->child->next->next && numbers(j->child->next, 0, false, w, 2) == 2;
        if (good) *s = (Sides){v[0], v[1], w[0], w[1]};
    } else if (cJSON_IsArray(j)) {
        good = numbers(j, 0, false, v, 2) == 2;
        if (good) *s = (Sides){v[0], v[0], v[1], v[1]};
    }
    if (!good) return no_sides(r, f, j);
    cJSON *pairs = json_array();
    json_append(pairs, json_ints(2, &s->top));
    json_append(pairs, json_ints(2, &s->left));
    return json_put(r->to, f->name, pairs);
}

static bool read_text(const Reader *r, const Field *f, const cJSON *j, void *to) {
    char number[40];
    const char *text = cJSON_IsString(j) ? j->valuestring : NULL;
    if (f->kind == FIELD_SEED && cJSON_IsNumber(j) && isfinite(j->valuedouble)) {
        snprintf(number, sizeof number, "%.15g", j->valuedouble);
        if (strtod(number, NULL) != j->valuedouble)
            snprintf(number, sizeof number, "%.17g", j->valuedouble);
        text = number;
    }
    if (!text) return config_wrong(r, f, f->kind == FIELD_SEED ? "a number" : "a text", j);
    *(const char **)to = arena_text(r->arena, text);
    return json_put(r->to, f->name, json_copy(j));
}

static bool no_choice(const Reader *r, const Field *f, const char *must, const cJSON *value) {
    if (!strcmp(f->name, "interpolation"))
        fail(TN_VALUE, "%s: Invalid interpolation parameter: %s is not implemented, it must be %s",
             r->who, bare(value), must);
    else if (!strcmp(f->name, "mergeMode"))
        fail(TN_VALUE, "%s: %s is not a valid BidirectionalMergeMode: %s must be %s", r->who,
             bare(value), f->name, must);
    else return config_wrong(r, f, must, value);
    return false;
}

static bool read_enum(const Reader *r, const Field *f, const cJSON *j, void *to) {
    char must[160];
    int n = 0, at = snprintf(must, sizeof must, "one of");
    const char *name = cJSON_IsString(j) ? j->valuestring : "";
    for (; f->choices[n] && !same_name(name, f->choices[n]); n++)
        at += snprintf(must + at, sizeof must - (size_t)at, "%s '%s'", n ? "," : "", f->choices[n]);
    if (!f->choices[n]) return no_choice(r, f, must, j);
    *(int *)to = n;
    return json_put(r->to, f->name, json_string(f->choices[n]));
}

static bool read_part(const Reader *r, const Field *f, const cJSON *j, void *to) {
    *(const Part **)to = part_read(r, f, j);
    return !failed();
}

/* A list of strings or of numbers, of any length, kept as it is. */
static bool read_values(const Reader *r, const Field *f, const cJSON *j, void *to) {
    const cJSON *item;
    bool good = cJSON_IsArray(j);
    if (good)
        cJSON_ArrayForEach(item, j) good &=
            cJSON_IsString(item) || (cJSON_IsNumber(item) && isfinite(item->valuedouble));
    if (!good) return config_wrong(r, f, "an array of strings or numbers", j);
    return (*(const cJSON **)to = json_put(r->to, f->name, json_copy(j))) != NULL;
}

typedef bool (*ReadField)(const Reader *r, const Field *f, const cJSON *j, void *to);

static ReadField reader_of(FieldKind kind) {
    switch (kind) {
    case FIELD_INT: return read_int;
    case FIELD_FLOAT: return read_float;
    case FIELD_BOOL: return read_bool;
    case FIELD_FLOATS: return read_floats;
    case FIELD_INTS:
    case FIELD_SHAPE: return read_list;
    case FIELD_SIDES: return read_sides;
    case FIELD_STRING:
    case FIELD_SEED: return read_text;
    case FIELD_ENUM:
    case FIELD_DTYPE: return read_enum;
    case FIELD_ACTIVATION: return config_read_activation;
    case FIELD_INITIALIZER:
    case FIELD_REGULARIZER:
    case FIELD_CONSTRAINT: return read_part;
    case FIELD_LAYER: return config_read_layer;
    case FIELD_VALUES: return read_values;
    case FIELD_LAYERS: return config_read_layers;
    }
    return read_int;
}

/* ---- whole configs ---- */

static bool read_named(const Reader *r, const Field *f, const char *name, void *to) {
    cJSON *value = json_string(name);
    bool good = value && reader_of(f->kind)(r, f, value, to);
    json_free(value);
    return good;
}

static bool read_null(const Reader *r, const Field *f, void *to) {
    if (f->kind == FIELD_INT) *(int *)to = NONE;
    else if (f->kind == FIELD_FLOAT) *(double *)to = NAN;
    else if (f->kind == FIELD_ENUM) *(int *)to = -1;
    else if (f->kind == FIELD_ACTIVATION) return read_named(r, f, "linear", to);
    return json_put(r->to, f->name, json_null());
}

/* True where the file says null, and null is a choice of its own: of an activation, none; but a
** simpleRNN, as TensorFlow.js's, then takes its default. */
static bool chosen_null(const Reader *r, const Field *f) {
    const cJSON *item;
    bool simple = r->layer && !strncmp(r->layer->of->schema->class_name, "SimpleRNN", 9);
    bool choice = f->kind == FIELD_ACTIVATION ? !simple : f->nullable;
    cJSON_ArrayForEach(item,
                       r->from) if (choice && item->string &&
                                    same_name(item->string, f->name)) return cJSON_IsNull(item);
    return false;
}

static bool read_initial(const Reader *r, const Field *f, void *to) {
    if (!strcmp(f->initial, "null")) return read_null(r, f, to);
    if (f->initial[0] == '=') {
        const cJSON *other = cJSON_GetObjectItemCaseSensitive(r->to, f->initial + 1);
        bool null = !other || cJSON_IsNull(other);
        return null ? read_null(r, f, to) : reader_of(f->kind)(r, f, other, to);
    }
    cJSON *value = json_read(f->name, f->initial);
    bool good = value && reader_of(f->kind)(r, f, value, to);
    json_free(value);
    return good;
}

/* Keras may write a number as {"type": "ndarray", "value": 6}. */
static const cJSON *unwrapped(const cJSON *j) {
    const char *type = cJSON_IsObject(j) ? json_get_text(j, "type") : NULL;
    return type && !strcmp(type, "ndarray") ? json_get(j, "value") : j;
}

void config_read_field(const Reader *r, const Field *f, void *config) {
    const cJSON *value = unwrapped(json_get(r->from, f->name));
    void *to = (char *)config + f->offset;
    if (value) reader_of(f->kind)(r, f, value, to);
    else if (chosen_null(r, f)) read_null(r, f, to);
    else if (f->initial) read_initial(r, f, to);
    else fail(TN_VALUE, "%s: %s must be given, but is missing", r->who, f->name);
}

bool config_read(const Reader *r, const Schema *schema, void *config) {
    for (int i = 0; i < schema->count && !failed(); i++)
        config_read_field(r, schema->fields + i, config);
    return !failed();
}
