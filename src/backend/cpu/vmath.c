/* The constants of vmath.h; and sine, cosine and tangent of whole arrays, which are vectorised and
** then corrected where an argument is huge. */
#include "backend/cpu/vmath.h"

const VConstants vk = {
    .one_bits = 127u << 23,
    .root_half_bits = 0x3f3504f3,
    .two64_bits = (127u + 64) << 23,
    .two_minus64 = 0x1p-64f,
    .rounder = 12582912.0f,
    .ln2_hi = 0.693359375f,
    .ln2_lo = -2.12194440e-4f,
    .per_ln2 = 1.44269504f,
    .exp_min = -104,
    .exp_max = 89,
    .exp_safe = 87,
    .infinity = INFINITY,
    .expm1_min = -20,
    .expm1_small = 1e-8f,
    .half = 0.5f,
    .exp_p = {4.999999702e-1f, 1.666653901e-1f, 4.166722298e-2f, 8.367180824e-3f, 1.388239674e-3f},
    .normal_min = 1.17549435e-38f,
    .scale = 8388608.0f,
    .log_p = {3.333333135e-1f, -2.500082552e-1f, 2.000123560e-1f, -1.662314385e-1f, 1.420136988e-1f,
              -1.316200495e-1f, 1.276542544e-1f, -7.634384930e-2f},
    .erf_max = 4,
    .erf_p = {1.28379107e-1f, -3.761262596e-1f, 1.128358543e-1f, -2.685381100e-2f, 5.188327748e-3f,
              -8.010193706e-4f, 7.853860734e-5f},
    .erfc_p = {-1.884680969e-4f, 1.129580259f, 6.332163811e-1f, 1.084221005e-1f, -2.521033958e-2f,
               4.205284640e-3f, -4.414726282e-4f, 2.169761137e-5f},
    .sin_p = {-1.666665524e-1f, 8.332158439e-3f, -1.951495797e-4f},
    .cos_p = {4.166664556e-2f, -1.388731296e-3f, 2.443278390e-5f},
    .atan_p = {-3.333331645e-1f, 1.999847144e-1f, -1.424352080e-1f, 1.059371009e-1f,
               -6.077947468e-2f},
    .asin_p = {1.666675210e-1f, 7.495297492e-2f, 4.547039792e-2f, 2.417936176e-2f, 4.216661677e-2f},
    .tan_pi_8 = 0.414213562f,
    .tan_3pi_8 = 2.41421356f,
    .sinh_max = 89.7f,
    .log_far = 1e9f,
    .trig_rounder = 6755399441055744.0,
    .per_half_pi = 0.63661977236758134,
    .half_pi_all = M_PI_2,
    .half_pi = {1.57079625129699707, 7.54978941586159635e-8, 5.39030285815811905e-15},
};

/* What is left of an array goes through a small one. */
void vmap(Map what, size_t n, const float *x, float *y) {
    const size_t whole = n & ~(size_t)7, rest = n - whole;
    float few[8] = {0};
    if (whole) kernels.map(what, &vk, x, y, whole);
    if (!rest) return;
    memcpy(few, x + whole, rest * sizeof *few);
    kernels.map(what, &vk, few, few, 8);
    memcpy(y + whole, few, rest * sizeof *few);
}

float vexp_sum(size_t n, const float *x, float shift, float *y) {
    const size_t whole = n & ~(size_t)7, rest = n - whole;
    float few[8], sum = kernels.exp_sum(&vk, x, shift, y, whole);
    if (!rest) return sum;
    for (int i = 0; i < 8; i++) few[i] = -INFINITY; /* which adds nothing */
    memcpy(few, x + whole, rest * sizeof *few);
    sum += kernels.exp_sum(&vk, few, shift, few, 8);
    memcpy(y + whole, few, rest * sizeof *few);
    return sum;
}

enum { BLOCK = 256 };

typedef struct Block {
    float x[BLOCK];
    float largest; /* a NaN counts for nothing */
} Block;

/* The arguments are copied, as y may be x. */
static void take(Block *b, size_t n, const float *x) {
    float largest = 0;
    for (size_t i = 0; i < n; i++) {
        const float a = fabsf(x[i]);
        b->x[i] = x[i];
        largest = a > largest ? a : largest;
    }
    b->largest = largest;
}

#define TRIG(name)                                                                                 \
    static void name##_block(Block *b, size_t n, const float *x, float *restrict y) {              \
        take(b, n, x);                                                                             \
        for (size_t i = 0; i < n; i++) y[i] = v##name(b->x[i]);                                    \
        for (size_t i = 0; b->largest > VTRIG_MAX && i < n; i++)                                   \
            if (fabsf(b->x[i]) > VTRIG_MAX) y[i] = name##f(b->x[i]);                               \
    }                                                                                              \
    void v##name##_n(size_t n, const float *x, float *y) {                                         \
        Block b;                                                                                   \
        for (size_t i = 0; i < n; i += BLOCK)                                                      \
            name##_block(&b, n - i < BLOCK ? n - i : BLOCK, x + i, y + i);                         \
    }

/* Arguments of a function of two numbers; what is left of a block is zeros. */
typedef struct Two {
    float a[BLOCK], b[BLOCK];
} Two;

static void take_two(Two *t, size_t n, const float *a, size_t stride_a, const float *b,
                     size_t stride_b) {
    memset(t, 0, sizeof *t);
    for (size_t i = 0; i < n; i++) t->a[i] = a[i * stride_a];
    for (size_t i = 0; i < n; i++) t->b[i] = b[i * stride_b];
}

static void atan2_block(const Two *t, float *restrict y) {
    for (size_t i = 0; i < BLOCK; i++) y[i] = vatan2(t->a[i], t->b[i]);
}

/* In double; then again where that does not do. */
static void mod_block(const Two *t, float *restrict y) {
    int odd = 0;
    for (size_t i = 0; i < BLOCK; i++) {
        const double whole = floor((double)t->a[i] / (double)t->b[i]);
        y[i] = (float)(t->a[i] - t->b[i] * whole);
        odd |= !(fabs(whole) < 0x1p28) | !(fabsf(t->b[i]) < INFINITY);
    }
    for (size_t i = 0; odd && i < BLOCK; i++) y[i] = vmod(t->a[i], t->b[i]);
}

#define OF_TWO(name)                                                                               \
    void v##name##_n(size_t n, const float *a, size_t stride_a, const float *b, size_t stride_b,   \
                     float *y) {                                                                   \
        Two t;                                                                                     \
        float block[BLOCK];                                                                        \
        for (size_t i = 0; i < n; i += BLOCK) {                                                    \
            const size_t m = n - i < BLOCK ? n - i : BLOCK;                                        \
            take_two(&t, m, a + i * stride_a, stride_a, b + i * stride_b, stride_b);               \
            name##_block(&t, block);                                                               \
            memcpy(y + i, block, m * sizeof *y);                                                   \
        }                                                                                          \
    }

OF_TWO(atan2)
OF_TWO(mod)
TRIG(sin)
TRIG(cos)
TRIG(tan)
