/* Attention of one head without projections: attention, additiveAttention. */
#include "nn/layers/attention.h"
#include "ops/binary.gen.h"
#include "ops/matmul.gen.h"
#include "ops/reduce.gen.h"
#include "ops/unary.gen.h"
#include "ops/view.gen.h"

/* looks: What both have in common.
**   dropout : float 0..1 = 0               share of the weights that training drops
**   seed : seed = null                     of what is dropped
**   useCausalMask : bool = false           true: no query sees values after it
**   returnAttentionScores : bool = false   true: the weights are a second result
*/
FIELDS(looks, Looks)

static void looks_shape(const Layer *l, const Shape *in, int nin, Shape *out) {
    if (nin > 3)
        fail(TN_VALUE, "%.80s: takes [query, value] or [query, value, key], but got %d inputs",
             l->name, nin);
    for (int i = 0; i < nin && i < 3; i++)
        if (!want_input(l, in + i, 3)) return;
    if (failed()) return;
    out[0] =
        (Shape){.dtype = TN_FLOAT32, .rank = 3, .size = {in->size[0], in->size[1], in[1].size[2]}};
    if (l->of->results(l) == 2)
        out[1] = (Shape){
            .dtype = TN_FLOAT32, .rank = 3, .size = {in->size[0], in->size[1], in[1].size[1]}};
}

static int looks_results(const Layer *l) {
    return cJSON_IsTrue(json_get(l->json, "returnAttentionScores")) ? 2 : 1;
}

/* Values weighed by scores [batch, queries, values]; nothing where the query's mask is false. */
static Tensor *look(Layer *l, const LooksConfig *k, Apply *a, Tensor *scores) {
    Tensor *mask = a->masks ? a->masks[1] : NULL;
    if (failed()) return nothing();
    if (mask) mask = tn_expandDims(to_dtype(mask, TN_BOOL), 1);
    if (k->useCausalMask) mask = both_masks(mask, causal_mask(scores->shape[1], scores->shape[2]));
    Tensor *weights = masked_softmax(scores, mask);
    if (a->training && k->dropout > 0) weights = drop_share(l, weights, k->dropout, NULL, k->seed);
    if (k->returnAttentionScores) a->out[1] = weights;
    Tensor *y = tn_matMul(weights, to_float(a->in[1]), false, false);
    a->mask = a->masks ? a->masks[0] : NULL;
    return a->mask ? tn_mul(y, to_float(tn_expandDims(a->mask, 2))) : y;
}

/* query + key of all pairs: [batch, queries, keys, channels]. */
static Tensor *pairs(const Apply *a) {
    return tn_add(tn_expandDims(to_float(a->in[0]), 2), tn_expandDims(to_float(key_of(a)), 1));
}

/* ---- attention ---- */

static void attention_build(Layer *l, const Shape *in, int nin) {
    const AttentionConfig *k = l->config;
    (void)in, (void)nin;
    if (k->useScale) add_weight(l, "scale", SCALAR, ONES, NULL, NULL);
    if (k->scoreMode == SCORE_CONCAT)
        add_weight(l, "concat_score_weight", SCALAR, ONES, NULL, NULL);
}

static Tensor *attention_call(Layer *l, Apply *a) {
    const AttentionConfig *k = l->config;
    Tensor *scale = k->useScale ? weight(l, 0) : NULL, *scores;
    if (k->scoreMode == SCORE_DOT) {
        scores = tn_matMul(to_float(a->in[0]), to_float(key_of(a)), false, true);
        if (scale) scores = tn_mul(scores, scale);
        return look(l, &k->looks, a, scores);
    }
    Tensor *both = pairs(a);
    both = tn_tanh(scale ? tn_mul(both, scale) : both);
    scores = tn_mul(tn_sum(both, INTS(3), false), weight(l, k->useScale));
    return look(l, &k->looks, a, scores);
}

/* attention: Queries look up values by the products of queries and keys (Luong et al., 2015).
**            Takes [query, value] or [query, value, key].
**   useScale : bool = false             true: scores have a learned factor
**   scoreMode : ScoreMode = 'dot'       'concat': the tanh of query + key, with a learned factor
**   + looks
**   -> y : [batch, queries, channels]
** > tf.layers.attention().apply([tf.tensor([[[0]]]), tf.tensor([[[1], [3]]])])   // [[[2]]]
*/
LAYER(attention, Attention, .build = attention_build, .shape = looks_shape, .call = attention_call,
      .results = looks_results, .least_inputs = 2, .knows_mask = true);

/* ---- additiveAttention ---- */

static void additiveAttention_build(Layer *l, const Shape *in, int nin) {
    const AdditiveAttentionConfig *k = l->config;
    extern const PartClass varianceScaling_part;
    static const VarianceScalingConfig glorot = {
        .scale = 1, .mode = FAN_AVG, .distribution = DRAW_UNIFORM};
    static const Initializer uniform = {&varianceScaling_part, &glorot};
    (void)nin;
    if (!k->useScale || !want_input(l, in, 3) || !want_known(l, in, 2)) return;
    add_weight(l, "scale", INTS(in->size[2]), &uniform, NULL, NULL);
}

static Tensor *additiveAttention_call(Layer *l, Apply *a) {
    const AdditiveAttentionConfig *k = l->config;
    Tensor *both = tn_tanh(pairs(a));
    if (k->useScale) both = tn_mul(both, weight(l, 0));
    return look(l, &k->looks, a, tn_sum(both, INTS(3), false));
}

/* additiveAttention: Queries look up values by the tanh of query + key (Bahdanau et al., 2014).
**                    Takes [query, value] or [query, value, key].
**   useScale : bool = true              whether each channel of the tanh has a learned factor
**   + looks
**   -> y : [batch, queries, channels]
** > tf.layers.additiveAttention({useScale: false})
**     .apply([tf.tensor([[[0]]]), tf.tensor([[[2], [2]]])])   // [[[2]]]
*/
LAYER(additiveAttention, AdditiveAttention, .build = additiveAttention_build, .shape = looks_shape,
      .call = additiveAttention_call, .results = looks_results, .least_inputs = 2,
      .knows_mask = true);
