/* Convolutions: conv1d, conv2d, conv2dTranspose, separableConv2d. Three computations, each linear
** in both its inputs and each the gradient of the others: the convolution, its transpose (from
** results back to images) and the filter's part. So gradients of any order are convolutions. */
#include "ops/window.h"
#include "ops/conv.gen.h"
#include "ops/depthwise.gen.h"
#include "ops/slice.gen.h"
#include "ops/view.gen.h"

static Tensor *convolve(Tensor *x, Tensor *filter, const ConvGeom *g);
static Tensor *transposed(Tensor *dy, Tensor *filter, const ConvGeom *g);
static Tensor *filter_part(Tensor *x, Tensor *dy, const ConvGeom *g);

/* ---- the three kernels; geometry is always that of the convolution ---- */

static void settle(const Call *c, bool had_memory) {
    if (!had_memory) fail(TN_MEMORY, "%s: out of memory for packed panels", c->op->name);
}

static void conv2d_cpu(Call *c) {
    const float *x = f32(c->in[0]), *filter = f32(c->in[1]);
    settle(c, conv2d(c->attrs, x, filter, NULL, f32(c->out[0]), EPILOGUE_NONE));
}

static void conv2d_grad(Call *c, Tensor **dy, Tensor **dx) {
    if (wants(c, 0)) dx[0] = transposed(dy[0], c->in[1], c->attrs);
    if (wants(c, 1)) dx[1] = filter_part(c->in[0], dy[0], c->attrs);
}

static void conv2dTranspose_cpu(Call *c) {
    const float *dy = f32(c->in[0]), *filter = f32(c->in[1]);
    settle(c, conv2d_grad_input(c->attrs, dy, filter, f32(c->out[0]), EPILOGUE_NONE));
}

static void conv2dTranspose_grad(Call *c, Tensor **d, Tensor **dx) {
    if (wants(c, 0)) dx[0] = convolve(d[0], c->in[1], c->attrs);
    if (wants(c, 1)) dx[1] = filter_part(d[0], c->in[0], c->attrs);
}

static void filter_cpu(Call *c) {
    settle(c, conv2d_grad_filter(c->attrs, f32(c->in[0]), f32(c->in[1]), f32(c->out[0])));
}

static void filter_grad(Call *c, Tensor **d, Tensor **dx) {
    if (wants(c, 0)) dx[0] = transposed(c->in[1], d[0], c->attrs);
    if (wants(c, 1)) dx[1] = convolve(c->in[0], d[0], c->attrs);
}

extern const Op conv2d_op, conv2dTranspose_op;
static const Op filter_op = {
    .name = "conv2d_filter", .cpu = filter_cpu, .gl = "conv2d_filter", .grad = filter_grad};

static Tensor *convolve(Tensor *x, Tensor *filter, const ConvGeom *g) {
    if (failed()) return nothing();
    Tensor *y = make(TN_FLOAT32, 4, (int[]){g->n, g->oh, g->ow, g->oc});
    return run(&conv2d_op, IN(x, filter), OUT(y), g, sizeof *g);
}

static Tensor *transposed(Tensor *dy, Tensor *filter, const ConvGeom *g) {
    if (failed()) return nothing();
    Tensor *x = make(TN_FLOAT32, 4, (int[]){g->n, g->ih, g->iw, g->ic});
    return run(&conv2dTranspose_op, IN(dy, filter), OUT(x), g, sizeof *g);
}

static Tensor *filter_part(Tensor *x, Tensor *dy, const ConvGeom *g) {
    if (failed()) return nothing();
    Tensor *filter = make(TN_FLOAT32, 4, (int[]){g->kh, g->kw, g->ic, g->oc});
    return run(&filter_op, IN(x, dy), OUT(filter), g, sizeof *g);
}

/* ---- conv2d ---- */

static ConvGeom geometry(const Tensor *x, const Tensor *filter) {
    const int *a = x->shape, *f = filter->shape;
    return (ConvGeom){
        .n = a[0], .ih = a[1], .iw = a[2], .ic = a[3], .kh = f[0], .kw = f[1], .oc = f[3]};
}

/* The convolution of float32 images in NHWC. */
static Tensor *convolve_images(const Window *w, Tensor *x, Tensor *filter) {
    if (failed()) return nothing();
    if (x->shape[3] != filter->shape[2])
        return fail(TN_SHAPE, "%s: depth of input (%d) must match input depth for filter %d", w->op,
                    x->shape[3], filter->shape[2]);
    ConvGeom g = geometry(x, filter);
    return place_window(w, &g) ? convolve(x, filter, &g) : nothing();
}

/* conv2d: Slides a bank of filters over images (cross-correlation).
**   x : float32 [n, h, w, cin] | [h, w, cin]
**   filter : float32 [kh, kw, cin, cout]
**   strides : ints                             step along height and width
**   pad : padding                              'valid' adds nothing; 'same' gives h / stride by w
**                                              / stride; a number of zeros on every side, or [[0,
**                                              0], [top, bottom], [left, right], [0, 0]]
**   dataFormat : DataFormat = 'NHWC'           'NCHW': x and y are [n, c, h, w]
**   dilations : ints = [1, 1]                  distance between neighbours of the filter; 1 if
**                                              strides are above 1
**   dimRoundingMode : Rounding = null          what becomes of a last window that does not fit
**                                              whole, if pad is given in numbers; down if not
**                                              given
**   -> y : float32 rank of x                   [n, oh, ow, cout]
** > tf.conv2d(tf.ones([1, 3, 3, 2]), tf.ones([2, 2, 2, 1]), 1, 'valid')
**     // [[[[8], [8]], [[8], [8]]]]
** > tf.conv2d([[[1], [2]], [[3], [4]]], [[[[1, -1]]]], 2, 'same')   // [[[1, -1]]]
** > tf.conv2d([[[[1, 2], [3, 4]]]], [[[[1]], [[2]]]], [1, 2], 1, 'NCHW', 1, 'ceil')
**     // [[[[0, 0], [2, 2], [6, 4], [0, 0]]]]
*/
OP(conv2d, (Tensor * x, Tensor *filter, const Ints *strides, const Pad *pad, DataFormat dataFormat,
            const Ints *dilations, Rounding dimRoundingMode)) {
    if (!want_dtype("conv2d", "x", x, TN_FLOAT32) || !want_image("conv2d", "x", x) ||
        !want_dtype("conv2d", "filter", filter, TN_FLOAT32) ||
        !want_rank("conv2d", "filter", filter, 4))
        return nothing();
    Window w = {"conv2d", strides, dilations, pad, dataFormat, dimRoundingMode};
    Scope *s = tn_scope_begin();
    Tensor *y = convolve_images(&w, as_images(x, dataFormat), filter);
    return leave(s, as_given(y, x, dataFormat));
}
IMPL(conv2d, .cpu = conv2d_cpu, .gl = "conv2d", .grad = conv2d_grad);

/* ---- conv1d ---- */

/* conv1d: Slides a bank of filters over sequences.
**   x : float32 [n, w, cin] | [w, cin]
**   filter : float32 [kw, cin, cout]
**   stride : int                          step along w
**   pad : padding                         'valid', 'same', or a number of zeros at both ends
**   dataFormat : SequenceFormat = 'NWC'   'NCW' is not supported
**   dilation : int = 1                    distance between neighbours of the filter; 1 if stride
**                                         is above 1
**   dimRoundingMode : Rounding = null     what becomes of a last window that does not fit whole,
**                                         if pad is a number; down if not given
**   -> y : float32 rank of x              [n, ow, cout]
** > tf.conv1d([[1], [2], [3]], [[[1]], [[10]]], 1, 'valid')   // [[21], [32]]
** > tf.conv1d([[[1], [2], [3]]], [[[1]], [[10]]], 1, 1, 'NWC', 2)   // [[[20], [31], [2]]]
*/
OP(conv1d, (Tensor * x, Tensor *filter, int stride, const Pad *pad, SequenceFormat dataFormat,
            int dilation, Rounding dimRoundingMode)) {
    if (!want_dtype("conv1d", "x", x, TN_FLOAT32) ||
        !want_dtype("conv1d", "filter", filter, TN_FLOAT32) ||
        !want_rank("conv1d", "filter", filter, 3))
        return nothing();
    if (x->rank != 2 && x->rank != 3)
        return fail(TN_SHAPE, "conv1d: x must be rank 3 (or 2: one sequence), but got rank %d",
                    x->rank);
    if (dataFormat != FORMAT_NWC)
        return fail(TN_VALUE, "conv1d: got dataFormat of NCW but only NWC is currently supported");
    const Pad *sides = pad->n == 1 && pad->v[0] > 0 ? INTS(0, 0, pad->v[0], pad->v[0]) : pad;
    Window w = {"conv1d", INTS(1, stride), INTS(1, dilation), sides, FORMAT_NHWC, dimRoundingMode};
    Scope *s = tn_scope_begin();
    Tensor *row = x->rank == 2 ? tn_expandDims(x, 0) : x;
    Tensor *y = convolve_images(&w, tn_expandDims(row, 1), tn_expandDims(filter, 0));
    return leave(s, tn_squeeze(y, x->rank == 2 ? INTS(0, 1) : INTS(1)));
}

/* ---- conv2dTranspose ---- */

static bool want_transpose(const Tensor *x, const Tensor *filter, const Ints *shape) {
    if (shape->n != x->rank)
        fail(TN_SHAPE, "conv2dTranspose: Length of outputShape (%d) and rank of x (%d) must match",
             shape->n, x->rank);
    else if (x->rank == 4 && shape->v[0] != x->shape[0])
        fail(TN_SHAPE, "conv2dTranspose: outputShape has %d images, x has %d", shape->v[0],
             x->shape[0]);
    else if (shape->v[shape->n - 1] != filter->shape[2])
        fail(TN_SHAPE, "conv2dTranspose: depth of outputShape (%d) must match filter's %d",
             shape->v[shape->n - 1], filter->shape[2]);
    else if (x->shape[x->rank - 1] != filter->shape[3])
        fail(TN_SHAPE, "conv2dTranspose: depth of x (%d) must match output depth for filter %d",
             x->shape[x->rank - 1], filter->shape[3]);
    else checked_size("conv2dTranspose", shape->n, shape->v, TN_FLOAT32);
    return !failed();
}

/* conv2dTranspose: The gradient of conv2d for its images: spreads each pixel of x over a window.
**   x : [n, h, w, cin] | [h, w, cin]
**   filter : [kh, kw, cout, cin]
**   outputShape : shape                 [n, oh, ow, cout] or [oh, ow, cout]: images of which
**                                       conv2d makes x
**   strides : ints                      of that conv2d
**   pad : padding                       of that conv2d
**   dimRoundingMode : Rounding = null   of that conv2d
**   -> y : float32 rank of x            of outputShape
** > tf.conv2dTranspose([[[1], [2]]], [[[[1]], [[10]]]], [1, 3, 1], 1, 'valid')
**     // [[[1], [12], [20]]]
** > tf.conv2dTranspose([[[[1]], [[2]]]], [[[[1]], [[3]]]], [1, 4, 2, 1], 2, 'same')
**     // [[[[1], [3]], [[0], [0]], [[2], [6]], [[0], [0]]]]
*/
OP(conv2dTranspose, (Tensor * x, Tensor *filter, const Ints *outputShape, const Ints *strides,
                     const Pad *pad, Rounding dimRoundingMode)) {
    if (!want_image("conv2dTranspose", "x", x) ||
        !want_rank("conv2dTranspose", "filter", filter, 4) ||
        !want_transpose(x, filter, outputShape))
        return nothing();
    Scope *s = tn_scope_begin();
    Tensor *dy = as_images(to_float(x), FORMAT_NHWC);
    const int *f = filter->shape, *size = outputShape->v + outputShape->n - 3;
    ConvGeom g = {.n = dy->shape[0],
                  .ih = size[0],
                  .iw = size[1],
                  .ic = size[2],
                  .kh = f[0],
                  .kw = f[1],
                  .oc = f[3]};
    Window w = {"conv2dTranspose", strides, NULL, pad, FORMAT_NHWC, dimRoundingMode};
    if (failed() || !place_window(&w, &g)) return leave(s, nothing());
    if (g.oh > dy->shape[1] || g.ow > dy->shape[2])
        return leave(s, fail(TN_SHAPE,
                             "conv2dTranspose: outputShape %s makes x %d x %d, but it is "
                             "%d x %d",
                             ints_text(outputShape->n, outputShape->v), g.oh, g.ow, dy->shape[1],
                             dy->shape[2]));
    if (g.oh != dy->shape[1] || g.ow != dy->shape[2])
        dy = tn_slice(dy, INTS(0, 0, 0, 0), INTS(g.n, g.oh, g.ow, g.oc));
    return leave(s, as_given(transposed(dy, to_float(filter), &g), x, FORMAT_NHWC));
}
IMPL(conv2dTranspose, .cpu = conv2dTranspose_cpu, .gl = "conv2dTranspose",
     .grad = conv2dTranspose_grad);

/* ---- separableConv2d ---- */

static bool want_pointwise(const Tensor *depthwise, const Tensor *filter) {
    static const char *const axes[] = {"first", "second", "third"};
    int want[] = {1, 1, depthwise->shape[2] * depthwise->shape[3]};
    for (int i = 0; i < 3; i++) {
        if (filter->shape[i] == want[i]) continue;
        fail(TN_SHAPE,
             "separableConv2d: the %s dimension of pointwise filter must be %d, but got %d",
             axes[i], want[i], filter->shape[i]);
        return false;
    }
    return true;
}

/* separableConv2d: depthwiseConv2d, then conv2d with a window of one pixel.
**   x : float32 [n, h, w, cin] | [h, w, cin]
**   depthwiseFilter : float32 [kh, kw, cin, multiplier]
**   pointwiseFilter : float32 [1, 1, cin * multiplier, cout]
**   strides : ints                             step along height and width
**   pad : padding                              as in conv2d
**   dilation : ints = [1, 1]                   distance between neighbours of the filter
**   dataFormat : DataFormat = 'NHWC'           'NCHW': x and y are [n, c, h, w]
**   -> y : float32 rank of x                   [n, oh, ow, cout]
** > tf.separableConv2d([[[1, 2], [3, 4]]], [[[[1], [10]]]], [[[[1], [0.5]]]], 1, 'valid')
**     // [[[11], [23]]]
*/
OP(separableConv2d,
   (Tensor * x, Tensor *depthwiseFilter, Tensor *pointwiseFilter, const Ints *strides,
    const Pad *pad, const Ints *dilation, DataFormat dataFormat)) {
    if (!want_image("separableConv2d", "x", x)) return nothing();
    if (depthwiseFilter->rank != 4 || pointwiseFilter->rank != 4)
        return fail(TN_SHAPE,
                    "separableConv2d: depthwise and pointwise filter must be rank 4, but "
                    "got rank %d and %d",
                    depthwiseFilter->rank, pointwiseFilter->rank);
    if (!want_pointwise(depthwiseFilter, pointwiseFilter)) return nothing();
    Scope *s = tn_scope_begin();
    Tensor *y =
        tn_depthwiseConv2d(x, depthwiseFilter, strides, pad, dataFormat, dilation, ROUND_NONE);
    return leave(
        s, tn_conv2d(y, pointwiseFilter, INTS(1), PAD_VALID, dataFormat, INTS(1), ROUND_NONE));
}
