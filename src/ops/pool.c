/* Pooling: maxPool, avgPool, pool. The gradient of an average is an average spread back, and the
** gradient of that an average again. The gradient of a maximum goes where the maximum was, the
** first one of equals: spread_max puts it there, pick_max reads from there, each the gradient of
** the other. */
#include "ops/window.h"
#include "backend/cpu/pool_kernels.h"
#include "ops/view.gen.h"

static Tensor *average(Tensor *x, const ConvGeom *g);
static Tensor *spread_average(Tensor *dy, const ConvGeom *g);
static Tensor *spread_max(Tensor *x, Tensor *dy, const ConvGeom *g);
static Tensor *pick_max(Tensor *x, Tensor *v, const ConvGeom *g);

static Tensor *pooled(const ConvGeom *g, DType dtype) {
    return make(dtype, 4, (int[]){g->n, g->oh, g->ow, g->ic});
}

static Tensor *whole(const ConvGeom *g) {
    return make(TN_FLOAT32, 4, (int[]){g->n, g->ih, g->iw, g->ic});
}

/* ---- averages; padding does not count ---- */

static void avgPool_cpu(Call *c) { avg_pool(c->attrs, f32(c->in[0]), f32(c->out[0])); }
static void avgPool_grad(Call *c, Tensor **dy, Tensor **dx) {
    dx[0] = spread_average(dy[0], c->attrs);
}

static void spread_average_cpu(Call *c) { avg_pool_grad(c->attrs, f32(c->in[0]), f32(c->out[0])); }
static void spread_average_grad(Call *c, Tensor **d, Tensor **dx) {
    dx[0] = average(d[0], c->attrs);
}

extern const Op avgPool_op;
static const Op spread_average_op = {.name = "avgPool_grad",
                                     .cpu = spread_average_cpu,
                                     .gl = "avgPoolGrad",
                                     .grad = spread_average_grad};

static Tensor *average(Tensor *x, const ConvGeom *g) {
    if (failed()) return nothing();
    return run(&avgPool_op, IN(x), OUT(pooled(g, TN_FLOAT32)), g, sizeof *g);
}

static Tensor *spread_average(Tensor *dy, const ConvGeom *g) {
    if (failed()) return nothing();
    return run(&spread_average_op, IN(dy), OUT(whole(g)), g, sizeof *g);
}

/* ---- maxima ---- */

static void maxPool_cpu(Call *c) {
    const Tensor *x = c->in[0], *y = c->out[0];
    if (x->dtype == TN_INT32) max_pool_ints(c->attrs, i32(x), i32(y));
    else max_pool(c->attrs, f32(x), f32(y));
}
static void maxPool_grad(Call *c, Tensor **dy, Tensor **dx) {
    dx[0] = spread_max(to_float(c->in[0]), dy[0], c->attrs);
}

static void spread_max_cpu(Call *c) {
    max_pool_grad(c->attrs, f32(c->in[0]), f32(c->in[1]), f32(c->out[0]));
}
static void spread_max_grad(Call *c, Tensor **d, Tensor **dx) {
    if (wants(c, 1)) dx[1] = pick_max(c->in[0], d[0], c->attrs);
}

static void pick_max_cpu(Call *c) {
    max_pool_pick(c->attrs, f32(c->in[0]), f32(c->in[1]), f32(c->out[0]));
}
static void pick_max_grad(Call *c, Tensor **dy, Tensor **dx) {
    if (wants(c, 1)) dx[1] = spread_max(c->in[0], dy[0], c->attrs);
}

extern const Op maxPool_op;
static const Op spread_max_op = {
    .name = "maxPool_grad", .cpu = spread_max_cpu, .gl = "maxPoolGrad", .grad = spread_max_grad};
static const Op pick_max_op = {
    .name = "maxPool_pick", .cpu = pick_max_cpu, .gl = "maxPoolPick", .grad = pick_max_grad};

static Tensor *maximum(Tensor *x, const ConvGeom *g) {
    if (failed()) return nothing();
    return run(&maxPool_op, IN(x), OUT(pooled(g, x->dtype)), g, sizeof *g);
}

static Tensor *spread_max(Tensor *x, Tensor *dy, const ConvGeom *g) {
    if (failed()) return nothing();
    return run(&spread_max_op, IN(x, dy), OUT(whole(g)), g, sizeof *g);
}

static Tensor *pick_max(Tensor *x, Tensor *v, const ConvGeom *g) {
    if (failed()) return nothing();
    return run(&pick_max_op, IN(x, v), OUT(pooled(g, TN_FLOAT32)), g, sizeof *g);
}

/* ---- the ops ---- */

/* A window of one element that leaves the size as it is. */
static bool keeps_all(const ConvGeom *g) {
    return g->kh == 1 && g->kw == 1 && g->oh == g->ih && g->ow == g->iw;
}

/* What a pooling is of: the largest of int32 are int32. */
static Tensor *numbers(Tensor *x, Pooling type) {
    return type == POOL_MAX && x->dtype == TN_INT32 ? x : to_float(x);
}

/* such_is_x: windows that keep all give x, wherever padding and strides would put them. */
static Tensor *pool_by(const Window *w, Tensor *x, const Ints *size, Pooling type, bool such_is_x) {
    if (!want_image(w->op, "x", x)) return nothing();
    ConvGeom g = {.oc = 1};
    Scope *s = tn_scope_begin();
    Tensor *images = as_images(numbers(x, type), FORMAT_NHWC);
    if (!two_numbers(w->op, "Window sizes", size, &g.kh, &g.kw)) return leave(s, nothing());
    g.n = images->shape[0], g.ih = images->shape[1], g.iw = images->shape[2];
    g.ic = images->shape[3];
    if (!place_window(w, &g)) return leave(s, nothing());
    Tensor *y = such_is_x && keeps_all(&g) ? tn_clone(images)
                : type == POOL_AVG         ? average(images, &g)
                                           : maximum(images, &g);
    return leave(s, as_given(y, x, FORMAT_NHWC));
}

Tensor *pool_windows(const Window *w, Tensor *x, const Ints *size, Pooling type) {
    return pool_by(w, x, size, type, false);
}

/* As the peer has it. */
static Tensor *pool_images(const Window *w, Tensor *x, const Ints *size, Pooling type) {
    return pool_by(w, x, size, type, true);
}

/* maxPool: The largest element of each window; padding does not count.
**   x : [n, h, w, c] | [h, w, c]
**   filterSize : ints                   size of the window
**   strides : ints                      step along height and width
**   pad : padding                       'valid' adds nothing; 'same' gives h / stride by w /
**                                       stride; a number on every side, or [[0, 0], [top, bottom],
**                                       [left, right], [0, 0]]
**   dimRoundingMode : Rounding = null   what becomes of a last window that does not fit whole, if
**                                       pad is given in numbers; down if not given
**   -> y : dtype of x rank of x         [n, oh, ow, c]; NaN is passed over; the gradient goes to
**                                       the first of equals
** > tf.maxPool([[[1], [2], [5]], [[4], [3], [6]]], 2, 1, 'valid')   // [[[4], [6]]]
** > tf.maxPool([[[1, 6], [2, 5], [3, 4]]], [1, 2], 2, 'same')   // [[[2, 6], [3, 4]]]
*/
OP(maxPool, (Tensor * x, const Ints *filterSize, const Ints *strides, const Pad *pad,
             Rounding dimRoundingMode)) {
    Window w = {"maxPool", strides, NULL, pad, FORMAT_NHWC, dimRoundingMode};
    return pool_images(&w, x, filterSize, POOL_MAX);
}
IMPL(maxPool, .cpu = maxPool_cpu, .gl = "maxPool", .grad = maxPool_grad);

/* avgPool: The average of each window; padding does not count.
**   x : float32 [n, h, w, c] | [h, w, c]
**   filterSize : ints                      size of the window
**   strides : ints                         step along height and width
**   pad : padding                          'valid' adds nothing; 'same' gives h / stride by w /
**                                          stride; a number on every side, or [[0, 0], [top,
**                                          bottom], [left, right], [0, 0]]
**   dimRoundingMode : Rounding = null      what becomes of a last window that does not fit whole,
**                                          if pad is given in numbers; down if not given
**   -> y : float32 rank of x               [n, oh, ow, c]
** > tf.avgPool([[[1], [2], [5]], [[4], [3], [6]]], 2, 1, 'valid')   // [[[2.5], [4]]]
** > tf.avgPool([[[1, 6], [2, 5], [3, 4]]], [1, 2], 2, 'same')   // [[[1.5, 5.5], [3, 4]]]
*/
OP(avgPool, (Tensor * x, const Ints *filterSize, const Ints *strides, const Pad *pad,
             Rounding dimRoundingMode)) {
    if (!want_dtype("avgPool", "x", x, TN_FLOAT32)) return nothing();
    Window w = {"avgPool", strides, NULL, pad, FORMAT_NHWC, dimRoundingMode};
    return pool_images(&w, x, filterSize, POOL_AVG);
}
IMPL(avgPool, .cpu = avgPool_cpu, .gl = "avgPool", .grad = avgPool_grad);

/* ---- where the largest is ---- */

typedef struct Where {
    ConvGeom g;
    int batch; /* count through all images */
} Where;

static void where_cpu(Call *c) {
    const Where *w = c->attrs;
    const ConvGeom *g = &w->g;
    int *where = i32(c->out[0]);
    if (c->in[0]->dtype == TN_INT32) max_pool_where_ints(g, i32(c->in[0]), where);
    else max_pool_where(g, f32(c->in[0]), where);
    const int windows = g->oh * g->ow * g->ic, image = g->ih * g->iw * g->ic;
    for (int b = 1; w->batch && b < g->n; b++)
        for (int i = 0; i < windows; i++) {
            int *at = where + (int64_t)b * windows + i;
            *at += *at < 0 ? 0 : b * image;
        }
}
static const Op where_op = {
    .name = "maxPool_where", .cpu = where_cpu, .gl = "maxPoolWhere", .constant = true};

/* maxPoolWithArgmax: maxPool, and where the largest elements are.
**   x : [n, h, w, c]
**   filterSize : ints                    size of the window
**   strides : ints                       step along height and width
**   pad : padding                        as in maxPool
**   includeBatchInIndex : bool = false   places are counted through all images, not within each
**   -> result : [n, oh, ow, c]
**   -> indexes : int32 [n, oh, ow, c]    (row * w + column) * c + channel of the first of equals
** > tf.maxPoolWithArgmax([[[[1], [2], [5]], [[4], [3], [6]]]], 2, 1, 'valid')
**     // {result: [[[[4], [6]]]], indexes: [[[[3], [5]]]]}
** > tf.maxPoolWithArgmax([[[[1, 6], [2, 5]]], [[[3, 4], [7, 0]]]], [1, 2], 2, 'same', true)
**     // {result: [[[[2, 6]]], [[[7, 4]]]], indexes: [[[[2, 1]]], [[[6, 5]]]]}
*/
OP(maxPoolWithArgmax, (Tensor * x, const Ints *filterSize, const Ints *strides, const Pad *pad,
                       bool includeBatchInIndex, Tensor **indexes)) {
    if (!want_rank("maxPoolWithArgmax", "x", x, 4)) return nothing();
    Window w = {"maxPoolWithArgmax", strides, NULL, pad, FORMAT_NHWC, ROUND_NONE};
    const int *a = x->shape;
    Where p = {{.n = a[0], .ih = a[1], .iw = a[2], .ic = a[3], .oc = 1}, includeBatchInIndex};
    if (!two_numbers(w.op, "Window sizes", filterSize, &p.g.kh, &p.g.kw) || !place_window(&w, &p.g))
        return nothing();
    Scope *s = tn_scope_begin();
    Tensor *images = numbers(x, POOL_MAX);
    if (failed()) return leave(s, nothing());
    Tensor *y = maximum(images, &p.g);
    Tensor *where = make(TN_INT32, 4, (int[]){p.g.n, p.g.oh, p.g.ow, p.g.ic});
    where = run(&where_op, IN(images), OUT(where), &p, sizeof p);
    give(indexes, tn_scope_out(s, where));
    return leave(s, y);
}

/* pool: maxPool or avgPool, with windows that may have holes.
**   input : [n, h, w, c] | [h, w, c]
**   windowShape : ints                  size of the window
**   poolingType : Pooling               'max' or 'avg'
**   pad : padding                       as in maxPool
**   dilations : ints = [1, 1]           distance between neighbours of the window; 1 if strides
**                                       are above 1
**   strides : ints = [1, 1]             step along height and width
**   dimRoundingMode : Rounding = null   as in maxPool
**   -> y : rank of input                [n, oh, ow, c]
** > tf.pool([[[1], [2], [5]], [[4], [3], [6]]], 2, 'max', 'valid', [1, 2])   // [[[6]]]
** > tf.pool([[[1], [2], [5], [7]]], [1, 2], 'avg', 'same', [1, 2])   // [[[2], [3], [4.5], [5]]]
*/
OP(pool, (Tensor * input, const Ints *windowShape, Pooling poolingType, const Pad *pad,
          const Ints *dilations, const Ints *strides, Rounding dimRoundingMode)) {
    Window w = {"pool", strides, dilations, pad, FORMAT_NHWC, dimRoundingMode};
    return pool_images(&w, input, windowShape, poolingType);
}
