/* randomElasticTransform: pictures bent at random while training. */
#include "nn/layers/augment.h"
#include "ops/binary.gen.h"
#include "ops/conv.gen.h"
#include "ops/create.gen.h"
#include "ops/gather.gen.h"
#include "ops/random.gen.h"
#include "ops/softmax.gen.h"
#include "ops/unary.gen.h"
#include "ops/view.gen.h"
#include "ops/where.gen.h"

/* A whole place where the picture has it: as the fill mode goes on beyond the edges. */
static Tensor *folded(Tensor *at, int n, FillMode fill) {
    if (fill == FILL_WRAP) return tn_mod(at, number(n));
    if (fill == FILL_REFLECT) {
        Tensor *t = tn_mod(at, number(2.0 * n));
        return tn_minimum(t, tn_sub(number(2.0 * n - 1), t));
    }
    return tn_clipByValue(at, 0, (float)(n - 1));
}

static Tensor *within(Tensor *at, int n) {
    return tn_logicalAnd(tn_greaterEqual(at, number(0)), tn_lessEqual(at, number(n - 1)));
}

/* x [n, h, w, c] at whole places y and x, [n, h, w, 1] each. */
static Tensor *pixels(Tensor *x, Tensor *row, Tensor *column, FillMode fill, double value) {
    int n = x->shape[0], h = x->shape[1], w = x->shape[2];
    Tensor *picture = tn_reshape(tn_range(0, n, 1, TN_FLOAT32), INTS(n, 1, 1, 1));
    Tensor *at = tn_add(tn_mul(picture, number(h)), folded(row, h, fill));
    at = tn_cast(tn_add(tn_mul(at, number(w)), folded(column, w, fill)), TN_INT32);
    Tensor *flat = tn_reshape(x, INTS(n * h * w, x->shape[3]));
    Tensor *y = tn_gather(flat, tn_squeeze(at, INTS(3)), 0, 0);
    if (fill != FILL_CONSTANT) return y;
    return tn_where(tn_logicalAnd(within(row, h), within(column, w)), y, number(value));
}

static Tensor *sampled(const RandomElasticTransformConfig *k, Tensor *x, Tensor *row,
                       Tensor *column) {
    if (k->interpolation == INTERPOLATE_NEAREST)
        return pixels(x, tn_round(row), tn_round(column), k->fillMode, k->fillValue);
    Tensor *top = tn_floor(row), *left = tn_floor(column), *one = number(1), *y = NULL;
    Tensor *down = tn_sub(row, top), *right = tn_sub(column, left);
    for (int i = 0; i < 4 && !failed(); i++) {
        Tensor *share =
            tn_mul(i / 2 ? down : tn_sub(one, down), i % 2 ? right : tn_sub(one, right));
        Tensor *corner = pixels(x, i / 2 ? tn_add(top, one) : top, i % 2 ? tn_add(left, one) : left,
                                k->fillMode, k->fillValue);
        Tensor *part = tn_mul(corner, share);
        y = y ? tn_add(y, part) : part;
    }
    return failed() ? nothing() : y;
}

/* Smooth noise [n, h, w, 1] of this deviation. */
static Tensor *noise(const Tensor *x, double deviation) {
    const Ints *shape = INTS(x->shape[0], x->shape[1], x->shape[2], 1);
    Tensor *y = tn_randomNormal(shape, 0, deviation, TN_FLOAT32, NULL);
    for (int i = 0; i < 2; i++) { /* blurred over 5 places each way */
        Tensor *square = tn_square(tn_range(-2, 3, 1, TN_FLOAT32));
        double width = fmax(deviation, 1e-3);
        Tensor *bell = tn_softmax(tn_mul(square, number(-0.5 / (width * width))), 0);
        bell = tn_reshape(bell, i ? INTS(5, 1, 1, 1) : INTS(1, 5, 1, 1));
        y = tn_conv2d(y, bell, INTS(1, 1), PAD_SAME, FORMAT_NHWC, INTS(1, 1), ROUND_NONE);
    }
    return y;
}

static Tensor *randomElasticTransform_batch(Layer *l, Tensor *x) {
    const RandomElasticTransformConfig *k = l->config;
    Draws d = draws_of(l, k->seed);
    int n = x->shape[0], h = x->shape[1], w = x->shape[2];
    const double *f = k->factor->v, *s = k->scale->v;
    Tensor *chance = draw(&d, n, 4, k->factor->n == 1 ? 0 : f[0], f[k->factor->n - 1]);
    Tensor *where = tn_less(draw(&d, n, 4, 0, 1), chance);
    const float *drawn = tn_data(draw(&d, 1, 1, k->scale->n == 1 ? 0 : s[0], s[k->scale->n - 1]));
    if (!drawn || failed()) return nothing();
    double far = (h > w ? h : w) * 0.1 * *drawn, deviation = (h < w ? h : w) * 0.05 * *drawn;
    Tensor *row = tn_reshape(tn_range(0, h, 1, TN_FLOAT32), INTS(1, h, 1, 1));
    Tensor *column = tn_reshape(tn_range(0, w, 1, TN_FLOAT32), INTS(1, 1, w, 1));
    row = tn_add(row, tn_mul(noise(x, deviation), number(far)));
    column = tn_add(column, tn_mul(noise(x, deviation), number(far)));
    return clip(tn_where(where, sampled(k, x, row, column), x), value_range(l, k->valueRange));
}

static Tensor *randomElasticTransform_call(Layer *l, Apply *a) {
    const RandomElasticTransformConfig *k = l->config;
    return a->training ? over_images(l, a->in[0], k->dataFormat, randomElasticTransform_batch)
                       : to_float(a->in[0]);
}

static void randomElasticTransform_prepare(Layer *l) {
    const RandomElasticTransformConfig *k = l->config;
    check_factor(l, "factor", k->factor, 0, 1);
    if (!failed()) check_factor(l, "scale", k->scale, 0, 1);
    if (!failed()) value_range(l, k->valueRange);
}

/* randomElasticTransform: While training, bends some pictures (Simard et al., 2003).
**   factor : floats = 1                          probability: [least, most], or 0 to it
**   scale : floats = 1                           how much: [least, most], or one number: 0 to it
**   interpolation : Interpolation = 'bilinear'   how values between are found
**   fillMode : FillMode = 'reflect'              what is beyond the edges
**   fillValue : float = 0                        beyond the edges, with 'constant'
**   valueRange : floats = [0, 255]               of the pixels
**   seed : seed = null                           of which and how much, not of the noise
**   dataFormat : Channels = 'channelsLast'       where the channels are
**   -> y : float32 like x                        an image or a batch
** > tf.layers.randomElasticTransform().apply([[[[1], [2]]]])   // [[[[1], [2]]]]
*/
LAYER(randomElasticTransform, RandomElasticTransform, .prepare = randomElasticTransform_prepare,
      .shape = images_shape, .call = randomElasticTransform_call);
