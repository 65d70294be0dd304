/* What the tests of the host and of threads call: sums by parallel_for, growth, a trap. */
#include "backend/cpu/kernels.h"
#include "base/threads.h"
#include <stdatomic.h>
#include <stdlib.h>

typedef struct Sum {
    const int *x;
    int *parts; /* one per piece */
    int grain;
} Sum;

static void sum_piece(void *ctx, int begin, int end) {
    const Sum *s = ctx;
    int sum = 0;
    for (int i = begin; i < end; i++) sum += s->x[i];
    s->parts[begin / s->grain] = sum;
}

/* Adds up 0..n-1, `times` times, each with other pieces; how often the result was wrong. */
EXPORT int probe_sums(int n, int times) {
    int *x = malloc(sizeof(int) * n), *parts = malloc(sizeof(int) * n), wrong = 0;
    for (int i = 0; i < n; i++) x[i] = i;
    for (int t = 0; t < times; t++) {
        const int grain = 1 + t % 97, pieces = (n + grain - 1) / grain;
        for (int i = 0; i < pieces; i++) parts[i] = -1;
        parallel_for(n, grain, sum_piece, &(Sum){x, parts, grain});
        long long sum = 0;
        for (int i = 0; i < pieces; i++) sum += parts[i];
        wrong += sum != (long long)n * (n - 1) / 2;
    }
    free(parts), free(x);
    return wrong;
}

static _Thread_local int marked; /* a thread of its own has its own */
static atomic_int threads_seen;

static void mark_piece(void *ctx, int begin, int end) {
    (void)begin, (void)end;
    if (marked == *(int *)ctx) return;
    marked = *(int *)ctx;
    atomic_fetch_add(&threads_seen, 1);
}

/* How many threads worked on a job with many pieces. */
EXPORT int probe_threads(void) {
    static int job;
    job++;
    atomic_store(&threads_seen, 0);
    parallel_for(20000, 1, mark_piece, &job);
    return atomic_load(&threads_seen);
}

static void inner_piece(void *ctx, int begin, int end) {
    atomic_fetch_add((atomic_int *)ctx, end - begin);
}

static void outer_piece(void *ctx, int begin, int end) {
    for (int i = begin; i < end; i++) parallel_for(100, 7, inner_piece, ctx);
}

/* A job inside a job: 100 for each of n. */
EXPORT int probe_nested(int n) {
    atomic_int count = 0;
    parallel_for(n, 1, outer_piece, &count);
    return atomic_load(&count);
}

static void grow_piece(void *ctx, int begin, int end) {
    for (int i = begin; i < end; i++) {
        int *block = malloc(1 << 20);
        if (!block) continue;
        block[0] = i, block[(1 << 18) - 1] = i;
        ((int **)ctx)[i] = block;
    }
}

/* Allocates n megabytes on all threads, each with its number at both ends; the highest, or 0. */
EXPORT int *probe_grow(int n) {
    int **blocks = calloc(n, sizeof(int *)), *last = NULL;
    parallel_for(n, 1, grow_piece, blocks);
    for (int i = 0; i < n; i++) {
        if (!blocks[i] || blocks[i][0] != i || blocks[i][(1 << 18) - 1] != i) return NULL;
        if (blocks[i] > last) last = blocks[i];
    }
    free(blocks);
    return last;
}

static void trap_piece(void *ctx, int begin, int end) {
    (void)end;
    if (begin == *(int *)ctx) __builtin_trap();
    for (volatile int i = 0; i < 20000; i++) {
    }
}

/* A job whose piece `at` traps. */
EXPORT void probe_trap(int at) { parallel_for(1000, 1, trap_piece, &at); }

/* Which kernels are in place: 6 rows a tile in the plug-in, 4 in the core. */
EXPORT int probe_rows(void) { return kernels.gemm_mr(); }

static void rows_piece(void *ctx, int begin, int end) {
    for (int i = begin; i < end; i++) atomic_fetch_add((atomic_int *)ctx, kernels.gemm_mr());
}

/* The rows that n pieces find, on all threads. */
EXPORT int probe_rows_everywhere(int n) {
    atomic_int rows = 0;
    parallel_for(n, 1, rows_piece, &rows);
    return atomic_load(&rows);
}

EXPORT int probe_call(int (*f)(int, int), int a, int b) { return f(a, b); }
EXPORT float *probe_room(int n) { return malloc(sizeof(float) * n); }
EXPORT void probe_scale(float *x, int n, float by) {
    for (int i = 0; i < n; i++) x[i] *= by;
}
