/* What layers with kernels and windows share. */
#include "nn/layers/weighted.h"
#include "ops/window_size.h"
#include "ops/binary.gen.h"
#include "ops/join.gen.h"
#include "ops/pad.gen.h"
#include "ops/slice.gen.h"
#include "ops/transpose.gen.h"
#include "ops/view.gen.h"

/* kernel: The weights that inputs are multiplied with.
**   kernelInitializer : initializer = 'glorotNormal'   of the kernel
**   kernelRegularizer : regularizer = null             penalty on the kernel
**   kernelConstraint : constraint = null               of the kernel
*/
FIELDS(kernel, Kernel)

/* bias: What comes after the product.
**   activation : activation = 'linear'         applied last
**   useBias : bool = true                      whether a bias is added
**   biasInitializer : initializer = 'zeros'    of the bias
**   biasRegularizer : regularizer = null       penalty on the bias
**   activityRegularizer : regularizer = null   penalty on the result
**   biasConstraint : constraint = null         of the bias
*/
FIELDS(bias, Bias)

void add_kernel(Layer *l, const KernelConfig *k, const Ints *shape) {
    add_weight(l, "kernel", shape, k->kernelInitializer, k->kernelRegularizer, k->kernelConstraint);
}

void add_bias(Layer *l, const BiasConfig *k, int units) {
    if (k->useBias)
        add_weight(l, "bias", INTS(units), k->biasInitializer, k->biasRegularizer,
                   k->biasConstraint);
}

Tensor *finish(const Layer *l, const BiasConfig *k, int i, Tensor *y) {
    return activate(k->activation, k->useBias ? tn_add(y, weight(l, i)) : y);
}

/* ---- where the channels are ---- */

static Tensor *move_channels(Tensor *x, bool to_end) {
    int perm[TN_MAX_RANK + 1] = {x->rank, 0};
    for (int i = 1; i < x->rank; i++) perm[1 + i] = to_end ? i % (x->rank - 1) + 1 : i - 1;
    if (!to_end) perm[2] = x->rank - 1;
    return tn_transpose(x, (const Ints *)perm, false);
}

Tensor *channels_to_end(Tensor *x, Channels where) {
    return where == CHANNELS_FIRST && !failed() ? move_channels(x, true) : x;
}

Tensor *channels_from_end(Tensor *y, Channels where) {
    return where == CHANNELS_FIRST && !failed() ? move_channels(y, false) : y;
}

Shape shape_to_end(const Shape *s, Channels where) {
    Shape t = *s;
    if (where == CHANNELS_LAST || s->rank < 3) return t;
    for (int i = 1; i < s->rank; i++) t.size[i] = s->size[i % (s->rank - 1) + 1];
    return t;
}

Shape shape_from_end(const Shape *s, Channels where) {
    Shape t = *s;
    if (where == CHANNELS_LAST || s->rank < 3) return t;
    t.size[1] = s->size[s->rank - 1];
    for (int i = 2; i < s->rank; i++) t.size[i] = s->size[i - 1];
    return t;
}

/* ---- sizes ---- */

const Pad *pad_of(Padding padding) {
    static const int valid[] = {0}, same[] = {1, -1};
    return (const Pad *)(padding == PADDING_SAME ? same : valid);
}

int times(const Layer *l, int n, int factor) {
    int64_t product = (int64_t)n * factor;
    if (n < 0 || failed()) return -1;
    if (product <= INT32_MAX) return (int)product;
    fail(TN_SHAPE, "%.80s: %d times %d is more than 2^31 - 1", l->name, n, factor);
    return -1;
}

int window_length(const Layer *l, int n, int size, int stride, int dilation, Padding padding) {
    if (n < 0 || failed()) return -1;
    const int64_t reach = window_span(size, dilation);
    const int64_t length = window_count(n, reach, stride, padding != PADDING_VALID, ROUND_NONE);
    if (length) return (int)length;
    fail(TN_SHAPE, "%.80s: a window of %.0f does not fit x, which has %d", l->name, (double)reach,
         n);
    return -1;
}

/* Length of n (-1: unknown) after a transposed window, as Keras has it. extra: its output_padding,
** below stride, or NONE: then the longest of which the window makes n. */
static int transposed_length(const Layer *l, int n, int size, int stride, int extra,
                             Padding padding) {
    int64_t long_way = times(l, n, stride);
    if (n < 0 || failed()) return -1;
    if (extra == NONE) {
        if (padding == PADDING_VALID && size > stride) long_way += size - stride;
    } else if (extra >= stride) {
        fail(TN_VALUE, "%.80s: outputPadding must be less than strides, but is %d of %d", l->name,
             extra, stride);
    } else {
        long_way += size - stride + extra - (padding == PADDING_SAME ? size / 2 * 2 : 0);
    }
    if (long_way >= 1 && long_way <= INT32_MAX) return failed() ? -1 : (int)long_way;
    if (n)
        fail(TN_SHAPE, "%.80s: a length of %.0f is not between 1 and 2^31 - 1", l->name,
             (double)long_way);
    return n ? -1 : 0;
}

void transposed_shape(const Layer *l, const Shape *x, const Transposed *t, Shape *y) {
    *y = *x;
    y->dtype = TN_FLOAT32;
    for (int i = 0; i < t->size->n && !failed(); i++) {
        const int64_t reach = window_span(t->size->v[i], t->dilation->v[i]);
        if (reach > INT32_MAX)
            fail(TN_SHAPE, "%.80s: a window of %.0f is longer than 2^31 - 1", l->name,
                 (double)reach);
        y->size[1 + i] = transposed_length(l, x->size[1 + i], (int)reach, t->strides->v[i],
                                           t->extra ? t->extra->v[i] : NONE, t->padding);
    }
}

Tensor *dilated(Tensor *kernel, const Ints *dilation) {
    for (int i = 0; i < dilation->n && !failed(); i++) {
        const int gap = dilation->v[i] - 1, n = kernel->shape[i], before = outer_size(kernel, i);
        int shape[TN_MAX_RANK + 1] = {kernel->rank};
        if (!gap || !n) continue;
        memcpy(shape + 1, kernel->shape, sizeof(int) * (size_t)kernel->rank);
        shape[1 + i] = (n - 1) * (gap + 1) + 1;
        Tensor *rows = tn_reshape(kernel, INTS(before, n, 1, -1));
        rows = tn_pad(rows, INTS(0, 0, 0, 0, 0, gap, 0, 0), 0);
        rows = tn_reshape(rows, INTS(before, n * (gap + 1), -1));
        rows = tn_slice(rows, INTS(0, 0, 0), INTS(-1, shape[1 + i], -1));
        kernel = tn_reshape(rows, (const Ints *)shape);
    }
    return kernel;
}

/* ---- groups of channels ---- */

bool want_groups(const Layer *l, const Shape *x, int rank, int filters, int groups) {
    if (!want_input(l, x, rank) || (!l->built && !want_known(l, x, rank - 1))) return false;
    const int channels = x->size[rank - 1];
    const int taken = l->built ? weight(l, 0)->shape[rank - 2] * groups : channels;
    if (filters % groups)
        fail(TN_VALUE, "%.80s: filters must be a multiple of groups, but %d is none of %d", l->name,
             filters, groups);
    else if (channels >= 0 && channels != taken)
        fail(TN_SHAPE, "%.80s: x has %d channels, the kernel takes %d", l->name, channels, taken);
    else if (channels >= 0 && channels % groups)
        fail(TN_SHAPE, "%.80s: x must have a multiple of %d channels, its groups, but has %d",
             l->name, groups, channels);
    return !failed();
}

/* Part i of n of the last axis. */
static Tensor *part(Tensor *x, int i, int n) {
    int begin[TN_MAX_RANK + 1] = {x->rank}, size[TN_MAX_RANK + 1] = {x->rank};
    for (int k = 0; k < x->rank; k++) size[1 + k] = x->shape[k];
    size[x->rank] /= n;
    begin[x->rank] = i * size[x->rank];
    return tn_slice(x, (const Ints *)begin, (const Ints *)size);
}

Tensor *in_groups(const Layer *l, Convolve convolve, Tensor *x, int groups) {
    if (failed() || groups == 1) return convolve(l, x, weight(l, 0));
    List *parts = scratch(sizeof(List) + (size_t)groups * sizeof(Tensor *));
    if (!parts) return nothing();
    parts->n = groups;
    for (int i = 0; i < groups; i++)
        parts->v[i] = convolve(l, part(x, i, groups), part(weight(l, 0), i, groups));
    Tensor *y = failed() ? nothing() : tn_concat(parts, -1);
    scratch_free(parts, sizeof(List) + (size_t)groups * sizeof(Tensor *));
    return y;
}
