/* The most used functions of vmath.h four at a time, with fused multiply-adds where the target has
** them; the bounds are the same. For kernels: the constants come as an argument, since the plug-in
** has no data. Rare arguments (huge, tiny, negative, NaN) take a slower way, by a branch. */
#ifndef TN_CPU_VMATH4_H
#define TN_CPU_VMATH4_H

#include "backend/cpu/simd.h"
#include "backend/cpu/vconst.h"

TN_INLINE bool f4_all(i4 mask) {
#ifdef __wasm_simd128__
    return wasm_i32x4_all_true((v128_t)mask);
#else
    return mask[0] && mask[1] && mask[2] && mask[3];
#endif
}

TN_INLINE f4 f4_abs(f4 v) { return (f4)((i4)v & 0x7fffffff); }

/* x = n ln 2 + r; gives exp(r) - 1, and n in the low bits of `shifted`. For |x| < 2^20. */
TN_INLINE f4 exp4_reduced(const VConstants *k, f4 x, f4 *shifted) {
    const f4 rounder = f4_splat(k->rounder), up = f4_madd(x, f4_splat(k->per_ln2), rounder);
    const f4 whole = up - rounder;
    const f4 r = f4_nmadd(whole, f4_splat(k->ln2_lo), f4_nmadd(whole, f4_splat(k->ln2_hi), x));
    const f4 rr = r * r;
    const f4 low = f4_madd(f4_splat(k->exp_p[1]), r, f4_splat(k->exp_p[0]));
    const f4 mid = f4_madd(f4_splat(k->exp_p[3]), r, f4_splat(k->exp_p[2]));
    const f4 p = f4_madd(f4_madd(f4_splat(k->exp_p[4]), rr, mid), rr, low);
    *shifted = up;
    return f4_madd(p, rr, r);
}

/* 2^n for n in the low bits of `shifted`, whose high bits the shift drops. */
TN_INLINE f4 pow2_4(const VConstants *k, f4 shifted) {
    return (f4)(((i4)shifted << 23) + (int32_t)k->one_bits);
}

TN_INLINE f4 one4(const VConstants *k) { return (f4)((i4){0, 0, 0, 0} + (int32_t)k->one_bits); }

/* Whether all of a and b are of a size at which exp needs no care. */
TN_INLINE bool usual8(const VConstants *k, f4 a, f4 b) {
    return __builtin_expect(f4_all(f4_max(f4_abs(a), f4_abs(b)) <= f4_splat(k->exp_safe)), 1);
}

/* exp for such sizes */
TN_INLINE f4 exp4_usual(const VConstants *k, f4 x) {
    f4 shifted;
    const f4 y = exp4_reduced(k, x, &shifted) + one4(k);
    return (f4)((i4)y + ((i4)shifted << 23));
}

/* exp of anything; seldom called */
static __attribute__((noinline)) f4 exp4_any(const VConstants *k, f4 x) {
    f4 shifted;
    x = f4_max(f4_min(x, f4_splat(k->exp_max)), f4_splat(k->exp_min));
    const f4 y = exp4_reduced(k, x, &shifted) + one4(k);
    const i4 n = (i4)shifted - (i4)f4_splat(k->rounder), half = n >> 1;
    return y * pow2_4(k, (f4)half) * pow2_4(k, (f4)(n - half));
}

TN_INLINE void exp8(const VConstants *k, f4 *a, f4 *b) {
    if (usual8(k, *a, *b)) *a = exp4_usual(k, *a), *b = exp4_usual(k, *b);
    else *a = exp4_any(k, *a), *b = exp4_any(k, *b);
}

/* e / (1 + e) keeps its digits on both sides, as long as e is finite. */
TN_INLINE f4 share4(const VConstants *k, f4 e) { return e / (one4(k) + e); }

TN_INLINE f4 sigmoid4_any(const VConstants *k, f4 x) {
    return share4(k, exp4_any(k, f4_min(x, f4_splat(k->exp_safe))));
}

TN_INLINE f4 sigmoid4_usual(const VConstants *k, f4 x) { return share4(k, exp4_usual(k, x)); }

TN_INLINE void sigmoid8(const VConstants *k, f4 *a, f4 *b) {
    if (usual8(k, *a, *b)) *a = sigmoid4_usual(k, *a), *b = sigmoid4_usual(k, *b);
    else *a = sigmoid4_any(k, *a), *b = sigmoid4_any(k, *b);
}

/* exp(x) - 1 below 0. */
TN_INLINE f4 elu4(const VConstants *k, f4 x) {
    f4 shifted;
    const f4 q = exp4_reduced(k, f4_max(x, f4_splat(k->expm1_min)), &shifted);
    const f4 power = pow2_4(k, shifted);
    return f4_select(x < f4_zero(), f4_madd(power, q, power - one4(k)), x);
}

/* With t = exp(-2|x|) - 1, which needs no upper bound: |tanh x| = -t / (t + 2). */
TN_INLINE f4 tanh4(const VConstants *k, f4 x) {
    const i4 sign = (i4)x & INT32_MIN;
    const f4 half = f4_splat(k->half), size = f4_abs(x);
    const f4 a = f4_max(size * -2.0f, f4_splat(k->expm1_min));
    f4 shifted;
    const f4 q = exp4_reduced(k, a, &shifted), power = pow2_4(k, shifted) * half;
    const f4 t = 2.0f * f4_madd(power, q, power - half);
    const f4 y = f4_select(size < f4_splat(k->expm1_small), size, -t / (t + 2.0f));
    return (f4)((i4)y | sign);
}

TN_INLINE f4 log4(const VConstants *k, f4 x) {
    const f4 normal = f4_splat(k->normal_min), infinity = f4_splat(k->infinity);
    const float *const p = k->log_p;
    const bool usual = f4_all((x >= normal) & (x < infinity));
    const i4 tiny = x < normal;
    f4 v = x;
    if (__builtin_expect(!usual, 0)) v = f4_select(tiny, x * f4_splat(k->scale), x);
    const i4 u = (i4)v - (int32_t)k->root_half_bits;
    i4 exponent = u >> 23;
    if (__builtin_expect(!usual, 0)) exponent -= tiny & 23;
    const f4 e = __builtin_convertvector(exponent, f4);
    const f4 f = (f4)((u & 0x7fffff) + (int32_t)k->root_half_bits) - one4(k);
    const f4 ff = f * f;
    const f4 p0 = f4_madd(f4_splat(p[1]), f, f4_splat(p[0]));
    const f4 p1 = f4_madd(f4_splat(p[3]), f, f4_splat(p[2]));
    const f4 p2 = f4_madd(f4_splat(p[5]), f, f4_splat(p[4]));
    const f4 p3 = f4_madd(f4_splat(p[7]), f, f4_splat(p[6]));
    const f4 series = f4_madd(f4_madd(p3, ff, p2), ff * ff, f4_madd(p1, ff, p0));
    const f4 tail = f4_nmadd(f4_splat(k->half), ff, e * f4_splat(k->ln2_lo));
    const f4 y = f4_madd(e, f4_splat(k->ln2_hi), f4_madd(series, f * ff, tail) + f);
    if (__builtin_expect(usual, 1)) return y;
    const f4 zero = f4_zero(), nan = infinity - infinity;
    const f4 z = f4_select(x == infinity, infinity, f4_select(x == zero, -infinity, y));
    return f4_select(x >= zero, z, nan);
}

TN_INLINE void elu8(const VConstants *k, f4 *a, f4 *b) { *a = elu4(k, *a), *b = elu4(k, *b); }
TN_INLINE void tanh8(const VConstants *k, f4 *a, f4 *b) { *a = tanh4(k, *a), *b = tanh4(k, *b); }
TN_INLINE void log8(const VConstants *k, f4 *a, f4 *b) { *a = log4(k, *a), *b = log4(k, *b); }

#endif
