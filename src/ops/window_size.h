/* Output sizes of windows: of convolution and pooling, and of the layers that make them. */
#ifndef WINDOW_SIZE_H
#define WINDOW_SIZE_H
#include "tensorine.h"

/* How many elements a window reaches over. */
static inline int64_t window_span(int size, int dilation) {
    return (int64_t)(size - 1) * dilation + 1;
}

/* How many windows go over n elements, padding among them; same: one a stride, whatever padding
** that takes. 0: none fits. */
static inline int64_t window_count(int64_t n, int64_t span, int stride, bool same,
                                   Rounding rounding) {
    if (same) return (n + stride - 1) / stride;
    if (n < span) return 0;
    const int64_t more = (n - span) / stride, rest = (n - span) % stride;
    if (rounding == ROUND_CEIL) return 1 + more + (rest > 0);
    if (rounding == ROUND_NEAREST) return 1 + more + (2 * rest >= stride);
    return 1 + more;
}

#endif
