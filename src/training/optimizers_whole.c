/* Optimizers made of ops, since they look at whole matrices or weigh whole variables: their steps
** are those of Keras. */
#include <ctype.h>
#include "training/optimizer.h"
#include "ops/binary.gen.h"
#include "ops/matmul.gen.h"
#include "ops/reduce.gen.h"
#include "ops/transpose.gen.h"
#include "ops/unary.gen.h"
#include "ops/view.gen.h"
#include "ops/where.gen.h"

static Tensor *num(double x) { return tn_scalar((float)x); }
static Tensor *times(Tensor *x, double k) { return tn_mul(x, num(k)); }
/* a + (b - a) * share */
static Tensor *towards(Tensor *a, Tensor *b, double share) {
    return tn_add(a, times(tn_sub(b, a), share));
}
static Tensor *norm(Tensor *x) { return tn_sqrt(tn_sum(tn_square(x), NULL, false)); }
static Tensor *rms(Tensor *x) { return tn_sqrt(tn_mean(tn_square(x), NULL, false)); }
static double less_power(double beta, int step) { return 1 - pow(beta, step); }

/* ---- adafactor: states are r, c of the last two axes, or v where there are fewer ---- */

/* The shape of x without an axis, filled with zeros. */
static Tensor *zeros_without(const Tensor *x, int axis) {
    int shape[TN_MAX_RANK + 1] = {x->rank - 1};
    for (int i = 0, k = 0; i < x->rank; i++)
        if (i != axis) shape[++k] = x->shape[i];
    return tn_zeros((const Ints *)shape, TN_FLOAT32);
}

static Tensor *adafactor_begin(const void *config, int i, Tensor *variable, const char *owner) {
    (void)config, (void)owner;
    if (variable->rank < 2) return i == 2 ? tn_zerosLike(variable) : num(0);
    return i == 2 ? num(0) : zeros_without(variable, variable->rank - 1 - i);
}

/* The mean squares of the gradient, put together from those of its rows and columns. */
static Tensor *factored(Update *u, Tensor *square, double share) {
    int rank = square->rank;
    Tensor *r = towards(u->state[0], tn_mean(square, INTS(rank - 1), false), share);
    Tensor *c = towards(u->state[1], tn_mean(square, INTS(rank - 2), false), share);
    Tensor *rows = tn_div(r, tn_mean(r, INTS(rank - 2), true));
    u->state[0] = r;
    u->state[1] = c;
    return tn_mul(tn_expandDims(rows, rank - 1), tn_expandDims(c, rank - 2));
}

static void adafactor_update(Update *u) {
    const AdafactorConfig *k = u->config;
    double rate = fmin(k->learningRate, 1 / sqrt(u->step)), share = pow(u->step, k->beta2Decay);
    Tensor *length = times(tn_maximum(num(k->epsilon2), rms(u->value)), rate);
    Tensor *square = tn_add(tn_square(u->grad), num(k->epsilon1)), *v;
    if (failed()) return;
    if (u->value->rank >= 2) v = factored(u, square, share);
    else v = u->state[2] = towards(u->state[2], square, share);
    Tensor *way = tn_div(u->grad, tn_sqrt(v));
    Tensor *clipped = tn_div(way, tn_maximum(num(1), times(rms(way), 1 / k->clipThreshold)));
    u->value = tn_sub(u->value, tn_mul(length, clipped));
}

/* adafactor: Steps by mean squares that are kept for rows and columns only (Shazeer and Stern,
** 2018).
**   learningRate : float | schedule = 0.001   length of a step, as a share of the variable's; at
**                                             most 1 / sqrt(step)
**   beta2Decay : float = -0.8                 how the mean squares forget: step^beta2Decay
**   epsilon1 : float = 1e-30                  keeps the mean squares from being 0
**   epsilon2 : float = 0.001                  keeps the steps from becoming too short
**   clipThreshold : float = 1                 the root mean square of a step, before its length,
**                                             is at most this
**   relativeStep : bool = true                as Keras has it, without effect: see learningRate
**   + extras
** > tf.train.adafactor(0.01).getConfig().beta2Decay   // -0.8
*/
OPTIMIZER(adafactor, Adafactor, .update = adafactor_update, .names = {"r", "c", "v"},
          .begin = adafactor_begin);

/* ---- ftrl ---- */

static Tensor *ftrl_begin(const void *config, int i, Tensor *variable, const char *owner) {
    (void)owner;
    double first = i ? 0 : ((const FtrlConfig *)config)->initialAccumulatorValue;
    return tn_add(tn_zerosLike(variable), num(first));
}

static void ftrl_update(Update *u) {
    const FtrlConfig *k = u->config;
    double rate = k->learningRate, l1 = k->l1RegularizationStrength;
    double l2 = k->l2RegularizationStrength + k->beta / (2 * rate);
    Tensor *grad = tn_add(u->grad, times(u->value, 2 * k->l2ShrinkageRegularizationStrength));
    Tensor *sum = tn_add(u->state[0], tn_square(u->grad)), *power = num(-k->learningRatePower);
    Tensor *now = tn_pow(sum, power), *before = tn_pow(u->state[0], power);
    Tensor *pull = tn_mul(times(tn_sub(now, before), 1 / rate), u->value);
    Tensor *linear = tn_add(u->state[1], tn_sub(grad, pull));
    Tensor *clipped = tn_clipByValue(linear, (float)-l1, (float)l1);
    u->value = tn_div(tn_sub(clipped, linear), tn_add(times(now, 1 / rate), num(2 * l2)));
    u->state[0] = sum;
    u->state[1] = linear;
}

/* ftrl: Follow the regularized leader, for wide models with sparse features (McMahan et al., 2013).
**   learningRate : float | schedule = 0.001              length of a step
**   learningRatePower : float = -0.5                     how steps shrink with the sum of squares;
**                                                        0: not at all
**   initialAccumulatorValue : float >= 0 = 0.1           what the sum of squares starts with
**   l1RegularizationStrength : float >= 0 = 0            pulls weights to exactly 0
**   l2RegularizationStrength : float >= 0 = 0            keeps weights small
**   l2ShrinkageRegularizationStrength : float >= 0 = 0   the same, as a penalty on the loss would
**   beta : float = 0                                     added to the root of the sum of squares
**   + extras
** > tf.train.ftrl(0.1).getConfig().learningRatePower   // -0.5
*/
OPTIMIZER(ftrl, Ftrl, .update = ftrl_update, .names = {"accumulator", "linear"},
          .begin = ftrl_begin);

/* ---- lamb ---- */

static void lamb_update(Update *u) {
    const LambConfig *k = u->config;
    u->state[0] = towards(u->state[0], u->grad, 1 - k->beta1);
    u->state[1] = towards(u->state[1], tn_square(u->grad), 1 - k->beta2);
    Tensor *m = times(u->state[0], 1 / less_power(k->beta1, u->step));
    Tensor *v = times(u->state[1], 1 / less_power(k->beta2, u->step));
    Tensor *way = tn_div(m, tn_add(tn_sqrt(v), num(k->epsilon)));
    Tensor *weight = norm(u->value), *length = norm(way), *none = num(0);
    Tensor *both = tn_logicalAnd(tn_greater(weight, none), tn_greater(length, none));
    Tensor *ratio = tn_where(both, tn_div(weight, length), num(1));
    u->value = tn_sub(u->value, tn_mul(times(ratio, k->learningRate), way));
}

/* lamb: adam whose steps are as long as the variable, layer by layer (You et al., 2019).
**   learningRate : float | schedule = 0.001   length of a step, as a share of the variable's
**   beta1 : float = 0.9                       how much of the mean stays
**   beta2 : float = 0.999                     how much of the mean square stays
**   epsilon : float = 1e-7                    keeps the divisor from being 0
**   + extras
** > tf.train.lamb(0.01).getConfig().beta2   // 0.999
*/
OPTIMIZER(lamb, Lamb, .update = lamb_update, .names = {"m", "v"});

/* ---- muon: variables that are no matrices, and embeddings, go by adam and have v ---- */

static bool in_name(const char *name, const char *word) {
    size_t n = strlen(word);
    for (; *name; name++) {
        size_t i = 0;
        while (i < n && tolower((unsigned char)name[i]) == word[i]) i++;
        if (i == n) return true;
    }
    return false;
}

static Tensor *muon_begin(const void *config, int i, Tensor *variable, const char *owner) {
    const MuonConfig *k = config;
    bool embeds = k->excludeEmbeddings && in_name(owner, "embedding");
    return i == 0 || variable->rank != 2 || embeds ? tn_zerosLike(variable) : num(0);
}

static bool goes_by_adam(const Update *u) { return same_shape(u->state[1], u->value); }

static double muon_decay(const Update *u) {
    const MuonConfig *k = u->config;
    return goes_by_adam(u) ? k->adamWeightDecay : k->extras.weightDecay;
}

static void adam_update(Update *u) {
    const MuonConfig *k = u->config;
    double root = sqrt(less_power(k->adamBeta2, u->step));
    double rate = k->learningRate * k->adamLrRatio * root / less_power(k->adamBeta1, u->step);
    u->state[0] = towards(u->state[0], u->grad, 1 - k->adamBeta1);
    u->state[1] = towards(u->state[1], tn_square(u->grad), 1 - k->adamBeta2);
    Tensor *divisor = tn_add(tn_sqrt(u->state[1]), num(k->epsilon));
    u->value = tn_sub(u->value, tn_div(times(u->state[0], rate), divisor));
}

/* Near the orthogonal matrix that is nearest to x: Newton and Schulz's iteration. */
static Tensor *orthogonal(Tensor *x, const MuonConfig *k) {
    if (failed()) return nothing();
    bool tall = x->shape[0] > x->shape[1];
    if (tall) x = tn_transpose(x, NULL, false);
    x = tn_div(x, tn_add(norm(x), num(1e-7)));
    for (int i = 0; i < k->nsSteps; i++) {
        Tensor *a = tn_matMul(x, x, false, true);
        Tensor *b = tn_add(times(a, k->muonB), times(tn_matMul(a, a, false, false), k->muonC));
        x = tn_add(times(x, k->muonA), tn_matMul(b, x, false, false));
    }
    return tall ? tn_transpose(x, NULL, false) : x;
}

static void muon_update(Update *u) {
    const MuonConfig *k = u->config;
    if (goes_by_adam(u)) {
        adam_update(u);
        return;
    }
    Tensor *m = u->state[0] = tn_add(times(u->state[0], k->momentum), u->grad);
    Tensor *way = orthogonal(k->nesterov ? tn_add(u->grad, times(m, k->momentum)) : m, k);
    if (failed()) return;
    int longer = way->shape[0] > way->shape[1] ? way->shape[0] : way->shape[1];
    double scale = k->rmsRate ? sqrt(longer) * k->rmsRate : 1;
    u->value = tn_sub(u->value, times(way, k->learningRate * scale));
}

/* muon: Steps along orthogonal matrices (Jordan et al., 2024); what is no matrix, and embeddings,
** go by adamw.
**   learningRate : float | schedule = 0.001   length of a step
**   adamBeta1 : float = 0.9                   adamw: how much of the mean stays
**   adamBeta2 : float = 0.999                 adamw: how much of the mean square stays
**   adamWeightDecay : float = 0.004           adamw: weight decay
**   epsilon : float = 1e-7                    adamw: keeps the divisor from being 0
**   excludeEmbeddings : bool = true           layers with 'embedding' in their names go by adamw
**   muonA : float = 3.4445                    factor of x in the iteration
**   muonB : float = -4.775                    factor of its cube
**   muonC : float = 2.0315                    factor of its fifth power
**   adamLrRatio : float = 1                   adamw: factor of the learning rate
**   momentum : float = 0.95                   how much of the last step's direction stays
**   nsSteps : int >= 1 = 5                    times through the iteration
**   nesterov : bool = true                    look ahead: g + momentum * m
**   rmsRate : float = 0.2                     steps are scaled by this and the root of the longer
**                                             side; 0: they are not
**   + extras
** Its weightDecay is 0.004 if the last argument says nothing else.
** > tf.train.muon(0.02).getConfig().nsSteps   // 5
*/
OPTIMIZER(muon, Muon, .update = muon_update, .names = {"m", "v"}, .begin = muon_begin,
          .decay = muon_decay, .usual = "{\"weightDecay\":0.004}");

/* ---- schedule-free adamw: steps go from z; the variable lies between z and its mean ---- */

static Tensor *scheduleFreeAdamW_begin(const void *config, int i, Tensor *variable,
                                       const char *owner) {
    (void)config, (void)owner;
    return i ? tn_zerosLike(variable) : tn_clone(variable);
}

/* y (1 - share) + x share, and back. */
static Tensor *between(Tensor *z, Tensor *x, double share) { return towards(z, x, share); }
static Tensor *mean_behind(Tensor *y, Tensor *z, double share) {
    return times(tn_sub(y, times(z, 1 - share)), 1 / share);
}

static void scheduleFreeAdamW_update(Update *u) {
    const ScheduleFreeAdamWConfig *k = u->config;
    double warm = k->warmupSteps > 0 ? fmin(u->step / (double)k->warmupSteps, 1) : 1;
    Tensor *mean = mean_behind(u->value, u->state[0], k->beta1);
    u->state[1] = towards(u->state[1], tn_square(u->grad), 1 - k->beta2);
    Tensor *v = times(u->state[1], 1 / less_power(k->beta2, u->step));
    Tensor *way = tn_div(u->grad, tn_add(tn_sqrt(v), num(k->epsilon)));
    u->state[0] = tn_sub(u->state[0], times(way, k->learningRate * warm));
    mean = towards(mean, u->state[0], 1.0 / u->step);
    u->value = between(u->state[0], mean, k->beta1);
}

static Tensor *scheduleFreeAdamW_swap(const Update *u, bool train) {
    double share = ((const ScheduleFreeAdamWConfig *)u->config)->beta1;
    return train ? between(u->state[0], u->value, share)
                 : mean_behind(u->value, u->state[0], share);
}

/* scheduleFreeAdamW: adamw that needs no schedule: the mean of its way is what is looked for
** (Defazio et al., 2024). swapToEval() puts it into the variables, swapToTrain() goes back.
**   learningRate : float | schedule = 0.0025   length of a step
**   beta1 : float = 0.9                        how far the variables lie from z towards the mean
**   beta2 : float = 0.999                      how much of the mean square stays
**   epsilon : float = 1e-8                     keeps the divisor from being 0
**   warmupSteps : int >= 0 = 0                 steps in which the rate rises to its full length
**   + extras
** > tf.train.scheduleFreeAdamW(0.01).getConfig().beta1   // 0.9
*/
OPTIMIZER(scheduleFreeAdamW, ScheduleFreeAdamW, .update = scheduleFreeAdamW_update,
          .names = {"z", "v"}, .begin = scheduleFreeAdamW_begin, .swap = scheduleFreeAdamW_swap);
