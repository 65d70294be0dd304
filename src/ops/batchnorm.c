/* Batch normalisation (Ioffe and Szegedy, 2015): with one value per channel, the last axis, as a
** kernel; with parameters of other shapes, said with broadcasting ops. The mean is taken from x
** before anything is multiplied: x a + (offset - mean a) would lose what x and mean differ in where
** the variance is small. */
#include "tensor/op.h"
#include "ops/binary.gen.h"
#include "ops/reduce.gen.h"
#include "ops/unary.gen.h"
#include "ops/view.gen.h"

/* Elements are taken in lines of `line`, a whole number of pixels, so that a few channels are as
** quick as many. */
enum { LINE = 64, GRAIN = 16384 };

typedef struct BatchNorm {
    int channels;
    float epsilon;
    int has_offset, has_scale;
} BatchNorm;

typedef struct Job {
    const float *x, *mean, *a, *b; /* y = (x - mean) a + b; the three are one line long */
    float *y;
    int line, size;
} Job;

static void lines(void *job, int begin, int end) {
    const Job *j = job;
    const float *restrict mean = j->mean, *restrict a = j->a, *restrict b = j->b;
    for (int k = begin; k < end; k++) {
        int64_t at = (int64_t)k * j->line;
        int n = j->size - at < j->line ? (int)(j->size - at) : j->line;
        const float *restrict x = j->x + at;
        float *restrict y = j->y + at;
        for (int i = 0; i < n; i++) y[i] = (x[i] - mean[i]) * a[i] + b[i];
    }
}

static void batchNorm_cpu(Call *c) {
    const BatchNorm *g = c->attrs;
    int channels = g->channels, line = channels * (1 + (LINE - 1) / channels);
    const float *mean = f32(c->in[1]), *variance = f32(c->in[2]);
    const float *offset = g->has_offset ? f32(c->in[3]) : NULL;
    const float *scale = g->has_scale ? f32(c->in[4]) : NULL;
    size_t bytes = 3 * (size_t)line * sizeof(float);
    float *a = scratch(bytes), *b = a + line, *m = b + line;
    if (!a) return;
    for (int i = 0; i < channels; i++) {
        a[i] = (scale ? scale[i] : 1) / sqrtf(variance[i] + g->epsilon);
        b[i] = offset ? offset[i] : 0;
        m[i] = mean[i];
    }
    for (int i = channels; i < line; i++)
        a[i] = a[i - channels], b[i] = b[i - channels], m[i] = m[i - channels];
    int size = c->in[0]->size;
    Job job = {f32(c->in[0]), m, a, b, f32(c->out[0]), line, size};
    parallel_for((int)(((int64_t)size + line - 1) / line), GRAIN / line + 1, lines, &job);
    scratch_free(a, bytes);
}

/* Sum over all axes but the last. */
static Tensor *per_channel(const Call *c, Tensor *g) {
    int channels = ((const BatchNorm *)c->attrs)->channels;
    return tn_sum(tn_reshape(g, INTS(-1, channels)), INTS(0), false);
}

static void batchNorm_grad(Call *c, Tensor **dy, Tensor **dx) {
    const BatchNorm *g = c->attrs;
    Tensor *x = c->in[0], *mean = c->in[1], *scale = c->in[4], *d = dy[0];
    Tensor *inverse = tn_rsqrt(tn_add(c->in[2], tn_scalar(g->epsilon)));
    Tensor *a = scale ? tn_mul(scale, inverse) : inverse;
    if (wants(c, 0)) dx[0] = tn_mul(d, a);
    Tensor *sum = wants(c, 1) || wants(c, 3) ? per_channel(c, d) : NULL;
    if (wants(c, 1)) dx[1] = tn_neg(tn_mul(sum, a));
    if (wants(c, 3)) dx[3] = sum;
    if (!wants(c, 2) && !wants(c, 4)) return;
    Tensor *moment = per_channel(c, tn_mul(d, tn_sub(x, mean)));
    Tensor *ratio = tn_mul(moment, inverse);
    if (wants(c, 4)) dx[4] = ratio;
    if (wants(c, 2)) dx[2] = tn_mul(tn_mul(tn_scalar(-0.5f), ratio), tn_mul(a, inverse));
}

/* A parameter of the shape [channels], if it holds one value per channel; else as it is. */
static Tensor *flat(Tensor *p, int channels) {
    if (!p || failed() || p->rank < 2) return p;
    return p->size == channels && p->shape[p->rank - 1] == channels ? tn_reshape(p, INTS(channels))
                                                                    : p;
}

static bool is_flat(const Tensor *p, int channels) {
    return !p || (p->rank == 1 && p->size == channels);
}

/* Broadcasting p must not make x larger. */
static bool fits(const char *name, const Tensor *p, const Tensor *x) {
    bool ok = !p || p->rank <= x->rank;
    for (int i = 1; p && ok && i <= p->rank; i++) {
        int size = p->shape[p->rank - i];
        ok = size == 1 || size == x->shape[x->rank - i];
    }
    if (!ok)
        fail(TN_SHAPE, "batchNorm: %s has shape %s, which does not broadcast to x's %s", name,
             shape_text(p), shape_text(x));
    return ok;
}

/* batchNorm: (x - mean) / sqrt(variance + varianceEpsilon) * scale + offset.
**   x : [...]
**   mean : [...]                        one value per channel, the last axis of x; or what
**                                       broadcasts to x
**   variance : numeric like mean
**   offset : numeric like mean = null   0 if not given
**   scale : numeric like mean = null    1 if not given
**   varianceEpsilon : float = 0.001     keeps the root away from 0
**   -> y : float32 like x
** > tf.batchNorm([[1, 2], [3, 5]], [2, 3], [4, 1], [0.5, 0], [1, 2], 0)   // [[0, -2], [1, 4]]
** > tf.batchNorm([[1, 2], [3, 5]], [[2], [3]], [[4], [1]], null, null, 0)   // [[-0.5, 0], [0, 2]]
*/
OP(batchNorm, (Tensor * x, Tensor *mean, Tensor *variance, Tensor *offset, Tensor *scale,
               float varianceEpsilon)) {
    if (failed() || !fits("mean", mean, x) || !fits("variance", variance, x) ||
        !fits("offset", offset, x) || !fits("scale", scale, x))
        return nothing();
    Scope *s = tn_scope_begin();
    int channels = x->rank ? x->shape[x->rank - 1] : 1;
    x = to_float(x);
    mean = flat(to_float(mean), channels);
    variance = flat(to_float(variance), channels);
    offset = flat(offset ? to_float(offset) : NULL, channels);
    scale = flat(scale ? to_float(scale) : NULL, channels);
    BatchNorm g = {channels, varianceEpsilon, offset != NULL, scale != NULL};
    if (is_flat(mean, channels) && is_flat(variance, channels) && is_flat(offset, channels) &&
        is_flat(scale, channels) && x->rank)
        return leave(s, run(&batchNorm_op, IN(x, mean, variance, offset, scale), OUT(make_like(x)),
                            &g, sizeof g));
    Tensor *a = tn_rsqrt(tn_add(variance, tn_scalar(varianceEpsilon)));
    if (scale) a = tn_mul(a, scale);
    Tensor *y = tn_mul(tn_sub(x, mean), a);
    return leave(s, offset ? tn_add(y, offset) : y);
}
IMPL(batchNorm, .cpu = batchNorm_cpu, .gl = "batchNorm", .grad = batchNorm_grad);
