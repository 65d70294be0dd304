/* Convolution as a matrix product whose A, the patches of the image, is gathered tile by tile
** while it is packed ("im2col by panel"): no patch matrix is ever stored. The gradient by the
** input is, for each residue of the position by the strides, such a convolution of dy with some
** of the taps. */
#include "backend/cpu/conv_kernels.h"
#include "backend/cpu/axis.h"
#include "backend/cpu/kernels.h"
#include "base/scratch.h"
#include "backend/cpu/simd.h"

/* Patches of an image [n, y.size, x.size, c] at the positions of a grid [n, y.grid, x.grid]. */
typedef struct Patches {
    const float *image;
    int c;
    Axis y, x;
    /* Where the results go: position (u, v) of image b is at out + b * stride_n + u * stride_u + v
    ** * stride_v. */
    float *out;
    ptrdiff_t stride_n, stride_u, stride_v;
} Patches;

/* Stands for pixels outside the image; a run of them is never longer than a block of k. */
static const float zeros[GEMM_KC];

/* A position of the grid, and how to go to the next. */
typedef struct Position {
    int b, u, v;
} Position;

static Position position(const Patches *p, int row) {
    const int line = row / p->x.grid;
    return (Position){line / p->y.grid, line % p->y.grid, row - line * p->x.grid};
}

static void advance(const Patches *p, Position *at) {
    if (++at->v < p->x.grid) return;
    at->v = 0;
    if (++at->u < p->y.grid) return;
    at->u = 0;
    at->b++;
}

/* Up to TILE_MR_MAX positions: row, column and offset in the input of their first taps. */
typedef struct Places {
    ptrdiff_t offset[TILE_MR_MAX];
    int y[TILE_MR_MAX], x[TILE_MR_MAX];
    int n;
    bool inside; /* every tap of every place */
    bool wide; /* the taps of a row are neighbours in memory, none is left or right of the image */
} Places;

static Places find_places(const Patches *p, int row, int rows) {
    const int y_span = (p->y.taps - 1) * p->y.dilation, x_span = (p->x.taps - 1) * p->x.dilation;
    Position at = position(p, row);
    Places places = {.n = rows};
    bool y_inside = true, x_inside = true;
    for (int i = 0; i < rows; i++, advance(p, &at)) {
        const int y = at.u * p->y.stride + p->y.start, x = at.v * p->x.stride + p->x.start;
        places.y[i] = y;
        places.x[i] = x;
        places.offset[i] = (((ptrdiff_t)at.b * p->y.size + y) * p->x.size + x) * p->c;
        y_inside = y_inside && y >= 0 && y + y_span < p->y.size;
        x_inside = x_inside && x >= 0 && x + x_span < p->x.size;
    }
    places.inside = y_inside && x_inside;
    places.wide = x_inside && p->x.dilation == 1;
    return places;
}

/* Where tap (i, j) of each place lies, from a channel on. */
static void point_tap(const Patches *p, const Places *at, int i, int j, int channel,
                      const float **from) {
    const int down = i * p->y.dilation, right = j * p->x.dilation;
    const ptrdiff_t shift = ((ptrdiff_t)down * p->x.size + right) * p->c + channel;
    for (int r = 0; r < at->n; r++) {
        const int y = at->y[r] + down, x = at->x[r] + right;
        const bool inside = at->inside || (y >= 0 && y < p->y.size && x >= 0 && x < p->x.size);
        from[r] = inside ? p->image + at->offset[r] + shift : zeros;
    }
}

static void pack_patches(const void *ctx, int row, int rows, int k0, int k, float *out) {
    const Patches *p = ctx;
    const float *from[TILE_MR_MAX];
    const Places at = find_places(p, row, rows);
    int tap = k0 / p->c, channel = k0 % p->c;
    while (k > 0) {
        const int i = tap / p->x.taps, j = tap % p->x.taps;
        int run = (at.wide ? (p->x.taps - j) * p->c : p->c) - channel;
        if (run > k) run = k;
        point_tap(p, &at, i, j, channel, from);
        gemm_interleave(from, rows, run, out, rows);
        out += (ptrdiff_t)run * rows;
        k -= run;
        tap = at.wide ? (i + 1) * p->x.taps : tap + 1;
        channel = 0;
    }
}

static int point_patches(const void *ctx, int row, int rows, const float **at, int *k) {
    const Patches *p = ctx;
    const Places places = find_places(p, row, rows);
    const int across = places.wide ? 1 : p->x.taps;
    for (int i = 0; i < p->y.taps; i++)
        for (int j = 0; j < across; j++, at += ROWS_MR) point_tap(p, &places, i, j, 0, at);
    *k = places.wide ? p->x.taps * p->c : p->c;
    return p->y.taps * across;
}

/* Rows can be pointed to if their runs are few, and no longer than the zeros outside. */
static bool can_point(const Patches *p) {
    return p->y.taps * p->x.taps <= GEMM_RUNS && (int64_t)p->x.taps * p->c <= GEMM_KC;
}

static void place_results(const void *ctx, int row, int rows, float **c) {
    const Patches *p = ctx;
    Position at = position(p, row);
    for (int i = 0; i < rows; i++, advance(p, &at))
        c[i] = p->out + at.b * p->stride_n + at.u * p->stride_u + at.v * p->stride_v;
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
                       .stride_n = (ptrdiff_t)g->oh * g->ow * g->oc,
                       .stride_u = (ptrdiff_t)g->ow * g->oc,
                       .stride_v = g->oc};
    const TiledGemm t = {.m = m,
                         .n = g->oc,
                         .k = k,
                         .pack = pack_patches,
                         .point = can_point(&p) ? point_patches : NULL,
                         .place = place_results,
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
                       .stride_n = (ptrdiff_t)g->ih * g->iw * g->ic,
                       .stride_u = (ptrdiff_t)g->sh * g->iw * g->ic,
                       .stride_v = (ptrdiff_t)g->sw * g->ic};
    const TiledGemm t = {.m = g->n * y.axis.grid * x.axis.grid,
                         .n = g->ic,
                         .k = y.axis.taps * x.axis.taps * g->oc,
                         .pack = pack_patches,
                         .point = can_point(&p) ? point_patches : NULL,
                         .place = place_results,
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
