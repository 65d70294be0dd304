/* Pooling of float32 images NHWC and its gradients. Geometry as in conv_kernels.h, g->oc unused; y
** is [n, oh, ow, ic]. What lies outside the image does not count; a window wholly outside has the
** maximum -Infinity and the average NaN, and no gradient. */
#ifndef TN_CPU_POOL_H
#define TN_CPU_POOL_H

#include "backend/cpu/conv_kernels.h"

/* Maxima or averages row by row (pool_rows.c); false where going by pixels is better. */
bool pool_rows(const ConvGeom *g, bool max, const float *x, float *y);

/* NaN is passed over. */
void max_pool(const ConvGeom *g, const float *x, float *y);
/* dx: each dy where the window has its first largest element, 0 elsewhere. */
void max_pool_grad(const ConvGeom *g, const float *x, const float *dy, float *dx);
/* y: the elements of v [n, ih, iw, ic] where windows of x have their first largest element. */
void max_pool_pick(const ConvGeom *g, const float *x, const float *v, float *y);

/* y: where in the image, in floats, windows have their first largest element; -1 if they have
** none. */
void max_pool_where(const ConvGeom *g, const float *x, int *y);

/* The same of int32: y, and where. A window wholly outside has the maximum 0. */
void max_pool_ints(const ConvGeom *g, const int *x, int *y);
void max_pool_where_ints(const ConvGeom *g, const int *x, int *y);

void avg_pool(const ConvGeom *g, const float *x, float *y);
/* dx: each dy, divided by how many elements its window has, at all of them. */
void avg_pool_grad(const ConvGeom *g, const float *dy, float *dx);

#endif
