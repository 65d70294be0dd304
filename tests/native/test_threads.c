/* parallel_for: every piece once, whatever the number of threads; also run under TSan. */
#include "base/threads.h"
#include <setjmp.h>
#include <stdarg.h>
#include <stdatomic.h>
#include <stdlib.h>
#include <cmocka.h>

typedef struct Job {
    int n, grain;
    int *hits;
    atomic_int bad; /* pieces that are not [k grain, min(n, (k + 1) grain)) */
} Job;

static void hit(void *ctx, int begin, int end) {
    Job *job = ctx;
    const int whole = job->n - begin < job->grain ? job->n - begin : job->grain;
    if (begin % job->grain || end - begin != whole) atomic_fetch_add(&job->bad, 1);
    for (int i = begin; i < end; i++) job->hits[i]++;
}

static void check(int n, int grain) {
    Job job = {.n = n, .grain = grain, .hits = calloc(n ? n : 1, sizeof(int))};
    parallel_for(n, grain, hit, &job);
    assert_int_equal(job.bad, 0);
    for (int i = 0; i < n; i++) assert_int_equal(job.hits[i], 1);
    free(job.hits);
}

static void covers_every_piece_once(void **state) {
    (void)state;
    for (int threads = 1; threads <= 4; threads++) {
        tn_set_threads(threads);
        for (int t = 0; t < 2000; t++) check(t % 251, 1 + t % 17);
    }
    while (tn_threads() < 4) check(100, 1);
    for (int t = 0; t < 2000; t++) check(t % 251, 1 + t % 17);
}

static void none_and_one(void **state) {
    (void)state;
    tn_set_threads(4);
    check(0, 1);
    check(1, 1);
    check(5, 1000000);
    parallel_for(-3, 1, NULL, NULL);
}

static void add(void *ctx, int begin, int end) { atomic_fetch_add((atomic_int *)ctx, end - begin); }

static void outer(void *ctx, int begin, int end) {
    for (int i = begin; i < end; i++) parallel_for(50, 3, add, ctx);
}

static void nested_runs_inline(void **state) {
    (void)state;
    tn_set_threads(4);
    for (int t = 0; t < 200; t++) {
        atomic_int count = 0;
        parallel_for(40, 1, outer, &count);
        assert_int_equal(count, 40 * 50);
    }
}

static void ends_near_the_largest_int(void **state) {
    (void)state;
    atomic_int count = 0;
    tn_set_threads(2);
    parallel_for(INT32_MAX, INT32_MAX - 1, add, &count);
    assert_int_equal(count, INT32_MAX);
    count = 0;
    parallel_for(INT32_MAX, 1 << 30, add, &count);
    assert_int_equal(count, INT32_MAX);
}

static void limits_are_clipped(void **state) {
    (void)state;
    tn_set_threads(-5);
    assert_int_equal(tn_threads(), 1);
    tn_set_threads(1000000);
    assert_in_range(tn_threads(), 1, TN_MAX_THREADS);
    tn_set_threads(1);
    assert_int_equal(tn_threads(), 1);
}

int main(void) {
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(covers_every_piece_once), cmocka_unit_test(none_and_one),
        cmocka_unit_test(nested_runs_inline),      cmocka_unit_test(ends_near_the_largest_int),
        cmocka_unit_test(limits_are_clipped),
    };
    return cmocka_run_group_tests_name("threads", tests, NULL, NULL);
}
