/* depthToSpace: channels become blocks of pixels; its private inverse is its gradient. */
#include "ops/window.h"
#include "ops/depth.gen.h"
#include "ops/transpose.gen.h"

/* Sizes of the wide side: h by w pixels of c channels; the deep side has block^2 c of them. */
typedef struct Blocks {
    int n, h, w, c, block;
} Blocks;

typedef struct Job {
    const Blocks *g;
    const char *x;
    char *y;
    int bytes;
    bool to_space;
} Job;

/* One row of pixels of the wide side: runs of c elements go to, or come from, the deep side. */
static void rows(void *job, int begin, int end) {
    const Job *j = job;
    const Blocks *g = j->g;
    const int64_t run = (int64_t)g->c * j->bytes, deep = run * g->block * g->block;
    for (int row = begin; row < end; row++) {
        const int v = row % g->h, image = row / g->h;
        const int64_t above = (int64_t)image * (g->h / g->block) + v / g->block;
        for (int u = 0; u < g->w; u++) {
            const int64_t wide = ((int64_t)row * g->w + u) * run;
            const int64_t at = (above * (g->w / g->block) + u / g->block) * deep +
                               ((v % g->block) * g->block + u % g->block) * run;
            if (j->to_space) memcpy(j->y + wide, j->x + at, (size_t)run);
            else memcpy(j->y + at, j->x + wide, (size_t)run);
        }
    }
}

static void move(const Call *c, bool to_space) {
    const Blocks *g = c->attrs;
    Job j = {g, c->in[0]->storage->data, c->out[0]->storage->data, dtype_bytes(c->in[0]->dtype),
             to_space};
    parallel_for(g->n * g->h, 16384 / (g->w * g->c) + 1, rows, &j);
}

static void depthToSpace_cpu(Call *c) { move(c, true); }
static void spaceToDepth_cpu(Call *c) { move(c, false); }

static void spaceToDepth_grad(Call *c, Tensor **dy, Tensor **dx) {
    extern const Op depthToSpace_op;
    dx[0] = run(&depthToSpace_op, IN(dy[0]), OUT(make_like(c->in[0])), c->attrs, sizeof(Blocks));
}

static const Op spaceToDepth_op = {.name = "spaceToDepth",
                                   .cpu = spaceToDepth_cpu,
                                   .gl = "spaceToDepth",
                                   .grad = spaceToDepth_grad};

static void depthToSpace_grad(Call *c, Tensor **dy, Tensor **dx) {
    dx[0] = run(&spaceToDepth_op, IN(dy[0]), OUT(make_like(c->in[0])), c->attrs, sizeof(Blocks));
}

/* depthToSpace: Spreads channels over blocks of pixels, as sub-pixel convolution does
** (Shi et al., 2016, arXiv 1609.05158).
**   x : float32 [n, h, w, blockSize * blockSize * c]
**   blockSize : int                    pixels along each side of a block, 2 or more
**   dataFormat : DataFormat = 'NHWC'   'NCHW': channels come second
**   -> y : dtype of x [n, h * blockSize, w * blockSize, c]
** > tf.depthToSpace([[[[1, 2, 3, 4]]]], 2)   // [[[[1], [2]], [[3], [4]]]]
** > tf.depthToSpace([[[[0, 1, 2, 3, 4, 5, 6, 7]]]], 2)   // [[[[0, 1], [2, 3]], [[4, 5], [6, 7]]]]
*/
OP(depthToSpace, (Tensor * x, int blockSize, DataFormat dataFormat)) {
    if (!want_rank("depthToSpace", "x", x, 4) || !want_dtype("depthToSpace", "x", x, TN_FLOAT32))
        return nothing();
    if (blockSize < 2)
        return fail(TN_VALUE, "blockSize should be > 1 for depthToSpace, but was: %d", blockSize);
    if (dataFormat == FORMAT_NCHW) {
        Scope *s = tn_scope_begin();
        Tensor *y = tn_depthToSpace(channels_last(x, dataFormat), blockSize, FORMAT_NHWC);
        return leave(s, channels_back(y, dataFormat));
    }
    const int64_t area = (int64_t)blockSize * blockSize, h = (int64_t)x->shape[1] * blockSize,
                  w = (int64_t)x->shape[2] * blockSize;
    if (x->shape[3] % area)
        return fail(TN_SHAPE,
                    "Dimension size must be evenly divisible by %d but is %d for depthToSpace "
                    "with input shape %s",
                    (int)area, x->shape[3], shape_list(x));
    if (h > INT32_MAX || w > INT32_MAX)
        return fail(TN_SHAPE, "depthToSpace: blockSize %d makes shape %s too large", blockSize,
                    shape_text(x));
    Blocks g = {x->shape[0], (int)h, (int)w, (int)(x->shape[3] / area), blockSize};
    Tensor *y = make(x->dtype, 4, (int[]){g.n, g.h, g.w, g.c});
    return run(&depthToSpace_op, IN(x), OUT(y), &g, sizeof g);
}
IMPL(depthToSpace, .cpu = depthToSpace_cpu, .gl = "depthToSpace", .grad = depthToSpace_grad);
