/* Convolution layers. */
#include "nn/layers/weighted.h"
#include "ops/conv.gen.h"
#include "ops/depthwise.gen.h"
#include "ops/pad.gen.h"
#include "ops/view.gen.h"

void window_shape(const Layer *l, const Shape *x, const Ints *size, const Ints *strides,
                  const Ints *dilation, Padding padding, Shape *out) {
    *out = *x;
    out->dtype = TN_FLOAT32;
    for (int i = 0; i < size->n && !failed(); i++)
        out->size[1 + i] =
            window_length(l, x->size[1 + i], size->v[i], strides->v[i], dilation->v[i], padding);
}

bool want_channels(const Layer *l, const Shape *x, int rank, int axis_of_kernel) {
    if (!want_input(l, x, rank)) return false;
    int channels = x->size[rank - 1];
    if (!l->built) return want_known(l, x, rank - 1);
    int taken = weight(l, 0)->shape[axis_of_kernel];
    if (channels < 0 || channels == taken) return true;
    fail(TN_SHAPE, "%.80s: x has %d channels, the kernel takes %d", l->name, channels, taken);
    return false;
}

static bool want_images(const Layer *l, const Shape *x, int axis_of_kernel, Padding padding) {
    return want_no_causal(l, padding) && want_channels(l, x, 4, axis_of_kernel);
}

/* ---- conv2d ---- */

static void conv2d_build(Layer *l, const Shape *in, int nin) {
    const Conv2DConfig *k = l->config;
    Shape x = shape_to_end(in, k->dataFormat);
    (void)nin;
    if (!want_no_causal(l, k->padding) || !want_groups(l, &x, 4, k->filters, k->groups)) return;
    const int *size = k->kernelSize->v;
    add_kernel(l, &k->kernel, INTS(size[0], size[1], x.size[3] / k->groups, k->filters));
    add_bias(l, &k->bias, k->filters);
}

static void conv2d_shape(const Layer *l, const Shape *in, int nin, Shape *out) {
    const Conv2DConfig *k = l->config;
    Shape x = shape_to_end(in, k->dataFormat), y;
    (void)nin;
    if (!want_no_causal(l, k->padding) || !want_groups(l, &x, 4, k->filters, k->groups)) return;
    window_shape(l, &x, k->kernelSize, k->strides, k->dilationRate, k->padding, &y);
    y.size[3] = k->filters;
    *out = shape_from_end(&y, k->dataFormat);
}

static Tensor *convolve2d(const Layer *l, Tensor *x, Tensor *kernel) {
    const Conv2DConfig *k = l->config;
    return tn_conv2d(x, kernel, k->strides, pad_of(k->padding), FORMAT_NHWC, k->dilationRate,
                     ROUND_NONE);
}

/* Groups of one channel each are a depthwise convolution. */
static Tensor *each_channel(const Layer *l, Tensor *x) {
    const Conv2DConfig *k = l->config;
    const int *size = k->kernelSize->v;
    Tensor *kernel =
        tn_reshape(weight(l, 0), INTS(size[0], size[1], k->groups, k->filters / k->groups));
    return tn_depthwiseConv2d(x, kernel, k->strides, pad_of(k->padding), FORMAT_NHWC,
                              k->dilationRate, ROUND_NONE);
}

static Tensor *conv2d_call(Layer *l, Apply *a) {
    const Conv2DConfig *k = l->config;
    Tensor *x = channels_to_end(a->in[0], k->dataFormat);
    if (failed()) return nothing();
    Tensor *y = k->groups > 1 && k->groups == x->shape[3] ? each_channel(l, x)
                                                          : in_groups(l, convolve2d, x, k->groups);
    return channels_from_end(finish(l, &k->bias, 1, y), k->dataFormat);
}

/* conv2d: Slides a bank of filters over images.
**   filters : int >= 1                       channels of the result
**   kernelSize : ints(2) >= 1                height and width of a filter
**   strides : ints(2) >= 1 = 1               steps of the filter
**   padding : Padding = 'valid'              'same' keeps size / strides
**   dataFormat : Channels = 'channelsLast'   where the channels are
**   dilationRate : ints(2) >= 1 = 1          gaps between the filter's places
**   groups : int >= 1 = 1                    parts of the channels: a filter sees one of them
**   + bias
**   + kernel
**   -> y : [batch, height, width, filters]
** > tf.layers.conv2d({filters: 1, kernelSize: 2, kernelInitializer: 'ones'})
**     .apply(tf.ones([1, 2, 2, 1]))   // [[[[4]]]]
** > tf.layers.conv2d({filters: 2, kernelSize: 1, groups: 2, kernelInitializer: 'ones'})
**     .apply([[[[1, 2, 3, 4]]]])   // [[[[3, 7]]]]
*/
LAYER(conv2d, Conv2D, .build = conv2d_build, .shape = conv2d_shape, .call = conv2d_call);

/* ---- conv1d ---- */

static void conv1d_build(Layer *l, const Shape *in, int nin) {
    const Conv1DConfig *k = l->config;
    Shape x = shape_to_end(in, k->dataFormat);
    (void)nin;
    if (!want_groups(l, &x, 3, k->filters, k->groups)) return;
    add_kernel(l, &k->kernel, INTS(k->kernelSize->v[0], x.size[2] / k->groups, k->filters));
    add_bias(l, &k->bias, k->filters);
}

static void conv1d_shape(const Layer *l, const Shape *in, int nin, Shape *out) {
    const Conv1DConfig *k = l->config;
    Shape x = shape_to_end(in, k->dataFormat), y;
    (void)nin;
    if (!want_groups(l, &x, 3, k->filters, k->groups)) return;
    window_shape(l, &x, k->kernelSize, k->strides, k->dilationRate, k->padding, &y);
    y.size[2] = k->filters;
    *out = shape_from_end(&y, k->dataFormat);
}

static Tensor *convolve1d(const Layer *l, Tensor *x, Tensor *kernel) {
    const Conv1DConfig *k = l->config;
    return tn_conv1d(x, kernel, k->strides->v[0], pad_of(k->padding), FORMAT_NWC,
                     k->dilationRate->v[0], ROUND_NONE);
}

static Tensor *conv1d_call(Layer *l, Apply *a) {
    const Conv1DConfig *k = l->config;
    Tensor *x = channels_to_end(a->in[0], k->dataFormat);
    if (k->padding == PADDING_CAUSAL) /* nothing from later steps goes in */
        x = tn_pad(x, INTS(0, 0, (k->kernelSize->v[0] - 1) * k->dilationRate->v[0], 0, 0, 0), 0);
    Tensor *y = in_groups(l, convolve1d, x, k->groups);
    return channels_from_end(finish(l, &k->bias, 1, y), k->dataFormat);
}

/* conv1d: Slides a bank of filters over sequences.
**   filters : int >= 1                       channels of the result
**   kernelSize : ints(1) >= 1                length of a filter
**   strides : ints(1) >= 1 = 1               steps of the filter
**   padding : Padding = 'valid'              'same' keeps size / strides; 'causal' too, looking
**                                            back only
**   dataFormat : Channels = 'channelsLast'   where the channels are
**   dilationRate : ints(1) >= 1 = 1          gaps between the filter's places
**   groups : int >= 1 = 1                    parts of the channels: a filter sees one of them
**   + bias
**   + kernel
**   -> y : [batch, steps, filters]
** > tf.layers.conv1d({filters: 1, kernelSize: 2, kernelInitializer: 'ones'})
**     .apply([[[1], [2], [3]]])   // [[[3], [5]]]
** > tf.layers.conv1d({filters: 1, kernelSize: 2, kernelInitializer: 'ones', padding: 'causal'})
**     .apply([[[1], [2], [3]]])   // [[[1], [3], [5]]]
*/
LAYER(conv1d, Conv1D, .build = conv1d_build, .shape = conv1d_shape, .call = conv1d_call);

/* ---- conv2dTranspose ---- */

static void conv2dTranspose_build(Layer *l, const Shape *in, int nin) {
    const Conv2DTransposeConfig *k = l->config;
    Shape x = shape_to_end(in, k->dataFormat);
    (void)nin;
    if (!want_images(l, &x, 3, k->padding)) return;
    const int *size = k->kernelSize->v;
    add_kernel(l, &k->kernel, INTS(size[0], size[1], k->filters, x.size[3]));
    add_bias(l, &k->bias, k->filters);
}

static void conv2dTranspose_shape(const Layer *l, const Shape *in, int nin, Shape *out) {
    const Conv2DTransposeConfig *k = l->config;
    Shape x = shape_to_end(in, k->dataFormat), y;
    (void)nin;
    if (!want_images(l, &x, 3, k->padding)) return;
    transposed_shape(
        l, &x,
        &(Transposed){k->kernelSize, k->strides, k->dilationRate, k->outputPadding, k->padding},
        &y);
    y.size[3] = k->filters;
    *out = shape_from_end(&y, k->dataFormat);
}

static Tensor *conv2dTranspose_call(Layer *l, Apply *a) {
    const Conv2DTransposeConfig *k = l->config;
    Tensor *x = channels_to_end(a->in[0], k->dataFormat);
    if (failed()) return nothing();
    Shape in = shape_of(a->in[0]), y;
    conv2dTranspose_shape(l, &in, 1, &y);
    if (failed()) return nothing();
    y = shape_to_end(&y, k->dataFormat);
    const Ints *size = INTS(y.size[0], y.size[1], y.size[2], y.size[3]);
    Tensor *spread = tn_conv2dTranspose(x, dilated(weight(l, 0), k->dilationRate), size, k->strides,
                                        pad_of(k->padding), ROUND_NONE);
    return channels_from_end(finish(l, &k->bias, 1, spread), k->dataFormat);
}

/* conv2dTranspose: The transpose of a convolution: enlarges images by the strides.
**   filters : int >= 1                       channels of the result
**   kernelSize : ints(2) >= 1                height and width of a filter
**   strides : ints(2) >= 1 = 1               factors of the enlargement
**   padding : Padding = 'valid'              'same' makes size * strides
**   outputPadding : ints(2) >= 0 = null      how much longer, below strides, the result is than
**                                            (size - 1) * strides + kernelSize, less twice half of
**                                            kernelSize where padding is 'same'
**   dataFormat : Channels = 'channelsLast'   where the channels are
**   dilationRate : ints(2) >= 1 = 1          gaps between the filter's places
**   + bias
**   + kernel
**   -> y : [batch, height, width, filters]
** > tf.layers.conv2dTranspose({filters: 1, kernelSize: 2, strides: 2, kernelInitializer: 'ones'})
**     .apply([[[[3]]]])   // [[[[3], [3]], [[3], [3]]]]
** > tf.layers.conv2dTranspose({filters: 1, kernelSize: 1, strides: 2, outputPadding: [0, 1],
**     kernelInitializer: 'ones'}).apply([[[[3]]]])   // [[[[3], [0]]]]
*/
LAYER(conv2dTranspose, Conv2DTranspose, .build = conv2dTranspose_build,
      .shape = conv2dTranspose_shape, .call = conv2dTranspose_call);

/* ---- depthwiseConv2d ---- */

/* True with the channels last in x. */
static bool want_depth(const Layer *l, const Shape *in, Shape *x) {
    const DepthwiseConv2DConfig *k = l->config;
    if (in->rank != 4)
        fail(TN_SHAPE,
             "%.80s: Inputs to DepthwiseConv2D should have rank 4. Received input shape: "
             "%s.",
             l->name, shape_string(in));
    *x = shape_to_end(in, k->dataFormat);
    return !failed() && want_images(l, x, 2, k->padding);
}

static void depthwiseConv2d_build(Layer *l, const Shape *in, int nin) {
    const DepthwiseConv2DConfig *k = l->config;
    Shape x;
    (void)nin;
    if (!want_depth(l, in, &x)) return;
    const Ints *shape =
        INTS(k->kernelSize->v[0], k->kernelSize->v[1], x.size[3], k->depthMultiplier);
    add_weight(l, "depthwise_kernel", shape, k->depthwiseInitializer, k->depthwiseRegularizer,
               k->depthwiseConstraint);
    if (!failed()) add_bias(l, &k->bias, x.size[3] * k->depthMultiplier);
}

static void depthwiseConv2d_shape(const Layer *l, const Shape *in, int nin, Shape *out) {
    const DepthwiseConv2DConfig *k = l->config;
    Shape x, y;
    (void)nin;
    if (!want_depth(l, in, &x)) return;
    window_shape(l, &x, k->kernelSize, k->strides, k->dilationRate, k->padding, &y);
    y.size[3] = times(l, x.size[3], k->depthMultiplier);
    *out = shape_from_end(&y, k->dataFormat);
}

static Tensor *depthwiseConv2d_call(Layer *l, Apply *a) {
    const DepthwiseConv2DConfig *k = l->config;
    Tensor *x = channels_to_end(a->in[0], k->dataFormat);
    Tensor *y = tn_depthwiseConv2d(x, weight(l, 0), k->strides, pad_of(k->padding), FORMAT_NHWC,
                                   k->dilationRate, ROUND_NONE);
    return channels_from_end(finish(l, &k->bias, 1, y), k->dataFormat);
}

/* depthwiseConv2d: Slides filters over each channel of images by itself.
**   kernelSize : ints(2) >= 1                             height and width of a filter
**   strides : ints(2) >= 1 = 1                            steps of the filter
**   padding : Padding = 'valid'                           'same' keeps size / strides
**   dataFormat : Channels = 'channelsLast'                where the channels are
**   dilationRate : ints(2) >= 1 = 1                       gaps between the filter's places
**   depthMultiplier : int >= 1 = 1                        filters for each channel
**   depthwiseInitializer : initializer = 'glorotNormal'   of the kernel
**   depthwiseRegularizer : regularizer = null             penalty on the kernel
**   depthwiseConstraint : constraint = null               of the kernel
**   + bias
**   -> y : [batch, height, width, channels * depthMultiplier]
** > tf.layers.depthwiseConv2d({kernelSize: 1, depthwiseInitializer: 'ones'})
**     .apply([[[[1, 2]]]])   // [[[[1, 2]]]]
*/
LAYER(depthwiseConv2d, DepthwiseConv2D, .build = depthwiseConv2d_build,
      .shape = depthwiseConv2d_shape, .call = depthwiseConv2d_call);

/* ---- separableConv2d ---- */

static void separableConv2d_build(Layer *l, const Shape *in, int nin) {
    const SeparableConv2DConfig *k = l->config;
    Shape x = shape_to_end(in, k->dataFormat);
    (void)nin;
    if (!want_images(l, &x, 2, k->padding)) return;
    const Ints *shape =
        INTS(k->kernelSize->v[0], k->kernelSize->v[1], x.size[3], k->depthMultiplier);
    add_weight(l, "depthwise_kernel", shape, k->depthwiseInitializer, k->depthwiseRegularizer,
               k->depthwiseConstraint);
    if (failed()) return;
    add_weight(l, "pointwise_kernel", INTS(1, 1, x.size[3] * k->depthMultiplier, k->filters),
               k->pointwiseInitializer, k->pointwiseRegularizer, k->pointwiseConstraint);
    add_bias(l, &k->bias, k->filters);
}

static void separableConv2d_shape(const Layer *l, const Shape *in, int nin, Shape *out) {
    const SeparableConv2DConfig *k = l->config;
    Shape x = shape_to_end(in, k->dataFormat), y;
    (void)nin;
    if (!want_images(l, &x, 2, k->padding)) return;
    window_shape(l, &x, k->kernelSize, k->strides, k->dilationRate, k->padding, &y);
    y.size[3] = k->filters;
    *out = shape_from_end(&y, k->dataFormat);
}

static Tensor *separableConv2d_call(Layer *l, Apply *a) {
    const SeparableConv2DConfig *k = l->config;
    Tensor *x = channels_to_end(a->in[0], k->dataFormat);
    Tensor *y = tn_separableConv2d(x, weight(l, 0), weight(l, 1), k->strides, pad_of(k->padding),
                                   k->dilationRate, FORMAT_NHWC);
    return channels_from_end(finish(l, &k->bias, 2, y), k->dataFormat);
}

/* separableConv2d: depthwiseConv2d, then a convolution of 1 x 1.
**   filters : int >= 1                                     channels of the result
**   kernelSize : ints(2) >= 1                              height and width of a filter
**   strides : ints(2) >= 1 = 1                             steps of the filter
**   padding : Padding = 'valid'                            'same' keeps size / strides
**   dataFormat : Channels = 'channelsLast'                 where the channels are
**   dilationRate : ints(2) >= 1 = 1                        gaps between the filter's places
**   depthMultiplier : int >= 1 = 1                         depthwise filters for each channel
**   depthwiseInitializer : initializer = 'glorotUniform'   of the depthwise kernel
**   pointwiseInitializer : initializer = 'glorotUniform'   of the pointwise kernel
**   depthwiseRegularizer : regularizer = null              penalty on the depthwise kernel
**   pointwiseRegularizer : regularizer = null              penalty on the pointwise kernel
**   depthwiseConstraint : constraint = null                of the depthwise kernel
**   pointwiseConstraint : constraint = null                of the pointwise kernel
**   + bias
**   -> y : [batch, height, width, filters]
** > tf.layers.separableConv2d({filters: 1, kernelSize: 1, depthwiseInitializer: 'ones',
**     pointwiseInitializer: 'ones'})
**     .apply([[[[1, 2]]]])   // [[[[3]]]]
*/
LAYER(separableConv2d, SeparableConv2D, .build = separableConv2d_build,
      .shape = separableConv2d_shape, .call = separableConv2d_call);
