/* rnn: any cell, step by step; convLstm1d, 2d, 3d: with a cell of convolutions. */
#include "nn/layers/layer_helpers.h"
#include "nn/layers/recurrent.h"
#include "nn/layers/weighted.h"
#include "ops/slice.gen.h"
#include "ops/view.gen.h"
#include "ops/where.gen.h"

/* ---- a cell through a sequence ---- */

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
    if (nin != 1 && nin != 1 + n) want_states(l, n, nin - 1);
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
        Tensor *kept = l->recurrence->states[i];
        if (a->nin > 1) state[i] = a->in[1 + i];
        else if (kept && fits_batch(l, kept, shapes[i].size[0])) state[i] = kept;
        else state[i] = shape_zeros(shapes + i);
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
**   cell : layer | layers                           lstmCell, gruCell, simpleRNNCell,
**                                                   stackedRNNCells or a cell of your own; a list
**                                                   of cells is stacked
**   + steps
**   -> y : [batch, units] | [batch, steps, units]   the last state, or all with returnSequences
** > tf.layers.rnn({cell: tf.layers.simpleRNNCell({units: 1, activation: 'linear',
**     kernelInitializer: 'ones', recurrentInitializer: 'ones'}), returnSequences: true})
**     .apply([[[1], [2], [3]]])   // [[[1], [3], [6]]]
*/
LAYER(rnn, RNN, .prepare = rnn_prepare, .build = rnn_build, .shape = rnn_shape, .call = rnn_call,
      .results = rnn_results, .least_inputs = 1, .input = rnn_input, .states = rnn_states,
      .knows_mask = true);

/* ---- convLstm2d ---- */

extern const LayerClass convLstm1dCell_layer, convLstm2dCell_layer, convLstm3dCell_layer;

/* What runs is a cell with the layer's own config. */
static void convLstm_prepare(Layer *l) {
    const int axes = conv_gates_of(l)->kernelSize->n;
    cJSON *config = json_copy(l->json);
    const LayerClass *of = axes == 1   ? &convLstm1dCell_layer
                           : axes == 2 ? &convLstm2dCell_layer
                                       : &convLstm3dCell_layer;
    Layer *cell = failed() ? NULL : layer_make(of, config);
    json_free(config);
    if (cell) layer_contain(l, cell);
}

static void convLstm_shape(const Layer *l, const Shape *in, int nin, Shape *out) {
    if (want_input(l, in, conv_gates_of(l)->kernelSize->n + 3)) rnn_shape(l, in, nin, out);
}

static void convLstm_build(Layer *l, const Shape *in, int nin) {
    if (want_input(l, in, conv_gates_of(l)->kernelSize->n + 3)) rnn_build(l, in, nin);
}

/* convLstm2d: lstm over images, with convolutions in place of products (Shi et al., 2015).
**   + convGates
**   + steps
**   -> y : [batch, height, width, filters] | [batch, steps, height, width, filters]   the latter
**      with returnSequences
** > tf.layers.convLstm2d({filters: 1, kernelSize: 1, kernelInitializer: 'ones',
**     recurrentInitializer: 'ones'}).apply([[[[[1]]], [[[2]]]]])   // [[[[0.8704448]]]]
*/
LAYER(convLstm2d, ConvLSTM2D, .prepare = convLstm_prepare, .build = convLstm_build,
      .shape = convLstm_shape, .call = rnn_call, .results = rnn_results, .least_inputs = 1,
      .states = rnn_states, .knows_mask = true);

/* convLstm1d: lstm over sequences, with convolutions in place of products (Shi et al., 2015).
**   + convGates1
**   + steps
**   -> y : [batch, ..., filters] | [batch, steps, ..., filters]   the latter with returnSequences
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
**   -> y : [batch, ..., filters] | [batch, steps, ..., filters]   the latter with returnSequences
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
