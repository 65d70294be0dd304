/* Depthwise convolution: every channel of x has its own g->oc filters (the multiplier), whose
** results are channels c * g->oc .. of y. Geometry, duties and failure as in conv_kernels.h. */
#ifndef TN_CPU_DEPTHWISE_H
#define TN_CPU_DEPTHWISE_H

#include "backend/cpu/conv_kernels.h"

/* filter [kh, kw, ic, oc], y [n, oh, ow, ic * oc] */
bool depthwise2d(const ConvGeom *g, const float *x, const float *filter, float *y, Epilogue end);
bool depthwise2d_grad_input(const ConvGeom *g, const float *dy, const float *filter, float *dx);
bool depthwise2d_grad_filter(const ConvGeom *g, const float *x, const float *dy, float *dfilter);

#endif
