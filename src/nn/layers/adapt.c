/* Layers that learn from data what training does not: adapt(), and normalization. */
#include "nn/core/model.h"
#include "nn/layers/layer_helpers.h"
#include "nn/layers/weighted.h"
#include "ops/binary.gen.h"
#include "ops/join.gen.h"
#include "ops/stats.gen.h"
#include "ops/unary.gen.h"
#include "ops/view.gen.h"

int layer_axis(const Layer *l, const Shape *in, int raw) {
    int axis = raw < 0 ? raw + in->rank : raw;
    if (axis >= 0 && axis < in->rank) return axis;
    fail(TN_VALUE, "%.80s: axis %d is not in %d..%d", l->name, raw, -in->rank, in->rank - 1);
    return -1;
}

Shape without_steps(const Shape *in) {
    Shape s = *in;
    s.rank--;
    for (int i = 1; i < s.rank; i++) s.size[i] = in->size[i + 1];
    return s;
}

const Ints *sizes_of(const Tensor *x, int *to) {
    to[0] = x->rank;
    memcpy(to + 1, x->shape, sizeof(int) * (size_t)x->rank);
    return (const Ints *)to;
}

Tensor *floats_tensor(const Floats *f) {
    float *v = scratch(sizeof *v * (size_t)(f->n ? f->n : 1));
    if (!v) return nothing();
    for (int i = 0; i < f->n; i++) v[i] = (float)f->v[i];
    Tensor *t = tn_tensor(TN_FLOAT32, INTS(f->n), v);
    scratch_free(v, sizeof *v * (size_t)(f->n ? f->n : 1));
    return t;
}

Tensor *along_axis(Tensor *v, const Tensor *x, int axis) {
    if (failed() || !v || axis == x->rank - 1) return v;
    int shape[TN_MAX_RANK + 1] = {x->rank};
    for (int i = 0; i < x->rank; i++) shape[1 + i] = i == axis ? x->shape[i] : 1;
    return tn_reshape(v, (const Ints *)shape);
}

static Tensor *joined(const List *batches) {
    if (batches->n == 1) return batches->v[0];
    if (!batches->n) return fail(TN_VALUE, "adapt: there is no data");
    return batches->v[0]->rank ? tn_concat(batches, 0) : tn_stack(batches, 0);
}

void tn_layer_adapt(Layer *l, const List *batches) {
    if (failed()) return;
    if (!l->of->adapt) {
        fail(TN_VALUE, "%.80s: a layer of class %.60s learns nothing from adapt()", l->name,
             l->of->schema->class_name);
        return;
    }
    Scope *s = tn_scope_begin();
    tn_tape_pause(true);
    Tensor *data = joined(batches);
    Shape in = shape_of(data);
    layer_build(l, &in, 1);
    if (!failed()) l->of->adapt(l, data);
    tn_tape_pause(false);
    tn_scope_end(s);
    layers_changed();
}

/* ---- normalization ---- */

/* Bit mask of the axes that keep statistics of their own; 0 if none, or with the error set. */
static unsigned kept_axes(const Layer *l, const Shape *in) {
    const Ints *axis = ((const NormalizationConfig *)l->config)->axis;
    unsigned mask = 0;
    for (int i = 0; axis && i < axis->n; i++) {
        int at = layer_axis(l, in, axis->v[i]);
        if (at < 0) return 0;
        mask |= 1u << at;
    }
    return mask;
}

static void normalization_prepare(Layer *l) {
    const NormalizationConfig *k = l->config;
    if (!k->mean != !k->variance)
        fail(TN_VALUE, "%.80s: mean and variance must both be given, or none", l->name);
}

/* Sizes of the kept axes, and their product. */
static int kept_sizes(const Layer *l, const Shape *in, int *sizes) {
    unsigned mask = kept_axes(l, in);
    int n = 1;
    sizes[0] = 0;
    for (int i = 0; i < in->rank && !failed(); i++) {
        if (!(mask >> i & 1) || !want_known(l, in, i)) continue;
        sizes[++sizes[0]] = in->size[i];
        n = times(l, n, in->size[i]);
    }
    return n;
}

static void normalization_build(Layer *l, const Shape *in, int nin) {
    const NormalizationConfig *k = l->config;
    int sizes[TN_MAX_RANK + 1];
    kept_sizes(l, in, sizes);
    (void)nin;
    if (failed() || k->mean) return;
    add_state(l, "mean", (const Ints *)sizes, ZEROS);
    add_state(l, "variance", (const Ints *)sizes, ONES);
    add_weight_as(l, (Weight){.name = "count"}, SCALAR, ZEROS, TN_INT32);
}

static void normalization_shape(const Layer *l, const Shape *in, int nin, Shape *out) {
    const NormalizationConfig *k = l->config;
    int sizes[TN_MAX_RANK + 1], n = kept_sizes(l, in, sizes);
    (void)nin;
    int means = failed() ? 0 : k->mean ? k->mean->n : l->built ? weight(l, 0)->size : n;
    if (!failed() && means != n && !(k->mean && means == 1))
        fail(TN_SHAPE, "%.80s: x has %d values along axis, mean has %d", l->name, n, means);
    if (!failed() && k->mean && k->variance->n != means && k->variance->n != 1)
        fail(TN_SHAPE, "%.80s: mean has %d values, variance has %d", l->name, means,
             k->variance->n);
    *out = *in;
    out->dtype = TN_FLOAT32;
}

/* Numbers of the config, or a weight, so shaped that they broadcast to x. */
static Tensor *statistic(Layer *l, const Tensor *x, const Floats *fixed, int i) {
    Shape in = shape_of(x);
    unsigned mask = kept_axes(l, &in);
    int shape[TN_MAX_RANK + 1] = {x->rank};
    if (fixed && fixed->n == 1) return number(fixed->v[0]);
    for (int k = 0; k < x->rank; k++) shape[1 + k] = mask >> k & 1 ? x->shape[k] : 1;
    return tn_reshape(fixed ? floats_tensor(fixed) : weight(l, i), (const Ints *)shape);
}

static Tensor *normalization_call(Layer *l, Apply *a) {
    const NormalizationConfig *k = l->config;
    Tensor *x = to_float(a->in[0]), *mean = statistic(l, x, k->mean, 0);
    Tensor *deviation = tn_sqrt(statistic(l, x, k->variance, 1));
    deviation = tn_maximum(deviation, number(1e-7));
    if (k->invert) return tn_add(mean, tn_mul(x, deviation));
    return tn_div(tn_sub(x, mean), deviation);
}

static void normalization_adapt(Layer *l, Tensor *x) {
    const NormalizationConfig *k = l->config;
    Shape in = shape_of(x);
    unsigned kept = kept_axes(l, &in);
    int others[TN_MAX_RANK + 1] = {0};
    Tensor *variance;
    if (k->mean) {
        fail(TN_VALUE, "%.80s: cannot adapt, since mean and variance are given", l->name);
        return;
    }
    for (int i = 0; i < x->rank; i++)
        if (!(kept >> i & 1)) others[++others[0]] = i;
    Tensor *mean = tn_moments(to_float(x), (const Ints *)others, false, &variance);
    set_weight(l, 0, mean);
    set_weight(l, 1, variance);
    set_weight(l, 2,
               tn_cast(number(weight(l, 0)->size ? x->size / weight(l, 0)->size : 0), TN_INT32));
}

/* normalization: Shifts and scales x to mean 0 and deviation 1, by the mean and variance that
**                adapt(data) has found, or that are given.
**   axis : ints | null = -1    whose places have a mean of their own; null: one for all
**   mean : floats = null       of the data
**   variance : floats = null   of the data
**   invert : bool = false      true: the way back
**   -> y : float32 like x
** > tf.layers.normalization({mean: [1, 2], variance: [4, 1]}).apply([[3, 2]])   // [[1, 0]]
*/
LAYER(normalization, Normalization, .prepare = normalization_prepare, .build = normalization_build,
      .shape = normalization_shape, .call = normalization_call, .adapt = normalization_adapt,
      .keeps_mask = true);
