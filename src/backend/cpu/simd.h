/* Four floats at a time: a few names over the compilers' vector types, so that one source gives
** WebAssembly SIMD and native code. No libc, no static data: the relaxed-SIMD plug-in is built from
** this too. f4_madd is fused only where the target has relaxed SIMD (or the compiler fuses by
** itself); elsewhere it is a * b, then + c. */
#ifndef TN_CPU_SIMD_H
#define TN_CPU_SIMD_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>
#ifdef __wasm_simd128__
#include <wasm_simd128.h>
#endif

#define TN_INLINE static inline __attribute__((always_inline))

typedef float f4 __attribute__((vector_size(16)));
typedef int32_t i4 __attribute__((vector_size(16)));
typedef float f4_unaligned __attribute__((vector_size(16), aligned(4), may_alias));

TN_INLINE f4 f4_load(const float *p) { return *(const f4_unaligned *)p; }
TN_INLINE void f4_store(float *p, f4 v) { *(f4_unaligned *)p = v; }
TN_INLINE f4 f4_splat(float v) { return (f4){v, v, v, v}; }
TN_INLINE f4 f4_zero(void) { return (f4){0, 0, 0, 0}; }

/* Hides where a pointer comes from, at no cost: loads at constant offsets from it then stay that
** way (the compiler's strength reduction would give each its own moving pointer). */
#define TN_PIN(v) __asm__ volatile("" : "+r"(v))

/* One float, in all four lanes: one instruction on wasm and AVX. */
TN_INLINE f4 f4_load_splat(const float *p) {
#ifdef __wasm_simd128__
    return (f4)wasm_v128_load32_splat(p);
#else
    return f4_splat(*p);
#endif
}

TN_INLINE f4 f4_madd(f4 a, f4 b, f4 c) {
#ifdef __wasm_relaxed_simd__
    return (f4)wasm_f32x4_relaxed_madd((v128_t)a, (v128_t)b, (v128_t)c);
#else
    return a * b + c;
#endif
}

/* c - a * b */
TN_INLINE f4 f4_nmadd(f4 a, f4 b, f4 c) {
#ifdef __wasm_relaxed_simd__
    return (f4)wasm_f32x4_relaxed_nmadd((v128_t)a, (v128_t)b, (v128_t)c);
#else
    return c - a * b;
#endif
}

/* mask ? a : b, lane by lane; mask comes from a comparison. */
TN_INLINE f4 f4_select(i4 mask, f4 a, f4 b) { return (f4)((mask & (i4)a) | (~mask & (i4)b)); }
/* All bits set where v is NaN. */
TN_INLINE i4 f4_isnan(f4 v) { return v != v; }

/* A NaN in a stays (as in `b > a ? b : a`); one in b is dropped. */
TN_INLINE f4 f4_max(f4 a, f4 b) {
#ifdef __wasm_simd128__
    return (f4)wasm_f32x4_pmax((v128_t)a, (v128_t)b);
#else
    return f4_select(b > a, b, a);
#endif
}

TN_INLINE f4 f4_min(f4 a, f4 b) {
#ifdef __wasm_simd128__
    return (f4)wasm_f32x4_pmin((v128_t)a, (v128_t)b);
#else
    return f4_select(b < a, b, a);
#endif
}

/* The same, but a NaN in either stays. */
TN_INLINE f4 f4_max_nan(f4 a, f4 b) {
#ifdef __wasm_simd128__
    return (f4)wasm_f32x4_max((v128_t)a, (v128_t)b);
#else
    return f4_select((b > a) | (b != b), b, a);
#endif
}

TN_INLINE f4 f4_min_nan(f4 a, f4 b) {
#ifdef __wasm_simd128__
    return (f4)wasm_f32x4_min((v128_t)a, (v128_t)b);
#else
    return f4_select((b < a) | (b != b), b, a);
#endif
}

TN_INLINE f4 f4_clamp(f4 v, f4 lo, f4 hi) { return f4_min(f4_max(v, lo), hi); }

TN_INLINE void f4_store_lo(float *p, f4 v) {
#ifdef __wasm_simd128__
    wasm_v128_store64_lane(p, (v128_t)v, 0);
#else
    p[0] = v[0];
    p[1] = v[1];
#endif
}

TN_INLINE float f4_sum(f4 v) { return (v[0] + v[2]) + (v[1] + v[3]); }

/* Rows become columns. */
TN_INLINE void f4_transpose(f4 *r0, f4 *r1, f4 *r2, f4 *r3) {
    const f4 a = __builtin_shufflevector(*r0, *r1, 0, 4, 1, 5);
    const f4 b = __builtin_shufflevector(*r0, *r1, 2, 6, 3, 7);
    const f4 c = __builtin_shufflevector(*r2, *r3, 0, 4, 1, 5);
    const f4 d = __builtin_shufflevector(*r2, *r3, 2, 6, 3, 7);
    *r0 = __builtin_shufflevector(a, c, 0, 1, 4, 5);
    *r1 = __builtin_shufflevector(a, c, 2, 3, 6, 7);
    *r2 = __builtin_shufflevector(b, d, 0, 1, 4, 5);
    *r3 = __builtin_shufflevector(b, d, 2, 3, 6, 7);
}

#endif
