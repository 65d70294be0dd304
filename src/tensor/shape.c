/* Shapes: checked sizes, axes, broadcasting. Every product of sizes in the library is made here. */
#include "tensor/engine.h"
#include "ops/reduce.gen.h"
#include "ops/view.gen.h"

const int tn_pad_valid[] = {0}, tn_pad_same[] = {1, -1};

int checked_size(const char *op, int rank, const int *shape, DType dtype) {
    if (rank < 0 || rank > TN_MAX_RANK) {
        fail(TN_SHAPE, "%s: rank %d is not in 0..%d", op, rank, TN_MAX_RANK);
        return 0;
    }
    int64_t size = 1;
    bool empty = false;
    for (int i = 0; i < rank; i++) {
        if (shape[i] < 0) {
            fail(TN_SHAPE, "%s: size %d in shape %s is negative", op, shape[i],
                 ints_text(rank, shape));
            return 0;
        }
        empty |= shape[i] == 0;
        if (shape[i]) size *= shape[i];
        if (size * dtype_bytes(dtype) > INT32_MAX) {
            fail(TN_SHAPE, "%s: shape %s needs more than 2 GiB", op, ints_text(rank, shape));
            return 0;
        }
    }
    return empty ? 0 : (int)size;
}

bool same_shape(const Tensor *a, const Tensor *b) {
    return a->rank == b->rank && !memcmp(a->shape, b->shape, sizeof(int) * (size_t)a->rank);
}

int axis_of(const char *op, int axis, int rank) {
    if (axis >= -rank && axis < rank) return axis < 0 ? axis + rank : axis;
    fail(TN_VALUE, "%s: axis %d is not in %d..%d", op, axis, -rank, rank - 1);
    return -1;
}

unsigned axes_of(const char *op, const Ints *axes, int rank) {
    if (!axes || !axes->n) return (1u << rank) - 1;
    unsigned mask = 0;
    for (int i = 0; i < axes->n; i++) {
        int axis = axis_of(op, axes->v[i], rank);
        if (axis < 0) return 0;
        mask |= 1u << axis;
    }
    return mask;
}

bool broadcast_shape(const char *op, const Tensor *a, const Tensor *b, int *rank, int *shape) {
    *rank = a->rank > b->rank ? a->rank : b->rank;
    for (int i = 1; i <= *rank; i++) {
        int da = i <= a->rank ? a->shape[a->rank - i] : 1;
        int db = i <= b->rank ? b->shape[b->rank - i] : 1;
        if (da != db && da != 1 && db != 1) {
            fail(TN_SHAPE, "%s: Operands could not be broadcast together with shapes %s and %s", op,
                 shape_text(a), shape_text(b));
            return false;
        }
        shape[*rank - i] = da == 1 ? db : da;
    }
    return true;
}

int outer_size(const Tensor *x, int axis) {
    int n = 1;
    for (int i = 0; i < axis; i++) n *= x->shape[i];
    return n;
}

int inner_size(const Tensor *x, int axis) {
    int n = 1;
    for (int i = axis + 1; i < x->rank; i++) n *= x->shape[i];
    return n;
}

bool want_rank(const char *op, const char *arg, const Tensor *x, int rank) {
    if (failed()) return false;
    if (x->rank == rank) return true;
    fail(TN_SHAPE, "%s: %s must be of rank %d, but has shape %s", op, arg, rank, shape_text(x));
    return false;
}

bool want_dtype(const char *op, const char *arg, const Tensor *x, DType dtype) {
    if (failed()) return false;
    if (x->dtype == dtype) return true;
    fail(TN_DTYPE, "%s: Argument '%s' passed to '%s' must be %s tensor, but got %s tensor", op, arg,
         op, dtype_name(dtype), dtype_name(x->dtype));
    return false;
}

DType upcast(DType a, DType b) {
    if (a == TN_STRING || b == TN_STRING) return TN_STRING;
    if (a == TN_COMPLEX64 || b == TN_COMPLEX64) return TN_COMPLEX64;
    return a == TN_FLOAT32 || b == TN_FLOAT32 ? TN_FLOAT32 : TN_INT32;
}

Tensor *to_float(Tensor *x) { return to_dtype(x, TN_FLOAT32); }
Tensor *to_dtype(Tensor *x, DType dtype) {
    if (x->dtype == dtype || failed()) return x;
    if (x->dtype == TN_COMPLEX64)
        return fail(TN_DTYPE, "complex64 tensors are not taken here; tf.real, tf.imag and tf.abs "
                              "make float32 of them");
    return tn_cast(x, dtype);
}

Tensor *unbroadcast(Tensor *g, const Tensor *x) {
    if (failed() || same_shape(g, x)) return g;
    int lead = g->rank - x->rank, axes[TN_MAX_RANK + 1] = {0};
    for (int i = 0; i < g->rank; i++)
        if (i < lead || (x->shape[i - lead] == 1 && g->shape[i] != 1)) axes[++axes[0]] = i;
    if (axes[0]) g = tn_sum(g, (const Ints *)axes, false);
    if (failed() || same_shape(g, x)) return g;
    int shape[TN_MAX_RANK + 1] = {x->rank};
    memcpy(shape + 1, x->shape, sizeof(int) * (size_t)x->rank);
    return tn_reshape(g, (const Ints *)shape);
}

/* ---- for messages ---- */

const char *shape_text(const Tensor *x) { return ints_text(x->rank, x->shape); }

const char *shape_list(const Tensor *x) { return ints_list(x->rank, x->shape, ","); }
