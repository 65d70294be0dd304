/* Metrics that are sums and means over all examples, or ratios of what was counted over all. */
#include "training/metric.h"
#include "ops/binary.gen.h"
#include "ops/reduce.gen.h"
#include "ops/unary.gen.h"
#include "ops/view.gen.h"
#include "ops/where.gen.h"

static const int LAST[] = {1, -1};
static const Ints *last_axis(void) { return (const Ints *)LAST; }
static Tensor *num(double value) { return tn_scalar((float)value); }
static Tensor *total(Tensor *x) { return tn_sum(x, NULL, false); }

/* metric: What every metric that adds up takes.
**   name : string = null   under which it is reported; null: its own
*/
FIELDS(metric, Metric)

/* ---- of values, whatever they are ---- */

/* values: What is told of metrics that count values by themselves.
**   name : string = null   under which it is reported; null: its own
*/
FIELDS(values, Values)

static void sum_add(Counts *c, Tensor *y, Tensor *p, Tensor *w) {
    (void)p;
    count_more(c, 0, total(tn_mul(y, weights_like(w, y))));
}

static Tensor *sum_result(const Counts *c) { return tn_clone(c->v[0]); }

/* sum: Sum of all values so far: updateState(values, weights).
**   + values
** > new tf.metrics.Sum().of([1, 3, 5, 7])   // 16
** > new tf.metrics.Sum().of([1, 3, 5, 7], [1, 1, 0, 0])   // 4
*/
METRIC_CLASS(sum, Sum, .add = sum_add, .result = sum_result, .of_values = true);

static void mean_add(Counts *c, Tensor *y, Tensor *p, Tensor *w) {
    (void)p;
    count_mean(c, y, w);
}

/* mean: Mean of all values so far: updateState(values, weights).
**   + values
** > new tf.metrics.Mean().of([1, 3, 5, 7])   // 4
** > new tf.metrics.Mean().of([1, 3, 5, 7], [1, 1, 0, 0])   // 2
*/
METRIC_CLASS(mean, Mean, .add = mean_add, .result = counted_mean, .of_values = true);

/* ---- means ---- */

static void rootMeanSquaredError_add(Counts *c, Tensor *y, Tensor *p, Tensor *w) {
    count_mean(c, tn_squaredDifference(y, p), w);
}

static Tensor *rootMeanSquaredError_result(const Counts *c) { return tn_sqrt(counted_mean(c)); }

/* rootMeanSquaredError: Root of the mean of the squared differences.
**   + metric
** > new tf.metrics.RootMeanSquaredError().of([[1, 2]], [[2, 4]])   // 1.5811388
*/
METRIC_CLASS(rootMeanSquaredError, RootMeanSquaredError, .add = rootMeanSquaredError_add,
             .result = rootMeanSquaredError_result);

static void accuracy_add(Counts *c, Tensor *y, Tensor *p, Tensor *w) {
    count_mean(c, to_float(tn_equal(y, p)), w);
}

/* accuracy: Share of places where p is y. (Among the metrics of a model the name 'accuracy' stands
** for what fits its output.)
**   + metric
** > new tf.metrics.Accuracy().of([[1], [2], [3], [4]], [[0], [2], [3], [4]])   // 0.75
*/
METRIC_CLASS(accuracy, Accuracy, .add = accuracy_add, .result = counted_mean);

static void topKCategoricalAccuracy_add(Counts *c, Tensor *y, Tensor *p, Tensor *w) {
    count_mean(c, among_top(y, p, ((const TopKCategoricalAccuracyConfig *)c->config)->k), w);
}

/* topKCategoricalAccuracy: Share of examples whose class, y one-hot, is among the k likeliest.
**   k : int >= 1 = 5   how many count
**   + metric
** > new tf.metrics.TopKCategoricalAccuracy({k: 2}).of([[0, 0, 1], [0, 1, 0]],
**                                                     [[0.1, 0.9, 0.8], [0.5, 0.1, 0.2]])   // 0.5
*/
METRIC_CLASS(topKCategoricalAccuracy, TopKCategoricalAccuracy, .add = topKCategoricalAccuracy_add,
             .result = counted_mean);

static void sparseTopKCategoricalAccuracy_add(Counts *c, Tensor *y, Tensor *p, Tensor *w) {
    int k = ((const SparseTopKCategoricalAccuracyConfig *)c->config)->k;
    count_mean(c, among_top(one_hot_like(y, p), p, k), w);
}

/* sparseTopKCategoricalAccuracy: The same, y being numbers of classes.
**   k : int >= 1 = 5   how many count
**   + metric
** > new tf.metrics.SparseTopKCategoricalAccuracy({k: 2}).of([2, 1],
**                                                     [[0.1, 0.9, 0.8], [0.5, 0.1, 0.2]])   // 0.5
*/
METRIC_CLASS(sparseTopKCategoricalAccuracy, SparseTopKCategoricalAccuracy,
             .add = sparseTopKCategoricalAccuracy_add, .result = counted_mean);

/* ---- how y and p go together along an axis ---- */

static Tensor *centred(Tensor *x, const Ints *axis) { return tn_sub(x, tn_mean(x, axis, true)); }

/* Of y and p less their means, along the axis: mean product and mean squares. */
typedef struct Moments {
    Tensor *both, *y, *p;
} Moments;

static Moments moments(Tensor *y, Tensor *p, const Ints *axis) {
    Tensor *a = centred(y, axis), *b = centred(p, axis);
    return (Moments){tn_mean(tn_mul(a, b), axis, false), tn_mean(tn_square(a), axis, false),
                     tn_mean(tn_square(b), axis, false)};
}

static void pearsonCorrelation_add(Counts *c, Tensor *y, Tensor *p, Tensor *w) {
    const Ints *axis = INTS(((const PearsonCorrelationConfig *)c->config)->axis);
    Moments m = moments(y, p, axis);
    count_mean(c, tn_divNoNan(m.both, tn_mul(tn_sqrt(m.y), tn_sqrt(m.p))), w);
}

/* pearsonCorrelation: Correlation of y and p along an axis, mean over the examples: 1 where p is y
** up to a factor above 0 and a shift; 0 where one of them is constant.
**   axis : int = -1   along which they go together
**   + metric
** > new tf.metrics.PearsonCorrelation().of([[0, 1, 0.5], [1, 1, 0.2]],
**     [[0.1, 0.9, 0.5], [1, 0.9, 0.2]])   // 0.9966996
*/
METRIC_CLASS(pearsonCorrelation, PearsonCorrelation, .add = pearsonCorrelation_add,
             .result = counted_mean);

static void concordanceCorrelation_add(Counts *c, Tensor *y, Tensor *p, Tensor *w) {
    const Ints *axis = INTS(((const ConcordanceCorrelationConfig *)c->config)->axis);
    Moments m = moments(y, p, axis);
    Tensor *shift = tn_square(tn_sub(tn_mean(y, axis, false), tn_mean(p, axis, false)));
    Tensor *spread = tn_add(tn_add(m.y, m.p), shift);
    count_mean(c, tn_div(tn_mul(num(2), m.both), tn_add(spread, num(1e-7))), w);
}

/* concordanceCorrelation: How near p is to y itself along an axis, mean over the examples: 1 where
** they are equal (Lin, 1989).
**   axis : int = -1   along which they go together
**   + metric
** > new tf.metrics.ConcordanceCorrelation().of([[0, 1, 0.5], [1, 1, 0.2]],
**     [[0.1, 0.9, 0.5], [1, 0.9, 0.2]])   // 0.9816320
*/
METRIC_CLASS(concordanceCorrelation, ConcordanceCorrelation, .add = concordanceCorrelation_add,
             .result = counted_mean);

static Tensor *unit(Tensor *x, const Ints *axis) {
    Tensor *squares = tn_sum(tn_square(x), axis, true);
    return tn_div(x, tn_sqrt(tn_maximum(squares, num(1e-7))));
}

static void cosineSimilarity_add(Counts *c, Tensor *y, Tensor *p, Tensor *w) {
    const Ints *axis = INTS(((const CosineSimilarityConfig *)c->config)->axis);
    count_mean(c, tn_sum(tn_mul(unit(y, axis), unit(p, axis)), axis, false), w);
}

/* cosineSimilarity: Cosine of the angle between y and p, mean over the examples.
**   axis : int = -1   along which the vectors lie
**   + metric
** > new tf.metrics.CosineSimilarity().of([[0, 1], [1, 1]], [[1, 0], [1, 1]])   // 0.5
*/
METRIC_CLASS(cosineSimilarity, CosineSimilarity, .add = cosineSimilarity_add,
             .result = counted_mean);

/* ---- r2Score: counts are, by column, sums of w y, w y^2, w (y - p)^2 and w ---- */

static void r2Score_add(Counts *c, Tensor *y, Tensor *p, Tensor *w) {
    Tensor *weights = weights_like(w, y), *parts[] = {y, tn_square(y), tn_squaredDifference(y, p)};
    if (failed()) return;
    const Ints *columns = INTS(-1, y->rank > 1 ? y->shape[y->rank - 1] : 1);
    for (int i = 0; i < 4; i++) {
        Tensor *part = i < 3 ? tn_mul(parts[i], weights) : weights;
        count_more(c, i, tn_sum(tn_reshape(part, columns), INTS(0), false));
    }
}

static Tensor *r2Score_result(const Counts *c) {
    const Aggregation way = ((const R2ScoreConfig *)c->config)->classAggregation;
    Tensor *spread = tn_sub(c->v[1], tn_divNoNan(tn_square(c->v[0]), c->v[3]));
    Tensor *varies = tn_greater(spread, num(0));
    Tensor *each = tn_where(varies, tn_sub(num(1), tn_divNoNan(c->v[2], spread)), num(0));
    if (way == AGGREGATE_UNIFORM) return tn_mean(each, NULL, false);
    if (way == AGGREGATE_NONE) return each;
    return tn_divNoNan(total(tn_mul(each, spread)), total(spread));
}

/* r2Score: 1 minus the ratio of squared errors to the squares about the mean of y, by column; 0
** where y is constant.
**   classAggregation : Aggregation | null = 'uniformAverage'   over columns: their mean, that by
**                                                              their variance, or null: none
**   + metric
** > new tf.metrics.R2Score().of([[1], [4], [3]], [[2], [4], [4]])   // 0.5714286
** > new tf.metrics.R2Score({classAggregation: null}).of([[0, 1], [2, 3]], [[0, 2], [2, 2]])
**   // [1, 0]
*/
METRIC_CLASS(r2Score, R2Score, .add = r2Score_add, .result = r2Score_result);

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
**   average : Average = null   over classes: 'micro' counts all together, 'macro' is the mean,
**                              'weighted' that by their frequency; null: none
**   threshold : float = null   p above it counts as chosen; null: the largest of each row
**   + metric
** > new tf.metrics.F1Score({threshold: 0.5}).of([[1, 1], [0, 1], [1, 1]],
**     [[0.2, 0.9], [0.7, 0.8], [0.9, 0.3]])   // [0.5, 0.8]
*/
METRIC_CLASS(f1Score, F1Score, .add = f1Score_add, .result = f1Score_result);

static ScoreConfig fbeta_config(const Counts *c) {
    const FBetaScoreConfig *k = c->config;
    return (ScoreConfig){k->average, k->threshold, k->beta};
}

static void fBetaScore_add(Counts *c, Tensor *y, Tensor *p, Tensor *w) {
    add_score(c, fbeta_config(c), y, p, w);
}

static Tensor *fBetaScore_result(const Counts *c) { return score_result(c, fbeta_config(c)); }

/* fBetaScore: The same, recall counting beta times as much as precision.
**   average : Average = null   over classes: 'micro' counts all together, 'macro' is the mean,
**                              'weighted' that by their frequency; null: none
**   beta : float = 1           how much recall counts
**   threshold : float = null   p above it counts as chosen; null: the largest of each row
**   + metric
** > new tf.metrics.FBetaScore({beta: 2, threshold: 0.5}).of([[1, 1], [0, 1], [1, 1]],
**     [[0.2, 0.9], [0.7, 0.8], [0.9, 0.3]])   // [0.5, 0.7142857]
*/
METRIC_CLASS(fBetaScore, FBetaScore, .add = fBetaScore_add, .result = fBetaScore_result);
