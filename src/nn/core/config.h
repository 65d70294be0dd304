/* Configs: a table of fields for each layer, initializer, optimizer..., which tools/gen/layers.mjs
** makes from the comment above its declaration, and one reader that checks, fills in defaults, and
** leaves the values in the C struct of that declaration. */
#ifndef TN_CONFIG_H
#define TN_CONFIG_H
#include "base/arena.h"
#include "base/json.h"
#include "tensor/op.h"

typedef enum FieldKind {
    FIELD_INT,         /* int; NONE where null */
    FIELD_FLOAT,       /* double; NAN where null */
    FIELD_BOOL,        /* bool */
    FIELD_FLOATS,      /* const Floats *, of any length; one number counts as a list; NULL: null */
    FIELD_INTS,        /* const Ints *; one number counts as `count` equal ones; NULL where null */
    FIELD_SHAPE,       /* const Ints *; null in it is -1 */
    FIELD_SIDES,       /* Sides: a number, [rows, columns] or [[top, bottom], [left, right]] */
    FIELD_STRING,      /* const char * */
    FIELD_SEED,        /* const char *, a number as JavaScript prints it; NULL: unpredictable */
    FIELD_ENUM,        /* an enum of layer.h; -1 where null */
    FIELD_DTYPE,       /* DType */
    FIELD_ACTIVATION,  /* const Activation * */
    FIELD_INITIALIZER, /* const Initializer * */
    FIELD_REGULARIZER, /* const Regularizer *, NULL for none */
    FIELD_CONSTRAINT,  /* const Constraint *, NULL for none */
    FIELD_LAYER,       /* Layer *, held by the layer that is configured */
    FIELD_LAYERS,      /* const Layers *, the same */
    FIELD_VALUES       /* const cJSON *, part of the full config: a list of strings or numbers, as
                          files have it; NULL where null */
} FieldKind;

enum { NONE = INT32_MIN };
typedef struct Sides {
    int top, bottom, left, right;
} Sides;

typedef struct Floats {
    int n;
    double v[];
} Floats;

typedef struct Field {
    const char *name;
    FieldKind kind;
    int offset;                 /* in the struct */
    const char *initial;        /* default as JSON, "=other": as that field; NULL: must be given */
    int least, most;            /* of numbers: the smallest and largest allowed (NONE: any) */
    int count;                  /* of numbers: how many */
    const char *const *choices; /* spellings of an enum, ending with NULL */
    bool nullable;              /* null is a choice of its own, and not the default */
} Field;

typedef struct Schema {
    const char *name;       /* dense: factory in JavaScript and name in errors */
    const char *class_name; /* Dense: in JSON */
    const Field *fields;
    int count, bytes; /* fields; size of the struct */
} Schema;

/* ---- reading ---- */

typedef struct Reader {
    const char *who;   /* opens error messages: the layer's name */
    const cJSON *from; /* as given: either spelling, defaults missing; NULL: nothing given */
    cJSON *to;         /* gets every field, camelCase, checked */
    Arena *arena;
    struct Layer *layer; /* that nested layers belong to, or NULL */
} Reader;

/* Fills a struct by its schema. False with the error set. */
bool config_read(const Reader *r, const Schema *schema, void *config);
/* The same for one field. */
void config_read_field(const Reader *r, const Field *f, void *config);

/* ---- between config.c and config_layers.c ---- */

/* A value in a message. */
const char *config_shown(const cJSON *j);
/* False with the error set: the field must be something else than what is given. */
bool config_wrong(const Reader *r, const Field *f, const char *must, const cJSON *value);
/* Each reads a field of its kind from j, to the struct and to the full config. */
bool config_read_activation(const Reader *r, const Field *f, const cJSON *j, void *to);
bool config_read_layer(const Reader *r, const Field *f, const cJSON *j, void *to);
bool config_read_layers(const Reader *r, const Field *f, const cJSON *j, void *to);

#endif
