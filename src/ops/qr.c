/* QR decomposition of matrices, and the triangular systems that its gradient solves. */
#include "tensor/op.h"
#include "backend/cpu/householder.h"
#include "ops/binary.gen.h"
#include "ops/create.gen.h"
#include "ops/join.gen.h"
#include "ops/linalg.gen.h"
#include "ops/matmul.gen.h"
#include "ops/qr.gen.h"
#include "ops/slice.gen.h"
#include "ops/transpose.gen.h"
#include "ops/unary.gen.h"

/* ---- matrices as parts and wholes, for stacks [..., m, n] ---- */

static int rows_of(const Tensor *x) { return x->shape[x->rank - 2]; }
static int columns_of(const Tensor *x) { return x->shape[x->rank - 1]; }
static int64_t stack_of(const Tensor *x) { return outer_size(x, x->rank - 2); }

static Tensor *flip(Tensor *x) {
    if (failed()) return nothing();
    int perm[TN_MAX_RANK + 1] = {x->rank};
    for (int i = 0; i < x->rank; i++) perm[1 + i] = i;
    perm[x->rank] = x->rank - 2;
    perm[x->rank - 1] = x->rank - 1;
    return tn_transpose(x, (const Ints *)perm, false);
}

/* n rows (back = 2) or columns (back = 1) from the given one on. */
static Tensor *cut(Tensor *x, int back, int from, int n) {
    if (failed()) return nothing();
    int begin[TN_MAX_RANK + 1] = {x->rank}, size[TN_MAX_RANK + 1] = {x->rank};
    memcpy(size + 1, x->shape, sizeof(int) * (size_t)x->rank);
    begin[1 + x->rank - back] = from;
    size[1 + x->rank - back] = n;
    return tn_slice(x, (const Ints *)begin, (const Ints *)size);
}

static Tensor *product(Tensor *a, Tensor *b) { return tn_matMul(a, b, false, false); }
static Tensor *flipped_product(Tensor *a, Tensor *b) { return tn_matMul(a, b, true, false); }
static Tensor *product_flipped(Tensor *a, Tensor *b) { return tn_matMul(a, b, false, true); }

/* ---- triangular systems ---- */

typedef struct Solve {
    int transposed;
} Solve;

static void solve_cpu(Call *c) {
    const Tensor *r = c->in[0], *b = c->in[1];
    const int n = rows_of(b), k = columns_of(b);
    for (int64_t i = 0; i < stack_of(b); i++)
        solve_upper(f32(r) + i * n * n, f32(b) + i * n * k, n, k, ((Solve *)c->attrs)->transposed,
                    f32(c->out[0]) + i * n * k);
}

static void solve_grad(Call *c, Tensor **dy, Tensor **dx);
static const Op solve_op = {.name = "solveUpper",
                            .cpu = solve_cpu,
                            .gl_why = "each row needs the one before",
                            .grad = solve_grad};

/* x [..., n, k] of r x = b, or of r^T x = b; r [..., n, n] is upper triangular. */
static Tensor *solve(Tensor *r, Tensor *b, bool transposed) {
    if (failed()) return nothing();
    return run(&solve_op, IN(r, b), OUT(make_like(b)), &(Solve){transposed}, sizeof(Solve));
}

static void solve_grad(Call *c, Tensor **dy, Tensor **dx) {
    const bool transposed = ((const Solve *)c->attrs)->transposed;
    Tensor *x = c->out[0], *db = solve(c->in[0], dy[0], !transposed);
    dx[1] = db;
    if (!wants(c, 0)) return;
    Tensor *dr = transposed ? product_flipped(x, db) : product_flipped(db, x);
    dx[0] = tn_bandPart(tn_neg(dr), 0, -1);
}

/* ---- gradient ---- */

/* Gradient of a square or tall matrix: (dq + q low(r dr^T - dq^T q)) r^-T, where low mirrors the
** lower triangle (Liao, Liu, Wang, Xiang: Differentiable Programming Tensor Networks, 2019). */
static Tensor *tall_grad(Tensor *q, Tensor *r, Tensor *dq, Tensor *dr) {
    Tensor *m = tn_sub(product_flipped(r, dr), flipped_product(dq, q));
    Tensor *lower = tn_bandPart(m, -1, 0);
    Tensor *mirrored = tn_sub(tn_add(lower, flip(lower)), tn_bandPart(m, 0, 0));
    return flip(solve(r, flip(tn_add(dq, product(q, mirrored))), false));
}

/* A wide matrix is [a, b] with a square: q and part of r are a's, the rest of r is q^T b. */
static Tensor *wide_grad(Tensor *x, Tensor *q, Tensor *r, Tensor *dq, Tensor *dr) {
    const int m = rows_of(x), rest = columns_of(x) - m;
    Tensor *b = cut(x, 1, m, rest), *db = cut(dr, 1, m, rest);
    dq = tn_add(dq, product_flipped(b, db));
    Tensor *da = tall_grad(q, cut(r, 1, 0, m), dq, cut(dr, 1, 0, m));
    return tn_concat(LIST(da, product(q, db)), -1);
}

/* What the columns that complete q = [q1, q2] send back to q1 = [top; bottom]. Reflections that
** make q1 of I = [1; 0] make q2 = [0; 1] + (q1 - I) w with w = (top - 1)^-T bottom^T (Ballard and
** others: Reconstructing Householder Vectors from Tall-Skinny QR, 2014). */
static Tensor *completed_grad(Tensor *q1, Tensor *dq1, Tensor *dq2) {
    if (failed()) return nothing();
    const int m = rows_of(q1), n = columns_of(q1);
    Tensor *e = tn_sub(q1, tn_eye(m, INTS(n), NULL, TN_FLOAT32));
    const List *parts = tn_qr(cut(e, 2, 0, n), false);
    if (failed()) return nothing();
    Tensor *q = parts->v[0], *r = parts->v[1];
    Tensor *w = product(q, solve(r, flip(cut(q1, 2, n, m - n)), true));
    Tensor *z = solve(r, flipped_product(q, flipped_product(e, dq2)), false);
    Tensor *back = tn_concat(LIST(tn_neg(product_flipped(w, z)), flip(z)), -2);
    return tn_add(tn_add(dq1, product_flipped(dq2, w)), back);
}

static void qr_grad(Call *c, Tensor **dy, Tensor **dx) {
    Tensor *x = c->in[0], *q = c->out[0], *r = c->out[1], *dq = dy[0], *dr = dy[1];
    const int m = rows_of(x), n = columns_of(x);
    if (m < n) {
        dx[0] = wide_grad(x, q, r, dq, dr);
        return;
    }
    if (columns_of(q) > n) {
        Tensor *q1 = cut(q, 1, 0, n);
        dq = completed_grad(q1, cut(dq, 1, 0, n), cut(dq, 1, n, m - n));
        q = q1, r = cut(r, 2, 0, n), dr = cut(dr, 2, 0, n);
    }
    dx[0] = tall_grad(q, r, dq, dr);
}

/* ---- the op ---- */

typedef struct Job {
    const float *x;
    float *q, *r;
    int m, n, columns;
    bool *short_of_memory;
} Job;

static void decompose_some(void *job, int begin, int end) {
    const Job *j = job;
    const int64_t stride = (int64_t)j->m * j->n, q_stride = (int64_t)j->m * j->columns;
    const int64_t r_stride = (int64_t)j->columns * j->n;
    for (int i = begin; i < end; i++)
        if (!qr_decompose(j->x + i * stride, j->m, j->n, j->columns, j->q + i * q_stride,
                          j->r + i * r_stride))
            __atomic_store_n(j->short_of_memory, true, __ATOMIC_RELAXED);
}

static void qr_cpu(Call *c) {
    const Tensor *x = c->in[0], *q = c->out[0];
    bool short_of_memory = false;
    Job j = {f32(x),        f32(q),        f32(c->out[1]),  rows_of(x),
             columns_of(x), columns_of(q), &short_of_memory};
    const int stack = (int)stack_of(x);
    if (stack == 1) decompose_some(&j, 0, 1); /* which has threads of its own */
    else parallel_for(stack, 1, decompose_some, &j);
    if (short_of_memory) fail(TN_MEMORY, "qr: out of memory for columns and reflections");
}

/* linalg.qr: Decomposes matrices into orthonormal columns times an upper triangle.
**   x : [..., m, n]
**   fullMatrices : bool = false        complete q to m columns, even if m > n
**   -> parts : pair of float32 [...]   q [..., m, k] and r [..., k, n], where q r = x; k is the
**                                      smaller of m and n, or m if fullMatrices
** > tf.linalg.qr([[3, 1], [4, 2]])   // [[[-0.6, 0.8], [-0.8, -0.6]], [[-5, -2.2], [0, -0.4]]]
** > tf.linalg.qr([[3, 1, 2], [-4, 1, 0.5]])
**     // [[[-0.6, -0.8], [0.8, -0.6]], [[-5, 0.2, -0.8], [0, -1.4, -1.9]]]
** > tf.linalg.qr([[3], [4]], true)   // [[[-0.6, -0.8], [-0.8, 0.6]], [[-5], [0]]]
*/
LISTOP(qr, (Tensor * x, bool fullMatrices)) {
    if (failed()) return make_list(0);
    if (x->rank < 2) {
        fail(TN_SHAPE, "qr: qr() requires input tensor to have a rank >= 2, but got rank %d",
             x->rank);
        return make_list(0);
    }
    const int m = rows_of(x), n = columns_of(x), k = fullMatrices || m < n ? m : n;
    int q_shape[TN_MAX_RANK], r_shape[TN_MAX_RANK];
    memcpy(q_shape, x->shape, sizeof q_shape);
    memcpy(r_shape, x->shape, sizeof r_shape);
    q_shape[x->rank - 1] = r_shape[x->rank - 2] = k;
    Scope *s = tn_scope_begin();
    Tensor *parts[] = {make(TN_FLOAT32, x->rank, q_shape), make(TN_FLOAT32, x->rank, r_shape)};
    run(&qr_op, IN(to_float(x)), parts, 2, NULL, 0);
    List *list = make_list(failed() ? 0 : 2);
    for (int i = 0; i < list->n; i++) list->v[i] = tn_scope_out(s, parts[i]);
    tn_scope_end(s);
    return list;
}
IMPL(qr, .cpu = qr_cpu, .gl_why = "each column needs the one before", .grad = qr_grad);
