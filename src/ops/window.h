/* What convolution and pooling share: where a window goes on an image, and how images of other
** ranks and formats become [n, h, w, c]. */
#ifndef WINDOW_H
#define WINDOW_H
#include "../op.h"
#include "../cpu/conv.h"

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

/* Places a window of g->kh x kw on images of g->ih x iw: fills strides, dilations, padding and
** output size, all of which the kernels can add up without overflow. False with the error set. */
bool place_window(const Window *w, ConvGeom *g);

/* True if x is an image or a batch of them: rank 3 or 4. */
bool want_image(const char *op, const char *arg, const Tensor *x);
/* x, which want_image passed, as [n, h, w, c]; and y [n, h, w, c] in the rank and format of x. */
Tensor *as_images(Tensor *x, DataFormat format);
Tensor *as_given(Tensor *y, const Tensor *x, DataFormat format);

#endif
