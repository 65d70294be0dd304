/* The C stack, which in wasm is a piece of memory of a fixed size. */
#ifndef TN_STACK_H
#define TN_STACK_H
#include <stdbool.h>

/* True with the error set where the C stack is too full for another layer. */
bool too_deep(const char *who);
#endif
