/* The kernels of strided walks, and their gradients: taking and putting back are each other's. */
#include "ops/strided.h"

Strided whole(const Tensor *x) {
    Strided s = {.rank = x->rank};
    for (int i = x->rank - 1, n = 1; i >= 0; n *= x->shape[i--]) {
        s.size[i] = x->shape[i];
        s.stride[i] = n;
    }
    return s;
}

static StridedCopy copy_of(const Strided *s) {
    StridedCopy c = {.rank = s->rank};
    for (int i = 0; i < s->rank; i++) {
        c.size[i] = s->size[i];
        c.from[i] = s->stride[i];
    }
    dense_strides(s->rank, s->size, c.to);
    return c;
}

void strided_cpu(Call *c) {
    const Strided *s = c->attrs;
    const StridedCopy copy = copy_of(s);
    const int bytes = dtype_bytes(c->in[0]->dtype);
    const char *x = c->in[0]->storage->data;
    strided_copy(&copy, x + (int64_t)s->base * bytes, c->out[0]->storage->data, bytes);
}

static void place_cpu(Call *c) {
    const Strided *s = c->attrs;
    StridedCopy copy = copy_of(s);
    for (int i = 0; i < s->rank; i++) {
        const int64_t stride = copy.from[i];
        copy.from[i] = copy.to[i];
        copy.to[i] = stride;
    }
    const int bytes = dtype_bytes(c->in[0]->dtype);
    char *y = c->out[0]->storage->data;
    memset(y, 0, (size_t)c->out[0]->size * (size_t)bytes);
    if (c->in[0]->size)
        strided_copy(&copy, c->in[0]->storage->data, y + (int64_t)s->base * bytes, bytes);
}

static void place_grad(Call *c, Tensor **dy, Tensor **dx);

/* x[base + sum of index * stride] */
static const Op take_op = {
    .name = "take", .cpu = strided_cpu, .gl = "strided", .grad = strided_grad, .any = true};
/* Zeros, but at base + sum of index * stride: x. */
static const Op place_op = {
    .name = "place", .cpu = place_cpu, .gl = "place", .grad = place_grad, .any = true};

void strided_grad(Call *c, Tensor **dy, Tensor **dx) {
    dx[0] = run(&place_op, IN(dy[0]), OUT(make_like(c->in[0])), c->attrs, sizeof(Strided));
}

static void place_grad(Call *c, Tensor **dy, Tensor **dx) {
    dx[0] = run(&take_op, IN(dy[0]), OUT(make_like(c->in[0])), c->attrs, sizeof(Strided));
}
