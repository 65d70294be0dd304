/* The losses and metrics that models are compiled with. Numbers agree with the peer's: logarithms
** are kept from 0 by 1e-7, means go along the last axis. */
#include "training/crossentropy.h"
#include "training/metric_functions.h"
#include "ops/binary.gen.h"
#include "ops/gather.gen.h"
#include "ops/reduce.gen.h"
#include "ops/softmax.gen.h"
#include "ops/sort.gen.h"
#include "ops/unary.gen.h"
#include "ops/view.gen.h"

static const float EPSILON = 1e-7f, LARGEST = 3.4028235e38f;
static const int LAST[] = {1, -1};
static const Ints *last_axis(void) { return (const Ints *)LAST; }
static Tensor *num(float value) { return tn_scalar(value); }
static Tensor *mean(Tensor *x) { return tn_mean(x, last_axis(), false); }
static Tensor *sum(Tensor *x) { return tn_sum(x, last_axis(), false); }
static Tensor *from_epsilon(Tensor *x, float to) { return tn_clipByValue(x, EPSILON, to); }
static Tensor *share(Tensor *p) { return tn_div(p, tn_sum(p, last_axis(), true)); }

static bool among(const char *name, const char *names) {
    char one[64];
    for (int n; sscanf(names, "%63s%n", one, &n) == 1; names += n)
        if (same_name(name, one)) return true;
    return false;
}

void metric_function_likely(Likely *best, const char *name) {
    char one[64];
    for (int i = 0; all_metric_functions[i]; i++) {
        const char *names = all_metric_functions[i]->also;
        likely_try(best, name, all_metric_functions[i]->name);
        for (int n; sscanf(names, "%63s%n", one, &n) == 1; names += n) likely_try(best, name, one);
    }
}

const MetricFunction *metric_function_find(const char *name) {
    for (int i = 0; all_metric_functions[i]; i++)
        if (same_name(name, all_metric_functions[i]->name) ||
            among(name, all_metric_functions[i]->also))
            return all_metric_functions[i];
    return NULL;
}

/* ---- errors ---- */

static Tensor *percentage(Tensor *y, Tensor *p) {
    Tensor *size = from_epsilon(tn_abs(y), LARGEST);
    return tn_mul(num(100), mean(tn_abs(tn_div(tn_sub(y, p), size))));
}

static Tensor *log_plus_one(Tensor *x) { return tn_log(tn_add(num(1), from_epsilon(x, LARGEST))); }

static Tensor *log_cosh(Tensor *y, Tensor *p) {
    Tensor *d = tn_sub(p, y);
    Tensor *sum = tn_add(d, tn_softplus(tn_mul(num(-2), d)));
    return mean(tn_sub(sum, num(0.6931471805599453f)));
}

/* Squares up to a difference of 1, then straight lines: Huber, 1964. */
static Tensor *huber_of(Tensor *y, Tensor *p) {
    Tensor *d = tn_abs(tn_sub(p, y)), *near = tn_minimum(d, num(1));
    return mean(tn_mul(near, tn_sub(d, tn_mul(num(0.5f), near))));
}

LOSS(meanSquaredError, "mse MSE", mean(tn_squaredDifference(p, y)),
     "Mean of the squared differences.", "([[1, 2]], [[3, 2]]) // [2]")
LOSS(meanAbsoluteError, "mae MAE", mean(tn_abs(tn_sub(p, y))), "Mean of the absolute differences.",
     "([[1, 2]], [[3, 2]]) // [1]")
LOSS(meanAbsolutePercentageError, "mape MAPE", percentage(y, p),
     "Mean of the absolute differences in percent of y.", "([[1, 2]], [[3, 2]]) // [100]")
LOSS(meanSquaredLogarithmicError, "msle MSLE",
     mean(tn_squaredDifference(log_plus_one(p), log_plus_one(y))),
     "Mean of the squared differences of log(1 + x).", "([[0, 1]], [[0, 3]]) // [0.2402265]")
LOSS(huber, "", huber_of(y, p),
     "Mean of half the squared differences; beyond 1 of the difference less 0.5.",
     "([[0, 0]], [[0.5, 3]]) // [1.3125]")
LOSS(logcosh, "", log_cosh(y, p), "Mean of log(cosh(p - y)).",
     "([[0, 0]], [[0, 1]]) // [0.2168904]")

/* ---- hinges: y is -1 or 1, or one-hot ---- */

static Tensor *beyond(Tensor *y, Tensor *p) {
    return tn_maximum(num(0), tn_sub(num(1), tn_mul(y, p)));
}

static Tensor *categorical_hinge(Tensor *y, Tensor *p) {
    Tensor *right = sum(tn_mul(y, p));
    Tensor *wrong = tn_max(tn_mul(tn_sub(num(1), y), p), last_axis(), false);
    return tn_maximum(num(0), tn_add(num(1), tn_sub(wrong, right)));
}

LOSS(hinge, "", mean(beyond(y, p)), "Mean of max(0, 1 - y p).", "([[-1, 1]], [[0.5, 3]]) // [0.75]")
LOSS(squaredHinge, "", mean(tn_square(beyond(y, p))), "Mean of max(0, 1 - y p)^2.",
     "([[-1, 1]], [[0.5, 3]]) // [1.125]")
LOSS(categoricalHinge, "", categorical_hinge(y, p),
     "By how much the right class fails to lead by 1.", "([[0, 1]], [[0.5, 1]]) // [0.5]")

/* ---- probabilities ---- */

static Tensor *crossentropy(Tensor *y, Tensor *p) { return sum(class_crossentropy(y, share(p))); }

Tensor *one_hot_like(Tensor *y, Tensor *p) {
    if (failed()) return nothing();
    int classes = p->rank ? p->shape[p->rank - 1] : 0, shape[TN_MAX_RANK + 1] = {p->rank};
    memcpy(shape + 1, p->shape, sizeof(int) * (size_t)p->rank);
    if (!classes || y->size != p->size / classes)
        return fail(TN_SHAPE, "sparseCategoricalCrossentropy: y has shape %s, predictions have %s",
                    shape_text(y), shape_text(p));
    y = to_dtype(tn_floor(tn_reshape(y, INTS(-1))), TN_INT32);
    return tn_reshape(tn_oneHot(y, classes, 1, 0, TN_FLOAT32), (const Ints *)shape);
}

static Tensor *logit_crossentropy(Tensor *y, Tensor *p) {
    return tn_neg(sum(tn_mul(y, tn_logSoftmax(p, -1))));
}

static Tensor *divergence(Tensor *y, Tensor *p) {
    y = from_epsilon(to_float(y), 1);
    return sum(tn_mul(y, tn_log(tn_div(y, from_epsilon(p, 1)))));
}

static Tensor *poisson_loss(Tensor *y, Tensor *p) {
    return mean(tn_sub(p, tn_mul(y, tn_log(tn_add(num(EPSILON), p)))));
}

static Tensor *unit(Tensor *x) {
    Tensor *squares = tn_sum(tn_square(to_float(x)), last_axis(), true);
    return tn_div(x, tn_sqrt(tn_maximum(squares, num(EPSILON))));
}

LOSS(categoricalCrossentropy, "", crossentropy(y, p),
     "-sum(y log p), y one-hot, p made to sum to 1.", "([[0, 1]], [[0.5, 0.5]]) // [0.6931472]")
LOSS(sparseCategoricalCrossentropy, "", crossentropy(one_hot_like(y, p), p),
     "The same, y being the number of the class.", "([[1]], [[0.5, 0.5]]) // [0.6931472]",
     .targets = TARGETS_CLASSES)
LOSS(binaryCrossentropy, "", mean(binary_crossentropy(y, p)),
     "Mean of -y log p - (1 - y) log(1 - p).", "([[0, 1]], [[0.5, 0.5]]) // [0.6931472]")
LOSS(categoricalCrossentropyFromLogits, "", logit_crossentropy(y, p),
     "categoricalCrossentropy of softmax(p), exact for large p.",
     "([[0, 1]], [[2, 2]]) // [0.6931472]")
LOSS(sparseCategoricalCrossentropyFromLogits, "", logit_crossentropy(one_hot_like(y, p), p),
     "The same, y being the number of the class.", "([[1]], [[2, 2]]) // [0.6931472]",
     .targets = TARGETS_CLASSES)
LOSS(binaryCrossentropyFromLogits, "", mean(tn_sub(tn_softplus(p), tn_mul(y, p))),
     "binaryCrossentropy of sigmoid(p), exact for large p.", "([[0, 1]], [[0, 0]]) // [0.6931472]")
LOSS(kullbackLeiblerDivergence, "kld klDivergence", divergence(y, p), "sum(y log(y / p)).",
     "([[0.5, 0.5]], [[0.25, 0.75]]) // [0.143841]")
LOSS(poisson, "", poisson_loss(y, p), "Mean of p - y log p.", "([[1, 2]], [[1, 1]]) // [1]")
LOSS(cosineProximity, "cosine", tn_neg(sum(tn_mul(unit(y), unit(p)))),
     "Minus the cosine of the angle between y and p.", "([[1, 0]], [[3, 4]]) // [-0.6]")

/* ---- focal losses and overlaps ---- */

static Tensor *binary_focal(Tensor *y, Tensor *p) {
    Tensor *wrong = tn_add(tn_mul(y, tn_sub(num(1), p)), tn_mul(tn_sub(num(1), y), p));
    return mean(tn_mul(tn_square(wrong), binary_crossentropy(y, p)));
}

static Tensor *categorical_focal(Tensor *y, Tensor *p) {
    Tensor *q = share(p), *left = tn_sub(num(1), tn_clipByValue(q, EPSILON, 1 - EPSILON));
    return tn_mul(num(0.25f), sum(tn_mul(tn_square(left), class_crossentropy(y, q))));
}

static Tensor *generalized(Tensor *y, Tensor *p) {
    Tensor *right = sum(tn_mul(one_hot_like(y, p), p));
    return tn_mul(num(2), tn_sub(num(1), tn_sqrt(right)));
}

static Tensor *all_of(Tensor *x) { return tn_sum(x, NULL, false); }

/* 1 - what both have, divided by that and half of what one of them has alone. */
static Tensor *apart(Tensor *y, Tensor *p) {
    Tensor *both = all_of(tn_mul(y, p)), *any = tn_add(all_of(y), all_of(p));
    return tn_sub(num(1), tn_div(tn_mul(num(2), both), tn_add(any, num(EPSILON))));
}

static Tensor *apart_smoothly(Tensor *y, Tensor *p) {
    Tensor *both = all_of(tn_mul(y, p)), *half = num(0.5f);
    Tensor *more = tn_mul(half, tn_sub(all_of(p), both));
    Tensor *less = tn_mul(half, tn_sub(all_of(y), both));
    Tensor *any = tn_add(tn_add(both, num(EPSILON)), tn_add(more, less));
    return tn_sub(num(1), tn_div(both, any));
}

LOSS(binaryFocalCrossentropy, "", binary_focal(y, p),
     "binaryCrossentropy times the square of how wrong p is: easy examples count little.",
     "([[0, 1]], [[0.5, 0.5]]) // [0.1732868]")
LOSS(categoricalFocalCrossentropy, "", categorical_focal(y, p),
     "A quarter of categoricalCrossentropy times (1 - p)^2.",
     "([[0, 1]], [[0.5, 0.5]]) // [0.0433217]")
LOSS(categoricalGeneralizedCrossEntropy, "", generalized(y, p),
     "2 (1 - sqrt(p)) of class y, a number: minds wrong labels less.",
     "([[1]], [[0.75, 0.25]]) // [1]", .targets = TARGETS_CLASSES)
LOSS(dice, "", apart(y, p), "1 minus twice the overlap of y and p divided by their sums.",
     "([[1, 0]], [[1, 1]]) // 0.3333333")
LOSS(tversky, "", apart_smoothly(y, p),
     "1 minus the overlap divided by itself and half of what only one of them has.",
     "([[1, 0]], [[1, 1]]) // 0.3333333")

/* ---- how often it is right ---- */

static Tensor *is_true(Tensor *p) { return tn_greater(p, num(0.5f)); }
static Tensor *same(Tensor *a, Tensor *b) { return to_float(tn_equal(a, b)); }

/* Class numbers without the last axis, if y has one. */
static Tensor *sparse_right(Tensor *y, Tensor *p) {
    if (!failed() && y->rank == p->rank) y = tn_squeeze(y, INTS(y->rank - 1));
    return same(y, to_float(tn_argMax(p, -1)));
}

static Tensor *count_where(Tensor *a, Tensor *b) {
    return tn_sum(to_float(tn_logicalAnd(a, b)), NULL, false);
}

/* The places that are 1 in y and chosen, as a share of themselves and those that are a and b. */
static Tensor *share_right(Tensor *y, Tensor *chosen, Tensor *a, Tensor *b) {
    Tensor *right = count_where(tn_equal(y, num(1)), chosen);
    return tn_divNoNan(right, tn_add(right, count_where(a, b)));
}

static Tensor *precision_of(Tensor *y, Tensor *p) {
    Tensor *chosen = is_true(p);
    return share_right(y, chosen, tn_equal(y, num(0)), chosen);
}

static Tensor *recall_of(Tensor *y, Tensor *p) {
    Tensor *chosen = is_true(p);
    return share_right(y, chosen, tn_equal(y, num(1)), tn_logicalNot(chosen));
}

Tensor *among_top(Tensor *y, Tensor *p, int k) {
    Tensor *score = tn_sum(tn_mul(y, p), last_axis(), true);
    Tensor *better = tn_sum(to_float(tn_greater(p, score)), last_axis(), false);
    return to_float(tn_less(better, num((float)k)));
}

static Tensor *explained(Tensor *y, Tensor *p) {
    Tensor *rest = tn_sum(tn_squaredDifference(y, p), NULL, false);
    Tensor *all = tn_sum(tn_squaredDifference(y, tn_mean(y, NULL, false)), NULL, false);
    return tn_sub(num(1), tn_div(rest, all));
}

METRIC(binaryAccuracy, "", mean(same(y, to_float(is_true(p)))),
       "Share of places where p is above 0.5 just if y is 1.", "([[0, 1]], [[0.3, 0.2]]) // [0.5]")
METRIC(categoricalAccuracy, "", same(tn_argMax(y, -1), tn_argMax(p, -1)),
       "1 where p is largest where y is.", "([[0, 1]], [[0.3, 0.7]]) // [1]")
METRIC(sparseCategoricalAccuracy, "", sparse_right(y, p), "1 where p is largest at class y.",
       "([[1]], [[0.3, 0.7]]) // [1]")
METRIC(precision, "", precision_of(y, p), "Share of places with p above 0.5 that are ones in y.",
       "([[0, 1]], [[0.9, 0.6]]) // 0.5")
METRIC(recall, "", recall_of(y, p), "Share of ones in y where p is above 0.5.",
       "([[1, 1]], [[0.6, 0.4]]) // 0.5")
METRIC(topKCategoricalAccuracy, "", among_top(y, p, 5),
       "1 where the class of y, one-hot, is among the five likeliest.",
       "([[0, 0, 0, 0, 0, 0, 1]], [[6, 5, 4, 3, 2, 1, 0]]) // [0]")
METRIC(sparseTopKCategoricalAccuracy, "", among_top(one_hot_like(y, p), p, 5),
       "The same, y being the number of the class.", "([[4]], [[6, 5, 4, 3, 2, 1, 0]]) // [1]")
METRIC(r2Score, "", explained(y, p),
       "1 minus the ratio of squared errors to the squares about the mean of y.",
       "([[1, 3]], [[1, 2]]) // 0.5")
