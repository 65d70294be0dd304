/* Pictures: RGBA bytes to int32 tensors, and tensors to RGBA bytes. */
#include "tensor/engine.h"

/* The first channels of each pixel; inlined for each number of them. */
static inline __attribute__((always_inline)) void
unpack(int *restrict to, const uint8_t *restrict rgba, size_t pixels, int channels) {
    for (size_t i = 0; i < pixels; i++)
        for (int c = 0; c < channels; c++)
            to[i * (size_t)channels + (size_t)c] = rgba[i * 4 + (size_t)c];
}

Tensor *tn_from_pixels(const uint8_t *rgba, int width, int height, int channels) {
    if (failed()) return nothing();
    if (channels < 1 || channels > 4)
        return fail(TN_VALUE, "fromPixels: numChannels is %d, not in 1..4", channels);
    Tensor *x = make(TN_INT32, 3, (int[]){height, width, channels});
    if (failed()) return x;
    if (!tensor_allocate(x)) {
        tn_dispose(x);
        return nothing();
    }
    const size_t pixels = (size_t)width * (size_t)height;
    if (channels == 3) unpack(i32(x), rgba, pixels, 3);
    else if (channels == 4) unpack(i32(x), rgba, pixels, 4);
    else unpack(i32(x), rgba, pixels, channels);
    return x;
}

/* value * scale as a byte, rounded half up as Math.round does; NaN gives 0. */
static inline uint8_t to_byte(double value, double scale) {
    return value > 0 ? (uint8_t)floor(value * scale + 0.5) : 0;
}

static bool in_range(const Tensor *x) {
    const float *f = f32(x);
    const int *n = i32(x);
    const bool is_float = x->dtype == TN_FLOAT32;
    for (int i = 0; i < x->size; i++) {
        const double value = is_float ? (double)f[i] : n[i];
        if (value < 0 || value > (is_float ? 1 : 255)) {
            fail(TN_VALUE,
                 "toPixels: Tensor values for a %s Tensor must be in the range [0 - %d] but "
                 "encountered %g.",
                 dtype_name(x->dtype), is_float ? 1 : 255, value);
            return false;
        }
    }
    return true;
}

bool tn_drawable(const Tensor *x, float alpha) {
    if (failed()) return false;
    if (x->rank != 2 && x->rank != 3) {
        fail(TN_SHAPE, "toPixels: only supports rank 2 or 3 tensors, got rank %d.", x->rank);
        return false;
    }
    const int depth = x->rank == 2 ? 1 : x->shape[2];
    if (depth != 1 && depth != 3 && depth != 4)
        fail(TN_SHAPE, "toPixels: only supports depth of size 1, 3 or 4 but got %d", depth);
    else if (x->dtype != TN_FLOAT32 && x->dtype != TN_INT32)
        fail(TN_DTYPE,
             "toPixels: Unsupported type for toPixels: %s. Please use float32 or int32 tensors.",
             dtype_name(x->dtype));
    else if (!(alpha >= 0 && alpha <= 1))
        fail(TN_VALUE, "draw: Alpha value %g must be in the range [0 - 1].", (double)alpha);
    return !failed();
}

bool tn_to_pixels(Tensor *x, float alpha, uint8_t *rgba) {
    if (!tn_drawable(x, alpha) || !tn_data(x) || !in_range(x)) return false;
    const int depth = x->rank == 2 ? 1 : x->shape[2];
    const size_t pixels = (size_t)x->shape[0] * (size_t)x->shape[1];
    const double scale = x->dtype == TN_FLOAT32 ? 255 : 1;
    const uint8_t opaque = to_byte((double)alpha, 255);
    for (size_t i = 0; i < pixels; i++, rgba += 4) {
        rgba[3] = opaque;
        for (int c = 0; c < depth; c++) {
            const size_t at = i * (size_t)depth + (size_t)c;
            rgba[c] = to_byte(x->dtype == TN_FLOAT32 ? (double)f32(x)[at] : i32(x)[at], scale);
        }
        if (depth == 1) rgba[1] = rgba[2] = rgba[0];
    }
    return true;
}
