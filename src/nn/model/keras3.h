/* Between the two halves of reading what Keras 3 writes. */
#ifndef TN_KERAS3_H
#define TN_KERAS3_H
#include "nn/core/model.h"

/* Which Keras wrote the file that is rewritten: that is seen by its version, or, where it says
** none, by each instance's module. */
typedef enum KerasVersion { KERAS_BY_FORM, KERAS_2, KERAS_3 } KerasVersion;
extern KerasVersion of_keras;

/* Fields of a {class_name, config} that Keras 3 has under other names or in other forms, in place.
** Fails for one that asks for what the layer of this class cannot do here. */
void keras3_fields(cJSON *instance);
/* Puts the inputs of attention layers in order, and flags of their calls into their config
** (call_arguments.c). */
void keras_calls(cJSON *layer);
/* Takes the operations that make masks out of a functional config (keras3_masks.c). */
void keras_masks(const cJSON *config);
bool names_mask(const char *argument);
/* True for an operation, keras.ops.mean, that is written as a layer. */
bool is_function(const cJSON *layer);
/* What follows the last dot, or >, in a name: keras.layers.Dense is Dense. */
const char *without_module(const char *name);
/* Puts a value in the place, and under the name, of a member, which is freed. NULL: that of an
** earlier failure; then nothing changes. */
void take_place(cJSON *object, cJSON *member, cJSON *value);
#endif
