/* Pooling row by row: first the rows of a window are joined, for all columns and channels at once,
** then its columns. For few channels and for windows that overlap. Pieces of a row lie on the
** stack. */
#include "base/threads.h"
#include "backend/cpu/axis.h"
#include "backend/cpu/pool_kernels.h"
#include "backend/cpu/simd.h"
#include <math.h>

enum { SPAN = 4096, FEW = 8 }; /* floats of a piece; channels */

typedef struct Rows {
    const ConvGeom *g;
    Axis down, across;
    const float *x;
    float *y;
    int columns; /* of the result in a piece */
    bool max;
} Rows;

/* A NaN in v is dropped by a maximum. */
TN_INLINE f4 join4(const bool max, f4 a, f4 v) { return max ? f4_max(a, v) : a + v; }
TN_INLINE float join1(const bool max, float a, float v) { return !max ? a + v : v > a ? v : a; }
TN_INLINE float nothing_of(const bool max) { return max ? -INFINITY : 0; }

/* to[i] = joined x[i + k * stride], k < taps, i < n */
TN_INLINE void join_lines(const bool max, int n, int taps, const float *x, ptrdiff_t stride,
                          float *to) {
    const f4 none = f4_splat(nothing_of(max));
    int i = 0;
    for (; i + 8 <= n; i += 8) {
        const float *at = x + i;
        f4 a = none, b = none;
        for (int k = 0; k < taps; k++, at += stride) {
            a = join4(max, a, f4_load(at));
            b = join4(max, b, f4_load(at + 4));
        }
        f4_store(to + i, a), f4_store(to + i + 4, b);
    }
    for (; i < n; i++) {
        float v = nothing_of(max);
        for (int k = 0; k < taps; k++) v = join1(max, v, x[i + k * stride]);
        to[i] = v;
    }
}

static void lines(const Rows *r, int n, int taps, const float *x, ptrdiff_t stride, float *to) {
    if (r->max) join_lines(true, n, taps, x, stride, to);
    else join_lines(false, n, taps, x, stride, to);
}

/* n runs of `channels` floats that are `step` apart. */
static void thin_out(int n, int channels, int step, const float *restrict x, float *restrict to) {
    if (channels == 1)
        for (int i = 0; i < n; i++) to[i] = x[i * step];
    else if (channels == 2)
        for (int i = 0; i < n; i++, x += step) to[2 * i] = x[0], to[2 * i + 1] = x[1];
    else
        for (; n > 0; n--, x += step, to += channels)
            for (int c = 0; c < channels; c++) to[c] = x[c];
}

/* Windows at all columns, from which those that are wanted are taken: that is vectorised. */
static void columns(const Rows *r, int n, float *x, float *to) {
    const ConvGeom *g = r->g;
    const int all = (n - 1) * g->sw + 1;
    lines(r, all * g->ic, g->kw, x, (ptrdiff_t)g->dw * g->ic, g->sw == 1 ? to : x);
    if (g->sw > 1) thin_out(n, g->ic, g->sw * g->ic, x, to);
}

static void scale(int n, float by, float *y) {
    for (int i = 0; i < n; i++) y[i] *= by;
}

/* Sums become averages over what is inside the image: most windows are, and are scaled as one. */
static void divide(const Rows *r, int v, int n, int rows, float *y) {
    const ConvGeom *g = r->g;
    const int inside = g->iw - 1 - (g->kw - 1) * g->dw + g->pl; /* the last column that is */
    int first = (g->pl + g->sw - 1) / g->sw - v, end = (inside < 0 ? 0 : inside / g->sw + 1) - v;
    if (first > n) first = n;
    if (first < 0) first = 0;
    if (end > n) end = n;
    if (end < first) end = first;
    for (int i = 0; i < n; i++) {
        int lo, hi;
        if (i == first) i = end;
        if (i == n) break;
        inside_taps(&r->across, v + i, &lo, &hi);
        scale(g->ic, 1 / ((float)rows * (float)(hi - lo)), y + (ptrdiff_t)i * g->ic);
    }
    scale((end - first) * g->ic, 1 / ((float)rows * (float)g->kw), y + (ptrdiff_t)first * g->ic);
}

/* Outputs v.. of a row whose windows have `rows` rows inside, from x on. */
static void piece(const Rows *r, int v, int n, int rows, const float *x, float *y) {
    const ConvGeom *g = r->g;
    float line[SPAN];
    const int first = v * g->sw - g->pl, span = (n - 1) * g->sw + (g->kw - 1) * g->dw + 1;
    const int last = first + span, channels = g->ic;
    const int from = first < 0 ? (last < 0 ? last : 0) : first;
    const int to = last > g->iw ? (first > g->iw ? first : g->iw) : last;
    const float none = nothing_of(r->max);
    for (int i = 0; i < (from - first) * channels; i++) line[i] = none;
    if (to > from)
        lines(r, (to - from) * channels, rows, x + (ptrdiff_t)from * channels,
              (ptrdiff_t)g->dh * g->iw * channels, line + (from - first) * channels);
    for (int i = (to > from ? to - first : from - first) * channels; i < span * channels; i++)
        line[i] = none;
    columns(r, n, line, y);
    if (!r->max) divide(r, v, n, rows, y);
}

/* Output rows begin.. end - 1, counted through all images. */
static void pool_rows_part(void *job, int begin, int end) {
    const Rows *r = job;
    const ConvGeom *g = r->g;
    for (int i = begin; i < end; i++) {
        int lo, hi;
        const int u = i % g->oh;
        inside_taps(&r->down, u, &lo, &hi);
        const int64_t row = (int64_t)(i / g->oh) * g->ih + u * g->sh - g->pt + (int64_t)lo * g->dh;
        const float *x = r->x + (hi > lo ? row * g->iw * g->ic : 0);
        float *y = r->y + (int64_t)i * g->ow * g->ic;
        for (int v = 0; v < g->ow; v += r->columns) {
            const int n = g->ow - v < r->columns ? g->ow - v : r->columns;
            piece(r, v, n, hi - lo, x, y + (int64_t)v * g->ic);
        }
    }
}

bool pool_rows(const ConvGeom *g, bool max, const float *x, float *y) {
    const int64_t window = (int64_t)(g->kw - 1) * g->dw + 1;
    const bool overlap = g->sw == 1 && g->kw > 1;
    if (!g->ic || (g->ic >= FEW && !overlap) || window * g->ic > SPAN) return false;
    Rows r = {g,
              {g->ih, g->oh, g->kh, g->sh, -g->pt, g->dh},
              {g->iw, g->ow, g->kw, g->sw, -g->pl, g->dw},
              x,
              y,
              0,
              max};
    r.columns = (int)((SPAN / g->ic - window) / g->sw + 1);
    const double cost = (double)g->ow * g->ic * (g->kh + g->kw);
    parallel_for(g->n * g->oh, 1 + (int)(65536 / (cost + 1)), pool_rows_part, &r);
    return true;
}
