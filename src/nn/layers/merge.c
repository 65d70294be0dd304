/* Layers that take several inputs and make one of them. */
#include "nn/layers/layer_helpers.h"
#include "ops/binary.gen.h"
#include "ops/join.gen.h"
#include "ops/matmul.gen.h"
#include "ops/reduce.gen.h"
#include "ops/transpose.gen.h"
#include "ops/unary.gen.h"
#include "ops/view.gen.h"

/* The broadcast of two shapes of examples, aligned at the end; -1 where it is not known. */
static void merge_shapes(const Layer *l, Shape *y, const Shape *x) {
    Shape a = *y, b = *x;
    int rank = a.rank > b.rank ? a.rank : b.rank;
    y->rank = rank;
    if (y->size[0] < 0) y->size[0] = x->size[0];
    if (x->size[0] >= 0 && y->size[0] != x->size[0] && a.rank > 1 && b.rank > 1) {
        fail(TN_SHAPE,
             "%.80s: Can not merge tensors with different batch sizes. Got tensors with "
             "shapes %s and %s",
             l->name, shape_string(&a), shape_string(&b));
        return;
    }
    for (int i = 1; i < rank; i++) {
        int da = i < a.rank ? a.size[a.rank - i] : 1, db = i < b.rank ? b.size[b.rank - i] : 1;
        if (da > 1 && db > 1 && da != db) {
            fail(TN_SHAPE, "%.80s: inputs of shapes %s and %s do not fit together", l->name,
                 shape_string(&a), shape_string(&b));
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

/* A step counts that counts in all inputs that have masks. */
static Tensor *common_mask(const Apply *a) {
    Tensor *mask = NULL;
    for (int i = 0; i < a->nin && a->masks; i++) {
        Tensor *more = a->masks[i];
        if (more) mask = mask ? tn_logicalAnd(mask, more) : more;
    }
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
**   -> y : [...]   the broadcast shape
** > tf.layers.add().apply([tf.ones([1, 2]), tf.ones([1, 2])])   // [[2, 2]]
*/
LAYER(add, Add, .shape = merge_shape, .call = add_call, .least_inputs = 2, .knows_mask = true);

static void subtract_shape(const Layer *l, const Shape *in, int nin, Shape *out) {
    if (nin != 2)
        fail(TN_VALUE, "%.80s: should be called on exactly 2 inputs, but got %d", l->name, nin);
    else merge_shape(l, in, nin, out);
}

static Tensor *subtract_call(Layer *l, Apply *a) { return (void)l, merge(a, tn_sub); }

/* subtract: Its first input minus its second.
**   -> y : [...]   the broadcast shape
** > tf.layers.subtract().apply([tf.tensor([[5, 3]]), tf.tensor([[1, 2]])])   // [[4, 1]]
*/
LAYER(subtract, Subtract, .shape = subtract_shape, .call = subtract_call, .least_inputs = 2,
      .knows_mask = true);

/* multiply: The product of its inputs.
**   -> y : [...]   the broadcast shape
** > tf.layers.multiply().apply([tf.tensor([[2, 3]]), tf.tensor([[4, 5]])])   // [[8, 15]]
*/
LAYER(multiply, Multiply, .shape = merge_shape, .call = multiply_call, .least_inputs = 2,
      .knows_mask = true);

/* average: The mean of its inputs.
**   -> y : [...]   the broadcast shape
** > tf.layers.average().apply([tf.tensor([[2, 3]]), tf.tensor([[4, 5]])])   // [[3, 4]]
*/
LAYER(average, Average, .shape = merge_shape, .call = average_call, .least_inputs = 2,
      .knows_mask = true);

/* maximum: The largest of its inputs, place by place.
**   -> y : [...]   the broadcast shape
** > tf.layers.maximum().apply([tf.tensor([[2, 5]]), tf.tensor([[4, 3]])])   // [[4, 5]]
*/
LAYER(maximum, Maximum, .shape = merge_shape, .call = maximum_call, .least_inputs = 2,
      .knows_mask = true);

/* minimum: The smallest of its inputs, place by place.
**   -> y : [...]   the broadcast shape
** > tf.layers.minimum().apply([tf.tensor([[2, 5]]), tf.tensor([[4, 3]])])   // [[2, 3]]
*/
LAYER(minimum, Minimum, .shape = merge_shape, .call = minimum_call, .least_inputs = 2,
      .knows_mask = true);

/* ---- concatenate ---- */

static void concatenate_shape(const Layer *l, const Shape *in, int nin, Shape *out) {
    const ConcatenateConfig *c = l->config;
    int axis = layer_axis(l, in, c->axis), rank = in->rank;
    if (axis < 0) return;
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
        fail(TN_SHAPE,
             "%.80s: A `Concatenate` layer requires inputs with matching shapes except for "
             "the concat axis %d. Got shapes %s and %s",
             l->name, axis, shape_string(in), shape_string(in + i));
        return;
    }
}

/* Masks one after the other, as the steps are; all count where an input has none. */
static Tensor *joined_mask(const Apply *a, List *masks) {
    bool any = false;
    for (int i = 0; i < a->nin && a->masks; i++) any |= a->masks[i] != NULL;
    for (int i = 0; any && i < a->nin; i++) {
        const Tensor *x = a->in[i];
        masks->v[i] = a->masks[i] ? a->masks[i] : tn_ones(INTS(x->shape[0], x->shape[1]), TN_BOOL);
    }
    return any ? tn_concat(masks, 1) : NULL;
}

static Tensor *concatenate_call(Layer *l, Apply *a) {
    const ConcatenateConfig *k = l->config;
    int rank = a->in[0]->rank, axis = k->axis < 0 ? k->axis + rank : k->axis;
    size_t bytes = sizeof(List) + (size_t)a->nin * sizeof(Tensor *);
    List *list = scratch(bytes);
    if (!list) return nothing();
    list->n = a->nin;
    if (k->axis == -1 || axis > 1) a->mask = common_mask(a);
    else if (axis == 1 && rank > 2) a->mask = joined_mask(a, list);
    if (a->mask && a->mask->rank == rank) a->mask = tn_all(a->mask, INTS(-1), false);
    memcpy(list->v, a->in, (size_t)a->nin * sizeof(Tensor *));
    Tensor *y = tn_concat(list, k->axis);
    scratch_free(list, bytes);
    return y;
}

/* concatenate: Its inputs one after the other along an axis.
**   axis : int = -1                   along which
**   -> y : [..., sum of sizes, ...]
** > tf.layers.concatenate().apply([tf.tensor([[1]]), tf.tensor([[2, 3]])])   // [[1, 2, 3]]
*/
LAYER(concatenate, Concatenate, .shape = concatenate_shape, .call = concatenate_call,
      .least_inputs = 2, .knows_mask = true);

/* ---- dot ---- */

/* The axis of input i that is summed over, or -1 with the error set. */
static int summed_axis(const Layer *l, const Shape *in, int i) {
    const Ints *axes = ((const DotConfig *)l->config)->axes;
    int raw = axes->v[axes->n == 2 ? i : 0], rank = in[i].rank;
    int axis = raw < 0 ? raw + rank : raw;
    if (axis >= 1 && axis < rank) return axis;
    fail(TN_VALUE, "%.80s: axis %d of input %d is not in 1..%d", l->name, raw, i, rank - 1);
    return -1;
}

static void dot_prepare(Layer *l) {
    const Ints *axes = ((const DotConfig *)l->config)->axes;
    if (axes->n != 1 && axes->n != 2)
        fail(TN_VALUE, "%.80s: axes must be a number or two, but has %d", l->name, axes->n);
}

static void dot_shape(const Layer *l, const Shape *in, int nin, Shape *out) {
    int axis[2];
    if (nin != 2)
        fail(TN_VALUE,
             "%.80s: A `Dot` layer should be called on a list of exactly 2 inputs, but "
             "got %d",
             l->name, nin);
    for (int i = 0; i < 2 && !failed(); i++) {
        if (in[i].rank < 2 || in[i].rank > 3)
            fail(TN_SHAPE, "%.80s: inputs must be of rank 2 or 3, but input %d has shape %s",
                 l->name, i, shape_string(in + i));
        else axis[i] = summed_axis(l, in, i);
    }
    if (failed()) return;
    int a = in[0].size[axis[0]], b = in[1].size[axis[1]];
    if (a >= 0 && b >= 0 && a != b) {
        fail(TN_SHAPE, "%.80s: Dimension incompatibility: %d !== %d", l->name, a, b);
        return;
    }
    *out = (Shape){.dtype = TN_FLOAT32, .rank = 1, .size = {in[0].size[0]}};
    for (int i = 0; i < 2; i++)
        if (in[i].rank == 3) out->size[out->rank++] = in[i].size[3 - axis[i]];
    if (out->rank == 1) out->size[out->rank++] = 1;
}

/* [batch, rest, summed], of length 1 along it where normalize says so. */
static Tensor *dot_side(const Layer *l, Tensor *x, int axis) {
    x = to_float(x);
    if (((const DotConfig *)l->config)->normalize) {
        Tensor *squares = tn_sum(tn_square(x), INTS(axis), true);
        x = tn_div(x, tn_sqrt(tn_maximum(squares, tn_scalar(1e-7f))));
    }
    if (x->rank == 2) return tn_expandDims(x, 1);
    return axis == 2 ? x : tn_transpose(x, INTS(0, 2, 1), false);
}

static Tensor *dot_call(Layer *l, Apply *a) {
    Shape in[2] = {shape_of(a->in[0]), shape_of(a->in[1])}, y;
    dot_shape(l, in, 2, &y);
    if (failed()) return nothing();
    Tensor *x1 = dot_side(l, a->in[0], summed_axis(l, in, 0));
    Tensor *x2 = dot_side(l, a->in[1], summed_axis(l, in, 1));
    Tensor *product = tn_matMul(x1, x2, false, true);
    return tn_reshape(product, y.rank == 2 ? INTS(y.size[0], y.size[1])
                                           : INTS(y.size[0], y.size[1], y.size[2]));
}

/* dot: The products of its two inputs, summed along an axis of each.
**   axes : ints                        the axis of both, or of each
**   normalize : bool = false           true: the cosine of their angle
**   -> y : [batch, ...] | [batch, 1]   without the two axes
** > tf.layers.dot({axes: -1}).apply([tf.tensor([[2, 3]]), tf.tensor([[4, 5]])])   // [[23]]
** > tf.layers.dot({axes: [1, 2]}).apply([tf.tensor([[2, 3]]), tf.tensor([[[4, 5], [1, 0]]])])
**     // [[23, 2]]
*/
LAYER(dot, Dot, .prepare = dot_prepare, .shape = dot_shape, .call = dot_call, .least_inputs = 1,
      .knows_mask = true);
