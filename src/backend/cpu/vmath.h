/* Elementary functions of float, without branches: a plain loop over one of these is vectorised.
** Bounds are in units of the last place of the result against the exact value, over all floats
** (subnormal ones, infinities and NaN included); tests/native/test_vmath.c measures them.
** Polynomials: minimax in the relative error, made for this file with the Remez exchange.
** Reductions of the argument: Cody and Waite, "Software Manual for the Elementary Functions",
** 1980. They need IEEE arithmetic: no -ffast-math. */
#ifndef TN_CPU_VMATH_H
#define TN_CPU_VMATH_H

#include <math.h>
#include <stddef.h>
#include <stdint.h>
#include <string.h>
#include "backend/cpu/kernels.h"
#include "backend/cpu/vconst.h"

#define VMATH static inline __attribute__((always_inline))

VMATH uint32_t vbits(float x) {
    uint32_t u;
    memcpy(&u, &x, sizeof u);
    return u;
}

VMATH float vfloat(uint32_t u) {
    float x;
    memcpy(&x, &u, sizeof x);
    return x;
}

extern const VConstants vk;

/* 2^k for -126 <= k <= 127. */
VMATH float vpow2(uint32_t k) { return vfloat((k << 23) + vk.one_bits); }

/* x = k ln 2 + r with |r| <= ln 2 / 2; gives exp(r) - 1 and k, for |x| < 2^20. */
VMATH float vexp_reduced(float x, uint32_t *k) {
    const float shifted = x * vk.per_ln2 + vk.rounder, whole = shifted - vk.rounder;
    const float r = (x - whole * vk.ln2_hi) - whole * vk.ln2_lo, rr = r * r;
    const float p = vk.exp_p[2] + vk.exp_p[3] * r + vk.exp_p[4] * rr;
    *k = vbits(shifted) - vbits(vk.rounder);
    return (vk.exp_p[0] + vk.exp_p[1] * r + p * rr) * rr + r;
}

/* 1.1 ulp. The power of two is applied in two halves, so that results round into the subnormals. */
VMATH float vexp(float x) {
    uint32_t k;
    x = x > vk.exp_max ? vk.exp_max : x;
    x = x < vk.exp_min ? vk.exp_min : x;
    const float y = vexp_reduced(x, &k) + 1;
    const uint32_t half = (uint32_t)((int32_t)k >> 1);
    return y * vpow2(half) * vpow2(k - half);
}

/* exp for x <= 0, with one power of two: it is 2^(k + 64), then 2^-64. Shifted left, the
** rounder's own bits are gone. */
VMATH float vexp_negative(float x) {
    uint32_t k;
    x = x < vk.exp_min ? vk.exp_min : x;
    const float y = vexp_reduced(x, &k) + 1;
    return y * vfloat((k << 23) + vk.two64_bits) * vk.two_minus64;
}

/* 2 ulp */
VMATH float vexpm1(float x) {
    uint32_t k;
    float t = x > vk.exp_max ? vk.exp_max : x;
    t = t < vk.expm1_min ? vk.expm1_min : t;
    const float q = vexp_reduced(t, &k), power = vpow2(k - 1);
    const float y = 2 * (power * q + (power - vk.half));
    return fabsf(x) < vk.expm1_small ? x : y;
}

/* log x for 0 < x < infinity: x = 2^e (1 + f). */
VMATH float vlog_finite(float x) {
    const float scaled = x * vk.scale, *const p = vk.log_p;
    const int tiny = x < vk.normal_min;
    const uint32_t u = vbits(tiny ? scaled : x) - vk.root_half_bits;
    const float e = (float)(((int32_t)u >> 23) - (tiny ? 23 : 0));
    const float f = vfloat((u & 0x7fffffu) + vk.root_half_bits) - 1, ff = f * f;
    const float low = (p[0] + p[1] * f) + (p[2] + p[3] * f) * ff;
    const float high = (p[4] + p[5] * f) + (p[6] + p[7] * f) * ff;
    const float series = f * ff * (low + high * (ff * ff));
    return (series + (e * vk.ln2_lo - vk.half * ff) + f) + e * vk.ln2_hi;
}

/* 1 ulp */
VMATH float vlog(float x) {
    float y = vlog_finite(x);
    y = x == INFINITY ? INFINITY : y;
    y = x == 0 ? -INFINITY : y;
    return x >= 0 ? y : NAN;
}

/* 2 ulp. What 1 + x lost in rounding is put back as the first term of a series. */
VMATH float vlog1p(float x) {
    const float u = 1 + x, lost = (x - (u - 1)) / u, y = vlog(u);
    const float z = u > 0 && u < INFINITY ? y + lost : y;
    return x == 0 ? x : z;
}

/* 2.5 ulp */
VMATH float vtanh(float x) {
    const float t = vexpm1(-2 * fabsf(x));
    return copysignf(t / (t + 2), x);
}

/* 2.5 ulp. 1 / (1 + exp(-x)), with the exponential never above 1. */
VMATH float vsigmoid(float x) {
    const float e = vexp_negative(-fabsf(x));
    return (x < 0 ? e : 1) / (1 + e);
}

/* 2 ulp. log(1 + exp(x)) */
VMATH float vsoftplus(float x) {
    const float top = x < 0 ? 0 : x, e = vexp_negative(-fabsf(x)), u = 1 + e;
    return top + (vlog_finite(u) + (e - (u - 1)) / u);
}

/* 2.25 ulp */
VMATH float verf(float x) {
    const float *const p = vk.erf_p, *const q = vk.erfc_p;
    const float z = x * x, zz = z * z, size = fabsf(x), a = size > vk.erf_max ? vk.erf_max : size;
    const float aa = a * a;
    const float low = (p[0] + p[1] * z) + (p[2] + p[3] * z) * zz;
    const float near = x + x * (low + (p[4] + p[5] * z + p[6] * zz) * (zz * zz));
    const float first = (q[0] + q[1] * a) + (q[2] + q[3] * a) * aa;
    const float last = (q[4] + q[5] * a) + (q[6] + q[7] * a) * aa;
    const float far = copysignf(1 - vexp_negative(-(first + last * (aa * aa))), x);
    return size < 1 ? near : far;
}

/* sin and cos of r, |r| <= pi/4 */
VMATH void vtrig_near(float r, float *sine, float *cosine) {
    const float z = r * r;
    const float s = (vk.sin_p[2] * z + vk.sin_p[1]) * z + vk.sin_p[0];
    const float c = (vk.cos_p[2] * z + vk.cos_p[1]) * z + vk.cos_p[0];
    *sine = r + r * z * s;
    *cosine = (1 - vk.half * z) + z * z * c;
}

/* sin and cos of x turns, 0 <= x <= 1 */
VMATH void vturn(float x, float *sine, float *cosine) {
    float s, c;
    const float shifted = 4 * x + vk.rounder;
    const uint32_t k = vbits(shifted);
    vtrig_near((4 * x - (shifted - vk.rounder)) * (float)vk.half_pi_all, &s, &c);
    *sine = vfloat(vbits(k & 1 ? c : s) ^ (k & 2) << 30);
    *cosine = vfloat(vbits(k & 1 ? s : c) ^ ((k + 1) & 2) << 30);
}

/* The largest |x| that vsin, vcos and vtan reduce exactly enough; vsin_n and so on take any. */
#define VTRIG_MAX 1e8f

/* x = k pi/2 + r, |r| <= pi/4; gives sin(r), cos(r), and k's low bits. */
VMATH uint32_t vtrig(float x, float *sine, float *cosine) {
    const double shifted = x * vk.per_half_pi + vk.trig_rounder, whole = shifted - vk.trig_rounder;
    const double rest = (x - whole * vk.half_pi[0]) - whole * vk.half_pi[1];
    uint64_t bits;
    memcpy(&bits, &shifted, sizeof bits);
    vtrig_near((float)(rest - whole * vk.half_pi[2]), sine, cosine);
    return (uint32_t)bits;
}

/* 2 ulp for |x| <= VTRIG_MAX */
VMATH float vsin(float x) {
    float s, c;
    const uint32_t k = vtrig(x, &s, &c);
    const float y = vfloat(vbits(k & 1 ? c : s) ^ (k & 2) << 30);
    return x == 0 ? x : y;
}

VMATH float vcos(float x) {
    float s, c;
    const uint32_t k = vtrig(x, &s, &c) + 1;
    return vfloat(vbits(k & 1 ? c : s) ^ (k & 2) << 30);
}

/* 4 ulp for |x| <= VTRIG_MAX */
VMATH float vtan(float x) {
    float s, c;
    const uint32_t k = vtrig(x, &s, &c);
    const float y = (k & 1 ? -c : s) / (k & 1 ? s : c);
    return x == 0 ? x : y;
}

/* y[i] = f(x[i]) for any x; y may be x. */
void vmap(Map what, size_t n, const float *x, float *y);
/* y[i] = exp(x[i] - shift); gives their sum in float. */
float vexp_sum(size_t n, const float *x, float shift, float *y);
void vsin_n(size_t n, const float *x, float *y);
void vcos_n(size_t n, const float *x, float *y);
void vtan_n(size_t n, const float *x, float *y);

/* Rounded down without rounding first: the quotient of two floats keeps its side of a whole number
** in double, as long as it is below 2^28. */
VMATH float vfloordiv(float a, float b) { return (float)floor((double)a / (double)b); }

/* The remainder with the sign of b; of opposite signs and an infinite b it is NaN. */
VMATH float vmod(float a, float b) {
    const double whole = floor((double)a / (double)b);
    if (fabs(whole) < 0x1p28 && fabsf(b) < INFINITY) return (float)(a - b * whole);
    const double rest = fmod(a, b);
    return (float)((a < 0) == (b < 0) ? rest : fmod(rest + b, b));
}

/* u + u z P(z), P of degree 4 */
VMATH double vodd(double u, double z, const float *p) {
    return u + u * z * ((p[0] + p[1] * z) + (p[2] + p[3] * z + p[4] * (z * z)) * (z * z));
}

/* 0.6 ulp; as asin and acos in double, since a quotient or a root in float costs a unit. */
VMATH float vatan(float x) {
    const double a = fabs((double)x);
    const int mid = a > vk.tan_pi_8, far = a > vk.tan_3pi_8;
    const double above = far ? -1 : mid ? a - 1 : a, below = far ? a : mid ? a + 1 : 1;
    const double u = above / below, base = far ? vk.half_pi_all : mid ? 0.5 * vk.half_pi_all : 0;
    return copysignf((float)(base + vodd(u, u * u, vk.atan_p)), x);
}

/* 0.6 ulp. The angle below pi/4 of the two sizes, then in which octant the point lies. */
VMATH float vatan2(float a, float b) {
    const double up = fabs((double)a), across = fabs((double)b);
    const double most = up > across ? up : across, least = up > across ? across : up;
    const double m = most < INFINITY ? most : 1;
    const double l = most < INFINITY ? least : least == INFINITY ? 1 : 0;
    const int mid = l > vk.tan_pi_8 * m;
    const double above = mid ? l - m : l, below = mid ? l + m : m > 0 ? m : 1;
    const double u = above / below, near = vodd(u, u * u, vk.atan_p);
    double angle = mid ? 0.5 * vk.half_pi_all + near : near;
    angle = up > across ? vk.half_pi_all - angle : angle;
    angle = copysignf(1, b) < 0 ? 2 * vk.half_pi_all - angle : angle;
    return a == a && b == b ? copysignf((float)angle, a) : NAN;
}

/* asin of a >= 0, or, where a is above 1/2, half of pi/2 less that. */
VMATH double vasin_part(double a) {
    const int far = a > 0.5;
    const double z = far ? (1 - a) * 0.5 : a * a;
    return vodd(far ? sqrt(z) : a, z, vk.asin_p);
}

/* 0.7 ulp */
VMATH float vasin(float x) {
    const double a = fabs((double)x), part = vasin_part(a);
    return copysignf((float)(a > 0.5 ? vk.half_pi_all - 2 * part : part), x);
}

/* 0.7 ulp */
VMATH float vacos(float x) {
    const double a = fabs((double)x), part = vasin_part(a);
    const double far = x < 0 ? 2 * (vk.half_pi_all - part) : 2 * part;
    return (float)(a > 0.5 ? far : vk.half_pi_all - copysign(part, x));
}

/* A quarter of exp(a) - 1 for a >= 0, which does not overflow before the sine does. */
VMATH float vquarter(float a) {
    uint32_t k;
    const float t = a > vk.sinh_max ? vk.sinh_max : a;
    const float q = vexp_reduced(t, &k), power = vpow2(k - 2);
    return power * q + (power - 0.25f);
}

/* 2.25 ulp */
VMATH float vsinh(float x) {
    const float a = fabsf(x), g = vquarter(a), y = 2 * (g + g / (4 * g + 1));
    return copysignf(a < vk.expm1_small ? a : y, x);
}

/* 2 ulp */
VMATH float vcosh(float x) {
    const float g = vquarter(fabsf(x)) + 0.25f;
    return 2 * (g + 0.0625f / g);
}

/* log(1 + z), where that is 2 x if x is far out: there log x + log 2. */
VMATH float vlog_arc(float z, float x) {
    const int far = x > vk.log_far;
    const float u = far ? x : 1 + z;
    const float rest = far ? vk.ln2_hi + vk.ln2_lo : (z - (u - 1)) / u, y = vlog_finite(u) + rest;
    return x < INFINITY ? y : x;
}

/* 2.25 ulp */
VMATH float vasinh(float x) {
    const float a = fabsf(x), aa = a * a;
    return copysignf(vlog_arc(a + aa / (1 + sqrtf(1 + aa)), a), x);
}

/* 2 ulp */
VMATH float vacosh(float x) {
    const float t = x - 1, y = vlog_arc(t + sqrtf(2 * t + t * t), x);
    return x >= 1 ? y : NAN;
}

/* 2.25 ulp */
VMATH float vatanh(float x) {
    const float a = fabsf(x), y = vk.half * vlog1p(2 * a / (1 - a));
    return x == 0 ? x : copysignf(y, x);
}

/* y[i] = f(a[i], b[i]), with strides of 0 or 1; y is apart from both. */
void vatan2_n(size_t n, const float *a, size_t stride_a, const float *b, size_t stride_b, float *y);
void vmod_n(size_t n, const float *a, size_t stride_a, const float *b, size_t stride_b, float *y);

/* libm's */
#define vpow powf
#define vround rintf

#endif
