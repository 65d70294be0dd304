/* Depthwise convolution by rows of outputs. A multiplier above 1 is made 1 by repeating the
** channels of the input, one image at a time. The gradient by the input is, for each residue of
** the position by the strides, such a convolution of dy with some of the taps. */
#include "backend/cpu/depthwise_kernels.h"
#include "base/threads.h"
#include "backend/cpu/axis.h"
#include "backend/cpu/kernels.h"
#include "base/scratch.h"
#include "backend/cpu/simd.h"

enum { CHUNK = 24, JOB_PRODUCTS = 1 << 18 };

/* A depthwise convolution with multiplier 1 of `count` images; result (u, v) of image b goes to
** y + b * stride_n + u * stride_u + v * stride_v. */
typedef struct Layer {
    Axis v, h; /* vertical, horizontal */
    int count, channels;
    const float *x, *filter; /* filter: packed */
    float *y;
    ptrdiff_t stride_n, stride_u, stride_v;
    Epilogue end;
} Layer;

static int min_int(int a, int b) { return a < b ? a : b; }
static int max_int(int a, int b) { return a > b ? a : b; }

/* Fewer channels than a vector has. */
static void narrow_row(const DepthwiseRow *r) {
    for (int o = 0; o < r->outs; o++) {
        for (int c = 0; c < r->channels; c++) {
            float sum = r->bias ? r->bias[c] : 0;
            for (int i = 0; i < r->rows; i++)
                for (int j = 0; j < r->taps; j++)
                    sum += r->x[o * r->x_stride + i * r->x_row + j * r->x_tap + c] *
                           r->w[i * r->w_row + j * 8 + c];
            sum = r->lo > sum ? r->lo : sum;
            r->y[o * r->y_stride + c] = r->hi < sum ? r->hi : sum;
        }
    }
}

/* Outputs begin.. end - 1 of a row, all by taps lo.. hi - 1. `row` is for output 0 and tap 0. */
static void outputs(const Layer *l, DepthwiseRow row, int begin, int end, int lo, int hi) {
    row.taps = hi - lo;
    row.w += lo * 8;
    for (int v = begin; v < end; v += CHUNK) {
        DepthwiseRow r = row;
        r.outs = min_int(CHUNK, end - v);
        if (row.taps > 0 && row.rows > 0)
            r.x += ((ptrdiff_t)v * l->h.stride + l->h.start + (ptrdiff_t)lo * l->h.dilation) *
                   l->channels;
        r.y += v * l->stride_v;
        if (r.channels < 4) narrow_row(&r);
        else kernels.depthwise_row(&r);
    }
}

/* Row u of image b: in the middle all taps are inside, towards the ends only some. */
static void one_row(const Layer *l, int b, int u) {
    int top, bottom, left = 0, right = l->h.grid, lo, hi;
    const ptrdiff_t c = l->channels, width = l->h.size * c;
    inside_taps(&l->v, u, &top, &bottom);
    const int64_t y = (int64_t)u * l->v.stride + l->v.start + (int64_t)top * l->v.dilation;
    DepthwiseRow r = {.channels = l->channels,
                      .rows = bottom - top,
                      .x = l->x,
                      .x_stride = l->h.stride * c,
                      .x_row = l->v.dilation * width,
                      .x_tap = l->h.dilation * c,
                      .w = l->filter + (ptrdiff_t)top * l->h.taps * 8,
                      .w_row = (ptrdiff_t)l->h.taps * 8,
                      .w_block = (ptrdiff_t)l->v.taps * l->h.taps * 8,
                      .y = l->y + b * l->stride_n + u * l->stride_u,
                      .y_stride = l->stride_v,
                      .bias = l->end.bias,
                      .lo = l->end.lo,
                      .hi = l->end.hi};
    if (r.rows > 0) r.x += ((ptrdiff_t)b * l->v.size + (ptrdiff_t)y) * width;
    for (int t = 0; t < l->h.taps; t++) {
        inside_outputs(&l->h, t, &lo, &hi);
        left = max_int(left, lo);
        right = min_int(right, hi);
    }
    right = max_int(left, right);
    for (int v = 0; v < l->h.grid; v++) {
        if (v == left && left < right) {
            outputs(l, r, left, right, 0, l->h.taps);
            v = right - 1;
            continue;
        }
        inside_taps(&l->h, v, &lo, &hi);
        outputs(l, r, v, v + 1, lo, hi);
    }
}

static void rows(void *ctx, int begin, int end) {
    const Layer *l = ctx;
    for (int i = begin; i < end; i++) one_row(l, i / l->v.grid, i % l->v.grid);
}

static void run_layer(Layer *l) {
    const int64_t work = (int64_t)l->h.grid * l->channels * (l->v.taps * l->h.taps + 1);
    const int count = l->count * l->v.grid;
    if (l->channels == 0 || l->h.grid == 0) return;
    if (count * work < 2 * JOB_PRODUCTS) rows(l, 0, count);
    else parallel_for(count, 1 + (int)(JOB_PRODUCTS / work), rows, l);
}

/* Each channel `times` times in a row. */
static void repeat_channels(const float *x, int64_t n, int times, float *out) {
    for (int64_t i = 0; i < n; i++)
        for (int j = 0; j < times; j++) *out++ = x[i];
}

static void add_channels(const float *x, int64_t n, int times, float *out) {
    for (int64_t i = 0; i < n; i++) {
        float sum = 0;
        for (int j = 0; j < times; j++) sum += *x++;
        out[i] = sum;
    }
}

/* The filter as the kernel reads it: in blocks of eight channels, and the last four once more. */
static void pack_filter(int taps, int channels, const float *filter, float *packed) {
    const int blocks = (channels + 7) / 8;
    for (int b = 0; b <= blocks; b++) {
        const int first = b < blocks ? b * 8 : max_int(channels - 4, 0);
        const int count = min_int(8, channels - first);
        const float *from = filter + first;
        for (int t = 0; t < taps; t++, packed += 8, from += channels) {
            if (count == 8) {
                f4_store(packed, f4_load(from));
                f4_store(packed + 4, f4_load(from + 4));
            } else {
                for (int c = 0; c < 8; c++) packed[c] = c < count ? from[c] : 0;
            }
        }
    }
}

static uint64_t packed_size(const ConvGeom *g) {
    return (uint64_t)g->kh * g->kw * (((uint64_t)g->ic * g->oc + 7) / 8 + 1) * 8;
}

/* All images with multiplier 1, or one by one with repeated channels. */
static void forward(const ConvGeom *g, Layer *l, const float *x, float *repeated) {
    const int64_t image = (int64_t)g->ih * g->iw * g->ic;
    if (!repeated) {
        run_layer(l);
        return;
    }
    l->count = 1;
    l->x = repeated;
    for (int b = 0; b < g->n; b++, l->y += l->stride_n) {
        repeat_channels(x + b * image, image, g->oc, repeated);
        run_layer(l);
    }
}

bool depthwise2d(const ConvGeom *g, const float *x, const float *filter, float *y, Epilogue end) {
    const int channels = g->ic * g->oc;
    float *packed = scratch_floats(packed_size(g)), *repeated = NULL;
    if (packed && g->oc != 1) repeated = scratch_floats((uint64_t)g->ih * g->iw * channels);
    const bool ok = packed && (repeated || g->oc == 1);
    if (ok) {
        pack_filter(g->kh * g->kw, channels, filter, packed);
        Layer l = {.v = {g->ih, g->oh, g->kh, g->sh, -g->pt, g->dh},
                   .h = {g->iw, g->ow, g->kw, g->sw, -g->pl, g->dw},
                   .count = g->n,
                   .channels = channels,
                   .x = x,
                   .filter = packed,
                   .y = y,
                   .stride_n = (ptrdiff_t)g->oh * g->ow * channels,
                   .stride_u = (ptrdiff_t)g->ow * channels,
                   .stride_v = channels,
                   .end = end};
        forward(g, &l, x, repeated);
    }
    tn_scratch_free(repeated);
    tn_scratch_free(packed);
    return ok;
}

/* The taps of a phase as a filter of their own. */
static void phase_filter(const Phase *v, const Phase *h, int kw, int channels, const float *filter,
                         float *out) {
    for (int i = 0; i < v->axis.taps; i++) {
        for (int j = 0; j < h->axis.taps; j++) {
            const ptrdiff_t tap = (ptrdiff_t)(v->last - i * v->every) * kw + h->last - j * h->every;
            for (int c = 0; c < channels; c++) *out++ = filter[tap * channels + c];
        }
    }
}

/* dx for `count` images, with as many channels as dy has; taps: scratch for a filter, and packed.
** */
static void grad_input(const ConvGeom *g, int count, const float *dy, const float *filter,
                       float *taps, float *dx) {
    const ptrdiff_t channels = (ptrdiff_t)g->ic * g->oc;
    float *packed = taps + g->kh * g->kw * channels;
    for (int ry = 0; ry < g->sh && ry < g->ih; ry++) {
        const Phase v = find_phase(g->ih, g->oh, g->kh, g->sh, g->dh, g->pt, ry);
        for (int rx = 0; rx < g->sw && rx < g->iw; rx++) {
            const Phase h = find_phase(g->iw, g->ow, g->kw, g->sw, g->dw, g->pl, rx);
            phase_filter(&v, &h, g->kw, (int)channels, filter, taps);
            pack_filter(v.axis.taps * h.axis.taps, (int)channels, taps, packed);
            Layer l = {.v = v.axis,
                       .h = h.axis,
                       .count = count,
                       .channels = (int)channels,
                       .x = dy,
                       .filter = packed,
                       .y = dx + ((ptrdiff_t)ry * g->iw + rx) * channels,
                       .stride_n = (ptrdiff_t)g->ih * g->iw * channels,
                       .stride_u = (ptrdiff_t)g->sh * g->iw * channels,
                       .stride_v = g->sw * channels,
                       .end = EPILOGUE_NONE};
            run_layer(&l);
        }
    }
}

bool depthwise2d_grad_input(const ConvGeom *g, const float *dy, const float *filter, float *dx) {
    const int64_t image = (int64_t)g->ih * g->iw * g->ic;
    const int64_t result = (int64_t)g->oh * g->ow * g->ic * g->oc;
    const uint64_t filter_size = (uint64_t)g->kh * g->kw * g->ic * g->oc;
    float *taps = scratch_floats(filter_size + packed_size(g)), *repeated = NULL;
    if (taps && g->oc != 1) repeated = scratch_floats((uint64_t)image * g->oc);
    const bool ok = taps && (repeated || g->oc == 1);
    if (ok && g->oc == 1) grad_input(g, g->n, dy, filter, taps, dx);
    for (int b = 0; ok && g->oc != 1 && b < g->n; b++) {
        grad_input(g, 1, dy + b * result, filter, taps, repeated);
        add_channels(repeated, image, g->oc, dx + b * image);
    }
    tn_scratch_free(repeated);
    tn_scratch_free(taps);
    return ok;
}

typedef struct FilterJob {
    Axis v, h;
    int count, channels;
    const float *x, *dy;
    float *dfilter; /* is added to */
} FilterJob;

static void filter_taps(void *ctx, int begin, int end) {
    const FilterJob *f = ctx;
    const ptrdiff_t c = f->channels;
    for (int tap = begin; tap < end; tap++) {
        int top, bottom, left, right;
        inside_outputs(&f->v, tap / f->h.taps, &top, &bottom);
        inside_outputs(&f->h, tap % f->h.taps, &left, &right);
        if (left == right) continue;
        for (int b = 0; b < f->count; b++) {
            for (int u = top; u < bottom; u++) {
                const ptrdiff_t row = (ptrdiff_t)u * f->v.stride + f->v.start +
                                      (ptrdiff_t)(tap / f->h.taps) * f->v.dilation;
                const ptrdiff_t column = (ptrdiff_t)left * f->h.stride + f->h.start +
                                         (ptrdiff_t)(tap % f->h.taps) * f->h.dilation;
                const ChannelDots d = {
                    .n = right - left,
                    .channels = f->channels,
                    .a = f->x + (((ptrdiff_t)b * f->v.size + row) * f->h.size + column) * c,
                    .b = f->dy + (((ptrdiff_t)b * f->v.grid + u) * f->h.grid + left) * c,
                    .a_stride = f->h.stride * c,
                    .b_stride = c,
                    .sum = f->dfilter + tap * c};
                kernels.channel_dots(&d);
            }
        }
    }
}

bool depthwise2d_grad_filter(const ConvGeom *g, const float *x, const float *dy, float *dfilter) {
    const int64_t image = (int64_t)g->ih * g->iw * g->ic;
    FilterJob f = {.v = {g->ih, g->oh, g->kh, g->sh, -g->pt, g->dh},
                   .h = {g->iw, g->ow, g->kw, g->sw, -g->pl, g->dw},
                   .count = g->n,
                   .channels = g->ic * g->oc,
                   .x = x,
                   .dy = dy,
                   .dfilter = dfilter};
    const int taps = g->kh * g->kw;
    for (int64_t i = 0; i < (int64_t)taps * f.channels; i++) dfilter[i] = 0;
    if (g->oc == 1) {
        parallel_for(taps, 1, filter_taps, &f);
        return true;
    }
    float *repeated = scratch_floats((uint64_t)image * g->oc);
    if (!repeated) return false;
    f.count = 1;
    f.x = repeated;
    for (int b = 0; b < g->n; b++) {
        repeat_channels(x + b * image, image, g->oc, repeated);
        f.dy = dy + b * (int64_t)g->oh * g->ow * f.channels;
        parallel_for(taps, 1, filter_taps, &f);
    }
    tn_scratch_free(repeated);
    return true;
}
