/* Exponentials over one axis, kept from overflowing by taking the largest element away first:
** softmax, logSoftmax, logSumExp. x is seen as [outer, n, inner]: rows where inner is 1, else
** columns, some next to each other at a time. */
#include "ops/reduce.h"
#include "backend/cpu/simd.h"
#include "backend/cpu/vmath.h"
#include "ops/binary.gen.h"
#include "ops/reduce.gen.h"
#include "ops/unary.gen.h"

enum { COLUMNS = 16, CHUNK = 256, GRAIN = 8192 };

/* The largest of n elements; a NaN among them shows up in the sum of exponentials instead. */
static float row_max(const float *x, int n) {
    f4 a = f4_splat(-INFINITY), b = a, c = a, d = a;
    int i = 0;
    for (; i + 16 <= n; i += 16) {
        a = f4_max(a, f4_load(x + i));
        b = f4_max(b, f4_load(x + i + 4));
        c = f4_max(c, f4_load(x + i + 8));
        d = f4_max(d, f4_load(x + i + 12));
    }
    a = f4_max(f4_max(a, b), f4_max(c, d));
    float m = -INFINITY;
    for (int j = 0; j < 4; j++)
        if (a[j] > m) m = a[j];
    for (; i < n; i++)
        if (x[i] > m) m = x[i];
    return m;
}

/* What is taken away before exp: 0 where the largest is infinite, as inf - inf is no number. */
static float shift_of(float max) { return max - max == 0 ? max : 0; }

/* y = exp(x - shift), and its sum. y may be null. */
static double row_exp_sum(const float *x, int n, float shift, float *y) {
    float few[CHUNK];
    double total = 0;
    for (int i = 0; i < n; i += CHUNK) {
        int m = n - i < CHUNK ? n - i : CHUNK;
        float *to = y ? y + i : few;
        total += vexp_sum((size_t)m, x + i, shift, to);
    }
    return total;
}

/* Of up to COLUMNS columns: what is taken away before exp, and the sum of the exponentials. */
typedef struct Peaks {
    float shift[COLUMNS], sum[COLUMNS];
} Peaks;

static void chunk_exp_sums(const float *x, int stride, int count, int width, Peaks *p) {
    for (int j = 0; j < width; j++) p->sum[j] = 0;
    for (int k = 0; k < count; k++, x += stride)
        for (int j = 0; j < width; j++) p->sum[j] += vexp(x[j] - p->shift[j]);
}

static Peaks column_peaks(const float *x, const Reduce *r, int width) {
    Peaks p;
    for (int j = 0; j < width; j++) p.shift[j] = -INFINITY;
    for (int k = 0; k < r->n; k++)
        for (int j = 0; j < width; j++) {
            float v = x[(int64_t)k * r->inner + j];
            p.shift[j] = v > p.shift[j] ? v : p.shift[j];
        }
    for (int j = 0; j < width; j++) p.shift[j] = shift_of(p.shift[j]);
    double total[COLUMNS] = {0};
    for (int k = 0; k < r->n; k += CHUNK) {
        const int rest = r->n - k, count = rest < CHUNK ? rest : CHUNK;
        chunk_exp_sums(x + (int64_t)k * r->inner, r->inner, count, width, &p);
        for (int j = 0; j < width; j++) total[j] += p.sum[j];
    }
    for (int j = 0; j < width; j++) p.sum[j] = (float)total[j];
    return p;
}

/* ---- one piece of work: a row, or up to COLUMNS columns ---- */

typedef struct Job {
    const Reduce *r;
    const float *x;
    float *y;
    void (*row)(const float *x, int n, float *y);
    void (*columns)(const float *x, const Reduce *r, int width, float *y);
    int out_n; /* elements along the axis in y: n, or 1 */
} Job;

static void rows(void *job, int begin, int end) {
    const Job *j = job;
    for (int o = begin; o < end; o++)
        j->row(j->x + (int64_t)o * j->r->n, j->r->n, j->y + (int64_t)o * j->out_n);
}

static int blocks(const Reduce *r) { return (r->inner + COLUMNS - 1) / COLUMNS; }

static void columns(void *job, int begin, int end) {
    const Job *j = job;
    const Reduce *r = j->r;
    for (int b = begin; b < end; b++) {
        int o = b / blocks(r), at = b % blocks(r) * COLUMNS;
        int width = r->inner - at < COLUMNS ? r->inner - at : COLUMNS;
        j->columns(j->x + (int64_t)o * r->n * r->inner + at, r, width,
                   j->y + (int64_t)o * j->out_n * r->inner + at);
    }
}

static void spread_work(const Call *c, Job job) {
    const Reduce *r = job.r = c->attrs;
    job.x = f32(c->in[0]);
    job.y = f32(c->out[0]);
    if (r->inner == 1) parallel_for(r->outer, GRAIN / (r->n + 1) + 1, rows, &job);
    else parallel_for(r->outer * blocks(r), GRAIN / COLUMNS / (r->n + 1) + 1, columns, &job);
}

typedef struct Along {
    Reduce r;
    int axis;
} Along;

static Tensor *along(const Op *op, Tensor *x, int axis) {
    axis = axis_of(op->name, axis, x->rank);
    if (failed()) return nothing();
    Along a = {{outer_size(x, axis), x->shape[axis], inner_size(x, axis)}, axis};
    return run(op, IN(x), OUT(make_like(x)), &a, sizeof a);
}

/* Sum of g over the axis, which stays with size 1. */
static Tensor *axis_sum(const Call *c, Tensor *g) {
    return tn_sum(g, INTS(((const Along *)c->attrs)->axis), true);
}

/* ---- softmax ---- */

/* What exponentials are multiplied by: among infinities there are no shares. */
static float share_of(double sum) { return sum < INFINITY ? (float)(1 / sum) : NAN; }

static void softmax_row(const float *x, int n, float *y) {
    float scale = share_of(row_exp_sum(x, n, shift_of(row_max(x, n)), y));
    for (int i = 0; i < n; i++) y[i] *= scale;
}

static void softmax_columns(const float *x, const Reduce *r, int width, float *restrict y) {
    Peaks p = column_peaks(x, r, width);
    for (int j = 0; j < width; j++) p.sum[j] = share_of(p.sum[j]);
    for (int k = 0; k < r->n; k++, x += r->inner, y += r->inner)
        for (int j = 0; j < width; j++) y[j] = vexp(x[j] - p.shift[j]) * p.sum[j];
}

/* Short rows, as of classes: some at a time, so that their exponentials are vectors. */
static void softmax_short(void *job, int begin, int end) {
    const Job *j = job;
    const int n = j->r->n, most = CHUNK / n;
    for (int o = begin; o < end; o += most) {
        const int rows = end - o < most ? end - o : most;
        const float *x = j->x + (int64_t)o * n;
        float *y = j->y + (int64_t)o * n;
        for (int i = 0; i < rows * n; i += n) {
            const float shift = shift_of(row_max(x + i, n));
            for (int k = 0; k < n; k++) y[i + k] = x[i + k] - shift;
        }
        vmap(MAP_EXP, (size_t)rows * (size_t)n, y, y);
        for (int i = 0; i < rows * n; i += n) {
            double sum = 0;
            for (int k = 0; k < n; k++) sum += y[i + k];
            const float scale = share_of(sum);
            for (int k = 0; k < n; k++) y[i + k] *= scale;
        }
    }
}

static void softmax_cpu(Call *c) {
    const Reduce *r = c->attrs;
    if (r->inner == 1 && r->n <= CHUNK / 4) {
        Job j = {.r = r, .x = f32(c->in[0]), .y = f32(c->out[0])};
        parallel_for(r->outer, GRAIN / r->n + 1, softmax_short, &j);
        return;
    }
    spread_work(c, (Job){.row = softmax_row, .columns = softmax_columns, .out_n = r->n});
}

static void softmax_grad(Call *c, Tensor **dy, Tensor **dx) {
    Tensor *y = c->out[0], *weighted = tn_mul(dy[0], y);
    dx[0] = tn_sub(weighted, tn_mul(axis_sum(c, weighted), y));
}

/* softmax: exp(x) divided by its sum over an axis, so that it adds up to 1 there.
**   logits : float32 [...]   of rank 1 or more
**   dim : int = -1           the axis
**   -> y : like logits
** > tf.softmax([1, 2, 3])   // [0.0900306, 0.2447285, 0.6652410]
** > tf.softmax([[1, 2], [3, 5]], 0)   // [[0.1192029, 0.0474259], [0.8807971, 0.9525741]]
*/
OP(softmax, (Tensor * logits, int dim)) {
    if (!want_dtype("softmax", "logits", logits, TN_FLOAT32)) return nothing();
    return along(&softmax_op, logits, dim);
}
IMPL(softmax, .cpu = softmax_cpu, .gl = "softmax", .grad = softmax_grad);

/* ---- logSoftmax ---- */

static void logSoftmax_row(const float *x, int n, float *restrict y) {
    float shift = shift_of(row_max(x, n));
    float log_sum = vlog((float)row_exp_sum(x, n, shift, NULL));
    for (int i = 0; i < n; i++) y[i] = x[i] - shift - log_sum;
}

static void logSoftmax_columns(const float *x, const Reduce *r, int width, float *restrict y) {
    Peaks p = column_peaks(x, r, width);
    for (int j = 0; j < width; j++) p.sum[j] = vlog(p.sum[j]);
    for (int k = 0; k < r->n; k++, x += r->inner, y += r->inner)
        for (int j = 0; j < width; j++) y[j] = x[j] - p.shift[j] - p.sum[j];
}

static void logSoftmax_cpu(Call *c) {
    const Reduce *r = c->attrs;
    spread_work(c, (Job){.row = logSoftmax_row, .columns = logSoftmax_columns, .out_n = r->n});
}

static void logSoftmax_grad(Call *c, Tensor **dy, Tensor **dx) {
    dx[0] = tn_sub(dy[0], tn_mul(axis_sum(c, dy[0]), tn_exp(c->out[0])));
}

/* logSoftmax: Logarithm of softmax, exact also where softmax would be 0.
**   logits : [...]               of rank 1 or more
**   axis : int = -1              the axis
**   -> y : float32 like logits
** > tf.logSoftmax([1, 2, 3])   // [-2.4076059, -1.4076059, -0.4076059]
** > tf.logSoftmax([[1, 2], [3, 5]], 0)   // [[-2.1269280, -3.0485874], [-0.1269280, -0.0485874]]
*/
OP(logSoftmax, (Tensor * logits, int axis)) {
    if (failed()) return nothing();
    Scope *s = tn_scope_begin();
    return leave(s, along(&logSoftmax_op, to_float(logits), axis));
}
IMPL(logSoftmax, .cpu = logSoftmax_cpu, .gl = "logSoftmax", .grad = logSoftmax_grad);

/* ---- logSumExp ---- */

static void logSumExp_row(const float *x, int n, float *y) {
    float shift = shift_of(row_max(x, n));
    *y = shift + vlog((float)row_exp_sum(x, n, shift, NULL));
}

static void logSumExp_columns(const float *x, const Reduce *r, int width, float *y) {
    Peaks p = column_peaks(x, r, width);
    for (int j = 0; j < width; j++) y[j] = p.shift[j] + vlog(p.sum[j]);
}

static void logSumExp_cpu(Call *c) {
    spread_work(c, (Job){.row = logSumExp_row, .columns = logSumExp_columns, .out_n = 1});
}

static void logSumExp_grad(Call *c, Tensor **dy, Tensor **dx) {
    dx[0] = tn_mul(dy[0], tn_exp(tn_sub(c->in[0], c->out[0])));
}

/* logSumExp: Logarithm of the sum of exp(x), over all axes or some.
**   x : [...]
**   axis : ints = null        which axes; all if not given
**   keepDims : bool = false   keep them with size 1
**   -> y : float32 [...]      -Infinity of nothing
** > tf.logSumExp([1, 2, 3])   // 3.4076059
** > tf.logSumExp([[1, 2], [3, 4]], 0)   // [3.1269280, 4.1269280]
*/
OP(logSumExp, (Tensor * x, const Ints *axis, bool keepDims)) {
    return reduce(&logSumExp_op, x, axis, keepDims, TN_FLOAT32);
}
IMPL(logSumExp, .cpu = logSumExp_cpu, .gl = "logSumExp", .grad = logSumExp_grad);
