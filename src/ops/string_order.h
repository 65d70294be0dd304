/* What comparisons need of string tensors. */
#ifndef TEXTS_H
#define TEXTS_H
#include "tensor/op.h"

/* int32 of the broadcast shape: -1 where a comes before b, 0 where they are equal, else 1. `op` is
** named in errors. */
Tensor *text_order(const char *op, Tensor *a, Tensor *b);
#endif
