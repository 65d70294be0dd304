/* The three computations of sample.h, each linear in its float inputs and each the gradient of the
** others: y from x and weights, x from y and weights, weights from x and y. */
#include "ops/sample.h"
#include "ops/binary.gen.h"
#include "ops/join.gen.h"
#include "ops/view.gen.h"

enum { GRAIN = 16384 };

typedef struct Job {
    const Sample *s;
    const int *index;
    const float *x, *weights, *dy;
    float *out;
} Job;

static Job job_of(const Call *c, const Tensor *index) {
    return (Job){.s = c->attrs, .index = i32(index), .out = f32(c->out[0])};
}

static float fill_of(const Sample *s, int channel) { return s->fill[channel < 3 ? channel : 3]; }

static void pieces(const Job *j, int pixels, void (*body)(void *, int, int)) {
    const int64_t work = (int64_t)j->s->taps * j->s->channels;
    parallel_for(pixels, 1 + (int)(GRAIN / (work + 1)), body, (void *)j);
}

/* ---- y ---- */

static float tap_of(const Sample *s, const float *x, int at, int channel) {
    return at < 0 ? fill_of(s, channel) : x[(int64_t)at * s->channels + channel];
}

/* y of taps that may be outside. */
static void mix_any(const Sample *s, const float *x, const int *at, const float *weights,
                    float *restrict y) {
    for (int k = 0; k < s->channels; k++) {
        const float base = s->unit ? tap_of(s, x, at[0], k) : 0;
        float sum = base;
        for (int t = s->unit; t < s->taps; t++) sum += weights[t] * (tap_of(s, x, at[t], k) - base);
        y[k] = sum;
    }
}

/* y of four taps that are all inside. */
static void mix_four(const Sample *s, const float *x, const int *at, const float *weights,
                     float *restrict y) {
    const float *restrict a = x + (int64_t)at[0] * s->channels;
    const float *restrict b = x + (int64_t)at[1] * s->channels;
    const float *restrict c = x + (int64_t)at[2] * s->channels;
    const float *restrict d = x + (int64_t)at[3] * s->channels;
    const float wa = weights[0], wb = weights[1], wc = weights[2], wd = weights[3];
    if (s->unit)
        for (int k = 0; k < s->channels; k++)
            y[k] = a[k] + (wb * (b[k] - a[k]) + (wc * (c[k] - a[k]) + wd * (d[k] - a[k])));
    else
        for (int k = 0; k < s->channels; k++)
            y[k] = wa * a[k] + wb * b[k] + (wc * c[k] + wd * d[k]);
}

static bool four_inside(const Sample *s, const int *at) {
    return s->taps == 4 && (at[0] | at[1] | at[2] | at[3]) >= 0;
}

static void sample_pixels(void *job, int begin, int end) {
    const Job *j = job;
    const Sample *s = j->s;
    const size_t pixel = (size_t)s->channels * sizeof(float);
    for (int p = begin; p < end; p++) {
        const int64_t first = (int64_t)p * s->taps;
        const int *at = j->index + first;
        float *y = j->out + (int64_t)p * s->channels;
        if (at[0] == PIXEL_OUTSIDE || (at[0] < 0 && !j->weights)) {
            for (int k = 0; k < s->channels; k++) y[k] = s->blank ? 0 : fill_of(s, k);
        } else if (!j->weights) {
            memcpy(y, j->x + (int64_t)at[0] * s->channels, pixel);
        } else if (four_inside(s, at)) {
            mix_four(s, j->x, at, j->weights + first, y);
        } else {
            mix_any(s, j->x, at, j->weights + first, y);
        }
    }
}

static void sample_cpu(Call *c) {
    Job j = job_of(c, c->in[2]);
    j.x = f32(c->in[0]);
    if (c->in[1]) j.weights = f32(c->in[1]);
    pieces(&j, c->in[2]->size / j.s->taps, sample_pixels);
}

/* ---- x ---- */

/* Images share pixels of x, so threads share channels instead, BLOCK at a time. */
enum { BLOCK = 32 };

typedef struct SpreadJob {
    Job job;
    int pixels;
} SpreadJob;

static void spread_blocks(void *job, int begin, int end) {
    const SpreadJob *all = job;
    const Job *j = &all->job;
    const Sample *s = j->s;
    const int c0 = begin * BLOCK, c1 = end * BLOCK < s->channels ? end * BLOCK : s->channels;
    for (int p = 0; p < all->pixels; p++) {
        const int64_t first = (int64_t)p * s->taps;
        if (j->index[first] == PIXEL_OUTSIDE) continue;
        const float *restrict dy = j->dy + (int64_t)p * s->channels;
        for (int t = 0; t < s->taps; t++) {
            if (j->index[first + t] < 0) continue;
            float *restrict dx = j->out + (int64_t)j->index[first + t] * s->channels;
            const float weight = j->weights ? j->weights[first + t] : 1;
            for (int k = c0; k < c1; k++) dx[k] += weight * dy[k];
        }
    }
}

static void spread_cpu(Call *c) {
    SpreadJob all = {job_of(c, c->in[2]), 0};
    const Sample *s = all.job.s;
    memset(all.job.out, 0, (size_t)c->out[0]->size * sizeof(float));
    if (!c->in[0]->size) return;
    all.pixels = c->in[2]->size / s->taps;
    all.job.dy = f32(c->in[0]);
    if (c->in[1]) all.job.weights = f32(c->in[1]);
    parallel_for((s->channels - 1) / BLOCK + 1, 1, spread_blocks, &all);
}

/* ---- weights ---- */

/* Products of dy with a tap, summed over the channels. */
static float match(const Sample *s, const float *x, int at, const float *restrict dy) {
    float sum = 0;
    if (at < 0)
        for (int k = 0; k < s->channels; k++) sum += fill_of(s, k) * dy[k];
    else
        for (int k = 0; k < s->channels; k++) sum += x[(int64_t)at * s->channels + k] * dy[k];
    return sum;
}

static void match_pixels(void *job, int begin, int end) {
    const Job *j = job;
    const Sample *s = j->s;
    for (int p = begin; p < end; p++) {
        const int64_t first = (int64_t)p * s->taps;
        const bool outside = j->index[first] == PIXEL_OUTSIDE;
        const float *dy = j->dy + (int64_t)p * s->channels;
        for (int t = 0; t < s->taps; t++)
            j->out[first + t] = outside ? 0 : match(s, j->x, j->index[first + t], dy);
    }
}

static void match_cpu(Call *c) {
    Job j = job_of(c, c->in[2]);
    j.x = f32(c->in[0]), j.dy = f32(c->in[1]);
    pieces(&j, c->in[2]->size / j.s->taps, match_pixels);
}

/* ---- gradients ---- */

static const Op spread_op, match_op;

/* The part that is linear in x: nothing is outside. */
static Sample linear(const Sample *s) {
    return (Sample){s->taps, s->channels, s->sources, 1, 0, {0}};
}

static Tensor *matched(Tensor *x, Tensor *dy, const Call *c, Tensor *weights, const Sample *s) {
    if (failed()) return nothing();
    return run(&match_op, IN(x, dy, c->in[2]), OUT(make_like(weights)), s, sizeof *s);
}

static void sample_grad(Call *c, Tensor **dy, Tensor **dx) {
    if (wants(c, 0)) dx[0] = sample_back(dy[0], c->in[1], c->in[2], c->attrs, c->in[0]);
    if (c->in[1] && wants(c, 1)) dx[1] = matched(c->in[0], dy[0], c, c->in[1], c->attrs);
}

static void spread_grad(Call *c, Tensor **d, Tensor **dx) {
    const Sample s = linear(c->attrs);
    const Tensor *dy = c->in[0];
    if (wants(c, 0)) dx[0] = sample(d[0], c->in[1], c->in[2], &s, dy->rank, dy->shape);
    if (c->in[1] && wants(c, 1)) dx[1] = matched(d[0], c->in[0], c, c->in[1], &s);
}

static void match_grad(Call *c, Tensor **d, Tensor **dx) {
    const Tensor *y = c->in[1];
    Sample s = *(const Sample *)c->attrs;
    s.blank = 1, s.unit = 0;
    if (wants(c, 0)) dx[0] = sample_back(c->in[1], d[0], c->in[2], &s, c->in[0]);
    if (wants(c, 1)) dx[1] = sample(c->in[0], d[0], c->in[2], &s, y->rank, y->shape);
}

static const Op sample_op = {
    .name = "sample", .cpu = sample_cpu, .gl = "sample", .grad = sample_grad};
static const Op spread_op = {
    .name = "sample_back", .cpu = spread_cpu, .gl = "sampleBack", .grad = spread_grad};
static const Op match_op = {
    .name = "sample_weights", .cpu = match_cpu, .gl = "sampleWeights", .grad = match_grad};

Tensor *sample(Tensor *x, Tensor *weights, Tensor *index, const Sample *s, int rank,
               const int *shape) {
    if (failed()) return nothing();
    return run(&sample_op, IN(x, weights, index), OUT(make(TN_FLOAT32, rank, shape)), s, sizeof *s);
}

Tensor *sample_back(Tensor *dy, Tensor *weights, Tensor *index, const Sample *s, const Tensor *x) {
    if (failed()) return nothing();
    return run(&spread_op, IN(dy, weights, index), OUT(make_like(x)), s, sizeof *s);
}

Tensor *bilinear_weights(Tensor *down, Tensor *right) {
    if (failed()) return nothing();
    Tensor *up = tn_sub(tn_scalar(1), down), *left = tn_sub(tn_scalar(1), right);
    return tn_stack(
        LIST(tn_mul(up, left), tn_mul(up, right), tn_mul(down, left), tn_mul(down, right)), -1);
}
