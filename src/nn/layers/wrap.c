/* Layers around layers: timeDistributed, bidirectional. */
#include "nn/layers/layer_helpers.h"
#include "nn/layers/weighted.h"
#include "ops/binary.gen.h"
#include "ops/join.gen.h"
#include "ops/slice.gen.h"
#include "ops/view.gen.h"

/* ---- timeDistributed ---- */

static bool want_steps(const Layer *l, const Shape *in) {
    if (failed() || in->rank >= 3) return !failed();
    fail(TN_SHAPE,
         "%.80s: TimeDistributed layer expects an input shape >= 3D, but received input "
         "shape %s",
         l->name, shape_string(in));
    return false;
}

static void timeDistributed_build(Layer *l, const Shape *in, int nin) {
    (void)nin;
    if (!want_steps(l, in)) return;
    Shape step = without_steps(in);
    layer_build(l->inner[0], &step, 1);
}

static void timeDistributed_shape(const Layer *l, const Shape *in, int nin, Shape *out) {
    Shape y;
    (void)nin;
    if (!want_steps(l, in)) return;
    Shape step = without_steps(in);
    if (layer_results(l->inner[0]) != 1)
        fail(TN_VALUE, "%.80s: the layer inside must have one result", l->name);
    layer_shapes(l->inner[0], &step, 1, &y);
    if (failed()) return;
    if (y.rank < 1 || y.rank == TN_MAX_RANK) {
        fail(TN_SHAPE, "%.80s: the layer inside gives shape %s, which has no place for steps",
             l->name, shape_string(&y));
        return;
    }
    *out = (Shape){.dtype = y.dtype, .rank = y.rank + 1, .size = {in->size[0], in->size[1]}};
    for (int i = 1; i < y.rank; i++) out->size[i + 1] = y.size[i];
}

/* x with its first `folded` axes as one; or y with the first axis as batch and steps. */
static Tensor *with_first(Tensor *x, int skip, int n, const int *first) {
    int shape[TN_MAX_RANK + 1] = {n + x->rank - skip};
    for (int i = 0; i < n; i++) shape[1 + i] = first[i];
    for (int i = skip; i < x->rank; i++) shape[1 + n + i - skip] = x->shape[i];
    return tn_reshape(x, (const Ints *)shape);
}

static Tensor *timeDistributed_call(Layer *l, Apply *a) {
    Tensor *x = a->in[0], *y;
    int all = times(l, x->shape[0], x->shape[1]);
    if (failed()) return nothing();
    x = with_first(x, 2, 1, &all);
    layer_run(l->inner[0], &x, 1, &y, 1, a->training);
    return failed() ? nothing() : with_first(y, 1, 2, a->in[0]->shape);
}

/* timeDistributed: Applies a layer to every step of a sequence by itself.
**   layer : layer                which
**   -> y : [batch, steps, ...]
** > tf.layers.timeDistributed({layer: tf.layers.flatten()}).apply([[[[1, 2]], [[3, 4]]]])
**     // [[[1, 2], [3, 4]]]
*/
LAYER(timeDistributed, TimeDistributed, .build = timeDistributed_build,
      .shape = timeDistributed_shape, .call = timeDistributed_call, .keeps_mask = true);

/* ---- bidirectional ---- */

/* The inner layer again under another name, perhaps backwards. */
static Layer *turned(const Layer *inner, const char *prefix, bool backwards) {
    char name[200];
    cJSON *json = layer_to_json(inner, false);
    cJSON *config = cJSON_GetObjectItemCaseSensitive(json, "config");
    snprintf(name, sizeof name, "%s_%.150s", prefix, inner->name);
    if (cJSON_HasObjectItem(config, "name")) json_replace(config, "name", json_string(name));
    const cJSON *was = json_get(config, "goBackwards");
    if (backwards && !failed() && cJSON_IsBool(was))
        json_replace(config, "goBackwards", json_bool(!cJSON_IsTrue(was)));
    Layer *l = failed() ? NULL : layer_from_json(inner->name, json);
    json_free(json);
    return l;
}

/* The config's layer stays as it is; what runs are two of its kind. */
static void bidirectional_prepare(Layer *l) {
    const BidirectionalConfig *k = l->config;
    if (!json_get(k->layer->json, "goBackwards"))
        fail(TN_VALUE, "%.80s: layer must be recurrent, but is %s", l->name,
             k->layer->of->schema->class_name);
    Layer *forward = failed() ? NULL : turned(k->layer, "forward", false);
    Layer *backward = failed() ? NULL : turned(k->layer, "backward", true);
    l->ninner = 0;
    k->layer->around = NULL;
    k->layer->refs.users--;
    if (forward) layer_contain(l, forward);
    if (backward) layer_contain(l, backward);
}

static bool flag(const Layer *l, const char *name) {
    return cJSON_IsTrue(json_get(l->inner[0]->json, name));
}

static void bidirectional_build(Layer *l, const Shape *in, int nin) {
    (void)nin;
    layer_build(l->inner[0], in, 1);
    layer_build(l->inner[1], in, 1);
}

/* Results of both ways, then the states of each, if they are asked for. */
static int bidirectional_results(const Layer *l) {
    const BidirectionalConfig *k = l->config;
    int states = layer_results(l->inner[0]) - 1;
    return (k->mergeMode == MERGE_NONE ? 2 : 1) + 2 * states;
}

enum { MOST_RESULTS = 1 + MOST_INSIDE };

/* x, or x and the states that both ways begin with, the forward one's first. */
static bool want_halves(const Layer *l, int nin) {
    const Layer *inner = l->inner[0];
    int states = inner->of->states ? inner->of->states(inner, NULL, NULL) : 0;
    if (nin != 1 && nin != 1 + 2 * states)
        fail(TN_VALUE,
             "%.80s: When passing `initialState` to a Bidirectional RNN, the state should "
             "be an Array containing the states of the underlying RNNs, %d, but got %d",
             l->name, 2 * states, nin - 1);
    return !failed();
}

/* What goes one way, into to: x and half of the states; how many. */
static int ways_in(const void *all, size_t each, int nin, int way, void *to) {
    int half = (nin - 1) / 2;
    memcpy(to, all, each);
    if (half)
        memcpy((char *)to + each, (const char *)all + each * (size_t)(1 + way * half),
               each * (size_t)half);
    return 1 + half;
}

static void bidirectional_shape(const Layer *l, const Shape *in, int nin, Shape *out) {
    const BidirectionalConfig *k = l->config;
    Shape y[MOST_RESULTS];
    int n = layer_results(l->inner[0]), at = 1;
    if (!want_halves(l, nin)) return;
    Shape first[1 + MOST_INSIDE];
    int each = ways_in(in, sizeof *in, nin, 0, first);
    layer_shapes(l->inner[0], first, each, y);
    if (failed()) return;
    out[0] = y[0];
    if (k->mergeMode == MERGE_NONE) out[at++] = y[0];
    if (k->mergeMode == MERGE_CONCAT)
        out[0].size[y[0].rank - 1] = times(l, y[0].size[y[0].rank - 1], 2);
    for (int way = 0; way < 2; way++)
        for (int i = 1; i < n; i++) out[at++] = y[i];
}

static Tensor *merged(MergeMode mode, Tensor *a, Tensor *b) {
    switch (mode) {
    case MERGE_CONCAT: return tn_concat(LIST(a, b), -1);
    case MERGE_SUM: return tn_add(a, b);
    case MERGE_MUL: return tn_mul(a, b);
    case MERGE_AVE: return tn_mul(tn_scalar(0.5f), tn_add(a, b));
    case MERGE_NONE: break;
    }
    return a;
}

static Tensor *bidirectional_call(Layer *l, Apply *a) {
    const BidirectionalConfig *k = l->config;
    Tensor *y[2][MOST_RESULTS];
    int n = layer_results(l->inner[0]), at = 1;
    Tensor *in[1 + MOST_INSIDE], *masks[1 + MOST_INSIDE] = {a->masks ? a->masks[0] : NULL};
    for (int way = 0; way < 2; way++) {
        int each = ways_in(a->in, sizeof *in, a->nin, way, in);
        Apply inner = {.in = in,
                       .out = y[way],
                       .nin = each,
                       .nout = n,
                       .training = a->training,
                       .masks = a->masks ? masks : NULL};
        layer_apply(l->inner[way], &inner);
        a->mask = inner.mask;
    }
    if (failed()) return nothing();
    if (flag(l, "returnSequences")) y[1][0] = tn_reverse(y[1][0], INTS(1));
    if (k->mergeMode == MERGE_NONE) a->out[at++] = y[1][0];
    for (int way = 0; way < 2; way++)
        for (int i = 1; i < n; i++) a->out[at++] = y[way][i];
    return merged(k->mergeMode, y[0][0], y[1][0]);
}

/* bidirectional: A recurrent layer, and another of its kind that goes through the steps backwards.
**   layer : layer                             recurrent
**   mergeMode : MergeMode | null = 'concat'   how the results come together; null: both are given
**   -> y : [...]                              as of the layer
** > tf.layers.bidirectional({layer: tf.layers.simpleRNN({units: 1, activation: 'linear',
**     kernelInitializer: 'ones', recurrentInitializer: 'zeros'})})
**     .apply([[[1], [2]]])   // [[2, 1]]
*/
LAYER(bidirectional, Bidirectional, .prepare = bidirectional_prepare, .build = bidirectional_build,
      .shape = bidirectional_shape, .call = bidirectional_call, .results = bidirectional_results,
      .least_inputs = 1, .knows_mask = true);
