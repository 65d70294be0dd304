/* embedding: vectors for numbers. */
#include "layer.h"

static bool embedding_input(const Layer *l, Shape *s) {
    const EmbeddingConfig *k = l->config;
    int n = k->inputLength ? k->inputLength->n : 1;
    if (n == TN_MAX_RANK) return false;
    *s = (Shape){.dtype = TN_FLOAT32, .rank = n + 1, .size = {-1, -1}};
    for (int i = 0; k->inputLength && i < n; i++) s->size[1 + i] = k->inputLength->v[i];
    return true;
}

static void embedding_build(Layer *l, const Shape *in, int nin) {
    const EmbeddingConfig *k = l->config;
    (void)in, (void)nin;
    if (k->maskZero)
        fail(TN_VALUE, "%.80s: maskZero needs masks, which layers do not pass on yet", l->name);
    add_weight(l, "embeddings", INTS(k->inputDim, k->outputDim), k->embeddingsInitializer,
               k->embeddingsRegularizer, k->embeddingsConstraint);
}

static void embedding_shape(const Layer *l, const Shape *in, int nin, Shape *out) {
    const EmbeddingConfig *k = l->config;
    (void)nin;
    if (in->rank == TN_MAX_RANK) {
        fail(TN_SHAPE, "%.80s: x has rank %d, and its result one more, above %d", l->name, in->rank,
             TN_MAX_RANK);
        return;
    }
    *out = *in;
    out->dtype = TN_FLOAT32;
    out->size[out->rank++] = k->outputDim;
}

static Tensor *embedding_call(Layer *l, Apply *a) {
    return tn_gather(weight(l, 0), to_dtype(a->in[0], TN_INT32), 0, 0);
}

/* embedding: A learned vector for each whole number below inputDim.
**   inputDim                                  int >= 1      how many numbers there are
**   outputDim                                 int >= 1      length of a vector
**   embeddingsInitializer = 'randomUniform'   initializer   of the vectors
**   embeddingsRegularizer = null              regularizer   penalty on the vectors
**   activityRegularizer = null                regularizer   penalty on the result
**   embeddingsConstraint = null               constraint    of the vectors
**   maskZero = false                          bool          whether 0 stands for nothing
**   inputLength = null                        ints          length of the input sequences
**   -> y                                      [...x, outputDim]
** > tf.layers.embedding({inputDim: 3, outputDim: 2, embeddingsInitializer: 'ones'})
**     .apply([[2]])   // [[[1, 1]]]
*/
LAYER(embedding, Embedding, .build = embedding_build, .shape = embedding_shape,
      .call = embedding_call, .input = embedding_input);
