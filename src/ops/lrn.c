/* localResponseNormalization (Krizhevsky et al., 2012), of ops and one sum over neighbouring
** channels, which is its own transpose: gradients of any order follow. */
#include "tensor/op.h"
#include "ops/binary.gen.h"
#include "ops/unary.gen.h"

enum { GRAIN = 16384 };

typedef struct Neighbours {
    int channels, radius; /* radius < channels */
} Neighbours;

typedef struct Job {
    const Neighbours *g;
    const float *x;
    float *y;
} Job;

static void sum_pixels(void *job, int begin, int end) {
    const Job *j = job;
    const int n = j->g->channels, radius = j->g->radius;
    for (int p = begin; p < end; p++) {
        const float *restrict x = j->x + (int64_t)p * n;
        float *restrict y = j->y + (int64_t)p * n;
        memcpy(y, x, (size_t)n * sizeof(float));
        for (int d = 1; d <= radius; d++) {
            for (int k = d; k < n; k++) y[k] += x[k - d];
            for (int k = 0; k < n - d; k++) y[k] += x[k + d];
        }
    }
}

static void neighbours_cpu(Call *c) {
    const Neighbours *g = c->attrs;
    const int64_t work = (int64_t)g->channels * (2 * g->radius + 1);
    Job j = {g, f32(c->in[0]), f32(c->out[0])};
    parallel_for(c->in[0]->size / g->channels, 1 + (int)(GRAIN / work), sum_pixels, &j);
}

static Tensor *neighbours(Tensor *x, const Neighbours *g);
static void neighbours_grad(Call *c, Tensor **dy, Tensor **dx) {
    dx[0] = neighbours(dy[0], c->attrs);
}
static const Op neighbours_op = {
    .name = "channel_sums", .cpu = neighbours_cpu, .gl = "channelSums", .grad = neighbours_grad};

static Tensor *neighbours(Tensor *x, const Neighbours *g) {
    if (failed()) return nothing();
    return run(&neighbours_op, IN(x), OUT(make_like(x)), g, sizeof *g);
}

/* localResponseNormalization: x / (bias + alpha * sum of squares of the channels around it)^beta.
**   x : float32 [n, h, w, c] | [h, w, c]
**   depthRadius : int = 5                  how far the neighbours reach on either side
**   bias : float = 1                       keeps the divisor away from 0
**   alpha : float = 1                      weight of the sum
**   beta : float = 0.5                     exponent
**   -> y : like x
** > tf.localResponseNormalization([[[1, 2, -1]]], 1, 1, 1, 0.5)
**     // [[[0.4082483, 0.7559289, -0.4082483]]]
** > tf.localResponseNormalization([[[1, 2, -1, 3]]], 1, 2, 0.5, 0.75)
**     // [[[0.3236612, 0.5981395, -0.1924501, 0.6971042]]]
*/
OP(localResponseNormalization, (Tensor * x, int depthRadius, float bias, float alpha, float beta)) {
    static const char op[] = "localResponseNormalization";
    if (failed()) return nothing();
    if (x->rank != 3 && x->rank != 4)
        return fail(TN_SHAPE, "%s: x must be rank 3 or 4 but got rank %d.", op, x->rank);
    if (depthRadius < 0)
        return fail(TN_VALUE, "%s: depthRadius must not be negative, but got %d", op, depthRadius);
    const int channels = x->shape[x->rank - 1];
    const Neighbours g = {channels, depthRadius < channels ? depthRadius : channels - 1};
    Scope *s = tn_scope_begin();
    x = to_float(x);
    Tensor *sum = tn_mul(neighbours(tn_square(x), &g), tn_scalar(alpha));
    sum = tn_add(sum, tn_scalar(bias));
    if (beta == 0.5f) return leave(s, tn_mul(x, tn_rsqrt(sum)));
    return leave(s, tn_mul(x, tn_pow(sum, tn_scalar(-beta))));
}
