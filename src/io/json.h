/* JSON from files: parsed by cJSON out of the engine's memory, with errors that say where. */
#ifndef JSON_H
#define JSON_H
#include "../op.h"
#include <cJSON.h>

/* A text of more values is refused. */
enum { JSON_MOST_VALUES = 2000000 };

/* The value of a text, to be freed with cJSON_Delete; NULL with the error set, which starts with
** `what` and says at which byte the text is wrong. Nesting is limited to CJSON_NESTING_LIMIT. */
cJSON *json_parse(const char *what, const char *text);
/* From now on cJSON takes the engine's memory: for values that are made, not parsed. */
void json_memory(void);
#endif
