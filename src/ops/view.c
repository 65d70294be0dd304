/* Views and copies of whole tensors: reshape, clone, cast, expandDims, squeeze, broadcastTo, and
** the constant tensors fill, zeros, ones and their kin. A view has no kernel and no gradient of
** its own: it shares storage, and the engine sends the gradient back through a reshape. */
#include "tensor/op.h"
#include "backend/cpu/strided_copy.h"
#include "ops/complex.gen.h"
#include "ops/view.gen.h"

/* reshape: The same elements in another shape.
**   x : any [...]
**   shape : shape                  new sizes with the same product; one may be -1: worked out
**   -> y : dtype of x [...shape]   shares its data with x
** > tf.reshape([1, 2, 3, 4], [2, 2])   // [[1, 2], [3, 4]]
*/
OP(reshape, (Tensor * x, const Ints *shape)) {
    if (failed()) return nothing();
    int sizes[TN_MAX_RANK], open = -1;
    int64_t known = 1;
    if (shape->n > TN_MAX_RANK)
        return fail(TN_SHAPE, "reshape: rank %d is above %d", shape->n, TN_MAX_RANK);
    for (int i = 0; i < shape->n; i++) {
        sizes[i] = shape->v[i];
        if (sizes[i] == -1 && open >= 0)
            return fail(TN_SHAPE, "reshape: shape %s has more than one -1",
                        ints_text(shape->n, shape->v));
        if (sizes[i] == -1) open = i;
        else if (sizes[i] < 0)
            return fail(TN_SHAPE, "reshape: size %d in shape %s is negative", sizes[i],
                        ints_text(shape->n, shape->v));
        else if (known <= INT32_MAX) known *= sizes[i];
    }
    if (open >= 0) sizes[open] = known > 0 && known <= INT32_MAX ? x->size / (int)known : 0;
    if (open >= 0 ? known * sizes[open] != x->size : known != x->size)
        return fail(TN_SHAPE, "reshape: x has %d elements, shape %s takes %.0f", x->size,
                    ints_text(shape->n, shape->v), (double)known);
    return run(&reshape_op, IN(x), OUT(make(x->dtype, shape->n, sizes)), NULL, 0);
}
IMPL(reshape);

/* clone: A tensor of its own that shares x's data; disposing one leaves the other.
**   x : any [...]
**   -> y : like x
** > tf.clone([1, 2])   // [1, 2]
*/
OP(clone, (Tensor * x)) { return run(&clone_op, IN(x), OUT(make_like(x)), NULL, 0); }
IMPL(clone);

/* expandDims: Puts an axis of size 1 into the shape.
**   x : any [...]
**   axis : int = 0            where; negative counts from the end
**   -> y : dtype of x [...]   shares its data with x
** > tf.expandDims([1, 2], 1)   // [[1], [2]]
*/
OP(expandDims, (Tensor * x, int axis)) {
    if (failed()) return nothing();
    axis = axis_of("expandDims", axis, x->rank + 1);
    if (failed()) return nothing();
    if (x->rank == TN_MAX_RANK)
        return fail(TN_SHAPE, "expandDims: x already has rank %d", TN_MAX_RANK);
    int shape[TN_MAX_RANK];
    for (int i = 0; i <= x->rank; i++)
        shape[i] = i < axis ? x->shape[i] : i == axis ? 1 : x->shape[i - 1];
    return run(&expandDims_op, IN(x), OUT(make(x->dtype, x->rank + 1, shape)), NULL, 0);
}
IMPL(expandDims);

/* squeeze: Takes axes of size 1 out of the shape.
**   x : any [...]
**   axis : ints = null        which; all of size 1 if not given
**   -> y : dtype of x [...]   shares its data with x
** > tf.squeeze([[[1, 2]]])   // [1, 2]
*/
OP(squeeze, (Tensor * x, const Ints *axis)) {
    if (failed()) return nothing();
    bool all = !axis || !axis->n;
    unsigned mask = axes_of("squeeze", axis, x->rank);
    if (failed()) return nothing();
    int rank = 0, shape[TN_MAX_RANK];
    for (int i = 0; i < x->rank; i++) {
        bool chosen = mask >> i & 1;
        if (chosen && !all && x->shape[i] != 1)
            return fail(TN_SHAPE, "squeeze: axis %d has size %d, not 1", i, x->shape[i]);
        if (!chosen || x->shape[i] != 1) shape[rank++] = x->shape[i];
    }
    return run(&squeeze_op, IN(x), OUT(make(x->dtype, rank, shape)), NULL, 0);
}
IMPL(squeeze);

/* ---- cast ---- */

/* As JavaScript's Int32Array: cut towards 0, then the last 32 bits; 0 of NaN and infinities. */
static int wrapped(float v) {
    const double rest = fmod(trunc(v), 4294967296.0);
    return isfinite(v) ? (int)(uint32_t)(int64_t)rest : 0;
}

static void to_ints(const float *restrict x, int *restrict y, int n) {
    bool fit = true;
    for (int i = 0; i < n; i++) {
        const bool fits = x[i] >= -2147483648.0f && x[i] < 2147483648.0f;
        y[i] = fits ? (int)x[i] : 0;
        fit &= fits;
    }
    for (int i = 0; i < n && !fit; i++) y[i] = wrapped(x[i]);
}

#define CAST(name, from, to, expression)                                                           \
    static void name(const from *restrict x, to *restrict y, int n) {                              \
        for (int i = 0; i < n; i++) y[i] = (to)(expression);                                       \
    }
CAST(float_to_bool, float, uint8_t, x[i] != 0)
CAST(int_to_bool, int, uint8_t, x[i] != 0)
CAST(int_to_float, int, float, x[i])
CAST(bool_to_float, uint8_t, float, x[i])
CAST(bool_to_int, uint8_t, int, x[i])

static void cast_cpu(Call *c) {
    const Tensor *x = c->in[0], *y = c->out[0];
    const int n = x->size;
    if (y->dtype == TN_BOOL && x->dtype == TN_FLOAT32) float_to_bool(f32(x), u8(y), n);
    else if (y->dtype == TN_BOOL) int_to_bool(i32(x), u8(y), n);
    else if (y->dtype == TN_FLOAT32 && x->dtype == TN_INT32) int_to_float(i32(x), f32(y), n);
    else if (y->dtype == TN_FLOAT32) bool_to_float(u8(x), f32(y), n);
    else if (x->dtype == TN_BOOL) bool_to_int(u8(x), i32(y), n);
    else to_ints(f32(x), i32(y), n);
}

static void cast_grad(Call *c, Tensor **dy, Tensor **dx) {
    (void)c;
    dx[0] = dy[0];
}

/* cast: The same values as another dtype. float32 to int32 cuts towards 0.
**   x : [...]
**   dtype : dtype         of the result; complex64 gives its real part, string does not go
**   -> y : dtype like x
** What is beyond int32 wraps around as in an Int32Array, which tf.tensor(values, shape, 'int32')
** does too, and NaN becomes 0.
** > tf.cast([1.7, -1.7], 'int32')   // [1, -1]
** > tf.cast([[0.5], [2]], 'float32')   // [[0.5], [2]]
*/
OP(cast, (Tensor * x, DType dtype)) {
    if (failed()) return nothing();
    if (!want_known_dtype("cast", dtype)) return nothing();
    if (dtype == x->dtype) return tn_clone(x);
    if (dtype == TN_STRING || x->dtype == TN_STRING)
        return fail(TN_DTYPE, "cast: a %s tensor cannot become %s", dtype_name(x->dtype),
                    dtype_name(dtype));
    Scope *s = tn_scope_begin();
    if (dtype == TN_COMPLEX64) return leave(s, tn_complex(x, tn_zerosLike(x)));
    if (x->dtype == TN_COMPLEX64) return leave(s, to_dtype(tn_real(x), dtype));
    return leave(s, run(&cast_op, IN(x), OUT(make(dtype, x->rank, x->shape)), NULL, 0));
}
IMPL(cast, .cpu = cast_cpu, .gl = "cast", .grad = cast_grad);

/* ---- repeating ---- */

static void broadcastTo_cpu(Call *c) {
    const Tensor *x = c->in[0], *y = c->out[0];
    const int lead = y->rank - x->rank;
    StridedCopy copy = {.rank = y->rank};
    dense_strides(y->rank, y->shape, copy.to);
    dense_strides(x->rank, x->shape, copy.from + lead);
    for (int i = 0; i < y->rank; i++) {
        copy.size[i] = y->shape[i];
        if (i < lead || x->shape[i - lead] == 1) copy.from[i] = 0;
    }
    strided_copy(&copy, x->storage->data, y->storage->data, dtype_bytes(x->dtype));
}

static void broadcastTo_grad(Call *c, Tensor **dy, Tensor **dx) {
    (void)c;
    dx[0] = dy[0]; /* the engine sums over what was repeated */
}

/* broadcastTo: Repeats axes of size 1, and puts new ones in front, up to a shape.
**   x : any [...]                  broadcasts to shape
**   shape : shape                  sizes of the result
**   -> y : dtype of x [...shape]
** > tf.broadcastTo([[1], [2]], [2, 3])   // [[1, 1, 1], [2, 2, 2]]
*/
OP(broadcastTo, (Tensor * x, const Ints *shape)) {
    if (failed()) return nothing();
    bool fits = shape->n >= x->rank && shape->n <= TN_MAX_RANK;
    for (int i = 1; fits && i <= x->rank; i++) {
        int size = x->shape[x->rank - i];
        fits = size == 1 || size == shape->v[shape->n - i];
    }
    if (!fits)
        return fail(TN_SHAPE, "broadcastTo: x has shape %s, which does not broadcast to %s",
                    shape_text(x), ints_text(shape->n, shape->v));
    return run(&broadcastTo_op, IN(x), OUT(make(x->dtype, shape->n, shape->v)), NULL, 0);
}
IMPL(broadcastTo, .cpu = broadcastTo_cpu, .gl = "=x", .gl_int = "x", .grad = broadcastTo_grad,
     .any = true);

/* ---- constants ---- */

static void fill_ints(int *y, int n, int v) {
    if (!v) memset(y, 0, sizeof(int) * (size_t)n);
    for (int i = 0; v && i < n; i++) y[i] = v;
}

void fill_constant(const Tensor *y, Constant v) {
    int bits;
    memcpy(&bits, &v.real, sizeof bits);
    if (y->dtype == TN_FLOAT32) fill_ints(i32(y), y->size, bits);
    else if (y->dtype == TN_INT32) fill_ints(i32(y), y->size, v.whole);
    else if (y->dtype == TN_COMPLEX64)
        for (int64_t i = 0; i < y->size; i++) f32(y)[2 * i] = v.real, f32(y)[2 * i + 1] = 0;
    else if (y->dtype == TN_STRING) memset(y->storage->data, 0, sizeof(int) * (size_t)y->size);
    else memset(u8(y), v.real != 0, (size_t)y->size);
}

static void fill_cpu(Call *c) { fill_constant(c->out[0], *(const Constant *)c->attrs); }

/* A bool is 0 or 1, whatever the value. */
static bool is_number(const Call *c) { return c->out[0]->dtype != TN_BOOL; }

/* fill: A tensor of one value.
**   shape : shape               its sizes
**   value : float               the value; a string tensor is of '' whatever it is
**   dtype : dtype = 'float32'   of the result
**   -> y : dtype [...shape]
** > tf.fill([2, 2], 7)   // [[7, 7], [7, 7]]
*/
OP(fill, (const Ints *shape, double value, DType dtype)) {
    if (failed()) return nothing();
    if (shape->n > TN_MAX_RANK)
        return fail(TN_SHAPE, "fill: rank %d is above %d", shape->n, TN_MAX_RANK);
    if (!want_known_dtype("fill", dtype)) return nothing();
    if (dtype == TN_INT32 && !fits_int32(value))
        return fail(TN_VALUE, "fill: value %.10g does not fit int32", value);
    if (dtype == TN_STRING && value != 0)
        return fail(TN_DTYPE, "fill: value %g is no text, string tensors take 0 as the empty one",
                    value);
    const Constant v = constant_of(value);
    return run(&fill_op, NULL, 0, OUT(make(dtype, shape->n, shape->v)), &v, sizeof v);
}
IMPL(fill, .cpu = fill_cpu, .gl = "=p0", .gl_int = "q1", .gl_takes = is_number, .constant = true,
     .any = true);

/* zeros: A tensor of zeros.
**   shape : shape               its sizes
**   dtype : dtype = 'float32'   of the result
**   -> y : dtype [...shape]
** > tf.zeros([3])   // [0, 0, 0]
*/
OP(zeros, (const Ints *shape, DType dtype)) { return tn_fill(shape, 0, dtype); }

/* ones: A tensor of ones.
**   shape : shape               its sizes
**   dtype : dtype = 'float32'   of the result
**   -> y : dtype [...shape]
** > tf.ones([3])   // [1, 1, 1]
*/
OP(ones, (const Ints *shape, DType dtype)) { return tn_fill(shape, 1, dtype); }

/* The result hangs together with x, but is the same whatever x is: dx stays NULL, for zero. */
static void like_grad(Call *c, Tensor **dy, Tensor **dx) { (void)c, (void)dy, (void)dx; }

static Tensor *like(const Op *op, Tensor *x, double value) {
    const Constant v = constant_of(value);
    return failed() ? nothing() : run(op, IN(x), OUT(make_like(x)), &v, sizeof v);
}

/* zerosLike: Zeros in the shape and dtype of x.
**   x : any [...]
**   -> y : like x
** > tf.zerosLike([5, 6])   // [0, 0]
*/
OP(zerosLike, (Tensor * x)) { return like(&zerosLike_op, x, 0); }
IMPL(zerosLike, .cpu = fill_cpu, .gl = "=p0", .gl_int = "q1", .gl_takes = is_number,
     .grad = like_grad, .any = true);

/* onesLike: Ones in the shape and dtype of x.
**   x : any [...]   not string
**   -> y : like x
** > tf.onesLike([5, 6])   // [1, 1]
*/
OP(onesLike, (Tensor * x)) {
    if (!failed() && x->dtype == TN_STRING)
        return fail(TN_DTYPE, "onesLike is not supported for string tensors");
    return like(&onesLike_op, x, 1);
}
IMPL(onesLike, .cpu = fill_cpu, .gl = "=p0", .gl_int = "q1", .gl_takes = is_number,
     .grad = like_grad, .any = true);
