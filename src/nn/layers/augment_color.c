/* Colours of pictures changed at random while training. */
#include "nn/layers/augment.h"

/* colors: What layers that change colours have in common.
**   valueRange = [0, 255]         floats     of the pixels
**   seed = null                   seed       of the random numbers
**   dataFormat = 'channelsLast'   Channels   where the channels are
*/
FIELDS(colors, Colors)

static const ColorsConfig *colors_of(const Layer *l) {
    return l->config; /* the group stands first in each config */
}

/* What a layer does to a batch. */
typedef struct Change {
    Tensor *(*batch)(Layer *, Tensor *);
    bool always; /* at inference too */
} Change;

static void prepare(Layer *l, const Change *change) {
    l->own = (void *)change;
    value_range(l, colors_of(l)->valueRange);
}

/* The same for a factor in low..high. */
static void prepare_factor(Layer *l, const Change *change, const Floats *factor, double low,
                           double high) {
    prepare(l, change);
    if (!failed()) check_factor(l, "factor", factor, low, high);
}

static Tensor *color_call(Layer *l, Apply *a) {
    const Change *change = l->own;
    if (!a->training && !change->always) return to_float(a->in[0]);
    return over_images(l, a->in[0], colors_of(l)->dataFormat, change->batch);
}

static Range range_in(const Layer *l) { return value_range(l, colors_of(l)->valueRange); }

/* One number stands for 0..f. */
static Range from_zero(const Floats *f) {
    return f->n == 1 ? (Range){0, f->v[0]}
                     : (Range){fmin(f->v[0], f->v[1]), fmax(f->v[0], f->v[1])};
}

/* A number of the range for each image. */
static Tensor *draw_factor(Draws *d, const Tensor *x, Range r) {
    return draw(d, x->shape[0], 4, r.low, r.high);
}

/* True with a probability of the range, for each image. */
static Tensor *draw_choice(Draws *d, const Tensor *x, Range chance) {
    Tensor *limit = draw_factor(d, x, chance);
    return tn_less(draw(d, x->shape[0], 4, 0, 1), limit);
}

/* a + f (b - a) */
static Tensor *blend(Tensor *a, Tensor *b, Tensor *f) { return tn_add(a, tn_mul(f, tn_sub(b, a))); }

/* From the range to 0..top, and back. */
static Tensor *to_range(Tensor *x, Range r, double top) {
    return tn_mul(tn_sub(x, number(r.low)), number(top / (r.high - r.low)));
}

static Tensor *from_range(Tensor *x, Range r, double top) {
    return tn_add(tn_mul(x, number((r.high - r.low) / top)), number(r.low));
}

static bool is_rgb(const Layer *l, const Tensor *x) {
    if (!failed() && x->shape[3] != 3)
        fail(TN_SHAPE, "%.80s: pictures must have 3 channels, but have %d", l->name, x->shape[3]);
    return !failed();
}

static Tensor *channel(Tensor *x, int i) {
    return tn_slice(x, INTS(0, 0, 0, i), INTS(-1, -1, -1, 1));
}

/* [n, height, width, 3], each channel the picture's lightness. */
static Tensor *gray(Tensor *x) {
    Tensor *weights = tn_tensor(TN_FLOAT32, INTS(3), (float[]){0.2989f, 0.587f, 0.114f});
    return tn_tile(tn_sum(tn_mul(x, weights), INTS(3), true), INTS(1, 1, 1, 3));
}

/* ---- hue and saturation ---- */

/* Hue in 0..6, chroma and value of each pixel. */
typedef struct Hsv {
    Tensor *hue, *chroma, *value;
} Hsv;

static Hsv to_hsv(Tensor *x) {
    Tensor *r = channel(x, 0), *g = channel(x, 1), *b = channel(x, 2);
    Tensor *value = tn_max(x, INTS(3), true), *chroma = tn_sub(value, tn_min(x, INTS(3), true));
    Tensor *red = tn_divNoNan(tn_sub(g, b), chroma);
    Tensor *green = tn_add(tn_divNoNan(tn_sub(b, r), chroma), number(2));
    Tensor *blue = tn_add(tn_divNoNan(tn_sub(r, g), chroma), number(4));
    Tensor *hue = tn_where(tn_equal(value, r), red, tn_where(tn_equal(value, g), green, blue));
    return (Hsv){tn_mod(hue, number(6)), chroma, value};
}

static Tensor *from_hsv(Hsv c) {
    Tensor *v[3];
    for (int i = 0; i < 3; i++) {
        Tensor *k = tn_mod(tn_add(c.hue, number(5 - 2 * i)), number(6));
        Tensor *share = tn_minimum(k, tn_sub(number(4), k));
        v[i] = tn_sub(c.value, tn_mul(c.chroma, tn_clipByValue(share, 0, 1)));
    }
    return tn_concat(LIST(v[0], v[1], v[2]), 3);
}

static Tensor *turn_hue(Layer *l, Draws *d, Tensor *x, Range factor) {
    if (!is_rgb(l, x)) return nothing();
    Hsv c = to_hsv(x);
    Tensor *way = tn_where(draw_chance(d, x->shape[0], 4, 0.5), number(-3), number(3));
    c.hue = tn_add(c.hue, tn_mul(way, draw_factor(d, x, factor)));
    return from_hsv(c);
}

static Tensor *saturate(Layer *l, Draws *d, Tensor *x, Range factor) {
    if (!is_rgb(l, x)) return nothing();
    Hsv c = to_hsv(x);
    Tensor *f = draw_factor(d, x, factor);
    f = tn_div(f, tn_add(tn_sub(number(1), f), number(1e-7)));
    c.chroma = tn_minimum(tn_mul(c.chroma, f), c.value);
    return from_hsv(c);
}

static Tensor *randomHue_batch(Layer *l, Tensor *x) {
    const RandomHueConfig *k = l->config;
    Draws d = draws_of(l, k->seed);
    return turn_hue(l, &d, x, from_zero(k->factor));
}

static void randomHue_prepare(Layer *l) {
    static const Change change = {randomHue_batch, false};
    prepare_factor(l, &change, ((const RandomHueConfig *)l->config)->factor, 0, 1);
}

/* randomHue: While training, turns the hues of pictures, one way or the other.
**   + colors
**   factor   floats   share of half a turn: [least, most], or one number: 0 to it
**   -> y     float32, as x, an image or a batch
** > tf.layers.randomHue({factor: 0.5}).apply([[[[1, 2, 3]]]])   // [[[[1, 2, 3]]]]
*/
LAYER(randomHue, RandomHue, .prepare = randomHue_prepare, .shape = images_shape,
      .call = color_call);

static Tensor *randomSaturation_batch(Layer *l, Tensor *x) {
    const RandomSaturationConfig *k = l->config;
    Draws d = draws_of(l, k->seed);
    return saturate(l, &d, x, from_zero(k->factor));
}

static void randomSaturation_prepare(Layer *l) {
    static const Change change = {randomSaturation_batch, false};
    prepare_factor(l, &change, ((const RandomSaturationConfig *)l->config)->factor, 0, 1);
}

/* randomSaturation: While training, makes colours of pictures paler or stronger.
**   + colors
**   factor   floats   0: gray, 0.5: as they are, 1: pure; [least, most], or one number: 0 to it
**   -> y     float32, as x, an image or a batch
** > tf.layers.randomSaturation({factor: 0.5}).apply([[[[1, 2, 3]]]])   // [[[[1, 2, 3]]]]
*/
LAYER(randomSaturation, RandomSaturation, .prepare = randomSaturation_prepare,
      .shape = images_shape, .call = color_call);

/* ---- gray ---- */

static Tensor *randomGrayscale_batch(Layer *l, Tensor *x) {
    const RandomGrayscaleConfig *k = l->config;
    Draws d = draws_of(l, k->seed);
    if (x->shape[3] == 1) return x;
    if (!is_rgb(l, x)) return nothing();
    return tn_where(draw_chance(&d, x->shape[0], 4, k->factor), gray(x), x);
}

static void randomGrayscale_prepare(Layer *l) {
    static const Change change = {randomGrayscale_batch, false};
    const RandomGrayscaleConfig *k = l->config;
    prepare(l, &change);
    if (!(k->factor >= 0 && k->factor <= 1))
        fail(TN_VALUE, "%.80s: factor must be in 0..1, but is %g", l->name, k->factor);
}

/* randomGrayscale: While training, makes some pictures gray.
**   + colors
**   factor = 0.5   float   share of the pictures
**   -> y           float32, as x, an image or a batch
** > tf.layers.randomGrayscale().apply([[[[1, 2, 3]]]])   // [[[[1, 2, 3]]]]
*/
LAYER(randomGrayscale, RandomGrayscale, .prepare = randomGrayscale_prepare,
      .shape = images_shape, .call = color_call);

static Tensor *randomColorDegeneration_batch(Layer *l, Tensor *x) {
    const RandomColorDegenerationConfig *k = l->config;
    Draws d = draws_of(l, k->seed);
    if (!is_rgb(l, x)) return nothing();
    return clip(blend(x, gray(x), draw_factor(&d, x, from_zero(k->factor))), range_in(l));
}

static void randomColorDegeneration_prepare(Layer *l) {
    static const Change change = {randomColorDegeneration_batch, false};
    prepare_factor(l, &change, ((const RandomColorDegenerationConfig *)l->config)->factor, 0, 1);
}

/* randomColorDegeneration: While training, makes pictures partly gray.
**   + colors
**   factor   floats   0: not, 1: wholly; [least, most], or one number: 0 to it
**   -> y     float32, as x, an image or a batch
** > tf.layers.randomColorDegeneration({factor: 0.5}).apply([[[[1, 2, 3]]]])   // [[[[1, 2, 3]]]]
*/
LAYER(randomColorDegeneration, RandomColorDegeneration,
      .prepare = randomColorDegeneration_prepare, .shape = images_shape, .call = color_call);

/* ---- inverted, with fewer levels, sharper ---- */

static Tensor *randomInvert_batch(Layer *l, Tensor *x) {
    const RandomInvertConfig *k = l->config;
    Draws d = draws_of(l, k->seed);
    Tensor *turned = tn_sub(number(range_in(l).high), x);
    return tn_where(draw_choice(&d, x, from_zero(k->factor)), turned, x);
}

static void randomInvert_prepare(Layer *l) {
    static const Change change = {randomInvert_batch, false};
    prepare_factor(l, &change, ((const RandomInvertConfig *)l->config)->factor, 0, 1);
}

/* randomInvert: While training, makes negatives of some pictures.
**   + colors
**   factor = 1   floats   probability: [least, most], or one number: 0 to it
**   -> y         float32, as x, an image or a batch
** > tf.layers.randomInvert().apply([[[[1, 2, 3]]]])   // [[[[1, 2, 3]]]]
*/
LAYER(randomInvert, RandomInvert, .prepare = randomInvert_prepare, .shape = images_shape,
      .call = color_call);

static Tensor *randomPosterization_batch(Layer *l, Tensor *x) {
    const RandomPosterizationConfig *k = l->config;
    Draws d = draws_of(l, k->seed);
    const Floats *f = k->factor;
    Range r = range_in(l);
    Tensor *bits = tn_floor(draw(&d, x->shape[0], 4, f->v[0], f->v[f->n - 1]));
    Tensor *step = tn_pow(number(2), tn_sub(number(8), bits));
    Tensor *y = tn_mul(tn_floor(tn_div(tn_floor(to_range(x, r, 255)), step)), step);
    return from_range(y, r, 255);
}

static void randomPosterization_prepare(Layer *l) {
    static const Change change = {randomPosterization_batch, false};
    prepare_factor(l, &change, ((const RandomPosterizationConfig *)l->config)->factor, 1, 8);
}

/* randomPosterization: While training, keeps only some bits of each of 256 levels.
**   + colors
**   factor   floats   how many bits: a number, or [least, below]
**   -> y     float32, as x, an image or a batch
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
    Tensor *smooth = tn_depthwiseConv2d(x, kernel, INTS(1, 1), PAD_SAME, FORMAT_NHWC, INTS(1, 1),
                                        ROUND_NONE);
    Tensor *f = tn_mul(draw_factor(&d, x, from_zero(k->factor)), number(2));
    return clip(blend(x, smooth, tn_sub(number(1), f)), range_in(l));
}

static void randomSharpness_prepare(Layer *l) {
    static const Change change = {randomSharpness_batch, false};
    prepare_factor(l, &change, ((const RandomSharpnessConfig *)l->config)->factor, 0, 1);
}

/* randomSharpness: While training, blurs or sharpens pictures.
**   + colors
**   factor   floats   0: blurred, 0.5: as they are, 1: sharper; [least, most], or 0 to it
**   -> y     float32, as x, an image or a batch
** > tf.layers.randomSharpness({factor: 0.5}).apply([[[[1, 2, 3]]]])   // [[[[1, 2, 3]]]]
*/
LAYER(randomSharpness, RandomSharpness, .prepare = randomSharpness_prepare,
      .shape = images_shape, .call = color_call);

/* ---- solarization, autoContrast, equalization ---- */

static Tensor *solarization_batch(Layer *l, Tensor *x) {
    const SolarizationConfig *k = l->config;
    Draws d = draws_of(l, k->seed);
    Range r = range_in(l), add = from_zero(k->additionFactor);
    Range least = from_zero(k->thresholdFactor);
    Tensor *more = draw(&d, x->shape[0], 4, add.low, add.high * 255);
    Tensor *limit = draw(&d, x->shape[0], 4, least.low, least.high * 255);
    Tensor *y = tn_clipByValue(tn_add(to_range(x, r, 255), more), 0, 255);
    return from_range(tn_where(tn_less(y, limit), y, tn_sub(number(255), y)), r, 255);
}

static void solarization_prepare(Layer *l) {
    static const Change change = {solarization_batch, false};
    const SolarizationConfig *k = l->config;
    prepare(l, &change);
    if (!failed()) check_factor(l, "additionFactor", k->additionFactor, 0, 1);
    if (!failed()) check_factor(l, "thresholdFactor", k->thresholdFactor, 0, 1);
}

/* solarization: While training, makes negatives of what is light.
**   + colors
**   additionFactor = 0    floats   share of the range that is added: [least, most], or 0 to it
**   thresholdFactor = 0   floats   share of the range below which pixels stay
**   -> y                  float32, as x, an image or a batch
** > tf.layers.solarization().apply([[[[1, 2, 3]]]])   // [[[[1, 2, 3]]]]
*/
LAYER(solarization, Solarization, .prepare = solarization_prepare, .shape = images_shape,
      .call = color_call);

static Tensor *autoContrast_batch(Layer *l, Tensor *x) {
    Range r = range_in(l);
    Tensor *low = tn_min(x, INTS(1, 2), true);
    Tensor *span = tn_sub(tn_max(x, INTS(1, 2), true), low);
    Tensor *y = from_range(tn_divNoNan(tn_sub(x, low), span), r, 1);
    return tn_where(tn_equal(span, number(0)), x, clip(y, r));
}

static void autoContrast_prepare(Layer *l) {
    static const Change change = {autoContrast_batch, true};
    prepare(l, &change);
}

/* autoContrast: Stretches each channel of each picture over the value range, at inference too.
**   + colors
**   -> y   float32, as x, an image or a batch
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
    Range r = range_in(l);
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
    prepare(l, &change);
}

/* equalization: While training, spreads the levels of each channel so that all come as often.
**   + colors
**   bins = 256   int >= 2   how many levels
**   -> y         float32, as x, an image or a batch
** > tf.layers.equalization().apply([[[[1], [2], [3]]]])   // [[[[1], [2], [3]]]]
*/
LAYER(equalization, Equalization, .prepare = equalization_prepare, .shape = images_shape,
      .call = color_call);

/* ---- randomColorJitter ---- */

static Tensor *randomColorJitter_batch(Layer *l, Tensor *x) {
    const RandomColorJitterConfig *k = l->config;
    Draws d = draws_of(l, k->seed);
    Range r = range_in(l);
    double span = r.high - r.low;
    if (k->brightnessFactor) {
        Range f = range_of(k->brightnessFactor);
        x = clip(tn_add(x, draw(&d, x->shape[0], 4, f.low * span, f.high * span)), r);
    }
    if (k->contrastFactor) {
        const Floats *f = k->contrastFactor;
        Tensor *mean = tn_mean(x, INTS(1, 2), true);
        Tensor *factor = draw(&d, x->shape[0], 4, 1 - f->v[0], 1 + f->v[f->n - 1]);
        x = clip(blend(mean, x, factor), r);
    }
    if (k->saturationFactor) x = saturate(l, &d, x, from_zero(k->saturationFactor));
    return k->hueFactor ? turn_hue(l, &d, x, from_zero(k->hueFactor)) : x;
}

static void randomColorJitter_prepare(Layer *l) {
    static const Change change = {randomColorJitter_batch, false};
    const RandomColorJitterConfig *k = l->config;
    prepare(l, &change);
    if (k->brightnessFactor) check_factor(l, "brightnessFactor", k->brightnessFactor, -1, 1);
    if (k->contrastFactor) check_factor(l, "contrastFactor", k->contrastFactor, 0, 1);
    if (k->saturationFactor) check_factor(l, "saturationFactor", k->saturationFactor, 0, 1);
    if (k->hueFactor) check_factor(l, "hueFactor", k->hueFactor, 0, 1);
}

/* randomColorJitter: randomBrightness, randomContrast, randomSaturation and randomHue, one after
**                    the other.
**   + colors
**   brightnessFactor = null   floats   of randomBrightness; null: not applied
**   contrastFactor = null     floats   of randomContrast
**   saturationFactor = null   floats   of randomSaturation
**   hueFactor = null          floats   of randomHue
**   -> y                      float32, as x, an image or a batch
** > tf.layers.randomColorJitter({hueFactor: 0.5}).apply([[[[1, 2, 3]]]])   // [[[[1, 2, 3]]]]
*/
LAYER(randomColorJitter, RandomColorJitter, .prepare = randomColorJitter_prepare,
      .shape = images_shape, .call = color_call);
