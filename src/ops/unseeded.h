/* Random numbers without a seed: the same on every device but for rounding, anew each time
** that they are computed. */
#ifndef UNSEEDED_H
#define UNSEEDED_H
#include "ops/attrs.h"

/* Attributes are Bounds. */
extern const Op uniform_op;
/* Attributes are a Bell. */
extern const Op normal_op;

#endif
