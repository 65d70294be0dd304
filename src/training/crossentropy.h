/* Cross-entropies place by place: see crossentropy.c. */
#ifndef TN_CROSSENTROPY_H
#define TN_CROSSENTROPY_H
#include "tensor/op.h"

/* -y log p. */
Tensor *class_crossentropy(Tensor *y, Tensor *p);
/* -y log p - (1 - y) log(1 - p). */
Tensor *binary_crossentropy(Tensor *y, Tensor *p);
#endif
