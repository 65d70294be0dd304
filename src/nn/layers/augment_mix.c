/* Pictures mixed with each other, or changed by several layers, at random while training. */
#include "nn/layers/augment.h"
#include "tensor/engine.h"
#include "ops/binary.gen.h"
#include "ops/gather.gen.h"
#include "ops/random.gen.h"
#include "ops/reduce.gen.h"
#include "ops/slice.gen.h"
#include "ops/sort.gen.h"
#include "ops/unary.gen.h"
#include "ops/view.gen.h"
#include "ops/where.gen.h"

/* ---- mixUp, cutMix ---- */

/* 0..n-1 in a random order, int32 [n]. */
static Tensor *shuffled(Draws *d, int n) {
    Tensor *order;
    tn_topk(draw(d, n, 1, 0, 1), n, true, &order);
    return order;
}

/* Numbers of the distribution beta(alpha, alpha), [n, 1, 1, 1]. */
static Tensor *draw_beta(int n, double alpha) {
    const Ints *shape = INTS(n, 1, 1, 1);
    Tensor *a = tn_randomGamma(shape, alpha, 1, TN_FLOAT32, NULL);
    Tensor *b = tn_randomGamma(shape, alpha, 1, TN_FLOAT32, NULL);
    return tn_divNoNan(a, tn_add(a, b));
}

static Tensor *mixUp_batch(Layer *l, Tensor *x) {
    const MixUpConfig *k = l->config;
    Draws d = draws_of(l, k->seed);
    Tensor *others = tn_gather(x, shuffled(&d, x->shape[0]), 0, 0);
    return blend(others, x, draw_beta(1, k->alpha));
}

static Tensor *mixUp_call(Layer *l, Apply *a) {
    const MixUpConfig *k = l->config;
    return a->training ? over_images(l, a->in[0], k->dataFormat, mixUp_batch) : to_float(a->in[0]);
}

static void mixUp_prepare(Layer *l) {
    const MixUpConfig *k = l->config;
    if (!(k->alpha > 0))
        fail(TN_VALUE, "%.80s: alpha must be above 0, but is %g", l->name, k->alpha);
}

/* mixUp: While training, mixes each picture of a batch with another (Zhang et al., 2017). Labels
**        are not mixed.
**   alpha : float = 0.2                      how evenly
**   seed : seed = null                       of which is mixed with which
**   dataFormat : Channels = 'channelsLast'   where the channels are
**   -> y : float32 like x                    an image or a batch
** > tf.layers.mixUp().apply([[[[1], [2]]]])   // [[[[1], [2]]]]
*/
LAYER(mixUp, MixUp, .prepare = mixUp_prepare, .shape = images_shape, .call = mixUp_call);

static Tensor *cutMix_batch(Layer *l, Tensor *x) {
    const CutMixConfig *k = l->config;
    Draws d = draws_of(l, k->seed);
    int n = x->shape[0];
    double low = k->factor->n == 1 ? 0 : k->factor->v[0], high = k->factor->v[k->factor->n - 1];
    const float *alpha = tn_data(draw(&d, 1, 1, low, high));
    if (!alpha || failed()) return nothing();
    Tensor *share = tn_sqrt(tn_sub(number(1), draw_beta(n, fmax(*alpha, 1e-3))));
    Tensor *inside = stretch(&d, n, x->shape[2], 2, share);
    inside = tn_logicalAnd(inside, stretch(&d, n, x->shape[1], 1, share));
    return tn_where(inside, tn_gather(x, shuffled(&d, n), 0, 0), x);
}

static Tensor *cutMix_call(Layer *l, Apply *a) {
    const CutMixConfig *k = l->config;
    return a->training ? over_images(l, a->in[0], k->dataFormat, cutMix_batch) : to_float(a->in[0]);
}

static void cutMix_prepare(Layer *l) {
    check_factor(l, "factor", ((const CutMixConfig *)l->config)->factor, 0, 1);
}

/* cutMix: While training, puts a part of another picture of the batch into each (Yun et al., 2019).
**         Labels are not mixed.
**   factor : floats = 1                      how much the sizes vary: [least, most], or 0 to it
**   seed : seed = null                       of places and order, not of sizes
**   dataFormat : Channels = 'channelsLast'   where the channels are
**   -> y : float32 like x                    an image or a batch
** > tf.layers.cutMix().apply([[[[1], [2]]]])   // [[[[1], [2]]]]
*/
LAYER(cutMix, CutMix, .prepare = cutMix_prepare, .shape = images_shape, .call = cutMix_call);

static Tensor *maxNumBoundingBoxes_call(Layer *l, Apply *a) { return (void)l, a->in[0]; }

/* maxNumBoundingBoxes: Pictures as they are. In Keras it cuts lists of boxes, which models here do
**                      not take.
**   maxNumber : int >= 0   how many boxes
**   fillValue : int = -1   in place of those that are missing
**   -> y : like x
** > tf.layers.maxNumBoundingBoxes({maxNumber: 3}).apply([[[[1], [2]]]])   // [[[[1], [2]]]]
*/
LAYER(maxNumBoundingBoxes, MaxNumBoundingBoxes, .call = maxNumBoundingBoxes_call);

/* ---- randAugment, augMix: several layers ---- */

extern const LayerClass randomShear_layer, randomTranslation_layer, randomRotation_layer,
    solarization_layer, autoContrast_layer, equalization_layer, randomPosterization_layer,
    randomBrightness_layer, randomColorDegeneration_layer, randomContrast_layer,
    randomSharpness_layer;

/* What the layers inside are configured with. */
typedef struct Strength {
    double factor, bits;
    const Floats *range;
    Interpolation how;
    Channels where;
} Strength;

/* Puts a layer inside; two of its fields, "" for none, get the factor. */
static void put_inside(Layer *l, const LayerClass *of, const Strength *s, const char *first,
                       const char *second) {
    char text[400], own[160];
    int at = *first ? snprintf(own, sizeof own, "\"%s\":%g,", first, s->factor) : 0;
    own[at] = 0;
    if (*second) snprintf(own + at, sizeof own - (size_t)at, "\"%s\":%g,", second, s->factor);
    snprintf(text, sizeof text,
             "{%s\"dataFormat\":\"%s\",\"interpolation\":\"%s\","
             "\"valueRange\":[%.17g,%.17g]}",
             own, s->where == CHANNELS_FIRST ? "channelsFirst" : "channelsLast",
             s->how == INTERPOLATE_NEAREST ? "nearest" : "bilinear", s->range->v[0],
             s->range->v[1]);
    cJSON *config = json_read(l->name, text);
    Layer *inner = config ? layer_make(of, config) : NULL;
    json_free(config);
    if (inner) layer_contain(l, inner);
}

static void put_all(Layer *l, Strength *s, bool lights) {
    value_range(l, s->range);
    if (failed()) return;
    put_inside(l, &randomShear_layer, s, "xFactor", "yFactor");
    put_inside(l, &randomTranslation_layer, s, "heightFactor", "widthFactor");
    put_inside(l, &randomRotation_layer, s, "factor", "");
    put_inside(l, &solarization_layer, s, "additionFactor", "thresholdFactor");
    put_inside(l, &autoContrast_layer, s, "", "");
    put_inside(l, &equalization_layer, s, "", "");
    Strength bits = *s;
    bits.factor = s->bits;
    put_inside(l, &randomPosterization_layer, &bits, "factor", "");
    if (!lights) return;
    put_inside(l, &randomBrightness_layer, s, "factor", "");
    put_inside(l, &randomColorDegeneration_layer, s, "factor", "");
    put_inside(l, &randomContrast_layer, s, "factor", "");
    put_inside(l, &randomSharpness_layer, s, "factor", "");
}

/* A whole number below n. */
static int draw_below(Draws *d, int n) {
    const float *v = tn_data(draw(d, 1, 1, 0, n));
    return v && !failed() && *v < n ? (int)*v : 0;
}

/* x by one of the layers inside; the last of n + 1 changes nothing. */
static Tensor *by_one(Layer *l, Draws *d, Tensor *x, bool or_none) {
    Tensor *y = x;
    int i = failed() ? 0 : draw_below(d, l->ninner + or_none);
    if (i < l->ninner && !failed()) layer_run(l->inner[i], &x, 1, &y, 1, true);
    return y;
}

static void randAugment_prepare(Layer *l) {
    const RandAugmentConfig *k = l->config;
    double share = k->numMagnitudeBins > 1 ? (double)k->magnitude / (k->numMagnitudeBins - 1) : 0;
    if (!(share <= 1)) {
        fail(TN_VALUE, "%.80s: magnitude must be below numMagnitudeBins, %d, but is %d", l->name,
             k->numMagnitudeBins, k->magnitude);
        return;
    }
    Strength s = {share, 8 - floor(4 * share), k->valueRange, k->interpolation, k->dataFormat};
    put_all(l, &s, true);
}

static Tensor *randAugment_call(Layer *l, Apply *a) {
    const RandAugmentConfig *k = l->config;
    Tensor *x = to_float(a->in[0]);
    if (!a->training) return x;
    Draws d = draws_of(l, k->seed);
    for (int i = 0; i < k->numOps && !failed(); i++) x = by_one(l, &d, x, false);
    return x;
}

/* randAugment: While training, some changes of places and colours, chosen at random (Cubuk et al.,
**              2019).
**   valueRange : floats = [0, 255]              of the pixels
**   numOps : int >= 0 = 2                       how many changes
**   magnitude : int >= 0 = 9                    how strong, below numMagnitudeBins
**   numMagnitudeBins : int >= 1 = 31            how many strengths there are
**   interpolation : Interpolation = 'nearest'   how values between are found
**   seed : seed = null                          of the choice, not of the changes
**   dataFormat : Channels = 'channelsLast'      where the channels are
**   -> y : float32 like x                       an image or a batch
** > tf.layers.randAugment().apply([[[[1, 2, 3]]]])   // [[[[1, 2, 3]]]]
*/
LAYER(randAugment, RandAugment, .prepare = randAugment_prepare, .shape = images_shape,
      .call = randAugment_call);

static void augMix_prepare(Layer *l) {
    const AugMixConfig *k = l->config;
    check_factor(l, "factor", k->factor, 0, 1);
    if (!failed() && !(k->alpha > 0))
        fail(TN_VALUE, "%.80s: alpha must be above 0, but is %g", l->name, k->alpha);
    if (failed()) return;
    double most = k->factor->v[k->factor->n - 1];
    Strength s = {most, fmax(1, floor(8 * most)), k->valueRange, k->interpolation, k->dataFormat};
    put_all(l, &s, k->allOps);
}

static Tensor *augMix_call(Layer *l, Apply *a) {
    const AugMixConfig *k = l->config;
    Tensor *x = to_float(a->in[0]), *mixed = NULL;
    if (!a->training) return x;
    Draws d = draws_of(l, k->seed);
    Tensor *shares = tn_randomGamma(INTS(k->numChains), k->alpha, 1, TN_FLOAT32, NULL);
    shares = tn_divNoNan(shares, tn_sum(shares, NULL, false));
    for (int i = 0; i < k->numChains && !failed(); i++) {
        Tensor *y = x;
        for (int j = 0; j < k->chainDepth && !failed(); j++) y = by_one(l, &d, y, true);
        y = tn_mul(y, tn_slice(shares, INTS(i), INTS(1)));
        mixed = mixed ? tn_add(mixed, y) : y;
    }
    Tensor *share = tn_reshape(draw_beta(1, k->alpha), SCALAR);
    return failed() ? nothing() : clip(blend(mixed, x, share), value_range(l, k->valueRange));
}

/* augMix: While training, mixes pictures with what chains of random changes make of them (Hendrycks
**         et al., 2019).
**   valueRange : floats = [0, 255]               of the pixels
**   numChains : int >= 1 = 3                     how many chains
**   chainDepth : int >= 1 = 3                    how many changes in each, at most
**   factor : floats = 0.3                        how strong
**   alpha : float = 1                            how evenly chains are mixed
**   allOps : bool = true                         whether light and colours change too
**   interpolation : Interpolation = 'bilinear'   how values between are found
**   seed : seed = null                           of the choice, not of the changes
**   dataFormat : Channels = 'channelsLast'       where the channels are
**   -> y : float32 like x                        an image or a batch
** > tf.layers.augMix().apply([[[[1, 2, 3]]]])   // [[[[1, 2, 3]]]]
*/
LAYER(augMix, AugMix, .prepare = augMix_prepare, .shape = images_shape, .call = augMix_call);
