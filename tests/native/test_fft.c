/* Fourier transforms of all lengths against the definition in double, and signals around them. */
#include "grad_check.h"
#include "backend/cpu/fft_kernels.h"
#include "base/threads.h"

static Tensor *random_complex(const Ints *shape) {
    Scope *s = tn_scope_begin();
    Tensor *z = tn_complex(random_tensor(shape, -1, 1), random_tensor(shape, -1, 1));
    tn_scope_out(s, z);
    tn_scope_end(s);
    return z;
}

/* Sum of x[t] exp(sign 2 pi i k t / n) for one k. */
static void element(const float *x, int n, int k, int sign, double *re, double *im) {
    *re = *im = 0;
    for (int t = 0; t < n; t++) {
        const double angle = sign * 6.283185307179586477 * (double)((int64_t)k * t % n) / n;
        const double c = cos(angle), s = sin(angle);
        *re += x[2 * t] * c - x[2 * t + 1] * s;
        *im += x[2 * t] * s + x[2 * t + 1] * c;
    }
}

/* Every `step`-th element is within 1e-6 of the largest that may be. */
static void check_transform(Tensor *x, Tensor *y, int sign, int step, double scale) {
    assert_no_error();
    const int n = tn_size(x);
    double worst = 0, largest = 0;
    for (int k = 0; k < n; k += step) {
        double re, im;
        element(tn_floats(x), n, k, sign, &re, &im);
        re *= scale, im *= scale;
        const double off = hypot(tn_floats(y)[2 * k] - re, tn_floats(y)[2 * k + 1] - im);
        worst = off > worst ? off : worst;
        largest = hypot(re, im) > largest ? hypot(re, im) : largest;
    }
    if (!(worst <= 1e-6 * largest)) fail_msg("length %d is off by %g of %g", n, worst, largest);
}

static void check_length(int n, int step) {
    Scope *s = tn_scope_begin();
    Tensor *x = random_complex(INTS(n));
    check_transform(x, tn_fft(x), -1, step, 1);
    check_transform(x, tn_ifft(x), 1, step, 1.0 / n);
    tn_scope_end(s);
}

static void fft_all_lengths(void **state) {
    (void)state;
    for (int n = 1; n <= 160; n++) check_length(n, 1);
    const int more[] = {243, 256, 480, 625, 997, 1000, 1024, 2187, 4096, 6561, 10007, 15625, 32768};
    for (size_t i = 0; i < sizeof more / sizeof *more; i++) check_length(more[i], 1 + more[i] / 40);
}

/* rfft is the first half of fft of the row, cut or continued with zeros; irfft gives it back. */
static void check_real(int rows, int length, int n) {
    Scope *s = tn_scope_begin();
    Tensor *x = random_tensor(INTS(rows, length), -1, 1), *row = x;
    if (n < length) row = tn_slice(x, INTS(0, 0), INTS(rows, n));
    if (n > length) row = tn_pad(x, INTS(0, 0, 0, n - length), 0);
    Tensor *whole = tn_fft(tn_complex(row, tn_zerosLike(row))), *half = tn_rfft(x, n);
    assert_no_error();
    assert_int_equal(tn_shape(half)[1], n / 2 + 1);
    const float largest = tn_floats(tn_max(tn_abs(whole), NULL, false))[0];
    for (int r = 0; r < rows; r++)
        for (int i = 0; i < 2 * (n / 2 + 1); i++)
            assert_near(tn_floats(half)[r * 2 * (n / 2 + 1) + i] / largest,
                        tn_floats(whole)[r * 2 * n + i] / largest, 5e-7, "rfft", i);
    if (n % 2 == 0) {
        Tensor *back = tn_irfft(half);
        for (int i = 0; i < rows * n; i++)
            assert_near(tn_floats(back)[i], tn_floats(row)[i], 2e-6, "irfft", i);
    }
    tn_scope_end(s);
}

static void rfft_all_lengths(void **state) {
    (void)state;
    for (int n = 1; n <= 70; n++) {
        check_real(2, n, n);
        check_real(1, random_int(1, 70), n);
    }
    check_real(40, 400, 512);
    check_real(3, 2000, 1000);
}

/* Imaginary parts that a spectrum of real rows cannot have are not looked at. */
static void irfft_ends(void **state) {
    (void)state;
    Scope *s = tn_scope_begin();
    Tensor *z = tn_complex(tn_range(1, 4, 1, TN_FLOAT32), tn_range(5, 8, 1, TN_FLOAT32));
    ASSERT_FLOATS(tn_irfft(z), 2, -3.5f, 0, 2.5f);
    Tensor *one = tn_ones(INTS(1), TN_FLOAT32);
    ASSERT_FLOATS(tn_irfft(tn_complex(one, one)), 1);
    tn_scope_end(s);
}

/* ---- gradients ---- */

static Tensor *pair(Tensor *z) { return tn_concat(LIST(tn_real(z), tn_imag(z)), 0); }

/* Squared on the way, so that second gradients are not zero. */
static Tensor *of_fft(Tensor **in) { return pair(tn_square(tn_fft(tn_complex(in[0], in[1])))); }
static Tensor *of_ifft(Tensor **in) { return pair(tn_square(tn_ifft(tn_complex(in[0], in[1])))); }
static Tensor *of_irfft(Tensor **in) { return tn_square(tn_irfft(tn_complex(in[0], in[1]))); }
static Tensor *of_rfft(Tensor **in) { return pair(tn_square(tn_rfft(in[0], 0))); }
static Tensor *of_rfft_cut(Tensor **in) { return pair(tn_square(tn_rfft(in[0], 4))); }
static Tensor *of_rfft_longer(Tensor **in) { return pair(tn_square(tn_rfft(in[0], 9))); }
static Tensor *of_frames(Tensor **in) { return tn_square(tn_frame(in[0], 3, 2, true, 0.5f)); }
static Tensor *of_stft(Tensor **in) { return pair(tn_stft(in[0], 4, 2, 4, in[1])); }

static void gradients(void **state) {
    (void)state;
    const struct {
        const char *name;
        CheckFn fn;
        int inputs, length;
    } rows[] = {
        {"fft", of_fft, 2, 5},
        {"ifft", of_ifft, 2, 4},
        {"irfft", of_irfft, 2, 4},
        {"rfft of even length", of_rfft, 1, 6},
        {"rfft of odd length", of_rfft, 1, 5},
        {"rfft, cut", of_rfft_cut, 1, 7},
        {"rfft, longer", of_rfft_longer, 1, 5},
        {"frame", of_frames, 1, 6},
    };
    for (size_t i = 0; i < sizeof rows / sizeof *rows; i++) {
        Tensor *in[2];
        for (int k = 0; k < rows[i].inputs; k++) in[k] = random_tensor(INTS(rows[i].length), -1, 1);
        check_gradients(rows[i].name, rows[i].fn, rows[i].inputs, in, 2);
    }
    Tensor *in[] = {random_tensor(INTS(8), -1, 1), random_tensor(INTS(4), 0, 1)};
    check_gradients("stft", of_stft, 2, in, 2);
}

/* ---- signals ---- */

static void frames(void **state) {
    (void)state;
    for (int n = 0; n < 300; n++) {
        Scope *s = tn_scope_begin();
        const int size = random_int(0, 9), length = random_int(0, 5), step = random_int(1, 5);
        const bool end = n & 1;
        Tensor *x = random_tensor(INTS(2, size), -1, 1), *y = tn_frame(x, length, step, end, 7);
        assert_no_error();
        int count = 0;
        for (int from = 0; end ? from < size : from + length <= size; from += step, count++)
            for (int r = 0; r < 2; r++)
                for (int i = 0; i < length; i++) {
                    const float want = from + i < size ? tn_floats(x)[r * size + from + i] : 7;
                    const int at = (r * tn_shape(y)[1] + count) * length + i;
                    assert_true(at < tn_size(y) && tn_floats(y)[at] == want);
                }
        assert_int_equal(tn_shape(y)[1], count);
        assert_int_equal(tn_shape(y)[2], length);
        tn_scope_end(s);
    }
}

static void windows(void **state) {
    (void)state;
    Scope *s = tn_scope_begin();
    ASSERT_FLOATS(tn_hannWindow(3), 0, 1, 0);
    ASSERT_FLOATS(tn_hannWindow(1), 1);
    ASSERT_FLOATS(tn_hammingWindow(4), 0.08f, 0.54f, 1, 0.54f);
    assert_int_equal(tn_size(tn_hammingWindow(0)), 0);
    tn_scope_end(s);
}

static void refuses(void **state) {
    (void)state;
    Scope *s = tn_scope_begin();
    Tensor *x = tn_ones(INTS(4), TN_FLOAT32);
    tn_fft(x);
    assert_failed(TN_DTYPE, "The dtype for tf.spectral.fft() must be complex64 but got float32.");
    tn_rfft(tn_ones(INTS(4), TN_INT32), 0);
    assert_failed(TN_DTYPE, "must be real value but got int32");
    tn_rfft(x, -3);
    assert_failed(TN_VALUE, "fftLength must be 1 or more, but is -3");
    tn_ifft(tn_complex(tn_scalar(1), tn_scalar(1)));
    assert_failed(TN_SHAPE, "rank 0");
    tn_irfft(tn_zeros(INTS(2, 0), TN_COMPLEX64));
    assert_failed(TN_SHAPE, "irfft: input has shape [2, 0]");
    tn_frame(x, 2, 0, false, 0);
    assert_failed(TN_VALUE, "frameStep must be 1 or more, but is 0");
    tn_frame(x, -1, 1, false, 0);
    assert_failed(TN_VALUE, "frameLength is -1");
    tn_frame(x, INT32_MAX, INT32_MAX, true, 0);
    assert_int_equal(tn_error_code(), TN_SHAPE);
    tn_clear_error();
    tn_stft(x, 0, 1, 0, NULL);
    assert_failed(TN_VALUE, "frameLength must be 1 to");
    tn_hannWindow(-1);
    assert_failed(TN_VALUE, "windowLength is -1");
    Tensor *none = tn_rfft(tn_zeros(INTS(2, 0), TN_FLOAT32), 3);
    ASSERT_FLOATS(tn_abs(none), 0, 0, 0, 0);
    assert_int_equal(tn_size(tn_fft(tn_zeros(INTS(2, 0), TN_COMPLEX64))), 0);
    tn_scope_end(s);
}

/* Each allocation fails in turn: an error, or the right result. */
static void out_of_memory(void **state) {
    (void)state;
    Tensor *x = random_complex(INTS(2, 71)), *y = random_tensor(INTS(3, 86), -1, 1);
    int failures = 0;
    for (int n = 1; n < 60; n++) {
        Scope *s = tn_scope_begin();
        tn_fail_allocation(n);
        Tensor *z = n % 2 ? tn_fft(x) : tn_rfft(y, 0);
        tn_fail_allocation(0);
        failures += tn_error() != NULL;
        if (tn_error()) assert_int_equal(tn_error_code(), TN_MEMORY);
        else assert_int_equal(tn_size(z), n % 2 ? 142 : 132);
        tn_clear_error();
        tn_scope_end(s);
    }
    assert_true(failures > 4);
    tn_dispose(x), tn_dispose(y);
}

int main(void) {
    tn_set_threads(3);
    const struct CMUnitTest tests[] = {
        OP_TEST(out_of_memory), OP_TEST(fft_all_lengths), OP_TEST(rfft_all_lengths),
        OP_TEST(irfft_ends),    OP_TEST(gradients),       OP_TEST(frames),
        OP_TEST(windows),       OP_TEST(refuses),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
