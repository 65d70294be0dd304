/* Pictures [h, w, c] or batches of them [n, h, w, c]: resizing, flipping, grey and colour. */
#include "ops/resize.h"
#include "backend/cpu/simd.h"
#include "ops/matmul.gen.h"
#include "ops/pad.gen.h"
#include "ops/slice.gen.h"
#include "ops/view.gen.h"

/* Where output place `at` lies on the input axis; with half, between 0 and `in`. */
static double source(int in, int out, const Resize *r, int at) {
    if (r->align && out > 1) return (double)(in - 1) / (out - 1) * at;
    return (double)in / out * (r->half ? at + 0.5 : at);
}

static int inside(double at, int n) { return (int)fmin(fmax(at, 0), n - 1); }

void resize_between(int in, int out, const Resize *r, Between *b) {
    for (int i = 0; i < out; i++) {
        const double at = source(in, out, r, i) - (r->half ? 0.5 : 0);
        b[i].low = inside(floor(at), in);
        b[i].high = inside(ceil(at), in);
        b[i].weight = b[i].high > b[i].low ? (float)(at - b[i].low) : 0;
    }
}

void resize_nearest(int in, int out, const Resize *r, Between *b) {
    for (int i = 0; i < out; i++) {
        const double at = source(in, out, r, i);
        b[i].low = b[i].high = inside(floor(r->align ? at + 0.5 : at), in);
        b[i].weight = 0;
    }
}

typedef void (*Places)(int in, int out, const Resize *r, Between *b);

typedef struct Job {
    const Resize *r;
    const Between *rows, *columns;
    const char *x;
    char *y;
    int bytes;
} Job;

/* Both axes' places, then body for pieces of n; false with the error set. */
static bool resize(Call *c, Places places, int n, int work, void (*body)(void *, int, int)) {
    const Resize *r = c->attrs;
    const size_t bytes = sizeof(Between) * ((size_t)r->out_h + (size_t)r->out_w);
    Between *b = scratch(bytes);
    if (!b) return false;
    places(r->in_h, r->out_h, r, b);
    places(r->in_w, r->out_w, r, b + r->out_h);
    Job j = {r,
             b,
             b + r->out_h,
             c->in[0]->storage->data,
             c->out[0]->storage->data,
             dtype_bytes(c->in[0]->dtype)};
    parallel_for(n, 16384 / work + 1, body, &j);
    scratch_free(b, bytes);
    return true;
}

static int row_work(const Resize *r) { return r->out_w * r->channels; }

/* ---- resizeBilinear ---- */

static inline f4 mixed(f4 a, f4 b, f4 weight) { return a + (b - a) * weight; }

/* A pixel of 3 or 4 channels at once. With 3, one float more is read and written. */
static inline f4 bilinear_four(const float *top, const float *bottom, int left, int right,
                               f4 across, f4 down) {
    return mixed(mixed(f4_load(top + left), f4_load(top + right), across),
                 mixed(f4_load(bottom + left), f4_load(bottom + right), across), down);
}

/* One output row out of two input rows. */
static void bilinear_row(const Resize *r, const float *top, const float *bottom, float weight,
                         const Between *columns, float *restrict y) {
    const int channels = r->channels, width = r->in_w * channels;
    const f4 down = f4_splat(weight);
    for (int i = 0; i < r->out_w; i++, y += channels) {
        const Between h = columns[i];
        const int left = h.low * channels, right = h.high * channels;
        if (channels == 4 || (channels == 3 && right + 4 <= width && i + 1 < r->out_w)) {
            f4_store(y, bilinear_four(top, bottom, left, right, f4_splat(h.weight), down));
            continue;
        }
        for (int k = 0; k < channels; k++) {
            const float a = top[left + k] + (top[right + k] - top[left + k]) * h.weight;
            const float b = bottom[left + k] + (bottom[right + k] - bottom[left + k]) * h.weight;
            y[k] = a + (b - a) * weight;
        }
    }
}

enum { FEW = 2, LINE = 4096 }; /* channels; floats of an input row */

/* The same for few channels: between the two rows first, where all columns are vectors. */
static void bilinear_few(const Resize *r, const float *top, const float *bottom, float weight,
                         const Between *columns, float *restrict y) {
    float line[LINE];
    const int channels = r->channels, width = r->in_w * channels;
    for (int i = 0; i < width; i++) line[i] = top[i] + (bottom[i] - top[i]) * weight;
    for (int i = 0; i < r->out_w; i++) {
        const float *left = line + columns[i].low * channels;
        const float *right = line + columns[i].high * channels;
        const float across = columns[i].weight;
        *y++ = left[0] + (right[0] - left[0]) * across;
        if (channels == FEW) *y++ = left[1] + (right[1] - left[1]) * across;
    }
}

/* Output rows: [batch, out_h]. */
static void bilinear_rows(void *job, int begin, int end) {
    const Job *j = job;
    const Resize *r = j->r;
    const int64_t row = (int64_t)r->in_w * r->channels;
    for (int line = begin; line < end; line++) {
        const Between v = j->rows[line % r->out_h];
        const float *image = (const float *)j->x + line / r->out_h * r->in_h * row;
        const float *top = image + v.low * row, *bottom = image + v.high * row;
        float *y = (float *)j->y + (int64_t)line * row_work(r);
        (r->channels <= FEW && row <= LINE ? bilinear_few : bilinear_row)(r, top, bottom, v.weight,
                                                                          j->columns, y);
    }
}

static void bilinear_cpu(Call *c) {
    const Resize *r = c->attrs;
    resize(c, resize_between, r->batch * r->out_h, row_work(r), bilinear_rows);
}

/* Whole images: each output pixel's dy goes back to the four it came from. */
static void bilinear_back_images(void *job, int begin, int end) {
    const Job *j = job;
    const Resize *r = j->r;
    const int64_t row = (int64_t)r->in_w * r->channels;
    for (int line = begin * r->out_h; line < end * r->out_h; line++) {
        const Between v = j->rows[line % r->out_h];
        float *image = (float *)j->y + line / r->out_h * r->in_h * row;
        const float *dy = (const float *)j->x + (int64_t)line * row_work(r);
        for (int i = 0; i < r->out_w; i++, dy += r->channels) {
            const Between h = j->columns[i];
            float *top = image + v.low * row, *bottom = image + v.high * row;
            const int left = h.low * r->channels, right = h.high * r->channels;
            for (int k = 0; k < r->channels; k++) {
                const float down = dy[k] * v.weight, up = dy[k] - down;
                top[right + k] += up * h.weight;
                top[left + k] += up - up * h.weight;
                bottom[right + k] += down * h.weight;
                bottom[left + k] += down - down * h.weight;
            }
        }
    }
}

static void clear(const Tensor *y) { memset(f32(y), 0, (size_t)y->size * sizeof(float)); }

static void bilinear_back_cpu(Call *c) {
    const Resize *r = c->attrs;
    clear(c->out[0]);
    if (!c->in[0]->size) return;
    resize(c, resize_between, r->batch, row_work(r), bilinear_back_images);
}

/* A resize and what sends its gradient back are each other's gradient. */
static void adjoint(const Call *c, const Op *op, Tensor *dy, Tensor **dx) {
    dx[0] = run(op, IN(dy), OUT(make_like(c->in[0])), c->attrs, sizeof(Resize));
}

extern const Op resizeBilinear_op, resizeNearestNeighbor_op;
static void bilinear_back_grad(Call *c, Tensor **dy, Tensor **dx) {
    adjoint(c, &resizeBilinear_op, dy[0], dx);
}
static const Op bilinear_back_op = {.name = "resizeBilinearGrad",
                                    .cpu = bilinear_back_cpu,
                                    .gl = "resizeBilinearGrad",
                                    .grad = bilinear_back_grad};
static void bilinear_grad(Call *c, Tensor **dy, Tensor **dx) {
    adjoint(c, &bilinear_back_op, dy[0], dx);
}

/* Checks, and the geometry. False with the error set. */
static bool resize_of(const char *op, const Tensor *x, const Ints *size, bool align, bool half,
                      Resize *r) {
    if (failed()) return false;
    if (x->rank != 3 && x->rank != 4)
        fail(TN_SHAPE, "%s: images must be rank 3 or 4, but got rank %d", op, x->rank);
    else if (size->n != 2)
        fail(TN_SHAPE, "%s: new shape must be 2D, but size has %d numbers", op, size->n);
    else if (size->v[0] < 0 || size->v[1] < 0)
        fail(TN_VALUE, "%s: size %s is negative", op, ints_text(2, size->v));
    else if (align && half)
        fail(TN_VALUE, "%s: If halfPixelCenters is true, alignCorners must be false", op);
    if (failed()) return false;
    const int *s = x->shape + x->rank - 3;
    *r = (Resize){
        x->rank == 4 ? x->shape[0] : 1, s[0], s[1], size->v[0], size->v[1], s[2], align, half};
    if ((!s[0] || !s[1]) && size->v[0] && size->v[1])
        fail(TN_SHAPE, "%s: images has shape %s: there is nothing to resize", op, shape_text(x));
    return !failed();
}

/* A tensor for the result. */
static Tensor *resized(const Tensor *x, const Resize *r) {
    int shape[4];
    memcpy(shape, x->shape, sizeof shape);
    shape[x->rank - 3] = r->out_h;
    shape[x->rank - 2] = r->out_w;
    return make(x->dtype, x->rank, shape);
}

/* image.resizeBilinear: Images in another size, each pixel a mixture of the four around it.
**   images : [h, w, channels] | [n, h, w, channels]
**   size : ints                       [new h, new w]
**   alignCorners : bool = false       the centres of the corner pixels stay in the corners
**   halfPixelCenters : bool = false   a pixel lies at its centre, not at its upper left corner
**   -> y : float32 rank of images     of the new size
** > tf.image.resizeBilinear([[[1], [2]], [[3], [4]]], [2, 3])
**     // [[[1], [1.6666666], [2]], [[3], [3.6666667], [4]]]
** > tf.image.resizeBilinear([[[1], [2]], [[3], [4]]], [3, 3], true)
**     // [[[1], [1.5], [2]], [[2], [2.5], [3]], [[3], [3.5], [4]]]
** > tf.image.resizeBilinear([[[[1], [3], [5], [8]]]], [1, 2], false, true)   // [[[[2], [6.5]]]]
*/
OP(resizeBilinear, (Tensor * images, const Ints *size, bool alignCorners, bool halfPixelCenters)) {
    Resize r;
    if (!resize_of("resizeBilinear", images, size, alignCorners, halfPixelCenters, &r))
        return nothing();
    Scope *s = tn_scope_begin();
    images = to_float(images);
    Tensor *y = failed() ? nothing() : resized(images, &r);
    return leave(s, run(&resizeBilinear_op, IN(images), OUT(y), &r, sizeof r));
}
IMPL(resizeBilinear, .cpu = bilinear_cpu, .gl = "resizeBilinear", .grad = bilinear_grad);

/* ---- resizeNearestNeighbor ---- */

static void nearest_rows(void *job, int begin, int end) {
    const Job *j = job;
    const Resize *r = j->r;
    const size_t pixel = (size_t)r->channels * (size_t)j->bytes;
    const int64_t row = (int64_t)r->in_w * (int64_t)pixel;
    for (int line = begin; line < end; line++) {
        const int64_t from = (int64_t)(line / r->out_h) * r->in_h + j->rows[line % r->out_h].low;
        const char *x = j->x + from * row;
        char *y = j->y + (int64_t)line * r->out_w * (int64_t)pixel;
        for (int i = 0; i < r->out_w; i++, y += pixel)
            memcpy(y, x + j->columns[i].low * (int64_t)pixel, pixel);
    }
}

static void nearest_cpu(Call *c) {
    const Resize *r = c->attrs;
    resize(c, resize_nearest, r->batch * r->out_h, row_work(r), nearest_rows);
}

static void nearest_back_images(void *job, int begin, int end) {
    const Job *j = job;
    const Resize *r = j->r;
    for (int line = begin * r->out_h; line < end * r->out_h; line++) {
        const int64_t to = (int64_t)(line / r->out_h) * r->in_h + j->rows[line % r->out_h].low;
        float *y = (float *)j->y + to * r->in_w * r->channels;
        const float *dy = (const float *)j->x + (int64_t)line * row_work(r);
        for (int i = 0; i < r->out_w; i++, dy += r->channels) {
            float *pixel = y + (int64_t)j->columns[i].low * r->channels;
            for (int k = 0; k < r->channels; k++) pixel[k] += dy[k];
        }
    }
}

static void nearest_back_cpu(Call *c) {
    const Resize *r = c->attrs;
    clear(c->out[0]);
    if (!c->in[0]->size) return;
    resize(c, resize_nearest, r->batch, row_work(r), nearest_back_images);
}

static void nearest_back_grad(Call *c, Tensor **dy, Tensor **dx) {
    adjoint(c, &resizeNearestNeighbor_op, dy[0], dx);
}
static const Op nearest_back_op = {.name = "resizeNearestNeighborGrad",
                                   .cpu = nearest_back_cpu,
                                   .gl = "resizeNearestNeighborGrad",
                                   .grad = nearest_back_grad};
static void nearest_grad(Call *c, Tensor **dy, Tensor **dx) {
    adjoint(c, &nearest_back_op, dy[0], dx);
}

/* image.resizeNearestNeighbor: Images in another size, each pixel the one nearest to it.
**   images : float32|int32 [h, w, channels] | [n, h, w, channels]
**   size : ints                             [new h, new w]
**   alignCorners : bool = false             the centres of the corner pixels stay in the corners
**   halfPixelCenters : bool = false         a pixel lies at its centre, not at its upper left
**                                           corner
**   -> y : dtype of images rank of images   of the new size
** > tf.image.resizeNearestNeighbor([[[1], [2]], [[3], [4]]], [2, 3])
**     // [[[1], [1], [2]], [[3], [3], [4]]]
** > tf.image.resizeNearestNeighbor([[[[1], [3], [5], [8]]]], [1, 2], false, true)
**     // [[[[3], [8]]]]
*/
OP(resizeNearestNeighbor,
   (Tensor * images, const Ints *size, bool alignCorners, bool halfPixelCenters)) {
    Resize r;
    if (!resize_of("resizeNearestNeighbor", images, size, alignCorners, halfPixelCenters, &r))
        return nothing();
    if (images->dtype == TN_BOOL)
        return fail(TN_DTYPE, "resizeNearestNeighbor: `images` must have `int32` or `float32` as "
                              "dtype, but is bool");
    return run(&resizeNearestNeighbor_op, IN(images), OUT(resized(images, &r)), &r, sizeof r);
}
IMPL(resizeNearestNeighbor, .cpu = nearest_cpu, .gl = "resizeNearestNeighbor",
     .grad = nearest_grad);

/* ---- flipping, grey and colour ---- */

/* image.flipLeftRight: Images seen in a mirror.
**   image : float32 [n, h, w, channels]
**   -> y : like image
** > tf.image.flipLeftRight([[[[1], [2], [3]]]])   // [[[[3], [2], [1]]]]
*/
OP(flipLeftRight, (Tensor * image)) {
    if (!want_rank("flipLeftRight", "image", image, 4)) return nothing();
    if (image->dtype != TN_FLOAT32)
        return fail(TN_DTYPE,
                    "flipLeftRight: Argument 'image' passed to 'flipLeftRight' must be "
                    "float32, but is %s",
                    dtype_name(image->dtype));
    return tn_reverse(image, INTS(2));
}

/* The last axis of an image must have so many channels. */
static bool want_channels(const char *op, const char *kind, const Tensor *x, int channels) {
    if (failed()) return false;
    if (x->rank < 2)
        fail(TN_SHAPE, "%s: images must be at least rank 2, but got rank %d", op, x->rank);
    else if (x->shape[x->rank - 1] != channels)
        fail(TN_SHAPE, "%s: last dimension of %s image should be size %d, but got size %d", op,
             kind, channels, x->shape[x->rank - 1]);
    return !failed();
}

/* image.rgbToGrayscale: Brightness of colours: 0.2989 red, 0.587 green, 0.114 blue.
**   image : [..., 3]
**   -> y : dtype of image rank of image   [..., 1]
** > tf.image.rgbToGrayscale([[1, 1, 1], [100, 0, 10]])   // [[0.9999], [31.03]]
*/
OP(rgbToGrayscale, (Tensor * image)) {
    if (!want_channels("rgbToGrayscale", "an RGB", image, 3)) return nothing();
    int shape[TN_MAX_RANK + 1] = {image->rank};
    memcpy(shape + 1, image->shape, sizeof image->shape);
    shape[image->rank] = 1;
    Scope *s = tn_scope_begin();
    Tensor *weights = tn_tensor(TN_FLOAT32, INTS(3, 1), (float[]){0.2989f, 0.587f, 0.114f});
    Tensor *pixels = tn_reshape(to_float(image), INTS(image->size / 3, 3));
    Tensor *y = tn_reshape(tn_matMul(pixels, weights, false, false), (const Ints *)shape);
    return leave(s, to_dtype(y, image->dtype));
}

/* image.grayscaleToRGB: The one channel three times.
**   image : [..., 1]
**   -> y : dtype of image rank of image   [..., 3]
** > tf.image.grayscaleToRGB([[1], [2]])   // [[1, 1, 1], [2, 2, 2]]
*/
OP(grayscaleToRGB, (Tensor * image)) {
    if (!want_channels("grayscaleToRGB", "a grayscale", image, 1)) return nothing();
    int reps[TN_MAX_RANK + 1] = {image->rank};
    for (int i = 1; i <= image->rank; i++) reps[i] = i == image->rank ? 3 : 1;
    return tn_tile(image, (const Ints *)reps);
}
