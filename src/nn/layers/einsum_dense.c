/* Products with kernels beyond dense: einsumDense, ternaryDense. */
#include "nn/layers/layer_helpers.h"
#include "nn/layers/weighted.h"
#include "ops/binary.gen.h"
#include "ops/einsum.gen.h"
#include "ops/reduce.gen.h"
#include "ops/unary.gen.h"

/* ---- einsumDense ---- */

/* "ab...,bc->ac...", taken apart: letters of input, kernel and result. */
typedef struct Equation {
    char in[TN_MAX_RANK + 1], kernel[TN_MAX_RANK + 1], out[TN_MAX_RANK + 1];
    bool left, right; /* where the ellipsis is, if there is one */
} Equation;

/* Letters up to `end` into to; true where dots come first (last: *after) . */
static const char *take_letters(const char *p, const char *end, char *to, bool *before,
                                bool *after) {
    int n = 0;
    while (*p == ' ') p++;
    if (!strncmp(p, "...", 3)) *before = true, p += 3;
    for (; (*p >= 'a' && *p <= 'z') || (*p >= 'A' && *p <= 'Z') || *p == ' '; p++)
        if (*p != ' ' && n < TN_MAX_RANK) to[n++] = *p;
    if (!strncmp(p, "...", 3)) *after = true, p += 3;
    while (*p == ' ') p++;
    to[n] = 0;
    return strncmp(p, end, strlen(end)) ? NULL : p + strlen(end);
}

static Equation equation_of(const Layer *l) {
    const EinsumDenseConfig *k = l->config;
    Equation e = {0};
    bool out_left = false, out_right = false, none = false;
    const char *p = take_letters(k->equation, ",", e.in, &e.left, &e.right);
    if (p) p = take_letters(p, "->", e.kernel, &none, &none);
    if (p) p = take_letters(p, "", e.out, &out_left, &out_right);
    if (!p || *p || none || (e.left && e.right) || e.left != out_left || e.right != out_right)
        fail(TN_VALUE,
             "%.80s: equation must be as 'ab,bc->ac', '...b,bc->...c' or "
             "'ab...,bc->ac...', but is '%.80s'",
             l->name, k->equation);
    return e;
}

static int place_of(const char *letters, char c) {
    const char *at = strchr(letters, c);
    return at ? (int)(at - letters) : -1;
}

/* The result's shape: batch, then what the config gives, with the axes that '...' stands for. */
static void einsumDense_shape(const Layer *l, const Shape *in, int nin, Shape *out) {
    const EinsumDenseConfig *k = l->config;
    Equation e = equation_of(l);
    int letters = (int)strlen(e.in), more = in->rank - letters, n = (int)strlen(e.out);
    const Ints *sizes = k->outputShape;
    (void)nin;
    if (failed() || !want_input(l, in, e.left || e.right ? -letters : letters)) return;
    int named = e.left ? n : n - 1; /* of the result's letters, how many the config gives */
    if (sizes->n != named) {
        fail(TN_VALUE, "%.80s: outputShape must have %d sizes for '%s', but has %d", l->name, named,
             k->equation, sizes->n);
        return;
    }
    if (n + (e.left || e.right ? more : 0) > TN_MAX_RANK) {
        fail(TN_SHAPE, "%.80s: the result would have more than %d axes", l->name, TN_MAX_RANK);
        return;
    }
    *out = (Shape){.dtype = TN_FLOAT32};
    for (int i = 0; e.left && i < more; i++) out->size[out->rank++] = in->size[i];
    for (int i = 0; i < n; i++) {
        int size = e.left ? sizes->v[i] : i ? sizes->v[i - 1] : -1, from = place_of(e.in, e.out[i]);
        if (size < 0 && from >= 0) size = in->size[e.left ? more + from : from];
        out->size[out->rank++] = size;
    }
    for (int i = 0; e.right && i < more; i++) out->size[out->rank++] = in->size[letters + i];
}

/* Size of an axis by its letter, in the input or in the result. */
static int size_by_letter(const Layer *l, const Equation *e, const Shape *in, const Shape *out,
                          char c) {
    int at = place_of(e->in, c), to = place_of(e->out, c), size = -1;
    if (at >= 0) size = in->size[e->left ? at + in->rank - (int)strlen(e->in) : at];
    else if (to >= 0) size = out->size[e->left ? to + out->rank - (int)strlen(e->out) : to];
    if (size < 0)
        fail(TN_SHAPE, "%.80s: the size of '%c' in the equation must be known", l->name, c);
    return size;
}

/* The bias has the axes of the result from the first of its letters on; 1 where it has none. */
static void add_einsum_bias(Layer *l, const Equation *e, const Shape *out) {
    const EinsumDenseConfig *k = l->config;
    int shape[TN_MAX_RANK + 1] = {0};
    for (const char *p = k->biasAxes; *p; p++)
        if (place_of(e->out, *p) < 0)
            fail(TN_VALUE, "%.80s: biasAxes has '%c', which the result '%s' has not", l->name, *p,
                 e->out);
    int more = out->rank - (int)strlen(e->out);
    for (int i = 0; e->out[i]; i++) {
        bool has = place_of(k->biasAxes, e->out[i]) >= 0;
        int size = out->size[e->left ? more + i : i];
        if (has && size < 0)
            fail(TN_SHAPE, "%.80s: the size of '%c' must be known", l->name, e->out[i]);
        if (has || shape[0]) shape[++shape[0]] = has ? size : 1;
    }
    for (int i = 0; e->right && shape[0] && i < more; i++) shape[++shape[0]] = 1;
    add_weight(l, "bias", (const Ints *)shape, k->biasInitializer, k->biasRegularizer,
               k->biasConstraint);
}

static void einsumDense_build(Layer *l, const Shape *in, int nin) {
    const EinsumDenseConfig *k = l->config;
    Equation e = equation_of(l);
    Shape out = {0};
    int shape[TN_MAX_RANK + 1] = {0};
    if (!failed()) einsumDense_shape(l, in, nin, &out);
    for (const char *p = e.kernel; *p && !failed(); p++)
        shape[++shape[0]] = size_by_letter(l, &e, in, &out, *p);
    if (failed()) return;
    add_weight(l, "kernel", (const Ints *)shape, k->kernelInitializer, k->kernelRegularizer,
               k->kernelConstraint);
    if (k->biasAxes && *k->biasAxes) add_einsum_bias(l, &e, &out);
}

static Tensor *einsumDense_call(Layer *l, Apply *a) {
    const EinsumDenseConfig *k = l->config;
    Tensor *y = tn_einsum(k->equation, LIST(to_float(a->in[0]), weight(l, 0)));
    const bool biased = k->biasAxes && *k->biasAxes;
    return activate(k->activation, biased ? tn_add(y, weight(l, 1)) : y);
}

/* einsumDense: The product of x and a kernel by labels of axes, plus a bias.
**   equation : string                                   'ab,bc->ac': x, kernel -> y; '...' stands
**                                                       for all other axes
**   outputShape : shape                                 of an example; null: as in x
**   activation : activation = 'linear'                  applied last
**   biasAxes : string = null                            labels of the axes that the bias has;
**                                                       null: there is none
**   kernelInitializer : initializer = 'glorotUniform'   of the kernel
**   biasInitializer : initializer = 'zeros'             of the bias
**   kernelRegularizer : regularizer = null              penalty on the kernel
**   biasRegularizer : regularizer = null                penalty on the bias
**   activityRegularizer : regularizer = null            penalty on the result
**   kernelConstraint : constraint = null                of the kernel
**   biasConstraint : constraint = null                  of the bias
**   -> y : [...]                                        the axes of the equation's result
** > tf.layers.einsumDense({equation: '...x,xy->...y', outputShape: [1], kernelInitializer: 'ones'})
**     .apply([[[1, 2], [3, 4]]])   // [[[3], [7]]]
*/
LAYER(einsumDense, EinsumDense, .build = einsumDense_build, .shape = einsumDense_shape,
      .call = einsumDense_call, .keeps_mask = true);

/* ---- ternaryDense ---- */

/* kernelUniform: The weights that inputs are multiplied with.
**   kernelInitializer : initializer = 'glorotUniform'   of the kernel
**   kernelRegularizer : regularizer = null              penalty on the kernel
**   kernelConstraint : constraint = null                of the kernel
*/
FIELDS(kernelUniform, KernelUniform)

static void ternaryDense_build(Layer *l, const Shape *in, int nin) {
    const TernaryDenseConfig *k = l->config;
    (void)nin;
    if (!want_input(l, in, -2) || !want_known(l, in, in->rank - 1)) return;
    add_kernel(l, KERNEL(k), INTS(in->size[in->rank - 1], k->units));
    add_bias(l, &k->bias, k->units);
}

static void ternaryDense_shape(const Layer *l, const Shape *in, int nin, Shape *out) {
    const TernaryDenseConfig *k = l->config;
    (void)nin;
    if (!want_input(l, in, -2)) return;
    int last = in->rank - 1;
    if (l->built && in->size[last] >= 0 && in->size[last] != weight(l, 0)->shape[0])
        fail(TN_SHAPE, "%.80s: x has %d features, the kernel takes %d", l->name, in->size[last],
             weight(l, 0)->shape[0]);
    *out = *in;
    out->dtype = TN_FLOAT32;
    out->size[last] = k->units;
}

/* The kernel's signs where it is large enough; its gradient is the kernel's. */
static Tensor *ternary(Tensor *kernel, Tensor *least) {
    tn_tape_pause(true);
    Tensor *large = to_float(tn_greater(tn_abs(kernel), least));
    Tensor *step = tn_sub(tn_mul(tn_sign(kernel), large), kernel);
    tn_tape_pause(false);
    return tn_add(kernel, step);
}

static Tensor *ternaryDense_call(Layer *l, Apply *a) {
    const TernaryDenseConfig *k = l->config;
    Tensor *kernel = weight(l, 0), *x = to_float(a->in[0]);
    bool free = isnan(k->threshold);
    Tensor *mean = free ? tn_mean(tn_abs(kernel), NULL, false) : NULL;
    Tensor *least = free ? tn_mul(mean, number(0.5)) : number(k->threshold);
    Tensor *y = tn_einsum("...x,xy->...y", LIST(x, ternary(kernel, least)));
    return finish(l, &k->bias, 1, free ? tn_mul(y, mean) : y);
}

/* ternaryDense: dense with a kernel of -1, 0 and 1 (Ma et al., 2024), learned as any numbers.
**   units : int >= 1                features of the result
**   threshold : float >= 0 = null   smaller numbers count as 0; null: half their mean magnitude,
**                                   and the product is scaled by that mean
**   + bias
**   + kernelUniform
**   -> y : [..., units]
** > tf.layers.ternaryDense({units: 1, threshold: 0.5, kernelInitializer: 'ones'}).apply([[1, 2]])
**     // [[3]]
*/
LAYER(ternaryDense, TernaryDense, .build = ternaryDense_build, .shape = ternaryDense_shape,
      .call = ternaryDense_call, .keeps_mask = true);
