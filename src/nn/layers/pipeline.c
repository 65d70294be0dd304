/* pipeline: layers one after the other; reversibleEmbedding: vectors for numbers, and back. */
#include "nn/layers/layer_helpers.h"
#include "ops/binary.gen.h"
#include "ops/einsum.gen.h"
#include "ops/gather.gen.h"
#include "ops/unary.gen.h"

static void pipeline_build(Layer *l, const Shape *in, int nin) {
    Shape s = in[0], y;
    (void)nin;
    for (int i = 0; i < l->ninner && !failed(); i++, s = y) {
        layer_build(l->inner[i], &s, 1);
        layer_shapes(l->inner[i], &s, 1, &y);
    }
}

static void pipeline_shape(const Layer *l, const Shape *in, int nin, Shape *out) {
    Shape s = in[0];
    (void)nin;
    for (int i = 0; i < l->ninner && !failed(); i++, s = *out) {
        if (layer_results(l->inner[i]) != 1)
            fail(TN_VALUE, "%.80s: each layer inside must have one result, but %.80s has %d",
                 l->name, l->inner[i]->name, layer_results(l->inner[i]));
        layer_shapes(l->inner[i], &s, 1, out);
    }
}

static Tensor *pipeline_call(Layer *l, Apply *a) {
    Tensor *x = a->in[0], *y = x;
    for (int i = 0; i < l->ninner && !failed(); i++, x = y)
        layer_run(l->inner[i], &x, 1, &y, 1, a->training);
    return y;
}

/* pipeline: Layers applied one after the other.
**   layers : layers   which
**   -> y : [...]      as of the last
** > tf.layers.pipeline({layers: [tf.layers.rescaling({scale: 2}), tf.layers.reLU()]})
**     .apply([[1, -2]])   // [[2, 0]]
*/
LAYER(pipeline, Pipeline, .build = pipeline_build, .shape = pipeline_shape, .call = pipeline_call,
      .accepts_strings = true);

/* ---- reversibleEmbedding ---- */

static bool reversed(const ReversibleEmbeddingConfig *k, DType dtype) {
    return k->reverse && dtype == TN_FLOAT32;
}

static void reversibleEmbedding_build(Layer *l, const Shape *in, int nin) {
    const ReversibleEmbeddingConfig *k = l->config;
    (void)in, (void)nin;
    add_weight(l, "embeddings", INTS(k->inputDim, k->outputDim), k->embeddingsInitializer,
               k->embeddingsRegularizer, k->embeddingsConstraint);
    if (!k->tieWeights)
        add_weight(l, "reverse_embeddings", INTS(k->outputDim, k->inputDim),
                   k->embeddingsInitializer, NULL, NULL);
}

static void reversibleEmbedding_shape(const Layer *l, const Shape *in, int nin, Shape *out) {
    const ReversibleEmbeddingConfig *k = l->config;
    bool back = reversed(k, in->dtype);
    (void)nin;
    if (back && !want_input(l, in, -2)) return;
    int last = in->rank - 1;
    *out = *in;
    out->dtype = TN_FLOAT32;
    if (back && in->size[last] >= 0 && in->size[last] != k->outputDim)
        fail(TN_SHAPE, "%.80s: x has %d features, the embeddings have %d", l->name, in->size[last],
             k->outputDim);
    else if (!back && in->rank == TN_MAX_RANK)
        fail(TN_SHAPE, "%.80s: x must be of rank below %d", l->name, TN_MAX_RANK);
    else if (back) out->size[last] = k->inputDim;
    else out->size[out->rank++] = k->outputDim;
}

static Tensor *reversibleEmbedding_call(Layer *l, Apply *a) {
    const ReversibleEmbeddingConfig *k = l->config;
    Tensor *x = a->in[0];
    if (!reversed(k, x->dtype)) {
        if (k->maskZero) a->mask = tn_notEqual(x, number(0));
        return tn_gather(weight(l, 0), to_dtype(x, TN_INT32), 0, 0);
    }
    Tensor *y = tn_einsum(k->tieWeights ? "...x,yx->...y" : "...x,xy->...y",
                          LIST(x, weight(l, !k->tieWeights)));
    if (isnan(k->logitSoftCap)) return y;
    return tn_mul(tn_tanh(tn_div(y, number(k->logitSoftCap))), number(k->logitSoftCap));
}

/* reversibleEmbedding: A learned vector for each whole number; and scores of the numbers for
**                      vectors, by the same weights (Press and Wolf, 2016).
**   inputDim : int >= 1                          how many numbers there are
**   outputDim : int >= 1                         length of a vector
**   tieWeights : bool = true                     false: the way back has its own weights
**   embeddingsInitializer : initializer = 'randomUniform'   of the vectors
**   embeddingsRegularizer : regularizer = null   penalty on the vectors
**   embeddingsConstraint : constraint = null     of the vectors
**   maskZero : bool = false                      0 stands for no step: see masking
**   logitSoftCap : float = null                  scores stay between it and its negative
**   reverse : bool = false                       true: float32 inputs are vectors, and go back;
**                                                int32 inputs are numbers
**   -> y : [..., outputDim] | [..., inputDim]    the latter on the way back
** > tf.layers.reversibleEmbedding({inputDim: 3, outputDim: 2, embeddingsInitializer: 'ones'})
**     .apply([[2]])   // [[[1, 1]]]
** > tf.layers.reversibleEmbedding({inputDim: 2, outputDim: 1, embeddingsInitializer: 'ones',
**     reverse: true}).apply([[3]])   // [[3, 3]]
*/
LAYER(reversibleEmbedding, ReversibleEmbedding, .build = reversibleEmbedding_build,
      .shape = reversibleEmbedding_shape, .call = reversibleEmbedding_call);
