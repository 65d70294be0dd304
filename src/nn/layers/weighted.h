/* What dense, convolution and recurrent layers share: fields of kernel and bias, adding them. */
#ifndef TN_WEIGHTED_H
#define TN_WEIGHTED_H
#include "nn/core/layer.h"

void add_kernel(Layer *l, const KernelConfig *k, const Ints *shape);
/* Adds one number a unit, unless the config says there is no bias. */
void add_bias(Layer *l, const BiasConfig *k, int units);
/* Adds the bias, which is weight i if there is one, along the last axis; applies the activation. */
Tensor *finish(const Layer *l, const BiasConfig *k, int i, Tensor *y);

/* [batch, channels, ...] to [batch, ..., channels] and back, where the config says so. */
Tensor *channels_to_end(Tensor *x, Channels where);
Tensor *channels_from_end(Tensor *y, Channels where);
Shape shape_to_end(const Shape *s, Channels where);
Shape shape_from_end(const Shape *s, Channels where);

/* What ops take for 'valid' and 'same'. */
const Pad *pad_of(Padding padding);
/* n (-1: unknown) times a factor; fails past 2^31 - 1. */
int times(const Layer *l, int n, int factor);
/* Length of n (-1: unknown) after a window of `size` with gaps passed over it; fails where the
** window does not fit. */
int window_length(const Layer *l, int n, int size, int stride, int dilation, Padding padding);
/* Sizes of x, channels last, after a window; `out` takes the channels from there. */
void window_shape(const Layer *l, const Shape *x, const Ints *size, const Ints *strides,
                  const Ints *dilation, Padding padding, Shape *out);
/* Fails unless x, channels last, has the rank and, once the layer is built, the channels that its
** kernel has along an axis. */
bool want_channels(const Layer *l, const Shape *x, int rank, int axis_of_kernel);
/* The same for a kernel [..., channels / groups, filters]; fails unless groups divide both. */
bool want_groups(const Layer *l, const Shape *x, int rank, int filters, int groups);
/* A convolution of x with a kernel; in_groups applies it to each group of channels with its part of
** weight 0's filters. */
typedef Tensor *(*Convolve)(const Layer *l, Tensor *x, Tensor *kernel);
Tensor *in_groups(const Layer *l, Convolve convolve, Tensor *x, int groups);
/* What the transposed layers' configs say of lengths; outputPadding may be NULL. */
typedef struct Transposed {
    const Ints *size, *strides, *dilation, *extra;
    Padding padding;
} Transposed;
/* Sizes of x, channels last, in y but for the channels. */
void transposed_shape(const Layer *l, const Shape *x, const Transposed *t, Shape *y);
/* A kernel [..., a, b] with zeros between the places of its first axes. */
Tensor *dilated(Tensor *kernel, const Ints *dilation);
/* Fails on 'causal', which is for sequences. */
bool want_no_causal(const Layer *l, Padding padding);
#endif
