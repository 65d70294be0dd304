/* What layers share that change colours: what the class does to a batch, its factors and pixels. */
#ifndef TN_AUGMENT_COLOR_H
#define TN_AUGMENT_COLOR_H
#include "nn/layers/augment.h"

/* What a layer does to a batch. */
typedef struct Change {
    Tensor *(*batch)(Layer *, Tensor *);
    bool always; /* at inference too */
} Change;

/* Checks the value range; the layer will make the change. */
void color_prepare(Layer *l, const Change *change);
/* The same with a factor in low..high. */
void color_prepare_factor(Layer *l, const Change *change, const Floats *factor, double low,
                          double high);
/* The call of all of them. */
Tensor *color_call(Layer *l, Apply *a);
/* Of the pixels. */
Range color_range(const Layer *l);
/* A number of the range for each image. */
Tensor *color_factor(Draws *d, const Tensor *x, Range r);
/* Channel i of pictures. */
Tensor *color_channel(Tensor *x, int i);
#endif
