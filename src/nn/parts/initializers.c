/* First values of weights. Seeded ones draw the same numbers as the peer's; but those that are cut
** at two deviations have the variance that they state, as Keras's have. */
#include "nn/core/layer.h"
#include "ops/binary.gen.h"
#include "ops/create.gen.h"
#include "ops/random.gen.h"
#include "ops/transpose.gen.h"
#include "ops/view.gen.h"

static Tensor *zeros_make(const void *config, const Ints *shape) {
    (void)config;
    return tn_zeros(shape, TN_FLOAT32);
}

/* zeros: All 0.
** > tf.initializers.zeros().apply([2])   // [0, 0]
*/
INITIALIZER(zeros, Zeros, .make = zeros_make);

static Tensor *ones_make(const void *config, const Ints *shape) {
    (void)config;
    return tn_ones(shape, TN_FLOAT32);
}

/* ones: All 1.
** > tf.initializers.ones().apply([2])   // [1, 1]
*/
INITIALIZER(ones, Ones, .make = ones_make);

static Tensor *constant_make(const void *config, const Ints *shape) {
    const ConstantConfig *k = config;
    return tn_fill(shape, (float)k->value, TN_FLOAT32);
}

/* constant: One value.
**   value : float = 0   the value
** > tf.initializers.constant({value: 3}).apply([2])   // [3, 3]
*/
INITIALIZER(constant, Constant, .make = constant_make);

static Tensor *identity_make(const void *config, const Ints *shape) {
    const IdentityConfig *k = config;
    if (shape->n != 2 || shape->v[0] != shape->v[1])
        return fail(TN_SHAPE, "identity: the weight must be a square matrix, but has shape %s",
                    ints_text(shape->n, shape->v));
    Scope *s = tn_scope_begin();
    Tensor *eye = tn_eye(shape->v[0], NULL, NULL, TN_FLOAT32);
    return leave(s, tn_mul(tn_scalar((float)k->gain), eye));
}

/* identity: The identity matrix, times a factor.
**   gain : float = 1   the factor
** > tf.initializers.identity({gain: 2}).apply([2, 2])   // [[2, 0], [0, 2]]
*/
INITIALIZER(identity, Identity, .make = identity_make);

/* ---- random ---- */

static Tensor *randomUniform_make(const void *config, const Ints *shape) {
    const RandomUniformConfig *k = config;
    return tn_randomUniform(shape, k->minval, k->maxval, TN_FLOAT32, k->seed);
}

/* randomUniform: Equally likely anywhere between two values.
**   minval : float = -0.05   the lower
**   maxval : float = 0.05    the upper
**   seed : seed = null       of the random numbers
** > tf.initializers.randomUniform({minval: 1, maxval: 1}).apply([2])   // [1, 1]
*/
INITIALIZER(randomUniform, RandomUniform, .make = randomUniform_make);

static Tensor *randomNormal_make(const void *config, const Ints *shape) {
    const RandomNormalConfig *k = config;
    return tn_randomNormal(shape, k->mean, k->stddev, TN_FLOAT32, k->seed);
}

/* randomNormal: Normally distributed.
**   mean : float = 0        mean
**   stddev : float = 0.05   standard deviation
**   seed : seed = null      of the random numbers
** > tf.initializers.randomNormal({mean: 2, stddev: 0}).apply([2])   // [2, 2]
*/
INITIALIZER(randomNormal, RandomNormal, .make = randomNormal_make);

static Tensor *truncatedNormal_make(const void *config, const Ints *shape) {
    const TruncatedNormalConfig *k = config;
    return tn_truncatedNormal(shape, k->mean, k->stddev, TN_FLOAT32, k->seed);
}

/* truncatedNormal: Normally distributed, drawn again beyond two standard deviations.
**   mean : float = 0        mean
**   stddev : float = 0.05   standard deviation
**   seed : seed = null      of the random numbers
** > tf.initializers.truncatedNormal({mean: 2, stddev: 0}).apply([2])   // [2, 2]
*/
INITIALIZER(truncatedNormal, TruncatedNormal, .make = truncatedNormal_make);

/* ---- scaled to the size of the layer ---- */

/* Numbers of units that a weight connects: the last two axes, times the window before them. */
static void fans(const Ints *shape, double *in, double *out) {
    int rank = shape->n;
    double product = 1, window = 1;
    for (int i = 0; i < rank; i++) {
        product *= shape->v[i];
        if (i < rank - 2) window *= shape->v[i];
    }
    *in = *out = sqrt(product);
    if (rank < 2 || rank > 5) return;
    *in = shape->v[rank - 2] * window;
    *out = shape->v[rank - 1] * window;
}

/* The deviation of the normal distribution that is cut at two of its deviations. */
static const double LEFT = 0.87962566103423978;

static Tensor *varianceScaling_make(const void *config, const Ints *shape) {
    const VarianceScalingConfig *k = config;
    double in, out;
    fans(shape, &in, &out);
    double fan = k->mode == FAN_IN ? in : k->mode == FAN_OUT ? out : (in + out) / 2;
    double variance = k->scale / fmax(1, fan), limit = sqrt(3 * variance);
    if (k->distribution == DRAW_UNIFORM)
        return tn_randomUniform(shape, -limit, limit, TN_FLOAT32, k->seed);
    if (k->distribution == DRAW_UNTRUNCATED)
        return tn_randomNormal(shape, 0, sqrt(variance), TN_FLOAT32, k->seed);
    return tn_truncatedNormal(shape, 0, sqrt(variance) / LEFT, TN_FLOAT32, k->seed);
}

/* varianceScaling: Random with a variance of scale / fan, so that signals keep their size.
**   scale : float >= 0 = 1                   factor of the variance
**   mode : FanMode = 'fanIn'                 which count of units divides it
**   distribution : Distribution = 'normal'   normal, and truncatedNormal, are cut at two
**                                            deviations
**   seed : seed = null                       of the random numbers
** > tf.initializers.varianceScaling({scale: 0}).apply([2])   // [0, 0]
*/
INITIALIZER(varianceScaling, VarianceScaling, .make = varianceScaling_make);

/* glorotUniform: Uniform with variance 2 / (in + out) (Glorot and Bengio, 2010).
**   seed : seed = null   of the random numbers
** > tf.initializers.glorotUniform({seed: 3}).apply([1, 2]).shape   // [1, 2]
*/
INITIALIZER(glorotUniform, GlorotUniform, .as = &varianceScaling_part,
            .preset = "{\"scale\":1,\"mode\":\"fanAvg\",\"distribution\":\"uniform\"}");

/* glorotNormal: Normal with variance 2 / (in + out) (Glorot and Bengio, 2010).
**   seed : seed = null   of the random numbers
** > tf.initializers.glorotNormal({seed: 3}).apply([1, 2]).shape   // [1, 2]
*/
INITIALIZER(glorotNormal, GlorotNormal, .as = &varianceScaling_part,
            .preset = "{\"scale\":1,\"mode\":\"fanAvg\",\"distribution\":\"normal\"}");

/* heNormal: Normal with variance 2 / in (He et al., 2015).
**   seed : seed = null   of the random numbers
** > tf.initializers.heNormal({seed: 3}).apply([1, 2]).shape   // [1, 2]
*/
INITIALIZER(heNormal, HeNormal, .as = &varianceScaling_part,
            .preset = "{\"scale\":2,\"mode\":\"fanIn\",\"distribution\":\"normal\"}");

/* heUniform: Uniform with variance 2 / in (He et al., 2015).
**   seed : seed = null   of the random numbers
** > tf.initializers.heUniform({seed: 3}).apply([1, 2]).shape   // [1, 2]
*/
INITIALIZER(heUniform, HeUniform, .as = &varianceScaling_part,
            .preset = "{\"scale\":2,\"mode\":\"fanIn\",\"distribution\":\"uniform\"}");

/* leCunNormal: Normal with variance 1 / in (LeCun et al., 1998).
**   seed : seed = null   of the random numbers
** > tf.initializers.leCunNormal({seed: 3}).apply([1, 2]).shape   // [1, 2]
*/
INITIALIZER(leCunNormal, LeCunNormal, .as = &varianceScaling_part,
            .preset = "{\"scale\":1,\"mode\":\"fanIn\",\"distribution\":\"normal\"}");

/* leCunUniform: Uniform with variance 1 / in (LeCun et al., 1998).
**   seed : seed = null   of the random numbers
** > tf.initializers.leCunUniform({seed: 3}).apply([1, 2]).shape   // [1, 2]
*/
INITIALIZER(leCunUniform, LeCunUniform, .as = &varianceScaling_part,
            .preset = "{\"scale\":1,\"mode\":\"fanIn\",\"distribution\":\"uniform\"}");

/* ---- orthogonal ---- */

/* Takes the part along column `of` out of column `from`, m rows of n. */
static void take_out(float *q, int m, int n, int of, int from) {
    double along = 0;
    for (int i = 0; i < m; i++) along += (double)q[i * n + of] * q[i * n + from];
    for (int i = 0; i < m; i++) q[i * n + from] -= (float)(along * q[i * n + of]);
}

/* Makes the columns orthonormal, m rows of n <= m: Gram-Schmidt, twice for accuracy. */
static void orthonormal(float *q, int m, int n) {
    for (int c = 0; c < n; c++) {
        double norm = 0;
        for (int twice = 0; twice < 2; twice++)
            for (int k = 0; k < c; k++) take_out(q, m, n, k, c);
        for (int i = 0; i < m; i++) norm += (double)q[i * n + c] * q[i * n + c];
        float scale = norm > 0 ? (float)(1 / sqrt(norm)) : 0;
        for (int i = 0; i < m; i++) q[i * n + c] *= scale;
    }
}

static Tensor *orthogonal_make(const void *config, const Ints *shape) {
    const OrthogonalConfig *k = config;
    if (shape->n < 2)
        return fail(TN_SHAPE, "orthogonal: the weight must be of rank 2 or more, but has shape %s",
                    ints_text(shape->n, shape->v));
    int rows = checked_size("orthogonal", shape->n - 1, shape->v, TN_FLOAT32);
    int columns = shape->v[shape->n - 1], wide = columns > rows;
    Scope *s = tn_scope_begin();
    const Ints *tall = INTS(wide ? columns : rows, wide ? rows : columns);
    Tensor *drawn = tn_randomNormal(tall, 0, 1, TN_FLOAT32, k->seed);
    const float *data = tn_floats(drawn);
    Tensor *q = data && !failed() ? tn_tensor(TN_FLOAT32, tall, data) : nothing();
    if (!failed()) orthonormal(f32(q), tall->v[0], tall->v[1]);
    if (wide) q = tn_transpose(q, NULL, false);
    return leave(s, tn_mul(tn_scalar((float)k->gain), tn_reshape(q, shape)));
}

/* orthogonal: Orthonormal rows or columns (Saxe et al., 2014).
**   gain : float = 1     factor
**   seed : seed = null   of the random numbers
** > tf.initializers.orthogonal({seed: 3}).apply([2, 1]).shape   // [2, 1]
*/
INITIALIZER(orthogonal, Orthogonal, .make = orthogonal_make);
