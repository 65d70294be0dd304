/* Moments and norms, said with reductions. */
#include "ops/reduce.h"
#include "ops/binary.gen.h"
#include "ops/reduce.gen.h"
#include "ops/stats.gen.h"
#include "ops/unary.gen.h"
#include "ops/view.gen.h"

/* y without its axes of size 1 that `axes` names, unless they are to be kept. */
static Tensor *drop_axes(Tensor *y, unsigned axes, bool keepDims) {
    if (failed() || keepDims) return y;
    int shape[TN_MAX_RANK + 1] = {0};
    for (int i = 0; i < y->rank; i++)
        if (!(axes >> i & 1)) shape[++shape[0]] = y->shape[i];
    return tn_reshape(y, (const Ints *)shape);
}

/* moments: Mean and variance of elements, over all axes or some.
**   x : [...]
**   axis : ints = null            which axes; all if not given
**   keepDims : bool = false       keep them with size 1
**   -> mean : float32 [...]
**   -> variance : float32 [...]   the mean of (x - mean) squared
** > tf.moments([[1, 2], [3, 6]], 0)   // {mean: [2, 4], variance: [1, 4]}
*/
OP(moments, (Tensor * x, const Ints *axis, bool keepDims, Tensor **variance)) {
    if (failed()) return nothing();
    unsigned axes = axes_of("moments", axis, x->rank);
    if (failed()) return nothing();
    Scope *s = tn_scope_begin();
    x = to_float(x);
    Tensor *mean = tn_mean(x, axis, true);
    Tensor *spread = tn_mean(tn_squaredDifference(x, mean), axis, true);
    mean = drop_axes(mean, axes, keepDims);
    give(variance, tn_scope_out(s, drop_axes(spread, axes, keepDims)));
    return leave(s, mean);
}

typedef enum NormKind {
    NORM_1,
    NORM_2,
    NORM_MAX,
    NORM_MIN,
    NORM_EUCLIDEAN,
    NORM_FRO,
    NORMS
} NormKind;

static NormKind norm_kind(const char *ord) {
    static const char *const names[NORMS] = {"1", "2", "Infinity", "-Infinity", "euclidean", "fro"};
    int kind = 0;
    while (kind < NORMS && strcmp(ord ? ord : "euclidean", names[kind])) kind++;
    return (NormKind)kind;
}

static Tensor *root_of_squares(Tensor *x, const Ints *axis) {
    return tn_sqrt(tn_sum(tn_square(x), axis, true));
}

/* Norm of vectors along the axis, which stays with size 1; NULL: there is none of this kind. */
static Tensor *vector_norm(Tensor *x, NormKind kind, const Ints *axis) {
    switch (kind) {
    case NORM_1: return tn_sum(tn_abs(x), axis, true);
    case NORM_MAX: return tn_max(tn_abs(x), axis, true);
    case NORM_MIN: return tn_min(tn_abs(x), axis, true);
    case NORM_2:
    case NORM_EUCLIDEAN: return root_of_squares(x, axis);
    default: return NULL;
    }
}

/* Norm of matrices with these rows and columns, which stay with size 1. */
static Tensor *matrix_norm(Tensor *x, NormKind kind, const Ints *axis) {
    const Ints *rows = INTS(axis->v[0]), *columns = INTS(axis->v[1]);
    switch (kind) {
    case NORM_1: return tn_max(tn_sum(tn_abs(x), rows, true), columns, true);
    case NORM_MAX: return tn_max(tn_sum(tn_abs(x), columns, true), rows, true);
    case NORM_MIN: return tn_min(tn_sum(tn_abs(x), columns, true), rows, true);
    case NORM_FRO:
    case NORM_EUCLIDEAN: return root_of_squares(x, axis);
    default: return NULL;
    }
}

/* norm: Length of vectors, or size of matrices.
**   x : [...]
**   ord : float | string = 'euclidean'   of vectors 1, 2, Infinity, -Infinity or 'euclidean',
**                                        which is 2; of matrices 1 (largest column sum), Infinity,
**                                        -Infinity (largest, smallest row sum), 'fro' or
**                                        'euclidean'
**   axis : ints = null                   one axis: of the vectors; two: rows and columns of the
**                                        matrices; all elements as one vector if not given
**   keepDims : bool = false              keep the axes with size 1
**   -> y : float32 [...]                 the norms
** > tf.norm([3, -4])   // 5
** > tf.norm([[1, -2], [3, 4.5]], 1, [0, 1])   // 6.5
** > tf.norm([[1, -2], [3, 4.5]], Infinity, 1)   // [2, 4.5]
*/
OP(norm, (Tensor * x, const char *ord, const Ints *axis, bool keepDims)) {
    if (failed() || x->rank == 0) return tn_abs(x);
    unsigned axes = axes_of("norm", axis, x->rank);
    if (failed()) return nothing();
    NormKind kind = norm_kind(ord);
    int given = axis ? axis->n : 0;
    if (given > 2 || (given == 2 && !(axes & (axes - 1))))
        return fail(TN_VALUE, "norm: axis must be one axis, or two different ones, but is %s",
                    ints_text(given, axis->v));
    Scope *s = tn_scope_begin();
    Tensor *y = given == 2 ? matrix_norm(x, kind, axis) : vector_norm(x, kind, axis);
    if (y) return leave(s, drop_axes(y, axes, keepDims));
    return leave(s, fail(TN_VALUE, "norm: invalid ord value: %s of %s", ord,
                         given == 2 ? "a matrix" : "a vector"));
}

/* euclideanNorm: Length of vectors: the square root of the sum of squares.
**   x : [...]
**   axis : ints = null        which axes; all if not given
**   keepDims : bool = false   keep them with size 1
**   -> y : float32 [...]
** > tf.euclideanNorm([[3, -4], [6, 8]], 1)   // [5, 10]
*/
OP(euclideanNorm, (Tensor * x, const Ints *axis, bool keepDims)) {
    return tn_norm(x, "euclidean", axis, keepDims);
}
