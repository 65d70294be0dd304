/* Linear algebra: bands of matrices, outer products, orthonormal vectors. */
#include "tensor/op.h"
#include "ops/binary.gen.h"
#include "ops/join.gen.h"
#include "ops/linalg.gen.h"
#include "ops/qr.gen.h"
#include "ops/slice.gen.h"
#include "ops/transpose.gen.h"
#include "ops/unary.gen.h"
#include "ops/view.gen.h"

/* ---- bandPart ---- */

typedef struct Band {
    int lower, upper;  /* diagonals kept below and above the main one; all if negative */
    int rows, columns; /* of a matrix */
} Band;

static void bandPart_cpu(Call *c) {
    const Band *band = c->attrs;
    const Tensor *x = c->in[0], *y = c->out[0];
    const int64_t m = band->rows, n = band->columns;
    const int64_t bytes = dtype_bytes(x->dtype), rows = x->size / n;
    memset(u8(y), 0, (size_t)(y->size * bytes));
    for (int64_t i = 0; i < rows; i++) {
        const int64_t first = i % m - band->lower, last = i % m + band->upper;
        const int64_t begin = band->lower < 0 || first < 0 ? 0 : first;
        const int64_t end = band->upper < 0 || last >= n ? n : last + 1;
        const int64_t at = (i * n + begin) * bytes;
        if (begin < end) memcpy(u8(y) + at, u8(x) + at, (size_t)((end - begin) * bytes));
    }
}

static void bandPart_grad(Call *c, Tensor **dy, Tensor **dx) {
    const Band *band = c->attrs;
    dx[0] = tn_bandPart(dy[0], band->lower, band->upper);
}

/* linalg.bandPart: Keeps a band around the diagonal of each matrix; the rest becomes 0.
**   a : any [..., m, n]
**   numLower : int        diagonals to keep below the main one, at most m; negative: all
**   numUpper : int        diagonals to keep above it, at most n; negative: all
**   -> y : like a
** > tf.linalg.bandPart([[1, 2], [4, 5], [7, 8]], 0, -1)   // [[1, 2], [0, 5], [0, 0]]
** > tf.linalg.bandPart([[1, 2, 3], [4, 5, 6]], 1, 0)   // [[1, 0, 0], [4, 5, 0]]
*/
OP(bandPart, (Tensor * a, int numLower, int numUpper)) {
    if (failed()) return nothing();
    if (a->rank < 2) return fail(TN_SHAPE, "bandPart: Rank must be at least 2, got %d.", a->rank);
    const int m = a->shape[a->rank - 2], n = a->shape[a->rank - 1];
    if (numLower > m)
        return fail(TN_VALUE,
                    "bandPart: numLower (%d) must not be greater than the number of rows "
                    "(%d).",
                    numLower, m);
    if (numUpper > n)
        return fail(TN_VALUE,
                    "bandPart: numUpper (%d) must not be greater than the number of "
                    "columns (%d).",
                    numUpper, n);
    const Band band = {numLower, numUpper, m, n};
    return run(&bandPart_op, IN(a), OUT(make_like(a)), &band, sizeof band);
}
IMPL(bandPart, .cpu = bandPart_cpu, .gl = "bandPart", .grad = bandPart_grad, .any = true);

/* ---- products and bases ---- */

/* outerProduct: Every element of one vector times every element of another.
**   v1 : [m]
**   v2 : [n]
**   -> y : [m, n]
** > tf.outerProduct([1, 2, 3], [4, 5])   // [[4, 5], [8, 10], [12, 15]]
*/
OP(outerProduct, (Tensor * v1, Tensor *v2)) {
    if (failed()) return nothing();
    if (v1->rank != 1 || v2->rank != 1)
        return fail(TN_SHAPE,
                    "outerProduct: Error in outerProduct: inputs must be rank 1, but got "
                    "ranks %d and %d.",
                    v1->rank, v2->rank);
    Scope *s = tn_scope_begin();
    return leave(s, tn_mul(tn_expandDims(v1, 1), tn_expandDims(v2, 0)));
}

/* Rows of x [n, d], n <= d, made orthonormal from the first on: the columns that qr makes of x^T,
** each turned to the side where its own vector lies, which makes r's diagonal positive. */
static Tensor *orthonormal_rows(Tensor *x) {
    const int n = x->shape[0];
    const List *parts = tn_qr(tn_transpose(x, NULL, false), false);
    if (failed()) return nothing();
    Tensor *q = parts->v[0], *r = parts->v[1];
    Tensor *diagonal =
        tn_stridedSlice(tn_reshape(r, INTS(-1)), INTS(0), INTS(n * n), INTS(n + 1), 0, 0, 0, 0, 0);
    return tn_transpose(tn_mul(q, tn_sign(diagonal)), NULL, false);
}

static bool want_vectors(const List *xs) {
    if (!xs->n) {
        fail(TN_VALUE, "gramSchmidt: Gram-Schmidt process: input must not be null, undefined, or "
                       "empty");
        return false;
    }
    const Tensor *first = xs->v[0];
    const bool matrix = xs->n == 1 && first->rank == 2;
    for (int i = 0; i < xs->n && !matrix; i++) {
        const Tensor *x = xs->v[i];
        if (!want_rank("gramSchmidt", "xs", x, 1)) return false;
        if (x->shape[0] == first->shape[0]) continue;
        fail(TN_SHAPE,
             "gramSchmidt: Gram-Schmidt: Non-unique lengths found in the input vectors: "
             "(%d vs. %d)",
             x->shape[0], first->shape[0]);
        return false;
    }
    const int n = matrix ? first->shape[0] : xs->n, d = first->shape[matrix];
    if (n > d)
        fail(TN_SHAPE,
             "gramSchmidt: Gram-Schmidt: Number of vectors (%d) exceeds number of "
             "dimensions (%d).",
             n, d);
    return n <= d;
}

/* linalg.gramSchmidt: Orthonormal vectors that span the same, each of a vector and those before.
**   xs : list of [d]                     n vectors, n <= d, or one matrix [n, d] whose rows they
**                                        are; in JavaScript the matrix may stand alone, and so
**                                        stands the result
**   -> basis : list of float32 like xs   of length 1, each at a right angle to all others; a
**                                        vector that depends on those before gives zeros, or what
**                                        rounding left of it
** > tf.linalg.gramSchmidt([[3, 4], [1, 3]])   // [[0.6, 0.8], [-0.8, 0.6]]
** > tf.linalg.gramSchmidt([[3, 0, -4], [4.4, 3, 0.8]])   // [[0.6, 0, -0.8], [0.64, 0.6, 0.48]]
*/
LISTOP(gramSchmidt, (const List *xs)) {
    if (failed() || !want_vectors(xs)) return make_list(0);
    const bool matrix = xs->v[0]->rank == 2;
    Scope *s = tn_scope_begin();
    Tensor *y = orthonormal_rows(to_float(matrix ? xs->v[0] : tn_stack(xs, 0)));
    const List *rows = !matrix && !failed() ? tn_unstack(y, 0) : NULL;
    if (rows && !failed()) {
        for (int i = 0; i < rows->n; i++) tn_scope_out(s, rows->v[i]);
        tn_scope_end(s);
        return rows;
    }
    List *list = make_list(failed() ? 0 : 1);
    if (list->n) list->v[0] = tn_scope_out(s, y);
    tn_scope_end(s);
    return list;
}
