/* Learning rates that change with the steps taken, as Keras has them. */
#include "training/schedule.h"

/* ---- finding and asking ---- */

static const ScheduleClass *schedule_find(const char *name) {
    for (int i = 0; all_schedules[i]; i++) {
        const Schema *s = all_schedules[i]->schema;
        if (same_name(name, s->name) || same_name(name, s->class_name)) return all_schedules[i];
    }
    return NULL;
}

const Schedule *schedule_read(const char *who, const cJSON *spec, Arena *arena, cJSON **full) {
    const char *name = json_get_text(spec, "className");
    const ScheduleClass *of = name ? schedule_find(name) : NULL;
    if (!of) {
        if (name)
            fail(TN_VALUE, "%s: learningRate must be a number or a schedule, but is '%.60s'", who,
                 name);
        else
            fail(TN_VALUE,
                 "%s: learningRate must be a number or a schedule, but is an object without a "
                 "class_name: options are arguments here, in their order, tf.train.%s(0.01)",
                 who, who);
        return NULL;
    }
    Schedule *s = arena_take(arena, sizeof *s);
    void *config = arena_take(arena, (size_t)of->schema->bytes);
    cJSON *fields = json_object();
    Reader r = {of->schema->name, json_get(spec, "config"), fields, arena, NULL};
    if (s && config && config_read(&r, of->schema, config) && of->check) of->check(config);
    if (failed()) {
        json_free(fields);
        return NULL;
    }
    *s = (Schedule){of, config};
    *full = json_instance(of->schema->class_name, fields);
    return s;
}

double schedule_at(const Schedule *s, double step) { return s->of->at(s->config, step); }

/* ---- decays ---- */

static double exponentialDecay_at(const void *config, double step) {
    const ExponentialDecayConfig *k = config;
    double p = step / k->decaySteps;
    return k->initialLearningRate * pow(k->decayRate, k->staircase ? floor(p) : p);
}

/* exponentialDecay: A rate that is multiplied by decayRate every so many steps.
**   initialLearningRate : float   the first rate
**   decaySteps : float >= 1       steps from one multiplication to the next
**   decayRate : float             the factor
**   staircase : bool = false      multiply at once, not a little each step
** > tf.train.exponentialDecay({initialLearningRate: 0.1, decaySteps: 10, decayRate: 0.5}).at(20)
**   // 0.025
*/
SCHEDULE(exponentialDecay, ExponentialDecay, .at = exponentialDecay_at);

static double inverseTimeDecay_at(const void *config, double step) {
    const InverseTimeDecayConfig *k = config;
    double p = step / k->decaySteps;
    return k->initialLearningRate / (1 + k->decayRate * (k->staircase ? floor(p) : p));
}

/* inverseTimeDecay: A rate divided by 1 + decayRate * step / decaySteps.
**   initialLearningRate : float   the first rate
**   decaySteps : float >= 1       how often the decay takes place
**   decayRate : float             how strong it is
**   staircase : bool = false      decay at once every decaySteps, not a little each step
** > tf.train.inverseTimeDecay({initialLearningRate: 0.1, decaySteps: 10, decayRate: 0.5}).at(20)
**   // 0.05
*/
SCHEDULE(inverseTimeDecay, InverseTimeDecay, .at = inverseTimeDecay_at);

static double polynomialDecay_at(const void *config, double step) {
    const PolynomialDecayConfig *k = config;
    double steps = k->decaySteps, end = k->endLearningRate;
    if (k->cycle) steps *= step > 0 ? ceil(step / steps) : 1;
    double done = step < steps ? step / steps : 1;
    return (k->initialLearningRate - end) * pow(1 - done, k->power) + end;
}

/* polynomialDecay: A rate that goes from a first to a last value along a power of what is left.
**   initialLearningRate : float        the first rate
**   decaySteps : float >= 1            how many steps it takes
**   endLearningRate : float = 0.0001   the last rate
**   power : float = 1                  of the share of steps that is left; 1: a straight line
**   cycle : bool = false               past the end start anew, with as many steps more
** > tf.train.polynomialDecay({initialLearningRate: 1, decaySteps: 10, endLearningRate: 0}).at(4)
**   // 0.6
*/
SCHEDULE(polynomialDecay, PolynomialDecay, .at = polynomialDecay_at);

/* ---- cosines: Loshchilov and Hutter, 2016 ---- */

static const double PI = 3.14159265358979323846;

static double cosine(double share, double alpha) {
    return (1 - alpha) * 0.5 * (1 + cos(PI * share)) + alpha;
}

static double cosineDecay_at(const void *config, double step) {
    const CosineDecayConfig *k = config;
    bool warms = !isnan(k->warmupTarget);
    double first = warms ? k->warmupTarget : k->initialLearningRate, share;
    if (warms && step < k->warmupSteps)
        return k->initialLearningRate + (first - k->initialLearningRate) * step / k->warmupSteps;
    share = (step - (warms ? k->warmupSteps : 0)) / k->decaySteps;
    return first * cosine(share < 1 ? share : 1, k->alpha);
}

/* cosineDecay: A rate that falls along half a cosine, perhaps after a rise.
**   initialLearningRate : float    the first rate
**   decaySteps : float >= 1        how many steps the fall takes
**   alpha : float = 0              share of the rate that is left at the end
**   warmupTarget : float = null    the rate to which it rises first; null: it only falls
**   warmupSteps : float >= 0 = 0   how many steps the rise takes
** > tf.train.cosineDecay({initialLearningRate: 0.1, decaySteps: 10}).at(5)   // 0.05
*/
SCHEDULE(cosineDecay, CosineDecay, .at = cosineDecay_at);

static double cosineDecayRestarts_at(const void *config, double step) {
    const CosineDecayRestartsConfig *k = config;
    double done = step / k->firstDecaySteps, rounds = floor(done);
    if (k->tMul == 1) done -= rounds;
    else {
        rounds = floor(log(1 - done * (1 - k->tMul)) / log(k->tMul));
        double before = (1 - pow(k->tMul, rounds)) / (1 - k->tMul);
        done = (done - before) / pow(k->tMul, rounds);
    }
    return k->initialLearningRate *
           ((1 - k->alpha) * pow(k->mMul, rounds) * cosine(done, 0) + k->alpha);
}

static void cosineDecayRestarts_check(const void *config) {
    const CosineDecayRestartsConfig *k = config;
    if (!(k->tMul >= 1))
        fail(TN_VALUE, "cosineDecayRestarts: tMul must be at least 1, but is %g", k->tMul);
}

/* cosineDecayRestarts: A rate that falls along half a cosine again and again.
**   initialLearningRate : float    the first rate
**   firstDecaySteps : float >= 1   how many steps the first fall takes
**   tMul : float = 2               each fall takes so many times the steps of the last
**   mMul : float = 1               each begins at so many times the rate of the last
**   alpha : float = 0              share of the rate that is left at the end of each
** > tf.train.cosineDecayRestarts({initialLearningRate: 0.1, firstDecaySteps: 10}).at(20)   // 0.05
*/
SCHEDULE(cosineDecayRestarts, CosineDecayRestarts, .at = cosineDecayRestarts_at,
         .check = cosineDecayRestarts_check);

/* ---- steps ---- */

static double piecewiseConstantDecay_at(const void *config, double step) {
    const PiecewiseConstantDecayConfig *k = config;
    int i = 0;
    while (i < k->boundaries->n && step > k->boundaries->v[i]) i++;
    return k->values->v[i];
}

static void piecewiseConstantDecay_check(const void *config) {
    const PiecewiseConstantDecayConfig *k = config;
    if (k->values->n != k->boundaries->n + 1)
        fail(TN_VALUE,
             "piecewiseConstantDecay: values has %d numbers, boundaries %d: it must be "
             "one more",
             k->values->n, k->boundaries->n);
}

/* piecewiseConstantDecay: A rate for each stretch of steps.
**   boundaries : floats   the last step of each stretch but the last
**   values : floats       the rates, one more than boundaries
** > tf.train.piecewiseConstantDecay({boundaries: [10, 20], values: [1, 0.5, 0.1]}).at(11)   // 0.5
*/
SCHEDULE(piecewiseConstantDecay, PiecewiseConstantDecay, .at = piecewiseConstantDecay_at,
         .check = piecewiseConstantDecay_check);
