/* Compares the GPU with the CPU: a case is a function of tensors, run on both. */
#ifndef GL_CHECK_H
#define GL_CHECK_H
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdio.h>
#include <stdlib.h>
#include "backend/webgl/context.h"
#include "context.h"
#include <cmocka.h> /* after op.h: it makes a macro of fail */

typedef Tensor *Body(Tensor **in);

/* How an input is filled. */
typedef enum Fill { UNIFORM, POSITIVE, BOOLS, SPECIAL, WHOLE, DIGITS } Fill;

typedef struct In {
    Fill fill;
    const Ints *shape;
} In;

/* Runs body on both devices; fails unless the results agree (1e-4 of the larger of the value and 1,
** or `tolerance`; int32 and bool exactly), and every call of it ran on the GPU, but those named in `cpu`. */
void check_case(const char *name, Body *body, int count, const In *in, double tolerance,
                const char *cpu);
Tensor *filled(Fill fill, const Ints *shape);
/* One test of its own: nothing may be left behind. */
int starts_gl(void **state);
int leaves_nothing(void **state);

#define F(...)                                                                                     \
    { UNIFORM, INTS(__VA_ARGS__) }
#define POS(...)                                                                                   \
    { POSITIVE, INTS(__VA_ARGS__) }
#define B(...)                                                                                     \
    { BOOLS, INTS(__VA_ARGS__) }
#define ODD(...)                                                                                   \
    { SPECIAL, INTS(__VA_ARGS__) }
/* int32: over the whole range, its ends among them; and from -9 to 9. */
#define I(...)                                                                                     \
    { WHOLE, INTS(__VA_ARGS__) }
#define D(...)                                                                                     \
    { DIGITS, INTS(__VA_ARGS__) }
#define CHECK(body, ...)                                                                           \
    check_case(#body, body, (int)(sizeof((In[]){__VA_ARGS__}) / sizeof(In)), (In[]){__VA_ARGS__},  \
               1e-4, "")
#endif
