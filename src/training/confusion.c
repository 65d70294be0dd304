/* Metrics of yes and no at thresholds: what was counted is right and wrong, yes and no. */
#include "training/metric.h"
#include "tensor/engine.h"
#include "ops/binary.gen.h"
#include "ops/reduce.gen.h"
#include "ops/slice.gen.h"
#include "ops/sort.gen.h"
#include "ops/view.gen.h"

/* ---- private ops ---- */

/* y, p, w of n places and m thresholds: [4, m], w added up where p is above the threshold and y
** is not 0 (true positives), where only p says so, where neither does, and where only y does. */
static void tally_cpu(Call *c) {
    const float *y = f32(c->in[0]), *p = f32(c->in[1]), *w = f32(c->in[2]), *at = f32(c->in[3]);
    int n = c->in[0]->size, m = c->in[3]->size;
    float *to = f32(c->out[0]);
    for (int k = 0; k < m; k++) {
        double sums[2][2] = {{0}};
        for (int i = 0; i < n; i++) sums[y[i] != 0][p[i] > at[k]] += w[i];
        to[k] = (float)sums[1][1];
        to[m + k] = (float)sums[0][1];
        to[2 * m + k] = (float)sums[0][0];
        to[3 * m + k] = (float)sums[1][0];
    }
}

static const Op tally_op = {.name = "tally", .cpu = tally_cpu, .gl = "tally", .constant = true};

enum { RIGHT_YES, WRONG_YES, RIGHT_NO, WRONG_NO };

static double ratio(double a, double b) { return b > 0 ? a / b : 0; }

/* Between two points of a curve of precision by recall: Davis and Goadrich, 2006. */
static double precision_piece(const float *v, int m, int k) {
    double yes = v[k] + v[m + k], next_yes = v[k + 1] + v[m + k + 1];
    double more = v[k] - v[k + 1], slope = ratio(more, yes - next_yes);
    double start = v[k + 1] - slope * next_yes;
    double growth = yes > 0 && next_yes > 0 ? yes / next_yes : 1;
    return ratio(slope * (more + start * log(growth)), v[k + 1] + v[3 * m + k + 1]);
}

typedef struct AreaAttrs {
    int curve, summation;
} AreaAttrs;

static void point_of(const float *v, int m, int k, Curve curve, double *x, double *y) {
    double found = ratio(v[k], v[k] + v[3 * m + k]);
    *x = curve == CURVE_ROC ? ratio(v[m + k], v[m + k] + v[2 * m + k]) : found;
    *y = curve == CURVE_ROC ? found : ratio(v[k], v[k] + v[m + k]);
}

/* The area under the curve that a tally of falling numbers describes. */
static void area_cpu(Call *c) {
    const AreaAttrs *a = c->attrs;
    const float *v = f32(c->in[0]);
    int m = c->in[0]->shape[1];
    double area = 0;
    for (int k = 0; k + 1 < m; k++) {
        double x0, y0, x1, y1, height;
        if (a->curve == CURVE_PR && a->summation == SUM_INTERPOLATION) {
            area += precision_piece(v, m, k);
            continue;
        }
        point_of(v, m, k, (Curve)a->curve, &x0, &y0);
        point_of(v, m, k + 1, (Curve)a->curve, &x1, &y1);
        height = a->summation == SUM_INTERPOLATION ? (y0 + y1) / 2
                 : a->summation == SUM_MAJORING    ? fmax(y0, y1)
                                                   : fmin(y0, y1);
        area += (x0 - x1) * height;
    }
    f32(c->out[0])[0] = (float)area;
}

static const Op area_op = {.name = "area", .cpu = area_cpu, .gl = "area", .constant = true};

/* ---- counting ---- */

static void add_tally(Counts *c, Tensor *y, Tensor *p, Tensor *w, Tensor *thresholds) {
    if (failed()) return;
    if (!same_shape(y, p)) {
        fail(TN_SHAPE, "metric: y has shape %s, predictions have %s", shape_text(y), shape_text(p));
        return;
    }
    int shape[2] = {4, thresholds->size};
    w = weights_like(w, y);
    Tensor *to = make(TN_FLOAT32, 2, shape);
    count_more(c, 0, run(&tally_op, IN(y, p, w, thresholds), OUT(to), NULL, 0));
}

static Tensor *numbers(const double *v, int n) {
    Tensor *list = tn_tensor(TN_FLOAT32, INTS(n), NULL);
    for (int i = 0; i < n && !failed(); i++) f32(list)[i] = (float)v[i];
    return list;
}

/* The thresholds of a config; one half where it has none. */
static Tensor *thresholds_of(const Floats *list) {
    static const double half = 0.5;
    return list ? numbers(list->v, list->n) : numbers(&half, 1);
}

/* Row i of the tally: a number where there is one threshold. */
static Tensor *row(const Counts *c, int i) {
    Tensor *v = tn_slice(c->v[0], INTS(i, 0), INTS(1, -1));
    return failed() || v->size != 1 ? tn_reshape(v, INTS(-1))
                                    : tn_reshape(v, (const Ints *)(int[]){0});
}

/* ---- counts by themselves ---- */

#define COUNT(id, Class, which)                                                                    \
    static void id##_add(Counts *c, Tensor *y, Tensor *p, Tensor *w) {                             \
        add_tally(c, y, p, w, thresholds_of(((const Class##Config *)c->config)->thresholds));      \
    }                                                                                              \
    static Tensor *id##_result(const Counts *c) { return row(c, which); }

COUNT(truePositives, TruePositives, RIGHT_YES)
COUNT(falsePositives, FalsePositives, WRONG_YES)
COUNT(trueNegatives, TrueNegatives, RIGHT_NO)
COUNT(falseNegatives, FalseNegatives, WRONG_NO)

/* truePositives: How often p is above the threshold and y is not 0.
**   thresholds : floats = null   one or several; null: 0.5
**   + metric
** > new tf.metrics.TruePositives().of([0, 1, 1, 1], [1, 0, 1, 1])   // 2
*/
METRIC_CLASS(truePositives, TruePositives, .add = truePositives_add,
             .result = truePositives_result);

/* falsePositives: How often p is above the threshold and y is 0.
**   thresholds : floats = null   one or several; null: 0.5
**   + metric
** > new tf.metrics.FalsePositives().of([0, 1, 0, 0], [0, 0, 1, 1])   // 2
*/
METRIC_CLASS(falsePositives, FalsePositives, .add = falsePositives_add,
             .result = falsePositives_result);

/* trueNegatives: How often p is not above the threshold and y is 0.
**   thresholds : floats = null   one or several; null: 0.5
**   + metric
** > new tf.metrics.TrueNegatives().of([0, 1, 0, 0], [1, 1, 0, 0])   // 2
*/
METRIC_CLASS(trueNegatives, TrueNegatives, .add = trueNegatives_add,
             .result = trueNegatives_result);

/* falseNegatives: How often p is not above the threshold and y is not 0.
**   thresholds : floats = null   one or several; null: 0.5
**   + metric
** > new tf.metrics.FalseNegatives({thresholds: [0.2, 0.5]}).of([0, 1, 1], [0, 0.3, 0.1])
**     // [1, 2]
*/
METRIC_CLASS(falseNegatives, FalseNegatives, .add = falseNegatives_add,
             .result = falseNegatives_result);

/* ---- precision, recall ---- */

/* One class of y or p. */
static Tensor *class_part(Tensor *x, int id) {
    int begin[TN_MAX_RANK + 1] = {x->rank}, size[TN_MAX_RANK + 1] = {x->rank};
    if (failed()) return x;
    for (int i = 1; i < x->rank; i++) size[i] = -1;
    if (x->rank) begin[x->rank] = id, size[x->rank] = 1;
    return tn_slice(x, (const Ints *)begin, (const Ints *)size);
}

/* 1 for the k largest of each row, ties included, else 0. */
static Tensor *top(Tensor *p, int k) {
    Tensor *best = tn_topk(p, k, true, NULL);
    return to_float(tn_greaterEqual(p, class_part(best, k - 1)));
}

/* Precision or recall: the share of RIGHT_YES among itself and `other`. */
typedef struct ShareConfig {
    const Floats *thresholds;
    int topK, classId;
} ShareConfig;

static void add_share(Counts *c, Tensor *y, Tensor *p, Tensor *w, ShareConfig k) {
    if (k.topK != NONE) p = top(p, k.topK);
    if (k.classId != NONE) y = class_part(y, k.classId), p = class_part(p, k.classId);
    add_tally(c, y, p, w, thresholds_of(k.thresholds));
}

static Tensor *share_result(const Counts *c, int other) {
    Tensor *right = row(c, RIGHT_YES);
    return tn_divNoNan(right, tn_add(right, row(c, other)));
}

static void precision_add(Counts *c, Tensor *y, Tensor *p, Tensor *w) {
    const PrecisionConfig *k = c->config;
    add_share(c, y, p, w, (ShareConfig){k->thresholds, k->topK, k->classId});
}

static Tensor *precision_result(const Counts *c) { return share_result(c, WRONG_YES); }

/* precision: Share of those chosen, p above the threshold, that are right.
**   thresholds : floats = null   one or several; null: 0.5
**   topK : int >= 1 = null       only the k largest of each row are chosen
**   classId : int >= 0 = null    look at this class only
**   + metric
** > new tf.metrics.Precision().of([0, 1, 1, 1], [1, 0, 1, 1])   // 0.6666667
** > new tf.metrics.Precision({topK: 1}).of([[0, 1], [1, 0]], [[0.1, 0.2], [0.3, 0.4]])   // 0.5
*/
METRIC_CLASS(precision, Precision, .add = precision_add, .result = precision_result);

static void recall_add(Counts *c, Tensor *y, Tensor *p, Tensor *w) {
    const RecallConfig *k = c->config;
    add_share(c, y, p, w, (ShareConfig){k->thresholds, k->topK, k->classId});
}

static Tensor *recall_result(const Counts *c) { return share_result(c, WRONG_NO); }

/* recall: Share of those that should be chosen, y not 0, that are.
**   thresholds : floats = null   one or several; null: 0.5
**   topK : int >= 1 = null       only the k largest of each row are chosen
**   classId : int >= 0 = null    look at this class only
**   + metric
** > new tf.metrics.Recall().of([0, 1, 1, 1], [1, 0, 1, 1])   // 0.6666667
*/
METRIC_CLASS(recall, Recall, .add = recall_add, .result = recall_result);

/* ---- area under a curve ---- */

/* n thresholds from just below 0 to just above 1. */
static Tensor *spread(int n) {
    Tensor *list = tn_tensor(TN_FLOAT32, INTS(n), NULL);
    for (int i = 0; i < n && !failed(); i++) f32(list)[i] = (float)i / (float)(n - 1);
    if (failed()) return list;
    f32(list)[0] = -1e-7f;
    f32(list)[n - 1] = 1 + 1e-7f;
    return list;
}

static void auc_add(Counts *c, Tensor *y, Tensor *p, Tensor *w) {
    add_tally(c, y, p, w, spread(((const AUCConfig *)c->config)->numThresholds));
}

static Tensor *auc_result(const Counts *c) {
    const AUCConfig *k = c->config;
    AreaAttrs a = {(int)k->curve, (int)k->summationMethod};
    return run(&area_op, IN(c->v[0]), OUT(make(TN_FLOAT32, 0, NULL)), &a, sizeof a);
}

/* auc: Area under a curve that thresholds from 0 to 1 draw, summed up piece by piece.
**   numThresholds : int >= 2 = 200                  how many thresholds
**   curve : Curve = 'ROC'                           'ROC': recall by false positives; 'PR':
**                                                   precision by recall
**   summationMethod : Summation = 'interpolation'   'interpolation': trapezoids, for 'PR' curved
**                                                   as they should be; 'minoring' and 'majoring':
**                                                   the lower and the upper side
**   + metric
** > new tf.metrics.AUC({numThresholds: 3}).of([0, 0, 1, 1], [0, 0.5, 0.3, 0.9])   // 0.75
** > new tf.metrics.AUC({numThresholds: 3, curve: 'PR'}).of([0, 0, 1, 1], [0, 0.5, 0.3, 0.9])
**   // 0.8206994
*/
METRIC_CLASS(auc, AUC, .add = auc_add, .result = auc_result);

/* ---- the best of one share where another is large enough ---- */

/* n thresholds from 0 to 1; one is at 0.5. */
static Tensor *even(int n) {
    static const double half = 0.5;
    if (n == 1) return numbers(&half, 1);
    Tensor *list = tn_tensor(TN_FLOAT32, INTS(n), NULL);
    for (int i = 0; i < n && !failed(); i++) f32(list)[i] = (float)i / (float)(n - 1);
    return list;
}

/* The share of row i of the tally among itself and row k. */
static Tensor *share_of(const Counts *c, int i, int k) {
    Tensor *mine = row(c, i);
    return tn_divNoNan(mine, tn_add(mine, row(c, k)));
}

/* The largest of `wanted` where `limited` is at least this; 0 where it never is. */
static Tensor *best_where(Tensor *limited, double least, Tensor *wanted) {
    Tensor *good = tn_greaterEqual(limited, tn_scalar((float)least));
    return tn_max(tn_mul(wanted, to_float(good)), NULL, false);
}

#define BEST(id, Class, limit, limited, wanted)                                                    \
    static void id##_add(Counts *c, Tensor *y, Tensor *p, Tensor *w) {                             \
        add_tally(c, y, p, w, even(((const Class##Config *)c->config)->numThresholds));            \
    }                                                                                              \
    static Tensor *id##_result(const Counts *c) {                                                  \
        return best_where(limited, ((const Class##Config *)c->config)->limit, wanted);             \
    }
#define SENSITIVITY share_of(c, RIGHT_YES, WRONG_NO)
#define SPECIFICITY share_of(c, RIGHT_NO, WRONG_YES)
#define PRECISION share_of(c, RIGHT_YES, WRONG_YES)

BEST(sensitivityAtSpecificity, SensitivityAtSpecificity, specificity, SPECIFICITY, SENSITIVITY)
BEST(specificityAtSensitivity, SpecificityAtSensitivity, sensitivity, SENSITIVITY, SPECIFICITY)
BEST(precisionAtRecall, PrecisionAtRecall, recall, SENSITIVITY, PRECISION)
BEST(recallAtPrecision, RecallAtPrecision, precision, PRECISION, SENSITIVITY)

/* sensitivityAtSpecificity: The best recall at thresholds where enough of those that are 0 are not
** chosen.
**   specificity : float              how large a share of them
**   numThresholds : int >= 1 = 200   how many thresholds from 0 to 1 are tried
**   + metric
** > new tf.metrics.SensitivityAtSpecificity({specificity: 0.5}).of([0, 0, 0, 1, 1],
**     [0, 0.3, 0.8, 0.3, 0.8])   // 0.5
*/
METRIC_CLASS(sensitivityAtSpecificity, SensitivityAtSpecificity,
             .add = sensitivityAtSpecificity_add, .result = sensitivityAtSpecificity_result);

/* specificityAtSensitivity: The best share of those that are 0 and not chosen, at thresholds where
** recall is large enough.
**   sensitivity : float              how large recall must be
**   numThresholds : int >= 1 = 200   how many thresholds from 0 to 1 are tried
**   + metric
** > new tf.metrics.SpecificityAtSensitivity({sensitivity: 0.5}).of([0, 0, 0, 1, 1],
**     [0, 0.3, 0.8, 0.3, 0.8])   // 0.6666667
*/
METRIC_CLASS(specificityAtSensitivity, SpecificityAtSensitivity,
             .add = specificityAtSensitivity_add, .result = specificityAtSensitivity_result);

/* precisionAtRecall: The best precision at thresholds where recall is large enough.
**   recall : float                   how large it must be
**   numThresholds : int >= 1 = 200   how many thresholds from 0 to 1 are tried
**   + metric
** > new tf.metrics.PrecisionAtRecall({recall: 0.5}).of([0, 0, 0, 1, 1], [0, 0.3, 0.8, 0.3, 0.8])
**   // 0.5
*/
METRIC_CLASS(precisionAtRecall, PrecisionAtRecall, .add = precisionAtRecall_add,
             .result = precisionAtRecall_result);

/* recallAtPrecision: The best recall at thresholds where precision is large enough.
**   precision : float                how large it must be
**   numThresholds : int >= 1 = 200   how many thresholds from 0 to 1 are tried
**   + metric
** > new tf.metrics.RecallAtPrecision({precision: 0.8}).of([0, 0, 1, 1], [0, 0.5, 0.3, 0.9])   // 0.5
*/
METRIC_CLASS(recallAtPrecision, RecallAtPrecision, .add = recallAtPrecision_add,
             .result = recallAtPrecision_result);
