/* Linked to every test program: the environment variable OP leaves only the tests that name it. */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdio.h>
#include <stdlib.h>
#include <cmocka.h>

__attribute__((constructor)) static void filter(void) {
    static char pattern[100]; /* cmocka keeps the pointer */
    const char *op = getenv("OP");
    if (!op || !*op) return;
    snprintf(pattern, sizeof pattern, "*%s*", op);
    cmocka_set_test_filter(pattern);
}
