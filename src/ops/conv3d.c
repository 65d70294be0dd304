/* conv3d and conv3dTranspose, by way of images: what a window sees along the depth becomes
** channels, and a convolution of images does the rest. Gathering it and adding it back are each
** the gradient of the other, so gradients of any order need no more. */
#include "ops/window.h"
#include "ops/conv.gen.h"
#include "ops/transpose.gen.h"
#include "ops/view.gen.h"

/* Volumes [n, in, pixels, channels], and [n, out, pixels, window * channels]: of each output's
** window, all slices side by side; slices outside are 0. */
typedef struct Unfold {
    int n, in, out, window, stride, dilation, before;
    int pixels, channels;
} Unfold;

static int64_t slice_size(const Unfold *u) { return (int64_t)u->pixels * u->channels; }

/* The slice that tap t of output o reads, or -1 outside. */
static int slice_of(const Unfold *u, int o, int t) {
    const int64_t at = (int64_t)o * u->stride - u->before + (int64_t)t * u->dilation;
    return at >= 0 && at < u->in ? (int)at : -1;
}

/* The output whose tap t reads slice z, or -1. */
static int output_of(const Unfold *u, int z, int t) {
    const int64_t at = (int64_t)z + u->before - (int64_t)t * u->dilation;
    if (at < 0 || at % u->stride || at / u->stride >= u->out) return -1;
    return (int)(at / u->stride);
}

typedef struct Job {
    const Unfold *u;
    const float *from;
    float *to;
} Job;

/* One slice, or zeros if x is null, among the channels of each pixel. */
static void put_slice(const Unfold *u, const float *restrict x, float *restrict y) {
    const int64_t stride = (int64_t)u->window * u->channels;
    for (int p = 0; p < u->pixels; p++, y += stride) {
        for (int k = 0; k < u->channels; k++) y[k] = x ? x[k] : 0;
        if (x) x += u->channels;
    }
}

/* Outputs begin.. end - 1, counted through all volumes. */
static void unfold_outputs(void *job, int begin, int end) {
    const Job *j = job;
    const Unfold *u = j->u;
    for (int i = begin; i < end; i++) {
        const float *volume = j->from + (int64_t)(i / u->out) * u->in * slice_size(u);
        float *y = j->to + i * slice_size(u) * u->window;
        for (int t = 0; t < u->window; t++, y += u->channels) {
            const int z = slice_of(u, i % u->out, t);
            put_slice(u, z < 0 ? NULL : volume + z * slice_size(u), y);
        }
    }
}

static void unfold_cpu(Call *call) {
    const Unfold *u = call->attrs;
    Job job = {u, f32(call->in[0]), f32(call->out[0])};
    parallel_for(u->n * u->out, 1 + (int)(65536 / (slice_size(u) * u->window + 1)), unfold_outputs,
                 &job);
}

/* Slices begin.. end - 1, counted through all volumes: what was made of each, added up. */
static void fold_slices(void *job, int begin, int end) {
    const Job *j = job;
    const Unfold *u = j->u;
    const int c = u->channels;
    for (int i = begin; i < end; i++) {
        float *first = j->to + i * slice_size(u);
        memset(first, 0, (size_t)slice_size(u) * sizeof(float));
        for (int t = 0; t < u->window; t++) {
            const int o = output_of(u, i % u->in, t);
            if (o < 0) continue;
            const float *restrict dy =
                j->from + (int64_t)t * c +
                ((int64_t)(i / u->in) * u->out + o) * slice_size(u) * u->window;
            float *restrict dx = first;
            for (int p = 0; p < u->pixels; p++, dx += c, dy += (int64_t)u->window * c)
                for (int k = 0; k < c; k++) dx[k] += dy[k];
        }
    }
}

static void fold_cpu(Call *call) {
    const Unfold *u = call->attrs;
    Job job = {u, f32(call->in[0]), f32(call->out[0])};
    parallel_for(u->n * u->in, 1 + (int)(65536 / (slice_size(u) * u->window + 1)), fold_slices,
                 &job);
}

static Tensor *unfold(Tensor *x, const Unfold *u);
static Tensor *fold(Tensor *dy, const Unfold *u);

static void unfold_grad(Call *c, Tensor **dy, Tensor **dx) { dx[0] = fold(dy[0], c->attrs); }
static void fold_grad(Call *c, Tensor **d, Tensor **dx) { dx[0] = unfold(d[0], c->attrs); }
static const Op unfold_op = {
    .name = "unfold", .cpu = unfold_cpu, .gl = "unfold", .grad = unfold_grad};
static const Op fold_op = {.name = "fold", .cpu = fold_cpu, .gl = "fold", .grad = fold_grad};

static Tensor *unfold(Tensor *x, const Unfold *u) {
    if (failed()) return nothing();
    int shape[] = {u->n, u->out, u->pixels, 0};
    const int64_t channels = (int64_t)u->window * u->channels;
    if (channels > INT32_MAX)
        return fail(TN_SHAPE, "conv3d: %d slices of %d channels are too many", u->window,
                    u->channels);
    shape[3] = (int)channels;
    return run(&unfold_op, IN(x), OUT(make(TN_FLOAT32, 4, shape)), u, sizeof *u);
}

static Tensor *fold(Tensor *dy, const Unfold *u) {
    if (failed()) return nothing();
    Tensor *x = make(TN_FLOAT32, 4, (int[]){u->n, u->in, u->pixels, u->channels});
    return run(&fold_op, IN(dy), OUT(x), u, sizeof *u);
}

static Unfold along_depth(const VolumeGeom *g, int n, int channels) {
    return (Unfold){.n = n,
                    .in = g->in[0],
                    .out = g->out[0],
                    .window = g->window[0],
                    .stride = g->stride[0],
                    .dilation = g->dilation[0],
                    .before = g->before[0],
                    .pixels = g->in[1] * g->in[2],
                    .channels = channels};
}

/* filter [kd, kh, kw, cin, cout] as [kh, kw, kd * cin, cout]. */
static Tensor *flat_filter(Tensor *filter) {
    const int *f = filter->shape;
    return tn_reshape(tn_transpose(filter, INTS(1, 2, 0, 3, 4), false),
                      INTS(f[1], f[2], f[0] * f[3], f[4]));
}

static bool want_filter(const char *op, const Tensor *filter) {
    return want_dtype(op, "filter", filter, TN_FLOAT32) && want_rank(op, "filter", filter, 5);
}

/* ---- conv3d ---- */

/* The convolution of volumes [n, d, h, w, cin], placed. */
static Tensor *convolve(const Window *w, Tensor *x, Tensor *filter, const VolumeGeom *g) {
    const int *a = x->shape;
    const Unfold u = along_depth(g, a[0], a[4]);
    const int images = u.n * u.out, depth = u.window * u.channels;
    if (no_place(g))
        return tn_zeros(INTS(u.n, g->out[0], g->out[1], g->out[2], filter->shape[4]), TN_FLOAT32);
    Tensor *seen = tn_reshape(x, INTS(u.n, u.in, u.pixels, u.channels));
    if (u.window > 1 || u.stride > 1 || u.before || u.out != u.in) seen = unfold(seen, &u);
    Tensor *y = tn_conv2d(tn_reshape(seen, INTS(images, a[2], a[3], depth)), flat_filter(filter),
                          INTS(g->stride[1], g->stride[2]), w->pad, FORMAT_NHWC,
                          INTS(g->dilation[1], g->dilation[2]), ROUND_NONE);
    return tn_reshape(y, INTS(u.n, g->out[0], g->out[1], g->out[2], filter->shape[4]));
}

/* conv3d: Slides a bank of filters over volumes (cross-correlation).
**   x : float32 [n, d, h, w, cin] | [d, h, w, cin]
**   filter : float32 [kd, kh, kw, cin, cout]
**   strides : ints                                   step along depth, height and width
**   pad : padding                                    'valid' adds nothing; 'same' gives d / stride
**                                                    by h / stride by w / stride; or a number of
**                                                    zeros on every side
**   dataFormat : VolumeFormat = 'NDHWC'              'NCDHW' is not supported
**   dilations : ints = [1, 1, 1]                     distance between neighbours of the filter; 1
**                                                    if strides are above 1
**   -> y : float32 rank of x                         [n, od, oh, ow, cout]
** > tf.conv3d([[[[1], [2]]], [[[3], [4]]]], [[[[[1]], [[10]]]], [[[[100]], [[1000]]]]], 1,
**     'valid')   // [[[[4321]]]]
** > tf.conv3d([[[[1, 2]]], [[[3, 4]]], [[[5, 6]]]], [[[[[1], [0.5]]]], [[[[-1], [2]]]]], 2,
**     'same')   // [[[[7]]], [[[8]]]]
** > tf.conv3d([[[[1]]], [[[2]]], [[[3]]]], [[[[[2]]]], [[[[1]]]]], 1, 'valid', 'NDHWC', [2, 1,
**     1])   // [[[[5]]]]
*/
OP(conv3d, (Tensor * x, Tensor *filter, const Ints *strides, const Pad *pad,
            VolumeFormat dataFormat, const Ints *dilations)) {
    static const char op[] = "conv3d";
    if (!want_dtype(op, "x", x, TN_FLOAT32) || !want_filter(op, filter) ||
        !want_volume(op, "x", x, dataFormat))
        return nothing();
    const int *a = x->shape + x->rank - 4, *f = filter->shape;
    if (a[3] != f[3])
        return fail(TN_SHAPE, "conv3d: depth of input (%d) must match input depth for filter %d",
                    a[3], f[3]);
    VolumeGeom g = {.in = {a[0], a[1], a[2]}, .window = {f[0], f[1], f[2]}};
    Window w = {op, strides, dilations, pad, FORMAT_NHWC, ROUND_NONE};
    if (!place_volume(&w, &g)) return nothing();
    Scope *s = tn_scope_begin();
    Tensor *y = convolve(&w, as_volumes(x), filter, &g);
    return leave(s, x->rank == 4 ? tn_squeeze(y, INTS(0)) : y);
}

/* ---- conv3dTranspose ---- */

static bool want_transpose(const Tensor *x, const Tensor *filter, const Ints *shape) {
    static const char op[] = "conv3dTranspose";
    const int cin = x->shape[x->rank - 1], *f = filter->shape;
    if (shape->n != x->rank)
        fail(TN_SHAPE, "%s: Length of outputShape (%d) and rank of x (%d) must match", op, shape->n,
             x->rank);
    else if (x->rank == 5 && shape->v[0] != x->shape[0])
        fail(TN_SHAPE, "%s: outputShape has %d volumes, x has %d", op, shape->v[0], x->shape[0]);
    else if (shape->v[shape->n - 1] != f[3])
        fail(TN_SHAPE, "%s: depth of outputShape (%d) must match input depth for filter %d", op,
             shape->v[shape->n - 1], f[3]);
    else if (cin != f[4])
        fail(TN_SHAPE, "%s: depth of x (%d) must match output depth for filter %d", op, cin, f[4]);
    else checked_size(op, shape->n, shape->v, TN_FLOAT32);
    return !failed();
}

/* x [n, od, oh, ow, cin] spread over volumes [n, d, h, w, cout]. */
static Tensor *transposed(const Window *w, Tensor *x, Tensor *filter, const VolumeGeom *g) {
    const Unfold u = along_depth(g, x->shape[0], filter->shape[3]);
    const int images = u.n * u.out, depth = u.window * u.channels;
    const int *in = g->in;
    Tensor *seen =
        tn_conv2dTranspose(as_slices(x), flat_filter(filter), INTS(images, in[1], in[2], depth),
                           INTS(g->stride[1], g->stride[2]), w->pad, ROUND_NONE);
    Tensor *y = fold(tn_reshape(seen, INTS(u.n, u.out, u.pixels, depth)), &u);
    return tn_reshape(y, INTS(u.n, in[0], in[1], in[2], u.channels));
}

/* conv3dTranspose: The gradient of conv3d for its volumes: spreads each element of x over a window.
**   x : [n, d, h, w, cin] | [d, h, w, cin]
**   filter : [kd, kh, kw, cout, cin]
**   outputShape : shape                      [n, od, oh, ow, cout] or [od, oh, ow, cout]: volumes
**                                            of which conv3d makes x
**   strides : ints                           of that conv3d
**   pad : padding                            of that conv3d
**   -> y : float32 rank of x                 of outputShape
** > tf.conv3dTranspose([[[[1]]], [[[2]]]], [[[[[1]]]], [[[[10]]]]], [3, 1, 1, 1], 1, 'valid')
**     // [[[[1]]], [[[12]]], [[[20]]]]
** > tf.conv3dTranspose([[[[[2]]]]], [[[[[1]], [[3]]]], [[[[4]], [[5]]]]], [1, 2, 1, 2, 1], 2,
**     'same')   // [[[[[2], [6]]], [[[8], [10]]]]]
*/
OP(conv3dTranspose,
   (Tensor * x, Tensor *filter, const Ints *outputShape, const Ints *strides, const Pad *pad)) {
    static const char op[] = "conv3dTranspose";
    if (!want_volume(op, "x", x, FORMAT_NDHWC) || !want_rank(op, "filter", filter, 5) ||
        !want_transpose(x, filter, outputShape))
        return nothing();
    const int *size = outputShape->v + outputShape->n - 4, *f = filter->shape;
    const int *found = x->shape + x->rank - 4;
    VolumeGeom g = {.in = {size[0], size[1], size[2]}, .window = {f[0], f[1], f[2]}};
    Window w = {op, strides, NULL, pad, FORMAT_NHWC, ROUND_NONE};
    if (!place_volume(&w, &g)) return nothing();
    if (memcmp(g.out, found, sizeof g.out) != 0)
        return fail(TN_SHAPE, "%s: outputShape %s makes x %s, but it is %s", op,
                    ints_text(outputShape->n, outputShape->v), ints_text(3, g.out),
                    ints_text(3, found));
    Scope *s = tn_scope_begin();
    Tensor *y = transposed(&w, as_volumes(to_float(x)), to_float(filter), &g);
    return leave(s, x->rank == 4 ? tn_squeeze(y, INTS(0)) : y);
}
