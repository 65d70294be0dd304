/* dilation2d, grey-scale dilation: a maximum over windows of sums. Which sum is the largest is
** worked out once more for gradients: they go where it came from, to any order. */
#include "ops/sample.h"
#include "ops/window.h"

enum { GRAIN = 16384 };

typedef struct Job {
    const ConvGeom *g;
    const float *x, *filter;
    float *y;
    int *from_x, *from_filter; /* instead of y: where in x and filter the largest sum is from */
} Job;

/* Pixel `out` of the result: the largest sums at the taps of its window that are in the image; a
** NaN is passed over. */
static void dilate(const Job *j, int64_t out) {
    const ConvGeom *g = j->g;
    const int64_t line = out / g->ow, image = line / g->oh;
    const int64_t top = line % g->oh * g->sh - g->pt, left = out % g->ow * g->sw - g->pl;
    float *restrict y = j->y + out * g->ic;
    for (int c = 0; c < g->ic; c++) y[c] = -INFINITY;
    for (int i = 0; i < g->kh; i++) {
        const int64_t row = top + (int64_t)i * g->dh;
        if (row < 0 || row >= g->ih) continue;
        for (int k = 0; k < g->kw; k++) {
            const int64_t column = left + (int64_t)k * g->dw;
            if (column < 0 || column >= g->iw) continue;
            const float *restrict x = j->x + ((image * g->ih + row) * g->iw + column) * g->ic;
            const float *restrict filter = j->filter + ((int64_t)i * g->kw + k) * g->ic;
            for (int c = 0; c < g->ic; c++) {
                const float sum = x[c] + filter[c];
                y[c] = sum > y[c] ? sum : y[c];
            }
        }
    }
}

/* Where the largest sum of element `out` is from. */
static void find_origin(const Job *j, int64_t out) {
    const ConvGeom *g = j->g;
    const int c = (int)(out % g->ic), ox = (int)(out / g->ic % g->ow);
    const int64_t line = out / g->ic / g->ow, image = line / g->oh;
    const int64_t top = line % g->oh * g->sh - g->pt, left = (int64_t)ox * g->sw - g->pl;
    float best = -INFINITY;
    int64_t x = TAP_OUTSIDE, filter = TAP_OUTSIDE;
    for (int i = 0; i < g->kh; i++) {
        const int64_t row = top + (int64_t)i * g->dh;
        if (row < 0 || row >= g->ih) continue;
        for (int k = 0; k < g->kw; k++) {
            const int64_t column = left + (int64_t)k * g->dw;
            if (column < 0 || column >= g->iw) continue;
            const int64_t at = ((image * g->ih + row) * g->iw + column) * g->ic + c;
            const int64_t tap = ((int64_t)i * g->kw + k) * g->ic + c;
            const float sum = j->x[at] + j->filter[tap];
            if (sum > best) best = sum, x = at, filter = tap;
        }
    }
    j->from_x[out] = (int)x, j->from_filter[out] = (int)filter;
}

/* Output rows, counted through all images. */
static void dilate_lines(void *job, int begin, int end) {
    const Job *j = job;
    const int64_t pixels = j->g->ow, elements = pixels * j->g->ic;
    if (j->y)
        for (int64_t i = begin * pixels; i < end * pixels; i++) dilate(j, i);
    else
        for (int64_t i = begin * elements; i < end * elements; i++) find_origin(j, i);
}

static void all_lines(const Job *j) {
    const ConvGeom *g = j->g;
    const double work = (double)g->ow * g->ic * g->kh * g->kw;
    parallel_for(g->n * g->oh, 1 + (int)(GRAIN / (work + 1)), dilate_lines, (void *)j);
}

static void dilation_cpu(Call *c) {
    all_lines(
        &(Job){.g = c->attrs, .x = f32(c->in[0]), .filter = f32(c->in[1]), .y = f32(c->out[0])});
}

static void origins_cpu(Call *c) {
    all_lines(&(Job){.g = c->attrs,
                     .x = f32(c->in[0]),
                     .filter = f32(c->in[1]),
                     .from_x = i32(c->out[0]),
                     .from_filter = i32(c->out[1])});
}
static const Op origins_op = {
    .name = "dilation_origins", .cpu = origins_cpu, .gl = "dilationOrigins", .constant = true};

static void dilation_grad(Call *c, Tensor **dy, Tensor **dx) {
    const int *y = c->out[0]->shape;
    Tensor *from[] = {make(TN_INT32, 4, y), make(TN_INT32, 4, y)};
    if (failed()) return;
    run(&origins_op, IN(c->in[0], c->in[1]), from, 2, c->attrs, sizeof(ConvGeom));
    for (int i = 0; i < 2; i++) {
        const Sample s = {.taps = 1, .channels = 1, .sources = c->in[i]->size, .blank = 1};
        if (wants(c, i)) dx[i] = sample_back(dy[0], NULL, from[i], &s, c->in[i]);
    }
}

static bool want_dilation(const Tensor *x, const Tensor *filter, DataFormat format) {
    static const char op[] = "dilation2d";
    if (failed()) return false;
    if (x->rank != 3 && x->rank != 4)
        fail(TN_SHAPE, "%s: input must be rank 3 or 4, but got rank %d.", op, x->rank);
    else if (filter->rank != 3)
        fail(TN_SHAPE, "%s: filter must be rank 3, but got rank %d.", op, filter->rank);
    else if (format != FORMAT_NHWC)
        fail(TN_VALUE, "%s: Only NHWC is currently supported, but got dataFormat of NCHW", op);
    else if (x->shape[x->rank - 1] != filter->shape[2])
        fail(TN_SHAPE, "%s: input and filter must have the same depth: %d vs %d", op,
             x->shape[x->rank - 1], filter->shape[2]);
    return !failed();
}

/* dilation2d: The largest sum of image and filter in each window: grey-scale dilation.
**   x : [n, h, w, c] | [h, w, c]
**   filter : [kh, kw, c]
**   strides : ints                     step along height and width
**   pad : padding                      'valid' adds nothing; 'same' gives h / stride by w /
**                                      stride; what is outside does not count
**   dilations : ints = [1, 1]          distance between neighbours of the filter
**   dataFormat : DataFormat = 'NHWC'   'NCHW' is not supported
**   -> y : float32|int32 rank of x     [n, oh, ow, c], int32 if x is; NaN is passed over; the
**                                      gradient goes to the first of equals
** > tf.dilation2d([[[1], [2]], [[4], [8]]], [[[0.5], [3]]], 1, 'same')
**     // [[[5], [2.5]], [[11], [8.5]]]
** > tf.dilation2d([[[[1, 7], [2, 4], [5, 6]]]], [[[1, 2], [3, 9]]], 1, 'valid', [1, 2])
**     // [[[[8, 15]]]]
*/
OP(dilation2d, (Tensor * x, Tensor *filter, const Ints *strides, const Pad *pad,
                const Ints *dilations, DataFormat dataFormat)) {
    if (!want_dilation(x, filter, dataFormat)) return nothing();
    Scope *s = tn_scope_begin();
    Tensor *images = as_images(to_float(x), FORMAT_NHWC), *taps = to_float(filter);
    if (failed()) return leave(s, nothing());
    const int *a = images->shape, *f = taps->shape;
    ConvGeom g = {.n = a[0], .ih = a[1], .iw = a[2], .ic = a[3], .kh = f[0], .kw = f[1], .oc = 1};
    Window w = {"dilation2d", strides, dilations, pad, FORMAT_NHWC, ROUND_NONE};
    if (!place_loose_window(&w, &g)) return leave(s, nothing());
    Tensor *y = make(TN_FLOAT32, 4, (int[]){g.n, g.oh, g.ow, g.ic});
    y = as_given(run(&dilation2d_op, IN(images, taps), OUT(y), &g, sizeof g), x, FORMAT_NHWC);
    return leave(s, x->dtype == TN_INT32 ? to_dtype(y, TN_INT32) : y);
}
IMPL(dilation2d, .cpu = dilation_cpu, .gl = "dilation2d", .grad = dilation_grad);
