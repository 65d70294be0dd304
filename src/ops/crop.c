/* image.cropAndResize: boxes of images in one size. Where pixels come from is worked out in double;
** the shares of the four pixels around a place are a tensor, so boxes have a gradient too. */
#include "ops/attrs.h"
#include "ops/sample.h"
#include "ops/join.gen.h"
#include "ops/matmul.gen.h"
#include "ops/view.gen.h"

/* Places on an axis of n pixels: `count` of them between the box's ends, or the middle. */
typedef struct Span {
    double first, step;
} Span;

static Span span_of(double begin, double end, int n, int count) {
    if (count == 1) return (Span){0.5 * (begin + end) * (n - 1), 0};
    return (Span){begin * (n - 1), (end - begin) * (n - 1) / (count - 1)};
}

static double place(Span s, int i) { return s.first + i * s.step; }

static bool inside(double at, int n) { return at >= 0 && at <= n - 1; }

/* ---- which pixels ---- */

/* The taps of a pixel at (y, x), which are inside, in image b. */
static void point(const Crop *g, int b, double y, double x, int *index) {
    if (g->taps == 1) {
        index[0] = (b * g->height + (int)floor(y + 0.5)) * g->width + (int)floor(x + 0.5);
        return;
    }
    const int top = (b * g->height + (int)floor(y)) * g->width;
    const int bottom = (b * g->height + (int)ceil(y)) * g->width;
    const int left = (int)floor(x), right = (int)ceil(x);
    index[0] = top + left, index[1] = top + right;
    index[2] = bottom + left, index[3] = bottom + right;
}

/* index [boxes, rows, columns, taps] of boxes [boxes, 4] in the images boxInd [boxes]. */
static void index_cpu(Call *c) {
    const Crop *g = c->attrs;
    const float *box = f32(c->in[0]);
    int *index = i32(c->out[0]);
    for (int b = 0; b < g->boxes; b++, box += 4) {
        const Span rows = span_of(box[0], box[2], g->height, g->rows);
        const Span columns = span_of(box[1], box[3], g->width, g->columns);
        for (int i = 0; i < g->rows; i++) {
            const double y = place(rows, i);
            for (int j = 0; j < g->columns; j++, index += g->taps) {
                const double x = place(columns, j);
                if (inside(y, g->height) && inside(x, g->width))
                    point(g, i32(c->in[1])[b], y, x, index);
                else
                    for (int t = 0; t < g->taps; t++) index[t] = PIXEL_OUTSIDE;
            }
        }
    }
}
static const Op index_op = {.name = "crop_index", .cpu = index_cpu, .gl = "crop", .constant = true};

/* ---- how far from the upper left of them ---- */

static void shares(const Crop *g, const float *box, int n, int count, float *y) {
    for (int b = 0; b < g->boxes; b++, box += 4) {
        const Span s = span_of(box[0], box[2], n, count);
        for (int i = 0; i < count; i++, y++) {
            const double at = place(s, i);
            *y = inside(at, n) ? (float)(at - floor(at)) : 0;
        }
    }
}

/* down [boxes, rows], right [boxes, columns]. */
static void shares_cpu(Call *c) {
    const Crop *g = c->attrs;
    shares(g, f32(c->in[0]), g->height, g->rows, f32(c->out[0]));
    shares(g, f32(c->in[0]) + 1, g->width, g->columns, f32(c->out[1]));
}

/* d [boxes, count] by where the box begins and ends, [boxes, 2, 1]. */
static Tensor *by_ends(Tensor *d, int n, int count) {
    Tensor *slope = tn_tensor(TN_FLOAT32, INTS(count, 2), NULL);
    if (failed()) return nothing();
    for (int i = 0; i < count; i++) {
        const double end = count == 1 ? 0.5 : (double)i / (count - 1);
        f32(slope)[2 * i] = (float)((1 - end) * (n - 1));
        f32(slope)[2 * i + 1] = (float)(end * (n - 1));
    }
    return tn_expandDims(tn_matMul(d, slope, false, false), -1);
}

static void shares_grad(Call *c, Tensor **dy, Tensor **dx) {
    const Crop *g = c->attrs;
    Tensor *y = by_ends(dy[0], g->height, g->rows), *x = by_ends(dy[1], g->width, g->columns);
    dx[0] = tn_reshape(tn_concat(LIST(y, x), 2), INTS(g->boxes, 4));
}
static const Op shares_op = {
    .name = "crop_shares", .cpu = shares_cpu, .gl = "crop", .grad = shares_grad};

static Tensor *weights_of(Tensor *boxes, const Crop *g) {
    Tensor *down = make(TN_FLOAT32, 2, (int[]){g->boxes, g->rows});
    Tensor *right = make(TN_FLOAT32, 2, (int[]){g->boxes, g->columns});
    if (failed()) return nothing();
    run(&shares_op, IN(boxes), OUT(down, right), g, sizeof *g);
    if (failed()) return nothing();
    return bilinear_weights(tn_expandDims(down, 2), tn_expandDims(right, 1));
}

/* ---- the op ---- */

static bool want_crop(const Tensor *image, const Tensor *boxes, const Tensor *boxInd,
                      const Ints *size) {
    static const char op[] = "cropAndResize";
    if (!want_rank(op, "image", image, 4)) return false;
    if (boxes->rank != 2 || boxes->shape[1] != 4)
        fail(TN_SHAPE, "%s: boxes must be have size [%d,4] but had shape %s", op,
             boxes->rank ? boxes->shape[0] : 0, shape_text(boxes));
    else if (boxInd->rank != 1 || boxInd->shape[0] != boxes->shape[0])
        fail(TN_SHAPE, "%s: boxInd must be have size [%d] but had shape %s", op, boxes->shape[0],
             shape_text(boxInd));
    else if (size->n != 2)
        fail(TN_VALUE, "%s: cropSize must be of length 2, but got length %d", op, size->n);
    else if (size->v[0] < 1 || size->v[1] < 1)
        fail(TN_VALUE, "%s: cropSize must be atleast [1,1], but was %s", op, ints_text(2, size->v));
    return !failed();
}

static bool images_exist(Tensor *boxInd, int images) {
    const int *index = read_ints(boxInd);
    for (int i = 0; index && i < boxInd->size; i++) {
        if (index[i] >= 0 && index[i] < images) continue;
        fail(TN_INDEX, "cropAndResize: boxInd[%d] is %d, which is not in [0, %d]", i, index[i],
             images - 1);
    }
    return !failed();
}

/* image.cropAndResize: Cuts boxes out of images and brings them to one size.
**   image : [n, h, w, channels]
**   boxes : float32 [count, 4]       y1, x1, y2, x2 of each, as shares of height and width; may be
**                                    outside, and upside down
**   boxInd : int32 [count]           which image each box is of, 0 to n - 1
**   cropSize : ints                  [height, width] of the crops
**   method : Sampling = 'bilinear'   'bilinear' or 'nearest': what a place between pixels gets
**   extrapolationValue : float = 0   what is outside the image
**   -> y : float32 [count, height, width, channels]
** > tf.image.cropAndResize([[[[1], [2]], [[3], [4]]]], [[0.1, 0.2, 0.7, 0.7]], [0], [2, 2])
**     // [[[[1.4], [1.9]], [[2.6], [3.1]]]]
** > tf.image.cropAndResize([[[[1, 5], [2, 6], [3, 9]]]], [[0, 0.3, 0, 1.4]], [0], [1, 3],
**     'nearest', -1)   // [[[[2, 6], [3, 9], [-1, -1]]]]
** > tf.image.cropAndResize([[[[1], [2], [5]]], [[[3], [4], [8]]]], [[0, 0.9, 0, 0.3], [0, 0.1, 0,
**     0.3]], [1, 0], [1, 1])   // [[[[4.8]]], [[[1.4]]]]
*/
OP(cropAndResize, (Tensor * image, Tensor *boxes, Tensor *boxInd, const Ints *cropSize,
                   Sampling method, float extrapolationValue)) {
    if (!want_crop(image, boxes, boxInd, cropSize)) return nothing();
    Scope *s = tn_scope_begin();
    image = to_float(image), boxes = to_float(boxes), boxInd = to_dtype(boxInd, TN_INT32);
    if (failed() || !images_exist(boxInd, image->shape[0])) return leave(s, nothing());
    const int *a = image->shape, *size = cropSize->v;
    const Crop g = {.boxes = boxes->shape[0],
                    .images = a[0],
                    .height = a[1],
                    .width = a[2],
                    .rows = size[0],
                    .columns = size[1],
                    .taps = method == SAMPLE_BILINEAR ? 4 : 1};
    Tensor *index = make(TN_INT32, 4, (int[]){g.boxes, g.rows, g.columns, g.taps});
    if (failed()) return leave(s, nothing());
    run(&index_op, IN(boxes, boxInd), OUT(index), &g, sizeof g);
    Tensor *weights = g.taps == 4 ? weights_of(boxes, &g) : NULL;
    const float fill = extrapolationValue;
    const Sample p = {.taps = g.taps,
                      .channels = a[3],
                      .sources = a[0] * a[1] * a[2],
                      .unit = g.taps == 4,
                      .fill = {fill, fill, fill, fill}};
    const int shape[] = {g.boxes, g.rows, g.columns, a[3]};
    return leave(s, sample(image, weights, index, &p, 4, shape));
}
