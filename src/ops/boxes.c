/* Choosing boxes that do not overlap much: image.nonMaxSuppression and its kin. How many are chosen
** depends on the values, so boxes and scores are read, and the indices are made at once. */
#include "tensor/op.h"
#include "ops/binary.gen.h"
#include "ops/create.gen.h"
#include "ops/gather.gen.h"
#include "ops/reduce.gen.h"
#include "ops/slice.gen.h"
#include "ops/transpose.gen.h"
#include "ops/unary.gen.h"
#include "ops/view.gen.h"

/* A box that may still be chosen. */
typedef struct Candidate {
    double score;
    int box, seen; /* seen: so many of the chosen have had their effect on the score */
} Candidate;

/* The better first: of equal scores the one that came first. */
static bool better(const Candidate *a, const Candidate *b) {
    return a->score > b->score || (a->score == b->score && a->box < b->box);
}

/* A heap: each candidate is better than the two after it, at 2 i + 1 and 2 i + 2. */
typedef struct Heap {
    Candidate *v;
    int n;
} Heap;

static void sink(Heap *h, int i) {
    const Candidate moved = h->v[i];
    for (int64_t below; (below = 2 * (int64_t)i + 1) < h->n; i = (int)below) {
        if (below + 1 < h->n && better(&h->v[below + 1], &h->v[below])) below++;
        if (!better(&h->v[below], &moved)) break;
        h->v[i] = h->v[below];
    }
    h->v[i] = moved;
}

static Candidate pop(Heap *h) {
    const Candidate best = h->v[0];
    h->v[0] = h->v[--h->n];
    if (h->n) sink(h, 0);
    return best;
}

static void push(Heap *h, Candidate c) {
    int i = h->n++;
    for (; i > 0 && better(&c, &h->v[(i - 1) / 2]); i = (i - 1) / 2) h->v[i] = h->v[(i - 1) / 2];
    h->v[i] = c;
}

typedef struct Box {
    double top, left, bottom, right, area;
} Box;

static double least(double a, double b) { return a < b ? a : b; }
static double most(double a, double b) { return a > b ? a : b; }

/* Of y1, x1, y2, x2: any two opposite corners. */
static Box box_of(const float *v) {
    Box b = {least(v[0], v[2]), least(v[1], v[3]), most(v[0], v[2]), most(v[1], v[3]), 0};
    b.area = (b.bottom - b.top) * (b.right - b.left);
    return b;
}

/* Intersection over union. */
static double overlap(const Box *a, const Box *b) {
    const double height = least(a->bottom, b->bottom) - most(a->top, b->top);
    const double width = least(a->right, b->right) - most(a->left, b->left);
    if (!(height > 0 && width > 0)) return 0;
    const double inner = height * width;
    return inner / (a->area + b->area - inner);
}

/* What was asked for. sigma: of soft suppression (Bodla et al., 2017), 0: none. */
typedef struct Suppression {
    const char *op;
    int most;
    double overlap, score, sigma;
} Suppression;

typedef struct Chosen {
    int n, *index;
    Box *box;
} Chosen;

/* The effect of the chosen that c has not seen, last first. False: c is out. */
static bool keep(const Suppression *p, const Box *mine, const Chosen *chosen, Candidate *c) {
    for (int j = chosen->n - 1; j >= c->seen; j--) {
        const double iou = overlap(mine, &chosen->box[j]);
        if (iou >= p->overlap) return false;
        if (p->sigma > 0) c->score *= exp(-0.5 / p->sigma * iou * iou);
        if (!(c->score > p->score)) return false;
    }
    c->seen = chosen->n;
    return true;
}

static void choose(const Suppression *p, const float *boxes, const float *scores, int n, Heap *heap,
                   Chosen *chosen) {
    for (int i = 0; i < n; i++)
        if (scores[i] > p->score) heap->v[heap->n++] = (Candidate){scores[i], i, 0};
    for (int i = heap->n / 2 - 1; i >= 0; i--) sink(heap, i);
    while (chosen->n < p->most && heap->n) {
        Candidate c = pop(heap);
        const double before = c.score;
        const Box box = box_of(boxes + 4 * (int64_t)c.box);
        if (!keep(p, &box, chosen, &c)) continue;
        if (c.score != before) {
            push(heap, c);
            continue;
        }
        chosen->index[chosen->n] = c.box;
        chosen->box[chosen->n++] = box;
    }
}

static bool is_share(double v) { return v >= 0 && v <= 1; }

static bool want_boxes(const Suppression *p, const Tensor *boxes, const Tensor *scores) {
    if (!want_dtype(p->op, "boxes", boxes, TN_FLOAT32) ||
        !want_dtype(p->op, "scores", scores, TN_FLOAT32))
        return false;
    if (!is_share(p->overlap))
        fail(TN_VALUE, "%s: iouThreshold must be in [0, 1], but was '%g'", p->op, p->overlap);
    else if (!is_share(p->sigma))
        fail(TN_VALUE, "%s: softNmsSigma must be in [0, 1], but was '%g'", p->op, p->sigma);
    else if (p->most < 0)
        fail(TN_VALUE, "%s: maxOutputSize must not be negative, but was %d", p->op, p->most);
    else if (boxes->rank != 2)
        fail(TN_SHAPE, "%s: boxes must be a 2D tensor, but was of rank '%d'", p->op, boxes->rank);
    else if (boxes->shape[1] != 4)
        fail(TN_SHAPE, "%s: boxes must have 4 columns, but 2nd dimension was %d", p->op,
             boxes->shape[1]);
    else if (scores->rank != 1)
        fail(TN_SHAPE, "%s: scores must be a 1D tensor, but was of rank %d", p->op, scores->rank);
    else if (scores->size != boxes->shape[0])
        fail(TN_SHAPE, "%s: scores has incompatible shape with boxes. Expected %d, but was %d",
             p->op, boxes->shape[0], scores->size);
    return !failed();
}

/* Indices of the chosen boxes, int32, the best first; `padded`: followed by zeros up to the most
** there could be. *n, unless NULL: how many are chosen. */
static Tensor *suppress(Suppression *p, Tensor *boxes, Tensor *scores, bool padded, int *n) {
    const int count = scores->size;
    const float *b = tn_floats(boxes), *s = tn_floats(scores);
    if (p->most > count) p->most = count;
    const uint64_t bytes = (uint64_t)p->most * (sizeof(Box) + sizeof(int));
    const size_t heap_bytes = (size_t)count * sizeof(Candidate) + 1;
    if (bytes >= SIZE_MAX) return fail(TN_MEMORY, "%s: out of memory for %d boxes", p->op, p->most);
    Heap heap = {failed() ? NULL : scratch(heap_bytes), 0};
    void *block = failed() ? NULL : scratch((size_t)bytes + 1);
    Chosen chosen = {0, block ? (int *)((Box *)block + p->most) : NULL, block};
    Tensor *y = nothing();
    if (!failed()) {
        choose(p, b, s, count, &heap, &chosen);
        if (n) *n = chosen.n;
        if (padded) memset(chosen.index + chosen.n, 0, (size_t)(p->most - chosen.n) * sizeof(int));
        y = tn_tensor(TN_INT32, INTS(padded ? p->most : chosen.n), chosen.index);
    }
    if (heap.v) scratch_free(heap.v, heap_bytes);
    if (block) scratch_free(block, (size_t)bytes + 1);
    return y;
}

/* image.nonMaxSuppression: The best boxes that do not overlap a better one too much.
**   boxes : float32 [n, 4]                y1, x1, y2, x2 of each, any two opposite corners
**   scores : float32 [n]
**   maxOutputSize : int                   how many are chosen at the most
**   iouThreshold : float = 0.5            a box is left out whose intersection with a chosen one
**                                         is this share, 0 to 1, of their union, or more
**   scoreThreshold : float = -Infinity    boxes of this score or less are left out
**   -> selectedIndices : int32 [chosen]   the best first
** > tf.image.nonMaxSuppression([[0, 0, 1, 1], [0, 0.1, 1, 1.1], [0, 2, 1, 3]], [0.7, 0.9, 0.8],
**     3)   // [1, 2]
** > tf.image.nonMaxSuppression([[0, 0, 1, 1], [0, 0.1, 1, 1.1], [0, 2, 1, 3]], [0.7, 0.9, 0.6], 3,
**     0.95, 0.65)   // [1, 0]
*/
OP(nonMaxSuppression, (Tensor * boxes, Tensor *scores, int maxOutputSize, double iouThreshold,
                       double scoreThreshold)) {
    Suppression p = {"nonMaxSuppression", maxOutputSize, iouThreshold, scoreThreshold, 0};
    if (!want_boxes(&p, boxes, scores)) return nothing();
    Scope *s = tn_scope_begin();
    return leave(s, suppress(&p, boxes, scores, false, NULL));
}

/* image.nonMaxSuppressionPadded: nonMaxSuppression with a result of known size.
**   boxes : [n, 4]                        as in nonMaxSuppression
**   scores : [n]                          as in nonMaxSuppression
**   maxOutputSize : int                   how many are chosen at the most
**   iouThreshold : float = 0.5            as in nonMaxSuppression
**   scoreThreshold : float = -Infinity    as in nonMaxSuppression
**   padToMaxOutputSize : bool = false     zeros follow the chosen, up to maxOutputSize or the
**                                         number of boxes, whichever is less
**   -> selectedIndices : int32 [chosen]   or longer, the best first
**   -> validOutputs : int32 []            how many are chosen
** > tf.image.nonMaxSuppressionPadded([[0, 0, 1, 1], [0, 0.1, 1, 1.1], [0, 2, 1, 3]], [0.7, 0.9,
**     0.8], 5, 0.5, 0, true)   // {selectedIndices: [1, 2, 0], validOutputs: 2}
*/
OP(nonMaxSuppressionPadded,
   (Tensor * boxes, Tensor *scores, int maxOutputSize, double iouThreshold, double scoreThreshold,
    bool padToMaxOutputSize, Tensor **validOutputs)) {
    Suppression p = {"nonMaxSuppressionPadded", maxOutputSize, iouThreshold, scoreThreshold, 0};
    if (!want_boxes(&p, boxes, scores)) return nothing();
    int n = 0;
    Scope *s = tn_scope_begin();
    Tensor *y = suppress(&p, boxes, scores, padToMaxOutputSize, &n);
    give(validOutputs, tn_scope_out(s, tn_tensor(TN_INT32, (const Ints *)(const int[]){0}, &n)));
    return leave(s, y);
}

/* ---- with scores ---- */

/* Of boxes [n, 4]: the smaller or larger of two columns, [n, 1]. */
static Tensor *end_of(Tensor *boxes, int axis, bool upper) {
    Tensor *a = tn_slice(boxes, INTS(0, axis), INTS(-1, 1));
    Tensor *b = tn_slice(boxes, INTS(0, axis + 2), INTS(-1, 1));
    return upper ? tn_maximum(a, b) : tn_minimum(a, b);
}

/* How much each box shares with each other along an axis, [n, n]; *length: of each, [n, 1]. */
static Tensor *shared(Tensor *boxes, int axis, Tensor **length) {
    Tensor *low = end_of(boxes, axis, false), *high = end_of(boxes, axis, true);
    *length = tn_sub(high, low);
    return tn_relu(tn_sub(tn_minimum(high, tn_transpose(high, NULL, false)),
                          tn_maximum(low, tn_transpose(low, NULL, false))));
}

/* The factors by which better boxes lower the scores of chosen ones [n, 4], in their order: [n].
** The same as keep() does, said with ops, so that scores have a gradient. */
static Tensor *softened(Tensor *boxes, double sigma) {
    Tensor *height, *width;
    Tensor *inner = tn_mul(shared(boxes, 0, &height), shared(boxes, 1, &width));
    Tensor *area = tn_mul(height, width);
    Tensor *all = tn_sub(tn_add(area, tn_transpose(area, NULL, false)), inner);
    Tensor *pairs = tn_square(tn_divNoNan(inner, all));
    if (failed()) return nothing();
    Tensor *place = tn_range(0, boxes->shape[0], 1, TN_INT32);
    Tensor *later = tn_greater(tn_expandDims(place, 1), place);
    Tensor *sum = tn_sum(tn_mul(pairs, to_float(later)), INTS(1), false);
    return tn_exp(tn_mul(sum, tn_scalar((float)(-0.5 / sigma))));
}

/* image.nonMaxSuppressionWithScore: nonMaxSuppression that can lower scores, and tells them.
**   boxes : [n, 4]                         as in nonMaxSuppression
**   scores : [n]                           as in nonMaxSuppression
**   maxOutputSize : int                    how many are chosen at the most
**   iouThreshold : float = 0.5             as in nonMaxSuppression
**   scoreThreshold : float = -Infinity     as in nonMaxSuppression; lowered scores too
**   softNmsSigma : float = 0               from 0 to 1: a score is multiplied by exp(-iou^2 / (2
**                                          sigma)) for each better box; 0: scores are not lowered
**   -> selectedIndices : int32 [chosen]    the best first
**   -> selectedScores : float32 [chosen]
** > tf.image.nonMaxSuppressionWithScore([[0, 0, 1, 1], [0, 0.1, 1, 1.1], [0, 2, 1, 3]], [0.7, 0.9,
**     0.8], 3)   // {selectedIndices: [1, 2], selectedScores: [0.9, 0.8]}
** > tf.image.nonMaxSuppressionWithScore([[0, 0, 1, 1], [0.1, 0.5, 0.9, 1.4], [2, 2, 3, 3]], [0.7,
**     0.9, 0.8], 3, 1, 0, 0.5)
**     // {selectedIndices: [1, 2, 0], selectedScores: [0.9, 0.8, 0.6385838]}
** Scores of boxes that overlap better ones are lowered as in Bodla et al., "Soft-NMS", 2017.
*/
OP(nonMaxSuppressionWithScore,
   (Tensor * boxes, Tensor *scores, int maxOutputSize, double iouThreshold, double scoreThreshold,
    double softNmsSigma, Tensor **selectedScores)) {
    Suppression p = {"nonMaxSuppressionWithScore", maxOutputSize, iouThreshold, scoreThreshold,
                     softNmsSigma};
    if (!want_boxes(&p, boxes, scores)) return nothing();
    Scope *s = tn_scope_begin();
    Tensor *chosen = suppress(&p, boxes, scores, false, NULL);
    Tensor *score = tn_gather(scores, chosen, 0, 0);
    if (softNmsSigma > 0)
        score = tn_mul(score, softened(tn_gather(boxes, chosen, 0, 0), softNmsSigma));
    give(selectedScores, tn_scope_out(s, score));
    return leave(s, chosen);
}
