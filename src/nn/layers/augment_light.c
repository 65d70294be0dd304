/* Light and contrast of pictures changed at random while training. */
#include "nn/layers/augment.h"
#include "ops/binary.gen.h"
#include "ops/reduce.gen.h"

/* ---- randomContrast ---- */

static void randomContrast_prepare(Layer *l) {
    const RandomContrastConfig *k = l->config;
    check_factor(l, "factor", k->factor, 0, 1);
    if (!failed()) value_range(l, k->valueRange);
}

static Tensor *randomContrast_batch(Layer *l, Tensor *x) {
    const RandomContrastConfig *k = l->config;
    Draws d = draws_of(l, k->seed);
    const double *v = k->factor->v, last = v[k->factor->n - 1];
    Tensor *factor = draw(&d, x->shape[0], 4, 1 - v[0], 1 + last);
    Tensor *mean = tn_mean(x, INTS(1, 2), true);
    return clip(tn_add(tn_mul(tn_sub(x, mean), factor), mean), value_range(l, k->valueRange));
}

static Tensor *randomContrast_call(Layer *l, Apply *a) {
    const RandomContrastConfig *k = l->config;
    return a->training ? over_images(l, a->in[0], k->dataFormat, randomContrast_batch)
                       : to_float(a->in[0]);
}

/* randomContrast: While training, moves pixels away from their channel's mean, or towards it.
**   factor : floats                          [lower, upper], or one for both: the contrast is in 1
**                                            - lower .. 1 + upper
**   valueRange : floats = [0, 255]           of the pixels
**   seed : seed = null                       of the random numbers
**   dataFormat : Channels = 'channelsLast'   where the channels are
**   -> y : float32 like x                    an image or a batch
** > tf.layers.randomContrast({factor: 0.5}).apply([[[[1], [2]]]])   // [[[[1], [2]]]]
*/
LAYER(randomContrast, RandomContrast, .prepare = randomContrast_prepare, .shape = images_shape,
      .call = randomContrast_call);

/* ---- randomBrightness ---- */

static void randomBrightness_prepare(Layer *l) {
    const RandomBrightnessConfig *k = l->config;
    check_factor(l, "factor", k->factor, -1, 1);
    if (!failed()) value_range(l, k->valueRange);
}

static Tensor *randomBrightness_batch(Layer *l, Tensor *x) {
    const RandomBrightnessConfig *k = l->config;
    Draws d = draws_of(l, k->seed);
    Range r = range_of(k->factor), values = value_range(l, k->valueRange);
    double span = values.high - values.low;
    Tensor *more = draw(&d, x->shape[0], 4, r.low * span, r.high * span);
    return clip(tn_add(x, more), values);
}

static Tensor *randomBrightness_call(Layer *l, Apply *a) {
    const RandomBrightnessConfig *k = l->config;
    return a->training ? over_images(l, a->in[0], k->dataFormat, randomBrightness_batch)
                       : to_float(a->in[0]);
}

/* randomBrightness: While training, makes pictures lighter or darker.
**   factor : floats                          share of the value range that is added: [least,
**                                            most], or one number for both ways
**   valueRange : floats = [0, 255]           of the pixels
**   seed : seed = null                       of the random numbers
**   dataFormat : Channels = 'channelsLast'   where the channels are
**   -> y : float32 like x                    an image or a batch
** > tf.layers.randomBrightness({factor: 0.5}).apply([[[[1], [2]]]])   // [[[[1], [2]]]]
*/
LAYER(randomBrightness, RandomBrightness, .prepare = randomBrightness_prepare,
      .shape = images_shape, .call = randomBrightness_call);
