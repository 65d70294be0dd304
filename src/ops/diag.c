/* diag: a tensor along the diagonal of one of twice its rank. */
#include "tensor/op.h"
#include "ops/slice.gen.h"
#include "ops/view.gen.h"

static void diag_cpu(Call *c) {
    const Tensor *x = c->in[0], *y = c->out[0];
    const int64_t n = x->size, bytes = dtype_bytes(y->dtype);
    memset(u8(y), 0, (size_t)(y->size * bytes));
    for (int64_t i = 0; i < n; i++)
        memcpy(u8(y) + (i * n + i) * bytes, u8(x) + i * bytes, (size_t)bytes);
}

/* The diagonal of dy: every (n + 1)-th element of it. */
static void diag_grad(Call *c, Tensor **dy, Tensor **dx) {
    const Tensor *x = c->in[0];
    int shape[TN_MAX_RANK + 1] = {x->rank};
    memcpy(shape + 1, x->shape, sizeof(int) * (size_t)x->rank);
    Tensor *flat = tn_reshape(dy[0], INTS(-1));
    Tensor *diagonal =
        tn_stridedSlice(flat, INTS(0), INTS(x->size * x->size), INTS(x->size + 1), 0, 0, 0, 0, 0);
    dx[0] = tn_reshape(diagonal, (const Ints *)shape);
}

/* diag: Puts a tensor on the diagonal of one of twice its rank, the rest being 0.
**   x : any [...]                                of rank 1 to 4
**   -> y : dtype of x [...x.shape, ...x.shape]
** > tf.diag([1, 2])   // [[1, 0], [0, 2]]
** > tf.diag([[1, 2]])   // [[[[1, 0]], [[0, 2]]]]
*/
OP(diag, (Tensor * x)) {
    if (failed()) return nothing();
    if (x->rank < 1 || x->rank > TN_MAX_RANK / 2)
        return fail(TN_SHAPE, "diag: x must be of rank 1 to %d, but has shape %s", TN_MAX_RANK / 2,
                    shape_text(x));
    int shape[TN_MAX_RANK];
    for (int i = 0; i < x->rank; i++) shape[i] = shape[x->rank + i] = x->shape[i];
    return run(&diag_op, IN(x), OUT(make(x->dtype, 2 * x->rank, shape)), NULL, 0);
}
IMPL(diag, .cpu = diag_cpu, .gl = "diag", .grad = diag_grad, .any = true);
