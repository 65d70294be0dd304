/* What attention layers share: masks, and scores that weigh values. */
#ifndef TN_ATTENTION_H
#define TN_ATTENTION_H
#include "nn/layers/layer_helpers.h"

/* [1, queries, values]: true where the value comes not after the query. */
Tensor *causal_mask(int queries, int values);
/* Both, if both are there. */
Tensor *both_masks(Tensor *a, Tensor *b);
/* Input i as it is, or the value in place of a key that is not given. */
static inline Tensor *key_of(const Apply *a) { return a->nin > 2 ? a->in[2] : a->in[1]; }
/* The mask [batch, queries, values] (or one that broadcasts to it) of what the inputs' masks, the
** fourth input and causality leave; NULL: all. */
Tensor *attention_mask(const Apply *a, bool causal);
/* Softmax of scores [..., n] where the mask is true. */
Tensor *masked_softmax(Tensor *scores, Tensor *mask);
#endif
