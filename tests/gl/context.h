/* What the tests can do to the context of context.c. */
#ifndef TEST_CONTEXT_H
#define TEST_CONTEXT_H
#include <stdbool.h>

/* Takes the context away, with all that is in it; the library is not told. */
void test_lose_context(void);
/* A new, empty one in its place. */
bool test_restore_context(void);
void test_end_context(void);
/* Lines that were logged. */
extern int test_complaints;

#endif
