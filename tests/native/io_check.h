/* What tests of stored weights share: nothing is left behind, and errors are typed. */
#ifndef IO_CHECK_H
#define IO_CHECK_H
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <cmocka.h>
#include "tensorine.h"

static inline int live(void) { return tn_memory()->tensors + tn_memory()->storages; }

static inline int start(void **state) {
    (void)state;
    tn_clear_error();
    return live();
}

static inline int end(void **state) {
    (void)state;
    tn_clear_error();
    tn_fail_allocation(0);
    return live();
}

static inline void drop(const List *list) {
    Tensor *all[8];
    const int n = list->n;
    for (int i = 0; i < n; i++) all[i] = list->v[i];
    for (int i = 0; i < n; i++) tn_dispose(all[i]);
}

/* The entries fail with a code and a message that holds the text. */
static inline void refused(const char *entries, const void *bytes, size_t n, ErrorCode code,
                           const char *text) {
    tn_clear_error();
    const List *list = tn_weights_decode(entries, bytes, n);
    assert_int_equal(list->n, 0);
    if (!tn_error() || !strstr(tn_error(), text)) fail_msg("%s, not %s", tn_error(), text);
    assert_int_equal(tn_error_code(), code);
    tn_clear_error();
    assert_int_equal(live(), 0);
}

#endif
