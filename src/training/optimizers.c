/* The optimizers. Each update is a few elementwise ops without gradient, whose expressions compile
** to the CPU loop and the shader alike; in them a, b, c are the inputs and p0, p1, p2 numbers. */
#include <tgmath.h>
#include "training/optimizer.h"
#include "ops/binary.gen.h"

/* ---- the private ops ---- */

typedef struct StepJob {
    const float *a, *b, *c;
    float *y;
    const float *p;
} StepJob;

enum { GRAIN = 16384 };

static void step_cpu(Call *call, void (*piece)(void *, int, int)) {
    StepJob job = {f32(call->in[0]), f32(call->in[1]), f32(call->in[call->nin - 1]),
                   f32(call->out[0]), call->attrs};
    parallel_for(call->out[0]->size, GRAIN, piece, &job);
}

#define STEP(id, expression)                                                                       \
    static void id##_piece(void *job, int begin, int end) {                                        \
        const StepJob *j = job;                                                                    \
        const float *restrict as = j->a, *restrict bs = j->b, *restrict cs = j->c;                 \
        const float p0 = j->p[0], p1 = j->p[1], p2 = j->p[2];                                      \
        float *restrict ys = j->y;                                                                 \
        (void)p0, (void)p1, (void)p2;                                                              \
        for (int i = begin; i < end; i++) {                                                        \
            float a = as[i], b = bs[i], c = cs[i];                                                 \
            (void)c;                                                                               \
            ys[i] = expression;                                                                    \
        }                                                                                          \
    }                                                                                              \
    static void id##_cpu(Call *call) { step_cpu(call, id##_piece); }                               \
    static const Op id##_op = {                                                                    \
        .name = #id, .cpu = id##_cpu, .gl = "=" #expression, .constant = true};

STEP(step_towards, a + (b - a) * p0)
STEP(step_to_square, a + (b * b - a) * p0)
STEP(step_along, a *p1 - b * p0)
STEP(step_nesterov, a - (b + c * p1) * p0)
STEP(step_by_root, a - p0 * b / sqrt(c + p1))
STEP(step_root_and, p2 *a + p0 * b / sqrt(c + p1))
STEP(step_adam, a - p0 * b / (sqrt(c * p1) + p2))
STEP(step_add_square, a + b * b)
STEP(step_less_square, a - b * b)
STEP(step_larger, a *p0 > (b < 0.0f ? -b : b) ? a * p0 : (b < 0.0f ? -b : b))
STEP(step_by, a - p0 * b / (c + p1))
STEP(step_blend, a *p0 + b * p1)
STEP(step_sign, a - p0 * (b > 0.0f ? 1.0f : b < 0.0f ? -1.0f : 0.0f))
STEP(step_ratio, sqrt(a + p0) / sqrt(b + p0) * c)

static Tensor *two(const Op *op, Tensor *a, Tensor *b, double p0, double p1) {
    float p[3] = {(float)p0, (float)p1, 0};
    return run(op, IN(a, b), OUT(make_like(a)), p, sizeof p);
}

static Tensor *three(const Op *op, Tensor *a, Tensor *b, Tensor *c, double p0, double p1,
                     double p2) {
    float p[3] = {(float)p0, (float)p1, (float)p2};
    return run(op, IN(a, b, c), OUT(make_like(a)), p, sizeof p);
}

/* extras: What every optimizer takes as its last argument, an object.
**   clipnorm : float >= 0 = null              each gradient is scaled down to this norm
**   clipvalue : float >= 0 = null             each number of the gradients is kept within +- this
**   globalClipnorm : float >= 0 = null        all gradients together are scaled down to this norm
**   weightDecay : float = 0                   each step first takes learningRate * weightDecay * w
**                                             from w
**   useEma : bool = false                     keep running means of the variables
**   emaMomentum : float = 0.99                how much of the means stays each step
**   emaOverwriteFrequency : int >= 1 = null   put the means into the variables every so many
**                                             steps; null: at the end of fit
*/
FIELDS(extras, Extras)

/* ---- sgd, momentum ---- */

static void sgd_update(Update *u) {
    const SGDConfig *k = u->config;
    u->value = two(&step_along_op, u->value, u->grad, k->learningRate, 1);
}

/* sgd: Stochastic gradient descent: w - learningRate * g.
**   learningRate : float | schedule = 0.01   length of a step
**   + extras
** > tf.train.sgd(0.1).getConfig().learningRate   // 0.1
*/
OPTIMIZER(sgd, SGD, .update = sgd_update);

static void momentum_update(Update *u) {
    const MomentumConfig *k = u->config;
    Tensor *m = two(&step_along_op, u->state[0], u->grad, -1, k->momentum);
    u->value = k->useNesterov
                   ? three(&step_nesterov_op, u->value, u->grad, m, k->learningRate, k->momentum, 0)
                   : two(&step_along_op, u->value, m, k->learningRate, 1);
    u->state[0] = m;
}

/* momentum: Gradient descent that keeps going: m = momentum * m + g, w - learningRate * m.
**   learningRate : float | schedule   length of a step
**   momentum : float                  how much of the last step's direction stays
**   useNesterov : bool = false        look ahead: w - learningRate * (g + momentum * m)
**   + extras
**   extends sgd
**   set momentum
** > tf.train.momentum(0.1, 0.9).getConfig().momentum   // 0.9
*/
OPTIMIZER(momentum, Momentum, .update = momentum_update, .names = {"momentum"});

/* ---- rmsprop ---- */

static int rmsprop_states(const void *config) {
    return ((const RMSPropConfig *)config)->centered ? 3 : 2;
}

static void rmsprop_update(Update *u) {
    const RMSPropConfig *k = u->config;
    Tensor *square = two(&step_to_square_op, u->state[0], u->grad, 1 - k->decay, 0);
    Tensor *under = square;
    if (k->centered) {
        u->state[2] = two(&step_towards_op, u->state[2], u->grad, 1 - k->decay, 0);
        under = two(&step_less_square_op, square, u->state[2], 0, 0);
    }
    u->state[0] = square;
    if (!k->momentum) { /* the last step, which is state[1], counts for nothing */
        u->value =
            three(&step_by_root_op, u->value, u->grad, under, k->learningRate, k->epsilon, 0);
        return;
    }
    u->state[1] = three(&step_root_and_op, u->state[1], u->grad, under, k->learningRate, k->epsilon,
                        k->momentum);
    u->value = two(&step_along_op, u->value, u->state[1], 1, 1);
}

/* rmsprop: Steps divided by a running root mean square of the gradient (Hinton, 2012).
**   learningRate : float | schedule   length of a step
**   decay : float = 0.9               how much of the running mean stays
**   momentum : float = 0              how much of the last step stays
**   epsilon : float = 1e-7            keeps the root from being 0
**   centered : bool = false           subtract the square of the gradient's running mean
**   + extras
** > tf.train.rmsprop(0.1).getConfig().decay   // 0.9
*/
OPTIMIZER(rmsprop, RMSProp, .update = rmsprop_update, .states = rmsprop_states,
          .names = {"rms", "momentum", "mg"}, .by_name = "{\"learningRate\":0.001}");

/* ---- adam, adamax ---- */

/* 1 - beta^t, of the float32 that beta is elsewhere: in the first steps that counts, 1 - 0.999f
** being smaller than 0.001 by 1e-5 of it. */
static double one_minus_power(double beta, int t) { return 1 - pow((float)beta, t); }

/* most: whether the mean squares that steps are divided by never become smaller. */
static void adam_step(Update *u, double rate, double beta1, double beta2, double epsilon,
                      bool most) {
    u->state[0] = two(&step_towards_op, u->state[0], u->grad, 1 - beta1, 0);
    u->state[1] = two(&step_to_square_op, u->state[1], u->grad, 1 - beta2, 0);
    if (most) u->state[2] = tn_maximum(u->state[2], u->state[1]);
    u->value =
        three(&step_adam_op, u->value, u->state[0], u->state[most ? 2 : 1],
              rate / one_minus_power(beta1, u->step), 1 / one_minus_power(beta2, u->step), epsilon);
}

#define ADAM(id, Class)                                                                            \
    static void id##_update(Update *u) {                                                           \
        const Class##Config *k = u->config;                                                        \
        adam_step(u, k->learningRate, k->beta1, k->beta2, k->epsilon, k->amsgrad);                 \
    }                                                                                              \
    static int id##_states(const void *config) {                                                   \
        return ((const Class##Config *)config)->amsgrad ? 3 : 2;                                   \
    }
ADAM(adam, Adam)
ADAM(adamw, AdamW)

/* adams: What adam and adamw take beyond that.
**   amsgrad : bool = false   divide by the largest mean square so far (Reddi et al., 2018)
*/
FIELDS(adams, Adams)

/* adam: Steps by running means of the gradient and its square (Kingma and Ba, 2015).
**   learningRate : float | schedule = 0.001   length of a step
**   beta1 : float = 0.9                       how much of the mean stays
**   beta2 : float = 0.999                     how much of the mean square stays
**   epsilon : float = 1e-7                    keeps the divisor from being 0
**   + extras
**   + adams
** > tf.train.adam().getConfig().beta2   // 0.999
** > tf.train.adam(0.01, 0.9, 0.999, 1e-7, {amsgrad: true}).getConfig().amsgrad   // true
*/
OPTIMIZER(adam, Adam, .update = adam_update, .names = {"m", "v", "vhat"}, .states = adam_states);

static void adamax_update(Update *u) {
    const AdamaxConfig *k = u->config;
    double rate = k->learningRate / (1 + k->decay * (u->step - 1));
    u->state[0] = two(&step_towards_op, u->state[0], u->grad, 1 - k->beta1, 0);
    u->state[1] = two(&step_larger_op, u->state[1], u->grad, k->beta2, 0);
    u->value = three(&step_by_op, u->value, u->state[0], u->state[1],
                     rate / one_minus_power(k->beta1, u->step), k->epsilon, 0);
}

/* adamax: adam with the largest gradient in place of the mean square (Kingma and Ba, 2015).
**   learningRate : float | schedule = 0.002   length of a step
**   beta1 : float = 0.9                       how much of the mean stays
**   beta2 : float = 0.999                     how much of the largest stays
**   epsilon : float = 1e-7                    keeps the divisor from being 0
**   decay : float = 0                         shrinks the steps: rate / (1 + decay * step)
**   + extras
** > tf.train.adamax().getConfig().beta1   // 0.9
*/
OPTIMIZER(adamax, Adamax, .update = adamax_update, .names = {"m", "v"});

/* adamw: adam whose weights shrink apart from the gradient's step (Loshchilov and Hutter, 2019).
**   learningRate : float | schedule = 0.001   length of a step
**   beta1 : float = 0.9                       how much of the mean stays
**   beta2 : float = 0.999                     how much of the mean square stays
**   epsilon : float = 1e-7                    keeps the divisor from being 0
**   + extras
**   + adams
** Its weightDecay is 0.004 if the last argument says nothing else.
** > tf.train.adamw(0.01).getConfig().weightDecay   // 0.004
*/
OPTIMIZER(adamw, AdamW, .update = adamw_update, .names = {"m", "v", "vhat"}, .states = adamw_states,
          .usual = "{\"weightDecay\":0.004}");

/* The momentum of step t: beta1 * (1 - 0.96^t / 2). */
static double nadam_momentum(const NadamConfig *k, double t) {
    return k->beta1 * (1 - 0.5 * pow(0.96, t));
}

/* The product of the momenta up to step t; past step 600 they are beta1 to the last bit. */
static double nadam_product(const NadamConfig *k, int t) {
    double product = t > 600 ? pow(k->beta1, t - 600) : 1;
    for (int i = 1; i <= t && i <= 600; i++) product *= nadam_momentum(k, i);
    return product;
}

static void nadam_update(Update *u) {
    const NadamConfig *k = u->config;
    double now = nadam_momentum(k, u->step), next = nadam_momentum(k, u->step + 1.0);
    double product = nadam_product(k, u->step);
    u->state[0] = two(&step_towards_op, u->state[0], u->grad, 1 - k->beta1, 0);
    u->state[1] = two(&step_to_square_op, u->state[1], u->grad, 1 - k->beta2, 0);
    Tensor *ahead = two(&step_blend_op, u->state[0], u->grad, next / (1 - product * next),
                        (1 - now) / (1 - product));
    u->value = three(&step_adam_op, u->value, ahead, u->state[1], k->learningRate,
                     1 / one_minus_power(k->beta2, u->step), k->epsilon);
}

/* nadam: adam that looks one step ahead (Dozat, 2016).
**   learningRate : float | schedule = 0.001   length of a step
**   beta1 : float = 0.9                       how much of the mean stays
**   beta2 : float = 0.999                     how much of the mean square stays
**   epsilon : float = 1e-7                    keeps the divisor from being 0
**   + extras
** > tf.train.nadam().getConfig().beta1   // 0.9
*/
OPTIMIZER(nadam, Nadam, .update = nadam_update, .names = {"m", "v"});

/* ---- lion ---- */

static void lion_update(Update *u) {
    const LionConfig *k = u->config;
    Tensor *way = two(&step_towards_op, u->state[0], u->grad, 1 - k->beta1, 0);
    u->value = two(&step_sign_op, u->value, way, k->learningRate, 0);
    u->state[0] = two(&step_towards_op, u->state[0], u->grad, 1 - k->beta2, 0);
}

/* lion: Steps of one length, by the sign of a running mean of the gradient (Chen et al., 2023).
**   learningRate : float | schedule = 0.001   length of a step
**   beta1 : float = 0.9                       how much of the mean counts for the step
**   beta2 : float = 0.99                      how much of the mean stays
**   + extras
** > tf.train.lion().getConfig().beta2   // 0.99
*/
OPTIMIZER(lion, Lion, .update = lion_update, .names = {"m"});

/* ---- adagrad, adadelta ---- */

static double adagrad_first(const void *config) {
    return ((const AdagradConfig *)config)->initialAccumulatorValue;
}

static void adagrad_update(Update *u) {
    const AdagradConfig *k = u->config;
    u->state[0] = two(&step_add_square_op, u->state[0], u->grad, 0, 0);
    u->value = three(&step_by_root_op, u->value, u->grad, u->state[0], k->learningRate, 1e-7, 0);
}

/* adagrad: Steps divided by the root of all squared gradients so far (Duchi et al., 2011).
**   learningRate : float | schedule         length of a step
**   initialAccumulatorValue : float = 0.1   what the sum of squares starts with
**   + extras
** > tf.train.adagrad(0.1).getConfig().initialAccumulatorValue   // 0.1
*/
OPTIMIZER(adagrad, Adagrad, .update = adagrad_update, .names = {"accumulator"},
          .first = adagrad_first, .by_name = "{\"learningRate\":0.01}");

/* As in the peer, the ratio is that of the running means before this step. */
static void adadelta_update(Update *u) {
    const AdadeltaConfig *k = u->config;
    Tensor *step = three(&step_ratio_op, u->state[1], u->state[0], u->grad, k->epsilon, 0, 0);
    u->state[0] = two(&step_to_square_op, u->state[0], u->grad, 1 - k->rho, 0);
    u->state[1] = two(&step_to_square_op, u->state[1], step, 1 - k->rho, 0);
    u->value = two(&step_along_op, u->value, step, k->learningRate, 1);
}

/* adadelta: Steps by the ratio of running means of steps and gradients (Zeiler, 2012).
**   learningRate : float | schedule = 0.001   factor of the step
**   rho : float = 0.95                        how much of the running means stays
**   epsilon : float = 1e-7                    keeps the roots from being 0
**   + extras
** > tf.train.adadelta().getConfig().rho   // 0.95
*/
OPTIMIZER(adadelta, Adadelta, .update = adadelta_update, .names = {"accum_grad", "accum_var"},
          .by_name = "{\"learningRate\":1}");
