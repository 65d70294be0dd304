/* Convolution of float32 images NHWC with filters HWIO, and its gradients; pooling and depthwise
** convolution share the geometry. Sizes and pointers are the caller's to check; so is that n *
** oh * ow, n * ih * iw and kh * kw * (ic or oc) fit an int. A function that returns bool is
** false only when scratch memory could not be had. */
#ifndef TN_CPU_CONV_H
#define TN_CPU_CONV_H

#include "backend/cpu/gemm.h"

/* Input [n, ih, iw, ic], filter [kh, kw, ic, oc], output [n, oh, ow, oc]; output (y, x) reads
** input rows y * sh - pt + i * dh for 0 <= i < kh, and columns likewise; what lies outside
** counts as 0. For depthwise convolution oc is the multiplier: filter [kh, kw, ic, oc], output
** [.., ic * oc]. For pooling oc is unused. One dimension: heights are 1. All fields are 4 bytes:
** shaders get them as uniforms. */
typedef struct ConvGeom {
    int n, ih, iw, ic;
    int kh, kw, oc;
    int oh, ow;
    int sh, sw, dh, dw, pt, pl;
} ConvGeom;

/* y = end(conv(x, filter)). `packed`, made by conv2d_pack, may take filter's place. */
bool conv2d(const ConvGeom *g, const float *x, const float *filter, const float *packed, float *y,
            Epilogue end);

/* The filter as conv2d's kernels read it, conv2d_packed_size(g) floats. */
uint64_t conv2d_packed_size(const ConvGeom *g);
void conv2d_pack(const ConvGeom *g, const float *filter, float *packed);

/* dx = end(the sum of filter over where dy's outputs read x): the gradient of conv2d by x, or with
** an epilogue a transposed convolution of dy. */
bool conv2d_grad_input(const ConvGeom *g, const float *dy, const float *filter, float *dx,
                       Epilogue end);

/* dfilter = the gradient of conv2d by the filter. */
bool conv2d_grad_filter(const ConvGeom *g, const float *x, const float *dy, float *dfilter);

#endif
