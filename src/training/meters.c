/* Metrics that are means over all examples, or ratios of what was counted over all of them. */
#include "training/meter.h"
#include "training/metrics.h"

static const int LAST[] = {1, -1};
static const Ints *last_axis(void) { return (const Ints *)LAST; }
static Tensor *num(double value) { return tn_scalar((float)value); }
static Tensor *total(Tensor *x) { return tn_sum(x, NULL, false); }

/* meter: What every metric that adds up takes.
**   name = null   string   under which it is reported; null: its own
*/
FIELDS(meter, Meter)

/* ---- means: counts are the weighted sum and the sum of the weights ---- */

static void add_mean(Counts *c, Tensor *values, Tensor *w) {
    w = weights_like(w, values);
    count_more(c, 0, total(tn_mul(values, w)));
    count_more(c, 1, total(w));
}

static Tensor *mean_result(const Counts *c) { return tn_divNoNan(c->v[0], c->v[1]); }

static void rootMeanSquaredError_add(Counts *c, Tensor *y, Tensor *p, Tensor *w) {
    add_mean(c, tn_squaredDifference(y, p), w);
}

static Tensor *rootMeanSquaredError_result(const Counts *c) { return tn_sqrt(mean_result(c)); }

/* rootMeanSquaredError: Root of the mean of the squared differences.
**   + meter
** > new tf.metrics.RootMeanSquaredError().of([[1, 2]], [[2, 4]])   // 1.5811388
*/
METER(rootMeanSquaredError, RootMeanSquaredError, .add = rootMeanSquaredError_add,
      .result = rootMeanSquaredError_result);

static void topKCategoricalAccuracy_add(Counts *c, Tensor *y, Tensor *p, Tensor *w) {
    add_mean(c, among_top(y, p, ((const TopKCategoricalAccuracyConfig *)c->config)->k), w);
}

/* topKCategoricalAccuracy: Share of examples whose class, y one-hot, is among the k likeliest.
**   k = 5   int >= 1   how many count
**   + meter
** > new tf.metrics.TopKCategoricalAccuracy({k: 2}).of([[0, 0, 1], [0, 1, 0]],
**                                                     [[0.1, 0.9, 0.8], [0.5, 0.1, 0.2]])   // 0.5
*/
METER(topKCategoricalAccuracy, TopKCategoricalAccuracy, .add = topKCategoricalAccuracy_add,
      .result = mean_result);

static void sparseTopKCategoricalAccuracy_add(Counts *c, Tensor *y, Tensor *p, Tensor *w) {
    int k = ((const SparseTopKCategoricalAccuracyConfig *)c->config)->k;
    add_mean(c, among_top(one_hot_like(y, p), p, k), w);
}

/* sparseTopKCategoricalAccuracy: The same, y being numbers of classes.
**   k = 5   int >= 1   how many count
**   + meter
** > new tf.metrics.SparseTopKCategoricalAccuracy({k: 2}).of([2, 1],
**                                                     [[0.1, 0.9, 0.8], [0.5, 0.1, 0.2]])   // 0.5
*/
METER(sparseTopKCategoricalAccuracy, SparseTopKCategoricalAccuracy,
      .add = sparseTopKCategoricalAccuracy_add, .result = mean_result);

/* ---- f1: counts are right, wrong and missed by class ---- */

/* 1 where p is the largest of its row, but not 0. */
static Tensor *largest(Tensor *p) {
    Tensor *most = tn_greaterEqual(p, tn_max(p, last_axis(), true));
    return tn_mul(to_float(most), to_float(tn_greater(tn_abs(p), num(1e-12))));
}

/* What f1Score and fBetaScore are told. */
typedef struct ScoreConfig {
    Average average;
    double threshold, beta;
} ScoreConfig;

static void add_score(Counts *c, ScoreConfig k, Tensor *y, Tensor *p, Tensor *w) {
    if (failed() || y->rank != 2 || !same_shape(y, p)) {
        fail(TN_SHAPE, "f1Score: y has shape %s and p %s, both must be [examples, classes]",
             shape_text(y), shape_text(p));
        return;
    }
    p = isnan(k.threshold) ? largest(p) : to_float(tn_greater(p, num(k.threshold)));
    Tensor *weights = weights_like(w, y), *none = tn_sub(num(1), p), *other = tn_sub(num(1), y);
    count_more(c, 0, tn_sum(tn_mul(tn_mul(y, p), weights), INTS(0), false));
    count_more(c, 1, tn_sum(tn_mul(tn_mul(other, p), weights), INTS(0), false));
    count_more(c, 2, tn_sum(tn_mul(tn_mul(y, none), weights), INTS(0), false));
}

/* (1 + b^2) right / ((1 + b^2) right + wrong + b^2 missed) */
static Tensor *score_of(double beta, Tensor *right, Tensor *wrong, Tensor *missed) {
    Tensor *most = tn_mul(num(1 + beta * beta), right);
    Tensor *rest = tn_add(wrong, tn_mul(num(beta * beta), missed));
    return tn_divNoNan(most, tn_add(most, rest));
}

static Tensor *score_result(const Counts *c, ScoreConfig k) {
    if (k.average == AVERAGE_MICRO)
        return score_of(k.beta, total(c->v[0]), total(c->v[1]), total(c->v[2]));
    Tensor *each = score_of(k.beta, c->v[0], c->v[1], c->v[2]);
    if (k.average == AVERAGE_MACRO) return tn_mean(each, NULL, false);
    if (k.average != AVERAGE_WEIGHTED) return each;
    Tensor *there = tn_add(c->v[0], c->v[2]);
    return tn_divNoNan(total(tn_mul(each, there)), total(there));
}

static ScoreConfig f1_config(const Counts *c) {
    const F1ScoreConfig *k = c->config;
    return (ScoreConfig){k->average, k->threshold, 1};
}

static void f1Score_add(Counts *c, Tensor *y, Tensor *p, Tensor *w) {
    add_score(c, f1_config(c), y, p, w);
}

static Tensor *f1Score_result(const Counts *c) { return score_result(c, f1_config(c)); }

/* f1Score: Harmonic mean of precision and recall, 2 right / (2 right + wrong + missed).
**   average = null     Average   over classes: 'micro' counts all together, 'macro' is the
**                                mean, 'weighted' that by their frequency; null: none
**   threshold = null   float     p above it counts as chosen; null: the largest of each row
**   + meter
** > new tf.metrics.F1Score({threshold: 0.5}).of([[1, 1], [0, 1], [1, 1]],
**     [[0.2, 0.9], [0.7, 0.8], [0.9, 0.3]])   // [0.5, 0.8]
*/
METER(f1Score, F1Score, .add = f1Score_add, .result = f1Score_result);

static ScoreConfig fbeta_config(const Counts *c) {
    const FBetaScoreConfig *k = c->config;
    return (ScoreConfig){k->average, k->threshold, k->beta};
}

static void fBetaScore_add(Counts *c, Tensor *y, Tensor *p, Tensor *w) {
    add_score(c, fbeta_config(c), y, p, w);
}

static Tensor *fBetaScore_result(const Counts *c) { return score_result(c, fbeta_config(c)); }

/* fBetaScore: The same, recall counting beta times as much as precision.
**   average = null     Average   over classes: 'micro' counts all together, 'macro' is the
**                                mean, 'weighted' that by their frequency; null: none
**   beta = 1           float     how much recall counts
**   threshold = null   float     p above it counts as chosen; null: the largest of each row
**   + meter
** > new tf.metrics.FBetaScore({beta: 2, threshold: 0.5}).of([[1, 1], [0, 1], [1, 1]],
**     [[0.2, 0.9], [0.7, 0.8], [0.9, 0.3]])   // [0.5, 0.7142857]
*/
METER(fBetaScore, FBetaScore, .add = fBetaScore_add, .result = fBetaScore_result);

/* ---- intersection over union: the count is a table of classes by classes ---- */

static Tensor *classes_of(Tensor *x, bool sparse, int classes) {
    Tensor *ids = sparse ? to_dtype(tn_reshape(x, INTS(-1)), TN_INT32)
                         : tn_reshape(tn_argMax(x, -1), INTS(-1));
    return tn_oneHot(ids, classes, 1, 0, TN_FLOAT32);
}

static void add_table(Counts *c, int classes, bool sparse_y, bool sparse_p, Tensor *y, Tensor *p,
                      Tensor *w) {
    Tensor *wanted = classes_of(y, sparse_y, classes);
    Tensor *given = classes_of(p, sparse_p, classes);
    if (!failed() && !same_shape(wanted, given))
        fail(TN_SHAPE, "meanIoU: y names %d classes, p %d", wanted->shape[0], given->shape[0]);
    if (failed()) return;
    if (w) {
        Tensor *places = sparse_y ? y : tn_argMax(y, -1);
        w = tn_reshape(weights_like(w, to_float(places)), INTS(-1, 1));
        given = tn_mul(given, w);
    }
    count_more(c, 0, tn_matMul(wanted, given, true, false));
}

/* The mean of the classes named that were seen; NULL: of all. */
static Tensor *table_result(const Counts *c, const Ints *ids) {
    int n = c->v[0]->shape[0];
    Tensor *both = tn_sum(tn_mul(c->v[0], tn_eye(n, NULL, NULL, TN_FLOAT32)), INTS(0), false);
    Tensor *sides = tn_add(tn_sum(c->v[0], INTS(0), false), tn_sum(c->v[0], INTS(1), false));
    Tensor *any = tn_sub(sides, both), *seen = to_float(tn_greater(any, num(0)));
    if (ids) {
        Tensor *list = tn_tensor(TN_INT32, INTS(ids->n), ids->v);
        Tensor *hot = tn_oneHot(list, n, 1, 0, TN_FLOAT32);
        seen = tn_mul(seen, tn_sum(hot, INTS(0), false));
    }
    Tensor *shares = tn_mul(seen, tn_divNoNan(both, any));
    return tn_divNoNan(total(shares), total(seen));
}

static void meanIoU_add(Counts *c, Tensor *y, Tensor *p, Tensor *w) {
    const MeanIoUConfig *k = c->config;
    add_table(c, k->numClasses, k->sparseYTrue, k->sparseYPred, y, p, w);
}

static Tensor *meanIoU_result(const Counts *c) { return table_result(c, NULL); }

/* meanIoU: Intersection over union of predicted and true places, mean over the classes.
**   numClasses           int >= 1   how many classes there are
**   sparseYTrue = true   bool       y has numbers of classes; false: it is one-hot
**   sparseYPred = true   bool       p has numbers of classes; false: a score for each
**   + meter
** > new tf.metrics.MeanIoU({numClasses: 2}).of([0, 0, 1, 1], [0, 1, 0, 1])   // 0.3333333
*/
METER(meanIoU, MeanIoU, .add = meanIoU_add, .result = meanIoU_result);

static void ioU_add(Counts *c, Tensor *y, Tensor *p, Tensor *w) {
    const IoUConfig *k = c->config;
    add_table(c, k->numClasses, k->sparseYTrue, k->sparseYPred, y, p, w);
}

static Tensor *ioU_result(const Counts *c) {
    return table_result(c, ((const IoUConfig *)c->config)->targetClassIds);
}

/* ioU: The same, mean over some classes.
**   numClasses           int >= 1   how many classes there are
**   targetClassIds       ints       which of them count
**   sparseYTrue = true   bool       y has numbers of classes; false: it is one-hot
**   sparseYPred = true   bool       p has numbers of classes; false: a score for each
**   + meter
** > new tf.metrics.IoU({numClasses: 2, targetClassIds: [0]}).of([0, 0, 1, 1], [0, 1, 0, 1])
**   // 0.3333333
*/
METER(ioU, IoU, .add = ioU_add, .result = ioU_result);

static void binaryIoU_add(Counts *c, Tensor *y, Tensor *p, Tensor *w) {
    const BinaryIoUConfig *k = c->config;
    add_table(c, 2, true, true, y, to_float(tn_greaterEqual(p, num(k->threshold))), w);
}

static Tensor *binaryIoU_result(const Counts *c) {
    return table_result(c, ((const BinaryIoUConfig *)c->config)->targetClassIds);
}

/* binaryIoU: The same of two classes, p being a probability.
**   targetClassIds = null   ints    [0], [1], or null: both
**   threshold = 0.5         float   p of at least this is class 1
**   + meter
** > new tf.metrics.BinaryIoU().of([0, 1, 0, 1], [0.1, 0.2, 0.4, 0.7])   // 0.5833333
*/
METER(binaryIoU, BinaryIoU, .add = binaryIoU_add, .result = binaryIoU_result);
