/* Ops that move data, against loops over coordinates: every dtype, every axis, odd sizes. */
#include "grad_check.h"
#include "backend/cpu/strided_copy.h"
#include "base/threads.h"

/* Element i of x as a number, whatever its dtype; strings as their words. */
static double at(Tensor *x, int64_t i) {
    const void *p = tn_data(x);
    const float *f = p;
    switch (tn_dtype(x)) {
    case TN_FLOAT32: return f[i];
    case TN_COMPLEX64: return f[2 * i] + 1000.0 * f[2 * i + 1];
    case TN_BOOL: return ((const uint8_t *)p)[i];
    default: return ((const int *)p)[i];
    }
}

static void fill_randomly(Tensor *x) {
    const DType d = tn_dtype(x);
    void *p = (void *)tn_data(x);
    const int n = tn_size(x) * (d == TN_COMPLEX64 ? 2 : 1);
    for (int i = 0; i < n; i++)
        if (d == TN_FLOAT32 || d == TN_COMPLEX64) ((float *)p)[i] = random_in(-9, 9);
        else if (d == TN_INT32) ((int *)p)[i] = random_int(-99, 99);
        else ((uint8_t *)p)[i] = (uint8_t)random_int(0, 1);
}

static Tensor *some_strings(const Ints *shape, int n) {
    const char *const words[] = {"", "a", "ab", "a longer text than the others"};
    const char **strings = malloc(sizeof *strings * (size_t)(n + 1));
    for (int i = 0; i < n; i++) strings[i] = words[random_int(0, 3)];
    Tensor *x = tn_strings(shape, strings);
    free(strings);
    return x;
}

/* A tensor of random shape (sizes 1..most, now and then 0) and dtype. */
static Tensor *some_tensor(int rank, int most) {
    int shape[TN_MAX_RANK + 1] = {rank}, n = 1;
    for (int i = 1; i <= rank; i++) n *= shape[i] = random_int(0, 30) ? random_int(1, most) : 0;
    DType d = (DType)random_int(0, TN_DTYPES - 1);
    if (d == TN_STRING) return some_strings((const Ints *)shape, n);
    Tensor *x = tn_tensor(d, (const Ints *)shape, NULL);
    fill_randomly(x);
    return x;
}

static int flat(Tensor *x, const int *index) {
    int k = 0;
    for (int i = 0; i < tn_rank(x); i++) k = k * tn_shape(x)[i] + index[i];
    return k;
}

/* The index of element k. */
static void index_of(Tensor *x, int k, int *index) {
    for (int i = tn_rank(x) - 1; i >= 0; k /= tn_shape(x)[i--]) index[i] = k % tn_shape(x)[i];
}

/* y[i] must be x[map(i)] for every index i; where map says false, `border`. */
typedef bool (*Map)(const void *ctx, const int *from_y, int *to_x);

static void assert_mapped(const char *what, Tensor *y, Tensor *x, Map map, const void *ctx,
                          double border) {
    int to[TN_MAX_RANK + 1] = {0}, from[TN_MAX_RANK + 1] = {0};
    assert_no_error();
    assert_int_equal(tn_dtype(y), tn_dtype(x));
    if (tn_dtype(x) == TN_STRING) border = 0; /* '' */
    for (int k = 0; k < tn_size(y); k++) {
        index_of(y, k, to);
        double want = map(ctx, to, from) ? at(x, flat(x, from)) : border;
        if (at(y, k) != want)
            fail_msg("%s: element %d is %g, should be %g", what, k, at(y, k), want);
    }
}

static void assert_shape(Tensor *y, int rank, const int *shape) {
    assert_no_error();
    assert_int_equal(tn_rank(y), rank);
    for (int i = 0; i < rank; i++) assert_int_equal(tn_shape(y)[i], shape[i]);
}

/* ---- the copy under it all ---- */

static void one_copy(int bytes) {
    StridedCopy c = {.rank = random_int(0, 5)};
    int order[STRIDED_AXES], n = 1;
    for (int i = 0; i < c.rank; i++) {
        c.size[i] = random_int(1, c.rank < 3 ? 70 : 9);
        n *= c.size[i];
        order[i] = i;
    }
    dense_strides(c.rank, c.size, c.to);
    for (int i = c.rank - 1; i > 0; i--) {
        int j = random_int(0, i), t = order[i];
        order[i] = order[j], order[j] = t;
    }
    int64_t step = 1, base = 0;
    for (int k = 0; k < c.rank; k++) {
        int axis = order[k], kind = random_int(0, 5);
        c.from[axis] = kind ? step : 0;
        if (kind) step *= c.size[axis];
        if (kind == 1) base += (c.size[axis] - 1) * c.from[axis], c.from[axis] *= -1;
    }
    uint8_t *src = malloc((size_t)step * bytes), *dst = malloc((size_t)n * bytes);
    for (int64_t i = 0; i < step * bytes; i++) src[i] = (uint8_t)random_bits();
    strided_copy(&c, src + base * bytes, dst, bytes);
    for (int k = 0; k < n; k++) {
        int64_t from = base;
        for (int i = c.rank - 1, rest = k; i >= 0; rest /= c.size[i--])
            from += rest % c.size[i] * c.from[i];
        assert_memory_equal(dst + (size_t)k * bytes, src + from * bytes, bytes);
    }
    free(src);
    free(dst);
}

static void strided_copies(void **state) {
    (void)state;
    for (int i = 0; i < 400; i++) one_copy(i % 3 ? 4 : 1);
}

static void large_transposes(void **state) {
    (void)state;
    static const int sizes[][2] = {{67, 129}, {128, 128}, {3, 5000},
                                   {5000, 3}, {1, 77},    {300, 301}};
    for (int k = 0; k < 6; k++) {
        const int r = sizes[k][0], c = sizes[k][1];
        Tensor *x = random_tensor(INTS(r, c), -1, 1), *y = tn_transpose(x, NULL, false);
        assert_shape(y, 2, (int[]){c, r});
        for (int i = 0; i < r; i++)
            for (int j = 0; j < c; j++)
                assert_true(at(y, (int64_t)j * r + i) == at(x, (int64_t)i * c + j));
        tn_dispose(x);
        tn_dispose(y);
    }
}

/* ---- slice, stridedSlice, reverse, transpose, pad, mirrorPad, tile ---- */

typedef struct Spec {
    int rank, begin[TN_MAX_RANK], step[TN_MAX_RANK], size[TN_MAX_RANK], axis[TN_MAX_RANK];
    bool reflect;
} Spec;

static bool walk_map(const void *ctx, const int *y, int *x) {
    const Spec *s = ctx;
    for (int i = 0; i < s->rank; i++) x[i] = s->begin[i] + y[i] * s->step[i];
    return true;
}

static bool perm_map(const void *ctx, const int *y, int *x) {
    const Spec *s = ctx;
    for (int i = 0; i < s->rank; i++) x[s->axis[i]] = y[i];
    return true;
}

static bool pad_map(const void *ctx, const int *y, int *x) {
    const Spec *s = ctx;
    bool in = true;
    for (int i = 0; i < s->rank; i++) {
        x[i] = y[i] - s->begin[i];
        in &= x[i] >= 0 && x[i] < s->size[i];
    }
    return in;
}

static bool mirror_map(const void *ctx, const int *y, int *x) {
    const Spec *s = ctx;
    pad_map(ctx, y, x);
    for (int i = 0; i < s->rank; i++) {
        if (x[i] < 0) x[i] = -x[i] - !s->reflect;
        if (x[i] >= s->size[i]) x[i] = 2 * s->size[i] - 2 - x[i] + !s->reflect;
    }
    return true;
}

static bool tile_map(const void *ctx, const int *y, int *x) {
    const Spec *s = ctx;
    for (int i = 0; i < s->rank; i++) x[i] = y[i] % s->size[i];
    return true;
}

static void slices(void **state) {
    (void)state;
    for (int n = 0; n < 200; n++) {
        Spec s = {.rank = random_int(1, 6)};
        Tensor *x = some_tensor(s.rank, 6);
        int begin[9] = {s.rank}, size[9] = {s.rank};
        for (int i = 0; i < s.rank; i++) {
            int all = tn_shape(x)[i];
            begin[1 + i] = s.begin[i] = random_int(0, all);
            s.size[i] = random_int(0, 2) ? random_int(0, all - s.begin[i]) : all - s.begin[i];
            size[1 + i] = s.size[i] == all - s.begin[i] ? -1 : s.size[i];
            s.step[i] = 1;
        }
        Tensor *y = tn_slice(x, (const Ints *)begin, (const Ints *)size);
        assert_shape(y, s.rank, s.size);
        assert_mapped("slice", y, x, walk_map, &s, 0);
        tn_dispose(x);
        tn_dispose(y);
    }
}

/* What Python's x[b:e:s] takes of n elements. */
static int python_slice(int n, int b, int e, int step, int *begin) {
    const int lo = step > 0 ? 0 : -1, hi = step > 0 ? n : n - 1;
    if (b < 0) b += n;
    if (e < 0) e += n;
    b = b < lo ? lo : b > hi ? hi : b;
    e = e < lo ? lo : e > hi ? hi : e;
    int count = 0;
    for (int i = b; step > 0 ? i < e : i > e; i += step) count++;
    *begin = b;
    return count;
}

static void strided_slices(void **state) {
    (void)state;
    for (int n = 0; n < 400; n++) {
        Spec s = {.rank = random_int(1, 5)};
        Tensor *x = some_tensor(s.rank, 7);
        int begin[9] = {s.rank}, end[9] = {s.rank}, strides[9] = {s.rank}, begins = 0, ends = 0;
        for (int i = 0; i < s.rank; i++) {
            const int all = tn_shape(x)[i];
            do s.step[i] = random_int(-3, 3);
            while (!s.step[i]);
            int b = random_int(-9, 9), e = random_int(-9, 9);
            begin[1 + i] = b, end[1 + i] = e, strides[1 + i] = s.step[i];
            if (!random_int(0, 3)) begins |= 1 << i, b = s.step[i] > 0 ? 0 : all - 1;
            if (!random_int(0, 3)) ends |= 1 << i, e = s.step[i] > 0 ? all : -all - 1;
            s.size[i] = python_slice(all, b, e, s.step[i], &s.begin[i]);
        }
        Tensor *y = tn_stridedSlice(x, (const Ints *)begin, (const Ints *)end,
                                    (const Ints *)strides, begins, ends, 0, 0, 0);
        assert_shape(y, s.rank, s.size);
        assert_mapped("stridedSlice", y, x, walk_map, &s, 0);
        tn_dispose(x);
        tn_dispose(y);
    }
}

static void strided_masks(void **state) {
    (void)state;
    Scope *scope = tn_scope_begin();
    Tensor *x = tn_reshape(tn_range(0, 120, 1, TN_FLOAT32), INTS(2, 3, 4, 5));
    /* x[1, ..., newaxis, 2:0:-1] */
    Tensor *y =
        tn_stridedSlice(x, INTS(1, 0, 0, 2), INTS(0, 0, 0, 0), INTS(1, 1, 1, -1), 0, 0, 2, 4, 1);
    assert_shape(y, 4, (int[]){3, 4, 1, 2});
    for (int i = 0; i < 24; i++) assert_true(at(y, i) == 60 + i / 2 * 5 + 2 - i % 2);
    y = tn_stridedSlice(x, INTS(-1, -2), INTS(0, 0), NULL, 0, 0, 0, 0, 3);
    assert_shape(y, 2, (int[]){4, 5});
    assert_true(at(y, 0) == 80);
    y = tn_stridedSlice(x, INTS(0, 1), INTS(0, 3), NULL, 0, 0, 1, 0, 0);
    assert_shape(y, 4, (int[]){2, 3, 4, 2});
    assert_true(at(y, 1) == 2);
    tn_scope_end(scope);
}

static void orders(void **state) {
    (void)state;
    for (int n = 0; n < 200; n++) {
        Spec s = {.rank = random_int(0, 6)};
        Tensor *x = some_tensor(s.rank, 5);
        int perm[9] = {s.rank}, axes[9] = {0}, shape[8];
        for (int i = 0; i < s.rank; i++) perm[1 + i] = i;
        for (int i = s.rank; i > 1; i--) {
            int j = random_int(1, i), t = perm[i];
            perm[i] = perm[j], perm[j] = t;
        }
        for (int i = 0; i < s.rank; i++) {
            const bool back = random_int(0, 1);
            s.axis[i] = perm[1 + i];
            shape[i] = tn_shape(x)[s.axis[i]];
            s.begin[i] = back ? tn_shape(x)[i] - 1 : 0;
            s.step[i] = back ? -1 : 1;
            if (back) axes[++axes[0]] = i - (random_int(0, 1) ? s.rank : 0);
        }
        Tensor *y = tn_transpose(x, (const Ints *)perm, false);
        assert_shape(y, s.rank, shape);
        assert_mapped("transpose", y, x, perm_map, &s, 0);
        Tensor *z = axes[0] ? tn_reverse(x, (const Ints *)axes) : tn_clone(x);
        assert_shape(z, s.rank, tn_shape(x));
        assert_mapped("reverse", z, x, walk_map, &s, 0);
        tn_dispose(x), tn_dispose(y), tn_dispose(z);
    }
}

static void borders(void **state) {
    (void)state;
    for (int n = 0; n < 200; n++) {
        Spec s = {.rank = random_int(1, 5), .reflect = n & 1};
        Tensor *x = some_tensor(s.rank, 5);
        int pairs[17] = {2 * s.rank}, mirror[17] = {2 * s.rank}, reps[9] = {s.rank};
        int shape[8], mirrored[8], tiled[8];
        Spec m = s;
        for (int i = 0; i < s.rank; i++) {
            const int all = s.size[i] = m.size[i] = tn_shape(x)[i];
            for (int k = 1; k <= 2; k++) {
                pairs[2 * i + k] = random_int(0, 3);
                mirror[2 * i + k] = all ? random_int(0, all - s.reflect) : 0;
            }
            s.begin[i] = pairs[2 * i + 1], m.begin[i] = mirror[2 * i + 1];
            shape[i] = pairs[2 * i + 1] + all + pairs[2 * i + 2];
            mirrored[i] = mirror[2 * i + 1] + all + mirror[2 * i + 2];
            if (!all) m.reflect = false;
            tiled[i] = all * (reps[1 + i] = random_int(0, 9) ? random_int(1, 3) : 0);
        }
        Tensor *y = tn_pad(x, (const Ints *)pairs, tn_dtype(x) != TN_STRING);
        assert_shape(y, s.rank, shape);
        assert_mapped("pad", y, x, pad_map, &s, 1);
        tn_dispose(y);
        y = tn_mirrorPad(x, (const Ints *)mirror, m.reflect ? MIRROR_REFLECT : MIRROR_SYMMETRIC);
        assert_shape(y, s.rank, mirrored);
        assert_mapped("mirrorPad", y, x, mirror_map, &m, 0);
        tn_dispose(y);
        y = tn_tile(x, (const Ints *)reps);
        assert_shape(y, s.rank, tiled);
        assert_mapped("tile", y, x, tile_map, &s, 0);
        tn_dispose(y), tn_dispose(x);
    }
}

/* ---- concat, stack, split, unstack ---- */

static void assert_same(Tensor *a, Tensor *b) {
    assert_no_error();
    assert_int_equal(tn_dtype(a), tn_dtype(b));
    assert_shape(a, tn_rank(b), tn_shape(b));
    for (int i = 0; i < tn_size(a); i++) assert_true(at(a, i) == at(b, i));
}

static void joins(void **state) {
    (void)state;
    for (int n = 0; n < 200; n++) {
        Scope *scope = tn_scope_begin();
        const int rank = random_int(1, 5), axis = random_int(0, rank - 1);
        Tensor *x = some_tensor(rank, 6);
        const int all = tn_shape(x)[axis], first = random_int(0, all);
        int sizes[] = {3, first, -1, random_int(0, all - first)};
        struct {
            int n;
            Tensor *v[8];
        } kept = {0};
        const List *parts = tn_split(x, (const Ints *)sizes, axis - (n & 1) * rank);
        assert_no_error();
        for (int i = 0, from = 0; i < 3; from += tn_shape(parts->v[i++])[axis]) {
            Spec s = {.rank = rank, .step = {1, 1, 1, 1, 1}};
            s.begin[axis] = from;
            assert_mapped("split", kept.v[i] = parts->v[i], x, walk_map, &s, 0);
        }
        kept.n = 3;
        assert_same(tn_concat((const List *)&kept, axis), x);
        parts = tn_unstack(x, axis);
        assert_no_error();
        assert_int_equal(kept.n = parts->n, all);
        memcpy(kept.v, parts->v, sizeof(Tensor *) * (size_t)all);
        if (all) assert_same(tn_stack((const List *)&kept, axis), x);
        if (all) assert_same(tn_expandDims(kept.v[0], axis), tn_split(x, INTS(all), axis)->v[0]);
        tn_scope_end(scope);
    }
}

static void mixed_dtypes(void **state) {
    (void)state;
    Scope *scope = tn_scope_begin();
    Tensor *f = tn_linspace(0.5, 1.5, 2), *i = tn_range(1, 3, 1, TN_INT32);
    Tensor *b = tn_cast(i, TN_BOOL);
    assert_int_equal(tn_dtype(tn_concat(LIST(i, b), 0)), TN_INT32);
    Tensor *y = tn_concat(LIST(b, f, i), 0);
    assert_int_equal(tn_dtype(y), TN_FLOAT32);
    ASSERT_FLOATS(y, 1, 1, 0.5f, 1.5f, 1, 2);
    tn_stack(LIST(i, f), 0);
    assert_failed(TN_DTYPE, "tensors[1] is float32, tensors[0] int32");
    tn_scope_end(scope);
}

int main(void) {
    tn_set_threads(3);
    const struct CMUnitTest tests[] = {
        OP_TEST(strided_copies), OP_TEST(large_transposes),
        OP_TEST(slices),         OP_TEST(strided_slices),
        OP_TEST(strided_masks),  OP_TEST(orders),
        OP_TEST(borders),        OP_TEST(joins),
        OP_TEST(mixed_dtypes),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
