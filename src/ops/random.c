/* Random tensors: randomUniform, randomNormal and their kin. A seed gives the same numbers
** as the peer's (base/alea.h); without one they differ from call to call. */
#include "base/alea.h"
#include "ops/unseeded.h"
#include "ops/random.gen.h"
#include "ops/softmax.gen.h"
#include "ops/view.gen.h"

/* Doubles: the generator's own precision. No shader reads them. */
typedef struct Draw {
    Random random;  /* started, if seeded; with mean and deviation */
    Random *source; /* what a seeded one goes on with instead, or NULL */
    double lowest, range;
    int seeded;
    int down; /* whole numbers are rounded down, not towards 0 */
} Draw;

static Random generator(const Draw *d) {
    Random r = d->source ? *d->source : d->random;
    if (!d->seeded) random_start(&r, NULL);
    r.mean = d->random.mean;
    r.deviation = d->random.deviation;
    r.truncated = d->random.truncated;
    return r;
}

/* Numbers have been drawn: the next draw goes on here. */
static void drawn_to(const Draw *d, Random r) {
    if (!d->source) return;
    r.spare = NAN; /* it has this draw's mean and deviation */
    *d->source = r;
}

static Draw draw(const char *seed) {
    Draw d = {.seeded = seed != NULL, .source = seed ? random_followed() : NULL};
    if (seed) random_start(&d.random, seed);
    return d;
}

static Tensor *drawn(const Op *op, const Ints *shape, DType dtype, const void *attrs, int bytes) {
    if (failed()) return nothing();
    if (shape->n > TN_MAX_RANK)
        return fail(TN_SHAPE, "%s: rank %d is above %d", op->name, shape->n, TN_MAX_RANK);
    return run(op, NULL, 0, OUT(make(dtype, shape->n, shape->v)), attrs, bytes);
}

/* ---- uniform ---- */

static void uniform_cpu(Call *c) {
    const Draw *d = c->attrs;
    const Tensor *y = c->out[0];
    Random r = generator(d);
    for (int i = 0; i < y->size; i++) {
        const double v = d->lowest + d->range * random_next(&r);
        if (y->dtype == TN_FLOAT32) f32(y)[i] = (float)v;
        else if (y->dtype == TN_INT32) i32(y)[i] = (int)(d->down ? floor(v) : v);
        else u8(y)[i] = fabs(v) >= 1;
    }
    drawn_to(d, r);
}

/* randomUniform: Random numbers, all between two bounds equally likely.
**   shape : shape               sizes of the result
**   minval : float = 0          the lower bound
**   maxval : float = 1          the upper bound, left out
**   dtype : dtype = 'float32'   of the result: int32 cuts towards 0, bool is whether that is not 0
**   seed : seed = null          gives the same numbers again
**   -> y : dtype [...shape]
** > tf.randomUniform([3], 0, 1, 'float32', 42)
**     // [0.6848635077476501, 0.5463244915008545, 0.8455933332443237]
** > tf.randomUniform([4], -9, 9, 'int32', 'seed')   // [-8, 1, 1, 6]
*/
OP(randomUniform,
   (const Ints *shape, double minval, double maxval, DType dtype, const char *seed)) {
    if (!want_known_dtype("randomUniform", dtype)) return nothing();
    if (dtype == TN_INT32 && !(fits_int32(minval) && fits_int32(maxval)))
        return fail(TN_VALUE, "randomUniform: minval %g or maxval %g does not fit int32", minval,
                    maxval);
    const Bounds bounds = {(float)minval, (float)maxval};
    if (!seed && dtype == TN_FLOAT32 && minval < maxval)
        return drawn(&uniform_op, shape, dtype, &bounds, sizeof bounds);
    Draw d = draw(seed);
    d.lowest = minval;
    d.range = maxval - minval;
    return drawn(&randomUniform_op, shape, dtype, &d, sizeof d);
}
IMPL(randomUniform, .cpu = uniform_cpu,
     .gl_why = "a seed gives TensorFlow.js's numbers, which come one after another",
     .constant = true, .random = true);

/* randomUniformInt: Random whole numbers between two bounds, all equally likely.
**   shape : shape             sizes of the result
**   minval : float            the lower bound
**   maxval : float            the upper bound, left out
**   seed : seed = null        gives the same numbers again
**   -> y : int32 [...shape]
** > tf.randomUniformInt([4], 0, 100, 1)   // [52, 12, 47, 62]
*/
OP(randomUniformInt, (const Ints *shape, double minval, double maxval, const char *seed)) {
    if (failed()) return nothing();
    if (!(fits_int32(minval) && fits_int32(maxval)))
        return fail(TN_VALUE, "randomUniformInt: minval %g or maxval %g does not fit int32", minval,
                    maxval);
    Draw d = draw(seed);
    d.lowest = minval;
    d.range = maxval - minval;
    d.down = true;
    return drawn(&randomUniform_op, shape, TN_INT32, &d, sizeof d);
}

/* ---- normal ---- */

/* The nearest int32, halves upwards; 0 where there is none. */
static int nearest(double v) {
    v = floor(v + 0.5);
    return fits_int32(v) ? (int)v : 0;
}

static void normal_cpu(Call *c) {
    const Tensor *y = c->out[0];
    Random r = generator(c->attrs);
    if (y->dtype == TN_FLOAT32)
        for (int i = 0; i < y->size; i++) f32(y)[i] = (float)random_normal(&r);
    else
        for (int i = 0; i < y->size; i++) i32(y)[i] = nearest(random_normal(&r));
    drawn_to(c->attrs, r);
}

static Tensor *normal(const Op *op, const Ints *shape, double mean, double deviation, DType dtype,
                      const char *seed, bool truncated) {
    if (failed()) return nothing();
    if (dtype != TN_FLOAT32 && dtype != TN_INT32)
        return fail(TN_DTYPE, "%s: dtype must be float32 or int32, but is %s", op->name,
                    dtype_name(dtype));
    if (!isfinite(mean) || !isfinite(deviation) || (truncated && deviation < 0))
        return fail(TN_VALUE, "%s: mean %g or stdDev %g is not possible", op->name, mean,
                    deviation);
    const Bell bell = {(float)mean, (float)deviation};
    if (!seed && !truncated && dtype == TN_FLOAT32)
        return drawn(&normal_op, shape, dtype, &bell, sizeof bell);
    Draw d = draw(seed);
    d.random.mean = mean;
    d.random.deviation = deviation;
    d.random.truncated = truncated;
    return drawn(op, shape, dtype, &d, sizeof d);
}

/* randomNormal: Random numbers of the normal distribution.
**   shape : shape               sizes of the result
**   mean : float = 0            of the distribution
**   stdDev : float = 1          its standard deviation
**   dtype : dtype = 'float32'   'float32', or 'int32' for whole numbers
**   seed : seed = null          gives the same numbers again
**   -> y : dtype [...shape]
** > tf.randomNormal([3], 0, 1, 'float32', 42)
**     // [1.9053093194961548, 0.4774465560913086, 0.4454464018344879]
** > tf.randomNormal([4], 5, 10, 'int32', 7)   // [-9, 5, -6, -7]
*/
OP(randomNormal, (const Ints *shape, double mean, double stdDev, DType dtype, const char *seed)) {
    return normal(&randomNormal_op, shape, mean, stdDev, dtype, seed, false);
}
IMPL(randomNormal, .cpu = normal_cpu,
     .gl_why = "a seed gives TensorFlow.js's numbers, which come one after another",
     .constant = true, .random = true);

/* truncatedNormal: Random numbers of the normal distribution, within two deviations of its mean.
**   shape : shape               sizes of the result
**   mean : float = 0            of the distribution
**   stdDev : float = 1          its standard deviation
**   dtype : dtype = 'float32'   'float32', or 'int32' for whole numbers
**   seed : seed = null          gives the same numbers again
**   -> y : dtype [...shape]
** > tf.truncatedNormal([3], 1, 0.5, 'float32', 42)
**     // [1.9526547193527222, 1.2387232780456543, 1.2227232456207275]
*/
OP(truncatedNormal,
   (const Ints *shape, double mean, double stdDev, DType dtype, const char *seed)) {
    return normal(&truncatedNormal_op, shape, mean, stdDev, dtype, seed, true);
}
IMPL(truncatedNormal, .cpu = normal_cpu,
     .gl_why = "numbers are drawn one after another until one fits", .constant = true,
     .random = true);

/* randomStandardNormal: Random numbers of the normal distribution of mean 0 and deviation 1.
**   shape : shape               sizes of the result
**   dtype : dtype = 'float32'   'float32', or 'int32' for whole numbers
**   seed : seed = null          gives the same numbers again
**   -> y : dtype [...shape]
** > tf.randomStandardNormal([2], 'float32', 3)   // [-1.597680926322937, -1.4898130893707275]
*/
OP(randomStandardNormal, (const Ints *shape, DType dtype, const char *seed)) {
    return tn_randomNormal(shape, 0, 1, dtype, seed);
}

/* ---- gamma ---- */

/* Marsaglia and Tsang, "A Simple Method for Generating Gamma Variables", ACM TOMS 26(3), 2000. */
typedef struct Gamma {
    double alpha, beta, d, c;
    Random uniform, normal;
    bool whole; /* normal numbers are rounded too, as with the peer */
} Gamma;

static void gamma_start(Gamma *g, double alpha, double beta, const char *seed) {
    *g = (Gamma){.alpha = alpha, .beta = beta, .d = alpha + (alpha < 1 ? 2.0 / 3 : -1.0 / 3)};
    g->c = 1 / sqrt(9 * g->d);
    random_start(&g->uniform, seed);
    random_start_from(&g->normal, random_next(&g->uniform));
}

static double gamma_next(Gamma *g) {
    double x, v, u;
    for (;;) {
        do {
            x = random_normal(&g->normal);
            if (g->whole) x = floor(x + 0.5);
            v = 1 + g->c * x;
        } while (v <= 0);
        v *= v * v;
        u = random_next(&g->uniform);
        const double x2 = x * x;
        if (u < 1 - 0.331 * x2 * x2 || log(u) < 0.5 * x2 + g->d * (1 - v + log(v))) break;
    }
    v = 1 / (1 / g->beta) * g->d * v;
    return g->alpha < 1 ? v * pow(random_next(&g->uniform), 1 / g->alpha) : v;
}

/* Doubles, as Draw. */
typedef struct GammaDraw {
    Gamma gamma;
    int seeded;
} GammaDraw;

static void gamma_cpu(Call *c) {
    const GammaDraw *d = c->attrs;
    const Tensor *y = c->out[0];
    Gamma g = d->gamma;
    if (!d->seeded) gamma_start(&g, d->gamma.alpha, d->gamma.beta, NULL);
    g.whole = y->dtype == TN_INT32;
    for (int i = 0; i < y->size; i++) {
        const double v = gamma_next(&g);
        if (g.whole) i32(y)[i] = nearest(v);
        else f32(y)[i] = (float)v;
    }
}

/* randomGamma: Random numbers of the gamma distribution.
**   shape : shape               sizes of the result
**   alpha : float               shape of the distribution, above 0
**   beta : float = 1            what the numbers are multiplied by, above 0
**   dtype : dtype = 'float32'   'float32', or 'int32' for whole numbers
**   seed : seed = null          gives the same numbers again
**   -> y : dtype [...shape]
** > tf.randomGamma([3], 2, 1, 'float32', 42)
**     // [0.7502188682556152, 1.03104567527771, 0.8142439126968384]
** > tf.randomGamma([4], 0.5, 3, 'float32', 7)
**     // [0.2243305742740631, 0.010084082372486591, 0.2583688199520111, 0.5199704170227051]
** > tf.randomGamma([4], 5, 2, 'int32', 7)   // [14, 3, 9, 6]
*/
OP(randomGamma, (const Ints *shape, double alpha, double beta, DType dtype, const char *seed)) {
    if (failed()) return nothing();
    if (dtype != TN_FLOAT32 && dtype != TN_INT32)
        return fail(TN_DTYPE, "randomGamma: Unsupported data type %s", dtype_name(dtype));
    if (!(alpha > 0 && isfinite(alpha) && beta > 0 && isfinite(beta)))
        return fail(TN_VALUE, "randomGamma: alpha %g and beta %g must be numbers above 0", alpha,
                    beta);
    if (shape->n > TN_MAX_RANK)
        return fail(TN_SHAPE, "randomGamma: rank %d is above %d", shape->n, TN_MAX_RANK);
    GammaDraw d = {.seeded = seed != NULL};
    gamma_start(&d.gamma, alpha, beta, seed);
    return run(&randomGamma_op, NULL, 0, OUT(make(dtype, shape->n, shape->v)), &d, sizeof d);
}
IMPL(randomGamma, .cpu = gamma_cpu, .gl_why = "numbers are drawn one after another until one fits",
     .constant = true, .random = true);

/* ---- multinomial ---- */

/* The first event at whose end, the sum of the chances so far, r has been passed; else the last. */
static int event_of(const float *ends, int n, double r) {
    int low = 0, high = n;
    while (low < high) {
        const int middle = low + (high - low) / 2;
        if (r < ends[middle]) high = middle;
        else low = middle + 1;
    }
    return low;
}

/* Ends of all events but the last; they never fall, so that they can be searched. */
static void add_up(const float *chances, int n, float *ends) {
    float sum = 0, most = -INFINITY;
    for (int i = 0; i < n; i++) {
        sum += chances[i];
        if (sum > most) most = sum;
        ends[i] = most;
    }
}

static void multinomial_cpu(Call *c) {
    const Tensor *x = c->in[0], *y = c->out[0];
    const int events = x->shape[1], samples = y->shape[1];
    const size_t bytes = (size_t)events * sizeof(float);
    float *ends = scratch(bytes);
    if (!ends) return;
    const Random start = generator(c->attrs);
    for (int row = 0; row < x->shape[0]; row++) {
        Random r = start;
        add_up(f32(x) + (int64_t)row * events, events - 1, ends);
        for (int i = 0; i < samples; i++)
            i32(y)[(int64_t)row * samples + i] = event_of(ends, events - 1, random_next(&r));
    }
    scratch_free(ends, bytes);
}

/* multinomial: Draws events by their chances.
**   logits : [events] | [n, events]               logarithms of the chances
**   numSamples : int                              how many are drawn of each row
**   seed : seed = null                            gives the same events again; rows use the same
**                                                 random numbers
**   normalized : bool = false                     logits are the chances themselves, of sum 1
**   -> y : int32 [numSamples] | [n, numSamples]   numbers of events, from 0
** > tf.multinomial([0.1, 0.7, 0.2], 5, 3, true)   // [1, 1, 0, 1, 1]
** > tf.multinomial([[0, 1, 2], [3, 0, 0]], 4, 7)   // [[2, 0, 1, 2], [0, 0, 0, 0]]
*/
OP(multinomial, (Tensor * logits, int numSamples, const char *seed, bool normalized)) {
    if (failed()) return nothing();
    if (logits->size < 2)
        return fail(TN_SHAPE, "multinomial: you need at least 2 outcomes, but got %d.",
                    logits->size);
    if (logits->rank > 2)
        return fail(TN_SHAPE, "multinomial: Rank of probabilities must be 1 or 2, but is %d",
                    logits->rank);
    Scope *s = tn_scope_begin();
    Tensor *x = logits->rank == 1 ? tn_expandDims(logits, 0) : logits;
    x = normalized ? to_float(x) : tn_softmax(to_float(x), -1);
    if (failed()) return leave(s, nothing());
    const Draw d = draw(seed);
    Tensor *y = make(TN_INT32, 2, (int[]){x->shape[0], numSamples});
    y = run(&multinomial_op, IN(x), OUT(y), &d, sizeof d);
    return leave(s, logits->rank == 1 ? tn_squeeze(y, INTS(0)) : y);
}
IMPL(multinomial, .cpu = multinomial_cpu, .gl_why = "numbers are drawn one after another",
     .constant = true, .random = true);
