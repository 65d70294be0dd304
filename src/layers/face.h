/* What the files of the face share. */
#ifndef TN_FACE_H
#define TN_FACE_H
#include "model.h"

/* How many results for these inputs; a layer of a caller's class is built to be asked. */
int results_for(Layer *l, const List *inputs);
/* True for layers that mind masks or pass them on. */
bool takes_masks(const Layer *l);
/* Sizes of a cell's states, those of stacked cells from the last to the first. */
void put_state_sizes(const Layer *cell, cJSON *to);
#endif
