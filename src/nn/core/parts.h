/* Parts a layer is configured with: activations, initializers, regularizers, constraints. Each is
** declared once, under a manual comment that tools/gen/layers.mjs reads; one row an activation. */
#ifndef TN_PARTS_H
#define TN_PARTS_H
#include "nn/core/config.h"

typedef struct Activation {
    const char *name, *also; /* another name, or "" */
    Tensor *(*call)(Tensor *x);
    struct Layer *layer; /* that is applied instead, or NULL */
    const char *own;     /* JSON of one of the caller's classes, or NULL */
} Activation;

/* Declares an activation: name, another name, expression of the tensor x, manual, example. */
#define ACTIVATION(id, also, expression, manual, example)                                          \
    static Tensor *id##_call(Tensor *x) { return expression; }                                     \
    const Activation id##_activation = {#id, also, id##_call, NULL, NULL};

typedef struct PartClass {
    const Schema *schema;
    Tensor *(*make)(const void *config, const Ints *shape); /* an initializer's tensor */
    Tensor *(*apply)(const void *config, Tensor *weight);   /* penalty, or the constrained weight */
    const struct PartClass *as; /* a case of another: its config is `preset` and the fields here */
    const char *preset;
} PartClass;

#define INITIALIZER(id, Class, ...) const PartClass id##_part = {&id##_part_schema, __VA_ARGS__}
#define REGULARIZER(id, Class, ...) const PartClass id##_part = {&id##_part_schema, __VA_ARGS__}
#define CONSTRAINT(id, Class, ...) const PartClass id##_part = {&id##_part_schema, __VA_ARGS__}

typedef struct Part {
    const PartClass *of;
    const void *config;
} Part;
typedef Part Initializer, Regularizer, Constraint;

/* True for the class or name of an initializer, regularizer or constraint of the library's. */
bool part_class_is_known(const char *class_name);
/* A part from its name or {className, config}; the field says of which family. Puts the full
** {className, config} into r->to. NULL with the error set. */
const Part *part_read(const Reader *r, const Field *f, const cJSON *spec);
/* The same, without classes of the caller's. */
const Part *part_read_known(const Reader *r, const Field *f, const cJSON *spec);
const Activation *activation_find(const char *name);

/* The same of a class of the caller's (custom_parts.c); NULL if none is registered by the name. */
const Part *custom_part(const Reader *r, const Field *f, const cJSON *spec);
const Activation *custom_activation(const Reader *r, const Field *f, const cJSON *spec);
Tensor *custom_activate(const Activation *a, Tensor *x);

/* ---- what the generator lists, each ending with NULL ---- */

extern const Activation *const all_activations[];
extern const PartClass *const all_initializers[], *const all_regularizers[];
extern const PartClass *const all_constraints[];
#endif
