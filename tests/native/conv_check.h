/* Random geometries of convolution and their results as sums written out in double; shared by the
** tests of convolution and of depthwise convolution. */
#ifndef CONV_CHECK_H
#define CONV_CHECK_H

#include "kernel_check.h"
#include "backend/cpu/conv_kernels.h"

typedef struct Case {
    ConvGeom g;
    bool depthwise;
    size_t x_size, f_size, y_size;
    float *x, *f, *y, *bias;
} Case;

static inline int out_size(int in, int k, int stride, int dilation, int pad_before, int pad_after) {
    const int span = (k - 1) * dilation + 1, left = in + pad_before + pad_after - span;
    return left < 0 ? 0 : left / stride + 1;
}

static inline ConvGeom random_geometry(void) {
    ConvGeom g = {.n = random_int(1, 3),
                  .ih = random_int(1, 14),
                  .iw = random_int(1, 14),
                  .ic = random_int(1, 9),
                  .kh = random_int(1, 5),
                  .kw = random_int(1, 5),
                  .oc = random_int(1, 19),
                  .sh = random_int(1, 3),
                  .sw = random_int(1, 3),
                  .dh = random_int(1, 3),
                  .dw = random_int(1, 3)};
    if (random_int(0, 1)) g.dh = g.dw = 1;
    if (random_int(0, 2) == 0) g.sh = g.sw = 1;
    if (random_int(0, 9) == 0) g.ic = 0;
    if (random_int(0, 9) == 0) g.oc = 0;
    g.pt = random_int(0, g.kh);
    g.pl = random_int(0, g.kw);
    g.oh = out_size(g.ih, g.kh, g.sh, g.dh, g.pt, random_int(0, g.kh));
    g.ow = out_size(g.iw, g.kw, g.sw, g.dw, g.pl, random_int(0, g.kw));
    return g;
}

static inline Case make_case(ConvGeom g, bool depthwise) {
    Case c = {.g = g, .depthwise = depthwise};
    const int channels = depthwise ? g.ic * g.oc : g.oc;
    c.x_size = (size_t)g.n * g.ih * g.iw * g.ic;
    c.f_size = (size_t)g.kh * g.kw * g.ic * g.oc;
    c.y_size = (size_t)g.n * g.oh * g.ow * channels;
    c.x = random_floats(c.x_size);
    c.f = random_floats(c.f_size);
    c.y = random_floats(c.y_size);
    c.bias = random_floats(channels > g.ic ? channels : g.ic);
    return c;
}

static inline void free_case(Case *c) { free(c->x), free(c->f), free(c->y), free(c->bias); }

/* Calls f(ctx, index of x, of filter, of y) for every product in the convolution. */
typedef void Visit(void *ctx, size_t x, size_t f, size_t y);

static inline void visit_products(const ConvGeom *g, bool depthwise, Visit *visit, void *ctx) {
    const int channels = depthwise ? g->ic * g->oc : g->oc;
    const int pixels = g->n * g->oh * g->ow, taps = g->kh * g->kw;
    for (int p = 0; p < pixels; p++) {
        const int ox = p % g->ow, oy = p / g->ow % g->oh, b = p / g->ow / g->oh;
        for (int t = 0; t < taps; t++) {
            const int iy = oy * g->sh - g->pt + t / g->kw * g->dh;
            const int ix = ox * g->sw - g->pl + t % g->kw * g->dw;
            if (iy < 0 || iy >= g->ih || ix < 0 || ix >= g->iw) continue;
            const size_t pixel = ((size_t)b * g->ih + iy) * g->iw + ix;
            for (int i = 0; i < g->ic; i++)
                for (int o = 0; o < g->oc; o++)
                    visit(ctx, pixel * g->ic + i, ((size_t)t * g->ic + i) * g->oc + o,
                          (size_t)p * channels + (depthwise ? i * g->oc : 0) + o);
        }
    }
}

typedef struct Sums {
    const Case *c;
    double *y, *dx, *df, *my, *mx, *mf;
} Sums;

static inline void add_product(void *ctx, size_t x, size_t f, size_t y) {
    Sums *s = ctx;
    const Case *c = s->c;
    const double forward = (double)c->x[x] * c->f[f], by_x = (double)c->y[y] * c->f[f];
    const double by_f = (double)c->y[y] * c->x[x];
    s->y[y] += forward, s->my[y] += fabs(forward);
    s->dx[x] += by_x, s->mx[x] += fabs(by_x);
    s->df[f] += by_f, s->mf[f] += fabs(by_f);
}

static inline Sums reference(const Case *c) {
    Sums s = {.c = c};
    s.y = calloc(c->y_size + 1, sizeof(double)), s.my = calloc(c->y_size + 1, sizeof(double));
    s.dx = calloc(c->x_size + 1, sizeof(double)), s.mx = calloc(c->x_size + 1, sizeof(double));
    s.df = calloc(c->f_size + 1, sizeof(double)), s.mf = calloc(c->f_size + 1, sizeof(double));
    visit_products(&c->g, c->depthwise, add_product, &s);
    return s;
}

static inline void free_sums(Sums *s) {
    free(s->y), free(s->dx), free(s->df), free(s->my), free(s->mx), free(s->mf);
}

static inline void say(const char *what, const ConvGeom *g) {
    print_error(
        "%s: n %d in %dx%dx%d filter %dx%dx%d out %dx%d stride %d,%d dilation %d,%d pad %d,%d\n",
        what, g->n, g->ih, g->iw, g->ic, g->kh, g->kw, g->oc, g->oh, g->ow, g->sh, g->sw, g->dh,
        g->dw, g->pt, g->pl);
}

/* got[i] = clamp(want[i] + bias[i % channels]) within rounding. */
static inline void compare(const char *what, const Case *c, const float *got, const double *want,
                           const double *magnitude, size_t size, Epilogue end, int channels) {
    for (size_t i = 0; i < size; i++) {
        const double bias = end.bias ? end.bias[i % channels] : 0;
        const double sum = fmin(fmax(want[i] + bias, end.lo), end.hi);
        if (!(fabs(got[i] - sum) <= 5e-7 * (magnitude[i] + 1))) say(what, &c->g);
        CHECK_SUM(got[i], sum, magnitude[i] + 1, "%s at %zu", what, i);
    }
}

#endif
