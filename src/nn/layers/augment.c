/* What layers that change pictures at random share: drawing, factors, batches. */
#include "nn/layers/augment.h"
#include "nn/layers/weighted.h"
#include "ops/binary.gen.h"
#include "ops/create.gen.h"
#include "ops/random.gen.h"
#include "ops/view.gen.h"
#include "ops/warp.gen.h"

/* ---- drawing ---- */

Draws draws_of(Layer *l, const char *seed) { return (Draws){l, seed}; }

static const Ints *column(int n, int rank, int *to) {
    to[0] = rank;
    for (int i = 0; i < rank; i++) to[1 + i] = i ? 1 : n;
    return (const Ints *)to;
}

Tensor *draw(Draws *d, int n, int rank, double low, double high) {
    int buffer[TN_MAX_RANK + 1];
    if (!(low < high)) return tn_fill(column(n, rank, buffer), (float)low, TN_FLOAT32);
    draw_on(d->layer, d->seed);
    Tensor *drawn = tn_randomUniform(column(n, rank, buffer), low, high, TN_FLOAT32, d->seed);
    draw_end();
    return drawn;
}

Tensor *draw_chance(Draws *d, int n, int rank, double chance) {
    return tn_less(draw(d, n, rank, 0, 1), number(chance));
}

/* ---- factors ---- */

Range range_of(const Floats *factor) {
    double first = factor->v[0];
    if (factor->n == 1) return (Range){-fabs(first), fabs(first)};
    return (Range){fmin(first, factor->v[1]), fmax(first, factor->v[1])};
}

Range range_from_zero(const Floats *factor) {
    Range r = range_of(factor);
    return factor->n == 1 ? (Range){0, factor->v[0]} : r;
}

Tensor *draw_choice(Draws *d, int n, Range chance) {
    Tensor *limit = draw(d, n, 4, chance.low, chance.high);
    return tn_less(draw(d, n, 4, 0, 1), limit);
}

Tensor *stretch(Draws *d, int n, int size, int axis, Tensor *share) {
    Tensor *length = tn_mul(share, number(size));
    Tensor *begin = tn_mul(draw(d, n, 4, 0, 1), tn_sub(number(size), length));
    Tensor *at = tn_reshape(tn_range(0, size, 1, TN_FLOAT32),
                            axis == 1 ? INTS(1, size, 1, 1) : INTS(1, 1, size, 1));
    return tn_logicalAnd(tn_greaterEqual(at, begin), tn_less(at, tn_add(begin, length)));
}

void check_factor(const Layer *l, const char *field, const Floats *factor, double low,
                  double high) {
    if (factor->n < 1 || factor->n > 2)
        fail(TN_VALUE, "%.80s: %s must be a number or two, but has %d", l->name, field, factor->n);
    for (int i = 0; i < factor->n && !failed(); i++)
        if (!(factor->v[i] >= low && factor->v[i] <= high))
            fail(TN_VALUE, "%.80s: %s must be in %g..%g, but has %g", l->name, field, low, high,
                 factor->v[i]);
}

Range value_range(const Layer *l, const Floats *range) {
    if (range->n == 2 && range->v[0] < range->v[1]) return (Range){range->v[0], range->v[1]};
    fail(TN_VALUE, "%.80s: valueRange must be two numbers, the smaller first", l->name);
    return (Range){0, 1};
}

/* ---- batches ---- */

void images_shape(const Layer *l, const Shape *in, int nin, Shape *out) {
    (void)nin;
    if (!want_input(l, in, -3)) return;
    if (in->rank > 4)
        fail(TN_SHAPE, "%.80s: x must be an image or a batch of images, but has shape %s", l->name,
             shape_string(in));
    *out = *in;
    out->dtype = TN_FLOAT32;
}

Tensor *over_images(Layer *l, Tensor *x, Channels where, Tensor *(*change)(Layer *, Tensor *)) {
    bool single = x->rank == 3;
    Tensor *batch = to_float(single ? tn_expandDims(x, 0) : x);
    batch = channels_to_end(batch, where);
    if (failed()) return nothing();
    Tensor *y = channels_from_end(change(l, batch), where);
    return single ? tn_squeeze(y, INTS(0)) : y;
}

Tensor *warp(Tensor *x, Tensor *transforms, Interpolation how, FillMode fill, double value) {
    if (failed()) return nothing();
    Sampling sampling = how == INTERPOLATE_NEAREST ? SAMPLE_NEAREST : SAMPLE_BILINEAR;
    return tn_transform(x, transforms, sampling, fill, (float)value,
                        INTS(x->shape[1], x->shape[2]));
}
