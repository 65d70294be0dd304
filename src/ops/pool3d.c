/* Pooling of volumes: maxPool3d, avgPool3d. The largest element of a box, and its average, are
** those over the depth of those of its slices: two poolings of images, with their gradients. */
#include "ops/window.h"
#include "ops/binary.gen.h"
#include "ops/view.gen.h"
#include "ops/where.gen.h"

static Tensor *pool(Pooling type, const Window *of, Tensor *x, const Ints *size,
                    const Ints *strides, const Pad *pad) {
    Window w = {of->op, strides, NULL, pad, FORMAT_NHWC, of->rounding};
    return pool_windows(&w, x, size, type);
}

/* x [n, d, h, w, c]: slices first, which leaves less for the depth. */
static Tensor *pool_boxes(Pooling type, const Window *w, Tensor *x, const VolumeGeom *g) {
    const int n = x->shape[0], channels = x->shape[4], *out = g->out;
    if (no_place(g))
        return tn_zeros(INTS(n, out[0], out[1], out[2], channels),
                        type == POOL_MAX && x->dtype == TN_INT32 ? TN_INT32 : TN_FLOAT32);
    Tensor *y = pool(type, w, as_slices(x), INTS(g->window[1], g->window[2]),
                     INTS(g->stride[1], g->stride[2]), w->pad);
    const int side = w->pad->n ? w->pad->v[0] : 0;
    const Pad *ends = side > 0 ? INTS(side, side, 0, 0) : w->pad;
    y = tn_reshape(y, INTS(n, g->in[0], out[1] * out[2], channels));
    y = pool(type, w, y, INTS(g->window[0], 1), INTS(g->stride[0], 1), ends);
    return tn_reshape(y, INTS(n, out[0], out[1], out[2], channels));
}

/* Which outputs along an axis have a box with an element of x: a bool for each. */
static Tensor *boxes_inside(const VolumeGeom *g, int axis) {
    Tensor *inside = tn_tensor(TN_BOOL, INTS(g->out[axis]), NULL);
    for (int i = 0; i < g->out[axis] && !failed(); i++) {
        const int64_t at = (int64_t)i * g->stride[axis] - g->before[axis];
        u8(inside)[i] = at < g->in[axis] && at + g->window[axis] > 0;
    }
    return inside;
}

/* y [n, od, oh, ow, c] with averages of nothing, which are no numbers, made 0. */
static Tensor *zero_outside(Tensor *y, const VolumeGeom *g) {
    bool all = true;
    for (int i = 0; i < 3; i++) {
        const int64_t last = (int64_t)(g->out[i] - 1) * g->stride[i] - g->before[i];
        all = all && g->before[i] < g->window[i] && last < g->in[i];
    }
    if (all || failed()) return y;
    Tensor *depth = tn_reshape(boxes_inside(g, 0), INTS(g->out[0], 1, 1, 1));
    Tensor *height = tn_reshape(boxes_inside(g, 1), INTS(g->out[1], 1, 1));
    Tensor *width = tn_reshape(boxes_inside(g, 2), INTS(g->out[2], 1));
    Tensor *inside = tn_logicalAnd(tn_logicalAnd(depth, height), width);
    return tn_where(inside, y, tn_scalar(0));
}

static Tensor *pool_volumes(Pooling type, const Window *w, Tensor *x, const Ints *size,
                            VolumeFormat format) {
    if (!want_volume(w->op, "x", x, format)) return nothing();
    const int *a = x->shape + x->rank - 4;
    VolumeGeom g = {.in = {a[0], a[1], a[2]}};
    if (!three_numbers(w->op, "Window sizes", size, g.window) || !place_volume(w, &g))
        return nothing();
    Scope *s = tn_scope_begin();
    Tensor *y = pool_boxes(type, w, as_volumes(x), &g);
    if (type == POOL_AVG) y = zero_outside(y, &g);
    return leave(s, x->rank == 4 ? tn_squeeze(y, INTS(0)) : y);
}

/* maxPool3d: The largest element of each box; padding does not count.
**   x : [n, d, h, w, c] | [d, h, w, c]
**   filterSize : ints                     size of the box: depth, height, width
**   strides : ints                        step along depth, height and width
**   pad : padding                         'valid' adds nothing; 'same' gives d / stride by h /
**                                         stride by w / stride; or a number on every side
**   dimRoundingMode : Rounding = null     what becomes of a last box that does not fit whole, if
**                                         pad is a number; down if not given
**   dataFormat : VolumeFormat = 'NDHWC'   'NCDHW' is not supported
**   -> y : dtype of x rank of x           [n, od, oh, ow, c]; the gradient goes to the first of
**                                         equals
** > tf.maxPool3d([[[[1], [2]], [[9], [4]]], [[[5], [6]], [[7], [8]]]], [2, 1, 2], 1, 'valid')
**     // [[[[6]], [[9]]]]
** > tf.maxPool3d([[[[1, 9]]], [[[2, 8]]], [[[3, 7]]]], [2, 1, 1], 2, 'same')
**     // [[[[2, 9]]], [[[3, 7]]]]
*/
OP(maxPool3d, (Tensor * x, const Ints *filterSize, const Ints *strides, const Pad *pad,
               Rounding dimRoundingMode, VolumeFormat dataFormat)) {
    Window w = {"maxPool3d", strides, NULL, pad, FORMAT_NHWC, dimRoundingMode};
    return pool_volumes(POOL_MAX, &w, x, filterSize, dataFormat);
}

/* avgPool3d: The average of each box; padding does not count.
**   x : float32 [n, d, h, w, c] | [d, h, w, c]
**   filterSize : ints                            size of the box: depth, height, width
**   strides : ints                               step along depth, height and width
**   pad : padding                                'valid' adds nothing; 'same' gives d / stride by
**                                                h / stride by w / stride; or a number on every
**                                                side
**   dimRoundingMode : Rounding = null            what becomes of a last box that does not fit
**                                                whole, if pad is a number; down if not given
**   dataFormat : VolumeFormat = 'NDHWC'          'NCDHW' is not supported
**   -> y : float32 rank of x                     [n, od, oh, ow, c]
** > tf.avgPool3d([[[[1], [2]], [[9], [4]]], [[[5], [6]], [[7], [8]]]], [2, 1, 2], 1, 'valid')
**     // [[[[3.5]], [[7]]]]
** > tf.avgPool3d([[[[1, 9]]], [[[2, 8]]], [[[3, 7]]]], [2, 1, 1], 2, 'same')
**     // [[[[1.5, 8.5]]], [[[3, 7]]]]
*/
OP(avgPool3d, (Tensor * x, const Ints *filterSize, const Ints *strides, const Pad *pad,
               Rounding dimRoundingMode, VolumeFormat dataFormat)) {
    if (!want_dtype("avgPool3d", "x", x, TN_FLOAT32)) return nothing();
    Window w = {"avgPool3d", strides, NULL, pad, FORMAT_NHWC, dimRoundingMode};
    return pool_volumes(POOL_AVG, &w, x, filterSize, dataFormat);
}
