/* Pictures moved at random while training: flipped, turned, zoomed, shifted, sheared, cropped. */
#include "nn/layers/augment.h"
#include "nn/layers/weighted.h"
#include "ops/binary.gen.h"
#include "ops/image.gen.h"
#include "ops/join.gen.h"
#include "ops/slice.gen.h"
#include "ops/unary.gen.h"
#include "ops/view.gen.h"
#include "ops/where.gen.h"

/* moved: What layers that move pictures have in common.
**   fillMode : FillMode = 'reflect'              what is beyond the edges
**   interpolation : Interpolation = 'bilinear'   how values between are found
**   seed : seed = null                           of the random numbers
**   fillValue : float = 0                        beyond the edges, with 'constant'
**   dataFormat : Channels = 'channelsLast'       where the channels are
*/
FIELDS(moved, Moved)

/* [n, 8] from [n, 1] each. */
static Tensor *matrix(Tensor *x1, Tensor *x2, Tensor *x3, Tensor *y1, Tensor *y2, Tensor *y3) {
    Tensor *none = tn_zerosLike(x1);
    return tn_concat(LIST(x1, x2, x3, y1, y2, y3, none, none), 1);
}

static Tensor *moved(const MovedConfig *k, Tensor *x, Tensor *transforms) {
    return warp(x, transforms, k->interpolation, k->fillMode, k->fillValue);
}

static Tensor *half_of(Tensor *x) { return tn_mul(x, number(0.5)); }

/* ---- randomFlip ---- */

static Tensor *flip(Draws *d, Tensor *x, int axis) {
    Tensor *turned = draw_chance(d, x->shape[0], 4, 0.5);
    return tn_where(turned, tn_reverse(x, INTS(axis)), x);
}

static Tensor *randomFlip_batch(Layer *l, Tensor *x) {
    const RandomFlipConfig *k = l->config;
    Draws d = draws_of(l, k->seed);
    if (k->mode != FLIP_VERTICAL) x = flip(&d, x, 2);
    return k->mode != FLIP_HORIZONTAL ? flip(&d, x, 1) : x;
}

static Tensor *randomFlip_call(Layer *l, Apply *a) {
    const RandomFlipConfig *k = l->config;
    return a->training ? over_images(l, a->in[0], k->dataFormat, randomFlip_batch)
                       : to_float(a->in[0]);
}

/* randomFlip: While training, mirrors half of the pictures.
**   mode : FlipMode = 'horizontalAndVertical'   which way; both: each half of the time
**   seed : seed = null                          of the random numbers
**   dataFormat : Channels = 'channelsLast'      where the channels are
**   -> y : float32 like x                       an image or a batch
** > tf.layers.randomFlip().apply([[[[1], [2]]]])   // [[[[1], [2]]]]
*/
LAYER(randomFlip, RandomFlip, .shape = images_shape, .call = randomFlip_call);

/* ---- randomRotation ---- */

static void randomRotation_prepare(Layer *l) {
    check_factor(l, "factor", ((const RandomRotationConfig *)l->config)->factor, -1, 1);
}

static Tensor *randomRotation_batch(Layer *l, Tensor *x) {
    const RandomRotationConfig *k = l->config;
    const double whole = 6.283185307179586;
    Draws d = draws_of(l, k->seed);
    Range r = range_of(k->factor);
    Tensor *angle = draw(&d, x->shape[0], 2, r.low * whole, r.high * whole);
    Tensor *c = tn_cos(angle), *s = tn_sin(angle);
    Tensor *w = number(x->shape[2] - 1), *h = number(x->shape[1] - 1);
    Tensor *dx = half_of(tn_sub(w, tn_sub(tn_mul(c, w), tn_mul(s, h))));
    Tensor *dy = half_of(tn_sub(h, tn_add(tn_mul(s, w), tn_mul(c, h))));
    return moved(&k->moved, x, matrix(c, tn_neg(s), dx, s, c, dy));
}

static Tensor *randomRotation_call(Layer *l, Apply *a) {
    const RandomRotationConfig *k = l->config;
    return a->training ? over_images(l, a->in[0], k->dataFormat, randomRotation_batch)
                       : to_float(a->in[0]);
}

/* randomRotation: While training, turns pictures about their middle.
**   factor : floats         share of a whole turn: [least, most], or one number for both ways
**   + moved
**   -> y : float32 like x   an image or a batch
** > tf.layers.randomRotation({factor: 0.2}).apply([[[[1], [2]]]])   // [[[[1], [2]]]]
*/
LAYER(randomRotation, RandomRotation, .prepare = randomRotation_prepare, .shape = images_shape,
      .call = randomRotation_call);

/* ---- randomZoom ---- */

static void randomZoom_prepare(Layer *l) {
    const RandomZoomConfig *k = l->config;
    check_factor(l, "heightFactor", k->heightFactor, -1, 1);
    if (k->widthFactor && !failed()) check_factor(l, "widthFactor", k->widthFactor, -1, 1);
}

static Tensor *randomZoom_batch(Layer *l, Tensor *x) {
    const RandomZoomConfig *k = l->config;
    Draws d = draws_of(l, k->seed);
    Range r = range_of(k->heightFactor);
    Tensor *high = draw(&d, x->shape[0], 2, 1 + r.low, 1 + r.high), *wide = high;
    if (k->widthFactor) {
        r = range_of(k->widthFactor);
        wide = draw(&d, x->shape[0], 2, 1 + r.low, 1 + r.high);
    }
    Tensor *none = tn_zerosLike(high), *one = number(1);
    Tensor *dx = half_of(tn_mul(tn_sub(one, wide), number(x->shape[2] - 1)));
    Tensor *dy = half_of(tn_mul(tn_sub(one, high), number(x->shape[1] - 1)));
    return moved(&k->moved, x, matrix(wide, none, dx, none, high, dy));
}

static Tensor *randomZoom_call(Layer *l, Apply *a) {
    const RandomZoomConfig *k = l->config;
    return a->training ? over_images(l, a->in[0], k->dataFormat, randomZoom_batch)
                       : to_float(a->in[0]);
}

/* randomZoom: While training, enlarges or shrinks pictures about their middle.
**   heightFactor : floats         [least, most], or one number for both ways; 0.2: a fifth
**                                 smaller, -0.2: a fifth larger
**   widthFactor : floats = null   the same of columns; null: as rows
**   + moved
**   -> y : float32 like x         an image or a batch
** > tf.layers.randomZoom({heightFactor: 0.2}).apply([[[[1], [2]]]])   // [[[[1], [2]]]]
*/
LAYER(randomZoom, RandomZoom, .prepare = randomZoom_prepare, .shape = images_shape,
      .call = randomZoom_call);

/* ---- randomTranslation ---- */

static void randomTranslation_prepare(Layer *l) {
    const RandomTranslationConfig *k = l->config;
    check_factor(l, "heightFactor", k->heightFactor, -1, 1);
    if (!failed()) check_factor(l, "widthFactor", k->widthFactor, -1, 1);
}

static Tensor *randomTranslation_batch(Layer *l, Tensor *x) {
    const RandomTranslationConfig *k = l->config;
    Draws d = draws_of(l, k->seed);
    Range r = range_of(k->heightFactor), q = range_of(k->widthFactor);
    double h = x->shape[1], w = x->shape[2];
    Tensor *down = draw(&d, x->shape[0], 2, r.low * h, r.high * h);
    Tensor *right = draw(&d, x->shape[0], 2, q.low * w, q.high * w);
    Tensor *none = tn_zerosLike(down), *one = tn_onesLike(down);
    return moved(&k->moved, x, matrix(one, none, tn_neg(right), none, one, tn_neg(down)));
}

static Tensor *randomTranslation_call(Layer *l, Apply *a) {
    const RandomTranslationConfig *k = l->config;
    return a->training ? over_images(l, a->in[0], k->dataFormat, randomTranslation_batch)
                       : to_float(a->in[0]);
}

/* randomTranslation: While training, shifts pictures.
**   heightFactor : floats   share of the height: [least, most], or one number for both ways
**   widthFactor : floats    the same of the width
**   + moved
**   -> y : float32 like x   an image or a batch
** > tf.layers.randomTranslation({heightFactor: 0.2, widthFactor: 0.2}).apply([[[[1], [2]]]])
**     // [[[[1], [2]]]]
*/
LAYER(randomTranslation, RandomTranslation, .prepare = randomTranslation_prepare,
      .shape = images_shape, .call = randomTranslation_call);

/* ---- randomShear ---- */

static void randomShear_prepare(Layer *l) {
    const RandomShearConfig *k = l->config;
    check_factor(l, "xFactor", k->xFactor, -1, 1);
    if (!failed()) check_factor(l, "yFactor", k->yFactor, -1, 1);
}

static Tensor *randomShear_batch(Layer *l, Tensor *x) {
    const RandomShearConfig *k = l->config;
    Draws d = draws_of(l, k->seed);
    Range r = range_of(k->xFactor), q = range_of(k->yFactor);
    int n = x->shape[0];
    Tensor *way = tn_where(draw_chance(&d, n, 2, 0.5), number(-1), number(1));
    Tensor *across = tn_mul(way, draw(&d, n, 2, r.low, r.high));
    Tensor *down = tn_mul(way, draw(&d, n, 2, q.low, q.high));
    Tensor *none = tn_zerosLike(down), *one = tn_onesLike(down);
    return moved(&k->moved, x, matrix(one, across, none, down, one, none));
}

static Tensor *randomShear_call(Layer *l, Apply *a) {
    const RandomShearConfig *k = l->config;
    return a->training ? over_images(l, a->in[0], k->dataFormat, randomShear_batch)
                       : to_float(a->in[0]);
}

/* randomShear: While training, slants pictures, to one side or the other.
**   xFactor : floats = 0    how far columns move per row: [least, most], or one number
**   yFactor : floats = 0    how far rows move per column
**   + moved
**   -> y : float32 like x   an image or a batch
** > tf.layers.randomShear({xFactor: 0.2}).apply([[[[1], [2]]]])   // [[[[1], [2]]]]
*/
LAYER(randomShear, RandomShear, .prepare = randomShear_prepare, .shape = images_shape,
      .call = randomShear_call);

/* ---- randomCrop ---- */

static void randomCrop_shape(const Layer *l, const Shape *in, int nin, Shape *out) {
    const RandomCropConfig *k = l->config;
    images_shape(l, in, nin, out);
    if (failed()) return;
    int rows = in->rank - (k->dataFormat == CHANNELS_FIRST ? 2 : 3);
    out->size[rows] = k->height;
    out->size[rows + 1] = k->width;
}

/* The middle of the wanted proportions, in the wanted size. */
static Tensor *fitted(Tensor *x, int height, int width) {
    int h = x->shape[1], w = x->shape[2];
    double high = (double)w * height / width, wide = (double)h * width / height;
    int rows = (int)fmax(fmin(h, floor(high)), 1), columns = (int)fmax(fmin(w, floor(wide)), 1);
    Tensor *middle =
        tn_slice(x, INTS(0, (h - rows) / 2, (w - columns) / 2, 0), INTS(-1, rows, columns, -1));
    return tn_resizeBilinear(middle, INTS(height, width), false, true);
}

/* A whole number in 0..most. */
static int draw_place(Draws *d, int most) {
    Tensor *drawn = draw(d, 1, 1, 0, most + 1.0);
    const float *v = failed() ? NULL : tn_data(drawn);
    return v ? (int)fmin(floor(*v), most) : 0;
}

static Tensor *cropped(Layer *l, Tensor *x, bool training) {
    const RandomCropConfig *k = l->config;
    int top = x->shape[1] - k->height, left = x->shape[2] - k->width;
    if (top < 0 || left < 0) return fitted(x, k->height, k->width);
    Draws d = draws_of(l, training ? k->seed : NULL);
    top = training ? draw_place(&d, top) : top / 2;
    left = training ? draw_place(&d, left) : left / 2;
    return tn_slice(x, INTS(0, top, left, 0), INTS(-1, k->height, k->width, -1));
}

static Tensor *crop_middle(Layer *l, Tensor *x) { return cropped(l, x, false); }
static Tensor *crop_anywhere(Layer *l, Tensor *x) { return cropped(l, x, true); }

static Tensor *randomCrop_call(Layer *l, Apply *a) {
    const RandomCropConfig *k = l->config;
    return over_images(l, a->in[0], k->dataFormat, a->training ? crop_anywhere : crop_middle);
}

/* randomCrop: While training, cuts pictures at random places, all of a batch at the same; else in
**             the middle. Pictures that are too small are enlarged.
**   height : int >= 1                        rows of the result
**   width : int >= 1                         its columns
**   seed : seed = null                       of the random numbers
**   dataFormat : Channels = 'channelsLast'   where the channels are
**   -> y : float32 [batch, height, width, channels] | [height, width, channels]
** > tf.layers.randomCrop({height: 1, width: 1}).apply([[[[1], [2], [3]]]])   // [[[[2]]]]
*/
LAYER(randomCrop, RandomCrop, .shape = randomCrop_shape, .call = randomCrop_call);
