/* embedding: vectors for numbers. */
#include "nn/core/layer.h"
#include "ops/binary.gen.h"
#include "ops/gather.gen.h"
#include "ops/reduce.gen.h"
#include "ops/view.gen.h"

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
    const EmbeddingConfig *k = l->config;
    if (k->maskZero) a->mask = tn_notEqual(a->in[0], tn_scalar(0));
    return tn_gather(weight(l, 0), to_dtype(a->in[0], TN_INT32), 0, 0);
}

/* embedding: A learned vector for each whole number below inputDim.
**   inputDim : int >= 1                          how many numbers there are
**   outputDim : int >= 1                         length of a vector
**   embeddingsInitializer : initializer = 'randomUniform'   of the vectors
**   embeddingsRegularizer : regularizer = null   penalty on the vectors
**   activityRegularizer : regularizer = null     penalty on the result
**   embeddingsConstraint : constraint = null     of the vectors
**   maskZero : bool = false                      0 stands for no step: see masking
**   inputLength : ints = null                    length of the input sequences
**   -> y : [..., outputDim]                      the axes of x come first
** > tf.layers.embedding({inputDim: 3, outputDim: 2, embeddingsInitializer: 'ones'})
**     .apply([[2]])   // [[[1, 1]]]
*/
LAYER(embedding, Embedding, .build = embedding_build, .shape = embedding_shape,
      .call = embedding_call, .input = embedding_input);

/* ---- masking ---- */

static void masking_shape(const Layer *l, const Shape *in, int nin, Shape *out) {
    (void)nin;
    if (want_input(l, in, -2)) *out = *in;
}

static Tensor *masking_call(Layer *l, Apply *a) {
    const MaskingConfig *k = l->config;
    Tensor *differs = tn_notEqual(a->in[0], tn_scalar((float)k->maskValue));
    a->mask = tn_any(differs, INTS(-1), false);
    return tn_mul(a->in[0], tn_cast(tn_expandDims(a->mask, -1), TN_FLOAT32));
}

/* masking: Tells recurrent layers which steps do not count: where all features have one value.
**   maskValue : float = 0   the value
**   -> y : like x           with 0 in those steps
** > tf.layers.masking({maskValue: 9}).apply([[[9, 9], [9, 1]]])   // [[[0, 0], [9, 1]]]
*/
LAYER(masking, Masking, .shape = masking_shape, .call = masking_call, .knows_mask = true);
