/* Tensors put together and taken apart along an axis: concat, stack, split, unstack. */
#include "tensor/op.h"
#include "backend/cpu/strided_copy.h"
#include "ops/attrs.h"
#include "ops/view.gen.h"

/* Copies between the whole, rows of `width` elements, and its part that begins at `at`. */
static void copy_part(const Join *j, const Tensor *part, char *whole, int width, int at, bool out) {
    if (!part->size) return;
    const int bytes = dtype_bytes(part->dtype), run = part->size / j->outer;
    StridedCopy c = {2, {j->outer, run}, {width, 1}, {run, 1}};
    char *data = part->storage->data;
    whole += (int64_t)at * bytes;
    if (out) {
        strided_copy(&c, whole, data, bytes);
        return;
    }
    c.from[0] = run, c.to[0] = width;
    strided_copy(&c, data, whole, bytes);
}

static void join_cpu(Call *c) {
    const Join *j = c->attrs;
    Tensor *y = c->out[0];
    for (int i = 0, at = 0; i < c->nin; at += c->in[i++]->size / j->outer)
        copy_part(j, c->in[i], y->storage->data, y->size / j->outer, at, false);
}

static void part_cpu(Call *c) {
    const Join *j = c->attrs;
    Tensor *x = c->in[0];
    for (int i = 0, at = 0; i < c->nout; at += c->out[i++]->size / j->outer)
        copy_part(j, c->out[i], x->storage->data, x->size / j->outer, at, true);
}

/* ---- concat, stack ---- */

extern const Op concat_op, split_op, unstack_op;

/* dy taken apart by op, for all inputs at once. */
static void joined_grad(Call *c, const Op *op, Tensor *dy, Tensor **dx) {
    for (int i = 0; i < c->nin; i++) dx[i] = make_like(c->in[i]);
    run(op, IN(dy), dx, c->nin, c->attrs, sizeof(Join));
}

static void concat_grad(Call *c, Tensor **dy, Tensor **dx) { joined_grad(c, &split_op, *dy, dx); }
static void stack_grad(Call *c, Tensor **dy, Tensor **dx) { joined_grad(c, &unstack_op, *dy, dx); }

static DType common_dtype(const List *tensors) {
    DType d = tensors->v[0]->dtype;
    for (int i = 1; i < tensors->n; i++)
        if (tensors->v[i]->dtype != d) d = upcast(d, tensors->v[i]->dtype);
    return d;
}

/* concat of tensors brought to y's dtype. */
static Tensor *concat_as(Tensor *y, const List *tensors, const Join *j) {
    const size_t bytes = (size_t)tensors->n * sizeof(Tensor *);
    Tensor **in = failed() ? NULL : scratch(bytes);
    if (!in) return nothing();
    for (int i = 0; i < tensors->n; i++) in[i] = to_dtype(tensors->v[i], y->dtype);
    y = run(&concat_op, in, tensors->n, &y, 1, j, sizeof *j);
    scratch_free(in, bytes);
    return y;
}

/* concat: Puts tensors one after another along an axis that they have.
**   tensors : list of any [...]   one or more of the same rank and, but for the axis, the same
**                                 shape; different dtypes become float32 if one of them is, else
**                                 int32
**   axis : int = 0                which axis; negative counts from the end
**   -> y : any rank of tensors    the sum of the sizes along the axis
** > tf.concat([[1, 2], [3]])   // [1, 2, 3]
** > tf.concat([[[1, 2], [3, 4]], [[5], [6]]], 1)   // [[1, 2, 5], [3, 4, 6]]
*/
OP(concat, (const List *tensors, int axis)) {
    if (failed()) return nothing();
    if (tensors->n < 1) return fail(TN_VALUE, "concat: Pass at least one tensor to concat");
    const Tensor *first = tensors->v[0];
    if (!first->rank) return fail(TN_SHAPE, "concat: tensors[0] has rank 0; stack joins scalars");
    axis = axis_of("concat", axis, first->rank);
    if (failed()) return nothing();
    int shape[TN_MAX_RANK];
    int64_t total = 0;
    memcpy(shape, first->shape, sizeof shape);
    for (int i = 0; i < tensors->n; i++) {
        const Tensor *x = tensors->v[i];
        bool fits = x->rank == first->rank;
        for (int k = 0; fits && k < x->rank; k++)
            fits = k == axis || x->shape[k] == first->shape[k];
        if (!fits)
            return fail(TN_SHAPE,
                        "concat: tensors[%d] has shape %s, which does not fit %s of "
                        "tensors[0] along axis %d",
                        i, shape_text(x), shape_text(first), axis);
        total += x->shape[axis];
    }
    if (total > INT32_MAX)
        return fail(TN_SHAPE, "concat: %.0f elements along axis %d are too many", (double)total,
                    axis);
    shape[axis] = (int)total;
    const Join j = {outer_size(first, axis), axis};
    Scope *s = tn_scope_begin();
    if (tensors->n == 1) return leave(s, tn_clone(tensors->v[0]));
    Tensor *y = make(common_dtype(tensors), first->rank, shape);
    return leave(s, concat_as(y, tensors, &j));
}
IMPL(concat, .cpu = join_cpu, .gl = "concat", .grad = concat_grad, .any = true);

/* stack: Puts tensors one after another along a new axis.
**   tensors : list of any [...]     one or more of the same shape and dtype
**   axis : int = 0                  where the new axis goes; negative counts from the end
**   -> y : dtype of tensors [...]   rank one higher than the tensors'
** > tf.stack([1, 2])   // [1, 2]
** > tf.stack([[1, 2], [3, 4]], 1)   // [[1, 3], [2, 4]]
*/
OP(stack, (const List *tensors, int axis)) {
    if (failed()) return nothing();
    if (tensors->n < 1) return fail(TN_VALUE, "stack: Pass at least one tensor to tf.stack");
    const Tensor *first = tensors->v[0];
    if (first->rank == TN_MAX_RANK)
        return fail(TN_SHAPE, "stack: tensors[0] already has rank %d", TN_MAX_RANK);
    axis = axis_of("stack", axis, first->rank + 1);
    for (int i = 1; i < tensors->n; i++) {
        const Tensor *x = tensors->v[i];
        if (!same_shape(x, first))
            return fail(TN_SHAPE, "stack: tensors[%d] has shape %s, tensors[0] has %s", i,
                        shape_text(x), shape_text(first));
        if (x->dtype != first->dtype)
            return fail(TN_DTYPE,
                        "stack: All tensors passed to stack must have matching dtypes, "
                        "but tensors[%d] is %s, tensors[0] %s",
                        i, dtype_name(x->dtype), dtype_name(first->dtype));
    }
    if (failed()) return nothing();
    int shape[TN_MAX_RANK];
    for (int i = 0; i <= first->rank; i++)
        shape[i] = i == axis ? tensors->n : first->shape[i - (i > axis)];
    const Join j = {outer_size(first, axis), axis};
    Tensor *y = make(first->dtype, first->rank + 1, shape);
    return run(&stack_op, (Tensor **)tensors->v, tensors->n, OUT(y), &j, sizeof j);
}
IMPL(stack, .cpu = join_cpu, .gl = "concat", .grad = stack_grad, .any = true);

/* ---- split, unstack ---- */

static void split_grad(Call *c, Tensor **dy, Tensor **dx) {
    dx[0] = run(&concat_op, dy, c->nout, OUT(make_like(c->in[0])), c->attrs, sizeof(Join));
}

static void unstack_grad(Call *c, Tensor **dy, Tensor **dx) {
    dx[0] = run(&stack_op, dy, c->nout, OUT(make_like(c->in[0])), c->attrs, sizeof(Join));
}

/* Runs op on x; the list has its results, with nothing in them yet. */
static const List *part(const Op *op, Tensor *x, List *list, int axis) {
    const Join j = {outer_size(x, axis), axis};
    if (list->n) run(op, IN(x), list->v, list->n, &j, sizeof j);
    return failed() ? make_list(0) : list;
}

/* Number of parts along the axis; the open one (-1) is *open long. -1 with the error set. */
static int parts_of(const Tensor *x, const Ints *sizes, int axis, int *open) {
    const int n = x->shape[axis];
    if (sizes->n == 1 && sizes->v[0] > 0 && n % sizes->v[0] == 0) return sizes->v[0];
    int64_t total = 0;
    int opens = 0;
    for (int i = 0; i < sizes->n; i++) {
        opens += sizes->v[i] == -1;
        total += sizes->v[i] < 0 ? 0 : sizes->v[i];
        if (sizes->v[i] < -1)
            fail(TN_VALUE, "split: numOrSizeSplits[%d] is %d, which is negative", i, sizes->v[i]);
    }
    if (opens > 1)
        fail(TN_VALUE, "split: There should be only one negative value in split array, not %d",
             opens);
    else if (opens ? total > n : total != n)
        fail(TN_VALUE,
             sizes->n == 1 ? "split: Number of splits must evenly divide the axis: "
                             "%.0f does not divide %d"
                           : "split: The sum of sizes must match the size of the axis "
                             "dimension: %.0f is not %d",
             (double)total, n);
    *open = n - (int)total;
    return failed() ? -1 : sizes->n;
}

/* split: Takes a tensor apart along an axis.
**   x : any [...]                             of rank 1 or more
**   numOrSizeSplits : ints                    a number: so many equal parts; a list: the size of
**                                             each part, one may be -1: what is left
**   axis : int = 0                            which axis; negative counts from the end
**   -> parts : list of dtype of x rank of x   the parts
** > tf.split([1, 2, 3, 4], 2)   // [[1, 2], [3, 4]]
** > tf.split([[1, 2, 3], [4, 5, 6]], [1, -1], 1)   // [[[1], [4]], [[2, 3], [5, 6]]]
** A list of one number is read as the number.
*/
LISTOP(split, (Tensor * x, const Ints *numOrSizeSplits, int axis)) {
    if (failed()) return make_list(0);
    if (!x->rank) fail(TN_SHAPE, "split: x has rank 0: a scalar has no axis to split");
    axis = axis_of("split", axis, x->rank);
    int open = 0, n = failed() ? -1 : parts_of(x, numOrSizeSplits, axis, &open);
    if (n < 0) return make_list(0);
    int shape[TN_MAX_RANK];
    memcpy(shape, x->shape, sizeof shape);
    List *list = make_list(n);
    for (int i = 0; i < list->n; i++) {
        const int size = numOrSizeSplits->n > 1 ? numOrSizeSplits->v[i] : x->shape[axis] / n;
        shape[axis] = size < 0 ? open : size;
        list->v[i] = make(x->dtype, x->rank, shape);
    }
    return part(&split_op, x, list, axis);
}
IMPL(split, .cpu = part_cpu, .gl = "split", .grad = split_grad, .any = true);

/* unstack: Takes a tensor apart along an axis, which is dropped.
**   x : any [...]                         of rank 1 or more
**   axis : int = 0                        which axis; negative counts from the end
**   -> parts : list of dtype of x [...]   one for each index along the axis
** > tf.unstack([[1, 2], [3, 4]])   // [[1, 2], [3, 4]]
** > tf.unstack([[1, 2], [3, 4]], 1)   // [[1, 3], [2, 4]]
*/
LISTOP(unstack, (Tensor * x, int axis)) {
    if (failed()) return make_list(0);
    const int rank = x->rank, at = axis < 0 ? axis + rank : axis;
    if (axis < -rank || axis >= rank) {
        fail(TN_VALUE, "Axis = %d is not in [-%d, %d)", axis, rank, rank);
        return make_list(0);
    }
    int shape[TN_MAX_RANK];
    for (int i = 0; i < rank - 1; i++) shape[i] = x->shape[i + (i >= at)];
    List *list = make_list(x->shape[at]);
    for (int i = 0; i < list->n; i++) list->v[i] = make(x->dtype, rank - 1, shape);
    return part(&unstack_op, x, list, at);
}
IMPL(unstack, .cpu = part_cpu, .gl = "split", .grad = unstack_grad, .any = true);
