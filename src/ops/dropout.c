/* dropout: elements set to 0 by chance. */
#include "tensor/op.h"
#include "ops/binary.gen.h"
#include "ops/dropout.gen.h"
#include "ops/random.gen.h"
#include "ops/unary.gen.h"
#include "ops/view.gen.h"

typedef struct Kept {
    float share;
} Kept;

static void drop_cpu(Call *c) {
    const float share = ((const Kept *)c->attrs)->share, scale = 1 / share;
    const float *x = f32(c->in[0]), *chance = f32(c->in[1]);
    float *restrict y = f32(c->out[0]);
    const int n = c->out[0]->size;
    for (int i = 0; i < n; i++) y[i] = x[i] * (chance[i] + share >= 1 ? scale : 0);
}

static void drop_grad(Call *c, Tensor **dy, Tensor **dx) {
    dx[0] = run(c->op, IN(dy[0], c->in[1]), OUT(make_like(dy[0])), c->attrs, sizeof(Kept));
}

/* x by the chances of its elements. */
static const Op drop_op = {
    .name = "drop", .cpu = drop_cpu, .gl = "=a * floor(b + p0) / p0", .grad = drop_grad};

/* dropout: Sets elements to 0 by chance, and scales the others so that the mean stays.
**   x : float32 [...]
**   rate : float                the share that is dropped, from 0 to less than 1
**   noiseShape : shape = null   shape of the chances, which broadcasts to x's: 1 drops a whole
**                               axis at once
**   seed : seed = null          drops the same again
**   -> y : like x
** > tf.dropout([1, 2, 3, 4, 5, 6], 0.5, null, 1)   // [2, 0, 0, 8, 0, 0]
** > tf.dropout([[1, 2], [3, 4], [5, 6]], 0.4, [3, 1], 6)
**     // [[0, 0], [5, 6.666666507720947], [8.333333015441895, 10]]
*/
OP(dropout, (Tensor * x, double rate, const Ints *noiseShape, const char *seed)) {
    if (failed()) return nothing();
    if (x->dtype != TN_FLOAT32)
        return fail(TN_DTYPE,
                    "dropout: x has to be a floating point tensor since it's going to be "
                    "scaled, but got a %s tensor instead.",
                    dtype_name(x->dtype));
    if (!(rate >= 0 && rate < 1))
        return fail(TN_VALUE, "dropout: rate must be a float in the range [0, 1), but got %g.",
                    rate);
    int shape[TN_MAX_RANK + 1] = {x->rank};
    memcpy(shape + 1, x->shape, sizeof x->shape);
    if (!noiseShape) noiseShape = (const Ints *)shape;
    bool fits = noiseShape->n <= x->rank;
    for (int i = 1; fits && i <= noiseShape->n; i++) {
        const int size = noiseShape->v[noiseShape->n - i];
        fits = size == 1 || size == x->shape[x->rank - i];
    }
    if (!fits)
        return fail(TN_SHAPE, "dropout: noiseShape %s does not broadcast to x's shape %s",
                    ints_text(noiseShape->n, noiseShape->v), shape_text(x));
    if (rate == 0) return tn_clone(x);
    Scope *s = tn_scope_begin();
    const Kept share = {(float)(1 - rate)};
    Tensor *chance = tn_randomUniform(noiseShape, 0, 1, TN_FLOAT32, seed);
    if (!failed() && same_shape(x, chance))
        return leave(s, run(&drop_op, IN(x, chance), OUT(make_like(x)), &share, sizeof share));
    Tensor *kept = tn_scalar(share.share);
    Tensor *mask = tn_div(tn_floor(tn_add(chance, kept)), kept);
    return leave(s, tn_mul(x, mask));
}
