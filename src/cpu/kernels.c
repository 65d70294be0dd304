/* The hot loops of kernels.h: static and in the table, or with TN_PLUGIN visible to the plug-in. */
#include "kernels.h"
#include "simd.h"

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

/* What follows the sums of a tile: bias, C, bounds. */
TN_INLINE void finish(const GemmTile *t, const Accumulators *acc, const int R, ptrdiff_t col) {
    const f4 lo = f4_splat(t->lo), hi = f4_splat(t->hi);
    f4 bias_lo = f4_zero(), bias_hi = f4_zero();
    if (t->bias) {
        const float *bias = t->bias + col - t->col;
        bias_lo = f4_load(bias), bias_hi = f4_load(bias + 4);
    }
#pragma GCC unroll 6
    for (int i = 0; i < R; i++) {
        float *c = t->c[i] + col;
        f4 y0 = acc[i].lo + bias_lo, y1 = acc[i].hi + bias_hi;
        if (t->add) y0 += f4_load(c), y1 += f4_load(c + 4);
        f4_store(c, f4_clamp(y0, lo, hi));
        f4_store(c + 4, f4_clamp(y1, lo, hi));
    }
}

/* R and U are constants where this is inlined, so the accumulators are registers. Few rows take U
** steps at a time, each onto accumulators of its own, to hide the latency of an addition. */
TN_INLINE void tile(const GemmTile *t, const int R, const int U) {
    const ptrdiff_t as = t->as, bs = t->bs, end = t->col + t->panels * TILE_NR;
    const float *panel = t->b;
    for (ptrdiff_t col = t->col; col < end; col += TILE_NR, panel += t->b_step) {
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
        finish(t, acc, R, col);
    }
}

KERNEL(void, gemm_tile, (const GemmTile *t)) {
    switch (t->rows) {
    case 1:
        tile(t, 1, 4);
        break;
    case 2:
        tile(t, 2, 2);
        break;
    case 3:
        tile(t, 3, 1);
        break;
#ifdef TN_FUSED
    case 4:
        tile(t, 4, 1);
        break;
    case 5:
        tile(t, 5, 1);
        break;
#endif
    default:
        tile(t, MR, 1);
        break;
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

/* Four steps a round, with an exit after each: as one basic block clang would load everything first,
** more than there are registers. */
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
    switch (t->rows) {
    case 1:
        finish(t, acc, 1, col);
        break;
    case 2:
        finish(t, acc, 2, col);
        break;
    case 3:
        finish(t, acc, 3, col);
        break;
    default:
        finish(t, acc, 4, col);
        break;
    }
}

KERNEL(void, gemm_rows, (const GemmTile *t)) {
    const float *b = t->b;
    for (int p = 0; p < t->panels; p++, b += t->b_step) rows_panel(t, b, t->col + p * TILE_NR);
}

/* The outputs o.. + T of V (1 or 2) vectors of channels from c on; all constant but o and c. */
TN_INLINE void depthwise_tile(const DepthwiseRow *r, const int T, const int V, int o, int c) {
    const f4 lo = f4_splat(r->lo), hi = f4_splat(r->hi);
    Accumulators acc[4] = {0};
    const float *x_row = r->x + o * r->x_step + c, *w_row = r->w + c;
    for (int i = 0; i < r->rows; i++, x_row += r->x_row, w_row += r->w_row) {
        const float *x_tap = x_row, *w = w_row;
        for (int j = r->taps; j > 0; j--, x_tap += r->x_tap, w += r->w_tap) {
            const float *x = x_tap;
            const f4 w_lo = f4_load(w), w_hi = V == 2 ? f4_load(w + 4) : w_lo;
#pragma GCC unroll 4
            for (int t = 0; t < T; t++, x += r->x_step) {
                TN_PIN(x);
                acc[t].lo = f4_madd(((const Row *)x)->lo, w_lo, acc[t].lo);
                if (V == 2) acc[t].hi = f4_madd(((const Row *)x)->hi, w_hi, acc[t].hi);
            }
        }
    }
    float *y = r->y + o * r->y_step + c;
    f4 bias_lo = f4_zero(), bias_hi = f4_zero();
    if (r->bias) bias_lo = f4_load(r->bias + c);
    if (r->bias && V == 2) bias_hi = f4_load(r->bias + c + 4);
#pragma GCC unroll 4
    for (int t = 0; t < T; t++, y += r->y_step) {
        f4_store(y, f4_clamp(acc[t].lo + bias_lo, lo, hi));
        if (V == 2) f4_store(y + 4, f4_clamp(acc[t].hi + bias_hi, lo, hi));
    }
}

/* Where neighbouring outputs read neighbouring columns, each column is loaded once for the K taps of
** a row: T outputs of one vector of channels. T and K are constants. */
TN_INLINE void depthwise_slide(const DepthwiseRow *r, const int T, const int K, int o, int c) {
    const f4 lo = f4_splat(r->lo), hi = f4_splat(r->hi);
    f4 acc[6] = {0}, w[5];
    const float *x_row = r->x + o * r->x_step + c, *w_row = r->w + c;
    for (int i = r->rows; i > 0; i--, x_row += r->x_row, w_row += r->w_row) {
        const float *x = x_row, *w_tap = w_row;
#pragma GCC unroll 5
        for (int j = 0; j < K; j++, w_tap += r->w_tap) w[j] = f4_load(w_tap);
#pragma GCC unroll 10
        for (int q = 0; q < T + K - 1; q++, x += r->x_tap) {
            TN_PIN(x);
            const f4 column = f4_load(x);
#pragma GCC unroll 5
            for (int j = 0; j < K; j++)
                if (q - j >= 0 && q - j < T) acc[q - j] = f4_madd(column, w[j], acc[q - j]);
        }
    }
    float *y = r->y + o * r->y_step + c;
    const f4 bias = r->bias ? f4_load(r->bias + c) : f4_zero();
#pragma GCC unroll 6
    for (int t = 0; t < T; t++, y += r->y_step) f4_store(y, f4_clamp(acc[t] + bias, lo, hi));
}

/* All outputs of one vector of channels. */
TN_INLINE void depthwise_vector(const DepthwiseRow *r, int c) {
    const bool slides = r->x_step == r->x_tap;
    int o = 0;
    if (slides && r->taps == 3)
        for (; o + 6 <= r->outs; o += 6) depthwise_slide(r, 6, 3, o, c);
    if (slides && r->taps == 5)
        for (; o + 4 <= r->outs; o += 4) depthwise_slide(r, 4, 5, o, c);
    for (; o + 4 <= r->outs; o += 4) depthwise_tile(r, 4, 1, o, c);
    for (; o < r->outs; o++) depthwise_tile(r, 1, 1, o, c);
}

/* Channels that do not fill a vector are computed again with some before them. */
KERNEL(void, depthwise_row, (const DepthwiseRow *r)) {
    const bool slides = r->x_step == r->x_tap && (r->taps == 3 || r->taps == 5);
    int c = 0;
    for (; !slides && c + 8 <= r->channels; c += 8) {
        int o = 0;
        for (; o + 4 <= r->outs; o += 4) depthwise_tile(r, 4, 2, o, c);
        for (; o < r->outs; o++) depthwise_tile(r, 1, 2, o, c);
    }
    for (; c + 4 <= r->channels; c += 4) depthwise_vector(r, c);
    if (c < r->channels) depthwise_vector(r, r->channels - 4);
}

/* Eight channels at a time, then one. */
KERNEL(void, channel_dots, (const ChannelDots *d)) {
    const ptrdiff_t a_step = d->a_step, b_step = d->b_step;
    int c = 0;
    for (; c + 8 <= d->channels; c += 8) {
        const float *a = d->a + c, *b = d->b + c;
        float *sum = d->sum + c;
        f4 lo = f4_load(sum), hi = f4_load(sum + 4);
        for (int i = d->n; i > 0; i--, a += a_step, b += b_step) {
            TN_PIN(a);
            TN_PIN(b);
            lo = f4_madd(((const Row *)a)->lo, ((const Row *)b)->lo, lo);
            hi = f4_madd(((const Row *)a)->hi, ((const Row *)b)->hi, hi);
        }
        f4_store(sum, lo);
        f4_store(sum + 4, hi);
    }
    for (; c < d->channels; c++) {
        const float *a = d->a + c, *b = d->b + c;
        float sum = d->sum[c];
        for (int i = d->n; i > 0; i--, a += a_step, b += b_step) sum += *a * *b;
        d->sum[c] = sum;
    }
}

#ifndef TN_PLUGIN
Kernels kernels = {
#define X(type, name, params) .name = tn_kernel_##name,
    KERNELS(X)
#undef X
};
#endif
