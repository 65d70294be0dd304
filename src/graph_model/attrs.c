/* Attributes of nodes, from protobuf's JSON: numbers may be strings, strings are base64 or lists of
** bytes, enums are names or numbers. And names that are looked for. */
#include "graph_model/graph.h"
#include <stdlib.h>

/* ---- names ---- */

static NameKey key_of(const char *name, int at) {
    NameKey k = {.length = strlen(name), .name = name, .at = at};
    const size_t n = k.length < sizeof k.tail ? k.length : sizeof k.tail;
    memcpy(&k.tail, name + k.length - n, n);
    return k;
}

static int compare(const NameKey *a, const NameKey *b) {
    if (a->length != b->length) return a->length < b->length ? -1 : 1;
    if (a->tail != b->tail) return a->tail < b->tail ? -1 : 1;
    return a->length > sizeof a->tail ? memcmp(a->name, b->name, a->length) : 0;
}

/* Merges sorted runs of `run` and of what follows, from -> to; equal names stay in their order. */
static void merge(int n, int run, const NameKey *from, NameKey *to) {
    for (int begin = 0; begin < n; begin += 2 * run) {
        const int middle = begin + run < n ? begin + run : n;
        const int end = middle + run < n ? middle + run : n;
        for (int i = begin, j = middle, k = begin; k < end; k++) {
            const bool first = j == end || (i < middle && compare(&from[i], &from[j]) <= 0);
            to[k] = first ? from[i++] : from[j++];
        }
    }
}

bool names_sort(Names *s, Arena *a, int n, const char *const *names) {
    NameKey *keys = arena_take(a, (size_t)n * 2 * sizeof *keys), *other = keys + n;
    if (!keys) return false;
    for (int i = 0; i < n; i++) keys[i] = key_of(names[i], i);
    for (int run = 1; run < n; run *= 2) {
        merge(n, run, keys, other);
        NameKey *swapped = keys;
        keys = other, other = swapped;
    }
    *s = (Names){n, keys};
    return true;
}

int names_find(const Names *s, const char *name) {
    const NameKey key = key_of(name, 0);
    int low = 0, high = s->n; /* the first that comes after the name is in low..high */
    while (low < high) {
        int mid = low + (high - low) / 2;
        if (compare(&s->keys[mid], &key) <= 0) low = mid + 1;
        else high = mid;
    }
    return low && !compare(&s->keys[low - 1], &key) ? s->keys[low - 1].at : -1;
}

int names_double(const Names *s) {
    for (int i = 1; i < s->n; i++)
        if (!compare(&s->keys[i - 1], &s->keys[i])) return s->keys[i].at;
    return -1;
}

/* ---- parts of attributes ---- */

static double number_of(const cJSON *json) {
    if (cJSON_IsNumber(json)) return json->valuedouble;
    return cJSON_IsString(json) ? strtod(json->valuestring, NULL) : 0;
}

static int int_of(const cJSON *json) {
    double v = number_of(json);
    return isnan(v) ? 0 : (int)fmax(fmin(v, INT32_MAX), INT32_MIN);
}

static int base64_digit(char c) {
    if (c >= 'A' && c <= 'Z') return c - 'A';
    if (c >= 'a' && c <= 'z') return c - 'a' + 26;
    if (c >= '0' && c <= '9') return c - '0' + 52;
    return c == '+' || c == '-' ? 62 : c == '/' || c == '_' ? 63 : -1;
}

static const char *base64_string(const char *from, Arena *a) {
    char *text = arena_take(a, strlen(from) / 4 * 3 + 4), *to = text;
    unsigned bits = 0;
    int have = 0;
    for (; text && *from; from++) {
        int digit = base64_digit(*from);
        if (digit < 0) continue;
        bits = bits << 6 | (unsigned)digit;
        have += 6;
        if (have < 8) continue;
        have -= 8;
        *to++ = (char)(bits >> have);
    }
    return text;
}

/* Bytes as a list of numbers: old files have them so. */
static const char *bytes_string(const cJSON *list, Arena *a) {
    const cJSON *item;
    char *text = arena_take(a, (size_t)cJSON_GetArraySize(list) + 1), *to = text;
    if (!text) return NULL;
    cJSON_ArrayForEach(item, list) *to++ = (char)int_of(item);
    return text;
}

static const char *string_of_json(const cJSON *json, Arena *a) {
    if (cJSON_IsString(json)) return base64_string(json->valuestring, a);
    return cJSON_IsArray(json) ? bytes_string(json, a) : arena_text(a, "");
}

/* A dtype as DT_FLOAT or 1 names it, -1 where there is no counterpart. */
static int dtype_of_json(const cJSON *json) {
    static const struct {
        const char *name;
        int number, dtype;
    } types[] = {{"DT_FLOAT", 1, TN_FLOAT32},         {"DT_DOUBLE", 2, TN_FLOAT32},
                 {"DT_INT32", 3, TN_INT32},           {"DT_UINT8", 4, TN_INT32},
                 {"DT_INT16", 5, TN_INT32},           {"DT_INT8", 6, TN_INT32},
                 {"DT_STRING", 7, TN_STRING},         {"DT_COMPLEX64", 8, TN_COMPLEX64},
                 {"DT_INT64", 9, TN_INT32},           {"DT_BOOL", 10, TN_BOOL},
                 {"DT_BFLOAT16", 14, TN_FLOAT32},     {"DT_UINT16", 17, TN_INT32},
                 {"DT_COMPLEX128", 18, TN_COMPLEX64}, {"DT_HALF", 19, TN_FLOAT32},
                 {"DT_UINT32", 22, TN_INT32},         {"DT_UINT64", 23, TN_INT32}};
    for (size_t i = 0; i < sizeof types / sizeof *types; i++)
        if (cJSON_IsString(json) ? !strcmp(json->valuestring, types[i].name)
                                 : cJSON_IsNumber(json) && json->valuedouble == types[i].number)
            return types[i].dtype;
    return -1;
}

static const cJSON *member(const cJSON *object, const char *name) {
    return cJSON_GetObjectItemCaseSensitive(object, name);
}

static const Ints *ints_of_json(const cJSON *list, Arena *a) {
    const cJSON *item;
    int n = cJSON_GetArraySize(list), i = 0;
    Ints *v = arena_take(a, sizeof(Ints) + (size_t)n * sizeof(int));
    if (!v) return NULL;
    v->n = n;
    cJSON_ArrayForEach(item, list) v->v[i++] = int_of(item);
    return v;
}

/* A shape as {"dim": [{"size": "2"}]}, NULL if its rank is open. */
static const Ints *shape_of_json(const cJSON *json, Arena *a) {
    const cJSON *item, *dims = member(json, "dim");
    if (cJSON_IsTrue(member(json, "unknownRank"))) return NULL;
    int n = cJSON_GetArraySize(dims), i = 0;
    Ints *v = arena_take(a, sizeof(Ints) + (size_t)n * sizeof(int));
    if (!v) return NULL;
    v->n = n;
    cJSON_ArrayForEach(item, dims) v->v[i++] = int_of(member(item, "size"));
    return v;
}

/* ---- whole attributes ---- */

static void list_read(const cJSON *list, Arena *a, Attr *attr) {
    const cJSON *item, *strings = member(list, "s"), *numbers = member(list, "f");
    attr->kind = ATTR_INTS;
    if (!cJSON_GetArraySize(strings)) {
        if (!cJSON_GetArraySize(numbers)) numbers = member(list, "i");
        attr->ints = ints_of_json(numbers, a);
        return;
    }
    const char **v = arena_take(a, (size_t)cJSON_GetArraySize(strings) * sizeof *v);
    attr->kind = ATTR_STRINGS;
    attr->strings = v;
    cJSON_ArrayForEach(item, strings) if (v) v[attr->count++] = string_of_json(item, a);
}

/* False where it says nothing that we could use. */
static bool attr_read(const cJSON *json, Arena *a, Attr *attr) {
    const cJSON *v;
    attr->name = json->string;
    if ((v = member(json, "i")) || (v = member(json, "f"))) {
        attr->kind = ATTR_NUMBER;
        attr->number = number_of(v);
    } else if ((v = member(json, "s"))) {
        attr->kind = ATTR_STRING;
        attr->string = string_of_json(v, a);
    } else if ((v = member(json, "b"))) {
        attr->kind = ATTR_BOOL;
        attr->number = cJSON_IsTrue(v);
    } else if ((v = member(json, "type"))) {
        attr->kind = ATTR_DTYPE;
        attr->number = dtype_of_json(v);
    } else if ((v = member(json, "shape"))) {
        attr->kind = ATTR_SHAPE;
        attr->ints = shape_of_json(v, a);
    } else if ((v = member(json, "list"))) {
        list_read(v, a, attr);
    } else if ((v = member(member(json, "func"), "name")) && cJSON_IsString(v)) {
        attr->kind = ATTR_FUNCTION;
        attr->string = v->valuestring;
    } else {
        return false;
    }
    return true;
}

bool attrs_read(const cJSON *json, Arena *a, Attr **attrs, int *count) {
    const cJSON *item;
    int most = cJSON_IsObject(json) ? cJSON_GetArraySize(json) : 0;
    *count = 0;
    *attrs = NULL;
    if (!most) return !failed();
    *attrs = arena_take(a, (size_t)most * sizeof **attrs);
    if (!*attrs) return false;
    cJSON_ArrayForEach(item, json) if (!failed() && attr_read(item, a, *attrs + *count))++ *count;
    return !failed();
}
