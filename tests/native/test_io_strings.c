/* Stored weights of strings and complex numbers: values, pieces, broken files, failing memory. */
#include "io_check.h"

static const char entries[] = "[{\"name\":\"f\",\"shape\":[2,1],\"dtype\":\"float32\"},"
                              "{\"name\":\"s\",\"shape\":[2,2],\"dtype\":\"string\"},"
                              "{\"name\":\"c\",\"shape\":[1],\"dtype\":\"complex64\"},"
                              "{\"name\":\"z\",\"shape\":[0],\"dtype\":\"string\"},"
                              "{\"name\":\"t\",\"shape\":[],\"dtype\":\"string\"}]";
static const uint8_t bytes[] = {
    0, 0, 0x80, 0x3f, 0,    0,    0,   0xc0, /* f */
    3, 0, 0,    0,    'a',  'b',  'c', 0,    0,   0,   0,   1,
    0, 0, 0,    'x',  3,    0,    0,   0,    'a', 'b', 'c', /* s */
    0, 0, 0x80, 0x3f, 0,    0,    0,   0xc0,                /* c */
    2, 0, 0,    0,    0xc3, 0xa9,                           /* t */
};

static const List *read_pieces(size_t piece) {
    Weights *w = tn_weights_begin(entries, piece & 1 ? -1 : (double)sizeof bytes);
    for (size_t at = 0; w && at < sizeof bytes; at += piece) {
        const size_t left = sizeof bytes - at, n = left < piece ? left : piece;
        char *exact = memcpy(malloc(n), bytes + at, n); /* so that ASan sees a byte too far */
        tn_weights_feed(w, exact, n);
        free(exact);
        /* other calls drop strings that nothing holds */
        tn_dispose(tn_keep(tn_strings((const Ints *)(int[]){0}, (const char *[]){"other"})));
    }
    return w ? tn_weights_end(w) : NULL;
}

static void test_values(void **state) {
    (void)state;
    for (size_t piece = 1; piece <= sizeof bytes; piece++) {
        const List *list = read_pieces(piece);
        assert_null(tn_error());
        assert_int_equal(list->n, 5);
        const char *const wanted[] = {"abc", "", "x", "abc"};
        for (int i = 0; i < 4; i++)
            assert_string_equal(tn_string_at(list->v[1], i, NULL), wanted[i]);
        assert_string_equal(tn_string_at(list->v[4], 0, NULL), "\303\251");
        assert_true(tn_floats(list->v[2])[0] == 1 && tn_floats(list->v[2])[1] == -2);
        assert_int_equal(tn_size(list->v[3]), 0);
        drop(list);
        assert_int_equal(live(), 0);
    }
}

/* Too few bytes, and lengths that no file has; what comes after the last text is left alone. */
static void test_broken(void **state) {
    (void)state;
    for (size_t n = 0; n < sizeof bytes; n++) refused(entries, bytes, n, TN_FILE, "weights: ");
    refused(entries, bytes, sizeof bytes - 1, TN_FILE, "\"t\" has 0 of its 1 strings");
    uint8_t more[sizeof bytes + 1];
    memcpy(more, bytes, sizeof bytes);
    more[sizeof bytes] = 0;
    drop(tn_weights_decode(entries, more, sizeof more));
    memset(more + 8, 0xff, 4);
    refused(entries, more, sizeof more, TN_FILE, "4294967295");
    more[11] = 0x7f;
    refused(entries, more, sizeof more, TN_FILE, "\"s\" has 0 of its 4 strings");
}

static void test_memory(void **state) {
    (void)state;
    for (int n = 1;; n++) {
        tn_fail_allocation(n);
        const List *list = read_pieces(2);
        const bool whole = !tn_error();
        tn_fail_allocation(0);
        if (whole) drop(list);
        else if (tn_error_code() != TN_MEMORY) fail_msg("allocation %d: %s", n, tn_error());
        tn_clear_error();
        assert_int_equal(live(), 0);
        if (whole) return;
    }
}

int main(void) {
#define T(name) cmocka_unit_test_setup_teardown(name, start, end)
    const struct CMUnitTest tests[] = {T(test_values), T(test_broken), T(test_memory)};
    return cmocka_run_group_tests(tests, NULL, NULL);
}
