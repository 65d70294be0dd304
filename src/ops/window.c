/* Where the windows of convolution and pooling go: strides, dilations, padding, output sizes. */
#include "window.h"

bool two_numbers(const char *op, const char *arg, const Ints *list, int *height, int *width) {
    if (failed()) return false;
    if (list->n < 1 || list->n > 2) {
        fail(TN_VALUE, "%s: %s must be one number or two, but are %d", op, arg, list->n);
        return false;
    }
    *height = list->v[0];
    *width = list->v[list->n - 1];
    if (*height > 0 && *width > 0) return true;
    fail(TN_VALUE, "%s: %s should be larger than 0, but got %s", op, arg,
         ints_text(list->n, list->v));
    return false;
}

/* One axis of the window: what goes in, and what place_axis works out. */
typedef struct Axis {
    int size, window, stride, dilation;
    int before, after; /* padding */
    int out;
} Axis;

static bool is_same(const Pad *pad) { return pad->n == 1 && pad->v[0] == -1; }

/* Explicit padding of both axes, from a number or from pairs; what pairs for batch and channels say
** is not looked at. */
static bool explicit_pad(const Window *w, Axis *rows, Axis *columns) {
    const Pad *p = w->pad;
    if (p->n != 1 && p->n != 4 && p->n != 8) {
        fail(TN_VALUE,
             "%s: pad must be 'valid', 'same', one number or a pair for each axis, but got %d numbers",
             w->op, p->n);
        return false;
    }
    const int *at = p->v + (p->n == 8 ? (w->format == FORMAT_NHWC ? 2 : 4) : 0);
    int step = p->n > 1;
    for (int i = 0; i < 4; i++) {
        if (at[i * step] >= 0) continue;
        fail(TN_VALUE, "%s: pad %s must not be negative", w->op, ints_text(p->n, p->v));
        return false;
    }
    rows->before = at[0], rows->after = at[step];
    columns->before = at[2 * step], columns->after = at[3 * step];
    return true;
}

/* How many windows fit into `room` elements after the first, each `stride` further on. */
static int64_t steps_of(int64_t room, int stride, Rounding rounding) {
    int64_t whole = room / stride, rest = room % stride;
    if (rounding == ROUND_CEIL) return whole + (rest > 0);
    if (rounding == ROUND_NEAREST) return whole + (2 * rest >= stride);
    return whole;
}

/* Works out the number of windows, and padding where it is 'same'. */
static bool place_axis(const Window *w, Axis *a) {
    int64_t span = (int64_t)(a->window - 1) * a->dilation + 1;
    int64_t room = (int64_t)a->size + a->before + a->after - span;
    if (room + 2 * span + a->stride > INT32_MAX) {
        fail(TN_SHAPE, "%s: size %d with padding %d, window %.0f and stride %d is too large", w->op,
             a->size, a->before, (double)span, a->stride);
        return false;
    }
    if (is_same(w->pad)) {
        a->out = (int)(((int64_t)a->size + a->stride - 1) / a->stride);
        int64_t missing = (int64_t)(a->out - 1) * a->stride + span - a->size;
        a->before = missing > 0 ? (int)(missing / 2) : 0;
        return true;
    }
    if (room < 0) {
        fail(TN_SHAPE, "%s: a window of %.0f does not fit into %.0f elements%s", w->op,
             (double)span, (double)(room + span), a->before || a->after ? " with padding" : "");
        return false;
    }
    a->out = 1 + (int)steps_of(room, a->stride, w->rounding);
    return true;
}

bool place_window(const Window *w, ConvGeom *g) {
    Axis rows = {.size = g->ih, .window = g->kh, .dilation = 1};
    Axis columns = {.size = g->iw, .window = g->kw, .dilation = 1};
    if (!two_numbers(w->op, "Strides", w->strides, &rows.stride, &columns.stride)) return false;
    if (w->dilations &&
        !two_numbers(w->op, "Dilated rates", w->dilations, &rows.dilation, &columns.dilation))
        return false;
    if ((rows.stride > 1 || columns.stride > 1) && (rows.dilation > 1 || columns.dilation > 1)) {
        fail(TN_VALUE, "%s: Either strides or dilations must be 1. Got strides %s and dilations %s",
             w->op, ints_text(2, (int[]){rows.stride, columns.stride}),
             ints_text(2, (int[]){rows.dilation, columns.dilation}));
        return false;
    }
    bool named = w->pad->n == 0 || is_same(w->pad);
    if (w->rounding != ROUND_NONE && named) {
        fail(TN_VALUE, "%s: pad must be an integer when using dimRoundingMode but got pad %s",
             w->op, w->pad->n ? "same" : "valid");
        return false;
    }
    if (g->kh < 1 || g->kw < 1) {
        fail(TN_SHAPE, "%s: a window of %d x %d has no elements", w->op, g->kh, g->kw);
        return false;
    }
    if (!named && !explicit_pad(w, &rows, &columns)) return false;
    if (!place_axis(w, &rows) || !place_axis(w, &columns)) return false;
    g->sh = rows.stride, g->sw = columns.stride;
    g->dh = rows.dilation, g->dw = columns.dilation;
    g->pt = rows.before, g->pl = columns.before;
    g->oh = rows.out, g->ow = columns.out;
    return true;
}

/* ---- images ---- */

bool want_image(const char *op, const char *arg, const Tensor *x) {
    if (failed()) return false;
    if (x->rank == 3 || x->rank == 4) return true;
    fail(TN_SHAPE, "%s: %s must be rank 4 (or 3: one image), but got rank %d", op, arg, x->rank);
    return false;
}

Tensor *as_images(Tensor *x, DataFormat format) {
    if (x->rank == 3) x = tn_expandDims(x, 0);
    return format == FORMAT_NCHW ? tn_transpose(x, INTS(0, 2, 3, 1), false) : x;
}

Tensor *as_given(Tensor *y, const Tensor *x, DataFormat format) {
    if (format == FORMAT_NCHW) y = tn_transpose(y, INTS(0, 3, 1, 2), false);
    return x->rank == 3 ? tn_squeeze(y, INTS(0)) : y;
}
