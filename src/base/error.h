/* The error path: the first failure is kept, everything after it does nothing, and the caller looks
** once. Also the parts of messages. */
#ifndef TN_ERROR_H
#define TN_ERROR_H
#include "tensorine.h"

/* Records the first error and returns a valid rank-0 tensor. The message starts with the op:
** fail(TN_SHAPE, "conv2d: x has %d channels, filter takes %d", a, b). */
Tensor *fail(ErrorCode code, const char *format, ...) __attribute__((format(printf, 2, 3)));
bool failed(void);
/* What every failed call returns: rank 0, valid, nobody's. */
Tensor *nothing(void);
/* "[2, 3]", in one of a few rotating buffers. */
const char *ints_text(int n, const int *v);
/* The same without brackets, and other text in between. */
const char *ints_list(int n, const int *v, const char *between);

#endif
