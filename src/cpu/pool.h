/* Maximum and average pooling of float32 images NHWC, and their gradients; g as in conv.h, without oc.
** What lies outside the image takes no part: not in the maximum, nor in what the average divides by.
** A window that lies outside altogether gives -infinity and 0. */
#ifndef TN_CPU_POOL_H
#define TN_CPU_POOL_H

#include "conv.h"

/* y [n, oh, ow, ic]. NaN is passed over, unless a window has nothing else: that gives -infinity. */
void max_pool(const ConvGeom *g, const float *x, float *y);
void avg_pool(const ConvGeom *g, const float *x, float *y);

/* dx [n, ih, iw, ic]: each dy goes to the first of its window, by rows, that is the maximum y. */
void max_pool_grad(const ConvGeom *g, const float *x, const float *y, const float *dy, float *dx);
void avg_pool_grad(const ConvGeom *g, const float *dy, float *dx);

#endif
