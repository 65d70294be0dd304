/* Convolutions of sequences that are computed as those of images of height 1: conv1dTranspose,
** depthwiseConv1d, separableConv1d. */
#include "nn/layers/layer_helpers.h"
#include "nn/layers/weighted.h"
#include "ops/conv.gen.h"
#include "ops/depthwise.gen.h"
#include "ops/pad.gen.h"
#include "ops/view.gen.h"

/* [batch, steps, channels] and a kernel as of images of height 1, and back. */
static Tensor *flat_image(Tensor *x, Channels where) {
    return tn_expandDims(channels_to_end(x, where), 1);
}

static Tensor *sequence_of(Tensor *y, Channels where) {
    return channels_from_end(tn_squeeze(y, INTS(1)), where);
}

static Tensor *flat_kernel(const Layer *l, int i) { return tn_expandDims(weight(l, i), 0); }

/* ---- conv1dTranspose ---- */

static void conv1dTranspose_build(Layer *l, const Shape *in, int nin) {
    const Conv1DTransposeConfig *k = l->config;
    Shape x = shape_to_end(in, k->dataFormat);
    (void)nin;
    if (!want_no_causal(l, k->padding) || !want_channels(l, &x, 3, 2)) return;
    add_kernel(l, KERNEL(k), INTS(k->kernelSize->v[0], k->filters, x.size[2]));
    add_bias(l, &k->bias, k->filters);
}

static void conv1dTranspose_shape(const Layer *l, const Shape *in, int nin, Shape *out) {
    const Conv1DTransposeConfig *k = l->config;
    Shape x = shape_to_end(in, k->dataFormat), y;
    (void)nin;
    if (!want_no_causal(l, k->padding) || !want_channels(l, &x, 3, 2)) return;
    transposed_shape(
        l, &x,
        &(Transposed){k->kernelSize, k->strides, k->dilationRate, k->outputPadding, k->padding},
        &y);
    y.size[2] = k->filters;
    *out = shape_from_end(&y, k->dataFormat);
}

static Tensor *conv1dTranspose_call(Layer *l, Apply *a) {
    const Conv1DTransposeConfig *k = l->config;
    Shape in = shape_of(a->in[0]), y;
    conv1dTranspose_shape(l, &in, 1, &y);
    if (failed()) return nothing();
    y = shape_to_end(&y, k->dataFormat);
    Tensor *x = flat_image(to_float(a->in[0]), k->dataFormat);
    const Ints *size = INTS(y.size[0], 1, y.size[1], y.size[2]);
    Tensor *kernel = tn_expandDims(dilated(weight(l, 0), k->dilationRate), 0);
    Tensor *spread = tn_conv2dTranspose(x, kernel, size, INTS(1, k->strides->v[0]),
                                        pad_of(k->padding), ROUND_NONE);
    return sequence_of(finish(l, &k->bias, 1, spread), k->dataFormat);
}

/* conv1dTranspose: The transpose of a convolution: stretches sequences by the strides.
**   filters : int >= 1                       channels of the result
**   kernelSize : ints(1) >= 1                length of a filter
**   strides : ints(1) >= 1 = 1               factor of the stretching
**   padding : Padding = 'valid'              'same' makes steps * strides
**   outputPadding : ints(1) >= 0 = null      how much longer, below strides, the result is than
**                                            (steps - 1) * strides + kernelSize, less twice half
**                                            of kernelSize where padding is 'same'
**   dataFormat : Channels = 'channelsLast'   where the channels are
**   dilationRate : ints(1) >= 1 = 1          gaps between the filter's places
**   + bias
**   + kernelUniform
**   -> y : [batch, steps, filters]
** > tf.layers.conv1dTranspose({filters: 1, kernelSize: 2, strides: 2, kernelInitializer: 'ones'})
**     .apply([[[3], [4]]])   // [[[3], [3], [4], [4]]]
** > tf.layers.conv1dTranspose({filters: 1, kernelSize: 2, dilationRate: 2,
**     kernelInitializer: 'ones'}).apply([[[3], [4]]])   // [[[3], [4], [3], [4]]]
*/
LAYER(conv1dTranspose, Conv1DTranspose, .build = conv1dTranspose_build,
      .shape = conv1dTranspose_shape, .call = conv1dTranspose_call);

/* ---- depthwiseConv1d, separableConv1d ---- */

/* A sequence before the first step of which there are zeros, where nothing may look ahead. */
static Tensor *caused(Tensor *x, Padding padding, int reach) {
    return padding == PADDING_CAUSAL ? tn_pad(x, INTS(0, 0, 0, 0, reach, 0, 0, 0), 0) : x;
}

static void depthwiseConv1d_build(Layer *l, const Shape *in, int nin) {
    const DepthwiseConv1DConfig *k = l->config;
    Shape x = shape_to_end(in, k->dataFormat);
    (void)nin;
    if (!want_no_causal(l, k->padding) || !want_channels(l, &x, 3, 1)) return;
    add_weight(l, "depthwise_kernel", INTS(k->kernelSize->v[0], x.size[2], k->depthMultiplier),
               k->depthwiseInitializer, k->depthwiseRegularizer, k->depthwiseConstraint);
    if (!failed()) add_bias(l, &k->bias, times(l, x.size[2], k->depthMultiplier));
}

static void depthwiseConv1d_shape(const Layer *l, const Shape *in, int nin, Shape *out) {
    const DepthwiseConv1DConfig *k = l->config;
    Shape x = shape_to_end(in, k->dataFormat), y;
    (void)nin;
    if (!want_no_causal(l, k->padding) || !want_channels(l, &x, 3, 1)) return;
    window_shape(l, &x, k->kernelSize, k->strides, k->dilationRate, k->padding, &y);
    y.size[2] = times(l, x.size[2], k->depthMultiplier);
    *out = shape_from_end(&y, k->dataFormat);
}

static Tensor *depthwiseConv1d_call(Layer *l, Apply *a) {
    const DepthwiseConv1DConfig *k = l->config;
    int stride = k->strides->v[0];
    Tensor *x = flat_image(to_float(a->in[0]), k->dataFormat);
    Tensor *y = tn_depthwiseConv2d(x, flat_kernel(l, 0), INTS(stride, stride), pad_of(k->padding),
                                   FORMAT_NHWC, INTS(1, k->dilationRate->v[0]), ROUND_NONE);
    return sequence_of(finish(l, &k->bias, 1, y), k->dataFormat);
}

/* depthwiseConv1d: Slides filters over each channel of sequences by itself.
**   kernelSize : ints(1) >= 1                              length of a filter
**   strides : ints(1) >= 1 = 1                             steps of the filter
**   padding : Padding = 'valid'                            'same' keeps steps / strides
**   dataFormat : Channels = 'channelsLast'                 where the channels are
**   dilationRate : ints(1) >= 1 = 1                        gaps between the filter's places
**   depthMultiplier : int >= 1 = 1                         filters for each channel
**   depthwiseInitializer : initializer = 'glorotUniform'   of the kernel
**   depthwiseRegularizer : regularizer = null              penalty on the kernel
**   depthwiseConstraint : constraint = null                of the kernel
**   + bias
**   -> y : [batch, steps, channels * depthMultiplier]
** > tf.layers.depthwiseConv1d({kernelSize: 2, depthwiseInitializer: 'ones'})
**     .apply([[[1, 2], [3, 4]]])   // [[[4, 6]]]
*/
LAYER(depthwiseConv1d, DepthwiseConv1D, .build = depthwiseConv1d_build,
      .shape = depthwiseConv1d_shape, .call = depthwiseConv1d_call);

static void separableConv1d_build(Layer *l, const Shape *in, int nin) {
    const SeparableConv1DConfig *k = l->config;
    Shape x = shape_to_end(in, k->dataFormat);
    (void)nin;
    if (!want_channels(l, &x, 3, 1)) return;
    int inner = times(l, x.size[2], k->depthMultiplier);
    add_weight(l, "depthwise_kernel", INTS(k->kernelSize->v[0], x.size[2], k->depthMultiplier),
               k->depthwiseInitializer, k->depthwiseRegularizer, k->depthwiseConstraint);
    add_weight(l, "pointwise_kernel", INTS(1, inner, k->filters), k->pointwiseInitializer,
               k->pointwiseRegularizer, k->pointwiseConstraint);
    add_bias(l, &k->bias, k->filters);
}

static void separableConv1d_shape(const Layer *l, const Shape *in, int nin, Shape *out) {
    const SeparableConv1DConfig *k = l->config;
    Shape x = shape_to_end(in, k->dataFormat), y;
    (void)nin;
    if (!want_channels(l, &x, 3, 1)) return;
    window_shape(l, &x, k->kernelSize, k->strides, k->dilationRate, k->padding, &y);
    y.size[2] = k->filters;
    *out = shape_from_end(&y, k->dataFormat);
}

static Tensor *separableConv1d_call(Layer *l, Apply *a) {
    const SeparableConv1DConfig *k = l->config;
    int stride = k->strides->v[0], gap = k->dilationRate->v[0];
    Tensor *x = flat_image(to_float(a->in[0]), k->dataFormat);
    x = caused(x, k->padding, (k->kernelSize->v[0] - 1) * gap);
    Tensor *y = tn_separableConv2d(x, flat_kernel(l, 0), flat_kernel(l, 1), INTS(stride, stride),
                                   pad_of(k->padding), INTS(1, gap), FORMAT_NHWC);
    return sequence_of(finish(l, &k->bias, 2, y), k->dataFormat);
}

/* separableConv1d: depthwiseConv1d, then a convolution of length 1.
**   filters : int >= 1                                     channels of the result
**   kernelSize : ints(1) >= 1                              length of a filter
**   strides : ints(1) >= 1 = 1                             steps of the filter
**   padding : Padding = 'valid'                            'same' keeps steps / strides; 'causal'
**                                                          too, looking back only
**   dataFormat : Channels = 'channelsLast'                 where the channels are
**   dilationRate : ints(1) >= 1 = 1                        gaps between the filter's places
**   depthMultiplier : int >= 1 = 1                         depthwise filters for each channel
**   depthwiseInitializer : initializer = 'glorotUniform'   of the depthwise kernel
**   pointwiseInitializer : initializer = 'glorotUniform'   of the pointwise kernel
**   depthwiseRegularizer : regularizer = null              penalty on the depthwise kernel
**   pointwiseRegularizer : regularizer = null              penalty on the pointwise kernel
**   depthwiseConstraint : constraint = null                of the depthwise kernel
**   pointwiseConstraint : constraint = null                of the pointwise kernel
**   + bias
**   -> y : [batch, steps, filters]
** > tf.layers.separableConv1d({filters: 1, kernelSize: 2, depthwiseInitializer: 'ones',
**     pointwiseInitializer: 'ones'}).apply([[[1, 2], [3, 4]]])   // [[[10]]]
*/
LAYER(separableConv1d, SeparableConv1D, .build = separableConv1d_build,
      .shape = separableConv1d_shape, .call = separableConv1d_call);
