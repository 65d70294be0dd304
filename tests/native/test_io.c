/* Weights from manifests and pictures from bytes: values, pieces, hostile input, failing memory. */
#include <math.h>
#include "io_check.h"

/* ---- weights ---- */

#define F "{\"name\":\"f\",\"shape\":[2,1],\"dtype\":\"float32\"}"
#define I "{\"name\":\"i\",\"shape\":[],\"dtype\":\"int32\"}"
#define B "{\"name\":\"b\",\"shape\":[3],\"dtype\":\"bool\"}"
#define Z "{\"name\":\"z\",\"shape\":[0,4],\"dtype\":\"float32\"}"
#define Q(name, type, q, more)                                                                     \
    "{\"name\":\"" name "\",\"shape\":[3],\"dtype\":\"" type "\",\"quantization\":{\"dtype\":\"" q \
    "\"" more "}}"

static const char mixed[] =
    "[" F "," I "," Z "," B "," Q("u8", "float32", "uint8", ",\"scale\":0.5,\"min\":-1") "," Q(
        "u16", "int32", "uint16", ",\"scale\":0.1,\"min\":-100") "," Q("h", "float32", "float16",
                                                                       "") "]";

static const uint8_t mixed_bytes[] = {
    0,    0,    0x80, 0x3f, 0,    0,    0, 0xc0, /* f: 1, -2 */
    0xff, 0xff, 0xff, 0xff,                      /* i: -1 */
    0,    1,    7,                               /* b */
    0,    2,    255,                             /* u8: -1, 0, 126.5 */
    0,    0,    5,    0,    0xff, 0xff,          /* u16: -100, -99.5 -> -99, 6453.5 -> 6454 */
    0,    0x3c, 1,    0,    0,    0xfc,          /* h: 1, 2^-24, -infinity */
};

static void check_mixed(const List *list) {
    assert_null(tn_error());
    assert_int_equal(list->n, 7);
    const float *f = tn_floats(list->v[0]), *u8 = tn_floats(list->v[4]), *h = tn_floats(list->v[6]);
    const uint8_t *b = tn_data(list->v[3]);
    const int *u16 = tn_data(list->v[5]);
    assert_true(f[0] == 1 && f[1] == -2);
    assert_int_equal(tn_shape(list->v[0])[1], 1);
    assert_int_equal(*(const int *)tn_data(list->v[1]), -1);
    assert_int_equal(tn_rank(list->v[1]), 0);
    assert_int_equal(tn_size(list->v[2]), 0);
    assert_true(b[0] == 0 && b[1] == 1 && b[2] == 1);
    assert_true(u8[0] == -1 && u8[1] == 0 && u8[2] == 126.5f);
    assert_true(u16[0] == -100 && u16[1] == -99 && u16[2] == 6454);
    assert_true(h[0] == 1 && h[1] == 0x1p-24f && h[2] == -INFINITY);
    drop(list);
    assert_int_equal(live(), 0);
}

static void test_weights_kinds(void **state) {
    (void)state;
    check_mixed(tn_weights_decode(mixed, mixed_bytes, sizeof mixed_bytes));
}

static void test_weights_pieces(void **state) {
    (void)state;
    for (size_t piece = 1; piece < 9; piece++) {
        Weights *w = tn_weights_begin(mixed, piece & 1 ? -1 : (double)sizeof mixed_bytes);
        for (size_t at = 0; at < sizeof mixed_bytes; at += piece) {
            const size_t left = sizeof mixed_bytes - at, n = left < piece ? left : piece;
            char *exact =
                memcpy(malloc(n), mixed_bytes + at, n); /* so that ASan sees a byte too far */
            assert_true(tn_weights_feed(w, exact, n));
            free(exact);
        }
        check_mixed(tn_weights_end(w));
    }
}

/* Every half is the float of the same value: sign, exponent and mantissa taken apart here. */
static void test_weights_all_halves(void **state) {
    (void)state;
    uint16_t *halves = malloc(65536 * 2);
    for (int i = 0; i < 65536; i++) halves[i] = (uint16_t)i;
    const List *list = tn_weights_decode("[{\"name\":\"h\",\"shape\":[65536],\"dtype\":\"float32\","
                                         "\"quantization\":{\"dtype\":\"float16\"}}]",
                                         halves, 65536 * 2);
    const float *f = tn_floats(list->v[0]);
    for (int i = 0; i < 65536; i++) {
        const int exponent = i >> 10 & 31, mantissa = i & 1023;
        double want = exponent ? ldexp(1024 + mantissa, exponent - 25) : ldexp(mantissa, -24);
        if (exponent == 31) want = mantissa ? NAN : INFINITY;
        if (i >> 15) want = -want;
        if (isnan(want)) assert_true(isnan(f[i]));
        else if (f[i] != want) fail_msg("half %04x is %g, not %g", i, (double)f[i], want);
    }
    drop(list);
    free(halves);
}

static void test_weights_byte_counts(void **state) {
    (void)state;
    const float some[4] = {1, 2, 3, 4};
    assert_true(tn_weights_bytes(mixed) == sizeof mixed_bytes);
    assert_true(tn_weights_bytes("[") == -1);
    tn_clear_error();
    refused("[" F "," I "]", some, 10, TN_FILE, "\"i\" takes 4 bytes, but only 2 of 10 are left");
    Weights *w = tn_weights_begin("[" F "]", -1);
    assert_true(tn_weights_feed(w, some, 5));
    assert_int_equal(tn_weights_end(w)->n, 0);
    assert_string_equal(tn_error(), "weights: \"f\" has 5 of its 8 bytes");
    tn_clear_error();
    w = tn_weights_begin("[" F "]", -1);
    assert_false(tn_weights_feed(w, some, 9));
    const List *whole = tn_weights_end(w);
    assert_int_equal(whole->n, 1);
    assert_true(tn_floats(whole->v[0])[1] == 2);
    tn_dispose(whole->v[0]);
}

static void test_weights_hostile_entries(void **state) {
    (void)state;
    static const struct {
        const char *entries, *text;
        ErrorCode code;
    } cases[] = {
        {"", "byte 0 of 0", TN_FILE},
        {"<!doctype html>", "the JSON is broken", TN_FILE},
        {"{}", "not a JSON array", TN_FILE},
        {"[3]", "no name", TN_FILE},
        {"[null, {}]", "no name", TN_FILE},
        {"[{\"name\":\"a\"}]", "\"a\" has no dtype", TN_FILE},
        {"[{\"name\":\"a\",\"dtype\":\"float64\",\"shape\":[]}]",
         "Unsupported dtype in weight 'a': float64", TN_DTYPE},
        {"[{\"name\":\"a\",\"dtype\":\"float32\"}]", "no shape", TN_FILE},
        {"[{\"name\":\"a\",\"dtype\":\"float32\",\"shape\":4}]", "no shape", TN_FILE},
        {"[{\"name\":\"a\",\"dtype\":\"float32\",\"shape\":[-1]}]", "no whole number", TN_FILE},
        {"[{\"name\":\"a\",\"dtype\":\"float32\",\"shape\":[1.5]}]", "no whole number", TN_FILE},
        {"[{\"name\":\"a\",\"dtype\":\"float32\",\"shape\":[1e99]}]", "no whole number", TN_FILE},
        {"[{\"name\":\"a\",\"dtype\":\"float32\",\"shape\":[4294967296]}]", "whole number",
         TN_FILE},
        {"[{\"name\":\"a\",\"dtype\":\"float32\",\"shape\":[1,1,1,1,1,1,1,1,1]}]", "8 sizes",
         TN_FILE},
        {"[{\"name\":\"a\",\"dtype\":\"float32\",\"shape\":[65536,65536]}]", "a: shape", TN_SHAPE},
        {"[{\"name\":\"a\",\"dtype\":\"int32\",\"shape\":[32768,32768,4]}]", "2 GiB", TN_SHAPE},
        {"[" Q("a", "float32", "uint4", "") "]", "quantization dtype uint4", TN_DTYPE},
        {"[" Q("a", "float32", "uint8", "") "]", "without scale or min", TN_FILE},
        {"[" Q("a", "bool", "uint8", "") "]", "bool cannot be quantized as uint8", TN_DTYPE},
        {"[" Q("a", "int32", "float16", "") "]", "int32 cannot be quantized", TN_DTYPE},
        {"[" Q("a", "complex64", "float16", "") "]", "complex64 cannot be quantized", TN_DTYPE},
        {"[" Q("a", "string", "uint8", "") "]", "string cannot be quantized", TN_DTYPE},
    };
    for (size_t i = 0; i < sizeof cases / sizeof *cases; i++)
        refused(cases[i].entries, "", 0, cases[i].code, cases[i].text);
}

static void test_weights_deep_json(void **state) {
    (void)state;
    char *deep = malloc(200001);
    memset(deep, '[', 100000);
    memset(deep + 100000, ']', 100000);
    deep[200000] = 0;
    refused(deep, "", 0, TN_FILE, "nested deeper than");
    memcpy(deep, "[{\"name\":\"n\",\"x\":", 17);
    refused(deep, "", 0, TN_FILE, "nested deeper than");
    free(deep);
}

/* Every cut of a good text, and every byte of it replaced: error or weights, and nothing left. */
static void test_weights_broken_json(void **state) {
    (void)state;
    for (size_t i = 0; i < sizeof mixed; i++) {
        char *text = memcpy(malloc(i + 1), mixed, i);
        text[i] = 0;
        drop(tn_weights_decode(text, mixed_bytes, sizeof mixed_bytes));
        tn_clear_error();
        free(text);
    }
    for (size_t i = 0; i + 1 < sizeof mixed; i++)
        for (const char *c = "[]{}\",:0-9e\\ \x80"; *c; c++) {
            char *text = memcpy(malloc(sizeof mixed), mixed, sizeof mixed);
            text[i] = *c;
            drop(tn_weights_decode(text, mixed_bytes, sizeof mixed_bytes));
            tn_clear_error();
            free(text);
        }
    assert_int_equal(live(), 0);
}

static void test_weights_failing_memory(void **state) {
    (void)state;
    for (int n = 1;; n++) {
        tn_fail_allocation(n);
        const List *list = tn_weights_decode(mixed, mixed_bytes, sizeof mixed_bytes);
        tn_fail_allocation(0);
        if (list->n) {
            assert_true(n > 20);
            check_mixed(list);
            break;
        }
        assert_non_null(tn_error());
        tn_clear_error();
        assert_int_equal(live(), 0);
    }
}

static void test_weights_scope(void **state) {
    (void)state;
    Weights *w = tn_weights_begin(mixed, sizeof mixed_bytes);
    Scope *s = tn_scope_begin();
    tn_weights_feed(w, mixed_bytes, 9);
    tn_scope_end(s);
    s = tn_scope_begin();
    tn_weights_feed(w, mixed_bytes + 9, sizeof mixed_bytes - 9);
    assert_int_equal(tn_weights_end(w)->n, 7);
    tn_scope_end(s);
    assert_int_equal(live(), 0);
}

/* ---- pictures ---- */

static void test_from_pixels(void **state) {
    (void)state;
    const uint8_t rgba[] = {1, 2, 3, 4, 5, 6, 7, 255};
    for (int channels = 1; channels <= 4; channels++) {
        Tensor *x = tn_from_pixels(rgba, 2, 1, channels);
        assert_int_equal(tn_dtype(x), TN_INT32);
        assert_int_equal(tn_shape(x)[0], 1);
        assert_int_equal(tn_shape(x)[1], 2);
        const int *v = tn_data(x);
        for (int i = 0; i < 2; i++)
            for (int c = 0; c < channels; c++)
                assert_int_equal(v[i * channels + c], rgba[i * 4 + c]);
        tn_dispose(x);
    }
    tn_from_pixels(rgba, 2, 1, 5);
    assert_string_equal(tn_error(), "fromPixels: numChannels is 5, not in 1..4");
    tn_clear_error();
    tn_from_pixels(rgba, -2, 1, 3);
    assert_int_equal(tn_error_code(), TN_SHAPE);
    tn_clear_error();
    tn_from_pixels(rgba, 1 << 20, 1 << 20, 3);
    assert_int_equal(tn_error_code(), TN_SHAPE);
    tn_clear_error();
    for (int n = 1; n <= 3; n++) {
        tn_fail_allocation(n);
        Tensor *x = tn_from_pixels(rgba, 2, 1, 3);
        if (!tn_error()) tn_dispose(x);
        tn_clear_error();
    }
}

static void draws(Tensor *x, const uint8_t *want) {
    uint8_t got[8];
    assert_true(tn_to_pixels(x, 1, got));
    assert_memory_equal(got, want, (size_t)(tn_shape(x)[0] * tn_shape(x)[1] * 4));
    tn_dispose(x);
}

static void test_to_pixels(void **state) {
    (void)state;
    const int colour[] = {0, 100, 255, 7};
    const float f[] = {0, 0.5f, 1, 0.1f, NAN, 0.0019f};
    draws(tn_tensor(TN_INT32, INTS(1, 1, 4), colour), (uint8_t[]){0, 100, 255, 7});
    draws(tn_tensor(TN_INT32, INTS(1, 1, 3), colour), (uint8_t[]){0, 100, 255, 255});
    draws(tn_tensor(TN_INT32, INTS(2, 1), colour), (uint8_t[]){0, 0, 0, 255, 100, 100, 100, 255});
    draws(tn_tensor(TN_FLOAT32, INTS(1, 2, 3), f), (uint8_t[]){0, 128, 255, 255, 26, 0, 0, 255});
    draws(tn_tensor(TN_FLOAT32, INTS(1, 1, 1), f + 1), (uint8_t[]){128, 128, 128, 255});
}

static void no_picture(Tensor *x, float alpha, const char *text) {
    uint8_t got[4] = {9, 9, 9, 9};
    assert_false(tn_to_pixels(x, alpha, got));
    if (!tn_error() || !strstr(tn_error(), text)) fail_msg("%s, not %s", tn_error(), text);
    tn_clear_error();
    assert_int_equal(got[0], 9);
    tn_dispose(x);
}

static void test_to_pixels_refuses(void **state) {
    (void)state;
    const float f[] = {0, 1.5f, -1};
    const int n[] = {0, 256, -1};
    no_picture(tn_tensor(TN_FLOAT32, INTS(1, 1, 3), f), 1, "[0 - 1] but encountered 1.5.");
    no_picture(tn_tensor(TN_INT32, INTS(1, 1, 3), n), 1, "[0 - 255] but encountered 256.");
    no_picture(tn_tensor(TN_INT32, INTS(1, 1), n + 2), 1, "encountered -1.");
    no_picture(tn_tensor(TN_FLOAT32, INTS(3), f), 1, "got rank 1");
    no_picture(tn_tensor(TN_FLOAT32, INTS(1, 1, 2), f), 1, "1, 3 or 4 but got 2");
    no_picture(tn_tensor(TN_BOOL, INTS(1, 1, 1), NULL), 1, "Unsupported type for toPixels: bool");
    no_picture(tn_tensor(TN_FLOAT32, INTS(1, 1), f), 2, "Alpha value 2");
    no_picture(tn_tensor(TN_FLOAT32, INTS(1, 1), f), NAN, "Alpha value");
}

static void test_room(void **state) {
    (void)state;
    uint8_t *p = tn_scratch(10);
    memset(p, 1, 10);
    assert_ptr_equal(tn_scratch(4), p);
    memset(tn_scratch(1000), 2, 1000);
    assert_null(tn_scratch(0));
    assert_null(tn_error());
    tn_fail_allocation(1);
    assert_null(tn_scratch(8));
    assert_int_equal(tn_error_code(), TN_MEMORY);
}

#define T(name) cmocka_unit_test_setup_teardown(name, start, end)
int main(void) {
    const struct CMUnitTest tests[] = {
        T(test_weights_kinds),
        T(test_weights_pieces),
        T(test_weights_all_halves),
        T(test_weights_byte_counts),
        T(test_weights_hostile_entries),
        T(test_weights_deep_json),
        T(test_weights_broken_json),
        T(test_weights_failing_memory),
        T(test_weights_scope),
        T(test_from_pixels),
        T(test_to_pixels),
        T(test_to_pixels_refuses),
        T(test_room),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
