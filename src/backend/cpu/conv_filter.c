/* The gradient of convolution by its filter: A is the patch matrix transposed, [taps * ic, pixels],
** times dy [pixels, oc]; A is gathered along rows of pixels while it is packed. */
#include "backend/cpu/conv_kernels.h"
#include "backend/cpu/axis.h"
#include "backend/cpu/kernels.h"
#include "backend/cpu/simd.h"

typedef struct Job {
    const ConvGeom *g;
    const float *x;
    float *dfilter;
} Job;

static int min_int(int a, int b) { return a < b ? a : b; }
static int max_int(int a, int b) { return a > b ? a : b; }

static void clear(float *out, int stride, int n, int count) {
    for (int j = 0; j < count; j++, out += stride)
        for (int i = 0; i < n; i++) out[i] = 0;
}

/* Channels c.. + n of one tap, at `count` pixels from ox on in an output row: n floats of each
** `stride`. `from` is the image row that the tap reads, or null outside. */
static void gather_tap(const ConvGeom *g, const float *from, int kx, int c, int n, int ox,
                       int count, float *out, int stride) {
    const Axis columns = {g->iw, g->ow, g->kw, g->sw, -g->pl, g->dw};
    int lo, hi;
    inside_outputs(&columns, kx, &lo, &hi);
    lo = from ? min_int(max_int(lo - ox, 0), count) : count;
    hi = max_int(min_int(hi - ox, count), lo);
    clear(out, stride, n, lo);
    clear(out + (ptrdiff_t)hi * stride, stride, n, count - hi);
    if (lo == hi) return;
    const ptrdiff_t column = (ptrdiff_t)(ox + lo) * g->sw + kx * g->dw - g->pl;
    gemm_gather(from + column * g->ic + c, (ptrdiff_t)g->sw * g->ic, n, hi - lo,
                out + (ptrdiff_t)lo * stride, stride);
}

/* rows of A from `row` on (tap, channel) by pixels k0.. + k. */
static void pack_transposed(const void *ctx, int row, int rows, int k0, int k, float *out) {
    const Job *job = ctx;
    const ConvGeom *g = job->g;
    while (k > 0) {
        const int ox = k0 % g->ow, oy = k0 / g->ow % g->oh, b = k0 / g->ow / g->oh;
        const int count = min_int(g->ow - ox, k);
        for (int i = 0; i < rows;) {
            const int tap = (row + i) / g->ic, c = (row + i) % g->ic;
            const int n = min_int(g->ic - c, rows - i);
            const int y = oy * g->sh - g->pt + tap / g->kw * g->dh;
            const float *from = NULL;
            if (y >= 0 && y < g->ih) from = job->x + ((ptrdiff_t)b * g->ih + y) * g->iw * g->ic;
            gather_tap(g, from, tap % g->kw, c, n, ox, count, out + i, rows);
            i += n;
        }
        out += (ptrdiff_t)count * rows;
        k0 += count;
        k -= count;
    }
}

static void place_filter(const void *ctx, int row, int rows, float **c) {
    const Job *job = ctx;
    for (int i = 0; i < rows; i++) c[i] = job->dfilter + (ptrdiff_t)(row + i) * job->g->oc;
}

bool conv2d_grad_filter(const ConvGeom *g, const float *x, const float *dy, float *dfilter) {
    const Job job = {g, x, dfilter};
    const TiledGemm t = {.m = g->kh * g->kw * g->ic,
                         .n = g->oc,
                         .k = g->n * g->oh * g->ow,
                         .pack = pack_transposed,
                         .place = place_filter,
                         .ctx = &job,
                         .b = dy,
                         .b_rs = g->oc,
                         .b_cs = 1,
                         .end = EPILOGUE_NONE};
    return gemm_tiled(&t);
}
