/* Matrix products: matMul, dot. The kernel is the packed GEMM of backend/cpu/gemm.c. */
#include "tensor/op.h"
#include "backend/cpu/gemm.h"
#include "ops/attrs.h"
#include "ops/complex.h"
#include "ops/matmul.gen.h"
#include "ops/view.gen.h"

/* Whole numbers are rare: plain loops, whose sums wrap. */
static void int_product(Call *c, const MatMul *g) {
    int64_t row = g->transpose_a ? 1 : g->k, column = g->transpose_a ? g->m : 1;
    int64_t b_row = g->transpose_b ? 1 : g->n, b_column = g->transpose_b ? g->k : 1;
    int *y = i32(c->out[0]);
    for (int i = 0; i < g->batch; i++) {
        const int *a = i32(c->in[0]) + (int64_t)i * g->stride_a;
        const int *b = i32(c->in[1]) + (int64_t)i * g->stride_b;
        for (int r = 0; r < g->m; r++)
            for (int s = 0; s < g->n; s++, y++) {
                *y = 0;
                for (int k = 0; k < g->k; k++)
                    *y += a[r * row + k * column] * b[k * b_row + s * b_column];
            }
    }
}

static void matMul_cpu(Call *c) {
    const MatMul *g = c->attrs;
    if (c->out[0]->dtype == TN_INT32) {
        int_product(c, g);
        return;
    }
    const float *a = f32(c->in[0]), *b = f32(c->in[1]);
    float *y = f32(c->out[0]);
    Gemm p = {.m = g->m, .n = g->n, .k = g->k, .c_rs = g->n, .end = EPILOGUE_NONE};
    p.a_rs = g->transpose_a ? 1 : g->k;
    p.a_cs = g->transpose_a ? g->m : 1;
    p.b_rs = g->transpose_b ? 1 : g->n;
    p.b_cs = g->transpose_b ? g->k : 1;
    for (int i = 0; i < g->batch; i++) {
        p.a = a + (int64_t)i * g->stride_a;
        p.b = b + (int64_t)i * g->stride_b;
        p.c = y + (int64_t)i * g->m * g->n;
        if (!gemm(&p)) {
            fail(TN_MEMORY, "matMul: out of memory for the packed panels");
            return;
        }
    }
}

static void matMul_grad(Call *c, Tensor **dy, Tensor **dx) {
    const MatMul *g = c->attrs;
    Tensor *a = c->in[0], *b = c->in[1], *d = dy[0];
    bool ta = g->transpose_a, tb = g->transpose_b;
    if (wants(c, 0)) dx[0] = ta ? tn_matMul(b, d, tb, true) : tn_matMul(d, b, false, !tb);
    if (wants(c, 1)) dx[1] = tb ? tn_matMul(d, a, true, ta) : tn_matMul(a, d, !ta, false);
}

/* Batch axes of x brought to the shape of the product's: as they are, one matrix, or repeated. */
static Tensor *spread(Tensor *x, int rank, const int *batch) {
    int shape[TN_MAX_RANK + 1] = {rank};
    bool whole = x->rank == rank, single = true;
    for (int i = 0; i < rank - 2; i++) {
        int from = i - (rank - x->rank), size = from >= 0 ? x->shape[from] : 1;
        whole &= size == batch[i];
        single &= size == 1;
        shape[1 + i] = batch[i];
    }
    if (whole || single) return x;
    shape[rank - 1] = x->shape[x->rank - 2];
    shape[rank] = x->shape[x->rank - 1];
    return tn_broadcastTo(x, (const Ints *)shape);
}

static int batches(const Tensor *x) { return outer_size(x, x->rank - 2); }

/* matMul: Product of two matrices, or of two stacks of them.
**   a : [..., m, k] | [..., k, m]      the latter if transposeA
**   b : [..., k, n] | [..., n, k]      the latter if transposeB; leading axes broadcast
**   transposeA : bool = false          use the transpose of a
**   transposeB : bool = false          use the transpose of b
**   -> y : float32|int32 [..., m, n]   int32 if neither a nor b is float32
** > tf.matMul([[1, 2], [3, 4]], [[5, 6], [7, 8]])   // [[19, 22], [43, 50]]
** > tf.matMul(tf.ones([2, 3, 2]), [[1, 2]], false, true)   // [[[3], [3], [3]], [[3], [3], [3]]]
** > tf.matMul(tf.eye(2, 2, null, 'int32'), [[true, false], [true, true]])   // [[1, 0], [1, 1]]
*/
OP(matMul, (Tensor * a, Tensor *b, bool transposeA, bool transposeB)) {
    if (failed()) return nothing();
    if (a->rank < 2 || b->rank < 2)
        return fail(TN_SHAPE, "matMul: a and b must be of rank 2 or more, but have shapes %s, %s",
                    shape_text(a), shape_text(b));
    MatMul g = {.transpose_a = transposeA, .transpose_b = transposeB};
    g.m = a->shape[a->rank - 2 + transposeA];
    g.k = a->shape[a->rank - 1 - transposeA];
    g.n = b->shape[b->rank - 1 - transposeB];
    int inner = b->shape[b->rank - 2 + transposeB];
    if (g.k != inner)
        return fail(TN_SHAPE,
                    "matMul: inner shapes (%d) and (%d) of Tensors with shapes %s and %s and "
                    "transposeA=%s and transposeB=%s must match",
                    g.k, inner, shape_text(a), shape_text(b), transposeA ? "true" : "false",
                    transposeB ? "true" : "false");
    Scope *s = tn_scope_begin();
    int rank = a->rank > b->rank ? a->rank : b->rank, shape[TN_MAX_RANK];
    Tensor *heads[2] = {make(TN_BOOL, a->rank - 2, a->shape), make(TN_BOOL, b->rank - 2, b->shape)};
    int head;
    if (failed() || !broadcast_shape("matMul", heads[0], heads[1], &head, shape))
        return leave(s, nothing());
    DType dtype = upcast(a->dtype, b->dtype);
    if (dtype == TN_COMPLEX64) return leave(s, complex_matMul(a, b, transposeA, transposeB));
    a = to_dtype(spread(a, rank, shape), dtype);
    b = to_dtype(spread(b, rank, shape), dtype);
    shape[rank - 2] = g.m;
    shape[rank - 1] = g.n;
    Tensor *y = make(dtype, rank, shape);
    if (failed()) return leave(s, y);
    g.batch = batches(y);
    g.stride_a = batches(a) > 1 ? g.m * g.k : 0;
    g.stride_b = batches(b) > 1 ? g.k * g.n : 0;
    return leave(s, run(&matMul_op, IN(a, b), OUT(y), &g, sizeof g));
}
IMPL(matMul, .cpu = matMul_cpu, .gl = "matMul", .grad = matMul_grad);

/* dot: Product of vectors and matrices: vectors lie down on the left and stand on the right.
**   t1 : [k] | [m, k]
**   t2 : [k] | [k, n]
**   -> y : [] | [m] | [n] | [m, n]
** > tf.dot([1, 2], [[1, 2], [3, 4]])   // [7, 10]
*/
OP(dot, (Tensor * t1, Tensor *t2)) {
    if (failed()) return nothing();
    if (t1->rank < 1 || t1->rank > 2 || t2->rank < 1 || t2->rank > 2)
        return fail(TN_SHAPE, "dot: t1 and t2 must be of rank 1 or 2, but have shapes %s, %s",
                    shape_text(t1), shape_text(t2));
    Tensor *a = t1, *b = t2;
    Scope *s = tn_scope_begin();
    int rank = 0, shape[3];
    if (a->rank == 2) shape[++rank] = a->shape[0];
    if (b->rank == 2) shape[++rank] = b->shape[1];
    shape[0] = rank;
    if (a->rank == 1) a = tn_expandDims(a, 0);
    if (b->rank == 1) b = tn_expandDims(b, 1);
    return leave(s, tn_reshape(tn_matMul(a, b, false, false), (const Ints *)shape));
}
