/* Reductions. The two innermost loops exist once for each operation, the rest for all. */
#include "backend/cpu/reduce_kernels.h"
#include "base/threads.h"
#include "backend/cpu/simd.h"
#include <math.h>
#include <stdbool.h>

typedef enum Operation { SUM, MAX, MIN } Operation;

enum {
    BLOCK = 1024,  /* elements of a row summed in float */
    ROWS = 64,     /* rows summed in float, column by column */
    COLUMNS = 256, /* at a time */
    NARROW = 16,   /* fewer columns: several rows are taken for one */
    SEGMENTS = 64, /* parts of one long row, for threads */
    SHORT = 24,    /* rows summed one by one */
    JOB = 1 << 17, /* elements worth another thread */
};

typedef struct Reduction {
    Operation op;
    int64_t n, inner;
    const float *x;
    float *y;
    int64_t segment; /* length of the parts of a single row */
    double partial[SEGMENTS];
} Reduction;

static double identity(Operation op) { return op == MAX ? -INFINITY : op == MIN ? INFINITY : 0; }

/* A NaN in v stays; with MAX and MIN one in a does too. */
TN_INLINE f4 take4(const Operation op, f4 a, f4 v) {
    if (op == MAX) return f4_select(f4_isnan(v), v, f4_max(a, v));
    if (op == MIN) return f4_select(f4_isnan(v), v, f4_min(a, v));
    return a + v;
}

TN_INLINE float take(const Operation op, float a, float v) {
    if (op == MAX) return v > a || v != v ? v : a;
    if (op == MIN) return v < a || v != v ? v : a;
    return a + v;
}

/* Joins results of two parts. */
static double join(Operation op, double a, double b) {
    if (op == MAX) return b > a || b != b ? b : a;
    if (op == MIN) return b < a || b != b ? b : a;
    return a + b;
}

TN_INLINE double block_of(const Operation op, int n, const float *x) {
    f4 a = f4_splat((float)identity(op)), b = a, c = a, d = a;
    int i = 0;
    for (; i + 16 <= n; i += 16) {
        a = take4(op, a, f4_load(x + i));
        b = take4(op, b, f4_load(x + i + 4));
        c = take4(op, c, f4_load(x + i + 8));
        d = take4(op, d, f4_load(x + i + 12));
    }
    a = take4(op, take4(op, a, b), take4(op, c, d));
    float rest = (float)identity(op);
    for (; i < n; i++) rest = take(op, rest, x[i]);
    return join(op, join(op, join(op, a[0], a[1]), join(op, a[2], a[3])), rest);
}

/* n <= BLOCK neighbours */
static double block(Operation op, int n, const float *x) {
    switch (op) {
    case SUM: return block_of(SUM, n, x);
    case MAX: return block_of(MAX, n, x);
    default: return block_of(MIN, n, x);
    }
}

static double row(Operation op, int64_t n, const float *x) {
    double total = identity(op);
    for (; n > 0; n -= BLOCK, x += BLOCK)
        total = join(op, total, block(op, n < BLOCK ? (int)n : BLOCK, x));
    return total;
}

TN_INLINE void add_rows_of(const Operation op, const int rows, int width, const float *x,
                           int64_t stride, float *part) {
    int j = 0;
    for (; j + 4 <= width; j += 4) {
        const float *at = x + j;
        f4 sum = f4_load(part + j);
#pragma GCC unroll 4
        for (int i = 0; i < rows; i++, at += stride) sum = take4(op, sum, f4_load(at));
        f4_store(part + j, sum);
    }
    for (; j < width; j++)
        for (int i = 0; i < rows; i++) part[j] = take(op, part[j], x[i * stride + j]);
}

/* part += one row, or four */
static void add_rows(Operation op, bool four, int width, const float *x, int64_t stride,
                     float *part) {
#define ADD_ROWS(op)                                                                               \
    if (four) add_rows_of(op, 4, width, x, stride, part);                                          \
    else add_rows_of(op, 1, width, x, stride, part);                                               \
    break
    switch (op) {
    case SUM: ADD_ROWS(SUM);
    case MAX: ADD_ROWS(MAX);
    default: ADD_ROWS(MIN);
    }
#undef ADD_ROWS
}

/* total[j] of n rows of `width` <= COLUMNS floats, which are `stride` apart. */
static void columns(Operation op, int64_t n, int width, int64_t stride, const float *x,
                    double *total) {
    float part[COLUMNS];
    for (int j = 0; j < width; j++) total[j] = identity(op);
    while (n > 0) {
        const int rows = n < ROWS ? (int)n : ROWS;
        for (int j = 0; j < width; j++) part[j] = (float)identity(op);
        int i = 0;
        for (; i + 4 <= rows; i += 4, x += 4 * stride) add_rows(op, true, width, x, stride, part);
        for (; i < rows; i++, x += stride) add_rows(op, false, width, x, stride, part);
        for (int j = 0; j < width; j++) total[j] = join(op, total[j], part[j]);
        n -= rows;
    }
}

/* `width` columns of [n, inner]; narrow rows are taken several at a time as one wide row. */
static void middle(const Reduction *r, int width, const float *x, float *y) {
    double total[COLUMNS], rest[NARROW];
    const int rows = r->inner < NARROW ? COLUMNS / 2 / (int)r->inner : 1, wide = width * rows;
    columns(r->op, r->n / rows, wide, r->inner * rows, x, total);
    for (int j = width; j < wide; j++) total[j % width] = join(r->op, total[j % width], total[j]);
    if (r->n % rows) {
        columns(r->op, r->n % rows, width, r->inner, x + r->n / rows * rows * r->inner, rest);
        for (int j = 0; j < width; j++) total[j] = join(r->op, total[j], rest[j]);
    }
    for (int j = 0; j < width; j++) y[j] = (float)total[j];
}

/* Four rows at a time, one in each lane. */
TN_INLINE void short_rows_of(const Operation op, int64_t n, const float *x, int rows, float *y) {
    for (; rows >= 4; rows -= 4, x += 4 * n, y += 4) {
        f4 total = f4_splat((float)identity(op));
        for (int64_t k = 0; k < n; k++)
            total = take4(op, total, (f4){x[k], x[n + k], x[2 * n + k], x[3 * n + k]});
        f4_store(y, total);
    }
    for (; rows > 0; rows--, x += n, y++) {
        float total = (float)identity(op);
        for (int64_t k = 0; k < n; k++) total = take(op, total, x[k]);
        *y = total;
    }
}

static void short_rows(const Reduction *r, int begin, int end) {
    const float *x = r->x + begin * r->n;
    float *y = r->y + begin;
    switch (r->op) {
    case SUM: short_rows_of(SUM, r->n, x, end - begin, y); break;
    case MAX: short_rows_of(MAX, r->n, x, end - begin, y); break;
    default: short_rows_of(MIN, r->n, x, end - begin, y); break;
    }
}

static void row_jobs(void *ctx, int begin, int end) {
    const Reduction *r = ctx;
    if (r->n < SHORT) short_rows(r, begin, end);
    else
        for (int i = begin; i < end; i++) r->y[i] = (float)row(r->op, r->n, r->x + i * r->n);
}

static int64_t groups_of(int64_t inner) { return (inner + COLUMNS - 1) / COLUMNS; }

/* A job is a group of columns of an outer row. */
static void middle_jobs(void *ctx, int begin, int end) {
    const Reduction *r = ctx;
    for (int i = begin; i < end; i++) {
        const int64_t o = i / groups_of(r->inner), first = i % groups_of(r->inner) * COLUMNS;
        const int width = r->inner - first < COLUMNS ? (int)(r->inner - first) : COLUMNS;
        middle(r, width, r->x + o * r->n * r->inner + first, r->y + o * r->inner + first);
    }
}

static void segment_jobs(void *ctx, int begin, int end) {
    Reduction *r = ctx;
    for (int i = begin; i < end; i++) {
        const int64_t first = i * r->segment, left = r->n - first;
        r->partial[i] = row(r->op, left < r->segment ? left : r->segment, r->x + first);
    }
}

/* One row, cut into segments: the same ones for any number of threads. */
static void reduce_row(Reduction *r) {
    r->segment = (r->n / SEGMENTS / BLOCK + 1) * BLOCK;
    const int count = (int)((r->n + r->segment - 1) / r->segment);
    double total = identity(r->op);
    if (r->n < 2 * JOB) segment_jobs(r, 0, count);
    else parallel_for(count, 1 + (int)(JOB / r->segment), segment_jobs, r);
    for (int i = 0; i < count; i++) total = join(r->op, total, r->partial[i]);
    r->y[0] = (float)total;
}

static void reduce(Operation op, const float *x, int outer, int n, int inner, float *y) {
    Reduction r = {.op = op, .n = n, .inner = inner, .x = x, .y = y};
    if (outer == 1 && inner == 1) {
        reduce_row(&r);
        return;
    }
    const int64_t jobs = outer * groups_of(inner),
                  each = n * (inner < COLUMNS ? inner : COLUMNS) + 1;
    void (*const body)(void *, int, int) = inner == 1 ? row_jobs : middle_jobs;
    if (jobs * each < 2 * JOB) body(&r, 0, (int)jobs);
    else parallel_for((int)jobs, 1 + (int)(JOB / each), body, &r);
}

void reduce_sum(const float *x, int outer, int n, int inner, float *y) {
    reduce(SUM, x, outer, n, inner, y);
}

void reduce_max(const float *x, int outer, int n, int inner, float *y) {
    reduce(MAX, x, outer, n, inner, y);
}

void reduce_min(const float *x, int outer, int n, int inner, float *y) {
    reduce(MIN, x, outer, n, inner, y);
}
