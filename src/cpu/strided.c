/* The walk of a strided copy. Its last axes p and q make a block; p is the axis that is dense in the
** source if there is one (then the block is a transpose), else the one before q. Work is cut into
** units: some rows p of one block. */
#include "strided.h"
#include "simd.h"
#include "../engine/threads.h"
#include <string.h>

enum {
    TILE = 16,          /* a transpose's tile: one cache line of floats */
    SHORT = 8,          /* rows shorter than this are walked across */
    GRAIN = 16384,      /* elements of a parallel piece */
};

typedef struct Axis {
    int size;
    int64_t from, to;
} Axis;

typedef struct Walk {
    int outer;                /* axes around a block */
    Axis axis[STRIDED_AXES];  /* the outermost first */
    Axis p, q;
    int rows, units;          /* rows p of a unit; units of a block */
    const char *src;
    char *dst;
    int bytes;
} Walk;

static bool dense(const Axis *a) { return a->from == 1; }

/* Axes of size 1 dropped, those that continue each other merged. */
static int merged(const StridedCopy *c, Axis *axis) {
    int n = 0;
    for (int i = 0; i < c->rank; i++) {
        const Axis a = {c->size[i], c->from[i], c->to[i]};
        Axis *last = n ? &axis[n - 1] : NULL;
        if (a.size == 1) continue;
        if (last && last->from == a.from * a.size && last->to == a.to * a.size)
            *last = (Axis){last->size * a.size, a.from, a.to};
        else axis[n++] = a;
    }
    return n;
}

static Walk walk_of(const StridedCopy *c) {
    Walk w = {.p = {1, 0, 0}, .q = {1, 1, 1}};
    int n = merged(c, w.axis);
    if (n) w.q = w.axis[--n];
    if (n) {
        int p = n - 1;
        for (int i = 0; i < n && !dense(&w.q); i++)
            if (dense(&w.axis[i])) p = i;
        w.p = w.axis[p];
        n--;
        for (int i = p; i < n; i++) w.axis[i] = w.axis[i + 1];
    }
    w.outer = n;
    return w;
}

/* ---- blocks: np rows p of nq elements q ---- */

/* A loop of the element's width; steps of 1 are spelled out, they vectorise. */
#define LINE(name, type)                                                                           \
    static void name(const void *from, int64_t step, void *to, int64_t step_to, int n) {           \
        const type *restrict src = from;                                                           \
        type *restrict dst = to;                                                                   \
        if (step == 0 && step_to == 1)                                                             \
            for (int i = 0; i < n; i++) dst[i] = *src;                                             \
        else if (step_to == 1)                                                                     \
            for (int i = 0; i < n; i++) dst[i] = src[i * step];                                    \
        else                                                                                       \
            for (int i = 0; i < n; i++) dst[i * step_to] = src[i * step];                          \
    }
LINE(line_words, uint32_t)
LINE(line_bytes, uint8_t)

static void rows_block(const Walk *w, const char *src, char *dst, int np) {
    const size_t bytes = (size_t)w->q.size * (size_t)w->bytes;
    for (int i = 0; i < np; i++)
        memcpy(dst + i * w->p.to * w->bytes, src + i * w->p.from * w->bytes, bytes);
}

static void lines_block(const Walk *w, const char *src, char *dst, int np) {
    const bool across = w->q.size < SHORT && np > w->q.size;
    const Axis a = across ? w->q : w->p, b = across ? w->p : w->q;
    const int lines = across ? a.size : np, n = across ? np : b.size;
    for (int i = 0; i < lines; i++) {
        const char *from = src + i * a.from * w->bytes;
        char *to = dst + i * a.to * w->bytes;
        if (w->bytes == 4) line_words(from, b.from, to, b.to, n);
        else line_bytes(from, b.from, to, b.to, n);
    }
}

/* dst[p * to + q] = src[q * from + p] for np by nq words. */
static void transpose_tile(const float *src, int64_t from, float *dst, int64_t to, int np, int nq) {
    int q = 0;
    for (; q + 4 <= nq; q += 4) {
        const float *s = src + q * from;
        float *d = dst + q;
        int p = 0;
        for (; p + 4 <= np; p += 4, s += 4, d += 4 * to) {
            f4 a = f4_load(s), b = f4_load(s + from), c = f4_load(s + 2 * from);
            f4 e = f4_load(s + 3 * from);
            f4_transpose(&a, &b, &c, &e);
            f4_store(d, a);
            f4_store(d + to, b);
            f4_store(d + 2 * to, c);
            f4_store(d + 3 * to, e);
        }
        for (; p < np; p++, s++, d += to)
            for (int k = 0; k < 4; k++) memcpy(d + k, s + k * from, sizeof *d);
    }
    for (; q < nq; q++)
        for (int p = 0; p < np; p++) memcpy(dst + p * to + q, src + q * from + p, sizeof *dst);
}

static void byte_tile(const uint8_t *src, int64_t from, uint8_t *dst, int64_t to, int np, int nq) {
    for (int p = 0; p < np; p++)
        for (int q = 0; q < nq; q++) dst[p * to + q] = src[q * from + p];
}

static void transpose_block(const Walk *w, const char *src, char *dst, int np) {
    const int64_t from = w->q.from, to = w->p.to;
    for (int p = 0; p < np; p += TILE)
        for (int q = 0; q < w->q.size; q += TILE) {
            const int tp = np - p < TILE ? np - p : TILE;
            const int tq = w->q.size - q < TILE ? w->q.size - q : TILE;
            const int64_t s = q * from + p, d = p * to + q;
            if (w->bytes == 4)
                transpose_tile((const float *)src + s, from, (float *)dst + d, to, tp, tq);
            else byte_tile((const uint8_t *)src + s, from, (uint8_t *)dst + d, to, tp, tq);
        }
}

static void block(const Walk *w, const char *src, char *dst, int np) {
    const bool whole = w->q.from == 1 && w->q.to == 1 && w->q.size >= SHORT;
    if (whole) rows_block(w, src, dst, np);
    else if (w->q.to == 1 && w->p.from == 1 && np > 1) transpose_block(w, src, dst, np);
    else lines_block(w, src, dst, np);
}

static void units(void *job, int begin, int end) {
    const Walk *w = job;
    for (int unit = begin; unit < end; unit++) {
        const int row = unit % w->units * w->rows;
        int64_t from = row * w->p.from, to = row * w->p.to;
        for (int k = w->outer - 1, rest = unit / w->units; k >= 0; rest /= w->axis[k--].size) {
            const int at = rest % w->axis[k].size;
            from += at * w->axis[k].from;
            to += at * w->axis[k].to;
        }
        const int np = w->p.size - row < w->rows ? w->p.size - row : w->rows;
        block(w, w->src + from * w->bytes, w->dst + to * w->bytes, np);
    }
}

void strided_copy(const StridedCopy *c, const void *src, void *dst, int bytes) {
    for (int i = 0; i < c->rank; i++)
        if (!c->size[i]) return;
    Walk w = walk_of(c);
    w.src = src, w.dst = dst, w.bytes = bytes;
    w.rows = GRAIN / 4 / w.q.size + 1;
    if (w.p.from == 1 && w.rows < TILE) w.rows = TILE;
    if (w.rows > w.p.size) w.rows = w.p.size;
    w.units = w.p.size / w.rows + (w.p.size % w.rows != 0);
    int n = w.units;
    for (int k = 0; k < w.outer; k++) n *= w.axis[k].size;
    parallel_for(n, GRAIN / w.rows / w.q.size + 1, units, &w);
}
