/* What layers with kernels and windows share. */
#include "weighted.h"

/* kernel: The weights that inputs are multiplied with.
**   kernelInitializer = 'glorotNormal'   initializer   of the kernel
**   kernelRegularizer = null             regularizer   penalty on the kernel
**   kernelConstraint = null              constraint    of the kernel
*/
FIELDS(kernel, Kernel)

/* bias: What comes after the product.
**   activation = 'linear'        activation    applied last
**   useBias = true               bool          whether a bias is added
**   biasInitializer = 'zeros'    initializer   of the bias
**   biasRegularizer = null       regularizer   penalty on the bias
**   activityRegularizer = null   regularizer   penalty on the result
**   biasConstraint = null        constraint    of the bias
*/
FIELDS(bias, Bias)

void add_kernel(Layer *l, const KernelConfig *k, const Ints *shape) {
    add_weight(l, "kernel", shape, k->kernelInitializer, k->kernelRegularizer,
               k->kernelConstraint);
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
    int64_t reach = (int64_t)(size - 1) * dilation + 1;
    int64_t places = padding == PADDING_VALID ? n - reach + 1 : n;
    if (places >= 1) return (int)((places - 1) / stride + 1);
    fail(TN_SHAPE, "%.80s: a window of %.0f does not fit x, which has %d", l->name, (double)reach,
         n);
    return -1;
}
