/* One axis of a convolution: which positions of the input the taps read for each output; and the
** same for the gradient by the input. */
#ifndef TN_CPU_AXIS_H
#define TN_CPU_AXIS_H

#include <stdint.h>

/* Output u < grid reads, by tap t < taps, input u * stride + start + t * dilation, if that is in
** 0..size - 1. */
typedef struct Axis {
    int size, grid, taps;
    int stride, start, dilation;
} Axis;

static inline int gcd(int a, int b) {
    while (b) {
        const int rest = a % b;
        a = b;
        b = rest;
    }
    return a;
}

/* The filter taps that reach inputs whose position is `residue` modulo the stride, last tap
** first. */
typedef struct Phase {
    Axis axis;       /* of dy: where the taps read it */
    int last, every; /* tap t of the axis is the filter's tap last - t * every */
} Phase;

static inline Phase find_phase(int in, int out, int taps, int stride, int dilation, int pad,
                               int residue) {
    Phase f = {{.size = out, .stride = 1, .dilation = 1}, 0, stride / gcd(stride, dilation)};
    f.axis.grid = in > residue ? (in - residue - 1) / stride + 1 : 0;
    f.axis.dilation = dilation / gcd(stride, dilation);
    for (int k = 0; k < taps; k++) {
        const int64_t at = (int64_t)residue + pad - (int64_t)k * dilation;
        if (at % stride != 0) continue;
        f.last = k;
        f.axis.taps++;
        f.axis.start = (int)(at / stride);
    }
    return f;
}

/* The outputs lo.. hi - 1 for which tap t reads inside the input. */
static inline void inside_outputs(const Axis *a, int t, int *lo, int *hi) {
    const int64_t shift = a->start + (int64_t)t * a->dilation; /* input read = u * stride + shift */
    const int64_t first = shift < 0 ? (a->stride - 1 - shift) / a->stride : 0;
    const int64_t end = shift < a->size ? (a->size - 1 - shift) / a->stride + 1 : 0;
    *hi = end < a->grid ? (int)end : a->grid;
    *lo = first < *hi ? (int)first : *hi;
}

/* The taps lo.. hi - 1 by which output u reads inside the input. */
static inline void inside_taps(const Axis *a, int u, int *lo, int *hi) {
    const int64_t at = (int64_t)u * a->stride + a->start;
    const int64_t first = at < 0 ? (a->dilation - 1 - at) / a->dilation : 0;
    const int64_t end = at < a->size ? (a->size - 1 - at) / a->dilation + 1 : 0;
    *hi = end < a->taps ? (int)end : a->taps;
    *lo = first < *hi ? (int)first : *hi;
}

#endif
