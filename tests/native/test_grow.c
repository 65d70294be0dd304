/* Arrays that grow, and buffers (base/grow.h): contents, sizes, memory that is not there. */
#include "engine_check.h"
#include "base/alloc.h"
#include "base/grow.h"

static void test_items_stay(void **state) {
    (void)state;
    int *items = NULL, capacity = 0, times = 0;
    for (int i = 0; i < 1000; i++) {
        const int before = capacity;
        assert_true(GROW(items, capacity, (size_t)i + 1));
        times += capacity != before;
        assert_true(capacity > i);
        assert_int_equal(items[i], 0); /* a new place */
        items[i] = i + 1;
    }
    for (int i = 0; i < 1000; i++) assert_int_equal(items[i], i + 1);
    assert_true(times < 8);
    assert_true(GROW(items, capacity, 5000)); /* more than twice as many */
    assert_int_equal(capacity, 5000);
    assert_int_equal(items[999], 1000);
    assert_int_equal(items[4999], 0);
    mem_free(items, (size_t)capacity * sizeof *items);
}

static void test_growth_that_fails_changes_nothing(void **state) {
    (void)state;
    int *items = NULL, capacity = 0;
    assert_true(GROW(items, capacity, 3));
    for (int i = 0; i < capacity; i++) items[i] = i;
    int *const first = items;
    const int before = capacity;
    tn_fail_allocation(1);
    assert_false(GROW(items, capacity, (size_t)capacity + 1));
    assert_false(GROW(items, capacity, INT32_MAX / sizeof *items + 1));
    assert_false(GROW(items, capacity, SIZE_MAX));
    assert_ptr_equal(items, first);
    assert_int_equal(capacity, before);
    assert_int_equal(items[capacity - 1], capacity - 1);
    assert_null(tn_error());
    mem_free(items, (size_t)capacity * sizeof *items);
}

static void test_buffers(void **state) {
    (void)state;
    Buffer b = {0};
    char *first = buffer_reserve(&b, 100);
    assert_non_null(first);
    memset(first, 1, 100);
    assert_ptr_equal(buffer_reserve(&b, 60), first);
    tn_fail_allocation(1);
    assert_null(buffer_reserve(&b, 101));
    assert_ptr_equal(b.bytes, first);
    assert_int_equal(b.size, 100);
    char *larger = buffer_reserve(&b, 1000);
    memset(larger, 2, 1000);
    assert_int_equal(b.size, 1000);
    mem_free(b.bytes, b.size);
}

int main(void) {
    const struct CMUnitTest tests[] = {
        ENGINE_TEST(test_items_stay),
        ENGINE_TEST(test_growth_that_fails_changes_nothing),
        ENGINE_TEST(test_buffers),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
