/* Pictures spoiled at random while training: parts erased, blurred, seen from aside. */
#include "nn/layers/augment.h"
#include "ops/binary.gen.h"
#include "ops/create.gen.h"
#include "ops/depthwise.gen.h"
#include "ops/join.gen.h"
#include "ops/pad.gen.h"
#include "ops/random.gen.h"
#include "ops/softmax.gen.h"
#include "ops/unary.gen.h"
#include "ops/view.gen.h"
#include "ops/where.gen.h"

/* ---- randomErasing ---- */

static void randomErasing_prepare(Layer *l) {
    const RandomErasingConfig *k = l->config;
    check_factor(l, "factor", k->factor, 0, 1);
    if (!failed()) check_factor(l, "scale", k->scale, 0, 1);
    if (!failed()) value_range(l, k->valueRange);
    if (!failed() && k->fillValue && k->fillValue->n != 1 && k->fillValue->n != 3)
        fail(TN_VALUE, "%.80s: fillValue must be a number or three, but has %d", l->name,
             k->fillValue->n);
}

/* A share of the picture is its root of each side. */
static Tensor *stretch_of(Draws *d, const Tensor *x, int axis, Range share) {
    const int n = x->shape[0];
    Tensor *root = tn_sqrt(draw(d, n, 4, share.low, share.high));
    return stretch(d, n, x->shape[axis], axis, root);
}

static Tensor *randomErasing_batch(Layer *l, Tensor *x) {
    const RandomErasingConfig *k = l->config;
    Draws d = draws_of(l, k->seed);
    Range share = range_from_zero(k->scale), values = value_range(l, k->valueRange);
    int n = x->shape[0], buffer[TN_MAX_RANK + 1];
    Tensor *inside = stretch_of(&d, x, 2, share);
    inside = tn_logicalAnd(inside, stretch_of(&d, x, 1, share));
    inside = tn_logicalAnd(inside, draw_choice(&d, n, range_from_zero(k->factor)));
    Tensor *fill = k->fillValue
                       ? floats_tensor(k->fillValue)
                       : tn_mul(tn_randomNormal(sizes_of(x, buffer), 0, 1, TN_FLOAT32, NULL),
                                number(values.high));
    return tn_where(inside, clip(fill, values), x);
}

static Tensor *randomErasing_call(Layer *l, Apply *a) {
    const RandomErasingConfig *k = l->config;
    return a->training ? over_images(l, a->in[0], k->dataFormat, randomErasing_batch)
                       : to_float(a->in[0]);
}

/* randomErasing: While training, paints over a part of some pictures (Zhong et al., 2017).
**   factor : floats = 1                      probability: [least, most], or 0 to it
**   scale : floats = [0.02, 0.33]            share of the picture: [least, most]
**   fillValue : floats = null                a number, or one a channel; null: noise
**   valueRange : floats = [0, 255]           of the pixels
**   seed : seed = null                       of where and how much, not of the noise
**   dataFormat : Channels = 'channelsLast'   where the channels are
**   -> y : float32 like x                    an image or a batch
** > tf.layers.randomErasing().apply([[[[1], [2]]]])   // [[[[1], [2]]]]
*/
LAYER(randomErasing, RandomErasing, .prepare = randomErasing_prepare, .shape = images_shape,
      .call = randomErasing_call);

/* ---- randomGaussianBlur ---- */

static void randomGaussianBlur_prepare(Layer *l) {
    const RandomGaussianBlurConfig *k = l->config;
    check_factor(l, "factor", k->factor, 0, 1);
    if (!failed()) check_factor(l, "sigma", k->sigma, 0, 1);
    if (!failed()) value_range(l, k->valueRange);
    for (int i = 0; i < 2; i++)
        if (k->kernelSize->v[i] % 2 == 0)
            fail(TN_VALUE, "%.80s: kernelSize must be odd, but has %d", l->name,
                 k->kernelSize->v[i]);
}

/* A normal distribution over so many places, of this deviation [1]; its sum is 1. */
static Tensor *bell(int size, Tensor *deviation) {
    Tensor *at = tn_range(-(size / 2), size / 2 + 1, 1, TN_FLOAT32);
    Tensor *square = tn_square(tn_div(at, deviation));
    return tn_softmax(tn_mul(square, number(-0.5)), 0);
}

static Tensor *randomGaussianBlur_batch(Layer *l, Tensor *x) {
    const RandomGaussianBlurConfig *k = l->config;
    Draws d = draws_of(l, k->seed);
    Range r = range_from_zero(k->sigma);
    int n = x->shape[0], channels = x->shape[3];
    Tensor *where = draw_choice(&d, n, range_from_zero(k->factor)), *y = x;
    for (int i = 0; i < 2; i++) {
        int size = k->kernelSize->v[i];
        Tensor *kernel = bell(size, draw(&d, 1, 1, r.low + 1e-6, r.high + 1e-6));
        kernel = tn_reshape(kernel, i ? INTS(size, 1, 1, 1) : INTS(1, size, 1, 1));
        kernel = tn_tile(kernel, INTS(1, 1, channels, 1));
        y = tn_depthwiseConv2d(y, kernel, INTS(1, 1), PAD_SAME, FORMAT_NHWC, INTS(1, 1),
                               ROUND_NONE);
    }
    return clip(tn_where(where, y, x), value_range(l, k->valueRange));
}

static Tensor *randomGaussianBlur_call(Layer *l, Apply *a) {
    const RandomGaussianBlurConfig *k = l->config;
    return a->training ? over_images(l, a->in[0], k->dataFormat, randomGaussianBlur_batch)
                       : to_float(a->in[0]);
}

/* randomGaussianBlur: While training, blurs some pictures.
**   factor : floats = 1                      probability: [least, most], or 0 to it
**   kernelSize : ints(2) >= 1 = 3            width and height of what is mixed, odd
**   sigma : floats = 1                       standard deviation: [least, most], or 0 to it
**   valueRange : floats = [0, 255]           of the pixels
**   seed : seed = null                       of the random numbers
**   dataFormat : Channels = 'channelsLast'   where the channels are
**   -> y : float32 like x                    an image or a batch
** > tf.layers.randomGaussianBlur().apply([[[[1], [2]]]])   // [[[[1], [2]]]]
*/
LAYER(randomGaussianBlur, RandomGaussianBlur, .prepare = randomGaussianBlur_prepare,
      .shape = images_shape, .call = randomGaussianBlur_call);

/* ---- randomPerspective ---- */

static void randomPerspective_prepare(Layer *l) {
    check_factor(l, "factor", ((const RandomPerspectiveConfig *)l->config)->factor, 0, 1);
}

static Tensor *randomPerspective_batch(Layer *l, Tensor *x) {
    const RandomPerspectiveConfig *k = l->config;
    Draws d = draws_of(l, k->seed);
    int n = x->shape[0];
    Tensor *where = draw_choice(&d, n, range_from_zero(k->factor));
    Tensor *across = draw(&d, n, 2, -k->scale, k->scale);
    Tensor *down = draw(&d, n, 2, -k->scale, k->scale);
    Tensor *none = tn_zerosLike(across), *one = number(1);
    Tensor *matrix = tn_concat(
        LIST(tn_add(across, one), across, none, down, tn_add(down, one), none, none, none), 1);
    return tn_where(where, warp(x, matrix, k->interpolation, FILL_CONSTANT, k->fillValue), x);
}

static Tensor *randomPerspective_call(Layer *l, Apply *a) {
    const RandomPerspectiveConfig *k = l->config;
    return a->training ? over_images(l, a->in[0], k->dataFormat, randomPerspective_batch)
                       : to_float(a->in[0]);
}

/* randomPerspective: While training, slants and stretches some pictures, as if seen from aside.
**   factor : floats = 1                          probability: [least, most], or 0 to it
**   scale : float >= 0 = 1                       how far at most
**   interpolation : Interpolation = 'bilinear'   how values between are found
**   fillValue : float = 0                        beyond the edges
**   seed : seed = null                           of the random numbers
**   dataFormat : Channels = 'channelsLast'       where the channels are
**   -> y : float32 like x                        an image or a batch
** > tf.layers.randomPerspective().apply([[[[1], [2]]]])   // [[[[1], [2]]]]
*/
LAYER(randomPerspective, RandomPerspective, .prepare = randomPerspective_prepare,
      .shape = images_shape, .call = randomPerspective_call);
