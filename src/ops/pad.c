/* Tensors made larger: pad, mirrorPad, tile. */
#include "tensor/op.h"
#include "backend/cpu/strided_copy.h"
#include "ops/attrs.h"
#include "ops/join.gen.h"
#include "ops/slice.gen.h"
#include "ops/view.gen.h"

/* Pairs [before, after] for each axis of x, none above its size less `less`; -1: no limit. False
** with the error set. */
static bool pairs_fit(const char *op, const Tensor *x, const Ints *paddings, int less) {
    if (!x->rank)
        fail(TN_SHAPE, "%s: %s(scalar) is not defined. Pass non-scalar to %s", op, op, op);
    else if (paddings->n != 2 * x->rank)
        fail(TN_SHAPE, "%s: paddings has %d numbers, x has rank %d: a pair for each axis", op,
             paddings->n, x->rank);
    for (int k = 0; k < paddings->n && !failed(); k++) {
        const int p = paddings->v[k], most = x->shape[k / 2] - less;
        if (p < 0)
            fail(TN_VALUE, "%s: paddings[%d][%d] is %d, which is negative", op, k / 2, k % 2, p);
        else if (less >= 0 && p > most)
            fail(TN_VALUE, "%s: paddings[%d][%d] is %d, but x.shape[%d] (%d) allows %d", op, k / 2,
                 k % 2, p, k / 2, x->shape[k / 2], most < 0 ? 0 : most);
    }
    return !failed();
}

/* ---- pad ---- */

enum { GRAIN = 65536 }; /* elements of a parallel piece */

/* Rows of y end with the last axis that is padded; what follows it is one element of them. Each
** byte is written once. */
typedef struct Border {
    const Padding *p;
    const int *shape; /* of y */
    int axis, bytes;  /* of a value */
    size_t element;
    uint64_t value;
    const char *x;
    char *y;
} Border;

static char *put_value(const Border *b, char *y, size_t elements) {
    const size_t bytes = elements * b->element;
    if (!b->value) memset(y, 0, bytes);
    else if (b->bytes == 1) memset(y, (int)b->value, bytes);
    else if (b->bytes == 4)
        for (size_t i = 0; i < bytes / 4; i++) ((uint32_t *)y)[i] = (uint32_t)b->value;
    else
        for (size_t i = 0; i < bytes / 8; i++) ((uint64_t *)y)[i] = b->value;
    return y + bytes;
}

/* The row of x that is in row i of y, or -1. */
static int64_t inner_row(const Border *b, int i) {
    int64_t row = 0, size = 1;
    for (int k = b->axis - 1; k >= 0; i /= b->shape[k--]) {
        const int at = i % b->shape[k] - b->p->before[k];
        if (at < 0 || at >= b->p->size[k]) return -1;
        row += at * size;
        size *= b->p->size[k];
    }
    return row;
}

static void pad_rows(void *job, int begin, int end) {
    const Border *b = job;
    const size_t n = (size_t)b->shape[b->axis], before = (size_t)b->p->before[b->axis];
    const size_t size = (size_t)b->p->size[b->axis], run = size * b->element;
    char *y = b->y + (size_t)begin * n * b->element;
    for (int i = begin; i < end; i++) {
        const int64_t row = inner_row(b, i);
        y = put_value(b, y, row < 0 ? n : before);
        if (row < 0) continue;
        memcpy(y, b->x + row * (int64_t)run, run);
        y = put_value(b, y + run, n - before - size);
    }
}

static uint64_t value_bits(DType dtype, Constant v) {
    uint32_t bits;
    memcpy(&bits, &v.real, sizeof bits);
    if (dtype == TN_INT32) return (uint32_t)v.whole;
    if (dtype == TN_BOOL) return v.real != 0;
    return dtype == TN_STRING ? 0 : bits;
}

static void pad_cpu(Call *c) {
    const Padding *p = c->attrs;
    const Tensor *x = c->in[0], *y = c->out[0];
    const int bytes = dtype_bytes(x->dtype);
    int axis = p->rank - 1;
    while (axis > 0 && x->shape[axis] == y->shape[axis]) axis--;
    const int inner = inner_size(y, axis), rows = outer_size(y, axis);
    Border b = {p,
                y->shape,
                axis,
                bytes,
                (size_t)inner * (size_t)bytes,
                value_bits(x->dtype, p->value),
                x->storage->data,
                y->storage->data};
    parallel_for(rows, GRAIN / (y->size / rows) + 1, pad_rows, &b);
}

static void pad_grad(Call *c, Tensor **dy, Tensor **dx) {
    const Padding *p = c->attrs;
    int begin[TN_MAX_RANK + 1] = {p->rank}, size[TN_MAX_RANK + 1] = {p->rank};
    memcpy(begin + 1, p->before, sizeof p->before);
    memcpy(size + 1, p->size, sizeof p->size);
    dx[0] = tn_slice(dy[0], (const Ints *)begin, (const Ints *)size);
}

/* pad: Puts a border of one value around a tensor.
**   x : any [...]                 of rank 1 or more
**   paddings : pairs              [before, after] for each axis
**   constantValue : float = 0     the value of the border
**   -> y : dtype of x rank of x   x and its border
** > tf.pad([1, 2], [[1, 2]], 9)   // [9, 1, 2, 9, 9]
** > tf.pad([[1, 2], [3, 4]], [[0, 1], [1, 0]])   // [[0, 1, 2], [0, 3, 4], [0, 0, 0]]
*/
OP(pad, (Tensor * x, const Ints *paddings, double constantValue)) {
    if (failed() || !pairs_fit("pad", x, paddings, -1)) return nothing();
    if (x->dtype == TN_INT32 && !fits_int32(constantValue))
        return fail(TN_VALUE, "pad: constantValue %.10g does not fit int32", constantValue);
    if (x->dtype == TN_STRING && constantValue != 0)
        return fail(TN_DTYPE,
                    "pad: constantValue %g is no text, string tensors take 0 as the "
                    "empty one",
                    constantValue);
    Padding p = {.rank = x->rank, .value = constant_of(constantValue)};
    int shape[TN_MAX_RANK];
    for (int i = 0; i < x->rank; i++) {
        const int *pair = paddings->v + 2 * i;
        const int64_t size = (int64_t)pair[0] + x->shape[i] + pair[1];
        if (size > INT32_MAX)
            return fail(TN_SHAPE, "pad: paddings[%d] (%d and %d) around %d elements is too much", i,
                        pair[0], pair[1], x->shape[i]);
        shape[i] = (int)size;
        p.before[i] = pair[0];
        p.size[i] = x->shape[i];
    }
    return run(&pad_op, IN(x), OUT(make(x->dtype, x->rank, shape)), &p, sizeof p);
}
IMPL(pad, .cpu = pad_cpu, .gl = "pad", .grad = pad_grad, .any = true);

/* ---- mirrorPad ---- */

/* n elements of x along axis from begin, backwards. */
static Tensor *mirrored(Tensor *x, int axis, int begin, int n) {
    if (failed()) return nothing();
    int at[TN_MAX_RANK + 1] = {x->rank}, size[TN_MAX_RANK + 1] = {x->rank};
    for (int i = 0; i < x->rank; i++) size[1 + i] = -1;
    at[1 + axis] = begin;
    size[1 + axis] = n;
    return tn_reverse(tn_slice(x, (const Ints *)at, (const Ints *)size), INTS(axis));
}

/* mirrorPad: Puts a border around a tensor that mirrors what is inside.
**   x : [...]                     of rank 1 or more
**   paddings : pairs              [before, after] for each axis, no more than there is to mirror
**   mode : MirrorMode             'reflect' mirrors at the centre of the outermost element,
**                                 'symmetric' at its edge, so that it is repeated
**   -> y : dtype of x rank of x   x and its border
** > tf.mirrorPad([1, 2, 3], [[2, 1]], 'reflect')   // [3, 2, 1, 2, 3, 2]
** > tf.mirrorPad([[1, 2], [3, 4]], [[1, 0], [0, 2]], 'symmetric')
**     // [[1, 2, 2, 1], [1, 2, 2, 1], [3, 4, 4, 3]]
*/
OP(mirrorPad, (Tensor * x, const Ints *paddings, MirrorMode mode)) {
    if (failed()) return nothing();
    if (mode > MIRROR_SYMMETRIC)
        return fail(TN_VALUE, "mirrorPad: mode %d is not known", (int)mode);
    const int skip = mode == MIRROR_REFLECT;
    if (!pairs_fit("mirrorPad", x, paddings, skip)) return nothing();
    Scope *s = tn_scope_begin();
    Tensor *y = tn_clone(x);
    for (int i = 0; i < x->rank; i++) {
        const int before = paddings->v[2 * i], after = paddings->v[2 * i + 1], n = x->shape[i];
        if (!before && !after) continue;
        Tensor *front = mirrored(y, i, skip, before);
        Tensor *back = mirrored(y, i, n - skip - after, after);
        y = tn_concat(LIST(front, y, back), i);
    }
    return leave(s, y);
}

/* ---- tile ---- */

/* x, of which all axes from this one on make pieces that are repeated. */
static Tensor *repeated(Tensor *x, int axis, int times) {
    if (failed()) return nothing();
    int shape[TN_MAX_RANK + 1] = {x->rank};
    memcpy(shape + 1, x->shape, sizeof(int) * (size_t)x->rank);
    shape[1 + axis] *= times;
    const int outer = outer_size(x, axis), piece = x->shape[axis] * inner_size(x, axis);
    Tensor *y = tn_reshape(x, INTS(outer, 1, piece));
    return tn_reshape(tn_broadcastTo(y, INTS(outer, times, piece)), (const Ints *)shape);
}

/* tile: Repeats a tensor along its axes.
**   x : any [...]
**   reps : ints                   how often, for each axis
**   -> y : dtype of x rank of x   size * reps along each axis
** > tf.tile([1, 2], [2])   // [1, 2, 1, 2]
** > tf.tile([[1], [2]], [2, 3])   // [[1, 1, 1], [2, 2, 2], [1, 1, 1], [2, 2, 2]]
*/
OP(tile, (Tensor * x, const Ints *reps)) {
    if (failed()) return nothing();
    if (reps->n != x->rank)
        return fail(TN_SHAPE, "tile: reps has %d numbers, x has rank %d", reps->n, x->rank);
    for (int i = 0; i < x->rank; i++) {
        if (reps->v[i] < 0)
            return fail(TN_VALUE, "tile: reps[%d] is %d, which is negative", i, reps->v[i]);
        if ((int64_t)x->shape[i] * reps->v[i] > INT32_MAX)
            return fail(TN_SHAPE, "tile: %d times %d elements along axis %d is too much",
                        reps->v[i], x->shape[i], i);
    }
    Scope *s = tn_scope_begin();
    Tensor *y = tn_clone(x);
    for (int i = x->rank - 1; i >= 0; i--)
        if (reps->v[i] != 1) y = repeated(y, i, reps->v[i]);
    return leave(s, y);
}
