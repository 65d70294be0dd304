/* Sound as pictures of its frequencies: stftSpectrogram, melSpectrogram. */
#include "nn/layers/layer_helpers.h"
#include "nn/layers/weighted.h"
#include "ops/binary.gen.h"
#include "ops/complex.gen.h"
#include "ops/conv.gen.h"
#include "ops/einsum.gen.h"
#include "ops/fft.gen.h"
#include "ops/gather.gen.h"
#include "ops/join.gen.h"
#include "ops/pad.gen.h"
#include "ops/reduce.gen.h"
#include "ops/slice.gen.h"
#include "ops/transpose.gen.h"
#include "ops/unary.gen.h"
#include "ops/view.gen.h"

static const double PI = 3.14159265358979323846;

/* Of n places, place i of a raised cosine; periodic: as if one more followed. */
static double window_at(Window kind, int i, int n, bool periodic) {
    double a = kind == WINDOW_HANN ? 0.5 : 0.54, last = periodic ? n : n - 1;
    if (kind == WINDOW_NONE || n == 1) return 1;
    return a - (1 - a) * cos(2 * PI * i / last);
}

/* ---- stftSpectrogram ---- */

static int fft_length(const STFTSpectrogramConfig *k) {
    int n = 1;
    if (k->fftLength != NONE) return k->fftLength;
    while (n < k->frameLength && n < 1 << 24) n *= 2;
    return n;
}

static int frame_step(const STFTSpectrogramConfig *k) {
    if (k->frameStep != NONE) return k->frameStep;
    return k->frameLength > 1 ? k->frameLength / 2 : 1;
}

static void stftSpectrogram_prepare(Layer *l) {
    const STFTSpectrogramConfig *k = l->config;
    if (k->frameStep != NONE && k->frameStep > k->frameLength)
        fail(TN_VALUE, "%.80s: frameStep must be at most frameLength, %d, but is %d", l->name,
             k->frameLength, k->frameStep);
    else if (fft_length(k) < k->frameLength || fft_length(k) > 1 << 24)
        fail(TN_VALUE, "%.80s: fftLength must be at least frameLength, %d, but is %d", l->name,
             k->frameLength, fft_length(k));
    want_no_causal(l, k->padding);
}

/* Waves under a window, as the layer and the initializer are told of them. */
typedef struct Waves {
    Window window;
    Scaling scaling;
    bool periodic, real;
} Waves;

/* What a window of n places is divided by. */
static double window_size(Waves k, int n) {
    double squares = 0, sum = 0;
    if (k.window == WINDOW_NONE || k.scaling == SCALING_NONE) return 1;
    for (int i = 0; i < n; i++) {
        double w = window_at(k.window, i, n, k.periodic);
        squares += w * w;
        sum += fabs(w);
    }
    return k.scaling == SCALING_DENSITY ? sqrt(squares) : sum;
}

/* The waves of so many frequencies: [n, 1, bins]. */
static Tensor *waves(Waves k, int n, int bins) {
    const double size = window_size(k, n);
    Tensor *y = tn_tensor(TN_FLOAT32, INTS(n, 1, bins), NULL);
    for (int i = 0; !failed() && i < y->size; i++) {
        double angle = -2 * PI * (i / bins) * (i % bins) / (2 * (bins - 1 ? bins - 1 : 1));
        double wave = k.real ? cos(angle) : sin(angle);
        f32(y)[i] = (float)(wave / size * window_at(k.window, i / bins, n, k.periodic));
    }
    return y;
}

static Tensor *stft_make(const void *config, const Ints *shape) {
    const STFTConfig *k = config;
    if (shape->n != 3 || shape->v[1] != 1 || shape->v[0] < 1 || shape->v[2] < 1)
        return fail(TN_SHAPE, "stft: the weight must be [frame, 1, bins], but has shape %s",
                    ints_text(shape->n, shape->v));
    Waves of = {k->window, k->scaling, k->periodic, k->side == WAVE_REAL};
    return waves(of, shape->v[0], shape->v[2]);
}

/* stft: Waves of rising frequency, for convolutions that give the spectrum of a signal: shape
** [length of the frame, 1, number of frequencies].
**   side : WavePart                        real or imaginary parts
**   window : Window | null = 'hann'        how the waves fade in and out
**   scaling : Scaling | null = 'density'   what the window is divided by: the root of its sum of
**                                          squares, or its sum
**   periodic : bool = false                whether the window goes on after its end
** > tf.initializers.stft({side: 'real', window: null}).apply([2, 1, 2])   // [[[1, 1]], [[1, -1]]]
** > tf.initializers.stft({side: 'imag', window: null}).apply([2, 1, 3])
**     // [[[0, 0, 0]], [[0, -1, 0]]]
*/
INITIALIZER(stft, STFT, .make = stft_make);

static void stftSpectrogram_build(Layer *l, const Shape *in, int nin) {
    const STFTSpectrogramConfig *k = l->config;
    const int bins = fft_length(k) / 2 + 1;
    const Ints *shape = INTS(k->frameLength, 1, bins);
    Waves of = {k->window, k->scaling, k->periodic, true};
    (void)in, (void)nin;
    for (int side = 0; side < 2 && !failed(); side++) {
        if (k->mode == (side ? SPECTRUM_REAL : SPECTRUM_IMAG)) continue;
        add_weight(l, side ? "imag_kernel" : "real_kernel", shape, ZEROS, NULL, NULL);
        if (failed()) return;
        Scope *s = tn_scope_begin();
        of.real = !side;
        set_weight(l, l->nweights - 1, waves(of, k->frameLength, bins));
        tn_scope_end(s);
    }
}

static void stftSpectrogram_shape(const Layer *l, const Shape *in, int nin, Shape *out) {
    const STFTSpectrogramConfig *k = l->config;
    bool first = k->dataFormat == CHANNELS_FIRST;
    int bins = (fft_length(k) / 2 + 1) * (k->mode == SPECTRUM_STFT ? 2 : 1);
    (void)nin;
    if (!want_input(l, in, 3)) return;
    int channels = in->size[first ? 1 : 2];
    int steps =
        window_length(l, in->size[first ? 2 : 1], k->frameLength, frame_step(k), 1, k->padding);
    int both = k->expandDims ? bins : times(l, channels, bins);
    *out = (Shape){.dtype = TN_FLOAT32, .rank = 3 + k->expandDims, .size = {in->size[0]}};
    int *size = out->size + 1;
    if (first && k->expandDims) size[0] = channels, size[1] = steps, size[2] = bins;
    else if (first) size[0] = both, size[1] = steps;
    else size[0] = steps, size[1] = both, size[2] = channels;
}

/* [batch, channels, steps, bins] of one kernel. */
static Tensor *waves_in(const Layer *l, Tensor *x, int i) {
    const STFTSpectrogramConfig *k = l->config;
    int batch = x->shape[0], channels = x->shape[1];
    x = tn_reshape(x, INTS(-1, x->shape[2], 1));
    Tensor *y =
        tn_conv1d(x, weight(l, i), frame_step(k), pad_of(k->padding), FORMAT_NWC, 1, ROUND_NONE);
    if (failed()) return nothing();
    return tn_reshape(y, INTS(batch, channels, y->shape[1], y->shape[2]));
}

static Tensor *spectrum(const STFTSpectrogramConfig *k, Tensor *real, Tensor *imag) {
    if (k->mode == SPECTRUM_REAL || k->mode == SPECTRUM_IMAG) return real;
    if (k->mode == SPECTRUM_ANGLE) return tn_atan2(imag, real);
    if (k->mode == SPECTRUM_STFT) return tn_concat(LIST(real, imag), 3);
    Tensor *power = tn_add(tn_square(real), tn_square(imag));
    if (failed()) return nothing();
    int bins = power->shape[3];
    if (k->mode == SPECTRUM_PSD && bins < 3) return power;
    if (k->mode == SPECTRUM_PSD) {
        Tensor *inner = tn_slice(power, INTS(0, 0, 0, 1), INTS(-1, -1, -1, bins - 2));
        return tn_add(power, tn_pad(inner, INTS(0, 0, 0, 0, 0, 0, 1, 1), 0));
    }
    Tensor *size = tn_sqrt(tn_maximum(power, number(1e-7)));
    return k->mode == SPECTRUM_LOG ? tn_log(tn_maximum(size, number(1e-7))) : size;
}

static Tensor *stftSpectrogram_call(Layer *l, Apply *a) {
    const STFTSpectrogramConfig *k = l->config;
    bool first = k->dataFormat == CHANNELS_FIRST;
    Tensor *x = to_float(a->in[0]);
    if (!first) x = tn_transpose(x, INTS(0, 2, 1), false);
    if (failed()) return nothing();
    const bool one = k->mode == SPECTRUM_REAL || k->mode == SPECTRUM_IMAG;
    Tensor *y = spectrum(k, waves_in(l, x, 0), one ? NULL : waves_in(l, x, 1));
    if (failed()) return nothing();
    const int *s = y->shape;
    if (first && k->expandDims) return y;
    if (first)
        return tn_reshape(tn_transpose(y, INTS(0, 1, 3, 2), false), INTS(s[0], s[1] * s[3], s[2]));
    if (k->expandDims) return tn_transpose(y, INTS(0, 2, 3, 1), false);
    return tn_reshape(tn_transpose(y, INTS(0, 2, 1, 3), false), INTS(s[0], s[2], s[1] * s[3]));
}

/* stftSpectrogram: The frequencies in each stretch of a signal, by kernels that can be learned on.
**   mode : Spectrum = 'log'                         what of them: logarithms of magnitudes,
**                                                   magnitudes, power density, real or imaginary
**                                                   parts, angles, or both parts
**   frameLength : int >= 1 = 256                    of a stretch
**   frameStep : int >= 1 = null                     from one to the next; null: half of it
**   fftLength : int >= 1 = null                     twice the number of frequencies; null: the
**                                                   power of two that is not below frameLength
**   window : Window | null = 'hann'                 how a stretch fades in and out
**   periodic : bool = false                         whether the window goes on after its end
**   scaling : Scaling | null = 'density'            what the window is divided by
**   padding : Padding = 'valid'                     'same' has steps / frameStep stretches
**   expandDims : bool = false                       true: frequencies have an axis of their own
**   dataFormat : Channels = 'channelsLast'          where the channels are
**   -> y : [batch, steps, channels * frequencies]
** > tf.layers.stftSpectrogram({mode: 'magnitude', frameLength: 2, frameStep: 2, window: null})
**     .apply([[[1], [1], [1], [-1]]]).round()   // [[[2, 0], [0, 2]]]
*/
LAYER(stftSpectrogram, STFTSpectrogram, .prepare = stftSpectrogram_prepare,
      .build = stftSpectrogram_build, .shape = stftSpectrogram_shape, .call = stftSpectrogram_call);

/* ---- melSpectrogram ---- */

static int stretch_of(const MelSpectrogramConfig *k) {
    return k->sequenceLength == NONE ? k->fftLength : k->sequenceLength;
}

static void melSpectrogram_prepare(Layer *l) {
    const MelSpectrogramConfig *k = l->config;
    if (k->fftLength < stretch_of(k))
        fail(TN_VALUE, "%.80s: fftLength must be at least sequenceLength, %d, but is %d", l->name,
             stretch_of(k), k->fftLength);
    else if (k->fftLength < 2 || k->fftLength > 1 << 24)
        fail(TN_VALUE, "%.80s: fftLength is %d", l->name, k->fftLength);
}

static void melSpectrogram_shape(const Layer *l, const Shape *in, int nin, Shape *out) {
    const MelSpectrogramConfig *k = l->config;
    (void)nin;
    if (!want_input(l, in, -1)) return;
    int last = in->rank - 1, n = in->size[last], edge = k->fftLength / 2;
    if (in->rank > 2)
        fail(TN_SHAPE, "%.80s: x must be of shape [samples] or [batch, samples], but has %s",
             l->name, shape_string(in));
    else if (n >= 0 && n <= edge)
        fail(TN_SHAPE, "%.80s: x must have more than %d samples, half of fftLength, but has %d",
             l->name, edge, n);
    if (failed()) return;
    *out = (Shape){.dtype = TN_FLOAT32, .rank = in->rank + 1, .size = {in->size[0]}};
    out->size[last] = k->numMelBins;
    out->size[last + 1] = n < 0 ? -1 : (n + 2 * edge - k->fftLength) / k->sequenceStride + 1;
}

/* [n, frames, fftLength], each under the window. */
static Tensor *frames(const MelSpectrogramConfig *k, Tensor *x) {
    int n = k->fftLength, edge = n / 2, stretch = stretch_of(k), before = (n - stretch) / 2;
    x = tn_mirrorPad(x, INTS(0, 0, edge, edge), MIRROR_REFLECT);
    int count = failed() ? 0 : (x->shape[1] - n) / k->sequenceStride + 1;
    int cells = checked_size("melSpectrogram", 2, (int[]){count, n}, TN_INT32);
    size_t bytes = sizeof(int) * (size_t)(cells + n);
    int *at = failed() ? NULL : scratch(bytes);
    if (!at) return nothing();
    float *window = (float *)(at + cells);
    for (int i = 0; i < cells; i++) at[i] = i / n * k->sequenceStride + i % n;
    for (int i = 0; i < n; i++)
        window[i] = i < before || i >= before + stretch
                        ? 0
                        : (float)window_at(k->window, i - before, stretch, true);
    Tensor *y = tn_gather(x, tn_tensor(TN_INT32, INTS(count, n), at), 1, 0);
    y = tn_mul(y, tn_tensor(TN_FLOAT32, INTS(n), window));
    scratch_free(at, bytes);
    return y;
}

static double mel(double hertz) { return 1127 * log(1 + hertz / 700); }

/* [frequencies, bins]: triangles of height 1, at equal distances on the mel scale. */
static Tensor *triangles(const MelSpectrogramConfig *k) {
    int n = k->fftLength / 2 + 1, bins = k->numMelBins;
    int cells = checked_size("melSpectrogram", 2, (int[]){n, bins}, TN_FLOAT32);
    float *v = failed() ? NULL : scratch(sizeof *v * (size_t)cells);
    if (!v) return nothing();
    double top = isnan(k->maxFreq) ? floor(k->samplingRate / 2) : k->maxFreq;
    double low = mel(k->minFreq), step = (mel(top) - low) / (bins + 1);
    for (int i = 0; i < cells; i++) {
        double at = mel(k->samplingRate / 2 * (i / bins) / (n - 1));
        double up = (at - low) / step - i % bins, down = 2 - up;
        v[i] = i / bins ? (float)fmax(0, fmin(up, down)) : 0;
    }
    Tensor *y = tn_tensor(TN_FLOAT32, INTS(n, bins), v);
    scratch_free(v, sizeof *v * (size_t)cells);
    return y;
}

static Tensor *decibels(Tensor *x, double least) {
    return tn_mul(tn_log(tn_maximum(x, number(least))), number(10 / log(10)));
}

static Tensor *melSpectrogram_call(Layer *l, Apply *a) {
    const MelSpectrogramConfig *k = l->config;
    Tensor *x = to_float(a->in[0]);
    bool single = x->rank == 1;
    Tensor *waves = tn_rfft(frames(k, single ? tn_expandDims(x, 0) : x), k->fftLength);
    Tensor *y = tn_add(tn_square(tn_real(waves)), tn_square(tn_imag(waves)));
    if (k->magExp != 2) y = tn_pow(tn_maximum(y, number(1e-30)), number(k->magExp / 2));
    y = tn_einsum("bft,tm->bmf", LIST(y, triangles(k)));
    if (k->powerToDb) {
        y = tn_sub(decibels(y, k->minPower),
                   number(10 * log10(fmax(fabs(k->refPower), k->minPower))));
        y = tn_maximum(y, tn_sub(tn_max(y, NULL, false), number(k->topDb)));
    }
    return single ? tn_squeeze(y, INTS(0)) : y;
}

/* melSpectrogram: The power in each stretch of a signal, on the mel scale of pitches.
**   fftLength : int >= 2 = 2048        twice the number of frequencies
**   sequenceStride : int >= 1 = 512    from one stretch to the next
**   sequenceLength : int >= 1 = null   of a stretch; null: fftLength
**   window : Window | null = 'hann'    how a stretch fades in and out
**   samplingRate : float = 16000       samples a second
**   numMelBins : int >= 1 = 128        how many bands
**   minFreq : float = 20               where they begin
**   maxFreq : float = null             where they end; null: half of samplingRate
**   powerToDb : bool = true            true: in decibels
**   topDb : float = 80                 how far below the loudest they go
**   magExp : float = 2                 1: magnitudes, 2: power
**   minPower : float = 1e-10           what is below counts as this
**   refPower : float = 1               what is 0 decibels
**   -> y : [batch, bands, stretches]
** > tf.layers.melSpectrogram({fftLength: 8, sequenceStride: 4, numMelBins: 2})
**     .apply(tf.zeros([1, 8])).round()   // [[[-100, -100, -100], [-100, -100, -100]]]
*/
LAYER(melSpectrogram, MelSpectrogram, .prepare = melSpectrogram_prepare,
      .shape = melSpectrogram_shape, .call = melSpectrogram_call);
