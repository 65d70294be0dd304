/* The walk of a strided copy. Its last axes p and q make a block; p is the axis that is dense in
** the source if there is one (then the block is a transpose), else the one before q. Short dense
** rows count as one wider element. Work is cut into units: some rows p of one block. */
#include "backend/cpu/strided_copy.h"
#include "backend/cpu/simd.h"
#include "base/threads.h"
#include <string.h>

enum {
    TILE = 32,     /* a transpose's tile: two cache lines of floats */
    SHORT = 32,    /* bytes: rows shorter than this are walked across */
    WIDEST = 16,   /* bytes of the widest element */
    GRAIN = 65536, /* bytes of a parallel piece */
};

/* Strides are in bytes from here on. */
typedef struct Axis {
    int size;
    int64_t from, to;
} Axis;

typedef struct Walk {
    int outer;               /* axes around a block */
    Axis axis[STRIDED_AXES]; /* the outermost first */
    Axis p, q;
    int rows, units; /* rows p of a unit; units of a block */
    const char *src;
    char *dst;
    int bytes; /* of an element: 1, 2, 4, 8 or 16 */
} Walk;

/* Axes of size 1 dropped, those that continue each other merged. */
static int merged(const StridedCopy *c, int bytes, Axis *axis) {
    int n = 0;
    for (int i = 0; i < c->rank; i++) {
        const Axis a = {c->size[i], c->from[i] * bytes, c->to[i] * bytes};
        Axis *last = n ? &axis[n - 1] : NULL;
        if (a.size == 1) continue;
        if (last && last->from == a.from * a.size && last->to == a.to * a.size)
            *last = (Axis){last->size * a.size, a.from, a.to};
        else axis[n++] = a;
    }
    return n;
}

/* Takes the last of n axes into the element, if it is dense on both sides and fits. */
static int widened(Walk *w, int n) {
    if (!n) return 0;
    const Axis *q = &w->axis[n - 1];
    if (q->from != w->bytes || q->to != w->bytes) return n;
    if (q->size > WIDEST / w->bytes || (q->size & (q->size - 1))) return n;
    w->bytes *= q->size;
    return n - 1;
}

static Walk walk_of(const StridedCopy *c, int bytes) {
    Walk w = {.bytes = bytes};
    int n = widened(&w, merged(c, bytes, w.axis));
    w.q = n ? w.axis[--n] : (Axis){1, w.bytes, w.bytes};
    w.p = (Axis){1, 0, 0};
    if (n) {
        int p = n - 1;
        for (int i = 0; i < n && w.q.from != w.bytes; i++)
            if (w.axis[i].from == w.bytes) p = i;
        w.p = w.axis[p];
        n--;
        for (int i = p; i < n; i++) w.axis[i] = w.axis[i + 1];
    }
    w.outer = n;
    return w;
}

/* ---- elements of any width ---- */

typedef uint16_t Two __attribute__((aligned(1), may_alias));
typedef uint32_t Four __attribute__((aligned(1), may_alias));
typedef uint64_t Eight __attribute__((aligned(1), may_alias));
typedef float Sixteen __attribute__((vector_size(16), aligned(1), may_alias));

/* A line, and a transpose's tile: dst[p * to + q] = src[q * from + p]. Dense lines are spelled out:
** they vectorise. */
#define WIDTH(name, type)                                                                          \
    static void name##_line(const char *src, int64_t from, char *dst, int64_t to, int n) {         \
        const int64_t dense = sizeof(type);                                                        \
        if (!from && to == dense) {                                                                \
            const type v = *(const type *)src;                                                     \
            for (int i = 0; i < n; i++) ((type *)dst)[i] = v;                                      \
        } else if (to == dense)                                                                    \
            for (int i = 0; i < n; i++) ((type *)dst)[i] = *(const type *)(src + i * from);        \
        else                                                                                       \
            for (int i = 0; i < n; i++) *(type *)(dst + i * to) = *(const type *)(src + i * from); \
    }                                                                                              \
    static void name##_tile(const char *src, int64_t from, char *dst, int64_t to, int np,          \
                            int nq) {                                                              \
        for (int p = 0; p < np; p++)                                                               \
            name##_line(src + p * sizeof(type), from, dst + p * to, sizeof(type), nq);             \
    }
WIDTH(one, uint8_t)
WIDTH(two, Two)
WIDTH(four, Four)
WIDTH(eight, Eight)
WIDTH(sixteen, Sixteen)

typedef void (*Line)(const char *src, int64_t from, char *dst, int64_t to, int n);
typedef void (*Tile)(const char *src, int64_t from, char *dst, int64_t to, int np, int nq);

static Line line_of(int bytes) {
    return bytes == 4    ? four_line
           : bytes == 1  ? one_line
           : bytes == 8  ? eight_line
           : bytes == 16 ? sixteen_line
                         : two_line;
}

static void float_tile(const char *src, int64_t from, char *dst, int64_t to, int np, int nq) {
    const int q4 = nq & ~3, p4 = np & ~3;
    for (int q = 0; q < q4; q += 4)
        for (int p = 0; p < p4; p += 4) {
            const char *s = src + q * from + p * 4;
            char *d = dst + p * to + q * 4;
            f4 a = f4_load((const float *)s), b = f4_load((const float *)(s + from));
            f4 c = f4_load((const float *)(s + 2 * from)),
               e = f4_load((const float *)(s + 3 * from));
            f4_transpose(&a, &b, &c, &e);
            f4_store((float *)d, a);
            f4_store((float *)(d + to), b);
            f4_store((float *)(d + 2 * to), c);
            f4_store((float *)(d + 3 * to), e);
        }
    if (q4 < nq) four_tile(src + q4 * from, from, dst + q4 * 4, to, np, nq - q4);
    if (p4 < np) four_tile(src + p4 * 4, from, dst + p4 * to, to, np - p4, q4);
}

/* The same for a whole tile by way of a small one, so that each cache line is met once: rows that
** are a power of two apart share their places in the cache and drive each other out. */
static void crowded_tile(const char *src, int64_t from, char *dst, int64_t to) {
    float tile[TILE * TILE];
    float_tile(src, from, (char *)tile, sizeof(float) * TILE, TILE, TILE);
    for (int p = 0; p < TILE; p++)
        for (int q = 0; q < TILE; q += 4)
            f4_store((float *)(dst + p * to) + q, f4_load(tile + p * TILE + q));
}

static Tile tile_of(int bytes) {
    return bytes == 4    ? float_tile
           : bytes == 1  ? one_tile
           : bytes == 8  ? eight_tile
           : bytes == 16 ? sixteen_tile
                         : two_tile;
}

/* ---- blocks: np rows p of q.size elements ---- */

static void rows_block(const Walk *w, const char *src, char *dst, int np) {
    const size_t bytes = (size_t)w->q.size * (size_t)w->bytes;
    for (int i = 0; i < np; i++) memcpy(dst + i * w->p.to, src + i * w->p.from, bytes);
}

static void lines_block(const Walk *w, const char *src, char *dst, int np) {
    const bool across = w->q.size * w->bytes < SHORT && np > w->q.size;
    const Axis a = across ? w->q : w->p, b = across ? w->p : w->q;
    const int lines = across ? a.size : np, n = across ? np : b.size;
    const Line line = line_of(w->bytes);
    for (int i = 0; i < lines; i++) line(src + i * a.from, b.from, dst + i * a.to, b.to, n);
}

static void transpose_block(const Walk *w, const char *src, char *dst, int np) {
    const int64_t from = w->q.from, to = w->p.to;
    const bool crowded = w->bytes == 4 && (from % 256 == 0 || to % 256 == 0);
    const Tile tile = tile_of(w->bytes);
    for (int p = 0; p < np; p += TILE)
        for (int q = 0; q < w->q.size; q += TILE) {
            const int tp = np - p < TILE ? np - p : TILE;
            const int tq = w->q.size - q < TILE ? w->q.size - q : TILE;
            const char *s = src + q * from + p * w->bytes;
            char *d = dst + p * to + q * w->bytes;
            if (crowded && tp == TILE && tq == TILE) crowded_tile(s, from, d, to);
            else tile(s, from, d, to, tp, tq);
        }
}

static void block(const Walk *w, const char *src, char *dst, int np) {
    const bool out = w->q.to == w->bytes, in = w->q.from == w->bytes;
    if (in && out && w->q.size * (int64_t)w->bytes >= SHORT) rows_block(w, src, dst, np);
    else if (out && w->p.from == w->bytes && np >= 4 && w->q.size >= 4)
        transpose_block(w, src, dst, np);
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
        block(w, w->src + from, w->dst + to, np);
    }
}

void strided_copy(const StridedCopy *c, const void *src, void *dst, int bytes) {
    for (int i = 0; i < c->rank; i++)
        if (!c->size[i]) return;
    Walk w = walk_of(c, bytes);
    const int64_t line = (int64_t)w.q.size * w.bytes;
    w.src = src, w.dst = dst;
    w.rows = (int)(GRAIN / 4 / line) + 1;
    if (w.p.from == w.bytes && w.rows < TILE) w.rows = TILE;
    if (w.rows > w.p.size) w.rows = w.p.size;
    w.units = w.p.size / w.rows + (w.p.size % w.rows != 0);
    int n = w.units;
    for (int k = 0; k < w.outer; k++) n *= w.axis[k].size;
    parallel_for(n, (int)(GRAIN / w.rows / line) + 1, units, &w);
}
