/* where: chooses between two tensors, element by element. */
#include "tensor/op.h"
#include "ops/view.gen.h"
#include "ops/where.gen.h"

/* An operand is whole or one repeated element; run() has been given nothing else. */
static int step_of(const Tensor *x, const Tensor *y) { return x->size == 1 && y->size > 1 ? 0 : 1; }

typedef struct Job {
    const void *condition, *a, *b;
    void *y;
    int stride_c, stride_a, stride_b;
} Job;

#define PICK(name, type)                                                                           \
    static void name(void *job, int begin, int end) {                                              \
        const Job *j = job;                                                                        \
        const uint8_t *c = j->condition;                                                           \
        const type *a = j->a, *b = j->b;                                                           \
        type *restrict y = j->y;                                                                   \
        for (int i = begin; i < end; i++)                                                          \
            y[i] = c[i * j->stride_c] ? a[i * j->stride_a] : b[i * j->stride_b];                   \
    }
PICK(pick_bytes, uint8_t)
PICK(pick_any_words, uint32_t)
PICK(pick_pairs, uint64_t)

/* The commonest: with constant strides they are vectorised. */
static void pick_words(void *job, int begin, int end) {
    const Job *j = job;
    const uint8_t *restrict c = j->condition;
    const uint32_t *restrict a = j->a, *restrict b = j->b;
    uint32_t *restrict y = j->y;
    if (!j->stride_c || j->stride_a + j->stride_b == 0) pick_any_words(job, begin, end);
    else if (!j->stride_b)
        for (int i = begin; i < end; i++) y[i] = c[i] ? a[i] : *b;
    else if (!j->stride_a)
        for (int i = begin; i < end; i++) y[i] = c[i] ? *a : b[i];
    else
        for (int i = begin; i < end; i++) y[i] = c[i] ? a[i] : b[i];
}

static void where_cpu(Call *call) {
    const Tensor *c = call->in[0], *a = call->in[1], *b = call->in[2], *y = call->out[0];
    Job j = {c->storage->data, a->storage->data, b->storage->data, y->storage->data,
             step_of(c, y),    step_of(a, y),    step_of(b, y)};
    const int bytes = dtype_bytes(y->dtype);
    parallel_for(y->size, 16384,
                 bytes == 1   ? pick_bytes
                 : bytes == 4 ? pick_words
                              : pick_pairs,
                 &j);
}

static void where_grad(Call *call, Tensor **dy, Tensor **dx) {
    Tensor *zero = tn_scalar(0);
    if (wants(call, 1)) dx[1] = tn_where(call->in[0], dy[0], zero);
    if (wants(call, 2)) dx[2] = tn_where(call->in[0], zero, dy[0]);
}

/* x as it is if it is whole or one element, else repeated to the shape. */
static Tensor *fit(Tensor *x, int rank, const int *shape) {
    if (failed() || x->size == 1) return x;
    if (x->rank == rank && !memcmp(x->shape, shape, sizeof(int) * (size_t)rank)) return x;
    int whole[TN_MAX_RANK + 1] = {rank};
    memcpy(whole + 1, shape, sizeof(int) * (size_t)rank);
    return tn_broadcastTo(x, (const Ints *)whole);
}

/* where: a where the condition holds, else b; all three broadcast.
**   condition : bool [...]
**   a : any [...]
**   b : any [...]              the result has the wider dtype of both
**   -> y : usually rank of a   the broadcast shape
**   not a method
** > tf.where([true, false, true], [1, 2, 3], [4, 5, 6])   // [1, 5, 3]
*/
OP(where, (Tensor * condition, Tensor *a, Tensor *b)) {
    int rank, shape[TN_MAX_RANK];
    if (failed() || !broadcast_shape("where", a, b, &rank, shape)) return nothing();
    if (condition->dtype != TN_BOOL)
        return fail(TN_DTYPE, "where: condition must be bool, but is %s",
                    dtype_name(condition->dtype));
    Scope *s = tn_scope_begin();
    DType dtype = a->dtype == b->dtype ? a->dtype : upcast(a->dtype, b->dtype);
    Tensor *both = make(dtype, rank, shape); /* only its shape is used */
    if (!broadcast_shape("where", condition, both, &rank, shape)) return leave(s, nothing());
    condition = fit(condition, rank, shape);
    a = to_dtype(fit(a, rank, shape), dtype);
    b = to_dtype(fit(b, rank, shape), dtype);
    return leave(s, run(&where_op, IN(condition, a, b), OUT(make(dtype, rank, shape)), NULL, 0));
}
IMPL(where, .cpu = where_cpu, .gl = "=a != 0.0f ? b : c", .gl_int = "a != 0.0 ? b : c",
     .grad = where_grad, .any = true);
