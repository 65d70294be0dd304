/* Between the two halves of reading what Keras 3 writes. */
#ifndef TN_KERAS3_H
#define TN_KERAS3_H
#include "model.h"

/* Fields of a {class_name, config} that Keras 3 has under other names or in other forms, in place.
** Fails for one that asks for what the layer of this class cannot do here. */
void keras3_fields(cJSON *instance);
#endif
