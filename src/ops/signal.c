/* Signals: windows, frames that overlap, and the Fourier transform of each. */
#include "ops/strided.h"
#include "ops/binary.gen.h"
#include "ops/fft.gen.h"
#include "ops/pad.gen.h"
#include "ops/signal.gen.h"
#include "ops/view.gen.h"

/* ---- windows ---- */

typedef struct Cosine {
    int a, b; /* in hundredths */
} Cosine;

/* a - b cos(2 pi i / n), n the length, or one less than an odd one: in double. */
static void window_cpu(Call *c) {
    const Cosine *w = c->attrs;
    const Tensor *y = c->out[0];
    const int n = y->size, period = n % 2 ? n - 1 : n;
    for (int i = 0; i < n; i++) {
        const double cosine = period ? cos(6.283185307179586477 * i / period) : -1;
        f32(y)[i] = (float)(w->a / 100.0 - w->b / 100.0 * cosine);
    }
}

static const Op window_op = {.name = "cosineWindow",
                             .cpu = window_cpu,
                             .gl_why = "its numbers are worked out in double",
                             .constant = true};

static Tensor *window_of(const char *op, int n, int a, int b) {
    if (failed()) return nothing();
    if (n < 0) return fail(TN_VALUE, "%s: windowLength is %d, which is negative", op, n);
    const Cosine w = {a, b};
    return run(&window_op, NULL, 0, OUT(make(TN_FLOAT32, 1, &n)), &w, sizeof w);
}

/* signal.hannWindow: The Hann window, a cosine from 0 to 1 and back.
**   windowLength : int   n
**   -> y : float32 [n]   0.5 - 0.5 cos(2 pi i / n), n - 1 below for odd n; 1 if n is 1
** > tf.signal.hannWindow(4)   // [0, 0.5, 1, 0.5]
*/
OP(hannWindow, (int windowLength)) { return window_of("hannWindow", windowLength, 50, 50); }

/* signal.hammingWindow: The Hamming window, a cosine from 0.08 to 1 and back.
**   windowLength : int   n
**   -> y : float32 [n]   0.54 - 0.46 cos(2 pi i / n), n - 1 below for odd n; 1 if n is 1
** > tf.signal.hammingWindow(5)   // [0.08, 0.54, 1, 0.54, 0.08]
*/
OP(hammingWindow, (int windowLength)) { return window_of("hammingWindow", windowLength, 54, 46); }

/* ---- frames ---- */

/* The inverse of a walk that may meet elements more than once: what comes from each is added up. */
static void overlap_cpu(Call *c) {
    const Strided *s = c->attrs;
    const Tensor *x = c->in[0], *y = c->out[0];
    const int64_t parts = x->dtype == TN_COMPLEX64 ? 2 : 1;
    const int64_t length = s->size[2] * parts, stride = s->stride[1] * parts;
    memset(f32(y), 0, data_bytes(y));
    if (!x->size) return;
    const float *restrict from = f32(x);
    for (int row = 0; row < s->size[0]; row++)
        for (int frame = 0; frame < s->size[1]; frame++, from += length) {
            float *restrict to = f32(y) + row * s->stride[0] * parts + frame * stride;
            for (int64_t i = 0; i < length; i++) to[i] += from[i];
        }
}

static void frames_grad(Call *c, Tensor **dy, Tensor **dx);
static void overlap_grad(Call *c, Tensor **dy, Tensor **dx);
static const Op frames_op = {
    .name = "frames", .cpu = strided_cpu, .gl = "strided", .grad = frames_grad, .any = true};
static const Op overlap_op = {.name = "overlapAdd",
                              .cpu = overlap_cpu,
                              .gl = "overlapAdd",
                              .grad = overlap_grad,
                              .any = true};

static void frames_grad(Call *c, Tensor **dy, Tensor **dx) {
    dx[0] = run(&overlap_op, IN(dy[0]), OUT(make_like(c->in[0])), c->attrs, sizeof(Strided));
}

static void overlap_grad(Call *c, Tensor **dy, Tensor **dx) {
    dx[0] = run(&frames_op, IN(dy[0]), OUT(make_like(c->in[0])), c->attrs, sizeof(Strided));
}

/* How many frames begin in a signal of n; -1 with the error set. */
static int frames_in(int n, int length, int stride, bool padEnd) {
    if (length < 0) fail(TN_VALUE, "frame: frameLength is %d, which is negative", length);
    const bool some = padEnd ? n > 0 : n >= length;
    if (!failed() && some && stride < 1)
        fail(TN_VALUE, "frame: frameStep must be 1 or more, but is %d", stride);
    if (failed()) return -1;
    if (!some) return 0;
    const int64_t frames = 1 + (padEnd ? (int64_t)n - 1 : (int64_t)n - length) / stride;
    if (frames > INT32_MAX) fail(TN_SHAPE, "frame: %.0f frames are too many", (double)frames);
    return failed() ? -1 : (int)frames;
}

/* x [rows, n] with at least `needed` elements in each row. */
static Tensor *lengthened(Tensor *x, int64_t needed, double value) {
    const int n = x->shape[1];
    if (needed <= n) return x;
    if (needed > INT32_MAX)
        return fail(TN_SHAPE, "frame: %.0f elements are too many", (double)needed);
    return tn_pad(x, INTS(0, 0, 0, (int)needed - n), value);
}

/* signal.frame: Cuts signals into frames of one length, which overlap if the stride is shorter.
**   signal : [..., n]
**   frameLength : int                   elements of a frame
**   frameStep : int                     elements from the begin of a frame to that of the next
**   padEnd : bool = false               begin frames up to the end, and continue the signal with
**                                       padValue
**   padValue : float = 0                what comes after the end
**   -> y : [..., frames, frameLength]
** > tf.signal.frame([1, 2, 3, 4, 5], 3, 2)   // [[1, 2, 3], [3, 4, 5]]
** > tf.signal.frame([1, 2, 3, 4], 3, 2, true, 9)   // [[1, 2, 3], [3, 4, 9]]
*/
OP(frame, (Tensor * signal, int frameLength, int frameStep, bool padEnd, double padValue)) {
    if (failed()) return nothing();
    const int rank = signal->rank;
    if (rank < 1 || rank == TN_MAX_RANK)
        return fail(TN_SHAPE, "frame: signal must be of rank 1 to %d, but has rank %d",
                    TN_MAX_RANK - 1, rank);
    const int n = signal->shape[rank - 1], rows = outer_size(signal, rank - 1);
    const int frames = frames_in(n, frameLength, frameStep, padEnd);
    if (frames < 0) return nothing();
    Scope *s = tn_scope_begin();
    const int64_t needed = frames ? (int64_t)(frames - 1) * frameStep + frameLength : 0;
    Tensor *x = lengthened(tn_reshape(signal, INTS(rows, n)), needed, padValue);
    if (failed()) return leave(s, nothing());
    const Strided walk = {3, 0, {rows, frames, frameLength}, {x->shape[1], frameStep, 1}};
    Tensor *y = run(&frames_op, IN(x), OUT(make(x->dtype, 3, walk.size)), &walk, sizeof walk);
    int shape[TN_MAX_RANK + 1] = {rank + 1};
    memcpy(shape + 1, signal->shape, sizeof(int) * (size_t)rank);
    shape[rank] = frames;
    shape[rank + 1] = frameLength;
    return leave(s, tn_reshape(y, (const Ints *)shape));
}

/* signal.stft: Short-time Fourier transform: which frequencies there are, frame by frame.
**   signal : float32 [..., n]
**   frameLength : int                       elements of a frame
**   frameStep : int                         elements from the begin of a frame to that of the next
**   fftLength : int = 0                     length of the transform; 0: the least power of two
**                                           that holds a frame
**   window : float32 [frameLength] = null   what frames are multiplied by; Hann's if not given. In
**                                           JavaScript also a function that makes it from the
**                                           length
**   -> y : complex64 [..., frames, fftLength / 2 + 1]
** > tf.signal.stft([1, 2, 3, 4], 3, 1)   // [[2, 0, 0, -2, -2, 0], [3, 0, 0, -3, -3, 0]]
** > tf.signal.stft([1, 2, 4, 7], 2, 2, 2, [1, 0.5])   // [[2, 0, 0, 0], [7.5, 0, 0.5, 0]]
*/
OP(stft, (Tensor * signal, int frameLength, int frameStep, int fftLength, Tensor *window)) {
    if (failed()) return nothing();
    if (frameLength < 1 || frameLength > 1 << 30)
        return fail(TN_VALUE, "stft: frameLength must be 1 to %d, but is %d", 1 << 30, frameLength);
    for (int n = 1; !fftLength; n *= 2)
        if (n >= frameLength) fftLength = n;
    Scope *s = tn_scope_begin();
    Tensor *frames = tn_frame(to_float(signal), frameLength, frameStep, false, 0);
    if (!window) window = tn_hannWindow(frameLength);
    return leave(s, tn_rfft(tn_mul(frames, window), fftLength));
}
