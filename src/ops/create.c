/* Tensors from a rule: linspace, range, eye. (fill, zeros, ones are in view.c.) */
#include "tensor/op.h"
#include "ops/view.gen.h"

/* Doubles, so that a step of 0.1 is JavaScript's: no shader reads them. */
typedef struct Steps {
    double start, step;
} Steps;

typedef double d2 __attribute__((vector_size(16)));

/* By hand two at a time, as compilers do not see it. */
static void float_steps(Steps s, int n, float *y) {
    const d2 start = {s.start, s.start}, step = {s.step, s.step}, two = {2, 2};
    d2 at = {0, 1};
    int i = 0;
    for (; i + 2 <= n; i += 2, at += two) {
        const d2 v = start + at * step;
        y[i] = (float)v[0], y[i + 1] = (float)v[1];
    }
    if (i < n) y[i] = (float)(s.start + i * s.step);
}

static void int_steps(Steps s, int n, int *y) {
    for (int i = 0; i < n; i++) y[i] = (int)(s.start + i * s.step);
}

static void steps_cpu(Call *c) {
    const Tensor *y = c->out[0];
    if (y->dtype == TN_FLOAT32) float_steps(*(const Steps *)c->attrs, y->size, f32(y));
    else int_steps(*(const Steps *)c->attrs, y->size, i32(y));
}

/* linspace: Numbers at equal distances, both ends included.
**   start : float          the first
**   stop : float           the last
**   num : int              how many, 1 or more; the first alone if 1
**   -> y : float32 [num]
** > tf.linspace(0, 9, 4)   // [0, 3, 6, 9]
** > tf.linspace(1, -1, 5)   // [1, 0.5, 0, -0.5, -1]
*/
OP(linspace, (double start, double stop, int num)) {
    if (failed()) return nothing();
    if (num <= 0)
        return fail(TN_VALUE, "linspace: The number of values should be positive, but num is %d",
                    num);
    const Steps s = {start, num > 1 ? (stop - start) / (num - 1) : 0};
    return run(&linspace_op, NULL, 0, OUT(make(TN_FLOAT32, 1, &num)), &s, sizeof s);
}
IMPL(linspace, .cpu = steps_cpu, .gl_why = "its numbers are worked out in double",
     .constant = true);

/* range: Numbers from start on, stop left out.
**   start : float               the first
**   stop : float                before this the numbers end
**   step : float = 1            from one to the next; 1 counts down where stop is below start
**   dtype : dtype = 'float32'   'float32' or 'int32'
**   -> y : dtype [n]            none if step leads away from stop
** > tf.range(0, 9, 2)   // [0, 2, 4, 6, 8]
** > tf.range(3, 0)   // [3, 2, 1]
** > tf.range(1, 0, -0.25)   // [1, 0.75, 0.5, 0.25]
*/
OP(range, (double start, double stop, double step, DType dtype)) {
    if (failed()) return nothing();
    if (step == 0) return fail(TN_VALUE, "range: Cannot have a step of zero");
    if (dtype != TN_FLOAT32 && dtype != TN_INT32)
        return fail(TN_DTYPE, "range: dtype must be float32 or int32, but is %s",
                    dtype_name(dtype));
    if (!isfinite(start) || !isfinite(stop) || !isfinite(step))
        return fail(TN_VALUE, "range: start %g, stop %g, step %g must be finite", start, stop,
                    step);
    if (stop < start && step == 1) step = -1;
    const double n = ceil((stop - start) / step);
    if (n > INT32_MAX) return fail(TN_VALUE, "range: %.0f numbers are too many", n);
    const double last = start + (n - 1) * step;
    if (dtype == TN_INT32 && n > 0 &&
        (fmin(start, last) < INT32_MIN || fmax(start, last) > INT32_MAX))
        return fail(TN_VALUE, "range: %g to %g does not fit int32", start, last);
    const Steps s = {start, step};
    const int count = n > 0 ? (int)n : 0;
    return run(&range_op, NULL, 0, OUT(make(dtype, 1, &count)), &s, sizeof s);
}
IMPL(range, .cpu = steps_cpu, .gl_why = "its numbers are worked out in double", .constant = true);

/* ---- eye ---- */

static void eye_cpu(Call *c) {
    const Tensor *y = c->out[0];
    const int rows = y->shape[0], columns = y->shape[1];
    const int64_t n = rows < columns ? rows : columns;
    memset(y->storage->data, 0, data_bytes(y));
    for (int64_t i = 0; i < n; i++) {
        const int64_t at = i * columns + i;
        if (y->dtype == TN_FLOAT32) f32(y)[at] = 1;
        else if (y->dtype == TN_INT32) i32(y)[at] = 1;
        else u8(y)[at] = 1;
    }
}

/* eye: The identity matrix: ones on the diagonal, zeros elsewhere.
**   numRows : int                                its rows
**   numColumns : ints = null                     its columns; as many as rows if not given
**   batchShape : shape = null                    leading axes along which it is repeated
**   dtype : dtype = 'float32'                    of the result
**   -> y : dtype usually [numRows, numColumns]   repeated along batchShape, whose axes come first
** > tf.eye(2)   // [[1, 0], [0, 1]]
** > tf.eye(2, 3, [1])   // [[[1, 0, 0], [0, 1, 0]]]
*/
OP(eye, (int numRows, const Ints *numColumns, const Ints *batchShape, DType dtype)) {
    if (failed()) return nothing();
    if (!want_known_dtype("eye", dtype)) return nothing();
    if (numColumns && numColumns->n != 1)
        return fail(TN_VALUE, "eye: numColumns must be one number, but is %s",
                    ints_text(numColumns->n, numColumns->v));
    const int batch = batchShape ? batchShape->n : 0;
    if (batch > TN_MAX_RANK - 2)
        return fail(TN_SHAPE, "eye: batchShape has %d sizes, above %d", batch, TN_MAX_RANK - 2);
    const int matrix[] = {numRows, numColumns ? numColumns->v[0] : numRows};
    int shape[TN_MAX_RANK + 1] = {batch + 2};
    for (int i = 0; i < batch; i++) shape[1 + i] = batchShape->v[i];
    memcpy(shape + 1 + batch, matrix, sizeof matrix);
    Scope *s = tn_scope_begin();
    Tensor *y = run(&eye_op, NULL, 0, OUT(make(dtype, 2, matrix)), NULL, 0);
    return leave(s, batch ? tn_broadcastTo(y, (const Ints *)shape) : y);
}
IMPL(eye, .cpu = eye_cpu, .gl_why = "it is made of no tensor, once", .constant = true);
