/* Attention of many heads: multiHeadAttention, groupQueryAttention (Vaswani et al., 2017). */
#include "nn/layers/attention.h"
#include "ops/binary.gen.h"
#include "ops/einsum.gen.h"
#include "ops/pad.gen.h"
#include "ops/scan.gen.h"
#include "ops/softmax.gen.h"
#include "ops/view.gen.h"
#include "ops/where.gen.h"

/* ---- masks ---- */

Tensor *causal_mask(int queries, int values) {
    Tensor *ones = tn_ones(INTS(1, queries, values), TN_INT32);
    Tensor *row = tn_cumsum(ones, 1, false, false), *column = tn_cumsum(ones, 2, false, false);
    return tn_greaterEqual(row, column);
}

Tensor *both_masks(Tensor *a, Tensor *b) { return !a ? b : !b ? a : tn_logicalAnd(a, b); }

Tensor *attention_mask(const Apply *a, bool causal) {
    Tensor *mask = NULL;
    for (int i = 0; a->masks && i < 3 && i < a->nin; i++)
        if (a->masks[i])
            mask = both_masks(mask, tn_expandDims(to_dtype(a->masks[i], TN_BOOL), i ? 1 : 2));
    if (causal) mask = both_masks(mask, causal_mask(a->in[0]->shape[1], a->in[1]->shape[1]));
    return a->nin > 3 ? both_masks(to_dtype(a->in[3], TN_BOOL), mask) : mask;
}

Tensor *masked_softmax(Tensor *scores, Tensor *mask) {
    if (mask) scores = tn_where(mask, scores, number(-1e9));
    return tn_softmax(scores, -1);
}

/* ---- multiHeadAttention ---- */

/* attends: What attention of many heads has in common.
**   dropout : float 0..1 = 0                            share of the scores that training drops
**   useBias : bool = true                               whether the projections have biases
**   kernelInitializer : initializer = 'glorotUniform'   of the projections' kernels
**   biasInitializer : initializer = 'zeros'             of their biases
**   kernelRegularizer : regularizer = null              penalty on the kernels
**   biasRegularizer : regularizer = null                penalty on the biases
**   activityRegularizer : regularizer = null            penalty on the result
**   kernelConstraint : constraint = null                of the kernels
**   biasConstraint : constraint = null                  of the biases
**   seed : seed = null                                  of what is dropped
**   useCausalMask : bool = false                        true: no query sees values after it
**   returnAttentionScores : bool = false                true: the scores are a second result
*/
FIELDS(attends, Attends)

enum { QUERY, KEY, VALUE, OUTPUT };

/* The kernel of a projection, and its bias of the last sizes. */
static void add_projection(Layer *l, const AttendsConfig *k, int which, const Ints *kernel,
                           int outputs) {
    static const char *const kernels[] = {"query/kernel", "key/kernel", "value/kernel",
                                          "attention_output/kernel"};
    static const char *const biases[] = {"query/bias", "key/bias", "value/bias",
                                         "attention_output/bias"};
    int sizes[TN_MAX_RANK + 1] = {outputs};
    memcpy(sizes + 1, kernel->v + kernel->n - outputs, sizeof(int) * (size_t)outputs);
    add_weight(l, kernels[which], kernel, k->kernelInitializer, k->kernelRegularizer,
               k->kernelConstraint);
    if (k->useBias)
        add_weight(l, biases[which], (const Ints *)sizes, k->biasInitializer, k->biasRegularizer,
                   k->biasConstraint);
}

/* x with its last `bound` axes projected. */
static Tensor *project(const Layer *l, const AttendsConfig *k, int which, Tensor *x, int bound) {
    int at = which * (1 + k->useBias);
    Tensor *kernel = weight(l, at);
    char text[3 * TN_MAX_RANK + 8], *to = text;
    int free = x->rank - bound, rank = x->rank + kernel->rank - bound;
    for (int i = 0; i < x->rank; i++) *to++ = (char)('a' + i);
    *to++ = ',';
    for (int i = free; i < rank; i++) *to++ = (char)('a' + i);
    *to++ = '-';
    *to++ = '>';
    for (int i = 0; i < rank; i++)
        if (i < free || i >= x->rank) *to++ = (char)('a' + i);
    *to = 0;
    Tensor *y = tn_einsum(text, LIST(to_float(x), kernel));
    return k->useBias ? tn_add(y, weight(l, at + 1)) : y;
}

/* Which axes of the inputs attention goes over, and the two products in letters. */
typedef struct Products {
    unsigned axes;
    int n;
    char scores[40], values[40];
} Products;

static unsigned attended_axes(const Layer *l, const Ints *axes_list, int rank) {
    unsigned axes = 0;
    for (int i = 1; !axes_list && i < rank - 1; i++) axes |= 1u << i;
    for (int i = 0; axes_list && i < axes_list->n; i++) {
        int axis = axes_list->v[i] < 0 ? axes_list->v[i] + rank : axes_list->v[i];
        if (axis < 1 || axis > rank - 2)
            fail(TN_VALUE, "%.80s: attentionAxes has %d, which is not in 1..%d", l->name,
                 axes_list->v[i], rank - 2);
        else axes |= 1u << axis;
    }
    return axes;
}

/* Projected inputs have the axes of inputs of this rank, with heads before the channels. Scores
** have those that attention does not go over, heads, those of queries, those of values. */
static Products products_of(unsigned axes, int rank) {
    Products p = {.axes = axes};
    char target[TN_MAX_RANK + 2] = "", source[TN_MAX_RANK + 2] = "", product[2 * TN_MAX_RANK] = "";
    int n = 0, next = rank + 1;
    for (int i = 0; i <= rank; i++) {
        target[i] = source[i] = (char)('a' + i);
        if (axes >> i & 1) source[i] = (char)('a' + next++), p.n++;
        else if (i < rank) product[n++] = target[i];
    }
    for (int i = 0; i < rank; i++)
        if (axes >> i & 1) product[n++] = target[i];
    for (int i = 0; i < rank; i++)
        if (axes >> i & 1) product[n++] = source[i];
    snprintf(p.scores, sizeof p.scores, "%s,%s->%s", source, target, product);
    snprintf(p.values, sizeof p.values, "%s,%s->%s", product, source, target);
    return p;
}

/* Softmax over the last n axes, where the mask, which lacks the heads' axis, is true. */
static Tensor *weigh(Tensor *scores, Tensor *mask, int n) {
    int buffer[TN_MAX_RANK + 1], rank = scores->rank, flat[TN_MAX_RANK + 1] = {rank - n + 1},
                                 all = 1;
    const Ints *shape = sizes_of(scores, buffer);
    while (mask && !failed() && mask->rank < rank) mask = tn_expandDims(mask, -2 * n - 1);
    if (mask) scores = tn_where(mask, scores, number(-1e9));
    for (int i = rank - n; i < rank; i++) all *= scores->shape[i];
    for (int i = 0; i < rank - n; i++) flat[1 + i] = scores->shape[i];
    flat[1 + rank - n] = all;
    if (failed() || n == 1) return tn_softmax(scores, -1);
    return tn_reshape(tn_softmax(tn_reshape(scores, (const Ints *)flat), -1), shape);
}

/* From projected queries, keys and values to the result; the scores are left in a->out[1]. */
static Tensor *attend(Layer *l, const AttendsConfig *k, Apply *a, Products p, int width,
                      Tensor **v) {
    Tensor *query = tn_mul(v[QUERY], number(1 / sqrt(width)));
    Tensor *scores = tn_einsum(p.scores, LIST(v[KEY], query));
    if (failed()) return nothing();
    scores = weigh(scores, attention_mask(a, k->useCausalMask), p.n);
    if (k->returnAttentionScores) a->out[1] = scores;
    if (a->training && k->dropout > 0) scores = drop_share(l, scores, k->dropout, NULL, k->seed);
    Tensor *y = tn_einsum(p.values, LIST(scores, v[VALUE]));
    if (a->masks) a->mask = a->masks[0];
    return failed() ? nothing() : project(l, k, OUTPUT, y, 2);
}

static bool want_attended(const Layer *l, const Shape *in, int nin) {
    if (nin > 4)
        fail(TN_VALUE, "%.80s: takes query, value, key and attentionMask, but got %d inputs",
             l->name, nin);
    for (int i = 0; i < nin && i < 3; i++)
        if (!want_input(l, in + i, i ? in->rank : -3)) return false;
    if (!failed() && in->rank == TN_MAX_RANK)
        fail(TN_SHAPE, "%.80s: x must be of rank below %d", l->name, TN_MAX_RANK);
    const Shape *key = in + (nin > 2 ? 2 : 1);
    for (int i = 1; i < in->rank - 1 && !failed(); i++)
        if (key->size[i] >= 0 && in[1].size[i] >= 0 && key->size[i] != in[1].size[i])
            fail(TN_SHAPE,
                 "%.80s: key and value must have the same steps, but have shapes %s and "
                 "%s",
                 l->name, shape_string(key), shape_string(in + 1));
    for (int i = 0; i < nin && i < 3 && !failed(); i++) {
        static const int from[] = {QUERY, VALUE, KEY};
        int size = in[i].size[in->rank - 1];
        if (!l->built) want_known(l, in + i, in->rank - 1);
        else if (size >= 0 && size != weight(l, from[i] * l->nweights / 4)->shape[0])
            fail(TN_SHAPE, "%.80s: input %d has %d channels, its kernel takes %d", l->name, i, size,
                 weight(l, from[i] * l->nweights / 4)->shape[0]);
    }
    return !failed();
}

static int attention_results(const Layer *l) {
    return cJSON_IsTrue(json_get(l->json, "returnAttentionScores")) ? 2 : 1;
}

/* Shape of the scores. */
static void scores_shape(const Layer *l, const Shape *in, unsigned axes, int heads, Shape *out) {
    *out = (Shape){.dtype = TN_FLOAT32};
    int size[2 * TN_MAX_RANK], n = 0;
    for (int i = 0; i < in->rank - 1; i++)
        if (!(axes >> i & 1)) size[n++] = in->size[i];
    size[n++] = heads;
    for (int way = 0; way < 2; way++)
        for (int i = 0; i < in->rank - 1; i++)
            if (axes >> i & 1) size[n++] = in[way].size[i];
    if (n > TN_MAX_RANK)
        fail(TN_SHAPE, "%.80s: scores of %d axes are above %d", l->name, n, TN_MAX_RANK);
    for (int i = 0; i < n && !failed(); i++) out->size[out->rank++] = size[i];
}

static void multiHeadAttention_build(Layer *l, const Shape *in, int nin) {
    const MultiHeadAttentionConfig *k = l->config;
    const AttendsConfig *shared = &k->attends;
    int last = in->rank - 1, width = k->valueDim == NONE ? k->keyDim : k->valueDim;
    if (!want_attended(l, in, nin)) return;
    const Shape *key = in + (nin > 2 ? 2 : 1);
    add_projection(l, shared, QUERY, INTS(in->size[last], k->numHeads, k->keyDim), 2);
    add_projection(l, shared, KEY, INTS(key->size[last], k->numHeads, k->keyDim), 2);
    add_projection(l, shared, VALUE, INTS(in[1].size[last], k->numHeads, width), 2);
    int kernel[TN_MAX_RANK + 1] = {2, k->numHeads, width};
    const Ints *out = k->outputShape ? k->outputShape : INTS(in->size[last]);
    if (in->rank - 1 + out->n > TN_MAX_RANK || out->n > TN_MAX_RANK - 2) {
        fail(TN_VALUE, "%.80s: outputShape has %d sizes, too many", l->name, out->n);
        return;
    }
    for (int i = 0; i < out->n; i++) kernel[++kernel[0]] = out->v[i];
    add_projection(l, shared, OUTPUT, (const Ints *)kernel, out->n);
}

static void multiHeadAttention_shape(const Layer *l, const Shape *in, int nin, Shape *out) {
    const MultiHeadAttentionConfig *k = l->config;
    if (!want_attended(l, in, nin)) return;
    unsigned axes = attended_axes(l, k->attentionAxes, in->rank);
    if (failed()) return;
    out[0] = in[0];
    out[0].dtype = TN_FLOAT32;
    for (int i = 0; k->outputShape && i < k->outputShape->n && out->rank <= TN_MAX_RANK; i++) {
        if (!i) out->rank--;
        if (out->rank < TN_MAX_RANK) out->size[out->rank++] = k->outputShape->v[i];
    }
    if (k->returnAttentionScores) scores_shape(l, in, axes, k->numHeads, out + 1);
}

static Tensor *multiHeadAttention_call(Layer *l, Apply *a) {
    const MultiHeadAttentionConfig *k = l->config;
    const AttendsConfig *shared = &k->attends;
    int rank = a->in[0]->rank;
    Products p = products_of(attended_axes(l, k->attentionAxes, rank), rank);
    Tensor *v[] = {[QUERY] = project(l, shared, QUERY, a->in[0], 1),
                   [KEY] = project(l, shared, KEY, key_of(a), 1),
                   [VALUE] = project(l, shared, VALUE, a->in[1], 1)};
    return attend(l, shared, a, p, k->keyDim, v);
}

/* multiHeadAttention: Queries look up values by how well keys fit, in several projections at once
**                     (Vaswani et al., 2017). Takes [query, value], [query, value, key] or
**                     [query, value, key, attentionMask], the mask being bool [batch, queries,
**                     values] and true where a query may look.
**   numHeads : int >= 1                 how many projections
**   keyDim : int >= 1                   length of a projected query and key
**   valueDim : int >= 1 = null          of a projected value; null: as of a key
**   outputShape : ints >= 1 = null      of a result; null: as of a query
**   attentionAxes : ints = null         over which to look; null: all between batch and channels
**   + attends
**   -> y : [batch, queries, channels]
** > tf.layers.multiHeadAttention({numHeads: 1, keyDim: 1, kernelInitializer: 'ones'})
**     .apply([tf.tensor([[[0]]]), tf.tensor([[[1], [3]]])])   // [[[2]]]
*/
LAYER(multiHeadAttention, MultiHeadAttention, .build = multiHeadAttention_build,
      .shape = multiHeadAttention_shape, .call = multiHeadAttention_call,
      .results = attention_results, .least_inputs = 2, .knows_mask = true);

/* ---- groupQueryAttention ---- */

static void groupQueryAttention_build(Layer *l, const Shape *in, int nin) {
    const GroupedQueryAttentionConfig *k = l->config;
    const AttendsConfig *shared = &k->attends;
    if (!want_input(l, in, 3) || !want_attended(l, in, nin)) return;
    int m = in->size[2], width = k->headDim;
    if (k->numQueryHeads % k->numKeyValueHeads) {
        fail(TN_VALUE, "%.80s: numQueryHeads must be a multiple of numKeyValueHeads, %d, but is %d",
             l->name, k->numKeyValueHeads, k->numQueryHeads);
        return;
    }
    add_projection(l, shared, QUERY, INTS(m, k->numQueryHeads, width), 2);
    const Shape *key = in + (nin > 2 ? 2 : 1);
    add_projection(l, shared, KEY, INTS(key->size[2], k->numKeyValueHeads, width), 2);
    add_projection(l, shared, VALUE, INTS(in[1].size[2], k->numKeyValueHeads, width), 2);
    add_projection(l, shared, OUTPUT, INTS(k->numQueryHeads, width, m), 1);
}

static void groupQueryAttention_shape(const Layer *l, const Shape *in, int nin, Shape *out) {
    const GroupedQueryAttentionConfig *k = l->config;
    if (!want_input(l, in, 3) || !want_attended(l, in, nin)) return;
    out[0] = in[0];
    out[0].dtype = TN_FLOAT32;
    if (k->returnAttentionScores) scores_shape(l, in, 2, k->numQueryHeads, out + 1);
}

/* Each of the heads, axis 2, n times in a row. */
static Tensor *repeated_heads(Tensor *x, int n) {
    if (failed() || n == 1) return x;
    const int *s = x->shape;
    Tensor *y = tn_tile(tn_expandDims(x, 3), INTS(1, 1, 1, n, 1));
    return tn_reshape(y, INTS(s[0], s[1], s[2] * n, s[3]));
}

static Tensor *groupQueryAttention_call(Layer *l, Apply *a) {
    const GroupedQueryAttentionConfig *k = l->config;
    const AttendsConfig *shared = &k->attends;
    int n = k->numQueryHeads / k->numKeyValueHeads;
    Tensor *v[] = {[QUERY] = project(l, shared, QUERY, a->in[0], 1),
                   [KEY] = repeated_heads(project(l, shared, KEY, key_of(a), 1), n),
                   [VALUE] = repeated_heads(project(l, shared, VALUE, a->in[1], 1), n)};
    return attend(l, shared, a, products_of(2, 3), k->headDim, v);
}

/* groupQueryAttention: multiHeadAttention in which several heads of queries share a head of keys
**                      and values (Ainslie et al., 2023). Takes the same inputs, of rank 3.
**   headDim : int >= 1                  length of a projected query, key and value
**   numQueryHeads : int >= 1            how many projections of queries
**   numKeyValueHeads : int >= 1         of keys and values; divides numQueryHeads
**   + attends
**   -> y : [batch, queries, channels]
** > tf.layers.groupQueryAttention({headDim: 1, numQueryHeads: 2, numKeyValueHeads: 1,
**     kernelInitializer: 'ones'}).apply([tf.tensor([[[0]]]), tf.tensor([[[1], [3]]])])   // [[[4]]]
*/
LAYER(groupQueryAttention, GroupedQueryAttention, .build = groupQueryAttention_build,
      .shape = groupQueryAttention_shape, .call = groupQueryAttention_call,
      .results = attention_results, .least_inputs = 2, .knows_mask = true);
