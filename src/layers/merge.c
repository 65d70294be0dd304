/* Layers that take several inputs and make one of them. */
#include "layer.h"

/* The broadcast of two shapes of examples, aligned at the end; -1 where it is not known. */
static void merge_shapes(const Layer *l, Shape *y, const Shape *x) {
    Shape a = *y, b = *x;
    int rank = a.rank > b.rank ? a.rank : b.rank;
    y->rank = rank;
    if (y->size[0] < 0) y->size[0] = x->size[0];
    for (int i = 1; i < rank; i++) {
        int da = i < a.rank ? a.size[a.rank - i] : 1, db = i < b.rank ? b.size[b.rank - i] : 1;
        if (da > 1 && db > 1 && da != db) {
            fail(TN_SHAPE, "%.80s: inputs of shapes %s and %s do not fit together", l->name,
                 shape_words(&a), shape_words(&b));
            return;
        }
        y->size[rank - i] = da == 1 ? db : db == 1 || db < 0 ? da : db;
    }
}

static void merge_shape(const Layer *l, const Shape *in, int nin, Shape *out) {
    *out = in[0];
    for (int i = 0; i < nin; i++) {
        if (!want_input(l, in + i, -1)) return;
        if (i) merge_shapes(l, out, in + i);
    }
}

/* x with axes of size 1 behind the batch's, up to a rank. */
static Tensor *raised(Tensor *x, int rank) {
    while (!failed() && x->rank < rank) x = tn_expandDims(x, 1);
    return x;
}

/* A step counts that counts in all inputs, if all have masks. */
static Tensor *common_mask(const Apply *a) {
    Tensor *mask = a->masks ? a->masks[0] : NULL;
    for (int i = 1; i < a->nin && mask; i++)
        mask = a->masks[i] ? tn_logicalAnd(mask, a->masks[i]) : NULL;
    return mask;
}

static Tensor *merge(Apply *a, Tensor *(*two)(Tensor *, Tensor *)) {
    int rank = 0;
    a->mask = common_mask(a);
    for (int i = 0; i < a->nin; i++) rank = a->in[i]->rank > rank ? a->in[i]->rank : rank;
    Tensor *y = raised(a->in[0], rank);
    for (int i = 1; i < a->nin && !failed(); i++) y = two(y, raised(a->in[i], rank));
    return y;
}

static Tensor *add_call(Layer *l, Apply *a) { return (void)l, merge(a, tn_add); }
static Tensor *multiply_call(Layer *l, Apply *a) { return (void)l, merge(a, tn_mul); }
static Tensor *maximum_call(Layer *l, Apply *a) { return (void)l, merge(a, tn_maximum); }
static Tensor *minimum_call(Layer *l, Apply *a) { return (void)l, merge(a, tn_minimum); }
static Tensor *average_call(Layer *l, Apply *a) {
    (void)l;
    return tn_mul(merge(a, tn_add), tn_scalar(1 / (float)a->nin));
}

/* add: The sum of its inputs.
**   -> y   the broadcast shape
** > tf.layers.add().apply([tf.ones([1, 2]), tf.ones([1, 2])])   // [[2, 2]]
*/
LAYER(add, Add, .shape = merge_shape, .call = add_call, .least_inputs = 2);

/* multiply: The product of its inputs.
**   -> y   the broadcast shape
** > tf.layers.multiply().apply([tf.tensor([[2, 3]]), tf.tensor([[4, 5]])])   // [[8, 15]]
*/
LAYER(multiply, Multiply, .shape = merge_shape, .call = multiply_call, .least_inputs = 2);

/* average: The mean of its inputs.
**   -> y   the broadcast shape
** > tf.layers.average().apply([tf.tensor([[2, 3]]), tf.tensor([[4, 5]])])   // [[3, 4]]
*/
LAYER(average, Average, .shape = merge_shape, .call = average_call, .least_inputs = 2);

/* maximum: The largest of its inputs, place by place.
**   -> y   the broadcast shape
** > tf.layers.maximum().apply([tf.tensor([[2, 5]]), tf.tensor([[4, 3]])])   // [[4, 5]]
*/
LAYER(maximum, Maximum, .shape = merge_shape, .call = maximum_call, .least_inputs = 2);

/* minimum: The smallest of its inputs, place by place.
**   -> y   the broadcast shape
** > tf.layers.minimum().apply([tf.tensor([[2, 5]]), tf.tensor([[4, 3]])])   // [[2, 3]]
*/
LAYER(minimum, Minimum, .shape = merge_shape, .call = minimum_call, .least_inputs = 2);

/* ---- concatenate ---- */

static void concatenate_shape(const Layer *l, const Shape *in, int nin, Shape *out) {
    int given = ((const ConcatenateConfig *)l->config)->axis, rank = in->rank;
    int axis = given < 0 ? given + rank : given;
    if (axis < 0 || axis >= rank) {
        fail(TN_VALUE, "%.80s: axis %d is not in %d..%d", l->name, given, -rank, rank - 1);
        return;
    }
    *out = in[0];
    for (int i = 1; i < nin; i++) {
        bool fits = in[i].rank == rank;
        for (int k = 0; fits && k < rank; k++) {
            int had = out->size[k], more = in[i].size[k];
            if (k != axis) fits = had < 0 || more < 0 || had == more;
            else if (had >= 0 && more >= 0) fits = (int64_t)had + more <= INT32_MAX;
            if (k == axis) out->size[k] = had < 0 || more < 0 ? -1 : had + more;
            else if (had < 0) out->size[k] = more;
        }
        if (fits) continue;
        fail(TN_SHAPE, "%.80s: inputs of shapes %s and %s do not fit together along axis %d",
             l->name, shape_words(in), shape_words(in + i), axis);
        return;
    }
}

static Tensor *concatenate_call(Layer *l, Apply *a) {
    const ConcatenateConfig *k = l->config;
    size_t bytes = sizeof(List) + (size_t)a->nin * sizeof(Tensor *);
    List *list = scratch(bytes);
    if (!list) return nothing();
    if (k->axis == -1 || k->axis == 2) a->mask = common_mask(a);
    list->n = a->nin;
    memcpy(list->v, a->in, (size_t)a->nin * sizeof(Tensor *));
    Tensor *y = tn_concat(list, k->axis);
    scratch_free(list, bytes);
    return y;
}

/* concatenate: Its inputs one after the other along an axis.
**   axis = -1   int   along which
**   -> y        [..., sum of sizes, ...]
** > tf.layers.concatenate().apply([tf.tensor([[1]]), tf.tensor([[2, 3]])])   // [[1, 2, 3]]
*/
LAYER(concatenate, Concatenate, .shape = concatenate_shape, .call = concatenate_call,
      .least_inputs = 2);
