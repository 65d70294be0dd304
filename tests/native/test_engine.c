/* Tensors, handles, views, scopes, errors, sizes that overflow, broadcasting against plain
** loops. */
#include "engine_check.h"
#include <stdio.h>

/* ---- tensors and handles ---- */

static void data_is_copied(void **state) {
    (void)state;
    float values[] = {1, 2, 3, 4, 5, 6};
    Tensor *x = tn_tensor(TN_FLOAT32, INTS(2, 3), values);
    values[0] = 9;
    assert_int_equal(tn_rank(x), 2);
    assert_int_equal(tn_size(x), 6);
    assert_int_equal(tn_shape(x)[1], 3);
    assert_int_equal(tn_dtype(x), TN_FLOAT32);
    ASSERT_FLOATS(x, 1, 2, 3, 4, 5, 6);
    tn_dispose(x);
    tn_dispose(x); /* a second time is harmless */
    tn_dispose(NULL);
}

static void ids_differ(void **state) {
    (void)state;
    Tensor *a = tn_scalar(1);
    uint32_t id = a->id;
    tn_dispose(a);
    assert_int_equal(a->id, 0);
    Tensor *b = tn_scalar(2);
    assert_ptr_equal(a, b); /* the place is used again */
    assert_int_not_equal(b->id, id);
    tn_dispose(b);
}

static void views_share_data(void **state) {
    (void)state;
    Tensor *x = VEC(1, 2, 3, 4);
    Tensor *y = tn_reshape(x, INTS(2, 2)), *z = tn_clone(y);
    assert_int_equal(tn_memory()->tensors, 3);
    assert_int_equal(tn_memory()->storages, 1);
    tn_dispose(x);
    tn_dispose(y);
    ASSERT_FLOATS(z, 1, 2, 3, 4);
    tn_dispose(z);
}

static void empty_and_deep_shapes(void **state) {
    (void)state;
    Tensor *none = tn_zeros(INTS(2, 0, 3), TN_FLOAT32), *two = VEC(1, 1, 1);
    Tensor *sum = tn_add(none, two), *total = tn_sum(none, NULL, false);
    assert_int_equal(sum->size, 0);
    ASSERT_FLOATS(total, 0);
    Tensor *deep = tn_ones(INTS(1, 2, 1, 2, 1, 2, 1, 2), TN_INT32);
    assert_int_equal(deep->size, 16);
    tn_expandDims(deep, 0);
    assert_error(TN_SHAPE, "expandDims: x already has rank 8");
    Tensor *all[] = {none, two, sum, total, deep};
    for (int i = 0; i < 5; i++) tn_dispose(all[i]);
}

/* ---- sizes that overflow, ranks that do not exist ---- */

static void huge_shapes_are_refused(void **state) {
    (void)state;
    static const int shapes[][6] = {{2, 65536, 65536},
                                    {3, 46341, 46341, 46341},
                                    {1, INT32_MAX},
                                    {2, INT32_MAX, INT32_MAX},
                                    {5, 1 << 16, 1 << 16, 1 << 16, 1 << 16, 1 << 16},
                                    {3, 1 << 30, 4, 0},
                                    {2, 1 << 31, 1},
                                    {2, 3, -1},
                                    {4, 1 << 20, 1 << 20, 1 << 20, 16}};
    for (size_t k = 0; k < sizeof shapes / sizeof *shapes; k++) {
        tn_zeros((const Ints *)shapes[k], TN_FLOAT32);
        assert_error(TN_SHAPE, "shape");
        tn_tensor(TN_FLOAT32, (const Ints *)shapes[k], NULL);
        assert_error(TN_SHAPE, "shape");
    }
    tn_zeros(INTS(1, 1, 1, 1, 1, 1, 1, 1, 1), TN_FLOAT32);
    assert_error(TN_SHAPE, "rank 9");
    tn_tensor(TN_FLOAT32, INTS(1, 1, 1, 1, 1, 1, 1, 1, 1), NULL);
    assert_error(TN_SHAPE, "rank 9");
    tn_tensor(TN_FLOAT32, (const Ints *)(const int[]){-1}, NULL);
    assert_error(TN_SHAPE, "rank -1");
}

static void broadcasting_may_overflow(void **state) {
    (void)state;
    Tensor *a = tn_zeros(INTS(50000, 1), TN_BOOL), *b = tn_zeros(INTS(50000), TN_BOOL);
    tn_logicalOr(a, b);
    assert_error(TN_SHAPE, "2 GiB");
    tn_broadcastTo(b, INTS(50000, 50000));
    assert_error(TN_SHAPE, "2 GiB");
    tn_dispose(a);
    tn_dispose(b);
}

/* ---- errors ---- */

static void the_first_error_stays(void **state) {
    (void)state;
    Tensor *a = tn_zeros(INTS(2, 3), TN_FLOAT32), *b = tn_zeros(INTS(2, 3), TN_FLOAT32);
    Tensor *bad = tn_matMul(a, b, false, false);
    assert_int_equal(bad->rank, 0); /* harmless, and nobody's */
    int live = tn_memory()->tensors;
    Tensor *later = tn_add(bad, a);
    tn_reshape(later, INTS(7));
    tn_dispose(later);
    assert_int_equal(tn_memory()->tensors, live); /* nothing ran, nothing was freed */
    assert_error(TN_SHAPE, "matMul");
    Tensor *good = tn_matMul(a, b, false, true);
    ASSERT_FLOATS(good, 0, 0, 0, 0);
    tn_dispose(a);
    tn_dispose(b);
    tn_dispose(good);
}

static void a_long_message_is_cut(void **state) {
    (void)state;
    char text[2000];
    memset(text, 'x', sizeof text - 1);
    text[sizeof text - 1] = 0;
    fail(TN_VALUE, "op: %s", text);
    assert_true(strlen(tn_error()) < 600);
    assert_error(TN_VALUE, "op: xxx");
}

/* ---- scopes ---- */

static void a_scope_owns_what_is_made_in_it(void **state) {
    (void)state;
    Tensor *outside = tn_scalar(1);
    Scope *s = tn_scope_begin();
    Tensor *x = tn_add(outside, outside), *y = tn_mul(x, x);
    Tensor *kept = tn_keep(tn_neg(y));
    tn_scope_out(s, y);
    tn_scope_out(s, outside); /* not in the scope: no effect */
    tn_scope_end(s);
    assert_int_equal(x->id, 0);
    assert_int_equal(tn_memory()->tensors, 3);
    ASSERT_FLOATS(y, 4);
    ASSERT_FLOATS(kept, -4);
    tn_dispose(outside);
    tn_dispose(y);
    tn_dispose(kept);
}

static void scopes_nest_and_end_in_any_order(void **state) {
    (void)state;
    Scope *a = tn_scope_begin();
    Tensor *x = tn_scalar(1);
    Scope *b = tn_scope_begin();
    Tensor *y = tn_scalar(2);
    tn_scope_end(a); /* as an async tidy does: b is still open */
    assert_int_equal(x->id, 0);
    Tensor *z = tn_scalar(3);
    tn_scope_out(b, y);
    tn_scope_end(b);
    assert_int_equal(z->id, 0);
    ASSERT_FLOATS(y, 2);
    tn_scope_end(b); /* closed: nothing happens */
    tn_scope_end(NULL);
    tn_dispose(y);
}

static void a_disposed_tensor_leaves_its_scope(void **state) {
    (void)state;
    Scope *s = tn_scope_begin();
    Tensor *x[5];
    for (int i = 0; i < 5; i++) x[i] = tn_scalar((float)i);
    for (int i = 0; i < 5; i += 2) tn_dispose(x[i]);
    Tensor *again = tn_scalar(7); /* takes a place that was in the list */
    tn_scope_out(s, again);
    tn_scope_end(s);
    ASSERT_FLOATS(again, 7);
    tn_dispose(again);
}

/* ---- variables ---- */

static void a_variable_is_assigned(void **state) {
    (void)state;
    Tensor *first = VEC(1, 2), *second = VEC(3, 4), *wrong = VEC(1, 2, 3);
    Tensor *v = tn_variable(first, true);
    tn_dispose(first);
    ASSERT_FLOATS(v, 1, 2);
    Tensor *view = tn_reshape(v, INTS(2, 1));
    tn_assign(v, second);
    ASSERT_FLOATS(v, 3, 4);
    ASSERT_FLOATS(view, 1, 2); /* a view made before keeps the old value */
    tn_assign(v, wrong);
    assert_error(TN_SHAPE, "assign: the variable has shape [2]");
    Tensor *whole = tn_cast(second, TN_INT32);
    tn_assign(v, whole);
    assert_error(TN_DTYPE, "assign: the variable is float32, the new value int32");
    ASSERT_FLOATS(v, 3, 4);
    Tensor *all[] = {second, wrong, v, view, whole};
    for (int i = 0; i < 5; i++) tn_dispose(all[i]);
}

/* ---- broadcasting against plain loops ---- */

static uint32_t seed = 1;
static int below(int n) {
    seed = seed * 1664525u + 1013904223u;
    return (int)((seed >> 8) % (uint32_t)n);
}

/* Two shapes that broadcast: each axis of one may be 1 or missing. */
static void random_shapes(int *a, int *b, int *y) {
    int rank = below(6);
    *a = *b = *y = rank;
    for (int i = 1; i <= rank; i++) {
        int size = below(8) ? 1 + below(4) : 0;
        y[i] = size;
        a[i] = below(4) ? size : 1;
        b[i] = a[i] == 1 || below(4) ? size : 1;
    }
    int cut = rank ? below(rank + 1) : 0, *shorter = below(2) ? a : b,
        *other = shorter == a ? b : a;
    memmove(shorter + 1, shorter + 1 + cut, sizeof(int) * (size_t)(rank - cut));
    *shorter = rank - cut;
    for (int i = 1; i <= cut; i++) other[i] = y[i];
}

static int64_t place(const int *shape, const int *at, int rank) {
    int64_t index = 0;
    for (int i = 0; i < shape[0]; i++)
        index = index * shape[i + 1] + (shape[i + 1] == 1 ? 0 : at[rank - shape[0] + i]);
    return index;
}

static Tensor *counted(const int *shape, DType dtype, int from) {
    Tensor *x = tn_tensor(dtype, (const Ints *)shape, NULL);
    for (int i = 0; i < x->size; i++)
        if (dtype == TN_FLOAT32) f32(x)[i] = (float)(from + i);
        else i32(x)[i] = from + i;
    return x;
}

static void broadcasting_is_that_of_plain_loops(void **state) {
    (void)state;
    for (int round = 0; round < 3000; round++) {
        int sa[9], sb[9], sy[9], at[8] = {0};
        random_shapes(sa, sb, sy);
        DType dtype = below(2) ? TN_FLOAT32 : TN_INT32;
        Tensor *a = counted(sa, dtype, 1), *b = counted(sb, dtype, 1000), *y = tn_sub(a, b);
        assert_null(tn_error());
        assert_int_equal(y->rank, sy[0]);
        assert_memory_equal(y->shape, sy + 1, sizeof(int) * (size_t)sy[0]);
        for (int i = 0; i < y->size; i++) {
            int64_t expected = 1 + place(sa, at, sy[0]) - 1000 - place(sb, at, sy[0]);
            int64_t found = dtype == TN_FLOAT32 ? (int64_t)f32(y)[i] : i32(y)[i];
            assert_int_equal(found, expected);
            for (int k = sy[0] - 1; k >= 0 && ++at[k] == sy[k + 1]; k--) at[k] = 0;
        }
        tn_dispose(a);
        tn_dispose(b);
        tn_dispose(y);
    }
}

static void unlike_shapes_are_refused(void **state) {
    (void)state;
    Tensor *a = tn_zeros(INTS(2, 3), TN_FLOAT32), *b = tn_zeros(INTS(2), TN_FLOAT32);
    tn_add(a, b);
    assert_error(TN_SHAPE, "shapes [2, 3] and [2]");
    tn_broadcastTo(a, INTS(3));
    assert_error(TN_SHAPE, "broadcastTo");
    tn_dispose(a);
    tn_dispose(b);
}

/* ---- memory ---- */

static void the_pool_gives_memory_back(void **state) {
    (void)state;
    double before = tn_memory()->peak;
    for (int i = 0; i < 100; i++) tn_dispose(tn_zeros(INTS(1000, 100), TN_FLOAT32));
    assert_true(tn_memory()->peak >= before && tn_memory()->peak < before + 1e6);
    tn_trim();
    assert_float_equal((float)tn_memory()->pooled, 0, 0);
}

int main(void) {
    const struct CMUnitTest tests[] = {
        ENGINE_TEST(data_is_copied),
        ENGINE_TEST(ids_differ),
        ENGINE_TEST(views_share_data),
        ENGINE_TEST(empty_and_deep_shapes),
        ENGINE_TEST(huge_shapes_are_refused),
        ENGINE_TEST(broadcasting_may_overflow),
        ENGINE_TEST(the_first_error_stays),
        ENGINE_TEST(a_long_message_is_cut),
        ENGINE_TEST(a_scope_owns_what_is_made_in_it),
        ENGINE_TEST(scopes_nest_and_end_in_any_order),
        ENGINE_TEST(a_disposed_tensor_leaves_its_scope),
        ENGINE_TEST(a_variable_is_assigned),
        ENGINE_TEST(broadcasting_is_that_of_plain_loops),
        ENGINE_TEST(unlike_shapes_are_refused),
        ENGINE_TEST(the_pool_gives_memory_back),
    };
    return cmocka_run_group_tests_name("engine", tests, NULL, NULL);
}
