/* Reductions. The two innermost loops exist once for each operation, the rest for all. */
#include "reduce.h"
#include "../engine/threads.h"
#include "simd.h"
#include <math.h>

typedef enum Operation { SUM, SQUARES, MAX, MIN } Operation;

enum {
    BLOCK = 1024,  /* elements of a row summed in float */
    ROWS = 64,     /* rows summed in float, column by column */
    COLUMNS = 256, /* at a time */
    NARROW = 16,   /* fewer columns: several rows are taken for one */
    SEGMENTS = 64, /* parts of one long row, for threads */
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

TN_INLINE f4 take4(const Operation op, f4 a, f4 v) {
    if (op == MAX) return f4_max_nan(a, v);
    if (op == MIN) return f4_min_nan(a, v);
    return op == SQUARES ? f4_madd(v, v, a) : a + v;
}

TN_INLINE float take(const Operation op, float a, float v) {
    if (op == MAX) return v > a || v != v ? v : a;
    if (op == MIN) return v < a || v != v ? v : a;
    return op == SQUARES ? a + v * v : a + v;
}

/* Joins results; squares have been squared. */
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
    const Operation joining = op == SQUARES ? SUM : op;
    a = take4(joining, take4(joining, a, b), take4(joining, c, d));
    float rest = (float)identity(op);
    for (; i < n; i++) rest = take(op, rest, x[i]);
    return join(op, join(op, join(op, a[0], a[1]), join(op, a[2], a[3])), rest);
}

/* n <= BLOCK neighbours */
static double block(Operation op, int n, const float *x) {
    switch (op) {
    case SUM:
        return block_of(SUM, n, x);
    case SQUARES:
        return block_of(SQUARES, n, x);
    case MAX:
        return block_of(MAX, n, x);
    default:
        return block_of(MIN, n, x);
    }
}

static double row(Operation op, int64_t n, const float *x) {
    double total = identity(op);
    for (; n > 0; n -= BLOCK, x += BLOCK)
        total = join(op, total, block(op, n < BLOCK ? (int)n : BLOCK, x));
    return total;
}

/* part += a row */
TN_INLINE void add_row_of(const Operation op, int width, const float *x, float *part) {
    int j = 0;
    for (; j + 4 <= width; j += 4) f4_store(part + j, take4(op, f4_load(part + j), f4_load(x + j)));
    for (; j < width; j++) part[j] = take(op, part[j], x[j]);
}

static void add_row(Operation op, int width, const float *x, float *part) {
    switch (op) {
    case SUM:
        add_row_of(SUM, width, x, part);
        break;
    case SQUARES:
        add_row_of(SQUARES, width, x, part);
        break;
    case MAX:
        add_row_of(MAX, width, x, part);
        break;
    default:
        add_row_of(MIN, width, x, part);
        break;
    }
}

/* total[j] of n rows of `width` <= COLUMNS floats, which are `stride` apart. */
static void columns(Operation op, int64_t n, int width, int64_t stride, const float *x,
                    double *total) {
    float part[COLUMNS];
    for (int j = 0; j < width; j++) total[j] = identity(op);
    while (n > 0) {
        const int rows = n < ROWS ? (int)n : ROWS;
        for (int j = 0; j < width; j++) part[j] = (float)identity(op);
        for (int i = 0; i < rows; i++, x += stride) add_row(op, width, x, part);
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

static void row_jobs(void *ctx, int begin, int end) {
    const Reduction *r = ctx;
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
    if (r->n < 2 * JOB)
        segment_jobs(r, 0, count);
    else
        parallel_for(count, 1 + (int)(JOB / r->segment), segment_jobs, r);
    for (int i = 0; i < count; i++) total = join(r->op, total, r->partial[i]);
    r->y[0] = (float)total;
}

static void reduce(Operation op, int64_t outer, int64_t n, int64_t inner, const float *x,
                   float *y) {
    Reduction r = {.op = op, .n = n, .inner = inner, .x = x, .y = y};
    if (outer == 1 && inner == 1) {
        reduce_row(&r);
        return;
    }
    const int64_t jobs = outer * groups_of(inner),
                  each = n * (inner < COLUMNS ? inner : COLUMNS) + 1;
    void (*const body)(void *, int, int) = inner == 1 ? row_jobs : middle_jobs;
    if (jobs * each < 2 * JOB)
        body(&r, 0, (int)jobs);
    else
        parallel_for((int)jobs, 1 + (int)(JOB / each), body, &r);
}

void reduce_sum(int64_t outer, int64_t n, int64_t inner, const float *x, float *y) {
    reduce(SUM, outer, n, inner, x, y);
}

void reduce_sum_squares(int64_t outer, int64_t n, int64_t inner, const float *x, float *y) {
    reduce(SQUARES, outer, n, inner, x, y);
}

void reduce_max(int64_t outer, int64_t n, int64_t inner, const float *x, float *y) {
    reduce(MAX, outer, n, inner, x, y);
}

void reduce_min(int64_t outer, int64_t n, int64_t inner, const float *x, float *y) {
    reduce(MIN, outer, n, inner, x, y);
}
