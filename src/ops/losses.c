/* Losses: a value per element or row, weighted, then reduced as tf.Reduction says. */
#include "tensor/op.h"
#include "ops/binary.gen.h"
#include "ops/losses.gen.h"
#include "ops/reduce.gen.h"
#include "ops/softmax.gen.h"
#include "ops/unary.gen.h"
#include "ops/view.gen.h"

/* tf.Reduction of JavaScript. */
enum { NONE, MEAN, SUM, SUM_BY_NONZERO_WEIGHTS };

static Tensor *num(float value) { return tn_scalar(value); }

static bool same(const char *op, const Tensor *a, const Tensor *b) {
    if (failed()) return false;
    if (same_shape(a, b)) return true;
    fail(TN_SHAPE, "Error in %s:  Shapes %s and %s must match", op, shape_list(a), shape_list(b));
    return false;
}

/* How many of the losses have a weight that is not 0. */
static Tensor *weighted_count(Tensor *losses, Tensor *weights) {
    Tensor *used = tn_cast(tn_notEqual(weights, num(0)), TN_FLOAT32);
    return tn_sum(tn_mul(used, tn_onesLike(losses)), NULL, false);
}

static Tensor *weighted_mean(Tensor *losses, Tensor *weights, Tensor *total) {
    Tensor *mean = tn_div(total, tn_sum(to_float(weights), NULL, false));
    bool repeated = losses->size > weights->size && weights->size;
    return repeated ? tn_div(mean, num((float)losses->size / (float)weights->size)) : mean;
}

/* losses.computeWeightedLoss: Weights losses and reduces them.
**   losses : [...]
**   weights : [...] = null   broadcasts with losses; 1 if not given
**   reduction : int = 3      tf.Reduction: 0 NONE, as they are; 1 MEAN, divided by the sum of the
**                            weights; 2 SUM; 3 SUM_BY_NONZERO_WEIGHTS, divided by how many weights
**                            are not 0
**   -> y : [...]             a number, or with NONE as losses
** > tf.losses.computeWeightedLoss([1, 2, 3], [2, 0, 1])   // 2.5
** > tf.losses.computeWeightedLoss([1, 2, 3], [2, 0, 1], 0)   // [2, 0, 3]
** > tf.losses.computeWeightedLoss([[1, 2], [3, 4]], [[2], [1]], 1)   // 2.1666667
** > tf.losses.computeWeightedLoss([1, 2, 3], null, 2)   // 6
*/
OP(computeWeightedLoss, (Tensor * losses, Tensor *weights, int reduction)) {
    if (failed()) return nothing();
    if (reduction < NONE || reduction > SUM_BY_NONZERO_WEIGHTS)
        return fail(TN_VALUE, "computeWeightedLoss: Unknown reduction: %d is not in 0..3",
                    reduction);
    Scope *s = tn_scope_begin();
    losses = to_float(losses);
    Tensor *weighted = weights ? tn_mul(losses, weights) : losses;
    if (reduction == NONE) return leave(s, weights ? weighted : tn_clone(losses));
    Tensor *total = tn_sum(weighted, NULL, false);
    if (failed() || reduction == SUM) return leave(s, total);
    if (!weights) return leave(s, tn_div(total, num((float)losses->size)));
    if (reduction == MEAN) return leave(s, weighted_mean(losses, weights, total));
    return leave(s, tn_div(total, weighted_count(losses, weights)));
}

/* losses.absoluteDifference: |labels - predictions|.
**   labels : [...]
**   predictions : numeric like labels
**   weights : [...] = null              broadcasts with labels
**   reduction : int = 3                 tf.Reduction, see computeWeightedLoss
**   -> y : [...]                        a number, or as labels
** > tf.losses.absoluteDifference([1, 2], [1.5, 4])   // 1.25
*/
OP(absoluteDifference, (Tensor * labels, Tensor *predictions, Tensor *weights, int reduction)) {
    if (!same("absoluteDifference", labels, predictions)) return nothing();
    Scope *s = tn_scope_begin();
    Tensor *losses = tn_abs(tn_sub(labels, predictions));
    return leave(s, tn_computeWeightedLoss(losses, weights, reduction));
}

/* losses.cosineDistance: 1 - the sum of labels times predictions, both of length 1 along the axis.
**   labels : [...]                      of rank 1 or more
**   predictions : numeric like labels
**   axis : int                          along which the vectors lie
**   weights : [...] = null              broadcasts with labels, whose axis has become 1
**   reduction : int = 3                 tf.Reduction, see computeWeightedLoss
**   -> y : [...]                        a number, or as labels with the axis of size 1
** > tf.losses.cosineDistance([[1, 0], [0.6, 0.8]], [[0.6, 0.8], [1, 0]], 1)   // 0.4
*/
OP(cosineDistance,
   (Tensor * labels, Tensor *predictions, int axis, Tensor *weights, int reduction)) {
    if (!same("cosineDistance", labels, predictions)) return nothing();
    Scope *s = tn_scope_begin();
    Tensor *losses = tn_sub(num(1), tn_sum(tn_mul(labels, predictions), INTS(axis), true));
    return leave(s, tn_computeWeightedLoss(losses, weights, reduction));
}

/* losses.hingeLoss: max(0, 1 - label times prediction), labels 0 and 1 standing for -1 and 1.
**   labels : [...]                      0 or 1
**   predictions : numeric like labels
**   weights : [...] = null              broadcasts with labels
**   reduction : int = 3                 tf.Reduction, see computeWeightedLoss
**   -> y : [...]                        a number, or as labels
** > tf.losses.hingeLoss([1, 0, 1], [0.5, 0.25, 3])   // 0.5833333
*/
OP(hingeLoss, (Tensor * labels, Tensor *predictions, Tensor *weights, int reduction)) {
    if (!same("hingeLoss", labels, predictions)) return nothing();
    Scope *s = tn_scope_begin();
    Tensor *sign = tn_sub(tn_mul(num(2), labels), num(1));
    Tensor *losses = tn_relu(tn_sub(num(1), tn_mul(sign, predictions)));
    return leave(s, tn_computeWeightedLoss(losses, weights, reduction));
}

/* losses.huberLoss: Half the squared error up to delta, and a straight line from there.
**   labels : [...]
**   predictions : numeric like labels
**   weights : [...] = null              broadcasts with labels
**   delta : float = 1                   where the line begins
**   reduction : int = 3                 tf.Reduction, see computeWeightedLoss
**   -> y : [...]                        a number, or as labels
** > tf.losses.huberLoss([1, 2, 3], [1.5, 4, 3.25], null, 1, 0)   // [0.125, 1.5, 0.03125]
*/
OP(huberLoss, (Tensor * labels, Tensor *predictions, Tensor *weights, float delta, int reduction)) {
    if (!same("huberLoss", labels, predictions)) return nothing();
    Scope *s = tn_scope_begin();
    Tensor *error = tn_abs(tn_sub(predictions, labels));
    Tensor *small = tn_minimum(error, num(delta));
    Tensor *losses =
        tn_add(tn_mul(num(0.5f), tn_square(small)), tn_mul(num(delta), tn_sub(error, small)));
    return leave(s, tn_computeWeightedLoss(losses, weights, reduction));
}

/* losses.logLoss: Cross entropy of labels and probabilities.
**   labels : [...]                      0 to 1
**   predictions : numeric like labels   probabilities
**   weights : [...] = null              broadcasts with labels
**   epsilon : float = 1e-7              added before logarithms
**   reduction : int = 3                 tf.Reduction, see computeWeightedLoss
**   -> y : [...]                        a number, or as labels
** > tf.losses.logLoss([1, 0], [0.9, 0.2])   // 0.1642519
*/
OP(logLoss, (Tensor * labels, Tensor *predictions, Tensor *weights, float epsilon, int reduction)) {
    if (!same("logLoss", labels, predictions)) return nothing();
    Scope *s = tn_scope_begin();
    Tensor *yes = tn_mul(labels, tn_log(tn_add(predictions, num(epsilon))));
    Tensor *other = tn_add(tn_sub(num(1), predictions), num(epsilon));
    Tensor *no = tn_mul(tn_sub(num(1), labels), tn_log(other));
    return leave(s, tn_computeWeightedLoss(tn_neg(tn_add(yes, no)), weights, reduction));
}

/* losses.meanSquaredError: (labels - predictions) squared.
**   labels : [...]
**   predictions : numeric like labels
**   weights : [...] = null              broadcasts with labels
**   reduction : int = 3                 tf.Reduction, see computeWeightedLoss
**   -> y : [...]                        a number, or as labels
** > tf.losses.meanSquaredError([1, 2], [1.5, 4])   // 2.125
** > tf.losses.meanSquaredError([1, 2], [1.5, 4], [1, 0.5], 1)   // 1.5
*/
OP(meanSquaredError, (Tensor * labels, Tensor *predictions, Tensor *weights, int reduction)) {
    if (!same("meanSquaredError", labels, predictions)) return nothing();
    Scope *s = tn_scope_begin();
    Tensor *losses = tn_squaredDifference(labels, predictions);
    return leave(s, tn_computeWeightedLoss(losses, weights, reduction));
}

/* labels moved towards `even` by labelSmoothing. */
static Tensor *smooth(Tensor *labels, float labelSmoothing, float even) {
    if (!(labelSmoothing > 0)) return labels;
    return tn_add(tn_mul(labels, num(1 - labelSmoothing)), num(labelSmoothing * even));
}

/* losses.sigmoidCrossEntropy: Cross entropy of labels and sigmoid(logits), exact for large logits.
**   multiClassLabels : [...]                 0 to 1
**   logits : numeric like multiClassLabels
**   weights : [...] = null                   broadcasts with logits
**   labelSmoothing : float = 0               moves labels that far towards a half
**   reduction : int = 3                      tf.Reduction, see computeWeightedLoss
**   -> y : [...]                             a number, or as logits
** > tf.losses.sigmoidCrossEntropy([1, 0], [2, -1])   // 0.2200948
** > tf.losses.sigmoidCrossEntropy([1, 0], [2, -1], null, 0.2, 0)   // [0.3269280, 0.4132617]
*/
OP(sigmoidCrossEntropy, (Tensor * multiClassLabels, Tensor *logits, Tensor *weights,
                         float labelSmoothing, int reduction)) {
    if (!same("sigmoidCrossEntropy", multiClassLabels, logits)) return nothing();
    Scope *s = tn_scope_begin();
    Tensor *labels = smooth(multiClassLabels, labelSmoothing, 0.5f);
    Tensor *losses = tn_sub(tn_softplus(logits), tn_mul(logits, labels));
    return leave(s, tn_computeWeightedLoss(losses, weights, reduction));
}

/* losses.softmaxCrossEntropy: Cross entropy of rows of labels and softmax(logits).
**   onehotLabels : [..., classes]        rows that add up to 1
**   logits : numeric like onehotLabels
**   weights : [...] = null               broadcasts with the rows: [...]
**   labelSmoothing : float = 0           moves labels that far towards 1 / classes
**   reduction : int = 3                  tf.Reduction, see computeWeightedLoss
**   -> y : [...]                         a number, or [...]
** > tf.losses.softmaxCrossEntropy([[1, 0], [0, 1]], [[2, 1], [0.5, 1.5]])   // 0.3132617
** > tf.losses.softmaxCrossEntropy([[0, 1, 0]], [[1, 2, 3]], null, 0.3, 0)   // [1.4076059]
*/
OP(softmaxCrossEntropy,
   (Tensor * onehotLabels, Tensor *logits, Tensor *weights, float labelSmoothing, int reduction)) {
    if (!same("softmaxCrossEntropy", onehotLabels, logits)) return nothing();
    if (!logits->rank)
        return fail(TN_SHAPE, "softmaxCrossEntropy: logits must be of rank 1 or more, but has "
                              "shape []");
    Scope *s = tn_scope_begin();
    float classes = (float)logits->shape[logits->rank - 1];
    Tensor *labels = smooth(onehotLabels, labelSmoothing, 1 / classes);
    Tensor *terms = tn_mul(labels, tn_logSoftmax(logits, -1));
    Tensor *losses = tn_neg(tn_sum(terms, INTS(-1), false));
    return leave(s, tn_computeWeightedLoss(losses, weights, reduction));
}
