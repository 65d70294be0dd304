/* Sequences and volumes cropped, padded, enlarged and averaged, as layers over images do it. */
#include "nn/layers/layer_helpers.h"
#include "nn/layers/weighted.h"
#include "ops/pad.gen.h"
#include "ops/slice.gen.h"
#include "ops/view.gen.h"

/* What is at both ends of the axes between batch and channels. */
typedef struct Ends {
    int n, before[3], after[3];
} Ends;

/* 1 number for all ends, one for each axis, or two. */
static Ends read_ends(const Layer *l, const char *field, const Floats *numbers, int axes) {
    Ends e = {.n = axes};
    if (numbers->n != 1 && numbers->n != axes && numbers->n != 2 * axes)
        fail(TN_VALUE, "%.80s: %s must have 1, %d or %d numbers, but has %d", l->name, field, axes,
             2 * axes, numbers->n);
    for (int i = 0; i < 2 * axes && !failed(); i++) {
        double v = numbers->v[numbers->n == 1 ? 0 : numbers->n == axes ? i / 2 : i];
        if (!(v >= 0 && v <= INT32_MAX && v == floor(v)))
            fail(TN_VALUE, "%.80s: %s must be whole numbers of at least 0, but has %g", l->name,
                 field, v);
        else (i % 2 ? e.after : e.before)[i / 2] = (int)v;
    }
    return e;
}

static void put_ends(const Layer *l, const Shape *in, Channels where, const Ends *e, int sign,
                     Shape *out) {
    if (!want_input(l, in, e->n + 2)) return;
    Shape s = shape_to_end(in, where);
    for (int i = 0; i < e->n; i++) {
        int64_t size = s.size[1 + i] + sign * ((int64_t)e->before[i] + e->after[i]);
        if (s.size[1 + i] < 0) continue;
        if (size < 1 || size > INT32_MAX)
            fail(TN_SHAPE, "%.80s: x has shape %s, which leaves %.0f along axis %d", l->name,
                 shape_string(in), (double)size, 1 + i + (where == CHANNELS_FIRST));
        s.size[1 + i] = (int)size;
    }
    *out = shape_from_end(&s, where);
}

static Tensor *crop(Tensor *x, Channels where, const Ends *e) {
    int begin[TN_MAX_RANK + 1] = {x->rank}, size[TN_MAX_RANK + 1] = {x->rank};
    for (int i = 0; i < x->rank; i++) size[1 + i] = -1;
    for (int i = 0, at = 1 + (where == CHANNELS_FIRST); i < e->n; i++, at++) {
        begin[1 + at] = e->before[i];
        size[1 + at] = x->shape[at] - e->before[i] - e->after[i];
    }
    return tn_slice(x, (const Ints *)begin, (const Ints *)size);
}

static Tensor *pad(Tensor *x, Channels where, const Ends *e) {
    int ends[2 * TN_MAX_RANK + 1] = {2 * x->rank};
    for (int i = 0, at = 1 + (where == CHANNELS_FIRST); i < e->n; i++, at++) {
        ends[1 + 2 * at] = e->before[i];
        ends[2 + 2 * at] = e->after[i];
    }
    return tn_pad(x, (const Ints *)ends, 0);
}

/* ---- cropping1d, zeroPadding1d ---- */

static Ends pair(const Ints *v) { return (Ends){1, {v->v[0]}, {v->v[1]}}; }

static void cropping1d_shape(const Layer *l, const Shape *in, int nin, Shape *out) {
    Ends e = pair(((const Cropping1DConfig *)l->config)->cropping);
    (void)nin;
    put_ends(l, in, CHANNELS_LAST, &e, -1, out);
}

static Tensor *cropping1d_call(Layer *l, Apply *a) {
    Ends e = pair(((const Cropping1DConfig *)l->config)->cropping);
    return crop(a->in[0], CHANNELS_LAST, &e);
}

/* cropping1d: Sequences without their ends.
**   cropping : ints(2) >= 0 = 1       steps at both ends, or [first, last]
**   -> y : [batch, steps, channels]
** > tf.layers.cropping1d().apply([[[1], [2], [3]]])   // [[[2]]]
*/
LAYER(cropping1d, Cropping1D, .shape = cropping1d_shape, .call = cropping1d_call);

static void zeroPadding1d_shape(const Layer *l, const Shape *in, int nin, Shape *out) {
    const ZeroPadding1DConfig *k = l->config;
    Ends e = pair(k->padding);
    (void)nin;
    if (want_input(l, in, 3)) put_ends(l, in, k->dataFormat, &e, 1, out);
}

static Tensor *zeroPadding1d_call(Layer *l, Apply *a) {
    const ZeroPadding1DConfig *k = l->config;
    Ends e = pair(k->padding);
    return pad(a->in[0], k->dataFormat, &e);
}

/* zeroPadding1d: Zeros at both ends of sequences.
**   padding : ints(2) >= 0 = 1               steps at both ends, or [first, last]
**   dataFormat : Channels = 'channelsLast'   where the channels are
**   -> y : [batch, steps, channels]
** > tf.layers.zeroPadding1d({padding: [0, 2]}).apply([[[1]]])   // [[[1], [0], [0]]]
*/
LAYER(zeroPadding1d, ZeroPadding1D, .shape = zeroPadding1d_shape, .call = zeroPadding1d_call);

/* ---- cropping3d, zeroPadding3d ---- */

static Ends cropped(const Layer *l) {
    return read_ends(l, "cropping", ((const Cropping3DConfig *)l->config)->cropping, 3);
}

static Ends padded(const Layer *l) {
    return read_ends(l, "padding", ((const ZeroPadding3DConfig *)l->config)->padding, 3);
}

static void cropping3d_prepare(Layer *l) { cropped(l); }
static void zeroPadding3d_prepare(Layer *l) { padded(l); }

static void cropping3d_shape(const Layer *l, const Shape *in, int nin, Shape *out) {
    const Cropping3DConfig *k = l->config;
    Ends e = cropped(l);
    (void)nin;
    put_ends(l, in, k->dataFormat, &e, -1, out);
}

static Tensor *cropping3d_call(Layer *l, Apply *a) {
    const Cropping3DConfig *k = l->config;
    Ends e = cropped(l);
    return crop(a->in[0], k->dataFormat, &e);
}

/* cropping3d: Volumes without their margins.
**   cropping : floats = 1                            for all sides, for each axis, or [[front,
**                                                    back], [top, bottom], [left, right]]
**   dataFormat : Channels = 'channelsLast'           where the channels are
**   -> y : [batch, depth, height, width, channels]
** > tf.layers.cropping3d({cropping: [[0, 0], [0, 0], [1, 0]]}).apply([[[[[1], [2]]]]])
**     // [[[[[2]]]]]
*/
LAYER(cropping3d, Cropping3D, .prepare = cropping3d_prepare, .shape = cropping3d_shape,
      .call = cropping3d_call);

static void zeroPadding3d_shape(const Layer *l, const Shape *in, int nin, Shape *out) {
    const ZeroPadding3DConfig *k = l->config;
    Ends e = padded(l);
    (void)nin;
    put_ends(l, in, k->dataFormat, &e, 1, out);
}

static Tensor *zeroPadding3d_call(Layer *l, Apply *a) {
    const ZeroPadding3DConfig *k = l->config;
    Ends e = padded(l);
    return pad(a->in[0], k->dataFormat, &e);
}

/* zeroPadding3d: Zeros around volumes.
**   padding : floats = 1                             for all sides, for each axis, or [[front,
**                                                    back], [top, bottom], [left, right]]
**   dataFormat : Channels = 'channelsLast'           where the channels are
**   -> y : [batch, depth, height, width, channels]
** > tf.layers.zeroPadding3d({padding: [[0, 0], [0, 0], [1, 0]]}).apply([[[[[2]]]]])
**     // [[[[[0], [2]]]]]
*/
LAYER(zeroPadding3d, ZeroPadding3D, .prepare = zeroPadding3d_prepare, .shape = zeroPadding3d_shape,
      .call = zeroPadding3d_call);

/* ---- upSampling1d, upSampling3d ---- */

/* Each place along the axis n times in a row. */
static Tensor *repeated(Tensor *x, int axis, int n) {
    if (failed() || n == 1) return x;
    int reps[TN_MAX_RANK + 2] = {x->rank + 1}, shape[TN_MAX_RANK + 1] = {x->rank};
    for (int i = 0; i <= x->rank; i++) reps[1 + i] = i == axis + 1 ? n : 1;
    for (int i = 0; i < x->rank; i++) shape[1 + i] = x->shape[i] * (i == axis ? n : 1);
    return tn_reshape(tn_tile(tn_expandDims(x, axis + 1), (const Ints *)reps), (const Ints *)shape);
}

static void upSampling1d_shape(const Layer *l, const Shape *in, int nin, Shape *out) {
    const UpSampling1DConfig *k = l->config;
    (void)nin;
    if (!want_input(l, in, 3)) return;
    *out = *in;
    out->size[1] = times(l, in->size[1], k->size);
}

static Tensor *upSampling1d_call(Layer *l, Apply *a) {
    return repeated(a->in[0], 1, ((const UpSampling1DConfig *)l->config)->size);
}

/* upSampling1d: Each step several times in a row.
**   size : int >= 1 = 2               how often
**   -> y : [batch, steps, channels]
** > tf.layers.upSampling1d().apply([[[1], [2]]])   // [[[1], [1], [2], [2]]]
*/
LAYER(upSampling1d, UpSampling1D, .shape = upSampling1d_shape, .call = upSampling1d_call);

static void upSampling3d_shape(const Layer *l, const Shape *in, int nin, Shape *out) {
    const UpSampling3DConfig *k = l->config;
    (void)nin;
    if (!want_input(l, in, 5)) return;
    Shape s = shape_to_end(in, k->dataFormat);
    for (int i = 0; i < 3; i++) s.size[1 + i] = times(l, s.size[1 + i], k->size->v[i]);
    *out = shape_from_end(&s, k->dataFormat);
}

static Tensor *upSampling3d_call(Layer *l, Apply *a) {
    const UpSampling3DConfig *k = l->config;
    Tensor *y = a->in[0];
    for (int i = 0; i < 3; i++)
        y = repeated(y, 1 + (k->dataFormat == CHANNELS_FIRST) + i, k->size->v[i]);
    return y;
}

/* upSampling3d: Volumes enlarged by whole factors.
**   size : ints(3) >= 1 = 2                          factors of depth, rows and columns
**   dataFormat : Channels = 'channelsLast'           where the channels are
**   -> y : [batch, depth, height, width, channels]
** > tf.layers.upSampling3d({size: [1, 1, 2]}).apply([[[[[1], [2]]]]])
**     // [[[[[1], [1], [2], [2]]]]]
*/
LAYER(upSampling3d, UpSampling3D, .shape = upSampling3d_shape, .call = upSampling3d_call);
