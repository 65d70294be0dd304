/* Tones of pictures changed at random while training: inverted, fewer, sharper, spread. */
#include "nn/layers/augment_color.h"
#include "ops/binary.gen.h"
#include "ops/bincount.gen.h"
#include "ops/depthwise.gen.h"
#include "ops/gather.gen.h"
#include "ops/join.gen.h"
#include "ops/pad.gen.h"
#include "ops/reduce.gen.h"
#include "ops/scan.gen.h"
#include "ops/unary.gen.h"
#include "ops/view.gen.h"
#include "ops/where.gen.h"

/* From the range to 0..top, and back. */
static Tensor *to_range(Tensor *x, Range r, double top) {
    return tn_mul(tn_sub(x, number(r.low)), number(top / (r.high - r.low)));
}

static Tensor *from_range(Tensor *x, Range r, double top) {
    return tn_add(tn_mul(x, number((r.high - r.low) / top)), number(r.low));
}

/* ---- inverted, with fewer levels, sharper ---- */

static Tensor *randomInvert_batch(Layer *l, Tensor *x) {
    const RandomInvertConfig *k = l->config;
    Draws d = draws_of(l, k->seed);
    Tensor *turned = tn_sub(number(color_range(l).high), x);
    return tn_where(draw_choice(&d, x->shape[0], range_from_zero(k->factor)), turned, x);
}

static void randomInvert_prepare(Layer *l) {
    static const Change change = {randomInvert_batch, false};
    color_prepare_factor(l, &change, ((const RandomInvertConfig *)l->config)->factor, 0, 1);
}

/* randomInvert: While training, makes negatives of some pictures.
**   + colors
**   factor : floats = 1     probability: [least, most], or one number: 0 to it
**   -> y : float32 like x   an image or a batch
** > tf.layers.randomInvert().apply([[[[1, 2, 3]]]])   // [[[[1, 2, 3]]]]
*/
LAYER(randomInvert, RandomInvert, .prepare = randomInvert_prepare, .shape = images_shape,
      .call = color_call);

static Tensor *randomPosterization_batch(Layer *l, Tensor *x) {
    const RandomPosterizationConfig *k = l->config;
    Draws d = draws_of(l, k->seed);
    const Floats *f = k->factor;
    Range r = color_range(l);
    Tensor *bits = tn_floor(draw(&d, x->shape[0], 4, f->v[0], f->v[f->n - 1]));
    Tensor *step = tn_pow(number(2), tn_sub(number(8), bits));
    Tensor *y = tn_mul(tn_floor(tn_div(tn_floor(to_range(x, r, 255)), step)), step);
    return from_range(y, r, 255);
}

static void randomPosterization_prepare(Layer *l) {
    static const Change change = {randomPosterization_batch, false};
    color_prepare_factor(l, &change, ((const RandomPosterizationConfig *)l->config)->factor, 1, 8);
}

/* randomPosterization: While training, keeps only some bits of each of 256 levels.
**   + colors
**   factor : floats         how many bits: a number, or [least, below]
**   -> y : float32 like x   an image or a batch
** > tf.layers.randomPosterization({factor: 4}).apply([[[[1, 2, 3]]]])   // [[[[1, 2, 3]]]]
*/
LAYER(randomPosterization, RandomPosterization, .prepare = randomPosterization_prepare,
      .shape = images_shape, .call = color_call);

static Tensor *randomSharpness_batch(Layer *l, Tensor *x) {
    const RandomSharpnessConfig *k = l->config;
    Draws d = draws_of(l, k->seed);
    const float a = 1 / 13.0f, b = 5 / 13.0f;
    Tensor *kernel = tn_tensor(TN_FLOAT32, INTS(3, 3, 1, 1), (float[]){a, a, a, a, b, a, a, a, a});
    kernel = tn_tile(kernel, INTS(1, 1, x->shape[3], 1));
    Tensor *smooth =
        tn_depthwiseConv2d(x, kernel, INTS(1, 1), PAD_SAME, FORMAT_NHWC, INTS(1, 1), ROUND_NONE);
    Tensor *f = tn_mul(color_factor(&d, x, range_from_zero(k->factor)), number(2));
    return clip(blend(x, smooth, tn_sub(number(1), f)), color_range(l));
}

static void randomSharpness_prepare(Layer *l) {
    static const Change change = {randomSharpness_batch, false};
    color_prepare_factor(l, &change, ((const RandomSharpnessConfig *)l->config)->factor, 0, 1);
}

/* randomSharpness: While training, blurs or sharpens pictures.
**   + colors
**   factor : floats         0: blurred, 0.5: as they are, 1: sharper; [least, most], or 0 to it
**   -> y : float32 like x   an image or a batch
** > tf.layers.randomSharpness({factor: 0.5}).apply([[[[1, 2, 3]]]])   // [[[[1, 2, 3]]]]
*/
LAYER(randomSharpness, RandomSharpness, .prepare = randomSharpness_prepare, .shape = images_shape,
      .call = color_call);

/* ---- solarization, autoContrast, equalization ---- */

static Tensor *solarization_batch(Layer *l, Tensor *x) {
    const SolarizationConfig *k = l->config;
    Draws d = draws_of(l, k->seed);
    Range r = color_range(l), add = range_from_zero(k->additionFactor);
    Range least = range_from_zero(k->thresholdFactor);
    Tensor *more = draw(&d, x->shape[0], 4, add.low, add.high * 255);
    Tensor *limit = draw(&d, x->shape[0], 4, least.low, least.high * 255);
    Tensor *y = tn_clipByValue(tn_add(to_range(x, r, 255), more), 0, 255);
    return from_range(tn_where(tn_less(y, limit), y, tn_sub(number(255), y)), r, 255);
}

static void solarization_prepare(Layer *l) {
    static const Change change = {solarization_batch, false};
    const SolarizationConfig *k = l->config;
    color_prepare(l, &change);
    if (!failed()) check_factor(l, "additionFactor", k->additionFactor, 0, 1);
    if (!failed()) check_factor(l, "thresholdFactor", k->thresholdFactor, 0, 1);
}

/* solarization: While training, makes negatives of what is light.
**   + colors
**   additionFactor : floats = 0    share of the range that is added: [least, most], or 0 to it
**   thresholdFactor : floats = 0   share of the range below which pixels stay
**   -> y : float32 like x          an image or a batch
** > tf.layers.solarization().apply([[[[1, 2, 3]]]])   // [[[[1, 2, 3]]]]
*/
LAYER(solarization, Solarization, .prepare = solarization_prepare, .shape = images_shape,
      .call = color_call);

static Tensor *autoContrast_batch(Layer *l, Tensor *x) {
    Range r = color_range(l);
    Tensor *low = tn_min(x, INTS(1, 2), true);
    Tensor *span = tn_sub(tn_max(x, INTS(1, 2), true), low);
    Tensor *y = from_range(tn_divNoNan(tn_sub(x, low), span), r, 1);
    return tn_where(tn_equal(span, number(0)), x, clip(y, r));
}

static void autoContrast_prepare(Layer *l) {
    static const Change change = {autoContrast_batch, true};
    color_prepare(l, &change);
}

/* autoContrast: Stretches each channel of each picture over the value range, at inference too.
**   + colors
**   -> y : float32 like x   an image or a batch
** > tf.layers.autoContrast({valueRange: [0, 1]}).apply([[[[1], [2], [3]]]])
**     // [[[[0], [0.5], [1]]]]
*/
LAYER(autoContrast, AutoContrast, .prepare = autoContrast_prepare, .shape = images_shape,
      .call = color_call);

/* One channel of all pictures, in 0..255. */
static Tensor *equalized(Tensor *x, int bins) {
    Tensor *level = tn_clipByValue(tn_mul(x, number((bins - 1) / 255.0)), 0, (float)(bins - 1));
    level = tn_cast(level, TN_INT32);
    Tensor *flat = tn_reshape(level, INTS(-1)), *none = tn_zeros(INTS(0), TN_FLOAT32);
    Tensor *below = tn_cumsum(to_float(tn_bincount(flat, none, bins)), 0, false, false);
    Tensor *first = tn_where(tn_greater(below, number(0)), below, number(3e38));
    first = tn_min(first, NULL, false);
    Tensor *span = tn_sub(tn_max(below, NULL, false), first);
    Tensor *table = tn_divNoNan(tn_mul(tn_sub(below, first), number(255)), span);
    Tensor *y = tn_gather(tn_clipByValue(tn_round(table), 0, 255), level, 0, 0);
    return tn_where(tn_equal(span, number(0)), x, y);
}

static Tensor *equalization_batch(Layer *l, Tensor *x) {
    const EqualizationConfig *k = l->config;
    Range r = color_range(l);
    const List *channels = tn_split(to_range(x, r, 255), INTS(x->shape[3]), 3);
    int n = failed() ? 0 : channels->n;
    size_t bytes = sizeof(List) + (size_t)n * sizeof(Tensor *);
    List *all = n ? scratch(bytes) : NULL;
    if (!all) return nothing();
    all->n = n;
    memcpy(all->v, channels->v, (size_t)n * sizeof *all->v);
    for (int i = 0; i < n; i++) all->v[i] = equalized(all->v[i], k->bins);
    Tensor *y = from_range(tn_concat(all, 3), r, 255);
    scratch_free(all, bytes);
    return y;
}

static void equalization_prepare(Layer *l) {
    static const Change change = {equalization_batch, false};
    color_prepare(l, &change);
}

/* equalization: While training, spreads the levels of each channel so that all come as often.
**   + colors
**   bins : int >= 2 = 256   how many levels
**   -> y : float32 like x   an image or a batch
** > tf.layers.equalization().apply([[[[1], [2], [3]]]])   // [[[[1], [2], [3]]]]
*/
LAYER(equalization, Equalization, .prepare = equalization_prepare, .shape = images_shape,
      .call = color_call);
