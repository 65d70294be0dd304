/* Intersection over union: metrics whose count is a table of true classes by predicted ones. */
#include "training/metric.h"
#include "ops/binary.gen.h"
#include "ops/create.gen.h"
#include "ops/gather.gen.h"
#include "ops/matmul.gen.h"
#include "ops/reduce.gen.h"
#include "ops/sort.gen.h"
#include "ops/view.gen.h"

static Tensor *num(double value) { return tn_scalar((float)value); }
static Tensor *total(Tensor *x) { return tn_sum(x, NULL, false); }

static Tensor *classes_of(Tensor *x, bool sparse, int classes) {
    Tensor *ids = sparse ? to_dtype(tn_reshape(x, INTS(-1)), TN_INT32)
                         : tn_reshape(tn_argMax(x, -1), INTS(-1));
    return tn_oneHot(ids, classes, 1, 0, TN_FLOAT32);
}

/* How many classes there are, which one in y does not count (NONE: all do), and which of y and p
** are numbers of classes. */
typedef struct TableConfig {
    int classes, ignored;
    bool sparse_y, sparse_p;
} TableConfig;

static void add_table(Counts *c, TableConfig k, Tensor *y, Tensor *p, Tensor *w) {
    Tensor *places = to_float(k.sparse_y ? y : tn_argMax(y, -1));
    Tensor *wanted = classes_of(y, k.sparse_y, k.classes);
    Tensor *predicted = classes_of(p, k.sparse_p, k.classes);
    if (!failed() && !same_shape(wanted, predicted))
        fail(TN_SHAPE, "meanIoU: y names %d classes, p %d", wanted->shape[0], predicted->shape[0]);
    if (failed()) return;
    if (w) predicted = tn_mul(predicted, tn_reshape(weights_like(w, places), INTS(-1, 1)));
    if (k.ignored != NONE) {
        Tensor *counts = to_float(tn_notEqual(places, num(k.ignored)));
        predicted = tn_mul(predicted, tn_reshape(counts, INTS(-1, 1)));
    }
    count_more(c, 0, tn_matMul(wanted, predicted, true, false));
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
    add_table(c, (TableConfig){k->numClasses, k->ignoreClass, k->sparseYTrue, k->sparseYPred}, y, p,
              w);
}

static Tensor *meanIoU_result(const Counts *c) { return table_result(c, NULL); }

/* meanIoU: Intersection over union of predicted and true places, mean over the classes.
**   numClasses : int >= 1       how many classes there are
**   ignoreClass : int = null    places of this class in y do not count
**   sparseYTrue : bool = true   y has numbers of classes; false: it is one-hot
**   sparseYPred : bool = true   p has numbers of classes; false: a score for each
**   + metric
** > new tf.metrics.MeanIoU({numClasses: 2}).of([0, 0, 1, 1], [0, 1, 0, 1])   // 0.3333333
*/
METRIC_CLASS(meanIoU, MeanIoU, .add = meanIoU_add, .result = meanIoU_result);

static void ioU_add(Counts *c, Tensor *y, Tensor *p, Tensor *w) {
    const IoUConfig *k = c->config;
    add_table(c, (TableConfig){k->numClasses, k->ignoreClass, k->sparseYTrue, k->sparseYPred}, y, p,
              w);
}

static Tensor *ioU_result(const Counts *c) {
    return table_result(c, ((const IoUConfig *)c->config)->targetClassIds);
}

/* ioU: The same, mean over some classes.
**   numClasses : int >= 1       how many classes there are
**   targetClassIds : ints       which of them count
**   ignoreClass : int = null    places of this class in y do not count
**   sparseYTrue : bool = true   y has numbers of classes; false: it is one-hot
**   sparseYPred : bool = true   p has numbers of classes; false: a score for each
**   + metric
** > new tf.metrics.IoU({numClasses: 2, targetClassIds: [0]}).of([0, 0, 1, 1], [0, 1, 0, 1])
**   // 0.3333333
*/
METRIC_CLASS(ioU, IoU, .add = ioU_add, .result = ioU_result);

static void binaryIoU_add(Counts *c, Tensor *y, Tensor *p, Tensor *w) {
    const BinaryIoUConfig *k = c->config;
    Tensor *chosen = to_float(tn_greaterEqual(p, num(k->threshold)));
    add_table(c, (TableConfig){2, NONE, true, true}, y, chosen, w);
}

static Tensor *binaryIoU_result(const Counts *c) {
    return table_result(c, ((const BinaryIoUConfig *)c->config)->targetClassIds);
}

/* binaryIoU: The same of two classes, p being a probability.
**   targetClassIds : ints = null   [0], [1], or null: both
**   threshold : float = 0.5        p of at least this is class 1
**   + metric
** > new tf.metrics.BinaryIoU().of([0, 1, 0, 1], [0.1, 0.2, 0.4, 0.7])   // 0.5833333
*/
METRIC_CLASS(binaryIoU, BinaryIoU, .add = binaryIoU_add, .result = binaryIoU_result);

/* ---- the same, y being one-hot ---- */

static void oneHotIoU_add(Counts *c, Tensor *y, Tensor *p, Tensor *w) {
    const OneHotIoUConfig *k = c->config;
    add_table(c, (TableConfig){k->numClasses, k->ignoreClass, false, k->sparseYPred}, y, p, w);
}

static Tensor *oneHotIoU_result(const Counts *c) {
    return table_result(c, ((const OneHotIoUConfig *)c->config)->targetClassIds);
}

/* oneHotIoU: ioU with one-hot y.
**   numClasses : int >= 1        how many classes there are
**   targetClassIds : ints        which of them count
**   ignoreClass : int = null     places of this class in y do not count
**   sparseYPred : bool = false   p has numbers of classes; false: a score for each
**   + metric
** > new tf.metrics.OneHotIoU({numClasses: 3, targetClassIds: [0, 2]}).of(
**     [[0, 0, 1], [1, 0, 0], [0, 1, 0], [1, 0, 0]],
**     [[0.2, 0.3, 0.5], [0.1, 0.2, 0.7], [0.5, 0.3, 0.1], [0.1, 0.4, 0.5]])   // 0.1666667
*/
METRIC_CLASS(oneHotIoU, OneHotIoU, .add = oneHotIoU_add, .result = oneHotIoU_result);

static void oneHotMeanIoU_add(Counts *c, Tensor *y, Tensor *p, Tensor *w) {
    const OneHotMeanIoUConfig *k = c->config;
    add_table(c, (TableConfig){k->numClasses, k->ignoreClass, false, k->sparseYPred}, y, p, w);
}

/* oneHotMeanIoU: meanIoU with one-hot y.
**   numClasses : int >= 1        how many classes there are
**   ignoreClass : int = null     places of this class in y do not count
**   sparseYPred : bool = false   p has numbers of classes; false: a score for each
**   + metric
** > new tf.metrics.OneHotMeanIoU({numClasses: 3}).of(
**     [[0, 0, 1], [1, 0, 0], [0, 1, 0], [1, 0, 0]],
**     [[0.2, 0.3, 0.5], [0.1, 0.2, 0.7], [0.5, 0.3, 0.1], [0.1, 0.4, 0.5]])   // 0.1111111
*/
METRIC_CLASS(oneHotMeanIoU, OneHotMeanIoU, .add = oneHotMeanIoU_add, .result = meanIoU_result);
