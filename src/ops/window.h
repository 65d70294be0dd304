/* What convolution and pooling share: where a window goes on an image, and how images of other
** ranks and formats become [n, h, w, c]. */
#ifndef WINDOW_H
#define WINDOW_H
#include "tensor/op.h"
#include "backend/cpu/conv_kernels.h"
#include "ops/window_size.h"

/* How a window was asked for: lists of one number (for both axes) or two (height, width). */
typedef struct Window {
    const char *op;
    const Ints *strides;
    const Ints *dilations; /* NULL: 1 */
    const Pad *pad;
    DataFormat format; /* order of explicit padding */
    Rounding rounding;
} Window;

/* The two numbers of a list, height first, each 1 or more; false with the error set. */
bool two_numbers(const char *op, const char *arg, const Ints *list, int *height, int *width);
/* The three numbers of a list, depth first. */
bool three_numbers(const char *op, const char *arg, const Ints *list, int *v);

/* Places a window of g->kh x kw on images of g->ih x iw: fills strides, dilations, padding and
** output size, all of which the kernels can add up without overflow. False with the error set. */
bool place_window(const Window *w, ConvGeom *g);
/* The same where strides and dilations may be above 1 together. */
bool place_loose_window(const Window *w, ConvGeom *g);

/* x of rank 4 in this format as [n, h, w, c]; and y [n, h, w, c] in this format. */
Tensor *channels_last(Tensor *x, DataFormat format);
Tensor *channels_back(Tensor *y, DataFormat format);
/* True if x is an image or a batch of them: rank 3 or 4. */
bool want_image(const char *op, const char *arg, const Tensor *x);
/* x, which want_image passed, as [n, h, w, c]; and y [n, h, w, c] in the rank and format of x. */
Tensor *as_images(Tensor *x, DataFormat format);
Tensor *as_given(Tensor *y, const Tensor *x, DataFormat format);

/* Pools x, an image or a batch of them, by windows that go strictly where they are asked for. */
Tensor *pool_windows(const Window *w, Tensor *x, const Ints *size, Pooling type);

/* A window on volumes: depth, height and width of each. */
typedef struct VolumeGeom {
    int in[3], window[3], out[3];
    int stride[3], dilation[3], before[3];
} VolumeGeom;

/* Places a window of g->window on volumes of g->in; lists are of one number or three, pad is a name
** or one number. A window that is too large has no place: out is 0. */
bool place_volume(const Window *w, VolumeGeom *g);
static inline bool no_place(const VolumeGeom *g) { return !g->out[0] || !g->out[1] || !g->out[2]; }

/* True if x is a volume or a batch of them, rank 4 or 5, with the channels last. */
bool want_volume(const char *op, const char *arg, const Tensor *x, VolumeFormat format);
/* x, which want_volume passed, as [n, d, h, w, c]; and that as images [n * d, h, w, c]. */
Tensor *as_volumes(Tensor *x);
Tensor *as_slices(Tensor *volumes);

#endif
