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

/* R is a constant where this is inlined, so the accumulators are registers. */
TN_INLINE void tile(const GemmTile *t, const int R) {
    f4 acc[TILE_MR_MAX][2] = {0};
    const float *a = t->a, *b = t->b;
    const ptrdiff_t as = t->as, bs = t->bs;
    for (int k = t->k; k > 0; k--, a += as, b += bs) {
        TN_PIN(a);
        TN_PIN(b);
        const f4 lo = ((const Row *)b)->lo, hi = ((const Row *)b)->hi;
#define STEP(i)                                                                                    \
    if (i < R) {                                                                                   \
        const f4 s = f4_load_splat(&((const Column *)a)->r##i);                                    \
        acc[i][0] = f4_madd(s, lo, acc[i][0]);                                                     \
        acc[i][1] = f4_madd(s, hi, acc[i][1]);                                                     \
    }
        STEP(0) STEP(1) STEP(2) STEP(3) STEP(4) STEP(5)
#undef STEP
    }
    const f4 lo = f4_splat(t->lo), hi = f4_splat(t->hi);
    f4 bias0 = f4_zero(), bias1 = f4_zero();
    if (t->bias) bias0 = f4_load(t->bias), bias1 = f4_load(t->bias + 4);
#pragma GCC unroll 6
    for (int i = 0; i < R; i++) {
        float *c = t->c[i] + t->col;
        f4 y0 = acc[i][0] + bias0, y1 = acc[i][1] + bias1;
        if (t->add) y0 += f4_load(c), y1 += f4_load(c + 4);
        f4_store(c, f4_clamp(y0, lo, hi));
        f4_store(c + 4, f4_clamp(y1, lo, hi));
    }
}

KERNEL(void, gemm_tile, (const GemmTile *t)) {
    switch (t->rows) {
    case 1:
        tile(t, 1);
        break;
    case 2:
        tile(t, 2);
        break;
    case 3:
        tile(t, 3);
        break;
#ifdef TN_FUSED
    case 4:
        tile(t, 4);
        break;
    case 5:
        tile(t, 5);
        break;
#endif
    default:
        tile(t, MR);
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
