/* What layers that change pictures at random share. They change nothing at inference. */
#ifndef TN_AUGMENT_H
#define TN_AUGMENT_H
#include "nn/layers/layer_helpers.h"
#include "ops/binary.gen.h"
#include "ops/unary.gen.h"

/* Whose numbers are drawn: each layer goes on through those of its seed, if it has one. */
typedef struct Draws {
    Layer *layer;
    const char *seed; /* NULL: unpredictable */
} Draws;

Draws draws_of(Layer *l, const char *seed);
/* n numbers, each equally likely in [low, high); as a tensor [n, 1, ...] of a rank. */
Tensor *draw(Draws *d, int n, int rank, double low, double high);
/* Bool [n, 1, ...], true with a probability. */
Tensor *draw_chance(Draws *d, int n, int rank, double chance);

/* [low, high] of a factor that one number or two give: one stands for [-f, f], or [low, f]. */
typedef struct Range {
    double low, high;
} Range;
Range range_of(const Floats *factor);
/* The same where one stands for [0, f]. */
Range range_from_zero(const Floats *factor);
/* Bool [n, 1, 1, 1], true with a probability that is drawn from a range. */
Tensor *draw_choice(Draws *d, int n, Range chance);
/* True from a random place on, for a share of the places [n, 1, 1, 1], along an axis of images. */
Tensor *stretch(Draws *d, int n, int size, int axis, Tensor *share);
/* Fails unless the factor has one or two numbers within bounds, in order. */
void check_factor(const Layer *l, const char *field, const Floats *factor, double low, double high);
/* The two numbers of a value range. */
Range value_range(const Layer *l, const Floats *range);

/* Images [height, width, channels] or a batch of them, channels last, float32: what `change` makes
** of a batch, in the layout of x. */
Tensor *over_images(Layer *l, Tensor *x, Channels where, Tensor *(*change)(Layer *, Tensor *));
/* The rule of shapes: x is an image or a batch, and stays so. */
void images_shape(const Layer *l, const Shape *in, int nin, Shape *out);
/* x by a projective transform for each image, [n, 8], from places of the result to places of x. */
Tensor *warp(Tensor *x, Tensor *transforms, Interpolation how, FillMode fill, double value);
/* From a to b, a share of the way. */
static inline Tensor *blend(Tensor *a, Tensor *b, Tensor *share) {
    return tn_add(a, tn_mul(share, tn_sub(b, a)));
}
/* x between the two. */
static inline Tensor *clip(Tensor *x, Range r) {
    return tn_clipByValue(x, (float)r.low, (float)r.high);
}
#endif
