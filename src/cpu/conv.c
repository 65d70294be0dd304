/* Convolution as a matrix product whose A, the patches of the image, is gathered tile by tile while
** it is packed ("im2col by panel"): no patch matrix is ever stored. The gradient by the input is, for
** each residue of the position by the strides, such a convolution of dy with some of the taps. */
#include "conv.h"
#include "axis.h"
#include "kernels.h"
#include "scratch.h"
#include "simd.h"

/* Patches of an image [n, y.size, x.size, c] at the positions of a grid [n, y.grid, x.grid]. */
typedef struct Patches {
    const float *image;
    int c;
    Axis y, x;
    /* Where the results go: position (u, v) of image b is at out + b * step_n + u * step_u + v * step_v. */
    float *out;
    ptrdiff_t step_n, step_u, step_v;
} Patches;

/* Stands for pixels outside the image; a run of them is never longer than a block of k. */
static const float zeros[GEMM_KC];

/* Up to TILE_MR_MAX positions: their image, and their first tap's row and column. */
typedef struct Places {
    const float *image[TILE_MR_MAX];
    int y[TILE_MR_MAX], x[TILE_MR_MAX];
    int n;
} Places;

static void find_places(const Patches *p, int row, int rows, Places *at) {
    const ptrdiff_t image_size = (ptrdiff_t)p->y.size * p->x.size * p->c;
    int v = row % p->x.grid, u = row / p->x.grid % p->y.grid;
    const float *image = p->image + row / p->x.grid / p->y.grid * image_size;
    at->n = rows;
    for (int i = 0; i < rows; i++) {
        at->image[i] = image;
        at->y[i] = u * p->y.stride + p->y.start;
        at->x[i] = v * p->x.stride + p->x.start;
        if (++v < p->x.grid) continue;
        v = 0;
        if (++u < p->y.grid) continue;
        u = 0;
        image += image_size;
    }
}

/* Whether the taps of a row are neighbours in memory and none of them is outside, for every place. */
static bool whole_rows(const Patches *p, const Places *at) {
    if (p->x.step != 1) return false;
    for (int i = 0; i < at->n; i++)
        if (at->x[i] < 0 || at->x[i] + p->x.taps > p->x.size) return false;
    return true;
}

static void pack_patches(const void *ctx, int row, int rows, int k0, int k, float *out) {
    const Patches *p = ctx;
    const float *from[TILE_MR_MAX];
    Places at;
    find_places(p, row, rows, &at);
    const bool wide = whole_rows(p, &at);
    int tap = k0 / p->c, channel = k0 % p->c;
    while (k > 0) {
        const int i = tap / p->x.taps, j = tap % p->x.taps;
        int run = (wide ? (p->x.taps - j) * p->c : p->c) - channel;
        if (run > k) run = k;
        for (int r = 0; r < rows; r++) {
            const int y = at.y[r] + i * p->y.step, x = at.x[r] + j * p->x.step;
            const bool inside = y >= 0 && y < p->y.size && x >= 0 && x < p->x.size;
            from[r] = zeros;
            if (inside) from[r] = at.image[r] + ((ptrdiff_t)y * p->x.size + x) * p->c + channel;
        }
        gemm_interleave(from, rows, run, out, rows);
        out += (ptrdiff_t)run * rows;
        k -= run;
        tap = wide ? (i + 1) * p->x.taps : tap + 1;
        channel = 0;
    }
}

static float *place_of_result(const void *ctx, int row) {
    const Patches *p = ctx;
    const int v = row % p->x.grid, u = row / p->x.grid % p->y.grid;
    const int b = row / p->x.grid / p->y.grid;
    return p->out + b * p->step_n + u * p->step_u + v * p->step_v;
}

static bool is_pointwise(const ConvGeom *g) {
    return g->kh == 1 && g->kw == 1 && g->sh == 1 && g->sw == 1 && g->pt == 0 && g->pl == 0 &&
           g->oh == g->ih && g->ow == g->iw;
}

uint64_t conv2d_packed_size(const ConvGeom *g) {
    return gemm_packed_size(g->kh * g->kw * g->ic, g->oc);
}

void conv2d_pack(const ConvGeom *g, const float *filter, float *packed) {
    gemm_pack_b(g->kh * g->kw * g->ic, g->oc, filter, g->oc, 1, packed);
}

bool conv2d(const ConvGeom *g, const float *x, const float *filter, const float *packed, float *y,
            Epilogue end) {
    const int m = g->n * g->oh * g->ow, k = g->kh * g->kw * g->ic;
    if (is_pointwise(g)) {
        const Gemm product = {m, g->oc, k, x, k, 1, filter, g->oc, 1, packed, y, g->oc, end, false};
        return gemm(&product);
    }
    const Patches p = {.image = x,
                       .c = g->ic,
                       .y = {g->ih, g->oh, g->kh, g->sh, -g->pt, g->dh},
                       .x = {g->iw, g->ow, g->kw, g->sw, -g->pl, g->dw},
                       .out = y,
                       .step_n = (ptrdiff_t)g->oh * g->ow * g->oc,
                       .step_u = (ptrdiff_t)g->ow * g->oc,
                       .step_v = g->oc};
    const TiledGemm t = {.m = m,
                         .n = g->oc,
                         .k = k,
                         .pack = pack_patches,
                         .row = place_of_result,
                         .ctx = &p,
                         .b = packed ? packed : filter,
                         .packed = packed != NULL,
                         .b_rs = g->oc,
                         .b_cs = 1,
                         .end = end};
    return gemm_tiled(&t);
}

/* B[(tap, o), i] = filter[ky, kx, i, o] for the taps of a phase. */
static void pack_phase(const ConvGeom *g, const Phase *y, const Phase *x, const float *filter,
                       float *packed) {
    const int k = y->axis.taps * x->axis.taps * g->oc;
    int k0 = 0;
    for (int i = 0; i < y->axis.taps; i++) {
        for (int j = 0; j < x->axis.taps; j++, k0 += g->oc) {
            const int ky = y->last - i * y->every, kx = x->last - j * x->every;
            const float *tap = filter + ((ptrdiff_t)ky * g->kw + kx) * g->ic * g->oc;
            gemm_pack_b_rows(k, k0, g->oc, g->ic, tap, 1, g->oc, packed);
        }
    }
}

static bool grad_phase(const ConvGeom *g, int ry, int rx, const float *dy, const float *filter,
                       float *packed, float *dx, Epilogue end) {
    const Phase y = find_phase(g->ih, g->oh, g->kh, g->sh, g->dh, g->pt, ry);
    const Phase x = find_phase(g->iw, g->ow, g->kw, g->sw, g->dw, g->pl, rx);
    pack_phase(g, &y, &x, filter, packed);
    const Patches p = {.image = dy,
                       .c = g->oc,
                       .y = y.axis,
                       .x = x.axis,
                       .out = dx + ((ptrdiff_t)ry * g->iw + rx) * g->ic,
                       .step_n = (ptrdiff_t)g->ih * g->iw * g->ic,
                       .step_u = (ptrdiff_t)g->sh * g->iw * g->ic,
                       .step_v = (ptrdiff_t)g->sw * g->ic};
    const TiledGemm t = {.m = g->n * y.axis.grid * x.axis.grid,
                         .n = g->ic,
                         .k = y.axis.taps * x.axis.taps * g->oc,
                         .pack = pack_patches,
                         .row = place_of_result,
                         .ctx = &p,
                         .b = packed,
                         .packed = true,
                         .end = end};
    return gemm_tiled(&t);
}

bool conv2d_grad_input(const ConvGeom *g, const float *dy, const float *filter, float *dx,
                       Epilogue end) {
    const int m = g->n * g->ih * g->iw;
    if (is_pointwise(g)) {
        const Gemm product = {m, g->ic, g->oc, dy, g->oc, 1,   filter,
                              1, g->oc, NULL,  dx, g->ic, end, false};
        return gemm(&product);
    }
    float *packed = scratch_floats(gemm_packed_size(g->kh * g->kw * g->oc, g->ic));
    if (!packed) return false;
    bool ok = true;
    for (int ry = 0; ry < g->sh && ry < g->ih; ry++)
        for (int rx = 0; rx < g->sw && rx < g->iw; rx++)
            ok = ok && grad_phase(g, ry, rx, dy, filter, packed, dx, end);
    tn_scratch_free(packed);
    return ok;
}
