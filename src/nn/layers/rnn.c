/* rnn: any cell, step by step; and convolutions as a cell: convLstm2d, convLstm2dCell. */
#include "nn/layers/recurrent.h"
#include "nn/layers/weighted.h"

/* ---- a cell through a sequence ---- */

static Shape without_steps(const Shape *in) {
    Shape s = *in;
    s.rank--;
    for (int i = 1; i < s.rank; i++) s.size[i] = in->size[i + 1];
    return s;
}

/* The cell is the one layer inside; the steps' fields are found in the class's config. */
static const StepsConfig *steps_in(const Layer *l);
static int count_states(const Layer *cell) { return cell->of->states(cell, NULL, NULL); }

static bool rnn_input(const Layer *l, Shape *s) {
    const StepsConfig *k = steps_in(l);
    if (k->inputDim == NONE) return false;
    int length = k->inputLength == NONE ? -1 : k->inputLength;
    *s = (Shape){.dtype = TN_FLOAT32, .rank = 3, .size = {-1, length, k->inputDim}};
    return true;
}

static int rnn_states(const Layer *l, const Shape *in, Shape *out) {
    const Layer *cell = l->inner[0];
    if (!in) return count_states(cell);
    Shape step = without_steps(in);
    return cell->of->states(cell, &step, out);
}

static void rnn_build(Layer *l, const Shape *in, int nin) {
    (void)nin;
    if (!want_input(l, in, -3)) return;
    Shape step = without_steps(in);
    layer_build(l->inner[0], &step, 1);
    if (steps_in(l)->stateful && !failed()) begin_states(l, in);
}

static int rnn_results(const Layer *l) {
    return steps_in(l)->returnState ? 1 + count_states(l->inner[0]) : 1;
}

static void rnn_shape(const Layer *l, const Shape *in, int nin, Shape *out) {
    Shape states[1 + MOST_INSIDE] = {0};
    int n = count_states(l->inner[0]);
    if (!want_input(l, in, -3)) return;
    if (nin != 1 && nin != 1 + n)
        want_states(l, n, nin - 1);
    if (in->size[1] == 0) fail(TN_SHAPE, "%.80s: x has no steps", l->name);
    rnn_states(l, in, states);
    if (failed()) return;
    out[0] = states[0];
    if (steps_in(l)->returnSequences) {
        out[0].rank++;
        out[0].size[1] = in->size[1];
        for (int i = 1; i < states[0].rank; i++) out[0].size[i + 1] = states[0].size[i];
    }
    for (int i = 1; i < rnn_results(l); i++) out[i] = states[i - 1];
}

/* Given, or kept from the batch before, or zeros. */
static void first_states(const Layer *l, const Apply *a, Tensor **state, int n) {
    Shape in = shape_of(a->in[0]), shapes[MOST_INSIDE];
    rnn_states(l, &in, shapes);
    for (int i = 0; i < n && !failed(); i++) {
        Tensor *kept = l->state[i];
        int shape[TN_MAX_RANK + 1] = {shapes[i].rank};
        memcpy(shape + 1, shapes[i].size, sizeof(int) * (size_t)shapes[i].rank);
        if (a->nin > 1) state[i] = a->in[1 + i];
        else if (kept && fits_batch(l, kept, shape[1])) state[i] = kept;
        else state[i] = tn_zeros((const Ints *)shape, TN_FLOAT32);
    }
}

/* One step in a scope of its own; v[0] becomes the result, the states follow. In examples for which
** the step does not count all stays as it was; but the result is zeros if `zero`. */
static void rnn_step(Layer *cell, Tensor *x, Tensor *counts, int t, Tensor **v, int n,
                     bool training, bool zero) {
    Tensor *in[1 + MOST_INSIDE], *out[1 + MOST_INSIDE];
    int begin[TN_MAX_RANK + 1] = {x->rank, 0, t}, size[TN_MAX_RANK + 1] = {x->rank, -1, 1};
    for (int i = 2; i < x->rank; i++) size[1 + i] = -1;
    Scope *s = tn_scope_begin();
    Tensor *now = tn_slice(x, (const Ints *)begin, (const Ints *)size);
    in[0] = tn_squeeze(now, INTS(1));
    memcpy(in + 1, v + 1, (size_t)n * sizeof *in);
    layer_run(cell, in, 1 + n, out, 1 + n, training);
    for (int i = 0; i <= n && !failed(); i++) {
        Tensor *old = v[i ? i : 1], *y = out[i];
        if (counts && zero && !i) old = tn_zerosLike(y);
        if (counts) y = tn_where(counting_at(counts, t, y->rank), y, old);
        out[i] = tn_scope_out(s, y);
    }
    if (!failed()) memcpy(v, out, (size_t)(1 + n) * sizeof *out);
    tn_scope_end(s);
}

static Tensor *rnn_call(Layer *l, Apply *a) {
    const StepsConfig *k = steps_in(l);
    Layer *cell = l->inner[0];
    Tensor *x = a->in[0], *v[1 + MOST_INSIDE] = {NULL}, *counts = counting(l, a, k->goBackwards);
    int n = count_states(cell), steps = x->shape[1];
    Tensor **all = k->returnSequences ? scratch((size_t)steps * sizeof *all) : NULL;
    if (k->goBackwards) x = tn_reverse(x, INTS(1));
    first_states(l, a, v + 1, n);
    sequence_begin(cell);
    for (int t = 0; t < steps && !failed(); t++) {
        rnn_step(cell, x, counts, t, v, n, a->training, k->zeroOutputForMask);
        if (all) all[t] = v[0];
    }
    sequence_end(cell);
    if (k->stateful) keep_states(l, v + 1, n);
    if (k->returnSequences && a->masks) a->mask = a->masks[0];
    Tensor *y = all && !failed() ? stacked(all, steps) : v[0];
    if (all) scratch_free(all, (size_t)steps * sizeof *all);
    for (int i = 1; i < a->nout; i++) a->out[i] = failed() ? nothing() : v[i];
    return failed() ? nothing() : y;
}

/* ---- rnn ---- */

static void rnn_prepare(Layer *l) {
    const RNNConfig *k = l->config;
    if (!k->cell->of->is_cell)
        fail(TN_VALUE, "%.80s: The RNN cell should have an attribute `stateSize`: %s is no cell",
             l->name, k->cell->of->schema->class_name);
}

/* rnn: A cell applied to the steps of a sequence one after the other.
**   cell   layer   lstmCell, gruCell, simpleRNNCell, stackedRNNCells or a cell of your own; a list
**                  of cells is stacked
**   + steps
**   -> y   the last state [batch, units], or all [batch, steps, units] with returnSequences
** > tf.layers.rnn({cell: tf.layers.simpleRNNCell({units: 1, activation: 'linear',
**     kernelInitializer: 'ones', recurrentInitializer: 'ones'}), returnSequences: true})
**     .apply([[[1], [2], [3]]])   // [[[1], [3], [6]]]
*/
LAYER(rnn, RNN, .prepare = rnn_prepare, .build = rnn_build, .shape = rnn_shape, .call = rnn_call,
      .results = rnn_results, .least_inputs = 1, .input = rnn_input, .states = rnn_states,
      .knows_mask = true);

/* ---- convLstm2dCell ---- */

/* convGates: What convLstm2d and its cell have in common.
**   filters                              int >= 1       channels of the state
**   kernelSize                           ints(2) >= 1   height and width of a filter
**   strides = 1                          ints(2) >= 1   steps of the inputs' filter
**   padding = 'valid'                    Padding        'same' keeps size / strides
**   dataFormat = 'channelsLast'          Channels       where the channels are
**   dilationRate = 1                     ints(2) >= 1   gaps between the filter's places
**   activation = 'tanh'                  activation     of the state
**   recurrentActivation = 'hardSigmoid'  activation     of the gates
**   useBias = true                       bool           whether a bias is added
**   kernelInitializer = 'glorotNormal'   initializer    of the inputs' kernel
**   recurrentInitializer = 'orthogonal'  initializer    of the state's kernel
**   biasInitializer = 'zeros'            initializer    of the bias
**   kernelRegularizer = null             regularizer    penalty on the inputs' kernel
**   recurrentRegularizer = null          regularizer    penalty on the state's kernel
**   biasRegularizer = null               regularizer    penalty on the bias
**   activityRegularizer = null           regularizer    penalty on the result
**   kernelConstraint = null              constraint     of the inputs' kernel
**   recurrentConstraint = null           constraint     of the state's kernel
**   biasConstraint = null                constraint     of the bias
**   unitForgetBias = false               bool           the forget gate's bias starts with ones
**   dropout = 0                          float >= 0     share of the inputs that training drops
**   recurrentDropout = 0                 float >= 0     share of the state that training drops
**   implementation = null                int            has no effect
**   seed = null                          seed           of what is dropped
*/
FIELDS(convGates, ConvGates)

/* convGates1: What convLstm1d and its cell have in common.
**   filters                              int >= 1       channels of the state
**   kernelSize                           ints(1) >= 1   length of a filter
**   strides = 1                          ints(1) >= 1   steps of the inputs' filter
**   padding = 'valid'                    Padding        'same' keeps size / strides
**   dataFormat = 'channelsLast'          Channels       where the channels are
**   dilationRate = 1                     ints(1) >= 1   gaps between the filter's places
**   activation = 'tanh'                  activation     of the state
**   recurrentActivation = 'sigmoid'      activation     of the gates
**   useBias = true                       bool           whether a bias is added
**   kernelInitializer = 'glorotUniform'  initializer    of the inputs' kernel
**   recurrentInitializer = 'orthogonal'  initializer    of the state's kernel
**   biasInitializer = 'zeros'            initializer    of the bias
**   kernelRegularizer = null             regularizer    penalty on the inputs' kernel
**   recurrentRegularizer = null          regularizer    penalty on the state's kernel
**   biasRegularizer = null               regularizer    penalty on the bias
**   activityRegularizer = null           regularizer    penalty on the result
**   kernelConstraint = null              constraint     of the inputs' kernel
**   recurrentConstraint = null           constraint     of the state's kernel
**   biasConstraint = null                constraint     of the bias
**   unitForgetBias = true                bool           the forget gate's bias starts with ones
**   dropout = 0                          float >= 0     share of the inputs that training drops
**   recurrentDropout = 0                 float >= 0     share of the state that training drops
**   implementation = null                int            has no effect
**   seed = null                          seed           of what is dropped
*/
FIELDS(convGates1, ConvGates1)

/* convGates3: What convLstm3d and its cell have in common.
**   filters                              int >= 1       channels of the state
**   kernelSize                           ints(3) >= 1   depth, height and width of a filter
**   strides = 1                          ints(3) >= 1   steps of the inputs' filter
**   padding = 'valid'                    Padding        'same' keeps size / strides
**   dataFormat = 'channelsLast'          Channels       where the channels are
**   dilationRate = 1                     ints(3) >= 1   gaps between the filter's places
**   activation = 'tanh'                  activation     of the state
**   recurrentActivation = 'sigmoid'      activation     of the gates
**   useBias = true                       bool           whether a bias is added
**   kernelInitializer = 'glorotUniform'  initializer    of the inputs' kernel
**   recurrentInitializer = 'orthogonal'  initializer    of the state's kernel
**   biasInitializer = 'zeros'            initializer    of the bias
**   kernelRegularizer = null             regularizer    penalty on the inputs' kernel
**   recurrentRegularizer = null          regularizer    penalty on the state's kernel
**   biasRegularizer = null               regularizer    penalty on the bias
**   activityRegularizer = null           regularizer    penalty on the result
**   kernelConstraint = null              constraint     of the inputs' kernel
**   recurrentConstraint = null           constraint     of the state's kernel
**   biasConstraint = null                constraint     of the bias
**   unitForgetBias = true                bool           the forget gate's bias starts with ones
**   dropout = 0                          float >= 0     share of the inputs that training drops
**   recurrentDropout = 0                 float >= 0     share of the state that training drops
**   implementation = null                int            has no effect
**   seed = null                          seed           of what is dropped
*/
FIELDS(convGates3, ConvGates3)

_Static_assert(sizeof(ConvGates1Config) == sizeof(ConvGatesConfig) &&
                   sizeof(ConvGates3Config) == sizeof(ConvGatesConfig),
               "the groups are read as one");

static const ConvGatesConfig *conv_of(const Layer *l) {
    return l->config; /* the group stands first in each config; the others are alike */
}

static int conv_states(const Layer *l, const Shape *in, Shape *out) {
    const ConvGatesConfig *k = conv_of(l);
    int axes = k->kernelSize->n;
    if (!in || !want_input(l, in, axes + 2)) return 2;
    Shape x = shape_to_end(in, k->dataFormat), y;
    window_shape(l, &x, k->kernelSize, k->strides, k->dilationRate, k->padding, &y);
    y.size[axes + 1] = k->filters;
    out[0] = out[1] = shape_from_end(&y, k->dataFormat);
    return 2;
}

static void conv_build(Layer *l, const Shape *in, int nin) {
    const ConvGatesConfig *k = conv_of(l);
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
    Shape x = shape_to_end(in, conv_of(l)->dataFormat);
    int axes = conv_of(l)->kernelSize->n;
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
    const ConvGatesConfig *k = conv_of(l);
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
**   -> y   [batch, height, width, filters]
** > tf.layers.rnn({cell: tf.layers.convLstm2dCell({filters: 1, kernelSize: 1,
**     kernelInitializer: 'ones', recurrentInitializer: 'ones'})})
**     .apply([[[[[1]]], [[[2]]]]])   // [[[[0.8704448]]]]
*/
LAYER(convLstm2dCell, ConvLSTM2DCell, .build = conv_build, .shape = conv_shape, .call = conv_call,
      .results = conv_results, .least_inputs = 1, .states = conv_states, .is_cell = true);

/* convLstm1dCell: One step of convLstm1d: takes inputs and two states, gives the result and two
** new states.
**   + convGates1
**   -> y   as a step of the input, with filters channels
** > tf.layers.convLstm1dCell({filters: 1, kernelSize: 1, recurrentActivation: 'hardSigmoid',
**     kernelInitializer: 'ones', unitForgetBias: false})
**     .apply([tf.tensor([[[1]]]), tf.tensor([[[0]]]), tf.tensor([[[0]]])])[0]   // [[[0.3414315]]]
*/
LAYER(convLstm1dCell, ConvLSTM1DCell, .build = conv_build, .shape = conv_shape, .call = conv_call,
      .results = conv_results, .least_inputs = 1, .states = conv_states, .is_cell = true);

/* convLstm3dCell: One step of convLstm3d: takes inputs and two states, gives the result and two
** new states.
**   + convGates3
**   -> y   as a step of the input, with filters channels
** > tf.layers.convLstm3dCell({filters: 1, kernelSize: 1, recurrentActivation: 'hardSigmoid',
**     kernelInitializer: 'ones', unitForgetBias: false})
**     .apply([tf.tensor([[[[[1]]]]]), tf.tensor([[[[[0]]]]]), tf.tensor([[[[[0]]]]])])[0]
**     // [[[[[0.3414315]]]]]
*/
LAYER(convLstm3dCell, ConvLSTM3DCell, .build = conv_build, .shape = conv_shape, .call = conv_call,
      .results = conv_results, .least_inputs = 1, .states = conv_states, .is_cell = true);

/* ---- convLstm2d ---- */

/* What runs is a cell with the layer's own config. */
static void convLstm_prepare(Layer *l) {
    const int axes = conv_of(l)->kernelSize->n;
    cJSON *config = json_copy(l->json);
    const LayerClass *of = axes == 1   ? &convLstm1dCell_layer
                           : axes == 2 ? &convLstm2dCell_layer
                                       : &convLstm3dCell_layer;
    Layer *cell = failed() ? NULL : layer_make(of, config);
    json_free(config);
    if (cell) layer_contain(l, cell);
}

static void convLstm_shape(const Layer *l, const Shape *in, int nin, Shape *out) {
    if (want_input(l, in, conv_of(l)->kernelSize->n + 3)) rnn_shape(l, in, nin, out);
}

static void convLstm_build(Layer *l, const Shape *in, int nin) {
    if (want_input(l, in, conv_of(l)->kernelSize->n + 3)) rnn_build(l, in, nin);
}

/* convLstm2d: lstm over images, with convolutions in place of products (Shi et al., 2015).
**   + convGates
**   + steps
**   -> y   [batch, height, width, filters], or [batch, steps, height, width, filters] with
**          returnSequences
** > tf.layers.convLstm2d({filters: 1, kernelSize: 1, kernelInitializer: 'ones',
**     recurrentInitializer: 'ones'}).apply([[[[[1]]], [[[2]]]]])   // [[[[0.8704448]]]]
*/
LAYER(convLstm2d, ConvLSTM2D, .prepare = convLstm_prepare, .build = convLstm_build,
      .shape = convLstm_shape, .call = rnn_call, .results = rnn_results, .least_inputs = 1,
      .states = rnn_states, .knows_mask = true);

/* convLstm1d: lstm over sequences, with convolutions in place of products (Shi et al., 2015).
**   + convGates1
**   + steps
**   -> y   the last state, or all with returnSequences, [batch, steps, ..., filters]
** > tf.layers.convLstm1d({filters: 1, kernelSize: 1, recurrentActivation: 'hardSigmoid',
**     kernelInitializer: 'ones', recurrentInitializer: 'ones', unitForgetBias: false})
**     .apply([[[[1]], [[2]]]])   // [[[0.8704448]]]
*/
LAYER(convLstm1d, ConvLSTM1D, .prepare = convLstm_prepare, .build = convLstm_build,
      .shape = convLstm_shape, .call = rnn_call, .results = rnn_results, .least_inputs = 1,
      .states = rnn_states, .knows_mask = true);

/* convLstm3d: lstm over volumes, with convolutions in place of products (Shi et al., 2015).
**   + convGates3
**   + steps
**   -> y   the last state, or all with returnSequences, [batch, steps, ..., filters]
** > tf.layers.convLstm3d({filters: 1, kernelSize: 1, recurrentActivation: 'hardSigmoid',
**     kernelInitializer: 'ones', recurrentInitializer: 'ones', unitForgetBias: false})
**     .apply([[[[[[1]]]], [[[[2]]]]]])   // [[[[[0.8704448]]]]]
*/
LAYER(convLstm3d, ConvLSTM3D, .prepare = convLstm_prepare, .build = convLstm_build,
      .shape = convLstm_shape, .call = rnn_call, .results = rnn_results, .least_inputs = 1,
      .states = rnn_states, .knows_mask = true);

static const StepsConfig *steps_in(const Layer *l) {
    if (l->of == &convLstm1d_layer) return &((const ConvLSTM1DConfig *)l->config)->steps;
    if (l->of == &convLstm3d_layer) return &((const ConvLSTM3DConfig *)l->config)->steps;
    if (l->of == &convLstm2d_layer) return &((const ConvLSTM2DConfig *)l->config)->steps;
    return &((const RNNConfig *)l->config)->steps;
}
