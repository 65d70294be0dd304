/* Colours of pictures changed at random while training. */
#include "nn/layers/augment_color.h"
#include "ops/binary.gen.h"
#include "ops/join.gen.h"
#include "ops/pad.gen.h"
#include "ops/reduce.gen.h"
#include "ops/slice.gen.h"
#include "ops/unary.gen.h"
#include "ops/where.gen.h"

/* colors: What layers that change colours have in common.
**   valueRange : floats = [0, 255]           of the pixels
**   seed : seed = null                       of the random numbers
**   dataFormat : Channels = 'channelsLast'   where the channels are
*/
FIELDS(colors, Colors)

static const ColorsConfig *colors_of(const Layer *l) {
    return l->config; /* the group stands first in each config */
}

void color_prepare(Layer *l, const Change *change) {
    l->own = (void *)change;
    value_range(l, colors_of(l)->valueRange);
}

/* The same for a factor in low..high. */
void color_prepare_factor(Layer *l, const Change *change, const Floats *factor, double low,
                          double high) {
    color_prepare(l, change);
    if (!failed()) check_factor(l, "factor", factor, low, high);
}

Tensor *color_call(Layer *l, Apply *a) {
    const Change *change = l->own;
    if (!a->training && !change->always) return to_float(a->in[0]);
    return over_images(l, a->in[0], colors_of(l)->dataFormat, change->batch);
}

Range color_range(const Layer *l) { return value_range(l, colors_of(l)->valueRange); }

/* A number of the range for each image. */
Tensor *color_factor(Draws *d, const Tensor *x, Range r) {
    return draw(d, x->shape[0], 4, r.low, r.high);
}

static bool is_rgb(const Layer *l, const Tensor *x) {
    if (!failed() && x->shape[3] != 3)
        fail(TN_SHAPE, "%.80s: pictures must have 3 channels, but have %d", l->name, x->shape[3]);
    return !failed();
}

Tensor *color_channel(Tensor *x, int i) {
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
    Tensor *r = color_channel(x, 0), *g = color_channel(x, 1), *b = color_channel(x, 2);
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
    c.hue = tn_add(c.hue, tn_mul(way, color_factor(d, x, factor)));
    return from_hsv(c);
}

static Tensor *saturate(Layer *l, Draws *d, Tensor *x, Range factor) {
    if (!is_rgb(l, x)) return nothing();
    Hsv c = to_hsv(x);
    Tensor *f = color_factor(d, x, factor);
    f = tn_div(f, tn_add(tn_sub(number(1), f), number(1e-7)));
    c.chroma = tn_minimum(tn_mul(c.chroma, f), c.value);
    return from_hsv(c);
}

static Tensor *randomHue_batch(Layer *l, Tensor *x) {
    const RandomHueConfig *k = l->config;
    Draws d = draws_of(l, k->seed);
    return turn_hue(l, &d, x, range_from_zero(k->factor));
}

static void randomHue_prepare(Layer *l) {
    static const Change change = {randomHue_batch, false};
    color_prepare_factor(l, &change, ((const RandomHueConfig *)l->config)->factor, 0, 1);
}

/* randomHue: While training, turns the hues of pictures, one way or the other.
**   + colors
**   factor : floats         share of half a turn: [least, most], or one number: 0 to it
**   -> y : float32 like x   an image or a batch
** > tf.layers.randomHue({factor: 0.5}).apply([[[[1, 2, 3]]]])   // [[[[1, 2, 3]]]]
*/
LAYER(randomHue, RandomHue, .prepare = randomHue_prepare, .shape = images_shape,
      .call = color_call);

static Tensor *randomSaturation_batch(Layer *l, Tensor *x) {
    const RandomSaturationConfig *k = l->config;
    Draws d = draws_of(l, k->seed);
    return saturate(l, &d, x, range_from_zero(k->factor));
}

static void randomSaturation_prepare(Layer *l) {
    static const Change change = {randomSaturation_batch, false};
    color_prepare_factor(l, &change, ((const RandomSaturationConfig *)l->config)->factor, 0, 1);
}

/* randomSaturation: While training, makes colours of pictures paler or stronger.
**   + colors
**   factor : floats         0: gray, 0.5: as they are, 1: pure; [least, most], or one number: 0 to
**                           it
**   -> y : float32 like x   an image or a batch
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
    color_prepare(l, &change);
}

/* randomGrayscale: While training, makes some pictures gray.
**   + colors
**   factor : float 0..1 = 0.5   share of the pictures
**   -> y : float32 like x       an image or a batch
** > tf.layers.randomGrayscale().apply([[[[1, 2, 3]]]])   // [[[[1, 2, 3]]]]
*/
LAYER(randomGrayscale, RandomGrayscale, .prepare = randomGrayscale_prepare, .shape = images_shape,
      .call = color_call);

static Tensor *randomColorDegeneration_batch(Layer *l, Tensor *x) {
    const RandomColorDegenerationConfig *k = l->config;
    Draws d = draws_of(l, k->seed);
    if (!is_rgb(l, x)) return nothing();
    Tensor *factor = color_factor(&d, x, range_from_zero(k->factor));
    return clip(blend(x, gray(x), factor), color_range(l));
}

static void randomColorDegeneration_prepare(Layer *l) {
    static const Change change = {randomColorDegeneration_batch, false};
    const RandomColorDegenerationConfig *k = l->config;
    color_prepare_factor(l, &change, k->factor, 0, 1);
}

/* randomColorDegeneration: While training, makes pictures partly gray.
**   + colors
**   factor : floats         0: not, 1: wholly; [least, most], or one number: 0 to it
**   -> y : float32 like x   an image or a batch
** > tf.layers.randomColorDegeneration({factor: 0.5}).apply([[[[1, 2, 3]]]])   // [[[[1, 2, 3]]]]
*/
LAYER(randomColorDegeneration, RandomColorDegeneration, .prepare = randomColorDegeneration_prepare,
      .shape = images_shape, .call = color_call);

/* ---- randomColorJitter ---- */

static Tensor *randomColorJitter_batch(Layer *l, Tensor *x) {
    const RandomColorJitterConfig *k = l->config;
    Draws d = draws_of(l, k->seed);
    Range r = color_range(l);
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
    if (k->saturationFactor) x = saturate(l, &d, x, range_from_zero(k->saturationFactor));
    return k->hueFactor ? turn_hue(l, &d, x, range_from_zero(k->hueFactor)) : x;
}

static void randomColorJitter_prepare(Layer *l) {
    static const Change change = {randomColorJitter_batch, false};
    const RandomColorJitterConfig *k = l->config;
    color_prepare(l, &change);
    if (k->brightnessFactor) check_factor(l, "brightnessFactor", k->brightnessFactor, -1, 1);
    if (k->contrastFactor) check_factor(l, "contrastFactor", k->contrastFactor, 0, 1);
    if (k->saturationFactor) check_factor(l, "saturationFactor", k->saturationFactor, 0, 1);
    if (k->hueFactor) check_factor(l, "hueFactor", k->hueFactor, 0, 1);
}

/* randomColorJitter: randomBrightness, randomContrast, randomSaturation and randomHue, one after
**                    the other.
**   + colors
**   brightnessFactor : floats = null   of randomBrightness; null: not applied
**   contrastFactor : floats = null     of randomContrast
**   saturationFactor : floats = null   of randomSaturation
**   hueFactor : floats = null          of randomHue
**   -> y : float32 like x              an image or a batch
** > tf.layers.randomColorJitter({hueFactor: 0.5}).apply([[[[1, 2, 3]]]])   // [[[[1, 2, 3]]]]
*/
LAYER(randomColorJitter, RandomColorJitter, .prepare = randomColorJitter_prepare,
      .shape = images_shape, .call = color_call);
