/* Pooling, one output pixel after the other, four channels at a time. */
#include "backend/cpu/pool_kernels.h"
#include "base/threads.h"
#include "backend/cpu/axis.h"
#include "backend/cpu/simd.h"

/* The elements of a window that are inside the image: rows of `columns` pixels, the first of all at
** `first`. In floats from the image's beginning; the stride of a single one is 0. */
typedef struct Taps {
    int rows, columns;
    ptrdiff_t first, row_stride, column_stride;
} Taps;

/* What is done for one output pixel, on channels c to end - 1. in, extra: an image or the pixel's
** channels; out likewise. */
typedef void Pixel(const Taps *t, int c, int end, const float *in, const float *extra, float *out);

/* The taps by which outputs along an axis read inside: all of them for most. */
static inline void taps_inside(const Axis *a, int u, int *lo, int *hi) {
    const int64_t at = (int64_t)u * a->stride + a->start;
    *lo = 0;
    *hi = a->taps;
    if (at < 0 || at + (int64_t)(a->taps - 1) * a->dilation >= a->size) inside_taps(a, u, lo, hi);
}

typedef struct Job {
    const ConvGeom *g;
    Axis y, x;
    Pixel *pixel;
    const float *in, *extra;
    float *out;
    int blocks; /* of channels, for gradients */
} Job;

static Job make_job(const ConvGeom *g, Pixel *pixel, const float *in, const float *extra,
                    float *out) {
    return (Job){.g = g,
                 .y = {g->ih, g->oh, g->kh, g->sh, -g->pt, g->dh},
                 .x = {g->iw, g->ow, g->kw, g->sw, -g->pl, g->dw},
                 .pixel = pixel,
                 .in = in,
                 .extra = extra,
                 .out = out};
}

static ptrdiff_t image_size(const ConvGeom *g) { return (ptrdiff_t)g->ih * g->iw * g->ic; }

static Taps row_taps(const Job *j, int u, int *first_row) {
    const ConvGeom *g = j->g;
    int lo, hi;
    taps_inside(&j->y, u, &lo, &hi);
    *first_row = u * g->sh - g->pt + lo * g->dh;
    return (Taps){.rows = hi - lo,
                  .row_stride = hi - lo > 1 ? (ptrdiff_t)g->dh * g->iw * g->ic : 0};
}

static void set_columns(const Job *j, Taps *t, int row, int v) {
    const ConvGeom *g = j->g;
    int lo, hi;
    taps_inside(&j->x, v, &lo, &hi);
    t->columns = hi - lo;
    t->column_stride = t->columns > 1 ? (ptrdiff_t)g->dw * g->ic : 0;
    t->first = ((ptrdiff_t)row * g->iw + v * g->sw - g->pl + (ptrdiff_t)lo * g->dw) * g->ic;
}

/* Output rows begin.. end - 1, counted through all images; in and extra are images. */
static void forward_rows(void *job, int begin, int end) {
    const Job *j = job;
    const ConvGeom *g = j->g;
    for (int r = begin; r < end; r++) {
        const ptrdiff_t image = r / g->oh * image_size(g);
        const float *extra = j->extra ? j->extra + image : NULL;
        float *out = j->out + (ptrdiff_t)r * g->ow * g->ic;
        int row;
        Taps t = row_taps(j, r % g->oh, &row);
        for (int v = 0; v < g->ow; v++, out += g->ic) {
            set_columns(j, &t, row, v);
            j->pixel(&t, 0, g->ic, j->in + image, extra, out);
        }
    }
}

static void forward(const ConvGeom *g, Pixel *pixel, const float *in, const float *extra,
                    float *out) {
    Job job = make_job(g, pixel, in, extra, out);
    const double cost = (double)g->ow * g->ic * g->kh * g->kw;
    parallel_for(g->n * g->oh, 1 + (int)(65536 / (cost + 1)), forward_rows, &job);
}

enum { BLOCK = 32 }; /* channels, of one image, that one thread does: windows overlap */

/* in: pixels of dy, or an image where extra has them; out: an image, cleared first. */
static void backward_units(void *job, int begin, int end) {
    const Job *j = job;
    const ConvGeom *g = j->g;
    for (int unit = begin; unit < end; unit++) {
        const int b = unit / j->blocks, c = unit % j->blocks * BLOCK;
        const int last = g->ic - c < BLOCK ? g->ic : c + BLOCK;
        const float *x = j->extra ? j->in + b * image_size(g) : NULL;
        const float *dy = (j->extra ? j->extra : j->in) + (ptrdiff_t)b * g->oh * g->ow * g->ic;
        float *dx = j->out + b * image_size(g);
        for (ptrdiff_t p = 0; p < (ptrdiff_t)g->ih * g->iw; p++)
            for (int i = c; i < last; i++) dx[p * g->ic + i] = 0;
        for (int u = 0; u < g->oh; u++) {
            int row;
            Taps t = row_taps(j, u, &row);
            for (int v = 0; v < g->ow; v++, dy += g->ic) {
                set_columns(j, &t, row, v);
                if (t.rows > 0 && t.columns > 0) j->pixel(&t, c, last, x, dy, dx);
            }
        }
    }
}

static void backward(const ConvGeom *g, Pixel *pixel, const float *in, const float *extra,
                     float *out) {
    Job job = make_job(g, pixel, in, extra, out);
    job.blocks = (g->ic + BLOCK - 1) / BLOCK;
    const double cost = (double)g->oh * g->ow * BLOCK * g->kh * g->kw;
    parallel_for(g->n * job.blocks, 1 + (int)(65536 / (cost + 1)), backward_units, &job);
}

/* ---- maxima ---- */

/* `vectors` times four channels. */
TN_INLINE void max_block(const Taps *t, int vectors, const float *in, float *out) {
    f4 best[4];
    for (int k = 0; k < vectors; k++) best[k] = f4_splat(-INFINITY);
    for (int i = 0; i < t->rows; i++, in += t->row_stride) {
        const float *at = in;
        for (int j = 0; j < t->columns; j++, at += t->column_stride)
            for (int k = 0; k < vectors; k++) best[k] = f4_max(best[k], f4_load(at + 4 * k));
    }
    for (int k = 0; k < vectors; k++) f4_store(out + 4 * k, best[k]);
}

static float max_one(const Taps *t, const float *in) {
    float best = -INFINITY;
    for (int i = 0; i < t->rows; i++, in += t->row_stride)
        for (int j = 0; j < t->columns; j++)
            if (in[j * t->column_stride] > best) best = in[j * t->column_stride];
    return best;
}

static void max_pixel(const Taps *t, int c, int end, const float *in, const float *extra,
                      float *out) {
    (void)extra;
    in += t->first;
    for (; c + 16 <= end; c += 16) max_block(t, 4, in + c, out + c);
    for (; c + 4 <= end; c += 4) max_block(t, 1, in + c, out + c);
    for (; c < end; c++) out[c] = max_one(t, in + c);
}

void max_pool(const ConvGeom *g, const float *x, float *y) {
    if (!pool_rows(g, true, x, y)) forward(g, max_pixel, x, NULL, y);
}

/* Where the first largest elements of four channels are: offsets from `in`. */
TN_INLINE i4 find_block(const Taps *t, const float *in) {
    f4 best = f4_splat(-INFINITY);
    i4 where = {0, 0, 0, 0};
    for (int i = 0; i < t->rows; i++) {
        int offset = (int)(i * t->row_stride);
        for (int j = 0; j < t->columns; j++, offset += (int)t->column_stride) {
            const f4 e = f4_load(in + offset);
            const i4 larger = e > best;
            best = f4_select(larger, e, best);
            where = (larger & offset) | (~larger & where);
        }
    }
    return where;
}

static int find_one(const Taps *t, const float *in) {
    float best = -INFINITY;
    int where = 0;
    for (int i = 0; i < t->rows; i++) {
        int offset = (int)(i * t->row_stride);
        for (int j = 0; j < t->columns; j++, offset += (int)t->column_stride)
            if (in[offset] > best) best = in[offset], where = offset;
    }
    return where;
}

static void spread_pixel(const Taps *t, int c, int end, const float *x, const float *dy,
                         float *dx) {
    x += t->first;
    dx += t->first;
    for (; c + 4 <= end; c += 4) {
        const i4 where = find_block(t, x + c);
        for (int k = 0; k < 4; k++) dx[where[k] + c + k] += dy[c + k];
    }
    for (; c < end; c++) dx[find_one(t, x + c) + c] += dy[c];
}

void max_pool_grad(const ConvGeom *g, const float *x, const float *dy, float *dx) {
    backward(g, spread_pixel, x, dy, dx);
}

static void pick_pixel(const Taps *t, int c, int end, const float *x, const float *v, float *out) {
    const bool none = t->rows <= 0 || t->columns <= 0;
    for (; c < end; c++) out[c] = none ? 0 : v[t->first + find_one(t, x + t->first + c) + c];
}

void max_pool_pick(const ConvGeom *g, const float *x, const float *v, float *y) {
    forward(g, pick_pixel, x, v, y);
}

/* out: ints. */
static void where_pixel(const Taps *t, int c, int end, const float *x, const float *extra,
                        float *out) {
    (void)extra;
    for (int *where = (int *)out; c < end; c++) {
        const int at = t->rows > 0 && t->columns > 0 ? find_one(t, x + t->first + c) : -1;
        const bool found = at >= 0 && x[t->first + at + c] > -INFINITY;
        where[c] = found ? (int)t->first + at + c : -1;
    }
}

void max_pool_where(const ConvGeom *g, const float *x, int *y) {
    forward(g, where_pixel, x, NULL, (float *)y);
}

/* ---- maxima of int32 ---- */

/* Where the first largest of a channel's elements is, -1 if there is none. */
static ptrdiff_t first_largest(const Taps *t, int c, const int *x) {
    ptrdiff_t best = -1;
    for (int i = 0; i < t->rows; i++)
        for (int j = 0; j < t->columns; j++) {
            const ptrdiff_t at = t->first + c + i * t->row_stride + j * t->column_stride;
            if (best < 0 || x[at] > x[best]) best = at;
        }
    return best;
}

static void int_pixel(const Taps *t, int c, int end, const float *in, const float *extra,
                      float *out) {
    const int *x = (const int *)in;
    (void)extra;
    for (; c < end; c++) {
        const ptrdiff_t best = first_largest(t, c, x);
        ((int *)out)[c] = best < 0 ? 0 : x[best];
    }
}

static void int_where_pixel(const Taps *t, int c, int end, const float *in, const float *extra,
                            float *out) {
    (void)extra;
    for (; c < end; c++) ((int *)out)[c] = (int)first_largest(t, c, (const int *)in);
}

void max_pool_ints(const ConvGeom *g, const int *x, int *y) {
    forward(g, int_pixel, (const float *)x, NULL, (float *)y);
}

void max_pool_where_ints(const ConvGeom *g, const int *x, int *y) {
    forward(g, int_where_pixel, (const float *)x, NULL, (float *)y);
}

/* ---- averages ---- */

TN_INLINE void avg_block(const Taps *t, int vectors, const float *in, float *out, f4 scale) {
    f4 sum[4];
    for (int k = 0; k < vectors; k++) sum[k] = f4_zero();
    for (int i = 0; i < t->rows; i++, in += t->row_stride) {
        const float *at = in;
        f4 row[4];
        for (int k = 0; k < vectors; k++) row[k] = f4_zero();
        for (int j = 0; j < t->columns; j++, at += t->column_stride)
            for (int k = 0; k < vectors; k++) row[k] += f4_load(at + 4 * k);
        for (int k = 0; k < vectors; k++) sum[k] += row[k];
    }
    for (int k = 0; k < vectors; k++) f4_store(out + 4 * k, sum[k] * scale);
}

static float sum_one(const Taps *t, const float *in) {
    float sum = 0;
    for (int i = 0; i < t->rows; i++, in += t->row_stride) {
        float row = 0;
        for (int j = 0; j < t->columns; j++) row += in[j * t->column_stride];
        sum += row;
    }
    return sum;
}

/* One over the number of elements. */
static float share(const Taps *t) { return 1 / ((float)t->rows * (float)t->columns); }

static void avg_pixel(const Taps *t, int c, int end, const float *in, const float *extra,
                      float *out) {
    (void)extra;
    const float scale = share(t);
    const f4 scales = f4_splat(scale);
    in += t->first;
    for (; c + 16 <= end; c += 16) avg_block(t, 4, in + c, out + c, scales);
    for (; c + 4 <= end; c += 4) avg_block(t, 1, in + c, out + c, scales);
    for (; c < end; c++) out[c] = sum_one(t, in + c) * scale;
}

void avg_pool(const ConvGeom *g, const float *x, float *y) {
    if (!pool_rows(g, false, x, y)) forward(g, avg_pixel, x, NULL, y);
}

static void share_pixel(const Taps *t, int c, int end, const float *x, const float *dy, float *dx) {
    (void)x;
    const float scale = share(t);
    dx += t->first;
    for (int i = 0; i < t->rows; i++, dx += t->row_stride)
        for (int j = 0; j < t->columns; j++) {
            float *to = dx + j * t->column_stride;
            int k = c;
            for (; k + 4 <= end; k += 4)
                f4_store(to + k, f4_load(to + k) + f4_load(dy + k) * scale);
            for (; k < end; k++) to[k] += dy[k] * scale;
        }
}

void avg_pool_grad(const ConvGeom *g, const float *dy, float *dx) {
    backward(g, share_pixel, dy, NULL, dx);
}
