/* The constants of the elementary functions; no libc, as the plug-in's kernels use them too. */
#ifndef TN_CPU_VCONST_H
#define TN_CPU_VCONST_H

#include <stdint.h>

/* The constants, defined in vmath.c. They are read from memory on purpose: a loop then keeps
** them in registers or spills them, while V8 builds a literal vector anew in every turn, in
** three steps. */
typedef struct VConstants {
    uint32_t one_bits, root_half_bits, two64_bits; /* of 1, sqrt(1/2), 2^64 */
    float two_minus64;
    float rounder;        /* 1.5 * 2^23: adding it rounds to a whole number */
    float ln2_hi, ln2_lo; /* ln 2; products of the first with small integers are exact */
    float per_ln2;        /* 1 / ln 2 */
    float exp_min, exp_max, exp_safe, expm1_min, expm1_small, half, infinity;
    float exp_p[5];          /* exp(r) = 1 + r + r^2 P(r) for |r| <= ln 2 / 2 */
    float normal_min, scale; /* the least normal number, 2^23 */
    float log_p[8];          /* log(1 + f) = f - f^2/2 + f^3 P(f) for 1 + f in sqrt(1/2)..sqrt(2) */
    float erf_max;
    float erf_p[7];  /* erf(x) = x + x P(x^2) for |x| <= 1 */
    float erfc_p[8]; /* erfc(x) = exp(-P(x)) for 1 <= x <= 4 */
    float sin_p[3];  /* sin(r) = r + r^3 P(r^2) for |r| <= pi/4 */
    float cos_p[3];  /* cos(r) = 1 - r^2/2 + r^4 P(r^2) */
    float atan_p[5]; /* atan(u) = u + u^3 P(u^2) for |u| <= tan(pi/8) */
    float asin_p[5]; /* asin(u) = u + u^3 P(u^2) for |u| <= 1/2 */
    float tan_pi_8, tan_3pi_8;
    float sinh_max, log_far; /* beyond them: infinity; log(2 x) for asinh */
    double trig_rounder, per_half_pi, half_pi[3],
        half_pi_all; /* 1.5 * 2^52; pi/2 in parts of 24, 24, 53 bits */
} VConstants;

#endif
