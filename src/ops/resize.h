/* Where the pixels of a resized picture come from, axis by axis: for kernels and for the GPU. */
#ifndef OPS_RESIZE_H
#define OPS_RESIZE_H
#include "tensor/op.h"

/* Attributes of resizeBilinear, resizeNearestNeighbor and their gradients. */
typedef struct Resize {
    int batch, in_h, in_w, out_h, out_w, channels;
    int align, half; /* corners lie on corners; pixels count by their centres */
} Resize;

/* For a place on an output axis, the two input places it lies between, and how near the second. */
typedef struct Between {
    int low, high;
    float weight;
} Between;

/* b[0..out - 1] for an axis of `in` places that becomes one of `out`; `low` never falls. */
void resize_between(int in, int out, const Resize *r, Between *b);
/* The same for the nearest place: low and high are that, the weight is 0. */
void resize_nearest(int in, int out, const Resize *r, Between *b);

#endif
