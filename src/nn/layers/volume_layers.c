/* Layers over volumes, [batch, depth, height, width, channels]: convolutions and pooling. */
#include "nn/layers/weighted.h"
#include "ops/conv3d.gen.h"
#include "ops/pool3d.gen.h"

/* ---- conv3d ---- */

static void conv3d_build(Layer *l, const Shape *in, int nin) {
    const Conv3DConfig *k = l->config;
    const int *size = k->kernelSize->v;
    Shape x = shape_to_end(in, k->dataFormat);
    (void)nin;
    if (!want_groups(l, &x, 5, k->filters, k->groups)) return;
    add_kernel(l, &k->kernel, INTS(size[0], size[1], size[2], x.size[4] / k->groups, k->filters));
    add_bias(l, &k->bias, k->filters);
}

static void conv3d_shape(const Layer *l, const Shape *in, int nin, Shape *out) {
    const Conv3DConfig *k = l->config;
    Shape x = shape_to_end(in, k->dataFormat), y;
    (void)nin;
    if (!want_no_causal(l, k->padding) || !want_groups(l, &x, 5, k->filters, k->groups)) return;
    window_shape(l, &x, k->kernelSize, k->strides, k->dilationRate, k->padding, &y);
    y.size[4] = k->filters;
    *out = shape_from_end(&y, k->dataFormat);
}

static Tensor *convolve3d(const Layer *l, Tensor *x, Tensor *kernel) {
    const Conv3DConfig *k = l->config;
    return tn_conv3d(x, kernel, k->strides, pad_of(k->padding), FORMAT_NDHWC, k->dilationRate);
}

static Tensor *conv3d_call(Layer *l, Apply *a) {
    const Conv3DConfig *k = l->config;
    Tensor *x = channels_to_end(a->in[0], k->dataFormat);
    Tensor *y = in_groups(l, convolve3d, x, k->groups);
    return channels_from_end(finish(l, &k->bias, 1, y), k->dataFormat);
}

/* conv3d: Slides a bank of filters over volumes.
**   filters : int >= 1                              channels of the result
**   kernelSize : ints(3) >= 1                       depth, height and width of a filter
**   strides : ints(3) >= 1 = 1                      steps of the filter
**   padding : Padding = 'valid'                     'same' keeps size / strides
**   dataFormat : Channels = 'channelsLast'          where the channels are
**   dilationRate : ints(3) >= 1 = 1                 gaps between the filter's places
**   groups : int >= 1 = 1                           parts of the channels: a filter sees one of
**                                                   them
**   + bias
**   + kernel
**   -> y : [batch, depth, height, width, filters]
** > tf.layers.conv3d({filters: 1, kernelSize: 2, kernelInitializer: 'ones'})
**     .apply(tf.ones([1, 2, 2, 2, 1]))   // [[[[[8]]]]]
*/
LAYER(conv3d, Conv3D, .build = conv3d_build, .shape = conv3d_shape, .call = conv3d_call);

/* ---- conv3dTranspose ---- */

static void conv3dTranspose_build(Layer *l, const Shape *in, int nin) {
    const Conv3DTransposeConfig *k = l->config;
    const int *size = k->kernelSize->v;
    Shape x = shape_to_end(in, k->dataFormat);
    (void)nin;
    if (!want_channels(l, &x, 5, 4)) return;
    add_kernel(l, &k->kernel, INTS(size[0], size[1], size[2], k->filters, x.size[4]));
    add_bias(l, &k->bias, k->filters);
}

static void conv3dTranspose_shape(const Layer *l, const Shape *in, int nin, Shape *out) {
    const Conv3DTransposeConfig *k = l->config;
    Shape x = shape_to_end(in, k->dataFormat), y;
    (void)nin;
    if (!want_no_causal(l, k->padding) || !want_channels(l, &x, 5, 4)) return;
    transposed_shape(
        l, &x,
        &(Transposed){k->kernelSize, k->strides, k->dilationRate, k->outputPadding, k->padding},
        &y);
    y.size[4] = k->filters;
    *out = shape_from_end(&y, k->dataFormat);
}

static Tensor *conv3dTranspose_call(Layer *l, Apply *a) {
    const Conv3DTransposeConfig *k = l->config;
    Tensor *x = channels_to_end(a->in[0], k->dataFormat);
    if (failed()) return nothing();
    Shape in = shape_of(a->in[0]), y;
    conv3dTranspose_shape(l, &in, 1, &y);
    if (failed()) return nothing();
    y = shape_to_end(&y, k->dataFormat);
    const Ints *size = INTS(y.size[0], y.size[1], y.size[2], y.size[3], y.size[4]);
    Tensor *kernel = dilated(weight(l, 0), k->dilationRate);
    Tensor *spread = tn_conv3dTranspose(x, kernel, size, k->strides, pad_of(k->padding));
    return channels_from_end(finish(l, &k->bias, 1, spread), k->dataFormat);
}

/* conv3dTranspose: The transpose of a convolution: enlarges volumes by the strides.
**   filters : int >= 1                              channels of the result
**   kernelSize : ints(3) >= 1                       depth, height and width of a filter
**   strides : ints(3) >= 1 = 1                      factors of the enlargement
**   padding : Padding = 'valid'                     'same' makes size * strides
**   outputPadding : ints(3) >= 0 = null             as in conv2dTranspose
**   dataFormat : Channels = 'channelsLast'          where the channels are
**   dilationRate : ints(3) >= 1 = 1                 gaps between the filter's places
**   + bias
**   + kernel
**   -> y : [batch, depth, height, width, filters]
** > tf.layers.conv3dTranspose({filters: 1, kernelSize: [1, 1, 2], strides: [1, 1, 2],
**     kernelInitializer: 'ones'}).apply([[[[[3], [4]]]]])   // [[[[[3], [3], [4], [4]]]]]
*/
LAYER(conv3dTranspose, Conv3DTranspose, .build = conv3dTranspose_build,
      .shape = conv3dTranspose_shape, .call = conv3dTranspose_call);

/* ---- pooling ---- */

/* pooling3d: What pooling layers of volumes have in common.
**   poolSize : ints(3) >= 1 = 2              depth, height and width of the window
**   strides : ints(3) >= 1 = poolSize        its steps
**   padding : Padding = 'valid'              'same' keeps size / strides
**   dataFormat : Channels = 'channelsLast'   where the channels are
*/
FIELDS(pooling3d, Pooling3d)

static void pooling3d_shape(const Layer *l, const Shape *in, int nin, Shape *out) {
    const Pooling3dConfig *k = l->config;
    (void)nin;
    if (!want_no_causal(l, k->padding) || !want_input(l, in, 5)) return;
    Shape s = shape_to_end(in, k->dataFormat);
    for (int i = 0; i < 3; i++)
        s.size[1 + i] =
            window_length(l, s.size[1 + i], k->poolSize->v[i], k->strides->v[i], 1, k->padding);
    *out = shape_from_end(&s, k->dataFormat);
}

static Tensor *maxPooling3d_call(Layer *l, Apply *a) {
    const Pooling3dConfig *k = l->config;
    Tensor *x = channels_to_end(a->in[0], k->dataFormat);
    Tensor *y =
        tn_maxPool3d(x, k->poolSize, k->strides, pad_of(k->padding), ROUND_NONE, FORMAT_NDHWC);
    return channels_from_end(y, k->dataFormat);
}

/* maxPooling3d: The largest value in each window of volumes.
**   + pooling3d
**   also maxPool3d
**   -> y : [batch, depth, height, width, channels]
** > tf.layers.maxPooling3d().apply([[[[[1], [2]], [[3], [4]]], [[[5], [6]], [[8], [7]]]]])
**     // [[[[[8]]]]]
*/
LAYER(maxPooling3d, MaxPooling3D, .shape = pooling3d_shape, .call = maxPooling3d_call);

static Tensor *averagePooling3d_call(Layer *l, Apply *a) {
    const Pooling3dConfig *k = l->config;
    Tensor *x = channels_to_end(a->in[0], k->dataFormat);
    Tensor *y =
        tn_avgPool3d(x, k->poolSize, k->strides, pad_of(k->padding), ROUND_NONE, FORMAT_NDHWC);
    return channels_from_end(y, k->dataFormat);
}

/* averagePooling3d: The mean of each window of volumes.
**   + pooling3d
**   also avgPool3d, avgPooling3d
**   -> y : [batch, depth, height, width, channels]
** > tf.layers.averagePooling3d().apply([[[[[1], [2]], [[3], [4]]], [[[5], [6]], [[8], [7]]]]])
**     // [[[[[4.5]]]]]
*/
LAYER(averagePooling3d, AveragePooling3D, .shape = pooling3d_shape, .call = averagePooling3d_call);
