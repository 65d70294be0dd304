/* The table that summary() prints. */
#ifndef TN_SUMMARY_H
#define TN_SUMMARY_H
#include "nn/core/model.h"

/* Lines, each ending in a newline, in the arena. width: of a line, 0: what fits; positions: ends of
** columns, or shares of the width. */
const char *model_summary(Layer *model, int width, const double *positions, int npositions,
                          Arena *arena);
#endif
