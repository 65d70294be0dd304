/* What the files of the face share. */
#ifndef TN_FACE_H
#define TN_FACE_H
#include "nn/core/model.h"

/* Room for the results; how many a layer of a caller's class gives is known when it did. */
int results_of(const Layer *l);
/* True for layers that mind masks or pass them on. */
bool takes_masks(const Layer *l);
#endif
