/* The hot loops of kernels.h: static and in the table, or with TN_PLUGIN visible to the plug-in. */
#include "backend/cpu/kernels.h"
#include "backend/cpu/simd.h"
#include "backend/cpu/vmath4.h"

#ifdef TN_PLUGIN
#define KERNEL(type, name, params)                                                                 \
    type tn_kernel_##name params;                                                                  \
    type tn_kernel_##name params
#else
#define KERNEL(type, name, params) static type tn_kernel_##name params
#endif

/* Of 16 registers one is the engine's: with a fused multiply-add 6x2 accumulators, two of B and one
** of A fill the rest; without, the product takes another, and 4x2 runs better. */
#if defined(__wasm_relaxed_simd__) || defined(__FMA__) || defined(__ARM_NEON)
#define TN_FUSED
enum { MR = 6 };
#else
enum { MR = 4 };
#endif

KERNEL(int, gemm_mr, (void)) { return MR; }

/* Named fields, not subscripts: under -fwrapv only these become constant offsets of a load. */
typedef struct Column {
    float r0, r1, r2, r3, r4, r5;
} Column;
typedef struct Row {
    f4_unaligned lo, hi;
} Row;

typedef struct Accumulators {
    f4 lo, hi;
} Accumulators;

/* A column of A times a row of B, onto R accumulators. */
TN_INLINE void step(Accumulators *acc, const int R, const float *a, const float *b) {
    TN_PIN(a);
    TN_PIN(b);
    const f4 lo = ((const Row *)b)->lo, hi = ((const Row *)b)->hi;
#define STEP(i)                                                                                    \
    if (i < R) {                                                                                   \
        const f4 s = f4_load_splat(&((const Column *)a)->r##i);                                    \
        acc[i].lo = f4_madd(s, lo, acc[i].lo);                                                     \
        acc[i].hi = f4_madd(s, hi, acc[i].hi);                                                     \
    }
    STEP(0) STEP(1) STEP(2) STEP(3) STEP(4) STEP(5)
#undef STEP
}

/* What follows the sums of a tile of `rows` <= R rows: bias, C, bounds. R is a constant. */
TN_INLINE void finish(const GemmTile *t, const Accumulators *acc, const int R, int rows,
                      ptrdiff_t col) {
    const f4 lo = f4_splat(t->lo), hi = f4_splat(t->hi);
    f4 bias_lo = f4_zero(), bias_hi = f4_zero();
    if (t->bias) {
        const float *bias = t->bias + col - t->col;
        bias_lo = f4_load(bias), bias_hi = f4_load(bias + 4);
    }
#pragma GCC unroll 6
    for (int i = 0; i < R; i++) {
        if (i >= rows) break;
        float *c = t->c[i] + col;
        f4 y0 = acc[i].lo + bias_lo, y1 = acc[i].hi + bias_hi;
        if (t->add) y0 += f4_load(c), y1 += f4_load(c + 4);
        f4_store(c, f4_clamp(y0, lo, hi));
        f4_store(c + 4, f4_clamp(y1, lo, hi));
    }
}

/* R and U are constants where this is inlined, so the accumulators are registers. Few rows take U
** columns at a time, each onto accumulators of its own, to hide the latency of an addition. */
TN_INLINE void tile(const GemmTile *t, const int R, const int U) {
    const ptrdiff_t as = t->as, bs = t->bs, end = t->col + t->panels * TILE_NR;
    const float *panel = t->b;
    for (ptrdiff_t col = t->col; col < end; col += TILE_NR, panel += t->b_stride) {
        Accumulators acc[8] = {0};
        const float *a = t->a, *b = panel;
        int k = t->k;
        for (; U > 1 && k >= U; k -= U) {
#pragma GCC unroll 4
            for (int u = 0; u < U; u++, a += as, b += bs) step(acc + u * R, R, a, b);
        }
        for (; k > 0; k--, a += as, b += bs) step(acc, R, a, b);
#pragma GCC unroll 8
        for (int i = R; i < R * U; i++) acc[i % R].lo += acc[i].lo, acc[i % R].hi += acc[i].hi;
        finish(t, acc, R, R, col);
    }
}

KERNEL(void, gemm_tile, (const GemmTile *t)) {
    switch (t->rows) {
    case 1: tile(t, 1, 4); break;
    case 2: tile(t, 2, 2); break;
    case 3: tile(t, 3, 1); break;
#ifdef TN_FUSED
    case 4: tile(t, 4, 1); break;
    case 5: tile(t, 5, 1); break;
#endif
    default: tile(t, MR, 1); break;
    }
}

/* One k of four rows: column u (a constant) of their next floats, times a row of B. */
TN_INLINE void rows_step(Accumulators *acc, const float **a, const int u, const float *b) {
    const f4 lo = ((const Row *)b)->lo, hi = ((const Row *)b)->hi;
#pragma GCC unroll 4
    for (int i = 0; i < ROWS_MR; i++) {
        TN_PIN(a[i]);
        const Column *next = (const Column *)a[i];
        const float *p = u == 0 ? &next->r0 : u == 1 ? &next->r1 : u == 2 ? &next->r2 : &next->r3;
        const f4 s = f4_load_splat(p);
        acc[i].lo = f4_madd(s, lo, acc[i].lo);
        acc[i].hi = f4_madd(s, hi, acc[i].hi);
    }
}

/* Four columns a round, with an exit after each: as one basic block clang would load everything
** first, more than there are registers. */
TN_INLINE void rows_panel(const GemmTile *t, const float *b, ptrdiff_t col) {
    Accumulators acc[ROWS_MR] = {0};
    const ptrdiff_t bs = t->bs;
    const float *const *at = t->at;
    for (int tap = t->taps; tap > 0; tap--, at += ROWS_MR) {
        const float *a[ROWS_MR] = {at[0], at[1], at[2], at[3]};
        for (int k = t->k; k > 0; k -= 4) {
            rows_step(acc, a, 0, b);
            b += bs;
            if (k == 1) break;
            rows_step(acc, a, 1, b);
            b += bs;
            if (k == 2) break;
            rows_step(acc, a, 2, b);
            b += bs;
            if (k == 3) break;
            rows_step(acc, a, 3, b);
            b += bs;
            a[0] += 4, a[1] += 4, a[2] += 4, a[3] += 4;
        }
    }
    finish(t, acc, ROWS_MR, t->rows, col);
}

KERNEL(void, gemm_rows, (const GemmTile *t)) {
    const float *b = t->b;
    for (int p = 0; p < t->panels; p++, b += t->b_stride) rows_panel(t, b, t->col + p * TILE_NR);
}

/* T outputs of V (1 or 2) vectors of channels, which begin at x, w, y and bias; T and V
** constant. */
TN_INLINE void depthwise_tile(const DepthwiseRow *r, const int T, const int V, const float *x,
                              const float *w, float *y, const float *bias) {
    const f4 lo = f4_splat(r->lo), hi = f4_splat(r->hi);
    Accumulators acc[4];
#pragma GCC unroll 4
    for (int t = 0; t < T; t++) {
        acc[t].lo = bias ? f4_load(bias) : f4_zero();
        acc[t].hi = bias && V == 2 ? f4_load(bias + 4) : f4_zero();
    }
    for (int i = r->rows; i > 0; i--, x += r->x_row, w += r->w_row) {
        const float *column = x, *tap = w;
        for (int j = r->taps; j > 0; j--, column += r->x_tap, tap += 8) {
            const float *at = column;
            const f4 w_lo = ((const Row *)tap)->lo, w_hi = ((const Row *)tap)->hi;
#pragma GCC unroll 4
            for (int t = 0; t < T; t++, at += r->x_stride) {
                TN_PIN(at);
                acc[t].lo = f4_madd(((const Row *)at)->lo, w_lo, acc[t].lo);
                if (V == 2) acc[t].hi = f4_madd(((const Row *)at)->hi, w_hi, acc[t].hi);
            }
        }
    }
#pragma GCC unroll 4
    for (int t = 0; t < T; t++, y += r->y_stride) {
        f4_store(y, f4_clamp(acc[t].lo, lo, hi));
        if (V == 2) f4_store(y + 4, f4_clamp(acc[t].hi, lo, hi));
    }
}

/* Where neighbouring outputs read neighbouring columns, each column is loaded once for the K
** taps of a row: T outputs of one vector of channels. T and K are constants. */
TN_INLINE void depthwise_slide(const DepthwiseRow *r, const int T, const int K, const float *x,
                               const float *w, float *y, const float *bias) {
    const f4 lo = f4_splat(r->lo), hi = f4_splat(r->hi);
    f4 acc[4], tap[5];
#pragma GCC unroll 4
    for (int t = 0; t < T; t++) acc[t] = bias ? f4_load(bias) : f4_zero();
    for (int i = r->rows; i > 0; i--, x += r->x_row, w += r->w_row) {
        const float *at = x;
#pragma GCC unroll 5
        for (int j = 0; j < K; j++) tap[j] = f4_load(w + j * 8);
#pragma GCC unroll 8
        for (int q = 0; q < T + K - 1; q++, at += r->x_tap) {
            TN_PIN(at);
            const f4 column = f4_load(at);
#pragma GCC unroll 5
            for (int j = 0; j < K; j++)
                if (q - j >= 0 && q - j < T) acc[q - j] = f4_madd(column, tap[j], acc[q - j]);
        }
    }
#pragma GCC unroll 4
    for (int t = 0; t < T; t++, y += r->y_stride) f4_store(y, f4_clamp(acc[t], lo, hi));
}

static __attribute__((noinline)) void depthwise_vector(const DepthwiseRow *r, const float *x,
                                                       const float *w, float *y,
                                                       const float *bias) {
    depthwise_tile(r, 1, 1, x, w, y, bias);
}

/* Channels from the last multiple of eight on; those that do not fill a vector are computed again
** with some before them. */
static void depthwise_rest(const DepthwiseRow *r, int T, int left, const float *x, const float *w,
                           float *y, const float *bias) {
    const int back = 4 - left;
    for (; T > 0; T--, x += r->x_stride, y += r->y_stride) {
        if (left >= 4) depthwise_vector(r, x, w, y, bias);
        if (left % 4 == 0) continue;
        depthwise_vector(r, x - back, w + r->w_block, y - back, bias ? bias - back : bias);
    }
}

/* T outputs of all channels. K: 3 or 5 to slide, else 0. */
TN_INLINE void depthwise_channels(const DepthwiseRow *r, const int T, const int K, int o) {
    const float *x = r->x + o * r->x_stride, *w = r->w, *bias = r->bias;
    float *y = r->y + o * r->y_stride;
    int left = r->channels;
    for (; left >= 8; left -= 8, x += 8, y += 8, w += r->w_block) {
        if (!K) depthwise_tile(r, T, 2, x, w, y, bias);
#pragma GCC unroll 1
        for (int half = 0; K && half < 8; half += 4)
            depthwise_slide(r, T, K, x + half, w + half, y + half, bias ? bias + half : bias);
        if (bias) bias += 8;
    }
    if (left) depthwise_rest(r, T, left, x, w, y, bias);
}

/* Outputs from o on, T at a time as far as there are; returns the first that is left. Not
** inlined, so that each is a function with registers of its own. */
#define DEPTHWISE_RUN(name, T, K)                                                                  \
    static __attribute__((noinline)) int name(const DepthwiseRow *r, int o) {                      \
        for (; o + T <= r->outs; o += T) depthwise_channels(r, T, K, o);                           \
        return o;                                                                                  \
    }
DEPTHWISE_RUN(depthwise_slide3_by4, 4, 3)
DEPTHWISE_RUN(depthwise_slide3_by2, 2, 3)
DEPTHWISE_RUN(depthwise_slide5_by4, 4, 5)
DEPTHWISE_RUN(depthwise_by4, 4, 0)
DEPTHWISE_RUN(depthwise_by1, 1, 0)

/* Columns a multiple of 2 KB apart compete for the same few places of the first-level cache: then
** fewer are read at a time. */
KERNEL(void, depthwise_row, (const DepthwiseRow *r)) {
    const int slides = r->x_stride == r->x_tap ? r->taps : 0;
    const bool crowded = r->x_stride % 512 == 0;
    int o = 0;
    if (slides == 3 && !crowded) o = depthwise_slide3_by4(r, o);
    if (slides == 3) o = depthwise_slide3_by2(r, o);
    if (slides == 5) o = depthwise_slide5_by4(r, o);
    o = depthwise_by4(r, o);
    depthwise_by1(r, o);
}

/* N pixels at a time, N constant; channels innermost, as that is how they lie. */
TN_INLINE void dots(const ChannelDots *d, const int N, const float *a, const float *b) {
    const ptrdiff_t a_stride = d->a_stride, b_stride = d->b_stride;
    float *sum = d->sum;
    int left = d->channels;
    for (; left >= 4; left -= 4, a += 4, b += 4, sum += 4) {
        const float *p = a, *q = b;
        f4 total = f4_load(sum);
#pragma GCC unroll 4
        for (int i = 0; i < N; i++, p += a_stride, q += b_stride)
            total = f4_madd(f4_load(p), f4_load(q), total);
        f4_store(sum, total);
    }
    for (; left > 0; left--, a++, b++, sum++) {
        const float *p = a, *q = b;
        TN_PIN(sum); /* keeps this small: not worth vectorising */
        for (int i = 0; i < N; i++, p += a_stride, q += b_stride) *sum += *p * *q;
    }
}

KERNEL(void, channel_dots, (const ChannelDots *d)) {
    const float *a = d->a, *b = d->b;
    int n = d->n;
    for (; n >= 4; n -= 4, a += 4 * d->a_stride, b += 4 * d->b_stride) dots(d, 4, a, b);
    for (; n > 0; n--, a += d->a_stride, b += d->b_stride) dots(d, 1, a, b);
}

/* Eight elements as two vectors, whose steps the processor can overlap. */
typedef void Function8(const VConstants *k, f4 *a, f4 *b);

/* Gives the sum; shift is taken from each x first. */
TN_INLINE float map(Function8 *f, const VConstants *k, const float *x, float shift, float *y,
                    size_t n) {
    const f4 s = f4_splat(shift);
    f4 even = f4_zero(), odd = f4_zero();
    for (; n >= 8; n -= 8, x += 8, y += 8) {
        f4 a = f4_load(x) - s, b = f4_load(x + 4) - s;
        f(k, &a, &b);
        f4_store(y, a), f4_store(y + 4, b);
        even += a, odd += b;
    }
    return f4_sum(even + odd);
}

KERNEL(void, map, (Map what, const VConstants *k, const float *x, float *y, size_t n)) {
    switch (what) {
    case MAP_EXP: map(exp8, k, x, 0, y, n); break;
    case MAP_LOG: map(log8, k, x, 0, y, n); break;
    case MAP_TANH: map(tanh8, k, x, 0, y, n); break;
    case MAP_ELU: map(elu8, k, x, 0, y, n); break;
    default: map(sigmoid8, k, x, 0, y, n); break;
    }
}

KERNEL(float, exp_sum, (const VConstants *k, const float *x, float shift, float *y, size_t n)) {
    return map(exp8, k, x, shift, y, n);
}

#ifndef TN_PLUGIN
Kernels kernels = {
#define X(type, name, params) .name = tn_kernel_##name,
    KERNELS(X)
#undef X
};
#endif
