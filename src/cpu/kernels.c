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
TN_INLINE void finish(const GemmTile *t, Accumulators *acc, const int R, ptrdiff_t col) {
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

#ifndef TN_PLUGIN
Kernels kernels = {
#define X(type, name, params) .name = tn_kernel_##name,
    KERNELS(X)
#undef X
};
#endif
