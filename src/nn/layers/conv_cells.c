/* Convolutions as cells: one step of convLstm1d, convLstm2d, convLstm3d. */
#include "nn/layers/recurrent.h"
#include "nn/layers/weighted.h"
#include "ops/binary.gen.h"
#include "ops/conv.gen.h"
#include "ops/conv3d.gen.h"
#include "ops/slice.gen.h"

/* convGates: What convLstm2d and its cell have in common.
**   filters : int >= 1                                  channels of the state
**   kernelSize : ints(2) >= 1                           height and width of a filter
**   strides : ints(2) >= 1 = 1                          steps of the inputs' filter
**   padding : Padding = 'valid'                         'same' keeps size / strides
**   dataFormat : Channels = 'channelsLast'              where the channels are
**   dilationRate : ints(2) >= 1 = 1                     gaps between the filter's places
**   activation : activation = 'tanh'                    of the state
**   recurrentActivation : activation = 'hardSigmoid'    of the gates
**   useBias : bool = true                               whether a bias is added
**   kernelInitializer : initializer = 'glorotNormal'    of the inputs' kernel
**   recurrentInitializer : initializer = 'orthogonal'   of the state's kernel
**   biasInitializer : initializer = 'zeros'             of the bias
**   kernelRegularizer : regularizer = null              penalty on the inputs' kernel
**   recurrentRegularizer : regularizer = null           penalty on the state's kernel
**   biasRegularizer : regularizer = null                penalty on the bias
**   activityRegularizer : regularizer = null            penalty on the result
**   kernelConstraint : constraint = null                of the inputs' kernel
**   recurrentConstraint : constraint = null             of the state's kernel
**   biasConstraint : constraint = null                  of the bias
**   unitForgetBias : bool = false                       the forget gate's bias starts with ones
**   dropout : float 0..1 = 0                            share of the inputs that training drops
**   recurrentDropout : float 0..1 = 0                   share of the state that training drops
**   implementation : int = null                         has no effect
**   seed : seed = null                                  of what is dropped
*/
FIELDS(convGates, ConvGates)

/* convGates1: What convLstm1d and its cell have in common.
**   filters : int >= 1                                  channels of the state
**   kernelSize : ints(1) >= 1                           length of a filter
**   strides : ints(1) >= 1 = 1                          steps of the inputs' filter
**   padding : Padding = 'valid'                         'same' keeps size / strides
**   dataFormat : Channels = 'channelsLast'              where the channels are
**   dilationRate : ints(1) >= 1 = 1                     gaps between the filter's places
**   activation : activation = 'tanh'                    of the state
**   recurrentActivation : activation = 'sigmoid'        of the gates
**   useBias : bool = true                               whether a bias is added
**   kernelInitializer : initializer = 'glorotUniform'   of the inputs' kernel
**   recurrentInitializer : initializer = 'orthogonal'   of the state's kernel
**   biasInitializer : initializer = 'zeros'             of the bias
**   kernelRegularizer : regularizer = null              penalty on the inputs' kernel
**   recurrentRegularizer : regularizer = null           penalty on the state's kernel
**   biasRegularizer : regularizer = null                penalty on the bias
**   activityRegularizer : regularizer = null            penalty on the result
**   kernelConstraint : constraint = null                of the inputs' kernel
**   recurrentConstraint : constraint = null             of the state's kernel
**   biasConstraint : constraint = null                  of the bias
**   unitForgetBias : bool = true                        the forget gate's bias starts with ones
**   dropout : float 0..1 = 0                            share of the inputs that training drops
**   recurrentDropout : float 0..1 = 0                   share of the state that training drops
**   implementation : int = null                         has no effect
**   seed : seed = null                                  of what is dropped
*/
FIELDS(convGates1, ConvGates1)

/* convGates3: What convLstm3d and its cell have in common.
**   filters : int >= 1                                  channels of the state
**   kernelSize : ints(3) >= 1                           depth, height and width of a filter
**   strides : ints(3) >= 1 = 1                          steps of the inputs' filter
**   padding : Padding = 'valid'                         'same' keeps size / strides
**   dataFormat : Channels = 'channelsLast'              where the channels are
**   dilationRate : ints(3) >= 1 = 1                     gaps between the filter's places
**   activation : activation = 'tanh'                    of the state
**   recurrentActivation : activation = 'sigmoid'        of the gates
**   useBias : bool = true                               whether a bias is added
**   kernelInitializer : initializer = 'glorotUniform'   of the inputs' kernel
**   recurrentInitializer : initializer = 'orthogonal'   of the state's kernel
**   biasInitializer : initializer = 'zeros'             of the bias
**   kernelRegularizer : regularizer = null              penalty on the inputs' kernel
**   recurrentRegularizer : regularizer = null           penalty on the state's kernel
**   biasRegularizer : regularizer = null                penalty on the bias
**   activityRegularizer : regularizer = null            penalty on the result
**   kernelConstraint : constraint = null                of the inputs' kernel
**   recurrentConstraint : constraint = null             of the state's kernel
**   biasConstraint : constraint = null                  of the bias
**   unitForgetBias : bool = true                        the forget gate's bias starts with ones
**   dropout : float 0..1 = 0                            share of the inputs that training drops
**   recurrentDropout : float 0..1 = 0                   share of the state that training drops
**   implementation : int = null                         has no effect
**   seed : seed = null                                  of what is dropped
*/
FIELDS(convGates3, ConvGates3)

_Static_assert(sizeof(ConvGates1Config) == sizeof(ConvGatesConfig) &&
                   sizeof(ConvGates3Config) == sizeof(ConvGatesConfig),
               "the groups are read as one");

static int conv_states(const Layer *l, const Shape *in, Shape *out) {
    const ConvGatesConfig *k = conv_gates_of(l);
    int axes = k->kernelSize->n;
    if (!in || !want_input(l, in, axes + 2)) return 2;
    Shape x = shape_to_end(in, k->dataFormat), y;
    window_shape(l, &x, k->kernelSize, k->strides, k->dilationRate, k->padding, &y);
    y.size[axes + 1] = k->filters;
    out[0] = out[1] = shape_from_end(&y, k->dataFormat);
    return 2;
}

static void conv_build(Layer *l, const Shape *in, int nin) {
    const ConvGatesConfig *k = conv_gates_of(l);
    int axes = k->kernelSize->n, width = times(l, k->filters, 4);
    int shape[TN_MAX_RANK + 1] = {axes + 2};
    Shape x = shape_to_end(in, k->dataFormat);
    (void)nin;
    if (!want_no_causal(l, k->padding) || !want_channels(l, &x, axes + 2, axes)) return;
    memcpy(shape + 1, k->kernelSize->v, sizeof(int) * (size_t)axes);
    shape[axes + 1] = x.size[axes + 1];
    shape[axes + 2] = width;
    add_weight(l, "kernel", (const Ints *)shape, k->kernelInitializer, k->kernelRegularizer,
               k->kernelConstraint);
    shape[axes + 1] = k->filters;
    add_weight(l, "recurrent_kernel", (const Ints *)shape, k->recurrentInitializer,
               k->recurrentRegularizer, k->recurrentConstraint);
    if (!k->useBias) return;
    add_weight(l, "bias", INTS(width), k->biasInitializer, k->biasRegularizer, k->biasConstraint);
    if (k->unitForgetBias) start_with_ones(l, k->filters);
}

static void conv_shape(const Layer *l, const Shape *in, int nin, Shape *out) {
    Shape x = shape_to_end(in, conv_gates_of(l)->dataFormat);
    int axes = conv_gates_of(l)->kernelSize->n;
    if (nin != 3) {
        fail(TN_VALUE, "%.80s: expects 3 input Tensors (inputs, h, c), got %d", l->name, nin);
        return;
    }
    if (!want_channels(l, &x, axes + 2, axes)) return;
    conv_states(l, in, out + 1);
    if (!failed()) out[0] = out[1];
}

static Tensor *conv_gate(Tensor *z, int i, int n) {
    int begin[TN_MAX_RANK + 1] = {z->rank}, size[TN_MAX_RANK + 1] = {z->rank};
    for (int a = 1; a < z->rank; a++) size[a] = -1;
    begin[z->rank] = i * n;
    size[z->rank] = n;
    return tn_slice(z, (const Ints *)begin, (const Ints *)size);
}

/* Over sequences, images or volumes, channels last. */
static Tensor *convolved(Tensor *x, Tensor *kernel, const Ints *strides, Padding padding,
                         const Ints *dilation) {
    const Pad *pad = pad_of(padding);
    if (strides->n == 1)
        return tn_conv1d(x, kernel, strides->v[0], pad, FORMAT_NWC, dilation->v[0], ROUND_NONE);
    if (strides->n == 3) return tn_conv3d(x, kernel, strides, pad, FORMAT_NDHWC, dilation);
    return tn_conv2d(x, kernel, strides, pad, FORMAT_NHWC, dilation, ROUND_NONE);
}

static const Ints *units(int axes) {
    static const int one[] = {1, 1}, two[] = {2, 1, 1}, three[] = {3, 1, 1, 1};
    return (const Ints *)(axes == 1 ? one : axes == 2 ? two : three);
}

static Tensor *conv_call(Layer *l, Apply *a) {
    const ConvGatesConfig *k = conv_gates_of(l);
    Tensor *v[3];
    int n = k->filters;
    for (int i = 0; i < 3; i++) v[i] = channels_to_end(a->in[i], k->dataFormat);
    if (failed()) return nothing();
    Tensor *x = drop_in_cell(l, 0, a->training, k->dropout, k->seed, v[0]);
    Tensor *h = drop_in_cell(l, 1, a->training, k->recurrentDropout, k->seed, v[1]);
    Tensor *z = convolved(x, weight(l, 0), k->strides, k->padding, k->dilationRate);
    if (k->useBias) z = tn_add(z, weight(l, 2));
    const Ints *one = units(k->kernelSize->n);
    z = tn_add(z, convolved(h, weight(l, 1), one, PADDING_SAME, one));
    if (failed()) return nothing();
    Tensor *in = activate(k->recurrentActivation, conv_gate(z, 0, n));
    Tensor *stay = activate(k->recurrentActivation, conv_gate(z, 1, n));
    Tensor *more = activate(k->activation, conv_gate(z, 2, n));
    Tensor *out = activate(k->recurrentActivation, conv_gate(z, 3, n));
    Tensor *c = tn_add(tn_mul(stay, v[2]), tn_mul(in, more));
    a->out[1] = channels_from_end(tn_mul(out, activate(k->activation, c)), k->dataFormat);
    a->out[2] = channels_from_end(c, k->dataFormat);
    return a->out[1];
}

static int conv_results(const Layer *l) {
    (void)l;
    return 3;
}

/* convLstm2dCell: One step of convLstm2d: takes images and two states, gives the result and two new
** states.
**   + convGates
**   -> y : [batch, height, width, filters]
** > tf.layers.rnn({cell: tf.layers.convLstm2dCell({filters: 1, kernelSize: 1,
**     kernelInitializer: 'ones', recurrentInitializer: 'ones'})})
**     .apply([[[[[1]]], [[[2]]]]])   // [[[[0.8704448]]]]
*/
LAYER(convLstm2dCell, ConvLSTM2DCell, .build = conv_build, .shape = conv_shape, .call = conv_call,
      .results = conv_results, .least_inputs = 1, .states = conv_states, .is_cell = true);

/* convLstm1dCell: One step of convLstm1d: takes inputs and two states, gives the result and two
** new states.
**   + convGates1
**   -> y : [...]   as a step of the input, with filters channels
** > tf.layers.convLstm1dCell({filters: 1, kernelSize: 1, recurrentActivation: 'hardSigmoid',
**     kernelInitializer: 'ones', unitForgetBias: false})
**     .apply([tf.tensor([[[1]]]), tf.tensor([[[0]]]), tf.tensor([[[0]]])])[0]   // [[[0.3414315]]]
*/
LAYER(convLstm1dCell, ConvLSTM1DCell, .build = conv_build, .shape = conv_shape, .call = conv_call,
      .results = conv_results, .least_inputs = 1, .states = conv_states, .is_cell = true);

/* convLstm3dCell: One step of convLstm3d: takes inputs and two states, gives the result and two
** new states.
**   + convGates3
**   -> y : [...]   as a step of the input, with filters channels
** > tf.layers.convLstm3dCell({filters: 1, kernelSize: 1, recurrentActivation: 'hardSigmoid',
**     kernelInitializer: 'ones', unitForgetBias: false})
**     .apply([tf.tensor([[[[[1]]]]]), tf.tensor([[[[[0]]]]]), tf.tensor([[[[[0]]]]])])[0]
**     // [[[[[0.3414315]]]]]
*/
LAYER(convLstm3dCell, ConvLSTM3DCell, .build = conv_build, .shape = conv_shape, .call = conv_call,
      .results = conv_results, .least_inputs = 1, .states = conv_states, .is_cell = true);
