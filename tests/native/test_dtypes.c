/* complex64 and string: what they go through, what refuses them, and that strings are freed. */
#include "grad_check.h"
#include "tensor/dtype.h"

static const char *const WORDS[] = {"b", "", "\xc3\xa9", "b"};

static Tensor *words(void) { return tn_strings(INTS(2, 2), WORDS); }

static void assert_text(Tensor *x, int i, const char *want) {
    int n;
    assert_string_equal(tn_string_at(x, i, &n), want);
    assert_int_equal(n, strlen(want));
}

static void strings_move(void **state) {
    (void)state;
    const double before = tn_memory()->bytes;
    Scope *s = tn_scope_begin();
    Tensor *x = words(), *t = tn_transpose(x, NULL, false);
    const char *const turned[] = {"b", "\xc3\xa9", "", "b"};
    for (int i = 0; i < 4; i++) assert_text(t, i, turned[i]);
    Tensor *y = tn_concat(LIST(x, tn_reverse(x, NULL)), 0);
    tn_dispose(x);
    for (int i = 0; i < 4; i++) assert_text(y, i, WORDS[i]);
    for (int i = 0; i < 4; i++) assert_text(y, 4 + i, WORDS[3 - i]);
    assert_text(tn_slice(y, INTS(1, 0), INTS(1, 1)), 0, "\xc3\xa9");
    assert_text(tn_pad(y, INTS(1, 0, 0, 0), 0), 0, "");
    assert_text(y, 99, "");
    tn_scope_end(s);
    assert_true(tn_memory()->bytes == before);
}

static void strings_compare(void **state) {
    (void)state;
    Scope *s = tn_scope_begin();
    Tensor *x = words(), *b = tn_strings(INTS(1), (const char *const[]){"b"});
    const uint8_t equal[] = {1, 0, 0, 1}, less[] = {0, 1, 0, 0}, above[] = {0, 0, 1, 0};
    assert_memory_equal(tn_data(tn_equal(x, b)), equal, 4);
    assert_memory_equal(tn_data(tn_less(x, b)), less, 4);
    assert_memory_equal(tn_data(tn_greater(x, b)), above, 4);
    tn_scope_end(s);
}

static void refusals(void **state) {
    (void)state;
    Scope *s = tn_scope_begin();
    Tensor *x = words(),
           *z = tn_complex(tn_range(1, 3, 1, TN_FLOAT32), tn_range(0, 2, 1, TN_FLOAT32));
    tn_sum(x, NULL, false);
    assert_failed(TN_DTYPE, "string tensors are not taken");
    tn_add(x, tn_scalar(1));
    assert_failed(TN_DTYPE, "cannot become");
    tn_cast(x, TN_INT32);
    assert_failed(TN_DTYPE, "cast: a string tensor cannot become int32");
    tn_cosh(z);
    assert_failed(TN_DTYPE, "cosh");
    tn_cumsum(z, 0, false, false);
    assert_failed(TN_DTYPE, "complex64");
    tn_complex(tn_scalar(1), x);
    assert_failed(TN_SHAPE, "must match");
    tn_scope_end(s);
}

/* |(a + ib)(c + id)|^2, summed: its gradients against differences. */
static Tensor *product(Tensor **in) {
    Tensor *p = tn_mul(tn_complex(in[0], in[1]), tn_complex(in[2], in[3]));
    return tn_square(tn_abs(p));
}

static Tensor *quotient(Tensor **in) {
    Tensor *q = tn_div(tn_complex(in[0], in[1]), tn_complex(in[2], in[3]));
    Tensor *m = tn_matMul(q, q, false, true);
    return tn_add(tn_real(m), tn_imag(tn_exp(tn_reciprocal(m))));
}

static void check_four(const char *name, CheckFn fn) {
    Tensor *in[4];
    for (int i = 0; i < 4; i++) in[i] = random_tensor(INTS(2, 3), 0.5f, 1.5f);
    check_gradients(name, fn, 4, in, 2);
}

static void gradients(void **state) {
    (void)state;
    check_four("product", product);
    check_four("quotient", quotient);
}

static void zero_has_a_size(void **state) {
    (void)state;
    Scope *s = tn_scope_begin();
    Tensor *x = tn_scalar(0);
    tn_tape_begin();
    Tensor *y = tn_abs(tn_complex(x, x));
    assert_true(tn_floats(tn_gradients(y, LIST(x), NULL)->v[0])[0] == 0);
    tn_tape_end();
    assert_true(tn_floats(tn_abs(tn_complex(tn_scalar(3e30f), tn_scalar(4e30f))))[0] == 5e30f);
    tn_scope_end(s);
}

static void failing_memory(void **state) {
    (void)state;
    bool whole = false;
    for (int n = 1; n < 60 && !whole; n++) {
        tn_fail_allocation(n);
        Scope *s = tn_scope_begin();
        const char *const fresh[] = {"one more text", "and another", "and", "."};
        Tensor *x = tn_error() ? NULL : tn_strings(INTS(4), fresh);
        if (x && !tn_error()) x = tn_gather(x, tn_cast(tn_scalar(2), TN_INT32), 0, 0);
        whole = !tn_error();
        if (whole) assert_text(x, 0, "and");
        tn_clear_error();
        tn_scope_end(s);
        tn_fail_allocation(0);
    }
    assert_true(whole);
}

static void names_and_sizes(void **state) {
    (void)state;
    static const int bytes[] = {4, 4, 1, 8, 4};
    for (int d = 0; d < TN_DTYPES; d++) {
        assert_int_equal(dtype_of_name(dtype_name((DType)d)), d);
        assert_int_equal(dtype_bytes((DType)d), bytes[d]);
        assert_int_equal(is_real((DType)d), d <= TN_BOOL);
    }
    assert_int_equal(dtype_of_name("float64"), -1);
    assert_string_equal(dtype_name(TN_DTYPES), "unknown");
    assert_false(want_known_dtype("fill", TN_DTYPES));
    assert_string_equal(tn_error(), "fill: dtype 5 is not known");
    tn_clear_error();
}

int main(void) {
    const struct CMUnitTest tests[] = {
        OP_TEST(strings_move),    OP_TEST(strings_compare), OP_TEST(refusals),
        OP_TEST(gradients),       OP_TEST(zero_has_a_size), OP_TEST(failing_memory),
        OP_TEST(names_and_sizes),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
