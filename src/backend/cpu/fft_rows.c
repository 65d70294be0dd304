/* Rows of Fourier transforms: complex ones, and real ones by complex ones of half the length. */
#include "backend/cpu/fft_kernels.h"
#include "base/scratch.h"
#include "backend/cpu/simd.h"
#include <string.h>

/* ---- numbers in pairs, and their parts apart ---- */

static void apart(const float *restrict z, int n, float *restrict re, float *restrict im) {
    int i = 0;
    for (; i + 4 <= n; i += 4) {
        const f4 a = f4_load(z + 2 * i), b = f4_load(z + 2 * i + 4);
        f4_store(re + i, __builtin_shufflevector(a, b, 0, 2, 4, 6));
        f4_store(im + i, __builtin_shufflevector(a, b, 1, 3, 5, 7));
    }
    for (; i < n; i++) re[i] = z[2 * i], im[i] = z[2 * i + 1];
}

TN_INLINE void store_pairs(float *z, f4 re, f4 im) {
    f4_store(z, __builtin_shufflevector(re, im, 0, 4, 1, 5));
    f4_store(z + 4, __builtin_shufflevector(re, im, 2, 6, 3, 7));
}

static void together(const float *restrict re, const float *restrict im, int n, float scale,
                     float *restrict z) {
    const f4 s = f4_splat(scale);
    int i = 0;
    for (; i + 4 <= n; i += 4) store_pairs(z + 2 * i, f4_load(re + i) * s, f4_load(im + i) * s);
    for (; i < n; i++) z[2 * i] = re[i] * scale, z[2 * i + 1] = im[i] * scale;
}

static float *scratch_for(const FftRows *f) {
    return scratch_floats(4 * (uint64_t)fft_size(f->plan));
}

bool fft_complex_rows(const FftRows *f, int begin, int end) {
    const int64_t n = f->n, size = fft_size(f->plan);
    const int64_t re = f->inverse ? size : 0, im = size - re; /* exchanged for +i */
    float *scratch = scratch_for(f);
    if (!scratch) return false;
    for (int i = begin; i < end; i++) {
        apart(f->x + 2 * i * n, f->n, scratch + re, scratch + im);
        const float *y = fft_transform(f->plan, scratch);
        together(y + re, y + im, f->n, f->scale, f->y + 2 * i * n);
    }
    tn_scratch_free(scratch);
    return true;
}

/* ---- real rows of even length n = 2h: neighbours are one complex number ---- */

static int taken(const FftRows *f) { return f->length < f->n ? f->length : f->n; }

static void load_pairs(const FftRows *f, const float *x, float *re, float *im) {
    const int h = f->n / 2, count = taken(f), pairs = count / 2;
    apart(x, pairs, re, im);
    memset(re + pairs, 0, sizeof(float) * (size_t)(h - pairs));
    memset(im + pairs, 0, sizeof(float) * (size_t)(h - pairs));
    if (count % 2) re[pairs] = x[count - 1];
}

static void store_reals(const FftRows *f, const float *re, const float *im, float *y) {
    const int count = taken(f), pairs = count / 2;
    together(re, im, pairs, 1, y);
    if (count % 2) y[count - 1] = re[pairs];
    memset(y + count, 0, sizeof(float) * (size_t)(f->length - count));
}

TN_INLINE f4 backwards(const float *last) {
    const f4 v = f4_load(last - 3);
    return __builtin_shufflevector(v, v, 3, 2, 1, 0);
}

/* Of a spectrum z of pairs, its inner elements: y[k] = a + w b with a = (z[k] + z[h - k]*) k1 and
** b = -i (z[k] - z[h - k]*) k1; * is the conjugate, w = exp(-2 pi i k / n). */
static void untangle(const FftRows *f, const float *re, const float *im, float *y) {
    const int h = f->n / 2;
    const float *roots = fft_real_roots(f->plan), k1 = 0.5f * f->scale * f->weight;
    y[0] = (re[0] + im[0]) * f->scale;
    y[2 * h] = (re[0] - im[0]) * f->scale;
    y[1] = y[2 * h + 1] = 0;
    int k = 1;
    for (const f4 s = f4_splat(k1); k + 4 <= h; k += 4) {
        const f4 r = f4_load(re + k), i = f4_load(im + k);
        const f4 r2 = backwards(re + h - k), i2 = backwards(im + h - k);
        const f4 w = f4_load(roots + 2 * k), w2 = f4_load(roots + 2 * k + 4);
        const f4 c = __builtin_shufflevector(w, w2, 0, 2, 4, 6);
        const f4 d = __builtin_shufflevector(w, w2, 1, 3, 5, 7);
        const f4 br = i + i2, bi = r2 - r;
        store_pairs(y + 2 * k, (r + r2 + (c * br - d * bi)) * s, (i - i2 + (c * bi + d * br)) * s);
    }
    for (; k < h; k++) {
        const float c = roots[2 * k], d = roots[2 * k + 1];
        const float br = im[k] + im[h - k], bi = re[h - k] - re[k];
        y[2 * k] = (re[k] + re[h - k] + (c * br - d * bi)) * k1;
        y[2 * k + 1] = (im[k] - im[h - k] + (c * bi + d * br)) * k1;
    }
}

/* The way back: z[k] = (x[k] + x[h - k]*) + i w* (x[k] - x[h - k]*). */
static void tangle(const FftRows *f, const float *x, float *re, float *im) {
    const int h = f->n / 2;
    const float *roots = fft_real_roots(f->plan), k1 = 0.5f * f->scale * f->weight;
    re[0] = (x[0] + x[2 * h]) * f->scale;
    im[0] = (x[0] - x[2 * h]) * f->scale;
    for (int k = 1; k < h; k++) {
        const float *a = x + 2 * k, *b = x + 2 * (h - k);
        const float c = roots[2 * k], d = roots[2 * k + 1];
        const float br = a[0] - b[0], bi = a[1] + b[1];
        re[k] = (a[0] + b[0] - (c * bi - d * br)) * k1;
        im[k] = (a[1] - b[1] + (c * br + d * bi)) * k1;
    }
}

/* ---- of odd length: complex ones whose imaginary parts are zeros ---- */

static void load_reals(const FftRows *f, const float *x, float *re, float *im) {
    const int count = taken(f);
    memcpy(re, x, sizeof(float) * (size_t)count);
    memset(re + count, 0, sizeof(float) * (size_t)(f->n - count));
    memset(im, 0, sizeof(float) * (size_t)f->n);
}

static void store_half(const FftRows *f, const float *re, const float *im, float *y) {
    for (int k = 0; k <= f->n / 2; k++) {
        const float s = k ? f->scale * f->weight : f->scale;
        y[2 * k] = re[k] * s;
        y[2 * k + 1] = k ? im[k] * s : 0;
    }
}

static void load_half(const FftRows *f, const float *x, float *re, float *im) {
    const float s = 0.5f * f->scale * f->weight;
    re[0] = x[0] * f->scale;
    im[0] = 0;
    for (int k = 1; k <= f->n / 2; k++) {
        re[k] = re[f->n - k] = x[2 * k] * s;
        im[k] = x[2 * k + 1] * s;
        im[f->n - k] = -im[k];
    }
}

static void store_real_part(const FftRows *f, const float *re, float *y) {
    const int count = taken(f);
    memcpy(y, re, sizeof(float) * (size_t)count);
    memset(y + count, 0, sizeof(float) * (size_t)(f->length - count));
}

/* ---- rows ---- */

bool fft_real_rows(const FftRows *f, int begin, int end) {
    const int64_t size = fft_size(f->plan), length = f->length, half = f->n / 2 + 1;
    float *scratch = scratch_for(f);
    if (!scratch) return false;
    for (int i = begin; i < end; i++) {
        const float *x = f->x + i * length;
        float *y = f->y + 2 * i * half;
        (f->n % 2 ? load_reals : load_pairs)(f, x, scratch, scratch + size);
        const float *z = fft_transform(f->plan, scratch);
        (f->n % 2 ? store_half : untangle)(f, z, z + size, y);
    }
    tn_scratch_free(scratch);
    return true;
}

bool fft_halves_rows(const FftRows *f, int begin, int end) {
    const int64_t size = fft_size(f->plan), length = f->length, half = f->n / 2 + 1;
    float *scratch = scratch_for(f);
    if (!scratch) return false;
    for (int i = begin; i < end; i++) { /* parts are exchanged: +i */
        const float *x = f->x + 2 * i * half;
        float *y = f->y + i * length;
        (f->n % 2 ? load_half : tangle)(f, x, scratch + size, scratch);
        const float *z = fft_transform(f->plan, scratch);
        if (f->n % 2) store_real_part(f, z + size, y);
        else store_reals(f, z + size, z, y);
    }
    tn_scratch_free(scratch);
    return true;
}
