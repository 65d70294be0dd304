/* Parts of a tensor: slice, stridedSlice, reverse. */
#include "ops/strided.h"
#include "ops/pad.gen.h"
#include "ops/view.gen.h"

/* ---- slice ---- */

/* dy in its place, zeros around it. */
static void slice_grad(Call *c, Tensor **dy, Tensor **dx) {
    const Strided *s = c->attrs;
    const Tensor *x = c->in[0];
    int paddings[2 * TN_MAX_RANK + 1] = {2 * x->rank};
    if (!dy[0]->size) {
        dx[0] = tn_zerosLike(c->in[0]);
        return;
    }
    for (int i = 0, rest = s->base; i < x->rank; rest %= s->stride[i++]) {
        const int before = rest / s->stride[i];
        paddings[2 * i + 1] = before;
        paddings[2 * i + 2] = x->shape[i] - before - s->size[i];
    }
    dx[0] = tn_pad(dy[0], (const Ints *)paddings, 0);
}

/* Sizes of the slice from begin, which is checked. False with the error set. */
static bool slice_sizes(const Tensor *x, const int *begin, const Ints *size, int *sizes) {
    for (int i = 0; i < x->rank; i++) {
        const int n = size && i < size->n ? size->v[i] : -1, rest = x->shape[i] - begin[i];
        if (n < -1)
            fail(TN_VALUE, "slice: size[%d] is %d; only -1 stands for the rest of the axis", i, n);
        else if (n > rest || rest < 0)
            fail(TN_VALUE, "slice: begin[%d] + size[%d] (%.0f) would overflow x.shape[%d] (%d)", i,
                 i, (double)begin[i] + (n < 0 ? 0 : n), i, x->shape[i]);
        sizes[i] = n < 0 ? rest : n;
    }
    return !failed();
}

/* slice: A block out of a tensor.
**   x : any [...]                 of rank 1 or more
**   begin : ints                  where it begins along each axis; axes that are not given begin
**                                 at 0
**   size : ints = null            how much along each axis; -1, or none given: all that is left
**   -> y : dtype of x rank of x   the block
** > tf.slice([1, 2, 3, 4], 1, 2)   // [2, 3]
** > tf.slice([[1, 2, 3], [4, 5, 6]], [0, 1], [-1, 2])   // [[2, 3], [5, 6]]
** > tf.slice([[1, 2, 3], [4, 5, 6]], [1, 1])   // [[5, 6]]
*/
OP(slice, (Tensor * x, const Ints *begin, const Ints *size)) {
    if (failed()) return nothing();
    if (!x->rank) return fail(TN_SHAPE, "slice: x has rank 0: slicing a scalar is not possible");
    if (begin->n > x->rank)
        return fail(TN_SHAPE, "slice: begin has %d numbers, x has rank %d", begin->n, x->rank);
    if (size && size->n > x->rank)
        return fail(TN_SHAPE, "slice: size has %d numbers, x has rank %d", size->n, x->rank);
    int at[TN_MAX_RANK] = {0}, sizes[TN_MAX_RANK];
    for (int i = 0; i < begin->n; i++) {
        at[i] = begin->v[i];
        if (at[i] < 0)
            return fail(TN_VALUE,
                        "slice: begin[%d] is %d; slice() does not support negative begin "
                        "indexing.",
                        i, at[i]);
    }
    if (!slice_sizes(x, at, size, sizes)) return nothing();
    if (!memcmp(sizes, x->shape, sizeof(int) * (size_t)x->rank)) return tn_clone(x);
    Tensor *y = make(x->dtype, x->rank, sizes);
    Strided s = whole(x);
    memcpy(s.size, sizes, sizeof(int) * (size_t)x->rank);
    for (int i = 0; y->size && i < x->rank; i++) s.base += at[i] * s.stride[i];
    return run(&slice_op, IN(x), OUT(y), &s, sizeof s);
}
IMPL(slice, .cpu = strided_cpu, .gl = "strided", .grad = slice_grad, .any = true);

/* ---- stridedSlice ---- */

typedef struct Masks {
    int begin, end, ellipsis, new_axis, shrink;
} Masks;

static int clamp(int64_t v, int lo, int hi) { return v < lo ? lo : v > hi ? hi : (int)v; }
static bool bit(int mask, int i) { return mask >> i & 1; }

/* Where one axis of n elements begins, and how many are taken; spec entry k rules it. False with
** the error set. */
static bool interval(const Ints *begin, const Ints *end, int stride, const Masks *m, int k, int n,
                     int *from, int *size) {
    const int64_t b = begin->v[k] < 0 ? (int64_t)begin->v[k] + n : begin->v[k];
    const int64_t e = end->v[k] < 0 ? (int64_t)end->v[k] + n : end->v[k];
    const bool shrink = bit(m->shrink, k), up = stride > 0;
    if (!stride || (shrink && !up)) {
        fail(TN_VALUE,
             stride ? "stridedSlice: strides[%d] is %d; only stride 1 allowed on "
                      "non-range indexing."
                    : "stridedSlice: strides[%d] must be "
                      "non-zero, but is %d",
             k, stride);
        return false;
    }
    if (shrink && (b < 0 || b >= n)) {
        fail(TN_INDEX, "stridedSlice: begin[%d]: slice index %d of %d elements out of bounds.", k,
             begin->v[k], n);
        return false;
    }
    const int lo = up ? 0 : -1, hi = up ? n : n - 1;
    *from = shrink ? (int)b : bit(m->begin, k) ? (up ? lo : hi) : clamp(b, lo, hi);
    const int to = shrink ? *from + 1 : bit(m->end, k) ? (up ? hi : lo) : clamp(e, lo, hi);
    const int64_t length = (int64_t)to - *from, rest = length % stride != 0;
    *size = (length > 0) == up && length ? (int)(length / stride + rest) : 0;
    return true;
}

/* Walks the spec: the axes taken go to s, the shape of the result to shape. Its rank, or -1. */
static int strided_spec(const Tensor *x, const Ints *begin, const Ints *end, const Ints *strides,
                        const Masks *m, Strided *s, int *shape) {
    int used = 0, rank = 0, axis = 0, base = 0;
    for (int k = 0; k < begin->n; k++) used += !bit(m->ellipsis, k) && !bit(m->new_axis, k);
    if (used > x->rank) {
        fail(TN_SHAPE,
             "stridedSlice: Index out of range using input dim %d; input has only %d "
             "dims",
             x->rank, x->rank);
        return -1;
    }
    *s = whole(x);
    for (int k = 0; k < begin->n && rank <= TN_MAX_RANK; k++) {
        if (bit(m->ellipsis, k)) {
            for (int i = used; i < x->rank; i++) shape[rank++] = x->shape[axis++];
            continue;
        }
        if (bit(m->new_axis, k)) {
            shape[rank++] = 1;
            continue;
        }
        const int stride = strides ? strides->v[k] : 1;
        int from;
        if (!interval(begin, end, stride, m, k, x->shape[axis], &from, &s->size[axis])) return -1;
        if (s->size[axis]) base += from * s->stride[axis];
        s->stride[axis] = s->size[axis] > 1 ? s->stride[axis] * stride : 0;
        if (!bit(m->shrink, k)) shape[rank++] = s->size[axis];
        axis++;
    }
    while (axis < x->rank && rank <= TN_MAX_RANK) shape[rank++] = x->shape[axis++];
    s->base = base;
    return rank;
}

/* stridedSlice: Takes every stride-th element along each axis, as x[begin:end:stride] does.
**   x : any [...]
**   begin : ints               the first index of each entry; negative counts from the end of the
**                              axis
**   end : ints                 the index after the last; negative counts from the end
**   strides : ints = null      steps, not 0, negative goes backwards; 1 if not given
**   beginMask : int = 0        bit i: begin[i] is not looked at, the entry begins at the very
**                              first
**   endMask : int = 0          bit i: end[i] is not looked at, the entry goes to the very last
**   ellipsisMask : int = 0     one bit i: entry i stands for all axes that no other entry takes
**   newAxisMask : int = 0      bit i: entry i puts an axis of size 1 there
**   shrinkAxisMask : int = 0   bit i: entry i takes the one element begin[i] and drops the axis
**   -> y : dtype of x [...]    the elements
** > tf.stridedSlice([1, 2, 3, 4, 5], [1], [5], [2])   // [2, 4]
** > tf.stridedSlice([[1, 2, 3], [4, 5, 6]], [0, -1], [2, 0], [1, -1])   // [[3, 2], [6, 5]]
** > tf.stridedSlice([[1, 2, 3], [4, 5, 6]], [1, 0], [2, 3], [1, 2], 0, 0, 0, 0, 1)   // [4, 6]
*/
OP(stridedSlice,
   (Tensor * x, const Ints *begin, const Ints *end, const Ints *strides, int beginMask, int endMask,
    int ellipsisMask, int newAxisMask, int shrinkAxisMask)) {
    if (failed()) return nothing();
    enum { ENTRIES = 2 * TN_MAX_RANK + 1 };
    if (begin->n > ENTRIES)
        return fail(TN_SHAPE, "stridedSlice: begin has %d entries, at most %d make sense", begin->n,
                    ENTRIES);
    if (end->n != begin->n)
        return fail(TN_SHAPE, "stridedSlice: begin has %d entries, end has %d", begin->n, end->n);
    if (strides && strides->n != begin->n)
        return fail(TN_SHAPE, "stridedSlice: begin has %d entries, strides has %d", begin->n,
                    strides->n);
    if (ellipsisMask & (ellipsisMask - 1))
        return fail(TN_VALUE,
                    "stridedSlice: ellipsisMask is %d: Multiple ellipses in slice is not "
                    "allowed.",
                    ellipsisMask);
    const Masks m = {beginMask, endMask, ellipsisMask, newAxisMask, shrinkAxisMask};
    Strided s;
    int shape[3 * TN_MAX_RANK];
    const int rank = strided_spec(x, begin, end, strides, &m, &s, shape);
    if (!failed() && rank > TN_MAX_RANK)
        fail(TN_SHAPE, "stridedSlice: the result has rank %d, above %d", rank, TN_MAX_RANK);
    if (failed()) return nothing();
    return run(&stridedSlice_op, IN(x), OUT(make(x->dtype, rank, shape)), &s, sizeof s);
}
IMPL(stridedSlice, .cpu = strided_cpu, .gl = "strided", .grad = strided_grad, .any = true);

/* ---- reverse ---- */

static void reverse_grad(Call *c, Tensor **dy, Tensor **dx) {
    dx[0] = run(c->op, IN(dy[0]), OUT(make_like(dy[0])), c->attrs, sizeof(Strided));
}

/* reverse: The same elements, some axes backwards.
**   x : any [...]
**   axis : ints = null   which; all if not given
**   -> y : like x
** > tf.reverse([1, 2, 3])   // [3, 2, 1]
** > tf.reverse([[1, 2, 3], [4, 5, 6]], 1)   // [[3, 2, 1], [6, 5, 4]]
*/
OP(reverse, (Tensor * x, const Ints *axis)) {
    if (failed()) return nothing();
    unsigned mask = axes_of("reverse", axis, x->rank);
    if (failed()) return nothing();
    Strided s = whole(x);
    for (int i = 0; i < x->rank; i++) {
        if (!(mask >> i & 1)) continue;
        s.base += (x->shape[i] - 1) * s.stride[i];
        s.stride[i] = -s.stride[i];
    }
    return run(&reverse_op, IN(x), OUT(make_like(x)), &s, sizeof s);
}
IMPL(reverse, .cpu = strided_cpu, .gl = "strided", .grad = reverse_grad, .any = true);
