/* Cells: what recurrent layers do in one step, as layers of their own; and a stack of them. */
#include "nn/layers/recurrent.h"
#include "ops/binary.gen.h"

/* ---- what is dropped in a sequence ---- */

static void forget_drops(Layer *cell) {
    Tensor **drops = cell->recurrence->drops;
    for (int i = 0; i < 2; i++) {
        tn_dispose(drops[i]);
        drops[i] = NULL;
    }
}

void sequence_begin(Layer *cell) {
    forget_drops(cell);
    cell->recurrence->in_sequence = true;
    for (int i = 0; i < cell->ninner; i++) sequence_begin(cell->inner[i]);
}

void sequence_end(Layer *cell) {
    forget_drops(cell);
    cell->recurrence->in_sequence = false;
    for (int i = 0; i < cell->ninner; i++) sequence_end(cell->inner[i]);
}

Tensor *drop_in_cell(Layer *cell, int i, bool training, double rate, const char *seed, Tensor *x) {
    int shape[TN_MAX_RANK + 1] = {x->rank};
    memcpy(shape + 1, x->shape, sizeof(int) * (size_t)x->rank);
    Recurrence *r = cell->recurrence;
    Tensor *mask = r->drops[i];
    if (!mask) mask = drop_mask(cell, training, rate, seed, (const Ints *)shape);
    if (!mask || failed()) return x;
    if (r->in_sequence) r->drops[i] = tn_keep(mask);
    return tn_mul(x, mask);
}

/* ---- lstmCell, gruCell, simpleRNNCell ---- */

static void cell_build(Layer *l, const Shape *in, int nin) {
    (void)nin;
    if (want_input(l, in, 2) && want_known(l, in, 1)) add_gates(l, in->size[1]);
}

static int cell_states(const Layer *l, const Shape *in, Shape *out) {
    int n = cell_of(l)->states;
    for (int i = 0; in && i < n; i++)
        out[i] = (Shape){.dtype = TN_FLOAT32, .rank = 2, .size = {in->size[0], gates_of(l)->units}};
    return n;
}

static int cell_results(const Layer *l) { return 1 + l->of->states(l, NULL, NULL); }

/* x and the states: what comes out is the first state, and the states. */
static void cell_shape(const Layer *l, const Shape *in, int nin, Shape *out) {
    int n = l->of->states(l, NULL, NULL);
    if (nin != 1 + n) {
        fail(TN_VALUE, "%.80s: expects %d input Tensors (inputs, states), got %d", l->name, 1 + n,
             nin);
        return;
    }
    l->of->states(l, in, out + 1);
    if (failed()) return;
    out[0] = out[1];
    for (int i = 1; i <= n; i++) {
        bool same = in[i].rank == out[i].rank;
        for (int k = 1; same && k < in[i].rank; k++)
            same = in[i].size[k] < 0 || out[i].size[k] < 0 || in[i].size[k] == out[i].size[k];
        if (!same)
            fail(TN_SHAPE, "%.80s: state %d must have shape %s, but has %s", l->name, i - 1,
                 shape_string(out + i), shape_string(in + i));
    }
}

static void gated_shape(const Layer *l, const Shape *in, int nin, Shape *out) {
    if (!want_input(l, in, 2)) return;
    if (l->built && in->size[1] >= 0 && in->size[1] != weight(l, 0)->shape[0])
        fail(TN_SHAPE, "%.80s: x has %d features, the kernel takes %d", l->name, in->size[1],
             weight(l, 0)->shape[0]);
    else cell_shape(l, in, nin, out);
}

static Tensor *cell_call(Layer *l, Apply *a) {
    const GatesConfig *k = gates_of(l);
    int n = cell_of(l)->states;
    Tensor *state[MAX_STATES];
    for (int i = 0; i < n; i++) state[i] = a->in[1 + i];
    Tensor *x = drop_in_cell(l, 0, a->training, k->dropout, k->seed, a->in[0]);
    Tensor *z = input_gates(l, x);
    Tensor *drop = l->recurrence->drops[1];
    if (!drop) {
        drop = drop_mask(l, a->training, k->recurrentDropout, k->seed,
                         INTS(a->in[1]->shape[0], k->units));
        if (drop && l->recurrence->in_sequence && !failed())
            l->recurrence->drops[1] = tn_keep(drop);
    }
    cell_of(l)->step(l, z, state, drop);
    for (int i = 0; i < n; i++) a->out[1 + i] = state[i];
    return state[0];
}

/* simpleRNNCell: One step of simpleRNN: takes x and the state, gives the result and the new state.
**   + gates
**   -> y : [batch, units]
** > tf.layers.rnn({cell: tf.layers.simpleRNNCell({units: 1, activation: 'linear',
**     kernelInitializer: 'ones', recurrentInitializer: 'ones'})})
**     .apply([[[1], [2], [3]]])   // [[6]]
*/
LAYER(simpleRNNCell, SimpleRNNCell, .build = cell_build, .shape = gated_shape, .call = cell_call,
      .results = cell_results, .least_inputs = 1, .states = cell_states, .is_cell = true);

static void lstmCell_build(Layer *l, const Shape *in, int nin) {
    const LSTMCellConfig *k = l->config;
    cell_build(l, in, nin);
    if (k->unitForgetBias && k->useBias) start_with_ones(l, k->units);
}

/* lstmCell: One step of lstm: takes x and two states, gives the result and two new states.
**   + gates
**   recurrentActivation : activation = 'hardSigmoid'   of the gates
**   unitForgetBias : bool = false                      the forget gate's bias starts with ones
**   implementation : int = null                        has no effect
**   -> y : [batch, units]
** > tf.layers.rnn({cell: tf.layers.lstmCell({units: 1, kernelInitializer: 'ones',
**     recurrentInitializer: 'ones'})}).apply([[[1], [2]]])   // [[0.8704448]]
*/
LAYER(lstmCell, LSTMCell, .build = lstmCell_build, .shape = gated_shape, .call = cell_call,
      .results = cell_results, .least_inputs = 1, .states = cell_states, .is_cell = true);

/* gruCell: One step of gru: takes x and the state, gives the result and the new state.
**   + gates
**   recurrentActivation : activation = 'hardSigmoid'   of the gates
**   implementation : int = null                        has no effect
**   resetAfter : bool = false                          as in gru
**   -> y : [batch, units]
** > tf.layers.rnn({cell: tf.layers.gruCell({units: 1, kernelInitializer: 'ones',
**     recurrentInitializer: 'ones'})}).apply([[[1], [2]]])   // [[0.2690992]]
*/
LAYER(gruCell, GRUCell, .build = cell_build, .shape = gated_shape, .call = cell_call,
      .results = cell_results, .least_inputs = 1, .states = cell_states, .is_cell = true);

/* ---- stackedRNNCells ---- */

static void stacked_prepare(Layer *l) {
    int n = 0;
    for (int i = 0; i < l->ninner && !failed(); i++) {
        const Layer *cell = l->inner[i];
        if (!cell->of->is_cell)
            fail(TN_VALUE, "%.80s: cells[%d] must be a cell, but is %s", l->name, i,
                 cell->of->schema->class_name);
        else n += cell->of->states(cell, NULL, NULL);
    }
    if (n > MOST_INSIDE)
        fail(TN_VALUE, "%.80s: its cells have %d states, above %d", l->name, n, MOST_INSIDE);
}

/* Those of the last cell first. */
static int stacked_states(const Layer *l, const Shape *in, Shape *out) {
    Shape own[MOST_INSIDE], x = in ? *in : (Shape){0};
    int total = 0, end;
    for (int i = 0; i < l->ninner; i++) total += l->inner[i]->of->states(l->inner[i], NULL, NULL);
    if (!in || total > MOST_INSIDE) return total;
    end = total;
    for (int i = 0; i < l->ninner && !failed(); i++) {
        int n = l->inner[i]->of->states(l->inner[i], &x, own);
        end -= n;
        memcpy(out + end, own, (size_t)n * sizeof *own);
        x = own[0];
    }
    return total;
}

static void stacked_build(Layer *l, const Shape *in, int nin) {
    Shape x = in[0], states[MOST_INSIDE];
    (void)nin;
    for (int i = 0; i < l->ninner && !failed(); i++) {
        layer_build(l->inner[i], &x, 1);
        if (failed()) return;
        l->inner[i]->of->states(l->inner[i], &x, states);
        x = states[0];
    }
}

static Tensor *stacked_call(Layer *l, Apply *a) {
    Tensor *in[1 + MOST_INSIDE], *out[1 + MOST_INSIDE] = {a->in[0]};
    int end = a->nin;
    for (int i = 0; i < l->ninner && !failed(); i++) {
        int n = l->inner[i]->of->states(l->inner[i], NULL, NULL);
        end -= n;
        in[0] = out[0];
        memcpy(in + 1, a->in + end, (size_t)n * sizeof *in);
        layer_run(l->inner[i], in, 1 + n, out, 1 + n, a->training);
        memcpy(a->out + end, out + 1, (size_t)n * sizeof *out);
    }
    return failed() ? nothing() : out[0];
}

/* stackedRNNCells: Cells one after the other as one cell. Its states are those of the last cell,
** then of the one before...
**   cells : layers   which
**   -> y : [...]     as of the last cell
** > tf.layers.rnn({cell: tf.layers.stackedRNNCells({cells: [1, 2].map((units) =>
**     tf.layers.simpleRNNCell({units, activation: 'linear', kernelInitializer: 'ones',
**     recurrentInitializer: 'zeros'}))})}).apply([[[1], [2]]])   // [[2, 2]]
*/
LAYER(stackedRNNCells, StackedRNNCells, .prepare = stacked_prepare, .build = stacked_build,
      .shape = cell_shape, .call = stacked_call, .results = cell_results, .least_inputs = 1,
      .states = stacked_states, .is_cell = true);
