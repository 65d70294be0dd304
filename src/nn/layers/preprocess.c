/* Layers that prepare data: centerCrop, resizing, randomWidth, categoryEncoding. */
#include "nn/core/layer.h"
#include "ops/binary.gen.h"
#include "ops/bincount.gen.h"
#include "ops/create.gen.h"
#include "ops/crop.gen.h"
#include "ops/image.gen.h"
#include "ops/join.gen.h"
#include "ops/pad.gen.h"
#include "ops/random.gen.h"
#include "ops/view.gen.h"

/* ---- images: [..., height, width, channels] ---- */

static void sized_shape(const Layer *l, const Shape *in, int height, int width, Shape *out) {
    if (!want_input(l, in, -3)) return;
    if (in->rank > 4) {
        fail(TN_SHAPE, "%.80s: x must be of rank 3 or 4, but has shape %s", l->name,
             shape_string(in));
        return;
    }
    *out = *in;
    out->size[in->rank - 3] = height;
    out->size[in->rank - 2] = width;
}

static Tensor *resized(Tensor *x, Interpolation how, int height, int width, bool corners) {
    return how == INTERPOLATE_NEAREST
               ? tn_resizeNearestNeighbor(x, INTS(height, width), corners, false)
               : tn_resizeBilinear(x, INTS(height, width), corners, false);
}

static void resizing_shape(const Layer *l, const Shape *in, int nin, Shape *out) {
    const ResizingConfig *k = l->config;
    (void)nin;
    sized_shape(l, in, k->height, k->width, out);
    out->dtype = k->interpolation == INTERPOLATE_BILINEAR ? TN_FLOAT32 : in->dtype;
}

static Tensor *resizing_call(Layer *l, Apply *a) {
    const ResizingConfig *k = l->config;
    return resized(a->in[0], k->interpolation, k->height, k->width, !k->cropToAspectRatio);
}

/* resizing: Images in another size.
**   height : int >= 1                            rows of the result
**   width : int >= 1                             its columns
**   interpolation : Interpolation = 'bilinear'   how values between are found
**   cropToAspectRatio : bool = false             false: corners stay corners
**   -> y : [batch, height, width, channels]
** > tf.layers.resizing({height: 1, width: 3}).apply([[[[1], [3]]]])   // [[[[1], [2], [3]]]]
*/
LAYER(resizing, Resizing, .shape = resizing_shape, .call = resizing_call);

static void centerCrop_shape(const Layer *l, const Shape *in, int nin, Shape *out) {
    const CenterCropConfig *k = l->config;
    (void)nin;
    sized_shape(l, in, k->height, k->width, out);
}

static int half_down(int n) { return n >= 0 ? n / 2 : -((1 - n) / 2); }

/* The same box of every image, as TensorFlow.js cuts it: its edges are shares of the size, and the
** places between are drawn from it at equal distances. */
static Tensor *cut(Tensor *x, int top, int left, int height, int width) {
    int n = x->shape[0];
    float h = (float)x->shape[1], w = (float)x->shape[2];
    Tensor *box =
        tn_stack(LIST(tn_scalar((float)top / h), tn_scalar((float)left / w),
                      tn_scalar((float)(height + top) / h), tn_scalar((float)(width + left) / w)),
                 0);
    Tensor *boxes = tn_tile(tn_reshape(box, INTS(1, 4)), INTS(n, 1));
    return tn_cropAndResize(to_float(x), boxes, tn_range(0, (float)n, 1, TN_INT32),
                            INTS(height, width), SAMPLE_NEAREST, 0);
}

static Tensor *centerCrop_call(Layer *l, Apply *a) {
    const CenterCropConfig *k = l->config;
    Tensor *x = a->in[0];
    const int *size = x->shape + x->rank - 3;
    int top = half_down(size[0] - k->height), left = half_down(size[1] - k->width);
    DType dtype = x->dtype;
    if (size[1] != k->width && left == 0) left = 1;
    if (top < 0 || left < 0) {
        x = resized(x, INTERPOLATE_BILINEAR, k->height, k->width, false);
        return to_dtype(x, dtype);
    }
    Tensor *batch = x->rank == 3 ? tn_expandDims(x, 0) : x;
    Tensor *y = failed() ? nothing() : cut(batch, top, left, k->height, k->width);
    return to_dtype(x->rank == 3 ? tn_squeeze(y, INTS(0)) : y, dtype);
}

/* centerCrop: The middle of images; images that are too small are enlarged.
**   height : int >= 1                         rows of the result
**   width : int >= 1                          its columns
**   -> y : [batch, height, width, channels]
** > tf.layers.centerCrop({height: 2, width: 2}).apply([[[[1], [3]], [[5], [7]]]])
**     // [[[[1], [3]], [[5], [7]]]]
*/
LAYER(centerCrop, CenterCrop, .shape = centerCrop_shape, .call = centerCrop_call);

/* ---- randomWidth ---- */

static void randomWidth_prepare(Layer *l) {
    const RandomWidthConfig *k = l->config;
    const Floats *f = k->factor;
    if (f->n == 1 ? f->v[0] > 0 : f->n == 2 && f->v[0] <= f->v[1]) {
        if (f->v[0] < -1)
            fail(TN_VALUE, "%.80s: factor must have values larger than -1. Got: %g,%g", l->name,
                 f->v[0], f->v[f->n - 1]);
        return;
    }
    if (f->n == 2)
        fail(TN_VALUE,
             "%.80s: factor cannot have upper bound less than lower bound. Got upper "
             "bound: %g. Got lower bound: %g",
             l->name, f->v[1], f->v[0]);
    else
        fail(TN_VALUE, "%.80s: Invalid factor: %g%s. Must be positive number or tuple of 2 numbers",
             l->name, f->n ? f->v[0] : 0, f->n > 1 ? ", ..." : "");
}

static void randomWidth_shape(const Layer *l, const Shape *in, int nin, Shape *out) {
    const RandomWidthConfig *k = l->config;
    (void)nin;
    sized_shape(l, in, 0, -1, out);
    if (failed()) return;
    out->size[in->rank - 3] = in->size[in->rank - 3];
    out->dtype = k->interpolation == INTERPOLATE_BILINEAR ? TN_FLOAT32 : in->dtype;
}

static Tensor *randomWidth_call(Layer *l, Apply *a) {
    const RandomWidthConfig *k = l->config;
    Tensor *x = a->in[0];
    double low = k->factor->n == 2 ? k->factor->v[0] : -k->factor->v[0];
    double high = k->factor->v[k->factor->n - 1];
    draw_on(l, k->seed);
    Tensor *drawn =
        tn_randomUniform(INTS(1), (float)(1 + low), (float)(1 + high), TN_FLOAT32, k->seed);
    draw_end();
    const float *factor = failed() ? NULL : tn_data(drawn);
    if (!factor) return nothing();
    const int *size = x->shape + x->rank - 3;
    double width = floor((double)*factor * size[1] + 0.5);
    if (width < 1 || width > INT32_MAX)
        return fail(TN_SHAPE, "%.80s: %.0f columns are drawn", l->name, width);
    return resized(x, k->interpolation, size[0], (int)width, false);
}

/* randomWidth: Images in a random width.
**   factor : floats                              the width changes by a share of up to this, or
**                                                between two
**   interpolation : Interpolation = 'bilinear'   how values between are found
**   seed : seed = null                           of the random numbers
**   autoVectorize : bool = null                  has no effect
**   -> y : [batch, height, columns, channels]
** > tf.layers.randomWidth({factor: [0, 0]}).apply([[[[1], [3]]]])   // [[[[1], [3]]]]
*/
LAYER(randomWidth, RandomWidth, .prepare = randomWidth_prepare, .shape = randomWidth_shape,
      .call = randomWidth_call);

/* ---- categoryEncoding ---- */

static void categoryEncoding_shape(const Layer *l, const Shape *in, int nin, Shape *out) {
    const CategoryEncodingConfig *k = l->config;
    int last = in->rank ? in->size[in->rank - 1] : 0;
    if (nin > 2)
        fail(TN_VALUE, "%.80s: takes x, or x and weights, but got %d inputs", l->name, nin);
    if (nin == 2 && k->outputMode != ENCODE_COUNT && k->outputMode != ENCODE_TF_IDF)
        fail(TN_VALUE, "%.80s: countWeights is not used when outputMode is not 'count'", l->name);
    if (nin == 1 && k->outputMode == ENCODE_TF_IDF)
        fail(TN_VALUE, "%.80s: weights must be given when outputMode is 'tfIdf'", l->name);
    *out = *in;
    if (failed() || k->outputMode == ENCODE_INT) return;
    bool widened = !in->rank || (k->outputMode == ENCODE_ONE_HOT && last != 1);
    out->rank = in->rank + widened;
    if (out->rank > 2) {
        fail(TN_SHAPE,
             "%.80s: When outputMode is not int, maximum output rank is 2 Received "
             "outputMode %s and input shape %s which would result in output rank %d.",
             l->name, json_get_text(l->json, "outputMode"), ints_text(in->rank, in->size),
             out->rank);
        return;
    }
    out->size[out->rank - 1] = k->numTokens;
    out->dtype = TN_FLOAT32;
}

static bool in_range(const Layer *l, Tensor *x, int tokens) {
    const int *v = failed() ? NULL : read_ints(x);
    for (int i = 0; v && i < x->size; i++)
        if (v[i] < 0 || v[i] >= tokens) {
            fail(TN_VALUE,
                 "%.80s: Input values must be between 0 < values <= numTokens with "
                 "numTokens=%d, but x[%d] is %d",
                 l->name, tokens, i, v[i]);
            return false;
        }
    return v != NULL;
}

static Tensor *categoryEncoding_call(Layer *l, Apply *a) {
    const CategoryEncodingConfig *k = l->config;
    Tensor *x = to_dtype(a->in[0], TN_INT32);
    if (!in_range(l, x, k->numTokens) || k->outputMode == ENCODE_INT) return x;
    bool once = k->outputMode == ENCODE_ONE_HOT || k->outputMode == ENCODE_MULTI_HOT;
    bool narrow = x->rank && (k->outputMode != ENCODE_ONE_HOT || x->shape[x->rank - 1] == 1);
    if (!narrow) x = tn_expandDims(x, -1);
    Tensor *none = tn_zeros(INTS(0), TN_FLOAT32);
    Tensor *weights = k->outputMode == ENCODE_COUNT && a->nin == 2 ? to_float(a->in[1]) : none;
    Tensor *y = to_float(tn_denseBincount(x, weights, k->numTokens, once));
    return k->outputMode == ENCODE_TF_IDF ? tn_mul(y, a->in[1]) : y;
}

/* categoryEncoding: Whole numbers as places that are 1, or that are counted.
**   numTokens : int >= 1                 numbers are below it
**   outputMode : Encoding = 'multiHot'   'oneHot': a vector for each number; 'multiHot': one for
**                                        all that are in a row; 'count': how often; 'tfIdf': times
**                                        weights; 'int': the numbers
**   -> y : [..., numTokens]
** > tf.layers.categoryEncoding({numTokens: 3}).apply(tf.tensor([[0, 2]], [1, 2], 'int32'))
**     // [[1, 0, 1]]
** > tf.layers.categoryEncoding({numTokens: 3, outputMode: 'oneHot'})
**     .apply(tf.tensor([2, 0], [2], 'int32'))   // [[0, 0, 1], [1, 0, 0]]
*/
LAYER(categoryEncoding, CategoryEncoding, .shape = categoryEncoding_shape,
      .call = categoryEncoding_call, .least_inputs = 1);
