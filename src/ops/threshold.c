/* image.threshold: images in black and white. */
#include "tensor/op.h"

typedef struct Threshold {
    int channels, otsu, inverted;
    float level; /* of 255 */
} Threshold;

static float brightness(const Threshold *t, const float *pixel) {
    if (t->channels == 1) return pixel[0];
    return pixel[0] * 0.2989f + pixel[1] * 0.587f + pixel[2] * 0.114f;
}

/* The level that parts brightnesses best: of the largest variance between the two parts, or -1.
** Otsu, "A Threshold Selection Method from Gray-Level Histograms", IEEE SMC 9(1), 1979. */
static float otsu_level(const Threshold *t, const float *pixels, int n) {
    int64_t count[256] = {0}, total = 0, total_moment = 0;
    for (int i = 0; i < n; i++) {
        const float v = rintf(brightness(t, pixels + (int64_t)i * t->channels));
        if (!(v >= 0 && v < 256)) continue;
        count[(int)v]++;
        total++;
        total_moment += (int)v;
    }
    int best = -1;
    double most = 0, below = 0, moment = 0;
    for (int level = 0; level < 255; level++) {
        below += (double)count[level];
        moment += (double)count[level] * level;
        const double above = (double)total - below;
        if (below == 0 || above == 0) continue;
        const double apart = moment / below - ((double)total_moment - moment) / above;
        const double variance = below / n * (above / n) * apart * apart;
        if (variance > most) most = variance, best = level;
    }
    return (float)best;
}

static void threshold_cpu(Call *c) {
    const Threshold *t = c->attrs;
    const float *x = f32(c->in[0]);
    int *y = i32(c->out[0]);
    const int n = c->out[0]->size;
    const float level = t->otsu ? otsu_level(t, x, n) : t->level;
    for (int i = 0; i < n; i++, x += t->channels) {
        const float v = brightness(t, x);
        y[i] = (t->inverted ? v <= level : v > level) ? 255 : 0;
    }
}

/* A level that the image decides is counted in memory. */
static bool has_level(const Call *c) { return !((const Threshold *)c->attrs)->otsu; }

/* image.threshold: White where an image is brighter than a level, black elsewhere.
**   image : float32|int32 [h, w, 3] | [h, w, 1]   from 0 to 255
**   method : ThresholdMethod = 'binary'           'binary': the level is threshValue; 'otsu': the
**                                                 one that parts the image best
**   inverted : bool = false                       black where it is brighter, white elsewhere
**   threshValue : float = 0.5                     the level, from 0 to 1
**   -> y : int32 [h, w, 1]                        0 or 255
** > tf.image.threshold([[[10], [200]], [[90], [128]]])   // [[[0], [255]], [[0], [255]]]
** > tf.image.threshold([[[10], [200]], [[90], [60]]], 'otsu')   // [[[0], [255]], [[0], [0]]]
** > tf.image.threshold([[[10, 20, 30], [200, 100, 250]]], 'binary', true, 0.3)   // [[[255], [0]]]
*/
OP(threshold, (Tensor * image, ThresholdMethod method, bool inverted, float threshValue)) {
    if (!want_rank("threshold", "image", image, 3)) return nothing();
    const int *a = image->shape;
    if (a[2] != 3 && a[2] != 1)
        return fail(TN_SHAPE, "threshold: image color channel must be equal to 3 or 1 but got %d.",
                    a[2]);
    if (image->dtype != TN_FLOAT32 && image->dtype != TN_INT32)
        return fail(TN_DTYPE, "threshold: image dtype must be int32 or float32, but got dtype %s.",
                    dtype_name(image->dtype));
    const Threshold t = {a[2], method == THRESHOLD_OTSU, inverted, threshValue * 255};
    Scope *s = tn_scope_begin();
    image = to_float(image);
    Tensor *y = failed() ? nothing() : make(TN_INT32, 3, (int[]){a[0], a[1], 1});
    return leave(s, run(&threshold_op, IN(image), OUT(y), &t, sizeof t));
}
IMPL(threshold, .cpu = threshold_cpu, .gl = "threshold", .gl_takes = has_level, .constant = true);
