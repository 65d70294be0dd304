/* Blocks of space in the batch and back: spaceToBatchND, batchToSpaceND. Said with reshape,
** transpose, pad and slice, which have their gradients. */
#include "tensor/op.h"
#include "ops/pad.gen.h"
#include "ops/slice.gen.h"
#include "ops/transpose.gen.h"
#include "ops/view.gen.h"

/* blockShape[i] belongs to axis 1 + i of x, pairs[i] are the two numbers of its padding or crops.
** The product of the block, or 0 with the error set. */
static int block_size(const char *op, const char *arg, const Ints *block, const Ints *pairs) {
    int64_t product = 1;
    for (int i = 0; i < block->n && !failed(); i++) {
        product *= block->v[i];
        if (block->v[i] < 1)
            fail(TN_VALUE, "%s: blockShape[%d] is %d, it must be 1 or more", op, i, block->v[i]);
        else if (product > INT32_MAX)
            fail(TN_VALUE, "%s: the product of blockShape %s is too large", op,
                 ints_text(block->n, block->v));
    }
    for (int i = 0; i < pairs->n && !failed(); i++)
        if (pairs->v[i] < 0)
            fail(TN_VALUE, "%s: %s[%d][%d] is %d, which is negative", op, arg, i / 2, i % 2,
                 pairs->v[i]);
    return failed() ? 0 : (int)product;
}

/* Both ways see the space as axes of blocks and of places in them: 2 for each axis, more than a
** tensor may have. So one axis is done at a time, as [before, size / block, block, after], where
** the place goes to the front: the last axis first, and the batch comes to be [block..., n]. */
static Tensor *to_front(Tensor *x, int axis, int block) {
    if (failed() || block == 1) return x;
    const int outer = outer_size(x, axis), blocks = x->shape[axis] / block;
    int shape[TN_MAX_RANK + 1] = {x->rank};
    for (int i = 0; i < x->rank; i++) shape[1 + i] = x->shape[i];
    shape[1] *= block;
    shape[1 + axis] = blocks;
    Tensor *y = tn_reshape(x, INTS(outer, blocks, block, inner_size(x, axis)));
    return tn_reshape(tn_transpose(y, INTS(2, 0, 1, 3), false), (const Ints *)shape);
}

/* The other way: the outermost block of the batch becomes places along the axis. */
static Tensor *from_front(Tensor *x, int axis, int block) {
    if (failed() || block == 1) return x;
    const int outer = outer_size(x, axis) / block, blocks = x->shape[axis];
    int shape[TN_MAX_RANK + 1] = {x->rank};
    for (int i = 0; i < x->rank; i++) shape[1 + i] = x->shape[i];
    shape[1] /= block;
    shape[1 + axis] *= block;
    Tensor *y = tn_reshape(x, INTS(block, outer, blocks, inner_size(x, axis)));
    return tn_reshape(tn_transpose(y, INTS(1, 2, 0, 3), false), (const Ints *)shape);
}

/* spaceToBatchND: Cuts space into blocks; each place of a block becomes a batch of its own.
**   x : any [n, space..., rest...]
**   blockShape : ints                sizes of a block along axes 1, 2 and so on of x
**   paddings : pairs                 [before, after] for each of these axes: zeros put around
**                                    first
**   -> y : dtype of x rank of x      [n * product of blockShape, padded space / block..., rest...]
** > tf.spaceToBatchND([[[1, 2], [3, 4]]], [2, 2], [[0, 0], [0, 0]])
**     // [[[1]], [[2]], [[3]], [[4]]]
** > tf.spaceToBatchND([[1, 2, 3]], [2], [[1, 0]])   // [[0, 2], [1, 3]]
*/
OP(spaceToBatchND, (Tensor * x, const Ints *blockShape, const Ints *paddings)) {
    const char *op = "spaceToBatchND";
    if (failed()) return nothing();
    if (x->rank < 1 + blockShape->n)
        return fail(TN_SHAPE, "input rank %d should be > than [blockShape] %d", x->rank,
                    blockShape->n);
    if (paddings->n != 2 * blockShape->n)
        return fail(TN_SHAPE, "paddings.shape[0] %d must be equal to [blockShape] %d",
                    paddings->n / 2, blockShape->n);
    if (!block_size(op, "paddings", blockShape, paddings)) return nothing();
    int pads[2 * TN_MAX_RANK + 1] = {2 * x->rank};
    for (int i = 0; i < blockShape->n; i++) {
        const int *pair = paddings->v + 2 * i, block = blockShape->v[i];
        const int64_t size = (int64_t)x->shape[1 + i] + pair[0] + pair[1];
        if (size % block)
            return fail(TN_SHAPE,
                        "input spatial dimensions %s with paddings %s must be divisible "
                        "by blockShapes %s",
                        ints_list(x->rank - 1, x->shape + 1, ","),
                        ints_list(paddings->n, paddings->v, ","),
                        ints_list(blockShape->n, blockShape->v, ","));
        memcpy(pads + 1 + 2 * (1 + i), pair, 2 * sizeof(int));
    }
    Scope *s = tn_scope_begin();
    Tensor *y = tn_pad(x, (const Ints *)pads, 0);
    for (int i = blockShape->n - 1; i >= 0; i--) y = to_front(y, 1 + i, blockShape->v[i]);
    return leave(s, tn_clone(y));
}

/* batchToSpaceND: Puts batches together to blocks of space: the inverse of spaceToBatchND.
**   x : any [n * product of blockShape, space..., rest...]
**   blockShape : ints             sizes of a block along axes 1, 2 and so on of the result
**   crops : pairs                 [before, after] for each of these axes: so much is cut off in
**                                 the end
**   -> y : dtype of x rank of x   [n, space * block less crops..., rest...]
** > tf.batchToSpaceND([[[1]], [[2]], [[3]], [[4]]], [2, 2], [[0, 0], [0, 0]])
**     // [[[1, 2], [3, 4]]]
** > tf.batchToSpaceND([[0, 2], [1, 3]], [2], [[1, 0]])   // [[1, 2, 3]]
*/
OP(batchToSpaceND, (Tensor * x, const Ints *blockShape, const Ints *crops)) {
    const char *op = "batchToSpaceND";
    if (failed()) return nothing();
    if (x->rank < 1 + blockShape->n)
        return fail(TN_SHAPE, "input rank is %d but should be > than blockShape.length %d", x->rank,
                    blockShape->n);
    if (crops->n != 2 * blockShape->n)
        return fail(TN_SHAPE, "crops.length is %d but should be equal to blockShape.length  %d",
                    crops->n / 2, blockShape->n);
    const int product = block_size(op, "crops", blockShape, crops);
    if (!product) return nothing();
    if (x->shape[0] % product)
        return fail(TN_SHAPE,
                    "input tensor batch is %d but is not divisible by the product of the "
                    "elements of blockShape %s === %d",
                    x->shape[0], ints_list(blockShape->n, blockShape->v, " * "), product);
    int begin[TN_MAX_RANK + 1] = {x->rank}, size[TN_MAX_RANK + 1] = {x->rank};
    for (int i = 0; i < x->rank; i++) size[1 + i] = i ? x->shape[i] : x->shape[0] / product;
    for (int i = 0; i < blockShape->n; i++) {
        const int64_t whole = (int64_t)x->shape[1 + i] * blockShape->v[i];
        const int64_t left = whole - crops->v[2 * i] - crops->v[2 * i + 1];
        if (left < 0 || whole > INT32_MAX)
            return fail(TN_SHAPE, "%s: crops[%d] takes %d and %d, but there are %.0f along axis %d",
                        op, i, crops->v[2 * i], crops->v[2 * i + 1], (double)whole, 1 + i);
        begin[2 + i] = crops->v[2 * i];
        size[2 + i] = (int)left;
    }
    Scope *s = tn_scope_begin();
    Tensor *y = x;
    for (int i = 0; i < blockShape->n; i++) y = from_front(y, 1 + i, blockShape->v[i]);
    return leave(s, tn_slice(y, (const Ints *)begin, (const Ints *)size));
}
