/* Pooling, pixel by pixel of the output: up to four pixels of the window at a time, over all channels.
** Gradients are split among threads by image and by channels, as windows overlap. */
#include "pool.h"
#include "../engine/threads.h"
#include "axis.h"
#include "simd.h"

enum { JOB_FLOATS = 1 << 16, CHANNELS = 64 };

typedef struct Pool {
    Axis v, h; /* vertical, horizontal */
    int images, channels;
    const float *x, *y, *dy;
    float *out;
} Pool;

static Pool make_pool(const ConvGeom *g) {
    return (Pool){.v = {g->ih, g->oh, g->kh, g->sh, -g->pt, g->dh},
                  .h = {g->iw, g->ow, g->kw, g->sw, -g->pl, g->dw},
                  .images = g->n,
                  .channels = g->ic};
}

/* The window of output (u, v): its taps inside the image, and the first one's place in the image. */
typedef struct Window {
    int top, bottom, left, right;
    ptrdiff_t pixel;
} Window;

static Window find_window(const Pool *p, int u, int v) {
    Window w;
    inside_taps(&p->v, u, &w.top, &w.bottom);
    inside_taps(&p->h, v, &w.left, &w.right);
    const ptrdiff_t y = (ptrdiff_t)u * p->v.stride + p->v.start + (ptrdiff_t)w.top * p->v.step;
    const ptrdiff_t x = (ptrdiff_t)v * p->h.stride + p->h.start + (ptrdiff_t)w.left * p->h.step;
    w.pixel = y * p->h.size + x;
    return w;
}

TN_INLINE f4 combine(const bool max, f4 a, f4 b) { return max ? f4_max(a, b) : a + b; }

TN_INLINE float combine1(const bool max, float a, float b) {
    if (!max) return a + b;
    return b > a ? b : a;
}

/* y = y combined with n pixels, one or four (a constant), in their order. */
TN_INLINE void combine_pixels(const bool max, const int n, int channels, const float *const *x,
                              float *y) {
    const float *x0 = x[0], *x1 = x[n == 4 ? 1 : 0], *x2 = x[n == 4 ? 2 : 0],
                *x3 = x[n == 4 ? 3 : 0];
    int c = 0;
    for (; c + 4 <= channels; c += 4) {
        f4 a = combine(max, f4_load(y + c), f4_load(x0 + c));
        if (n == 4) {
            a = combine(max, a, f4_load(x1 + c));
            a = combine(max, a, f4_load(x2 + c));
            a = combine(max, a, f4_load(x3 + c));
        }
        f4_store(y + c, a);
    }
    for (; c < channels; c++) {
        float a = combine1(max, y[c], x0[c]);
        if (n == 4) a = combine1(max, combine1(max, combine1(max, a, x1[c]), x2[c]), x3[c]);
        y[c] = a;
    }
}

TN_INLINE void pool_pixel(const bool max, const Pool *p, const float *image, Window w, float *y) {
    const float *x[4];
    int n = 0;
    for (int c = 0; c < p->channels; c++) y[c] = max ? -INFINITY : 0;
    image += w.pixel * p->channels;
    for (int i = w.top; i < w.bottom;
         i++, image += (ptrdiff_t)p->v.step * p->h.size * p->channels) {
        const float *at = image;
        for (int j = w.left; j < w.right; j++, at += (ptrdiff_t)p->h.step * p->channels) {
            x[n++] = at;
            if (n < 4) continue;
            combine_pixels(max, 4, p->channels, x, y);
            n = 0;
        }
    }
    for (int i = 0; i < n; i++) combine_pixels(max, 1, p->channels, x + i, y);
    const float count = (float)(w.bottom - w.top) * (float)(w.right - w.left);
    for (int c = 0; !max && count > 1 && c < p->channels; c++) y[c] /= count;
}

TN_INLINE void pool_rows(const bool max, const Pool *p, int begin, int end) {
    const ptrdiff_t image = (ptrdiff_t)p->v.size * p->h.size * p->channels;
    for (int row = begin; row < end; row++) {
        const float *x = p->x + row / p->v.grid * image;
        float *y = p->out + (ptrdiff_t)row * p->h.grid * p->channels;
        for (int v = 0; v < p->h.grid; v++, y += p->channels)
            pool_pixel(max, p, x, find_window(p, row % p->v.grid, v), y);
    }
}

static void max_rows(void *ctx, int begin, int end) { pool_rows(true, ctx, begin, end); }
static void avg_rows(void *ctx, int begin, int end) { pool_rows(false, ctx, begin, end); }

static void run(Pool *p, int jobs, int64_t floats, void (*body)(void *, int, int)) {
    const int64_t each = jobs > 0 ? floats / jobs + 1 : 1;
    if (floats < 2 * JOB_FLOATS)
        body(p, 0, jobs);
    else
        parallel_for(jobs, 1 + (int)(JOB_FLOATS / each), body, p);
}

static void pool(const ConvGeom *g, const float *x, float *y, void (*body)(void *, int, int)) {
    Pool p = make_pool(g);
    p.x = x;
    p.out = y;
    run(&p, g->n * g->oh, (int64_t)g->n * g->oh * g->ow * g->ic * g->kh * g->kw, body);
}

void max_pool(const ConvGeom *g, const float *x, float *y) { pool(g, x, y, max_rows); }
void avg_pool(const ConvGeom *g, const float *x, float *y) { pool(g, x, y, avg_rows); }

/* The place of tap (i, j) of a window, in pixels from the window's first. */
static ptrdiff_t tap_offset(const Pool *p, const Window *w, int i, int j) {
    const ptrdiff_t down = (ptrdiff_t)(i - w->top) * p->v.step, right = (j - w->left) * p->h.step;
    return (down * p->h.size + right) * p->channels;
}

/* Four channels of one window; a tap takes dy where it is the maximum and none before it was. */
static void max_grad_vector(const Pool *p, const Window *w, const float *x, f4 y, f4 dy,
                            float *dx) {
    i4 taken = {0, 0, 0, 0};
    for (int i = w->top; i < w->bottom; i++) {
        for (int j = w->left; j < w->right; j++) {
            const ptrdiff_t tap = tap_offset(p, w, i, j);
            const i4 here = (f4_load(x + tap) == y) & ~taken;
            f4_store(dx + tap, f4_load(dx + tap) + f4_select(here, dy, f4_zero()));
            taken |= here;
        }
    }
}

static void max_grad_channel(const Pool *p, const Window *w, const float *x, float y, float dy,
                             float *dx) {
    for (int i = w->top; i < w->bottom; i++) {
        for (int j = w->left; j < w->right; j++) {
            const ptrdiff_t tap = tap_offset(p, w, i, j);
            if (x[tap] != y) continue;
            dx[tap] += dy;
            return;
        }
    }
}

/* Channels first.. last - 1 of output pixel `pixel`, whose window lies in `image`. */
static void max_grad_pixel(const Pool *p, ptrdiff_t image, ptrdiff_t pixel, Window w, int first,
                           int last) {
    const ptrdiff_t at = image + w.pixel * p->channels, to = pixel * p->channels;
    int c = first;
    for (; c + 4 <= last; c += 4)
        max_grad_vector(p, &w, p->x + at + c, f4_load(p->y + to + c), f4_load(p->dy + to + c),
                        p->out + at + c);
    for (; c < last; c++)
        max_grad_channel(p, &w, p->x + at + c, p->y[to + c], p->dy[to + c], p->out + at + c);
}

static void avg_grad_pixel(const Pool *p, ptrdiff_t image, ptrdiff_t pixel, Window w, int first,
                           int last) {
    const float *dy = p->dy + pixel * p->channels;
    const float count = (float)(w.bottom - w.top) * (float)(w.right - w.left);
    for (int i = w.top; i < w.bottom; i++) {
        for (int j = w.left; j < w.right; j++) {
            float *dx = p->out + image + w.pixel * p->channels + tap_offset(p, &w, i, j);
            for (int c = first; c < last; c++) dx[c] += dy[c] / count;
        }
    }
}

/* Jobs are images by groups of channels. */
TN_INLINE void grad_jobs(const bool max, const Pool *p, int begin, int end) {
    const int groups = (p->channels + CHANNELS - 1) / CHANNELS, area = p->v.grid * p->h.grid;
    const ptrdiff_t pixels = (ptrdiff_t)p->v.size * p->h.size;
    for (int job = begin; job < end; job++) {
        const int b = job / groups, first = job % groups * CHANNELS;
        const int last = first + CHANNELS < p->channels ? first + CHANNELS : p->channels;
        const ptrdiff_t image = b * pixels * p->channels;
        for (ptrdiff_t i = 0; i < pixels; i++)
            for (int c = first; c < last; c++) p->out[image + i * p->channels + c] = 0;
        for (int i = 0; i < area; i++) {
            const Window w = find_window(p, i / p->h.grid, i % p->h.grid);
            if (w.top == w.bottom || w.left == w.right) continue;
            const ptrdiff_t pixel = (ptrdiff_t)b * area + i;
            if (max)
                max_grad_pixel(p, image, pixel, w, first, last);
            else
                avg_grad_pixel(p, image, pixel, w, first, last);
        }
    }
}

static void max_grad_jobs(void *ctx, int begin, int end) { grad_jobs(true, ctx, begin, end); }
static void avg_grad_jobs(void *ctx, int begin, int end) { grad_jobs(false, ctx, begin, end); }

static void pool_grad(const ConvGeom *g, Pool *p, void (*body)(void *, int, int)) {
    const int jobs = g->n * ((g->ic + CHANNELS - 1) / CHANNELS);
    run(p, jobs, (int64_t)g->n * g->oh * g->ow * g->ic * g->kh * g->kw, body);
}

void max_pool_grad(const ConvGeom *g, const float *x, const float *y, const float *dy, float *dx) {
    Pool p = make_pool(g);
    p.x = x, p.y = y, p.dy = dy, p.out = dx;
    pool_grad(g, &p, max_grad_jobs);
}

void avg_pool_grad(const ConvGeom *g, const float *dy, float *dx) {
    Pool p = make_pool(g);
    p.dy = dy, p.out = dx;
    pool_grad(g, &p, avg_grad_jobs);
}
