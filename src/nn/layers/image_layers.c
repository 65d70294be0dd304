/* Layers over images: zeroPadding2d, cropping2D, upSampling2d, rescaling. */
#include "nn/layers/weighted.h"
#include "ops/binary.gen.h"
#include "ops/image.gen.h"
#include "ops/pad.gen.h"
#include "ops/slice.gen.h"

static void put_sides(const Layer *l, const Shape *in, Channels where, const Sides *k, int sign,
                      Shape *out) {
    if (!want_input(l, in, 4)) return;
    Shape s = shape_to_end(in, where);
    int64_t both[] = {(int64_t)k->top + k->bottom, (int64_t)k->left + k->right};
    for (int i = 0; i < 2; i++) {
        int64_t size = s.size[1 + i] + sign * both[i];
        if (s.size[1 + i] < 0) continue;
        if (size < 1 || size > INT32_MAX)
            fail(TN_SHAPE, "%.80s: x has shape %s, which leaves %.0f rows or columns", l->name,
                 shape_string(in), (double)size);
        s.size[1 + i] = (int)size;
    }
    *out = shape_from_end(&s, where);
}

/* ---- zeroPadding2d ---- */

static void zeroPadding2d_shape(const Layer *l, const Shape *in, int nin, Shape *out) {
    const ZeroPadding2DConfig *k = l->config;
    (void)nin;
    put_sides(l, in, k->dataFormat, &k->padding, 1, out);
}

static Tensor *zeroPadding2d_call(Layer *l, Apply *a) {
    const ZeroPadding2DConfig *k = l->config;
    const Sides *p = &k->padding;
    const Ints *sides = k->dataFormat == CHANNELS_FIRST
                            ? INTS(0, 0, 0, 0, p->top, p->bottom, p->left, p->right)
                            : INTS(0, 0, p->top, p->bottom, p->left, p->right, 0, 0);
    return tn_pad(a->in[0], sides, 0);
}

/* zeroPadding2d: Zeros around images.
**   padding : sides = 1                       a number, [rows, columns], or [[top, bottom], [left,
**                                             right]]
**   dataFormat : Channels = 'channelsLast'    where the channels are
**   -> y : [batch, height, width, channels]
** > tf.layers.zeroPadding2d({padding: [[0, 1], [1, 0]]})
**     .apply([[[[1]]]])   // [[[[0], [1]], [[0], [0]]]]
*/
LAYER(zeroPadding2d, ZeroPadding2D, .shape = zeroPadding2d_shape, .call = zeroPadding2d_call);

/* ---- cropping2D ---- */

static void cropping2D_shape(const Layer *l, const Shape *in, int nin, Shape *out) {
    const Cropping2DConfig *k = l->config;
    (void)nin;
    put_sides(l, in, k->dataFormat, &k->cropping, -1, out);
}

static Tensor *cropping2D_call(Layer *l, Apply *a) {
    const Cropping2DConfig *k = l->config;
    const Sides *p = &k->cropping;
    const int *x = a->in[0]->shape;
    bool first = k->dataFormat == CHANNELS_FIRST;
    int h = x[first ? 2 : 1] - p->top - p->bottom, w = x[first ? 3 : 2] - p->left - p->right;
    const Ints *begin = first ? INTS(0, 0, p->top, p->left) : INTS(0, p->top, p->left, 0);
    return tn_slice(a->in[0], begin, first ? INTS(-1, -1, h, w) : INTS(-1, h, w, -1));
}

/* cropping2D: Images without their margins.
**   cropping : sides = 0                      a number, [rows, columns], or [[top, bottom], [left,
**                                             right]]
**   dataFormat : Channels = 'channelsLast'    where the channels are
**   -> y : [batch, height, width, channels]
** > tf.layers.cropping2D({cropping: [[1, 0], [0, 1]]})
**     .apply([[[[1], [2]], [[3], [4]]]])   // [[[[3]]]]
*/
LAYER(cropping2D, Cropping2D, .shape = cropping2D_shape, .call = cropping2D_call);

/* ---- upSampling2d ---- */

static void upSampling2d_shape(const Layer *l, const Shape *in, int nin, Shape *out) {
    const UpSampling2DConfig *k = l->config;
    (void)nin;
    if (!want_input(l, in, 4)) return;
    Shape s = shape_to_end(in, k->dataFormat);
    for (int i = 0; i < 2; i++) s.size[1 + i] = times(l, s.size[1 + i], k->size->v[i]);
    *out = shape_from_end(&s, k->dataFormat);
}

static Tensor *upSampling2d_call(Layer *l, Apply *a) {
    const UpSampling2DConfig *k = l->config;
    Tensor *x = channels_to_end(a->in[0], k->dataFormat);
    if (failed()) return nothing();
    const Ints *size = INTS(x->shape[1] * k->size->v[0], x->shape[2] * k->size->v[1]);
    Tensor *y = k->interpolation == INTERPOLATE_BILINEAR
                    ? tn_resizeBilinear(x, size, false, false)
                    : tn_resizeNearestNeighbor(x, size, false, false);
    return channels_from_end(y, k->dataFormat);
}

/* upSampling2d: Images enlarged by whole factors.
**   size : ints(2) >= 1 = 2                     factors of rows and columns
**   dataFormat : Channels = 'channelsLast'      where the channels are
**   interpolation : Interpolation = 'nearest'   how values between are found
**   -> y : [batch, height, width, channels]
** > tf.layers.upSampling2d({size: [1, 2]}).apply([[[[1], [2]]]])   // [[[[1], [1], [2], [2]]]]
*/
LAYER(upSampling2d, UpSampling2D, .shape = upSampling2d_shape, .call = upSampling2d_call);

/* ---- rescaling ---- */

static Tensor *values(const Floats *list) {
    if (list->n == 1) return tn_scalar((float)list->v[0]);
    const size_t bytes = (size_t)list->n * sizeof(float);
    float *v = scratch(bytes);
    if (!v) return nothing();
    for (int i = 0; i < list->n; i++) v[i] = (float)list->v[i];
    Tensor *t = tn_tensor(TN_FLOAT32, INTS(list->n), v);
    scratch_free(v, bytes);
    return t;
}

static void rescaling_shape(const Layer *l, const Shape *in, int nin, Shape *out) {
    const RescalingConfig *k = l->config;
    const int channels = in->rank ? in->size[in->rank - 1] : 1;
    (void)nin;
    for (int i = 0; i < 2; i++) {
        const int n = (i ? k->offset : k->scale)->n;
        if (n != 1 && channels >= 0 && n != channels)
            fail(TN_SHAPE,
                 "%.80s: %s must be a number or one for each channel, but x has %d "
                 "channels and it has %d",
                 l->name, i ? "offset" : "scale", channels, n);
    }
    *out = *in;
    out->dtype = TN_FLOAT32;
}

static Tensor *rescaling_call(Layer *l, Apply *a) {
    const RescalingConfig *k = l->config;
    Tensor *y = tn_mul(to_float(a->in[0]), values(k->scale));
    return k->offset->n > 1 || k->offset->v[0] ? tn_add(y, values(k->offset)) : y;
}

/* rescaling: x times a factor, plus an offset.
**   scale : floats          the factor, or one for each channel
**   offset : floats = 0     the offset, or one for each channel
**   -> y : float32 like x
** > tf.layers.rescaling({scale: 2, offset: 1}).apply([[1, 2]])   // [[3, 5]]
** > tf.layers.rescaling({scale: [2, 3]}).apply([[1, 2]])   // [[2, 6]]
*/
LAYER(rescaling, Rescaling, .shape = rescaling_shape, .call = rescaling_call);
