/* Recurrent layers: lstm, gru, simpleRNN. The product with the inputs is made for all steps at
** once; a step adds that with the state. */
#include "nn/layers/recurrent.h"
#include "ops/binary.gen.h"
#include "ops/join.gen.h"
#include "ops/matmul.gen.h"
#include "ops/dropout.gen.h"
#include "ops/slice.gen.h"
#include "ops/view.gen.h"
#include "ops/where.gen.h"

/* gates: What recurrent layers and their cells have in common.
**   units : int >= 1                                    size of the state
**   activation : activation = 'tanh'                    of the state
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
**   dropout : float 0..1 = 0                            share of the inputs that training drops
**   recurrentDropout : float 0..1 = 0                   share of the state that training drops
**   seed : seed = null                                  of what is dropped
*/
FIELDS(gates, Gates)

/* steps: What layers have that go through the steps of a sequence.
**   returnSequences : bool = false     the state of every step, not of the last
**   returnState : bool = false         further results: the last state
**   goBackwards : bool = false         steps from the last to the first
**   stateful : bool = false            each batch starts where the last ended
**   unroll : bool = false              has no effect
**   zeroOutputForMask : bool = false   steps that do not count give zeros, not the state before
**   inputDim : int = null              features, for the first layer of a model
**   inputLength : int = null           steps, for the first layer of a model
*/
FIELDS(steps, Steps)

extern const LayerClass simpleRNN_layer, lstm_layer, gru_layer, simpleRNNCell_layer, lstmCell_layer,
    gruCell_layer;

static const StepsConfig *steps_of(const Layer *l) {
    const struct {
        GatesConfig gates;
        StepsConfig steps;
    } *k = l->config;
    return &k->steps;
}

/* ---- declaration side: weights, shapes ---- */

static bool recurrent_input(const Layer *l, Shape *s) {
    const StepsConfig *k = steps_of(l);
    if (k->inputDim == NONE) return false;
    int length = k->inputLength == NONE ? -1 : k->inputLength;
    *s = (Shape){.dtype = TN_FLOAT32, .rank = 3, .size = {-1, length, k->inputDim}};
    return true;
}

/* Whether a gru's reset gate acts after the product with the state, which then has a bias too. */
static bool resets_after(const Layer *l) {
    if (l->of == &gru_layer) return ((const GRUConfig *)l->config)->resetAfter;
    return l->of == &gruCell_layer && ((const GRUCellConfig *)l->config)->resetAfter;
}

/* Row 0 of the bias is added to what comes of the inputs, row 1 to what comes of the state. */
static Tensor *bias_row(const Layer *l, int row) {
    Tensor *bias = weight(l, 2);
    if (!resets_after(l)) return bias;
    return tn_squeeze(tn_slice(bias, INTS(row, 0), INTS(1, -1)), INTS(0));
}

Tensor *input_gates(const Layer *l, Tensor *x) {
    Tensor *z = tn_matMul(x, weight(l, 0), false, false);
    return gates_of(l)->useBias ? tn_add(z, bias_row(l, 0)) : z;
}

void add_gates(Layer *l, int features) {
    const GatesConfig *k = gates_of(l);
    int64_t width = (int64_t)k->units * cell_of(l)->gates;
    if (width > INT32_MAX) fail(TN_SHAPE, "%.80s: %d units are too many", l->name, k->units);
    int w = (int)width;
    add_weight(l, "kernel", INTS(features, w), k->kernelInitializer, k->kernelRegularizer,
               k->kernelConstraint);
    add_weight(l, "recurrent_kernel", INTS(k->units, w), k->recurrentInitializer,
               k->recurrentRegularizer, k->recurrentConstraint);
    if (k->useBias)
        add_weight(l, "bias", resets_after(l) ? INTS(2, w) : INTS(w), k->biasInitializer,
                   k->biasRegularizer, k->biasConstraint);
}

static void recurrent_build(Layer *l, const Shape *in, int nin) {
    (void)nin;
    if (!want_input(l, in, 3) || !want_known(l, in, 2)) return;
    add_gates(l, in->size[2]);
    if (steps_of(l)->stateful) begin_states(l, in);
}

static int recurrent_results(const Layer *l) {
    return steps_of(l)->returnState ? 1 + cell_of(l)->states : 1;
}

void want_states(const Layer *l, int states, int got) {
    fail(TN_VALUE,
         "%.80s: An initialState was passed that is not compatible with cell.stateSize: it "
         "must be of %d states, but got %d",
         l->name, states, got);
}

static bool check_states(const Layer *l, const Shape *in, int nin) {
    int states = cell_of(l)->states, units = gates_of(l)->units;
    if (nin != 1 && nin != 1 + states) want_states(l, states, nin - 1);
    for (int i = 1; i < nin && !failed(); i++)
        if (in[i].rank != 2 || (in[i].size[1] >= 0 && in[i].size[1] != units))
            fail(TN_SHAPE, "%.80s: a state must have shape [batch, %d], but has %s", l->name, units,
                 shape_string(in + i));
    return !failed();
}

static void recurrent_shape(const Layer *l, const Shape *in, int nin, Shape *out) {
    int units = gates_of(l)->units;
    if (!want_input(l, in, 3) || !check_states(l, in, nin)) return;
    if (l->built && in->size[2] >= 0 && in->size[2] != weight(l, 0)->shape[0]) {
        fail(TN_SHAPE, "%.80s: x has %d features, the kernel takes %d", l->name, in->size[2],
             weight(l, 0)->shape[0]);
        return;
    }
    if (in->size[1] == 0) fail(TN_SHAPE, "%.80s: x has no steps", l->name);
    Shape state = {.dtype = TN_FLOAT32, .rank = 2, .size = {in->size[0], units}};
    Shape all = {.dtype = TN_FLOAT32, .rank = 3, .size = {in->size[0], in->size[1], units}};
    out[0] = steps_of(l)->returnSequences ? all : state;
    for (int i = 1; i < recurrent_results(l); i++) out[i] = state;
}

static int recurrent_states(const Layer *l, const Shape *in, Shape *out) {
    for (int i = 0; in && i < cell_of(l)->states; i++)
        out[i] = (Shape){.dtype = TN_FLOAT32, .rank = 2, .size = {in->size[0], gates_of(l)->units}};
    return cell_of(l)->states;
}

/* ---- running ---- */

Tensor *drop_mask(Layer *l, bool training, double rate, const char *seed, const Ints *shape) {
    if (!training || rate == 0) return NULL;
    draw_on(l, seed);
    Tensor *mask = tn_dropout(tn_ones(shape, TN_FLOAT32), rate, NULL, seed);
    draw_end();
    return mask;
}

/* What gates open by. */
static const Activation *opening_of(const Layer *l) {
    if (l->of == &lstm_layer) return ((const LSTMConfig *)l->config)->recurrentActivation;
    if (l->of == &gru_layer) return ((const GRUConfig *)l->config)->recurrentActivation;
    if (l->of == &lstmCell_layer) return ((const LSTMCellConfig *)l->config)->recurrentActivation;
    return ((const GRUCellConfig *)l->config)->recurrentActivation;
}

/* Inputs times kernel plus bias, [batch, steps, gates * units]. */
static Tensor *from_inputs(Layer *l, const Apply *a) {
    const GatesConfig *k = gates_of(l);
    Tensor *x = a->in[0];
    int batch = x->shape[0], steps = x->shape[1], features = x->shape[2];
    Tensor *drop = drop_mask(l, a->training, k->dropout, k->seed, INTS(batch, 1, features));
    if (drop) x = tn_mul(x, drop);
    if (steps_of(l)->goBackwards) x = tn_reverse(x, INTS(1));
    Tensor *z = input_gates(l, tn_reshape(x, INTS(batch * steps, features)));
    return tn_reshape(z, INTS(batch, steps, -1));
}

/* States to begin with: given, or kept from the batch before, or zeros. */
static void first_states(const Layer *l, const Apply *a, Tensor **state) {
    const Ints *shape = INTS(a->in[0]->shape[0], gates_of(l)->units);
    for (int i = 0; i < cell_of(l)->states; i++) {
        Tensor *kept = l->recurrence->states[i];
        if (a->nin > 1) state[i] = a->in[1 + i];
        else if (kept && fits_batch(l, kept, shape->v[0])) state[i] = kept;
        else state[i] = tn_zeros(shape, TN_FLOAT32);
    }
}

/* One step in a scope of its own: only the states are left, unchanged in examples for which the
** step does not count. Gives the step's result. */
static Tensor *step(const Layer *l, Tensor *z, Tensor *counts, int t, Tensor **state,
                    Tensor *drop) {
    const Cell *cell = cell_of(l);
    Tensor *old[MAX_STATES] = {state[0], cell->states > 1 ? state[1] : NULL};
    Scope *s = tn_scope_begin();
    Tensor *now = tn_slice(z, INTS(0, t, 0), INTS(-1, 1, -1));
    Tensor *real = counts ? counting_at(counts, t, 2) : NULL;
    cell->step(l, tn_squeeze(now, INTS(1)), state, drop);
    for (int i = 0; i < cell->states; i++) {
        if (real) state[i] = tn_where(real, state[i], old[i]);
        tn_scope_out(s, state[i]);
    }
    Tensor *y = state[0];
    if (real && steps_of(l)->zeroOutputForMask)
        y = tn_scope_out(s, tn_where(real, y, tn_zerosLike(y)));
    tn_scope_end(s);
    return y;
}

static Tensor *recurrent_call(Layer *l, Apply *a) {
    const StepsConfig *k = steps_of(l);
    int steps = a->in[0]->shape[1], units = gates_of(l)->units;
    Tensor *state[MAX_STATES], *z = from_inputs(l, a);
    Tensor *drop = drop_mask(l, a->training, gates_of(l)->recurrentDropout, gates_of(l)->seed,
                             INTS(a->in[0]->shape[0], units));
    Tensor **all = k->returnSequences ? scratch((size_t)steps * sizeof *all) : NULL;
    Tensor *counts = counting(l, a, k->goBackwards);
    first_states(l, a, state);
    Tensor *y = nothing();
    for (int t = 0; t < steps && !failed(); t++) {
        y = step(l, z, counts, t, state, drop);
        if (all) all[t] = y;
    }
    if (k->stateful) keep_states(l, state, cell_of(l)->states);
    if (k->returnSequences && a->masks) a->mask = a->masks[0];
    if (all && !failed()) y = stacked(all, steps);
    if (all) scratch_free(all, (size_t)steps * sizeof *all);
    for (int i = 1; i < a->nout; i++) a->out[i] = failed() ? nothing() : state[i - 1];
    return failed() ? nothing() : y;
}

/* h . columns `first`, ... of the state's kernel. */
static Tensor *from_state(const Layer *l, Tensor *h, int first, int columns) {
    Tensor *kernel = weight(l, 1);
    if (columns != kernel->shape[1]) kernel = tn_slice(kernel, INTS(0, first), INTS(-1, columns));
    return tn_matMul(h, kernel, false, false);
}

static Tensor *gate(Tensor *z, int i, int units) {
    return tn_slice(z, INTS(0, i * units), INTS(-1, units));
}

/* ---- simpleRNN ---- */

static void simpleRNN_step(const Layer *l, Tensor *z, Tensor **state, Tensor *drop) {
    const GatesConfig *k = gates_of(l);
    Tensor *h = drop ? tn_mul(state[0], drop) : state[0];
    state[0] = activate(k->activation, tn_add(z, from_state(l, h, 0, k->units)));
}

/* simpleRNN: Each step's state is activation(x . kernel + state . recurrentKernel + bias).
**   + gates
**   + steps
**   -> y : [batch, units] | [batch, steps, units]   the latter with returnSequences
** > tf.layers.simpleRNN({units: 1, activation: 'linear', kernelInitializer: 'ones',
**     recurrentInitializer: 'ones'})
**     .apply([[[1], [2], [3]]])   // [[6]]
*/
LAYER(simpleRNN, SimpleRNN, .build = recurrent_build, .shape = recurrent_shape,
      .call = recurrent_call, .results = recurrent_results, .least_inputs = 1,
      .input = recurrent_input, .states = recurrent_states, .knows_mask = true);

/* ---- lstm ---- */

static void lstm_step(const Layer *l, Tensor *z, Tensor **state, Tensor *drop) {
    const GatesConfig *k = gates_of(l);
    const Activation *opening = opening_of(l);
    Tensor *h = drop ? tn_mul(state[0], drop) : state[0];
    z = tn_add(z, from_state(l, h, 0, 4 * k->units));
    Tensor *in = activate(opening, gate(z, 0, k->units));
    Tensor *stay = activate(opening, gate(z, 1, k->units));
    Tensor *more = activate(k->activation, gate(z, 2, k->units));
    Tensor *out = activate(opening, gate(z, 3, k->units));
    state[1] = tn_add(tn_mul(stay, state[1]), tn_mul(in, more));
    state[0] = tn_mul(out, activate(k->activation, state[1]));
}

void start_with_ones(Layer *l, int units) {
    if (failed()) return;
    Scope *s = tn_scope_begin();
    Tensor *bias = weight(l, 2), *first = tn_slice(bias, INTS(0), INTS(units));
    Tensor *rest = tn_slice(bias, INTS(2 * units), INTS(2 * units));
    Tensor *whole = tn_concat(LIST(first, tn_ones(INTS(units), TN_FLOAT32), rest), 0);
    set_weight(l, 2, whole);
    tn_scope_end(s);
}

static void lstm_build(Layer *l, const Shape *in, int nin) {
    const LSTMConfig *k = l->config;
    recurrent_build(l, in, nin);
    if (k->unitForgetBias && k->useBias) start_with_ones(l, k->units);
}

/* lstm: Long short-term memory (Hochreiter and Schmidhuber, 1997).
**   + gates
**   + steps
**   recurrentActivation : activation = 'hardSigmoid'   of the gates
**   unitForgetBias : bool = false                      the forget gate's bias starts with ones
**   implementation : int = null                        has no effect
**   -> y : [batch, units] | [batch, steps, units]      the latter with returnSequences
** > tf.layers.lstm({units: 1, kernelInitializer: 'ones', recurrentInitializer: 'ones'})
**     .apply([[[1], [2]]])   // [[0.8704448]]
*/
LAYER(lstm, LSTM, .build = lstm_build, .shape = recurrent_shape, .call = recurrent_call,
      .results = recurrent_results, .least_inputs = 1, .input = recurrent_input,
      .states = recurrent_states, .knows_mask = true);

/* ---- gru ---- */

static void gru_step(const Layer *l, Tensor *z, Tensor **state, Tensor *drop) {
    const GatesConfig *k = gates_of(l);
    const Activation *opening = opening_of(l);
    const bool after = resets_after(l);
    int units = k->units;
    Tensor *h = drop ? tn_mul(state[0], drop) : state[0];
    Tensor *inner = from_state(l, h, 0, (after ? 3 : 2) * units);
    if (after && k->useBias) inner = tn_add(inner, bias_row(l, 1));
    Tensor *stay = tn_add(gate(z, 0, units), gate(inner, 0, units));
    Tensor *reset = tn_add(gate(z, 1, units), gate(inner, 1, units));
    stay = activate(opening, stay);
    reset = activate(opening, reset);
    Tensor *past = after ? tn_mul(reset, gate(inner, 2, units))
                         : from_state(l, tn_mul(reset, h), 2 * units, units);
    Tensor *next = activate(k->activation, tn_add(gate(z, 2, units), past));
    state[0] = tn_add(tn_mul(stay, h), tn_mul(tn_sub(tn_scalar(1), stay), next));
}

/* gru: Gated recurrent unit (Cho et al., 2014).
**   + gates
**   + steps
**   recurrentActivation : activation = 'hardSigmoid'   of the gates
**   implementation : int = null                        has no effect
**   resetAfter : bool = false                          the reset gate acts after the product with
**                                                      the state, as in files of Keras 2 and 3;
**                                                      the bias is then [2, 3 * units]: of the
**                                                      inputs' product and of the state's
**   -> y : [batch, units] | [batch, steps, units]      the latter with returnSequences
** > tf.layers.gru({units: 1, kernelInitializer: 'ones', recurrentInitializer: 'ones'})
**     .apply([[[1], [2]]])   // [[0.2690992]]
** > tf.layers.gru({units: 1, kernelInitializer: 'ones', recurrentInitializer: 'ones',
**     biasInitializer: tf.initializers.constant({value: 0.25}), resetAfter: true})
**     .apply([[[0.5], [1]]])   // [[0.3294099]]
*/
LAYER(gru, GRU, .build = recurrent_build, .shape = recurrent_shape, .call = recurrent_call,
      .results = recurrent_results, .least_inputs = 1, .input = recurrent_input,
      .states = recurrent_states, .knows_mask = true);

/* ---- which is which ---- */

const Cell *cell_of(const Layer *l) {
    static const Cell simple = {1, 1, simpleRNN_step}, lstm = {4, 2, lstm_step},
                      gru = {3, 1, gru_step};
    if (l->of == &lstm_layer || l->of == &lstmCell_layer) return &lstm;
    return l->of == &gru_layer || l->of == &gruCell_layer ? &gru : &simple;
}
