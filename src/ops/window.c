/* Where the windows of convolution and pooling go: strides, dilations, padding, output sizes. */
#include "ops/window.h"
#include "ops/transpose.gen.h"
#include "ops/view.gen.h"

/* The n numbers of a list that may be one for all of them. */
static bool numbers_of(const char *op, const char *arg, const Ints *list, int n, int *v) {
    if (failed()) return false;
    if (list->n != 1 && list->n != n) {
        fail(TN_VALUE, "%s: %s must be one number or %s, but are %d", op, arg,
             n == 2 ? "two" : "three", list->n);
        return false;
    }
    bool positive = true;
    for (int i = 0; i < n; i++) {
        v[i] = list->v[list->n == 1 ? 0 : i];
        positive = positive && v[i] > 0;
    }
    if (!positive)
        fail(TN_VALUE, "%s: %s should be larger than 0, but got %s", op, arg,
             ints_text(list->n, list->v));
    return positive;
}

bool two_numbers(const char *op, const char *arg, const Ints *list, int *height, int *width) {
    int v[2];
    if (!numbers_of(op, arg, list, 2, v)) return false;
    *height = v[0], *width = v[1];
    return true;
}

bool three_numbers(const char *op, const char *arg, const Ints *list, int *v) {
    return numbers_of(op, arg, list, 3, v);
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
             "%s: pad must be 'valid', 'same', one number or a pair for each axis, but got %d "
             "numbers",
             w->op, p->n);
        return false;
    }
    const int *at = p->v + (p->n == 8 ? (w->format == FORMAT_NHWC ? 2 : 4) : 0);
    int stride = p->n > 1;
    for (int i = 0; i < 4; i++) {
        if (at[i * stride] >= 0) continue;
        fail(TN_VALUE, "%s: pad %s must not be negative", w->op, ints_text(p->n, p->v));
        return false;
    }
    rows->before = at[0], rows->after = at[stride];
    columns->before = at[2 * stride], columns->after = at[3 * stride];
    return true;
}

static int64_t span_of(const Axis *a) { return window_span(a->window, a->dilation); }
static int64_t padded_size(const Axis *a) { return (int64_t)a->size + a->before + a->after; }

/* Works out the number of windows, and padding where it is 'same'. */
static bool place_axis(const Window *w, Axis *a) {
    const int64_t span = span_of(a), n = padded_size(a);
    const bool same = is_same(w->pad);
    if (n + span + a->stride > INT32_MAX) {
        fail(TN_SHAPE, "%s: size %d with padding %d, window %.0f and stride %d is too large", w->op,
             a->size, a->before, (double)span, a->stride);
        return false;
    }
    a->out = (int)window_count(n, span, a->stride, same, w->rounding);
    if (same) {
        const int64_t missing = (int64_t)(a->out - 1) * a->stride + span - a->size;
        a->before = missing > 0 ? (int)(missing / 2) : 0;
        return true;
    }
    if (a->out) return true;
    fail(TN_SHAPE, "%s: a window of %.0f does not fit into %.0f elements%s", w->op, (double)span,
         (double)n, a->before || a->after ? " with padding" : "");
    return false;
}

/* Strides and dilations of n axes; both: that they may be above 1 together. */
static bool read_strides(const Window *w, int n, bool both, Axis *axes) {
    int strides[3], dilations[3] = {1, 1, 1};
    bool stride = false, dilation = false;
    if (!numbers_of(w->op, "Strides", w->strides, n, strides)) return false;
    if (w->dilations && !numbers_of(w->op, "Dilated rates", w->dilations, n, dilations))
        return false;
    for (int i = 0; i < n; i++) {
        axes[i].stride = strides[i], axes[i].dilation = dilations[i];
        stride = stride || strides[i] > 1, dilation = dilation || dilations[i] > 1;
    }
    if (!stride || !dilation || both) return true;
    fail(TN_VALUE, "%s: Either strides or dilations must be 1. Got strides %s and dilations %s",
         w->op, ints_text(n, strides), ints_text(n, dilations));
    return false;
}

static bool is_named(const Pad *pad) { return pad->n == 0 || is_same(pad); }

static bool check_rounding(const Window *w) {
    if (w->rounding == ROUND_NONE || !is_named(w->pad)) return true;
    fail(TN_VALUE, "%s: pad must be an integer when using dimRoundingMode but got pad %s", w->op,
         w->pad->n ? "same" : "valid");
    return false;
}

static bool place(const Window *w, ConvGeom *g, bool both) {
    Axis axes[2] = {{.size = g->ih, .window = g->kh}, {.size = g->iw, .window = g->kw}};
    Axis *rows = axes, *columns = axes + 1;
    if (!read_strides(w, 2, both, axes) || !check_rounding(w)) return false;
    if (g->kh < 1 || g->kw < 1) {
        fail(TN_SHAPE, "%s: a window of %d x %d has no elements", w->op, g->kh, g->kw);
        return false;
    }
    if (!is_named(w->pad) && !explicit_pad(w, rows, columns)) return false;
    if (!place_axis(w, rows) || !place_axis(w, columns)) return false;
    g->sh = rows->stride, g->sw = columns->stride;
    g->dh = rows->dilation, g->dw = columns->dilation;
    g->pt = rows->before, g->pl = columns->before;
    g->oh = rows->out, g->ow = columns->out;
    return true;
}

bool place_window(const Window *w, ConvGeom *g) { return place(w, g, false); }
bool place_loose_window(const Window *w, ConvGeom *g) { return place(w, g, true); }

bool place_volume(const Window *w, VolumeGeom *g) {
    Axis axes[3] = {{.size = 0}};
    if (!read_strides(w, 3, false, axes) || !check_rounding(w)) return false;
    const bool named = is_named(w->pad);
    if (!named && (w->pad->n != 1 || w->pad->v[0] < 0)) {
        fail(TN_VALUE, "%s: pad must be 'valid', 'same' or one number from 0 on, but got %s", w->op,
             ints_text(w->pad->n, w->pad->v));
        return false;
    }
    for (int i = 0; i < 3; i++) {
        Axis *a = axes + i;
        a->size = g->in[i], a->window = g->window[i];
        if (!named) a->before = a->after = w->pad->v[0];
        if (a->window < 1) {
            fail(TN_SHAPE, "%s: a window of %d x %d x %d has no elements", w->op, g->window[0],
                 g->window[1], g->window[2]);
            return false;
        }
        const bool none =
            !is_same(w->pad) && padded_size(a) < span_of(a); /* no error here, as with the peer */
        if (!none && !place_axis(w, a)) return false;
        g->out[i] = a->out, g->before[i] = a->before;
        g->stride[i] = a->stride, g->dilation[i] = a->dilation;
    }
    return true;
}

/* ---- images ---- */

bool want_image(const char *op, const char *arg, const Tensor *x) {
    if (failed()) return false;
    if (x->rank == 3 || x->rank == 4) return true;
    fail(TN_SHAPE, "%s: %s must be rank 4 (or 3: one image), but got rank %d", op, arg, x->rank);
    return false;
}

Tensor *channels_last(Tensor *x, DataFormat format) {
    return format == FORMAT_NCHW ? tn_transpose(x, INTS(0, 2, 3, 1), false) : x;
}

Tensor *channels_back(Tensor *y, DataFormat format) {
    return format == FORMAT_NCHW ? tn_transpose(y, INTS(0, 3, 1, 2), false) : y;
}

Tensor *as_images(Tensor *x, DataFormat format) {
    return channels_last(x->rank == 3 ? tn_expandDims(x, 0) : x, format);
}

Tensor *as_given(Tensor *y, const Tensor *x, DataFormat format) {
    y = channels_back(y, format);
    return x->rank == 3 ? tn_squeeze(y, INTS(0)) : y;
}

/* ---- volumes ---- */

bool want_volume(const char *op, const char *arg, const Tensor *x, VolumeFormat format) {
    if (failed()) return false;
    if (x->rank != 4 && x->rank != 5)
        fail(TN_SHAPE, "%s: %s must be rank 5 (or 4: one volume), but got rank %d", op, arg,
             x->rank);
    else if (format != FORMAT_NDHWC)
        fail(TN_VALUE, "%s: Only NDHWC is currently supported, but got dataFormat of NCDHW", op);
    return !failed();
}

Tensor *as_volumes(Tensor *x) { return x->rank == 4 ? tn_expandDims(x, 0) : x; }

Tensor *as_slices(Tensor *volumes) {
    const int *a = volumes->shape;
    if (failed()) return nothing();
    return tn_reshape(volumes, INTS(a[0] * a[1], a[2], a[3], a[4]));
}
