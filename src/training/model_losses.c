/* Losses that look at more than one place: at pairs of a batch (circle), at all ways through a
** sequence (ctc). They are made of ops, in logarithms, so that they can be differentiated again. */
#include "training/metric_functions.h"
#include "ops/binary.gen.h"
#include "ops/create.gen.h"
#include "ops/gather.gen.h"
#include "ops/join.gen.h"
#include "ops/matmul.gen.h"
#include "ops/pad.gen.h"
#include "ops/reduce.gen.h"
#include "ops/slice.gen.h"
#include "ops/softmax.gen.h"
#include "ops/unary.gen.h"
#include "ops/view.gen.h"
#include "ops/where.gen.h"

static const float NEVER = -1e30f; /* stands for the logarithm of 0: differences stay finite */
static Tensor *num(float value) { return tn_scalar(value); }
static Tensor *where_or_never(Tensor *where, Tensor *x) { return tn_where(where, x, num(NEVER)); }

/* ---- circle: Sun et al., 2020 ---- */

static const float GAMMA = 80, MARGIN = 0.4f;

/* gamma * weight * distance from the margin, where the pair counts. */
static Tensor *pull(Tensor *weight, Tensor *distance, Tensor *pairs) {
    Tensor *force = tn_mul(num(GAMMA), tn_mul(tn_relu(weight), distance));
    return tn_logSumExp(where_or_never(pairs, force), INTS(1), false);
}

static Tensor *circle_loss(Tensor *y, Tensor *p) {
    if (failed()) return nothing();
    if (p->rank != 2 || y->size != p->shape[0])
        return fail(TN_SHAPE,
                    "circle: p must be [examples, size] and y a label for each, but have "
                    "shapes %s and %s",
                    shape_text(p), shape_text(y));
    Tensor *same = tn_equal(tn_reshape(y, INTS(-1, 1)), tn_reshape(y, INTS(1, -1)));
    Tensor *self = tn_cast(tn_eye(y->size, NULL, NULL, TN_FLOAT32), TN_BOOL);
    Tensor *near = tn_logicalAnd(same, tn_logicalNot(self)), *far = tn_logicalNot(same);
    Tensor *d = tn_relu(tn_sub(num(1), tn_matMul(p, p, false, true)));
    Tensor *together = pull(tn_add(d, num(MARGIN)), tn_sub(d, num(MARGIN)), near);
    Tensor *apart = pull(tn_sub(num(1 + MARGIN), d), tn_sub(num(1 - MARGIN), d), far);
    return tn_softplus(tn_add(together, apart));
}

LOSS(circle, "", circle_loss(y, p),
     "How far rows of p, of length 1, lie from those with the same label y, a number, and how near "
     "to the others; over a batch the mean of those above 0.",
     "([0, 0, 1], [[1, 0], [0.8, 0.6], [0.6, 0.8]]) // [6.4016602, 51.328, 0]",
     .targets = TARGETS_LABELS, .skips_zeros = true)

/* ---- ctc: Graves et al., 2006 ---- */

/* Labels [batch, n] with a blank, which is 0, around each: [batch, 2 n + 1]. */
static Tensor *with_blanks(Tensor *y) {
    Tensor *pairs = tn_stack(LIST(tn_zerosLike(y), y), 2);
    return tn_pad(tn_reshape(pairs, INTS(y->shape[0], 2 * y->shape[1])), INTS(0, 0, 0, 1), 0);
}

/* x moved by n places to later ones. */
static Tensor *later(Tensor *x, int n, float first) {
    if (failed()) return nothing();
    return tn_pad(tn_slice(x, INTS(0, 0), INTS(-1, x->shape[1] - n)), INTS(0, 0, n, 0), first);
}

/* Logarithms of the chances of each place at each step: [batch, steps, places]. */
static Tensor *chances(Tensor *places, Tensor *p) {
    Tensor *hot = tn_oneHot(to_dtype(places, TN_INT32), p->shape[2], 1, 0, TN_FLOAT32);
    Tensor *there = tn_cast(tn_sum(hot, INTS(2), false), TN_BOOL);
    Tensor *all = tn_matMul(tn_logSoftmax(p, -1), hot, false, true);
    return where_or_never(tn_expandDims(there, 1), all);
}

/* Sums over all ways from the first step to each place of the last: [batch, places]. */
static Tensor *ways(Tensor *places, Tensor *chances) {
    Tensor *blank = tn_equal(places, num(0)), *repeated = tn_equal(places, later(places, 2, 0));
    Tensor *leaps = where_or_never(tn_logicalNot(tn_logicalOr(blank, repeated)), num(0));
    const List *steps = tn_unstack(chances, 1);
    if (failed()) return nothing();
    Tensor *start =
        tn_pad(tn_zeros(INTS(1, 2), TN_FLOAT32), INTS(0, 0, 0, places->shape[1] - 2), NEVER);
    Tensor *sum = tn_add(start, steps->v[0]);
    for (int i = 1; i < steps->n && !failed(); i++) {
        Tensor *from =
            tn_stack(LIST(sum, later(sum, 1, NEVER), tn_add(later(sum, 2, NEVER), leaps)), 0);
        sum = tn_add(tn_logSumExp(from, INTS(0), false), steps->v[i]);
    }
    return sum;
}

/* True at the last label and the blank after it: there a way may end. */
static Tensor *ends(Tensor *y, int places) {
    Tensor *labels = tn_sum(to_dtype(tn_notEqual(y, num(0)), TN_INT32), INTS(1), false);
    Tensor *last = tn_mul(labels, tn_fill(INTS_NONE, 2, TN_INT32));
    Tensor *before = tn_sub(last, tn_fill(INTS_NONE, 1, TN_INT32));
    return tn_cast(tn_add(tn_oneHot(last, places, 1, 0, TN_FLOAT32),
                          tn_oneHot(before, places, 1, 0, TN_FLOAT32)),
                   TN_BOOL);
}

static Tensor *ctc_loss(Tensor *y, Tensor *p) {
    if (failed()) return nothing();
    if (p->rank != 3 || y->rank != 2 || y->shape[0] != p->shape[0] || !y->shape[1] || !p->shape[1])
        return fail(TN_SHAPE,
                    "ctc: y must be [batch, labels] and p [batch, steps, classes], but "
                    "have shapes %s and %s",
                    shape_text(y), shape_text(p));
    Tensor *places = with_blanks(tn_floor(y)), *sum = ways(places, chances(places, p));
    if (failed()) return nothing();
    Tensor *last = where_or_never(ends(y, places->shape[1]), sum);
    Tensor *loss = tn_neg(tn_logSumExp(last, INTS(1), false));
    return tn_where(tn_greater(loss, num(-NEVER / 10)), num(INFINITY), loss);
}

LOSS(
    ctc, "", ctc_loss(y, p),
    "Connectionist temporal classification: -log of the chance of labels y, whole numbers, 0 being "
    "the blank and what fills up rows, at any of the steps of logits p; Infinity where the steps "
    "are "
    "too few.",
    "([[1, 2]], [[[0, 1, 0], [0, 0, 1]]]) // [1.1028894]", .targets = TARGETS_LABELS)
