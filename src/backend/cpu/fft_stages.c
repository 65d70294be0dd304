/* Stockham's self-sorting transform of radices 4, 2, 3, 5, four complex numbers at a time; other
** lengths by Bluestein's chirps, short ones by the definition. */
#include "backend/cpu/fft_plan.h"
#include "backend/cpu/simd.h"
#include <string.h>

/* ---- butterflies ---- */

typedef struct Complex4 {
    f4 re, im;
} Complex4;

TN_INLINE Complex4 c_add(Complex4 a, Complex4 b) { return (Complex4){a.re + b.re, a.im + b.im}; }
TN_INLINE Complex4 c_sub(Complex4 a, Complex4 b) { return (Complex4){a.re - b.re, a.im - b.im}; }
TN_INLINE Complex4 c_scaled(Complex4 a, float k) {
    return (Complex4){a.re * f4_splat(k), a.im * f4_splat(k)};
}
/* a - i b and a + i b */
TN_INLINE Complex4 c_sub_i(Complex4 a, Complex4 b) { return (Complex4){a.re + b.im, a.im - b.re}; }
TN_INLINE Complex4 c_add_i(Complex4 a, Complex4 b) { return (Complex4){a.re - b.im, a.im + b.re}; }
TN_INLINE Complex4 c_mul(Complex4 a, Complex4 b) {
    return (Complex4){a.re * b.re - a.im * b.im, a.re * b.im + a.im * b.re};
}

TN_INLINE void butterfly3(Complex4 *x) {
    const Complex4 sum = c_add(x[1], x[2]);
    const Complex4 middle = c_sub(x[0], c_scaled(sum, 0.5f));
    const Complex4 turned = c_scaled(c_sub(x[1], x[2]), 0.866025403784438647f);
    x[0] = c_add(x[0], sum);
    x[1] = c_sub_i(middle, turned);
    x[2] = c_add_i(middle, turned);
}

TN_INLINE void butterfly4(Complex4 *x) {
    const Complex4 a = c_add(x[0], x[2]), b = c_sub(x[0], x[2]);
    const Complex4 c = c_add(x[1], x[3]), d = c_sub(x[1], x[3]);
    x[0] = c_add(a, c);
    x[1] = c_sub_i(b, d);
    x[2] = c_sub(a, c);
    x[3] = c_add_i(b, d);
}

TN_INLINE void butterfly5(Complex4 *x) {
    const float c1 = 0.309016994374947424f, c2 = -0.809016994374947424f;
    const float s1 = 0.951056516295153572f, s2 = 0.587785252292473129f;
    const Complex4 a = c_add(x[1], x[4]), b = c_add(x[2], x[3]);
    const Complex4 c = c_sub(x[1], x[4]), d = c_sub(x[2], x[3]);
    const Complex4 u = c_add(x[0], c_add(c_scaled(a, c1), c_scaled(b, c2)));
    const Complex4 v = c_add(x[0], c_add(c_scaled(a, c2), c_scaled(b, c1)));
    const Complex4 p = c_add(c_scaled(c, s1), c_scaled(d, s2));
    const Complex4 q = c_sub(c_scaled(c, s2), c_scaled(d, s1));
    x[0] = c_add(x[0], c_add(a, b));
    x[1] = c_sub_i(u, p);
    x[2] = c_sub_i(v, q);
    x[3] = c_add_i(v, q);
    x[4] = c_add_i(u, p);
}

TN_INLINE void butterfly(Complex4 *x, int r) {
    if (r == 4) butterfly4(x);
    else if (r == 5) butterfly5(x);
    else if (r == 3) butterfly3(x);
    else {
        const Complex4 a = x[0];
        x[0] = c_add(a, x[1]);
        x[1] = c_sub(a, x[1]);
    }
}

/* ---- stages: x to y, parts `size` apart ---- */

/* Lanes are neighbours in i = p * s + q, s < 4; w is [r - 1][re, im][m * s]. The last four may
** overlap those before, which are then computed twice. */
TN_INLINE void narrow(const FftStage *t, int size, const float *restrict x, float *restrict y,
                      int r) {
    const int count = t->m * t->s, s = t->s;
    for (int block = 0; block < count; block += 4) {
        const int i = block + 4 <= count ? block : count - 4;
        Complex4 v[5];
        for (int j = 0; j < r; j++)
            v[j] = (Complex4){f4_load(x + i + j * count), f4_load(x + size + i + j * count)};
        butterfly(v, r);
        for (int k = 1; k < r; k++) {
            const float *w = t->w + 2 * (k - 1) * count + i;
            v[k] = c_mul(v[k], (Complex4){f4_load(w), f4_load(w + count)});
        }
        if (r == 4 && s == 1) {
            f4_transpose(&v[0].re, &v[1].re, &v[2].re, &v[3].re);
            f4_transpose(&v[0].im, &v[1].im, &v[2].im, &v[3].im);
            for (int k = 0; k < 4; k++) {
                f4_store(y + 4 * (i + k), v[k].re);
                f4_store(y + size + 4 * (i + k), v[k].im);
            }
            continue;
        }
        for (int lane = 0; lane < 4; lane++) {
            float *at = y + i + lane + s * (r - 1) * ((i + lane) / s);
            for (int k = 0; k < r; k++) at[s * k] = v[k].re[lane], at[size + s * k] = v[k].im[lane];
        }
    }
}

/* Lanes are neighbours in q, s >= 4, with the last four as above; w is [m][r - 1][re, im]. */
TN_INLINE void wide(const FftStage *t, int size, const float *restrict x, float *restrict y,
                    int r) {
    const int m = t->m, s = t->s;
    const float *w = t->w;
    for (int p = 0; p < m; p++, w += 2 * (r - 1)) {
        Complex4 turn[4];
        for (int k = 0; k < r - 1; k++)
            turn[k] = (Complex4){f4_load_splat(w + 2 * k), f4_load_splat(w + 2 * k + 1)};
        const float *from = x + s * p;
        float *to = y + s * r * p;
        for (int block = 0; block < s; block += 4) {
            const int q = block + 4 <= s ? block : s - 4;
            Complex4 v[5];
            for (int j = 0; j < r; j++)
                v[j] =
                    (Complex4){f4_load(from + q + s * m * j), f4_load(from + size + q + s * m * j)};
            butterfly(v, r);
            f4_store(to + q, v[0].re);
            f4_store(to + size + q, v[0].im);
            for (int k = 1; k < r; k++) {
                const Complex4 z = c_mul(v[k], turn[k - 1]);
                f4_store(to + q + s * k, z.re);
                f4_store(to + size + q + s * k, z.im);
            }
        }
    }
}

#define STAGE(kind, r)                                                                             \
    static void kind##r(const FftStage *t, int size, const float *x, float *y) {                   \
        kind(t, size, x, y, r);                                                                    \
    }
STAGE(narrow, 2)
STAGE(narrow, 3)
STAGE(narrow, 4)
STAGE(narrow, 5)
STAGE(wide, 2)
STAGE(wide, 3)
STAGE(wide, 4)
STAGE(wide, 5)

float *fft_stages(const FftPlan *p, float *x, float *y) {
    static void (*const kinds[2][6])(const FftStage *, int, const float *, float *) = {
        {0, 0, narrow2, narrow3, narrow4, narrow5}, {0, 0, wide2, wide3, wide4, wide5}};
    for (int i = 0; i < p->stages; i++) {
        const FftStage *t = &p->stage[i];
        kinds[t->s >= 4][t->r](t, p->size, x, y);
        float *z = x;
        x = y, y = z;
    }
    return x;
}

/* ---- transforms ---- */

static float *by_definition(const FftPlan *p, const float *x, float *y) {
    const int n = p->n;
    for (int k = 0; k < n; k++) {
        float re = 0, im = 0;
        for (int t = 0; t < n; t++) {
            const float *w = p->table + 2 * (k * t % n);
            re += x[t] * w[0] - x[n + t] * w[1];
            im += x[t] * w[1] + x[n + t] * w[0];
        }
        y[k] = re;
        y[n + k] = im;
    }
    return y;
}

/* y = x * w, with the parts of each `stride` apart. */
static void multiply(const float *x, int64_t x_stride, const float *w, int64_t w_stride, float *re,
                     float *im, int64_t n) {
    for (int64_t i = 0; i < n; i++) {
        const float a = x[i], b = x[x_stride + i], c = w[i], d = w[w_stride + i];
        re[i] = a * c - b * d;
        im[i] = a * d + b * c;
    }
}

/* Bluestein: x[t] chirp[t] convolved with the conjugate of the chirp, times the chirp. */
static float *by_chirp(const FftPlan *p, float *scratch) {
    const int64_t n = p->n, size = p->size;
    const float *chirp = p->table, *filter = chirp + 2 * n;
    float *x = scratch, *y = scratch + 2 * size;
    multiply(x, size, chirp, n, x, x + size, n);
    memset(x + n, 0, sizeof(float) * (size_t)(size - n));
    memset(x + size + n, 0, sizeof(float) * (size_t)(size - n));
    float *z = fft_stages(p->inner, x, y);
    multiply(z, size, filter, size, z + size, z, size); /* parts exchanged: the way back */
    z = fft_stages(p->inner, z, z == x ? y : x);
    float *to = z == x ? y : x;
    multiply(z + size, -size, chirp, n, to, to + size, n);
    return to;
}

float *fft_transform(const FftPlan *p, float *scratch) {
    float *y = scratch + 2 * (int64_t)p->size;
    if (p->inner) return by_chirp(p, scratch);
    return p->stages ? fft_stages(p, scratch, y) : by_definition(p, scratch, y);
}
