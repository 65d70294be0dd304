/* Attributes of calls that a backend reads too, beside the op's own file. As all attributes they
** are structs of 4-byte fields. Those of convolutions and pooling are ConvGeom (conv_kernels.h). */
#ifndef OPS_ATTRS_H
#define OPS_ATTRS_H
#include "tensor/op.h"

/* matMul: products of `batch` matrices; a stride of 0 uses the one matrix for all. */
typedef struct MatMul {
    int batch, m, k, n;
    int stride_a, stride_b; /* elements from one matrix to the next */
    int transpose_a, transpose_b;
} MatMul;

/* pad */
typedef struct Padding {
    int rank;
    int before[TN_MAX_RANK], size[TN_MAX_RANK]; /* of the border; of x */
    Constant value;
} Padding;

/* concat, stack, split, unstack */
typedef struct Join {
    int outer, axis; /* rows, each of which holds a run of every part; along which axis */
} Join;

/* Reductions: x as [outer, n, inner] becomes [outer, inner]. */
typedef struct Reduce {
    int outer, n, inner;
} Reduce;

/* cumsum, cumprod: x as [outer, n, inner] along n; exclusive: without the element itself. */
typedef struct Scan {
    int outer, n, inner;
    int axis, exclusive, reverse;
} Scan;

/* topk: the first k of each row of n, in order. */
typedef struct TopK {
    int rows, n, k;
} TopK;

/* randomNormal without a seed. */
typedef struct Bell {
    float mean, deviation;
} Bell;

/* randomUniform without a seed: numbers from low up to high. */
typedef struct Bounds {
    float low, high;
} Bounds;

/* transform, in C's order: pixels of the result are at row, column; x is a column, y a row of the
** image. */
typedef struct Warp {
    int images, transforms; /* transforms: 1, or one for each image */
    int in_h, in_w, out_h, out_w;
    int mode, taps; /* 4: bilinear, 1: nearest */
} Warp;

/* cropAndResize */
typedef struct Crop {
    int boxes, images, height, width; /* of the images */
    int rows, columns;                /* of a crop */
    int taps;                         /* 4: bilinear, 1: nearest */
} Crop;

/* slice, stridedSlice, reverse, transpose: a walk over x. */
typedef struct Strided {
    int rank, base;          /* axes of the walk; where it begins, in elements of x */
    int size[TN_MAX_RANK];   /* the outermost axis first */
    int stride[TN_MAX_RANK]; /* elements of x from one index to the next */
} Strided;

#endif
