/* JSON from files: parsed by cJSON out of the engine's memory, with errors that say where. */
#include "json.h"
#include "../engine/engine.h"

/* cJSON frees without a size, the engine wants one: it stands in front of each block. */
enum { HEAD = 16 };
static bool no_memory; /* since it was last set to false */

static void *json_alloc(size_t size) {
    char *block = size > SIZE_MAX - HEAD ? NULL : mem_alloc(size + HEAD);
    no_memory |= !block;
    if (!block) return NULL;
    *(size_t *)block = size;
    return block + HEAD;
}

static void json_free(void *p) {
    if (!p) return;
    char *block = (char *)p - HEAD;
    mem_free(block, *(size_t *)block + HEAD);
}

void json_memory(void) { cJSON_InitHooks(&(cJSON_Hooks){json_alloc, json_free}); }

/* Whether a text has more values than a file of a model ever had: each is tens of bytes of
** memory. */
static bool too_many(const char *text) {
    int values = 0;
    bool quoted = false;
    for (; *text && values <= JSON_MOST_VALUES; text++) {
        if (quoted && *text == '\\' && text[1]) text++;
        else if (*text == '"') quoted = !quoted;
        else values += !quoted && (*text == ',' || *text == '[' || *text == '{');
    }
    return values > JSON_MOST_VALUES;
}

/* The terminating zero is given to cJSON as part of the text: it looks one byte ahead. */
cJSON *json_parse(const char *what, const char *text) {
    json_memory();
    const char *end = text;
    no_memory = false;
    if (too_many(text)) {
        fail(TN_FILE, "%s: the JSON has more than %d values", what, JSON_MOST_VALUES);
        return NULL;
    }
    cJSON *json = cJSON_ParseWithLengthOpts(text, strlen(text) + 1, &end, true);
    if (!json && no_memory)
        fail(TN_MEMORY, "out of memory: %s: the JSON of %zu bytes", what, strlen(text));
    else if (!json)
        fail(TN_FILE, "%s: the JSON is broken or nested deeper than %d at byte %zu of %zu", what,
             CJSON_NESTING_LIMIT, (size_t)(end - text), strlen(text));
    return json;
}
