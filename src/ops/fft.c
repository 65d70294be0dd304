/* Fourier transforms along the last axis, of any length: fft, ifft, rfft, irfft. Each is linear:
** its gradient is the transform with the sign of i changed, of real rows the way back. */
#include "tensor/op.h"
#include "backend/cpu/fft_kernels.h"

typedef struct Fft {
    int n, length;       /* of the transform; of a real row */
    int inverse;         /* +i */
    float scale, weight; /* of all; of a half spectrum's inner elements */
} Fft;

typedef struct Job {
    FftRows rows;
    bool (*transform)(const FftRows *, int, int);
    bool *short_of_memory;
} Job;

static void some_rows(void *job, int begin, int end) {
    const Job *j = job;
    if (!j->transform(&j->rows, begin, end))
        __atomic_store_n(j->short_of_memory, true, __ATOMIC_RELAXED);
}

static void transform_rows(Call *c, bool real, bool (*transform)(const FftRows *, int, int)) {
    const Fft *f = c->attrs;
    const Tensor *x = c->in[0], *y = c->out[0];
    if (!x->size) { /* a row of nothing is as good as zeros */
        memset(y->storage->data, 0, data_bytes(y));
        return;
    }
    bool short_of_memory = false;
    const FftPlan *plan = fft_borrow(f->n, real);
    const Job j = {{f->n, f->length, f->inverse, f->scale, f->weight, f32(x), f32(y), plan},
                   transform,
                   &short_of_memory};
    const int rows = y->size / y->shape[y->rank - 1];
    if (plan) parallel_for(rows, 1 + 16384 / f->n, some_rows, (void *)&j);
    if (!plan || short_of_memory)
        fail(TN_MEMORY, "%s: out of memory for %d roots and numbers", c->op->name, f->n);
    fft_return(plan);
}

/* The shape of x with another last axis. */
static Tensor *make_rows(DType dtype, const Tensor *x, int last) {
    if (failed()) return nothing();
    int shape[TN_MAX_RANK];
    memcpy(shape, x->shape, sizeof shape);
    shape[x->rank - 1] = last;
    return make(dtype, x->rank, shape);
}

static int last_of(const Tensor *x) { return x->shape[x->rank - 1]; }

/* ---- complex rows ---- */

extern const Op fft_op, ifft_op, rfft_op, irfft_op;

static void complex_cpu(Call *c) { transform_rows(c, false, fft_complex_rows); }

static Tensor *complex_rows(Tensor *x, const Fft *f) {
    return run(f->inverse ? &ifft_op : &fft_op, IN(x), OUT(make_like(x)), f, sizeof *f);
}

static void complex_grad(Call *c, Tensor **dy, Tensor **dx) {
    Fft f = *(const Fft *)c->attrs;
    f.inverse = !f.inverse;
    dx[0] = complex_rows(dy[0], &f);
}

static bool want_rows(const char *op, const Tensor *x) {
    if (!x->rank) fail(TN_SHAPE, "%s: input has rank 0, but must have rows", op);
    return !failed();
}

static bool want_complex(const char *op, const Tensor *x) {
    if (x->dtype != TN_COMPLEX64)
        fail(TN_DTYPE, "%s: The dtype for tf.spectral.%s() must be complex64 but got %s.", op, op,
             dtype_name(x->dtype));
    return !failed() && want_rows(op, x);
}

/* fft: Discrete Fourier transform of each row: how much of each frequency is in it.
**   input : complex64 [..., n]   any n >= 0
**   -> y : complex64 [..., n]    y[k] = sum of input[t] exp(-2 pi i k t / n)
** > tf.fft(tf.complex([1, 2], [1, 1]))   // [3, 2, -1, 0]
** > tf.fft(tf.complex([1, 2, 3, 4], [0, 0, 0, 0]))   // [10, 0, -2, 2, -2, 0, -2, -2]
*/
OP(fft, (Tensor * input)) {
    if (failed() || !want_complex("fft", input)) return nothing();
    return complex_rows(input, &(Fft){last_of(input), 0, false, 1, 1});
}
IMPL(fft, .cpu = complex_cpu, .gl_why = "complex64 is kept in memory only", .grad = complex_grad,
     .any = true);

/* ifft: The way back from fft: rows of which these are the frequencies.
**   input : complex64 [..., n]   any n >= 0
**   -> y : complex64 [..., n]    y[t] = sum of input[k] exp(2 pi i k t / n) / n
** > tf.ifft(tf.complex([3, -1], [2, 0]))   // [1, 1, 2, 1]
*/
OP(ifft, (Tensor * input)) {
    if (failed() || !want_complex("ifft", input)) return nothing();
    const int n = last_of(input);
    return complex_rows(input, &(Fft){n, 0, true, 1 / (float)(n ? n : 1), 1});
}
IMPL(ifft, .cpu = complex_cpu, .gl_why = "complex64 is kept in memory only", .grad = complex_grad,
     .any = true);

/* ---- real rows ---- */

static void real_cpu(Call *c) { transform_rows(c, true, fft_real_rows); }
static void halves_cpu(Call *c) { transform_rows(c, true, fft_halves_rows); }

static Tensor *halves_of(Tensor *x, const Fft *f) {
    return run(&rfft_op, IN(x), OUT(make_rows(TN_COMPLEX64, x, f->n / 2 + 1)), f, sizeof *f);
}

static Tensor *reals_of(Tensor *x, const Fft *f) {
    return run(&irfft_op, IN(x), OUT(make_rows(TN_FLOAT32, x, f->length)), f, sizeof *f);
}

static void rfft_grad(Call *c, Tensor **dy, Tensor **dx) { dx[0] = reals_of(dy[0], c->attrs); }
static void irfft_grad(Call *c, Tensor **dy, Tensor **dx) { dx[0] = halves_of(dy[0], c->attrs); }

/* rfft: Discrete Fourier transform of rows of real numbers: the half that is not a mirror image.
**   input : [..., n]
**   fftLength : int = 0                         length of the transform: rows are cut, or
**                                               continued with zeros; 0: n
**   -> y : complex64 [..., fftLength / 2 + 1]   the frequencies from 0 to one half
** > tf.rfft([1, 2, 3, 5])   // [11, 0, -2, 3, -3, 0]
** > tf.rfft([[1, 2, 3], [4, 5, 6]], 2)   // [[3, 0, -1, 0], [9, 0, -1, 0]]
** > tf.rfft([1, 2, 3], 4)   // [6, 0, -2, -2, 2, 0]
*/
OP(rfft, (Tensor * input, int fftLength)) {
    if (failed()) return nothing();
    if (input->dtype != TN_FLOAT32)
        return fail(TN_DTYPE, "rfft: The dtype for rfft() must be real value but got %s",
                    dtype_name(input->dtype));
    if (!want_rows("rfft", input)) return nothing();
    const int n = fftLength ? fftLength : last_of(input);
    if (n < 1) return fail(TN_VALUE, "rfft: fftLength must be 1 or more, but is %d", n);
    return halves_of(input, &(Fft){n, last_of(input), false, 1, 1});
}
IMPL(rfft, .cpu = real_cpu, .gl_why = "complex64 is kept in memory only", .grad = rfft_grad,
     .any = true);

/* irfft: The way back from rfft: rows of real numbers, of even length.
**   input : complex64 [..., k]                   k >= 1; imaginary parts of the first and last are
**                                                not looked at
**   -> y : float32 [..., 2 (k - 1)] | [..., 1]   the latter if k is 1
** > tf.irfft(tf.complex([11, -2, -3], [0, 3, 0]))   // [1, 2, 3, 5]
*/
OP(irfft, (Tensor * input)) {
    if (failed() || !want_rows("irfft", input)) return nothing();
    const int k = last_of(input), n = k > 1 ? 2 * (k - 1) : 1;
    if (k < 1) return fail(TN_SHAPE, "irfft: input has shape %s, no numbers", shape_text(input));
    if (k > INT32_MAX / 2) return fail(TN_SHAPE, "irfft: %d frequencies are too many", k);
    Scope *s = tn_scope_begin();
    const Fft f = {n, n, true, 1 / (float)n, 2};
    return leave(s, reals_of(to_dtype(input, TN_COMPLEX64), &f));
}
IMPL(irfft, .cpu = halves_cpu, .gl_why = "complex64 is kept in memory only", .grad = irfft_grad,
     .any = true);
