/* depthwiseConv2d: every channel has filters of its own. As with conv2d, the computation, its
** transpose and the filter's part are each the gradient of the others. In the geometry oc is the
** multiplier: how many channels come of one. */
#include "ops/window.h"
#include "backend/cpu/depthwise_kernels.h"

static Tensor *convolve(Tensor *x, Tensor *filter, const ConvGeom *g);
static Tensor *transposed(Tensor *dy, Tensor *filter, const ConvGeom *g);
static Tensor *filter_part(Tensor *x, Tensor *dy, const ConvGeom *g);

static void settle(const Call *c, bool had_memory) {
    if (!had_memory) fail(TN_MEMORY, "%s: out of memory for packed filters", c->op->name);
}

static void depthwise_cpu(Call *c) {
    const float *x = f32(c->in[0]), *filter = f32(c->in[1]);
    settle(c, depthwise2d(c->attrs, x, filter, f32(c->out[0]), EPILOGUE_NONE));
}

static void depthwise_grad(Call *c, Tensor **dy, Tensor **dx) {
    if (wants(c, 0)) dx[0] = transposed(dy[0], c->in[1], c->attrs);
    if (wants(c, 1)) dx[1] = filter_part(c->in[0], dy[0], c->attrs);
}

static void input_cpu(Call *c) {
    const float *dy = f32(c->in[0]), *filter = f32(c->in[1]);
    settle(c, depthwise2d_grad_input(c->attrs, dy, filter, f32(c->out[0])));
}

static void input_grad(Call *c, Tensor **d, Tensor **dx) {
    if (wants(c, 0)) dx[0] = convolve(d[0], c->in[1], c->attrs);
    if (wants(c, 1)) dx[1] = filter_part(d[0], c->in[0], c->attrs);
}

static void filter_cpu(Call *c) {
    const float *x = f32(c->in[0]), *dy = f32(c->in[1]);
    settle(c, depthwise2d_grad_filter(c->attrs, x, dy, f32(c->out[0])));
}

static void filter_grad(Call *c, Tensor **d, Tensor **dx) {
    if (wants(c, 0)) dx[0] = transposed(c->in[1], d[0], c->attrs);
    if (wants(c, 1)) dx[1] = convolve(c->in[0], d[0], c->attrs);
}

extern const Op depthwiseConv2d_op;
static const Op input_op = {
    .name = "depthwise_input", .cpu = input_cpu, .gl = "depthwise_input", .grad = input_grad};
static const Op filter_op = {
    .name = "depthwise_filter", .cpu = filter_cpu, .gl = "depthwise_filter", .grad = filter_grad};

static Tensor *convolve(Tensor *x, Tensor *filter, const ConvGeom *g) {
    if (failed()) return nothing();
    Tensor *y = make(TN_FLOAT32, 4, (int[]){g->n, g->oh, g->ow, g->ic * g->oc});
    return run(&depthwiseConv2d_op, IN(x, filter), OUT(y), g, sizeof *g);
}

static Tensor *transposed(Tensor *dy, Tensor *filter, const ConvGeom *g) {
    if (failed()) return nothing();
    Tensor *x = make(TN_FLOAT32, 4, (int[]){g->n, g->ih, g->iw, g->ic});
    return run(&input_op, IN(dy, filter), OUT(x), g, sizeof *g);
}

static Tensor *filter_part(Tensor *x, Tensor *dy, const ConvGeom *g) {
    if (failed()) return nothing();
    Tensor *filter = make(TN_FLOAT32, 4, (int[]){g->kh, g->kw, g->ic, g->oc});
    return run(&filter_op, IN(x, dy), OUT(filter), g, sizeof *g);
}

/* depthwiseConv2d: Slides filters over each channel on its own.
**   x : float32 [n, h, w, c] | [h, w, c]
**   filter : float32 [kh, kw, c, multiplier]
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
**   -> y : float32 rank of x                   [n, oh, ow, c * multiplier], all results of a
**                                              channel side by side
** > tf.depthwiseConv2d([[[1, 2], [3, 4]]], [[[[1], [10]], [[2], [20]]]], 1, 'valid')
**     // [[[7, 100]]]
** > tf.depthwiseConv2d([[[1, 2], [3, 4]]], [[[[1, -1], [10, 0.5]]]], [1, 2], 'same')
**     // [[[1, -1, 20, 1]]]
*/
OP(depthwiseConv2d, (Tensor * x, Tensor *filter, const Ints *strides, const Pad *pad,
                     DataFormat dataFormat, const Ints *dilations, Rounding dimRoundingMode)) {
    static const char op[] = "depthwiseConv2d";
    if (!want_dtype(op, "x", x, TN_FLOAT32) || !want_image(op, "x", x) ||
        !want_dtype(op, "filter", filter, TN_FLOAT32) || !want_rank(op, "filter", filter, 4))
        return nothing();
    Scope *s = tn_scope_begin();
    Tensor *images = as_images(x, dataFormat);
    if (failed()) return leave(s, nothing());
    const int *a = images->shape, *f = filter->shape;
    if (a[3] != f[2])
        return leave(s, fail(TN_SHAPE,
                             "depthwiseConv2d: number of input channels (%d) must match "
                             "the inChannels dimension in filter %d",
                             a[3], f[2]));
    ConvGeom g = {
        .n = a[0], .ih = a[1], .iw = a[2], .ic = a[3], .kh = f[0], .kw = f[1], .oc = f[3]};
    Window w = {op, strides, dilations, pad, dataFormat, dimRoundingMode};
    if (!place_window(&w, &g)) return leave(s, nothing());
    return leave(s, as_given(convolve(images, filter, &g), x, dataFormat));
}
IMPL(depthwiseConv2d, .cpu = depthwise_cpu, .gl = "depthwiseConv2d", .grad = depthwise_grad);
