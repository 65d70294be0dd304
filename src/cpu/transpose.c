/* Permuting axes. Axes that stay neighbours are merged; then either runs of elements are copied, or
** planes are transposed in small square blocks that fit the first-level cache. */
#include "transpose.h"
#include "../engine/threads.h"
#include "simd.h"
#include <stdbool.h>
#include <string.h>

enum { BLOCK = 16, JOB_BYTES = 1 << 18, MAX_RANK = TRANSPOSE_MAX_RANK };

/* y's axes in order, merged: their sizes and their strides in x and y, in elements. */
typedef struct Permutation {
    int rank, size;
    int64_t shape[MAX_RANK];
    ptrdiff_t from[MAX_RANK], to[MAX_RANK];
    const char *x;
    char *y;
    int row, column; /* the axes of the planes: contiguous in x, contiguous in y */
} Permutation;

/* Leaves out axes of size 1 and merges those that follow each other in x too. */
static void merge(Permutation *p, int rank, const int *shape, const int *axes) {
    ptrdiff_t strides[MAX_RANK], step = 1;
    for (int i = rank - 1; i >= 0; i--) {
        strides[i] = step;
        step *= shape[i];
    }
    p->rank = 0;
    for (int i = 0; i < rank; i++) {
        const int size = shape[axes[i]];
        const ptrdiff_t stride = strides[axes[i]];
        if (size == 1) continue;
        const int last = p->rank - 1;
        if (last >= 0 && p->from[last] == stride * size) {
            p->shape[last] *= size;
            p->from[last] = stride;
        } else {
            p->shape[p->rank] = size;
            p->from[p->rank++] = stride;
        }
    }
    step = 1;
    for (int i = p->rank - 1; i >= 0; i--) {
        p->to[i] = step;
        step *= p->shape[i];
    }
}

/* Where the index-th plane (or run) begins in x and y: index counts the axes but p's row and column. */
static void find_plane(const Permutation *p, int64_t index, const char **x, char **y) {
    ptrdiff_t from = 0, to = 0;
    for (int i = p->rank - 1; i >= 0; i--) {
        if (i == p->row || i == p->column) continue;
        from += index % p->shape[i] * p->from[i];
        to += index % p->shape[i] * p->to[i];
        index /= p->shape[i];
    }
    *x = p->x + from * p->size;
    *y = p->y + to * p->size;
}

/* y[j * to + i] = x[i * from + j], i < rows, j < columns, both at most BLOCK. */
static void block4(int rows, int columns, const float *x, ptrdiff_t from, float *y, ptrdiff_t to) {
    int j = 0;
    for (; j + 4 <= columns; j += 4) {
        int i = 0;
        for (; i + 4 <= rows; i += 4) {
            const float *a = x + i * from + j;
            float *b = y + j * to + i;
            f4 r0 = f4_load(a), r1 = f4_load(a + from);
            f4 r2 = f4_load(a + 2 * from), r3 = f4_load(a + 3 * from);
            f4_transpose(&r0, &r1, &r2, &r3);
            f4_store(b, r0);
            f4_store(b + to, r1);
            f4_store(b + 2 * to, r2);
            f4_store(b + 3 * to, r3);
        }
        for (; i < rows; i++)
            for (int k = j; k < j + 4; k++) y[k * to + i] = x[i * from + k];
    }
    for (; j < columns; j++)
        for (int i = 0; i < rows; i++) y[j * to + i] = x[i * from + j];
}

static void block1(int rows, int columns, const char *x, ptrdiff_t from, char *y, ptrdiff_t to) {
    for (int j = 0; j < columns; j++)
        for (int i = 0; i < rows; i++) y[j * to + i] = x[i * from + j];
}

static int min_int64(int64_t a, int64_t b) { return (int)(a < b ? a : b); }

/* Columns first.. + count of a plane: x's contiguous axis becomes y's rows. */
static void plane(const Permutation *p, const char *x, char *y, int64_t first, int64_t count) {
    const ptrdiff_t from = p->from[p->column], to = p->to[p->row];
    const int64_t rows = p->shape[p->column];
    for (int64_t j = first; j < first + count; j += BLOCK) {
        const int columns = min_int64(BLOCK, first + count - j);
        for (int64_t i = 0; i < rows; i += BLOCK) {
            const char *a = x + (i * from + j) * p->size;
            char *b = y + (j * to + i) * p->size;
            const int n = min_int64(BLOCK, rows - i);
            if (p->size == 4)
                block4(n, columns, (const float *)a, from, (float *)b, to);
            else
                block1(n, columns, a, from, b, to);
        }
    }
}

/* Jobs are strips of BLOCK columns, plane after plane. */
static void strips(void *ctx, int begin, int end) {
    const Permutation *p = ctx;
    const int64_t columns = p->shape[p->row], each = (columns + BLOCK - 1) / BLOCK;
    for (int64_t i = begin; i < end;) {
        const char *x;
        char *y;
        const int64_t first = i % each, last = i - first + each < end ? each : end - (i - first);
        find_plane(p, i / each, &x, &y);
        plane(p, x, y, first * BLOCK, min_int64(columns, last * BLOCK) - first * BLOCK);
        i += last - first;
    }
}

/* Jobs are rows of runs: the last axis, which stays the last, along y's axis before it. */
static void runs(void *ctx, int begin, int end) {
    const Permutation *p = ctx;
    const size_t run = (size_t)p->shape[p->column] * (size_t)p->size;
    const ptrdiff_t from = p->from[p->row] * p->size, to = p->to[p->row] * p->size;
    for (int i = begin; i < end; i++) {
        const char *x;
        char *y;
        find_plane(p, i, &x, &y);
        for (int64_t j = 0; j < p->shape[p->row]; j++, x += from, y += to) memcpy(y, x, run);
    }
}

void transpose(int rank, const int *shape, const int *axes, int element_size, const void *x,
               void *y) {
    Permutation p = {.size = element_size, .x = x, .y = y};
    int64_t elements = 1;
    for (int i = 0; i < rank; i++) elements *= shape[i];
    if (elements == 0) return;
    merge(&p, rank, shape, axes);
    if (p.rank <= 1) {
        memcpy(y, x, (size_t)elements * (size_t)element_size);
        return;
    }
    p.column = p.rank - 1;
    for (int i = 0; i < p.rank; i++)
        if (p.from[i] == 1) p.row = i;
    const bool copies = p.row == p.column; /* then there are three axes or more */
    if (copies) p.row = p.rank - 2;
    const int64_t columns = p.shape[p.row], rows = p.shape[p.column];
    const int64_t strips_each = copies ? 1 : (columns + BLOCK - 1) / BLOCK;
    const int64_t jobs = elements / rows / columns * strips_each;
    const int64_t bytes = elements / jobs * element_size + 1;
    void (*const body)(void *, int, int) = copies ? runs : strips;
    if (jobs * bytes < 2 * JOB_BYTES)
        body(&p, 0, (int)jobs);
    else
        parallel_for((int)jobs, 1 + (int)(JOB_BYTES / bytes), body, &p);
}
