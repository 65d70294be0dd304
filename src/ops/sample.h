/* Pixels made of other pixels: each of y is a weighted sum of some of x, chosen by index. Cropping,
** warping and rotating are this, and so is whatever picks one element of many. */
#ifndef SAMPLE_H
#define SAMPLE_H
#include "tensor/op.h"

/* Index of a tap outside x, which reads `fill`; and of the first tap of a pixel that is `fill`
** altogether, whatever its weights. */
enum { TAP_OUTSIDE = -1, PIXEL_OUTSIDE = -2 };

/* x is seen as [sources, channels], y as [pixels, channels]. fill: of channels 0, 1, 2 and others.
** unit: weights of a pixel sum to 1, and what is the same at all of its taps comes out exactly so.
** blank: pixels that are outside altogether are 0 instead, as in gradients. */
typedef struct Sample {
    int taps, channels, sources, blank, unit;
    float fill[4];
} Sample;

/* y of this shape. index: int32, taps for each pixel of y, each below sources (the caller sees to
** that). weights: float32, as many; NULL: 1. Differentiable in x and weights, to any order. */
Tensor *sample(Tensor *x, Tensor *weights, Tensor *index, const Sample *s, int rank,
               const int *shape);
/* dx of that sample, in the shape of x. */
Tensor *sample_back(Tensor *dy, Tensor *weights, Tensor *index, const Sample *s, const Tensor *x);

/* Weights of the four pixels around a place, [.., 4]: upper left and right, lower left and right.
** down, right: how far the place is from the upper left one, 0 to 1; they broadcast. */
Tensor *bilinear_weights(Tensor *down, Tensor *right);

#endif
