/* What recurrent layers share with the cells that make one step of them. */
#ifndef TN_RECURRENT_H
#define TN_RECURRENT_H
#include "nn/core/layer.h"

enum { MAX_STATES = 2 };

/* What differs from kind to kind: one step, from the inputs' part z [batch, gates * units]. The new
** states replace the old; the first is the result. */
typedef struct Cell {
    int gates, states;
    void (*step)(const Layer *l, Tensor *z, Tensor **state, Tensor *drop);
} Cell;

/* Of lstm, lstmCell, gru, gruCell, simpleRNN, simpleRNNCell. */
const Cell *cell_of(const Layer *l);
static inline const GatesConfig *gates_of(const Layer *l) {
    return l->config; /* the group stands first in each config */
}
static inline const ConvGatesConfig *conv_gates_of(const Layer *l) {
    return l->config; /* groups of other ranks are alike (conv_cells.c) */
}
/* Makes kernel, recurrent_kernel and bias for inputs of so many features. */
void add_gates(Layer *l, int features);
/* x . kernel and what of the bias belongs to it; x of rank 2. */
Tensor *input_gates(const Layer *l, Tensor *x);
/* Puts ones into the second of four parts of the bias, weight 2. */
void start_with_ones(Layer *l, int units);
/* A mask of 0 and 1 / (1 - rate), NULL where nothing is dropped. */
Tensor *drop_mask(Layer *l, bool training, double rate, const char *seed, const Ints *shape);

/* A cell goes through a sequence between the two: what it drops is the same in all steps. */
void sequence_begin(Layer *cell);
void sequence_end(Layer *cell);
/* x times mask i (0: of the inputs, 1: of the state) of the cell's sequence. */
Tensor *drop_in_cell(Layer *cell, int i, bool training, double rate, const char *seed, Tensor *x);

/* The mask's column t, of rank `rank`, true where the step counts. */
Tensor *counting_at(Tensor *counts, int t, int rank);
/* n tensors stacked along axis 1. */
Tensor *stacked(Tensor **v, int n);
/* A stateful layer's states are zeros when it is built; fails unless the batch's size is known. */
void begin_states(Layer *l, const Shape *in);
/* Keeps the states for the next batch. */
void keep_states(Layer *l, Tensor **state, int n);
/* Which steps count, in the order in which they are gone through; NULL: all. */
Tensor *counting(const Layer *l, const Apply *a, bool backwards);
/* Fails: so many states are given, not `states`. */
void want_states(const Layer *l, int states, int got);
/* False if a batch of this size begins with zeros; fails if it may not. */
bool fits_batch(const Layer *l, const Tensor *kept, int batch);
#endif
