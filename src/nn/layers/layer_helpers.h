/* Small things that layers share. */
#ifndef TN_LAYER_HELPERS_H
#define TN_LAYER_HELPERS_H
#include "nn/core/layer.h"

extern const PartClass zeros_part, ones_part;
/* Initializers without a config. */
#define ZEROS (&(const Initializer){&zeros_part, NULL})
#define ONES (&(const Initializer){&ones_part, NULL})
/* The shape of a scalar. */
#define SCALAR ((const Ints *)(const int[]){0})

/* A number that broadcasts. */
static inline Tensor *number(double value) { return tn_scalar((float)value); }

/* The kernel's fields as Keras starts them, in the same order as those of "kernel". */
#define KERNEL(k) ((const KernelConfig *)&(k)->kernelUniform)

/* x with a share of it 0, and the rest scaled up; goes on through the numbers of a seed. */
Tensor *drop_share(Layer *l, Tensor *x, double rate, const Ints *noise, const char *seed);
/* The numbers as float32 [n]. */
Tensor *floats_tensor(const Floats *f);
/* The axis in 0..rank-1; -1 with the error set. */
int layer_axis(const Layer *l, const Shape *in, int raw);
/* The shape of one step of a sequence: without axis 1. */
Shape without_steps(const Shape *in);
/* The shape of x as an op takes it, in `to`, of TN_MAX_RANK + 1 places. */
const Ints *sizes_of(const Tensor *x, int *to);
/* One number a channel, shaped so that it broadcasts along `axis` of x; NULL stays NULL. */
Tensor *along_axis(Tensor *v, const Tensor *x, int axis);
#endif
