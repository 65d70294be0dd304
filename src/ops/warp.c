/* Images seen through a map of places: image.transform, image.rotateWithOffset. Where each pixel of
** the result lies in the image is worked out in double. */
#include "ops/attrs.h"
#include "ops/sample.h"
#include "ops/binary.gen.h"
#include "ops/join.gen.h"
#include "ops/matmul.gen.h"
#include "ops/reduce.gen.h"
#include "ops/slice.gen.h"
#include "ops/unary.gen.h"
#include "ops/view.gen.h"

/* ---- what lies outside ---- */

/* A coordinate brought into the image, and how fast it moves with the one it was made from. */
typedef struct Coordinate {
    double at;
    float slope;
} Coordinate;

/* [abcd] is seen as [dcba|abcd|dcba]. */
static Coordinate reflected(double at, int n) {
    const double period = 2.0 * n;
    if (at < 0) {
        at += period * trunc(-at / period);
        return at < -n ? (Coordinate){at + period, 1} : (Coordinate){-at - 1, -1};
    }
    at -= period * trunc(at / period);
    return at >= n ? (Coordinate){period - at - 1, -1} : (Coordinate){at, 1};
}

/* [abcd] is seen as [abcd|abcd|abcd]; the peer counts how often by n - 1. */
static Coordinate wrapped(double at, int n) {
    if (at < 0) return (Coordinate){at + n * (trunc(-at / (n - 1)) + 1), 1};
    return (Coordinate){at - n * trunc(at / (n - 1)), 1};
}

static Coordinate mapped(double at, int n, int mode) {
    Coordinate c = {at, 1};
    if (mode == FILL_CONSTANT || (at >= 0 && at <= n - 1)) return c;
    if (mode != FILL_NEAREST && n <= 1) return (Coordinate){0, 0};
    if (mode == FILL_REFLECT) c = reflected(at, n);
    else if (mode == FILL_WRAP) c = wrapped(at, n);
    if (c.at < 0) return (Coordinate){0, 0};
    if (c.at > n - 1) return (Coordinate){n - 1, 0};
    return c;
}

/* ---- transform: which pixels, and their shares ---- */

static int tap(const Warp *w, int image, int y, int x) {
    if (y < 0 || y >= w->in_h || x < 0 || x >= w->in_w) return TAP_OUTSIDE;
    return (image * w->in_h + y) * w->in_w + x;
}

/* Whether one of the four pixels around a place, if there are four, may be in the image. */
static bool near_image(double y, double x, const Warp *w) {
    return y > -1 && y < w->in_h && x > -1 && x < w->in_w;
}

static void point(const Warp *w, int image, double y, double x, int *index) {
    if (!near_image(y, x, w)) { /* or not a number */
        for (int t = 0; t < w->taps; t++) index[t] = PIXEL_OUTSIDE;
    } else if (w->taps == 1) {
        index[0] = tap(w, image, (int)floor(y + 0.5), (int)floor(x + 0.5));
    } else {
        const int top = (int)floor(y), left = (int)floor(x);
        for (int t = 0; t < 4; t++) index[t] = tap(w, image, top + t / 2, left + t % 2);
    }
}

/* What is written for each pixel: index [.., taps]; if not null, how far down and to the right of
** the first tap the place is, and the slopes of that. */
typedef struct Places {
    int *index;
    float *down, *right, *down_slope, *right_slope;
} Places;

static void put_place(const Warp *w, int image, const float *t, int row, int column, int64_t i,
                      Places *p) {
    const double depth = (double)t[6] * column + (double)t[7] * row + 1;
    Coordinate x = {NAN, 0}, y = x;
    if (depth != 0) {
        x = mapped(((double)t[0] * column + (double)t[1] * row + t[2]) / depth, w->in_w, w->mode);
        y = mapped(((double)t[3] * column + (double)t[4] * row + t[5]) / depth, w->in_h, w->mode);
    }
    point(w, image, y.at, x.at, p->index + i * w->taps);
    if (!p->down) return;
    const bool near = near_image(y.at, x.at, w);
    p->down[i] = near ? (float)(y.at - floor(y.at)) : 0;
    p->right[i] = near ? (float)(x.at - floor(x.at)) : 0;
    p->down_slope[i] = near ? y.slope : 0;
    p->right_slope[i] = near ? x.slope : 0;
}

static void put_places(const Call *c, Places p) {
    const Warp *w = c->attrs;
    const float *t = f32(c->in[0]);
    int64_t i = 0;
    for (int b = 0; b<w->images; b++, t += w->transforms> 1 ? 8 : 0)
        for (int row = 0; row < w->out_h; row++)
            for (int column = 0; column < w->out_w; column++)
                put_place(w, b, t, row, column, i++, &p);
}

static void index_cpu(Call *c) { put_places(c, (Places){.index = i32(c->out[0])}); }
static const Op index_op = {.name = "warp_index", .cpu = index_cpu, .gl = "warp", .constant = true};

static void shares_cpu(Call *c) {
    Tensor **out = c->out;
    put_places(c, (Places){i32(out[4]), f32(out[0]), f32(out[1]), f32(out[2]), f32(out[3])});
}

/* [out_h * out_w, 3]: column and row of each pixel of the result, and 1. */
static Tensor *pixel_grid(const Warp *w) {
    Tensor *grid = tn_tensor(TN_FLOAT32, INTS(w->out_h * w->out_w, 3), NULL);
    if (failed()) return nothing();
    float *v = f32(grid);
    for (int i = 0; i < w->out_h * w->out_w; i++, v += 3)
        v[0] = (float)(i % w->out_w), v[1] = (float)(i / w->out_w), v[2] = 1;
    return grid;
}

/* Columns begin.. of the transforms, as [transforms, rows, size / rows]. */
static Tensor *part_of(Tensor *t, int begin, int size, int rows) {
    Tensor *part = tn_slice(t, INTS(0, begin), INTS(-1, size));
    return failed() ? nothing() : tn_reshape(part, INTS(t->shape[0], rows, size / rows));
}

/* A place is above / depth, both linear in the transform: (t0 t1 t2, t3 t4 t5) and (t6 t7) times
** the grid. dy[0], dy[1]: by how far down and right; slopes make that the gradient by the place. */
static void shares_grad(Call *c, Tensor **dy, Tensor **dx) {
    const Warp *w = c->attrs;
    Tensor *grid = pixel_grid(w), *t = c->in[0];
    const int pixels = w->out_h * w->out_w;
    Tensor *columns = tn_slice(grid, INTS(0, 0), INTS(-1, 2));
    Tensor *above = tn_matMul(part_of(t, 0, 6, 2), grid, false, true);
    Tensor *depth = tn_add(tn_matMul(part_of(t, 6, 2, 1), columns, false, true), tn_scalar(1));
    Tensor *place = tn_divNoNan(above, depth); /* [transforms, 2, pixels], x first */
    Tensor *d = tn_stack(LIST(tn_mul(dy[1], c->out[3]), tn_mul(dy[0], c->out[2])), 1);
    d = tn_divNoNan(tn_reshape(d, INTS(w->images, 2, pixels)), depth);
    Tensor *by_above = tn_reshape(tn_matMul(d, grid, false, false), INTS(w->images, 6));
    Tensor *by_depth = tn_neg(tn_sum(tn_mul(d, place), INTS(1), false));
    Tensor *all = tn_concat(LIST(by_above, tn_matMul(by_depth, columns, false, false)), 1);
    dx[0] = w->transforms == w->images ? all : tn_sum(all, INTS(0), true);
}
static const Op shares_op = {
    .name = "warp_shares", .cpu = shares_cpu, .gl = "warp", .grad = shares_grad};

static Tensor *transformed(Tensor *image, Tensor *transforms, const Warp *w, float fill) {
    const int n = w->images, h = w->out_h, v = w->out_w, channels = image->shape[3];
    Tensor *index = make(TN_INT32, 4, (int[]){n, h, v, w->taps}), *weights = NULL;
    if (failed()) return nothing();
    if (w->taps == 1) {
        run(&index_op, IN(transforms), OUT(index), w, sizeof *w);
    } else {
        Tensor *out[5] = {[4] = index};
        for (int i = 0; i < 4; i++) out[i] = make(TN_FLOAT32, 3, (int[]){n, h, v});
        if (failed()) return nothing();
        run(&shares_op, IN(transforms), out, 5, w, sizeof *w);
        if (failed()) return nothing();
        weights = bilinear_weights(out[0], out[1]);
    }
    const Sample s = {.taps = w->taps,
                      .channels = channels,
                      .sources = n * w->in_h * w->in_w,
                      .unit = w->taps == 4,
                      .fill = {fill, fill, fill, fill}};
    return sample(image, weights, index, &s, 4, (int[]){n, h, v, channels});
}

static bool want_transforms(const Tensor *image, const Tensor *transforms, const Ints *size) {
    if (!want_rank("transform", "image", image, 4) ||
        !want_dtype("transform", "image", image, TN_FLOAT32) ||
        !want_dtype("transform", "transforms", transforms, TN_FLOAT32))
        return false;
    const int rows = transforms->rank == 2 && transforms->shape[1] == 8 ? transforms->shape[0] : -1;
    if (rows != 1 && rows != image->shape[0])
        fail(TN_SHAPE, "transform: Input transform should be batch x 8 or 1 x 8, but has shape %s",
             shape_text(transforms));
    else if (size && size->n != 2)
        fail(TN_VALUE, "transform: outputShape must be [height, width] or null, but got %s",
             ints_text(size->n, size->v));
    return !failed();
}

/* image.transform: Images through projective maps.
**   image : float32 [n, h, w, channels]
**   transforms : float32 [n, 8] | [1, 8]          a0, a1, a2, b0, b1, b2, c0, c1
**   interpolation : Sampling = 'nearest'          'nearest' or 'bilinear': what a place between
**                                                 pixels gets
**   fillMode : FillMode = 'constant'              what lies outside: 'constant': fillValue;
**                                                 'reflect': dcba|abcd|dcba; 'wrap':
**                                                 abcd|abcd|abcd; 'nearest': aaaa|abcd|dddd
**   fillValue : float = 0                         of fillMode 'constant'
**   outputShape : shape = null                    [height, width] of the result; those of image if
**                                                 not given
**   -> y : float32 [n, height, width, channels]
** > tf.image.transform([[[[1], [2]], [[3], [4]]]], [[1, 0, 1, 0, 1, 0, 0, 0]])
**     // [[[[2], [0]], [[4], [0]]]]
** > tf.image.transform([[[[1], [2], [4]]]], [[1, 0, 0.3, 0, 1, 0.2, 0, 0.1]], 'bilinear',
**     'reflect', 0, [1, 2])   // [[[[1.3], [2.6]]]]
** > tf.image.transform([[[[1], [2]], [[3], [5]]]], [[0.5, 0, 0.3, 0, 0.5, -0.3, 0.2, 0.1]],
**     'bilinear', 'constant', 2)   // [[[[1.51], [1.75]], [[1.6859504], [2.0177515]]]]
** > tf.image.transform([[[[1], [2], [3]]]], [[1, 0, 1.7, 0, 1, 0, 0, 0]], 'nearest', 'wrap')
**     // [[[[3], [1], [2]]]]
** The pixel at row y, column x of the result is what the image has at row (b0 x + b1 y + b2) / k,
** column (a0 x + a1 y + a2) / k, where k = c0 x + c1 y + 1.
*/
OP(transform, (Tensor * image, Tensor *transforms, Sampling interpolation, FillMode fillMode,
               float fillValue, const Ints *outputShape)) {
    if (!want_transforms(image, transforms, outputShape)) return nothing();
    const int *a = image->shape, *size = outputShape ? outputShape->v : a + 1;
    const int shape[] = {a[0], size[0], size[1], a[3]};
    checked_size("transform", 4, shape, TN_FLOAT32);
    const Warp w = {.images = a[0],
                    .transforms = transforms->shape[0],
                    .in_h = a[1],
                    .in_w = a[2],
                    .out_h = size[0],
                    .out_w = size[1],
                    .mode = fillMode,
                    .taps = interpolation == SAMPLE_BILINEAR ? 4 : 1};
    Scope *s = tn_scope_begin();
    if (failed()) return leave(s, nothing());
    return leave(s, transformed(image, transforms, &w, fillValue));
}

/* ---- rotateWithOffset ---- */

/* No shader reads it: doubles. */
typedef struct Rotation {
    double sine, cosine, center_x, center_y;
    int images, height, width;
} Rotation;

static void rotation_cpu(Call *c) {
    const Rotation *r = c->attrs;
    const Warp w = {.in_h = r->height, .in_w = r->width};
    int *index = i32(c->out[0]);
    for (int b = 0; b < r->images; b++)
        for (int row = 0; row < r->height; row++)
            for (int column = 0; column < r->width; column++) {
                const double x = column - r->center_x, y = row - r->center_y;
                const double to_x = floor(x * r->cosine - y * r->sine + r->center_x + 0.5);
                const double to_y = floor(x * r->sine + y * r->cosine + r->center_y + 0.5);
                const bool inside = to_x >= 0 && to_x < r->width && to_y >= 0 && to_y < r->height;
                *index++ = inside ? tap(&w, b, (int)to_y, (int)to_x) : PIXEL_OUTSIDE;
            }
}
static const Op rotation_op = {.name = "rotation_index",
                               .cpu = rotation_cpu,
                               .gl_why = "places are worked out in double, as TensorFlow.js does",
                               .constant = true};

/* The numbers of a float32 tensor of rank 0, or of rank 1 and `most` numbers at the most; one
** stands for all. False with the error set. */
static bool few_numbers(const char *arg, Tensor *x, int most, float *v) {
    const float *given = failed() ? NULL : tn_floats(x);
    if (!given) return false;
    if (x->size < 1 || x->size > most || x->rank > 1 || (x->size > 1 && x->size < most)) {
        fail(TN_SHAPE, "rotateWithOffset: %s must be one number or %d, but has shape %s", arg, most,
             shape_text(x));
        return false;
    }
    for (int i = 0; i < most; i++) v[i] = given[x->size > 1 ? i : 0];
    return true;
}

/* image.rotateWithOffset: Images turned around a point; each pixel is the nearest one.
**   image : float32 [n, h, w, channels]
**   radians : float                       angle, counter-clockwise as seen on the screen
**   fillValue : [...] = 0                 what comes in from outside: a number, or red, green and
**                                         blue
**   center : [...] = 0.5                  the point, as a share of width and height: a number, or
**                                         [x, y]
**   -> y : float32 like image             where fillValue is a colour, a fourth channel gets 255
** > tf.image.rotateWithOffset([[[[1], [2]], [[3], [4]]]], Math.PI / 2)
**     // [[[[0], [0]], [[2], [4]]]]
** fillValue and center are read as numbers: no gradient goes to them.
*/
OP(rotateWithOffset, (Tensor * image, double radians, Tensor *fillValue, Tensor *center)) {
    if (!want_dtype("rotateWithOffset", "image", image, TN_FLOAT32) ||
        !want_rank("rotateWithOffset", "image", image, 4))
        return nothing();
    float fill[3], middle[2];
    const int *a = image->shape;
    Scope *s = tn_scope_begin();
    fillValue = to_float(fillValue), center = to_float(center);
    if (!few_numbers("fillValue", fillValue, 3, fill) || !few_numbers("center", center, 2, middle))
        return leave(s, nothing());
    const Rotation r = {.sine = sin(radians),
                        .cosine = cos(radians),
                        .center_x = (double)a[2] * middle[0],
                        .center_y = (double)a[1] * middle[1],
                        .images = a[0],
                        .height = a[1],
                        .width = a[2]};
    Tensor *index = run(&rotation_op, NULL, 0, OUT(make(TN_INT32, 3, a)), &r, sizeof r);
    const Sample p = {.taps = 1,
                      .channels = a[3],
                      .sources = a[0] * a[1] * a[2],
                      .fill = {fill[0], fill[1], fill[2], fillValue->size > 1 ? 255 : fill[0]}};
    return leave(s, sample(image, NULL, index, &p, 4, a));
}
