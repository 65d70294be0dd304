/* JSON: parsed by cJSON out of the library's memory, with errors that say where; built, copied,
** spelled. */
#include "base/json.h"
#include "base/alloc.h"
#include "base/error.h"
#include <stdio.h>
#include <string.h>

/* ---- memory and parsing ---- */

/* cJSON frees without a size, the engine wants one: it stands in front of each block. */
enum { HEAD = 16 };
static bool no_memory; /* since it was last set to false */

static void *block_alloc(size_t size) {
    char *block = size > SIZE_MAX - HEAD ? NULL : mem_alloc(size + HEAD);
    no_memory |= !block;
    if (!block) return NULL;
    *(size_t *)block = size;
    return block + HEAD;
}

static void block_free(void *p) {
    if (!p) return;
    char *block = (char *)p - HEAD;
    mem_free(block, *(size_t *)block + HEAD);
}

/* cJSON takes the library's memory, whoever used it before. */
static void json_memory(void) { cJSON_InitHooks(&(cJSON_Hooks){block_alloc, block_free}); }

/* What one look at a text tells: its bytes, as far as nothing is too much; how deep brackets nest;
** how many values there are, each tens of bytes of memory. */
typedef struct Extent {
    size_t bytes;
    int depth, values;
} Extent;

/* Behind the quote that ends a text, or at the end of all. */
static const char *skip_quoted(const char *p) {
    for (; *p && *p != '"'; p++)
        if (*p == '\\' && p[1]) p++;
    return *p ? p + 1 : p;
}

static Extent measure(const char *text, int deepest) {
    Extent e = {0};
    const char *p = text;
    for (int depth = 0; *p && e.values <= JSON_MOST_VALUES && e.depth <= deepest;) {
        const char c = *p++;
        if (c == '"') p = skip_quoted(p);
        if ((c | 32) == '{') e.depth = ++depth > e.depth ? depth : e.depth;
        if ((c | 32) == '}') depth--;
        e.values += c == ',' || (c | 32) == '{';
    }
    e.bytes = (size_t)(p - text);
    return e;
}

/* The terminating zero is given to cJSON as part of the text: it looks one byte ahead. */
static cJSON *parse(const char *what, const char *text, Extent e) {
    json_memory();
    const char *end = text;
    no_memory = false;
    if (e.values > JSON_MOST_VALUES) {
        fail(TN_FILE, "%s: the JSON has more than %d values", what, JSON_MOST_VALUES);
        return NULL;
    }
    cJSON *json = cJSON_ParseWithLengthOpts(text, e.bytes + 1, &end, true);
    if (!json && no_memory)
        fail(TN_MEMORY, "out of memory: %s: the JSON of %zu bytes", what, e.bytes);
    else if (!json)
        fail(TN_FILE, "%s: the JSON is broken or nested deeper than %d at byte %zu of %zu", what,
             CJSON_NESTING_LIMIT, (size_t)(end - text), e.bytes);
    return json;
}

cJSON *json_parse(const char *what, const char *text) {
    return parse(what, text, measure(text, CJSON_NESTING_LIMIT));
}

static cJSON *made(cJSON *json) {
    if (!json) fail(TN_MEMORY, "out of memory for a config");
    return json;
}

/* ---- text to tree ---- */

cJSON *json_read(const char *who, const char *text) {
    if (failed()) return NULL;
    const Extent e = measure(text, JSON_MAX_DEPTH);
    if (e.depth <= JSON_MAX_DEPTH) return parse(who, text, e);
    fail(TN_FILE, "%s: JSON nested more than %d deep", who, JSON_MAX_DEPTH);
    return NULL;
}

void json_free(cJSON *json) { cJSON_Delete(json); }

cJSON *json_copy(const cJSON *json) { return failed() ? NULL : made(cJSON_Duplicate(json, true)); }

/* ---- building ---- */

cJSON *json_object(void) { return json_memory(), made(cJSON_CreateObject()); }
cJSON *json_array(void) { return json_memory(), made(cJSON_CreateArray()); }
cJSON *json_string(const char *text) { return json_memory(), made(cJSON_CreateString(text)); }
cJSON *json_number(double value) { return json_memory(), made(cJSON_CreateNumber(value)); }
cJSON *json_bool(bool value) { return json_memory(), made(cJSON_CreateBool(value)); }
cJSON *json_null(void) { return json_memory(), made(cJSON_CreateNull()); }

cJSON *json_put(cJSON *object, const char *name, cJSON *item) {
    if (object && item && cJSON_AddItemToObject(object, name, item)) return item;
    json_free(item);
    return made(NULL);
}

cJSON *json_replace(cJSON *object, const char *name, cJSON *item) {
    cJSON *old = object && item ? cJSON_GetObjectItemCaseSensitive(object, name) : NULL;
    if (old) cJSON_Delete(cJSON_DetachItemViaPointer(object, old));
    return json_put(object, name, item);
}

cJSON *json_append(cJSON *array, cJSON *item) {
    if (array && item && cJSON_AddItemToArray(array, item)) return item;
    json_free(item);
    return made(NULL);
}

cJSON *json_ints(int n, const int *v) {
    cJSON *array = json_array();
    for (int i = 0; i < n; i++) json_append(array, json_number(v[i]));
    return array;
}

cJSON *json_sizes(int n, const int *v) {
    cJSON *array = json_array();
    for (int i = 0; i < n; i++) json_append(array, v[i] == -1 ? json_null() : json_number(v[i]));
    return array;
}

cJSON *json_instance(const char *class_name, cJSON *config) {
    cJSON *object = json_object();
    json_put(object, "className", json_string(class_name));
    json_put(object, "config", config);
    return object;
}

/* ---- members and names ---- */

const cJSON *json_get(const cJSON *object, const char *name) {
    const cJSON *item;
    if (!cJSON_IsObject(object)) return NULL;
    cJSON_ArrayForEach(item, object) {
        const char first = *item->string; /* most differ here */
        if (first != '_' && (first | 32) != (*name | 32)) continue;
        if (same_name(item->string, name)) return cJSON_IsNull(item) ? NULL : item;
    }
    return NULL;
}

const char *json_get_text(const cJSON *object, const char *name) {
    const cJSON *item = json_get(object, name);
    return cJSON_IsString(item) ? item->valuestring : NULL;
}

static cJSON *pythonic_text(const char *text) {
    char snake[128];
    if (strlen(text) > sizeof snake / 2 - 2) return json_string(text);
    snake_case(text, snake, sizeof snake);
    return json_string(snake);
}

cJSON *json_pythonic(const cJSON *json) {
    const cJSON *item;
    if (failed()) return NULL;
    if (cJSON_IsString(json)) return pythonic_text(json->valuestring);
    if (!cJSON_IsObject(json) && !cJSON_IsArray(json)) return json_copy(json);
    cJSON *copy = cJSON_IsObject(json) ? json_object() : json_array();
    cJSON_ArrayForEach(item, json) {
        if (cJSON_IsArray(json)) {
            json_append(copy, json_pythonic(item));
            continue;
        }
        bool kept = cJSON_IsString(item) &&
                    (!strcmp(item->string, "name") || !strcmp(item->string, "className"));
        char name[128];
        snake_case(item->string, name, sizeof name);
        json_put(copy, name, kept ? json_copy(item) : json_pythonic(item));
    }
    return copy;
}

/* ---- tree to text ---- */

const char *json_text(cJSON *json) {
    static char *text;
    char *last = text;
    text = NULL; /* first: a call that is cut off, by a full stack, must not leave what is freed */
    cJSON_free(last);
    text = json && !failed() ? cJSON_PrintUnformatted(json) : NULL;
    json_free(json);
    if (!text) fail(TN_MEMORY, "out of memory for a text");
    return text ? text : "";
}
