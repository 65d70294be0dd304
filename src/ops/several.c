/* Ops on several tensors or on shapes: addN, bitwiseAnd, meshgrid, broadcastArgs, ensureShape. */
#include "tensor/op.h"
#include "ops/binary.gen.h"
#include "ops/view.gen.h"

/* addN: The sum of tensors.
**   tensors : list of [...]   one or more numeric tensors of the same shape and dtype
**   -> y : like tensors
** > tf.addN([[1, 2], [3, 4], [5, 6]])   // [9, 12]
*/
OP(addN, (const List *tensors)) {
    if (failed()) return nothing();
    if (!tensors->n)
        return fail(TN_VALUE, "addN: Must pass at least one tensor to tf.addN(), but got 0");
    Tensor *first = tensors->v[0];
    for (int i = 1; i < tensors->n; i++) {
        const Tensor *x = tensors->v[i];
        if (x->dtype != first->dtype)
            return fail(TN_DTYPE,
                        "addN: All tensors passed to tf.addN() must have the same dtype, "
                        "but tensors[%d] is %s, tensors[0] %s",
                        i, dtype_name(x->dtype), dtype_name(first->dtype));
        if (!same_shape(x, first))
            return fail(TN_SHAPE,
                        "addN: All tensors passed to tf.addN() must have the same shape, "
                        "but tensors[%d] has %s, tensors[0] %s",
                        i, shape_text(x), shape_text(first));
    }
    Scope *s = tn_scope_begin();
    Tensor *y = tn_clone(first);
    for (int i = 1; i < tensors->n; i++) y = tn_add(y, tensors->v[i]);
    return leave(s, y);
}

static void bitwiseAnd_cpu(Call *c) {
    const int *a = i32(c->in[0]), *b = i32(c->in[1]);
    int *restrict y = i32(c->out[0]);
    for (int i = 0; i < c->out[0]->size; i++) y[i] = a[i] & b[i];
}

/* bitwiseAnd: The bits that both have.
**   x : int32 [...]
**   y : int32 [...]      of the same shape
**   -> z : int32 [...]   of this shape
** > tf.bitwiseAnd([12, 7], [10, -2])   // [8, 6]
*/
OP(bitwiseAnd, (Tensor * x, Tensor *y)) {
    if (failed()) return nothing();
    if (!same_shape(x, y))
        return fail(TN_SHAPE,
                    "bitwiseAnd: BitwiseAnd: Tensors must have the same shape. x: %s, "
                    "y: %s",
                    shape_text(x), shape_text(y));
    if (x->dtype != TN_INT32 || y->dtype != TN_INT32)
        return fail(TN_DTYPE,
                    "bitwiseAnd: BitwiseAnd: Only supports 'int32' values in tensor, found "
                    "type of x: %s and type of y: %s",
                    dtype_name(x->dtype), dtype_name(y->dtype));
    return run(&bitwiseAnd_op, IN(x, y), OUT(make_like(x)), NULL, 0);
}
/* Of int32 alone: the expression of floats is never asked for. */
IMPL(bitwiseAnd, .cpu = bitwiseAnd_cpu, .gl = "=a", .gl_int = "a & b", .constant = true);

/* meshgrid: The coordinates of a grid: its columns' x and its rows' y, each for all its points.
**   x : any [...] = null           read as a vector [w]; nothing comes of none
**   y : any [...] = null           read as [h]; x alone comes back if not given
**   indexing : Indexing = 'xy'     results are [h, w] ('xy') or [w, h] ('ij')
**   -> grids : list of any [...]   x and y for each point, as they are
** > tf.meshgrid([1, 2], [3, 4, 5])   // [[[1, 2], [1, 2], [1, 2]], [[3, 3], [4, 4], [5, 5]]]
** > tf.meshgrid([1, 2], [3, 4, 5], 'ij')   // [[[1, 1, 1], [2, 2, 2]], [[3, 4, 5], [3, 4, 5]]]
** In JavaScript indexing may also be an object, {indexing: 'ij'}, as TensorFlow.js has it.
*/
LISTOP(meshgrid, (Tensor * x, Tensor *y, Indexing indexing)) {
    if (!failed() && indexing > INDEXING_IJ)
        fail(TN_VALUE, "meshgrid: indexing %d is not known", (int)indexing);
    if (failed() || !x) return make_list(0);
    Scope *s = tn_scope_begin();
    const bool xy = indexing == INDEXING_XY;
    const int w = x->size, h = y ? y->size : 0;
    const Ints *shape = xy ? INTS(h, w) : INTS(w, h), *row = INTS(1, xy ? w : h),
               *column = INTS(xy ? h : w, 1);
    Tensor *grid[] = {x, y};
    if (!y) grid[0] = tn_clone(x);
    else {
        grid[0] = tn_broadcastTo(tn_reshape(x, xy ? row : column), shape);
        grid[1] = tn_broadcastTo(tn_reshape(y, xy ? column : row), shape);
    }
    List *list = make_list(failed() ? 0 : y ? 2 : 1);
    for (int i = 0; i < list->n; i++) list->v[i] = tn_scope_out(s, grid[i]);
    tn_scope_end(s);
    return list;
}

/* broadcastArgs: The shape that two shapes broadcast to.
**   s0 : int32 [rank]     sizes, -1 where one is not known
**   s1 : int32 [rank]     sizes
**   -> y : int32 [rank]   as long as the longer one
** > tf.broadcastArgs([1, 4], [3, 1, 1])   // [3, 1, 4]
*/
OP(broadcastArgs, (Tensor * s0, Tensor *s1)) {
    const char *op = "broadcastArgs";
    if (!want_dtype(op, "s0", s0, TN_INT32) || !want_dtype(op, "s1", s1, TN_INT32))
        return nothing();
    if (s0->rank != 1 || s1->rank != 1)
        return fail(TN_SHAPE, "%s: %s input must be a vector (rank=1). Has rank %d", op,
                    s0->rank == 1 ? "second" : "first", s0->rank == 1 ? s1->rank : s0->rank);
    const int *a = read_ints(s0), *b = read_ints(s1);
    const int n = s0->size > s1->size ? s0->size : s1->size;
    Tensor *y = tn_tensor(TN_INT32, INTS(n), NULL);
    if (failed()) return nothing();
    for (int i = 1; i <= n; i++) {
        const int da = i <= s0->size ? a[s0->size - i] : 1,
                  db = i <= s1->size ? b[s1->size - i] : 1;
        if (da < -1 || db < -1 || (da != db && da != 1 && db != 1)) {
            tn_dispose(y);
            return fail(TN_SHAPE,
                        "%s: Operands could not be broadcast together: sizes %d of s0 and "
                        "%d of s1 at axis %d",
                        op, da, db, n - i);
        }
        i32(y)[n - i] = da == 1 ? db : da;
    }
    return y;
}

/* ensureShape: x if it has a shape; an error if not.
**   x : any [...]
**   shape : shape                  the shape it must have; -1, in JavaScript also null, for any
**                                  size
**   -> y : dtype of x [...shape]   shares its data with x
** > tf.ensureShape([[1, 2], [3, 4]], [2, -1])   // [[1, 2], [3, 4]]
*/
OP(ensureShape, (Tensor * x, const Ints *shape)) {
    if (failed()) return nothing();
    bool fits = shape->n == x->rank;
    for (int i = 0; fits && i < x->rank; i++)
        fits = shape->v[i] == -1 || shape->v[i] == x->shape[i];
    if (fits) return tn_clone(x);
    return fail(TN_SHAPE,
                "ensureShape: EnsureShape: Shape of tensor %s is not compatible with "
                "expected shape %s",
                shape_text(x), ints_text(shape->n, shape->v));
}
