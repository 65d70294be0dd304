/* JSON for configs and topologies: cJSON on the library's memory, bounded in depth, with names in
** either spelling (useBias, use_bias). */
#ifndef TN_JSON_H
#define TN_JSON_H
#include "tensorine.h"
#include "base/names.h"
#include <cJSON.h>

/* A text of more values is refused. */
enum { JSON_MOST_VALUES = 2000000 };

/* Deeper text is refused: reading, copying and freeing JSON recurse once a level. */
enum { JSON_MAX_DEPTH = 300 };

/* The value of a text, to be freed with cJSON_Delete; NULL with the error set, which starts with
** `what` and says at which byte the text is wrong. Nesting is limited to CJSON_NESTING_LIMIT. */
cJSON *json_parse(const char *what, const char *text);

/* The tree of a text, or NULL with the error set; `who` opens the message. json_free it. */
cJSON *json_read(const char *who, const char *text);
void json_free(cJSON *json);
/* A deep copy; NULL with the error set when memory is out. */
cJSON *json_copy(const cJSON *json);

/* Building. A NULL item means that memory ran out; it sets the error and changes nothing. Items
** become part of the object or array, also when adding fails (they are freed then). */
cJSON *json_object(void);
cJSON *json_array(void);
cJSON *json_string(const char *text);
cJSON *json_number(double value);
cJSON *json_bool(bool value);
cJSON *json_null(void);
cJSON *json_put(cJSON *object, const char *name, cJSON *item);
/* In place of the member of this name, which must be there. */
cJSON *json_replace(cJSON *object, const char *name, cJSON *item);
cJSON *json_append(cJSON *array, cJSON *item);
cJSON *json_ints(int n, const int *v);
/* The same with null for -1: an open size. */
cJSON *json_sizes(int n, const int *v);
/* {"className": name, "config": config} */
cJSON *json_instance(const char *class_name, cJSON *config);

/* The member of an object under this camelCase name in either spelling, NULL if none or null. */
const cJSON *json_get(const cJSON *object, const char *name);
/* The same as text, or NULL where it is no text. */
const char *json_get_text(const cJSON *object, const char *name);
/* A copy as Keras writes it: names of members, and strings but names, in snake_case. */
cJSON *json_pythonic(const cJSON *json);

/* The text of a tree, in a buffer of the library's that the next call reuses; "" with the error
** set when memory is out. The tree is freed. */
const char *json_text(cJSON *json);
#endif
