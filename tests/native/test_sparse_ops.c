/* Slices by indices, segments, sparse and ragged tensors, sets: against plain loops; their
** gradients of first and second order; and what must be refused. */
#include "grad_check.h"

#define WORDS(...) words(TN_COUNT(int, __VA_ARGS__), (int[]){__VA_ARGS__})
static Tensor *words(int n, const int *v) { return tn_tensor(TN_INT32, INTS(n), v); }

static void assert_ints(Tensor *x, int n, const int *want) {
    assert_no_error();
    assert_int_equal(tn_dtype(x), TN_INT32);
    assert_int_equal(tn_size(x), n);
    const int *v = tn_data(x);
    for (int i = 0; i < n; i++) assert_int_equal(v[i], want[i]);
}
#define ASSERT_INTS(x, ...) assert_ints(x, TN_COUNT(int, __VA_ARGS__), (int[]){__VA_ARGS__})

/* Random places [n, depth] in a shape. */
static Tensor *random_places(int n, int depth, const int *shape) {
    Tensor *x = tn_tensor(TN_INT32, INTS(n, depth), NULL);
    for (int i = 0; i < n * depth; i++)
        ((int *)tn_data(x))[i] = random_int(0, shape[i % depth] - 1);
    return x;
}

/* ---- gatherND, scatterND, tensorScatterUpdate ---- */

/* The row that place i names in x [3, 4, 2] or its leading axes. */
static int row_at(const int *index, int i, int depth, const int *shape) {
    int row = 0;
    for (int k = 0; k < depth; k++) row = row * shape[k] + index[i * depth + k];
    return row;
}

static void slices_by_indices(void **state) {
    (void)state;
    static const int shape[] = {3, 4, 2};
    for (int depth = 1; depth <= 3; depth++) {
        Scope *s = tn_scope_begin();
        const int n = 7, rows = (int[]){3, 12, 24}[depth - 1], width = 24 / rows;
        Tensor *x = random_tensor(INTS(3, 4, 2), -1, 1), *at = random_places(n, depth, shape);
        const int *index = tn_data(at);
        const float *v = tn_floats(x), *got = tn_floats(tn_gatherND(x, at));
        Tensor *y = tn_gatherND(x, at);
        assert_int_equal(tn_rank(y), 1 + 3 - depth);
        for (int i = 0; i < n * width; i++)
            assert_true(got[i] == v[row_at(index, i / width, depth, shape) * width + i % width]);
        double sums[24] = {0}, last[24];
        for (int i = 0; i < 24; i++) last[i] = v[i];
        for (int i = 0; i < n * width; i++) {
            const int to = row_at(index, i / width, depth, shape) * width + i % width;
            sums[to] += got[i] + 1;
            last[to] = got[i] + 1;
        }
        Tensor *updates = tn_add(y, tn_scalar(1));
        const float *summed = tn_floats(tn_scatterND(at, updates, INTS(3, 4, 2)));
        const float *set = tn_floats(tn_tensorScatterUpdate(x, at, updates));
        for (int i = 0; i < 24; i++) {
            assert_near(summed[i], sums[i], 1e-6, "scatterND", i);
            assert_near(set[i], last[i], 0, "tensorScatterUpdate", i);
        }
        tn_scope_end(s);
    }
}

static void other_dtypes(void **state) {
    (void)state;
    Scope *s = tn_scope_begin();
    Tensor *at = tn_tensor(TN_INT32, INTS(3, 1), (int[]){2, 0, 2});
    ASSERT_INTS(tn_scatterND(at, WORDS(1 << 24, 5, 1), INTS(3)), 5, 0, (1 << 24) + 1);
    Tensor *strings = tn_strings(INTS(3), (const char *[]){"a", "b", "c"});
    Tensor *y = tn_gatherND(strings, at);
    assert_string_equal(tn_string_at(y, 0, NULL), "c");
    assert_string_equal(tn_string_at(y, 1, NULL), "a");
    y = tn_sparseToDense(WORDS(1, 3), tn_strings(INTS(2), (const char *[]){"x", "y"}), INTS(4),
                         NULL);
    assert_string_equal(tn_string_at(y, 0, NULL), "");
    assert_string_equal(tn_string_at(y, 3, NULL), "y");
    Tensor *bools = tn_tensor(TN_BOOL, INTS(3), (uint8_t[]){0, 1, 1});
    const uint8_t *b = tn_data(tn_scatterND(at, bools, INTS(4)));
    assert_int_equal(b[0] * 1000 + b[1] * 100 + b[2] * 10 + b[3], 1010);
    Tensor *four = tn_tensor(TN_BOOL, INTS(1, 4), (uint8_t[]){0, 1, 0, 1}); /* a row of one word */
    b = tn_data(tn_tensorScatterUpdate(tn_zeros(INTS(2, 4), TN_BOOL), WORDS(1), four));
    assert_memory_equal(b, ((uint8_t[]){0, 0, 0, 0, 0, 1, 0, 1}), 8);
    Tensor *z = tn_complex(tn_tensor(TN_FLOAT32, INTS(3), (float[]){1, 2, 3}),
                           tn_ones(INTS(3), TN_FLOAT32));
    ASSERT_FLOATS(tn_real(tn_scatterND(at, z, INTS(3))), 2, 0, 4);
    ASSERT_FLOATS(tn_imag(tn_scatterND(at, z, INTS(3))), 1, 0, 2);
    tn_scope_end(s);
}

static void empty_ones(void **state) {
    (void)state;
    Scope *s = tn_scope_begin();
    Tensor *none = tn_tensor(TN_INT32, INTS(0, 2), NULL), *x = random_tensor(INTS(2, 3, 2), -1, 1);
    assert_int_equal(tn_size(tn_gatherND(x, none)), 0);
    Tensor *whole = tn_gatherND(x, tn_tensor(TN_INT32, INTS(2, 0), NULL));
    assert_int_equal(tn_rank(whole), 4);
    assert_true(tn_floats(whole)[17] == tn_floats(x)[5]);
    Tensor *y = tn_tensorScatterUpdate(x, none, tn_zeros(INTS(0, 2), TN_FLOAT32));
    assert_memory_equal(tn_floats(y), tn_floats(x), 48);
    ASSERT_FLOATS(tn_scatterND(none, tn_zeros(INTS(0), TN_FLOAT32), INTS(1, 2)), 0, 0);
    none = tn_tensor(TN_INT32, INTS(0), NULL);
    Tensor *sum = tn_sparseSegmentSum(x, none, none);
    assert_int_equal(tn_shape(sum)[0], 0);
    assert_int_equal(tn_shape(sum)[2], 2);
    assert_int_equal(tn_shape(tn_unsortedSegmentSum(x, WORDS(-1, -1), 0))[0], 0);
    assert_no_error();
    tn_scope_end(s);
}

static Tensor *gather_nd(Tensor **in) {
    return tn_gatherND(in[0], tn_tensor(TN_INT32, INTS(3, 2), (int[]){0, 1, 2, 0, 0, 1}));
}
static Tensor *scatter_nd(Tensor **in) {
    Tensor *at = tn_tensor(TN_INT32, INTS(4, 1), (int[]){1, 3, 1, 0});
    return tn_square(tn_scatterND(at, in[0], INTS(5, 2)));
}
static Tensor *scatter_update(Tensor **in) {
    Tensor *at = tn_tensor(TN_INT32, INTS(3, 1), (int[]){1, 2, 1});
    return tn_square(tn_tensorScatterUpdate(in[0], at, tn_square(in[1])));
}
static Tensor *to_dense(Tensor **in) {
    Tensor *at = tn_tensor(TN_INT32, INTS(3, 2), (int[]){0, 1, 1, 1, 0, 1});
    return tn_square(tn_sparseToDense(at, in[0], INTS(2, 3), in[1]));
}

static void scatter_gradients(void **state) {
    (void)state;
    Tensor *a[] = {random_tensor(INTS(3, 2, 2), -1, 1)};
    check_gradients("gatherND", gather_nd, 1, a, 2);
    Tensor *b[] = {random_tensor(INTS(4, 2), -1, 1)};
    check_gradients("scatterND", scatter_nd, 1, b, 2);
    Tensor *c[] = {random_tensor(INTS(4, 2), -1, 1), random_tensor(INTS(3, 2), -1, 1)};
    check_gradients("tensorScatterUpdate", scatter_update, 2, c, 2);
    Tensor *d[] = {random_tensor(INTS(3), -1, 1), random_tensor(INTS(), -1, 1)};
    check_gradients("sparseToDense", to_dense, 2, d, 2);
}

/* ---- segments, counts ---- */

static void segments(void **state) {
    (void)state;
    for (int round = 0; round < 30; round++) {
        Scope *s = tn_scope_begin();
        const int n = random_int(1, 20), width = random_int(1, 3), count = random_int(1, 6);
        Tensor *x = random_tensor(INTS(n, width), -1, 1), *ids = tn_tensor(TN_INT32, INTS(n), NULL);
        double sums[18] = {0}, number[6] = {0};
        int *id = (int *)tn_data(ids);
        for (int i = 0; i < n; i++) id[i] = random_int(-1, count - 1);
        for (int i = 0; i < n * width; i++)
            if (id[i / width] >= 0) sums[id[i / width] * width + i % width] += tn_floats(x)[i];
        const float *y = tn_floats(tn_unsortedSegmentSum(x, ids, count));
        for (int i = 0; i < count * width; i++) assert_near(y[i], sums[i], 1e-6, "sum", i);
        for (int i = 0, at = 0; i < n; i++) id[i] = at += at < count - 1 && random_int(0, 3) == 0;
        Tensor *rows = tn_tensor(TN_INT32, INTS(n), NULL);
        memset(sums, 0, sizeof sums);
        for (int i = 0; i < n; i++) {
            const int row = ((int *)tn_data(rows))[i] = random_int(0, n - 1);
            number[id[i]]++;
            for (int k = 0; k < width; k++)
                sums[id[i] * width + k] += tn_floats(x)[row * width + k];
        }
        Tensor *sum = tn_sparseSegmentSum(x, rows, ids), *mean = tn_sparseSegmentMean(x, rows, ids);
        assert_int_equal(tn_size(sum), (id[n - 1] + 1) * width);
        for (int i = 0; i < tn_size(sum); i++) {
            assert_near(tn_floats(sum)[i], sums[i], 1e-6, "sparse sum", i);
            const double in = number[i / width];
            assert_near(tn_floats(mean)[i], in ? sums[i] / in : 0, 1e-6, "sparse mean", i);
        }
        tn_scope_end(s);
    }
}

static Tensor *segment_sum(Tensor **in) {
    return tn_square(tn_unsortedSegmentSum(in[0], WORDS(1, -1, 0, 1), 3));
}
static Tensor *sparse_sum(Tensor **in) {
    return tn_square(tn_sparseSegmentSum(in[0], WORDS(3, 0, 3, 1), WORDS(0, 0, 2, 2)));
}
static Tensor *sparse_mean(Tensor **in) {
    return tn_square(tn_sparseSegmentMean(in[0], WORDS(3, 0, 3, 1), WORDS(0, 0, 2, 2)));
}
static Tensor *weighted_counts(Tensor **in) {
    return tn_square(tn_bincount(WORDS(1, 4, 1, 9), in[0], 5));
}
static Tensor *row_counts(Tensor **in) {
    Tensor *x = tn_tensor(TN_INT32, INTS(2, 2), (int[]){0, 2, 2, 2});
    return tn_square(tn_denseBincount(x, in[0], 3, false));
}

static void segment_gradients(void **state) {
    (void)state;
    static const CheckFn of_rows[] = {segment_sum, sparse_sum, sparse_mean};
    for (int i = 0; i < 3; i++) {
        Tensor *x[] = {random_tensor(INTS(4, 2), -1, 1)};
        check_gradients("segment", of_rows[i], 1, x, 2);
    }
    Tensor *a[] = {random_tensor(INTS(4), -1, 1)}, *b[] = {random_tensor(INTS(2, 2), -1, 1)};
    check_gradients("bincount", weighted_counts, 1, a, 2);
    check_gradients("denseBincount", row_counts, 1, b, 2);
}

/* ---- spaceToBatchND and back ---- */

static Tensor *to_batch(Tensor **in) {
    return tn_square(tn_spaceToBatchND(in[0], INTS(2, 3), INTS(1, 0, 2, 0)));
}
static Tensor *to_space(Tensor **in) {
    return tn_square(tn_batchToSpaceND(in[0], INTS(2, 2), INTS(1, 0, 0, 1)));
}

static void blocks(void **state) {
    (void)state;
    Scope *s = tn_scope_begin();
    Tensor *x = random_tensor(INTS(2, 3, 4, 5), -1, 1);
    Tensor *y = tn_spaceToBatchND(x, INTS(2, 3), INTS(1, 0, 2, 0));
    assert_no_error();
    assert_int_equal(tn_shape(y)[0], 12);
    for (int i = 0; i < tn_size(y); i++) {
        const int c = i % 5, w = i / 5 % 2, h = i / 10 % 2, n = i / 20 % 2, place = i / 40;
        const int v = h * 2 + place / 3 - 1, u = w * 3 + place % 3 - 2;
        const float want = v < 0 || u < 0 ? 0 : tn_floats(x)[((n * 3 + v) * 4 + u) * 5 + c];
        assert_true(tn_floats(y)[i] == want);
    }
    Tensor *back = tn_batchToSpaceND(y, INTS(2, 3), INTS(1, 0, 2, 0));
    assert_no_error();
    assert_memory_equal(tn_floats(back), tn_floats(x), sizeof(float) * (size_t)tn_size(x));
    tn_scope_end(s);
    Tensor *a[] = {random_tensor(INTS(1, 3, 4), -1, 1)},
           *b[] = {random_tensor(INTS(4, 2, 2), -1, 1)};
    check_gradients("spaceToBatchND", to_batch, 1, a, 2);
    check_gradients("batchToSpaceND", to_space, 1, b, 2);
}

/* ---- unique, setdiff1d, searching ---- */

static void unlike(void **state) {
    (void)state;
    for (int round = 0; round < 20; round++) {
        Scope *s = tn_scope_begin();
        const int n = round ? random_int(1, 60) : 5000, most = round ? 12 : 3000;
        Tensor *x = tn_tensor(TN_INT32, INTS(n), NULL), *at;
        for (int i = 0; i < n; i++) ((int *)tn_data(x))[i] = random_int(-most, most);
        const int *v = tn_data(x), *found = tn_data(tn_unique(x, 0, &at)), *index = tn_data(at);
        for (int i = 0, next = 0; i < n; i++) {
            int first = 0;
            while (v[first] != v[i]) first++;
            if (first == i) assert_int_equal(index[i], next++);
            else assert_int_equal(index[i], index[first]);
            assert_int_equal(found[index[i]], v[i]);
        }
        tn_scope_end(s);
    }
    Scope *s = tn_scope_begin();
    Tensor *at;
    ASSERT_FLOATS(
        tn_unique(tn_tensor(TN_FLOAT32, INTS(5), (float[]){NAN, 0, -0.0f, NAN, 2}), 0, &at), NAN, 0,
        2);
    ASSERT_INTS(at, 0, 1, 1, 0, 2);
    Tensor *x = tn_tensor(TN_FLOAT32, INTS(4), (float[]){1, NAN, 0, 2});
    const List *parts = tn_setdiff1d(x, tn_tensor(TN_FLOAT32, INTS(2), (float[]){NAN, -0.0f}));
    Tensor *places = parts->v[1];
    ASSERT_FLOATS(parts->v[0], 1, 2);
    ASSERT_INTS(places, 0, 3);
    tn_scope_end(s);
}

static Tensor *different(Tensor **in) {
    Tensor *at;
    return tn_square(tn_unique(tn_concat(LIST(in[0], in[0]), 1), 1, &at));
}

static void set_gradients(void **state) {
    (void)state;
    Tensor *x[] = {distinct_tensor(INTS(2, 3), 0.3f)};
    check_gradients("unique", different, 1, x, 2);
}

static void places(void **state) {
    (void)state;
    for (int round = 0; round < 20; round++) {
        Scope *s = tn_scope_begin();
        const int n = random_int(0, 9), m = random_int(1, 9);
        Tensor *x = tn_tensor(TN_INT32, INTS(2, n), NULL),
               *v = tn_tensor(TN_INT32, INTS(2, m), NULL);
        int *sorted = (int *)tn_data(x), *value = (int *)tn_data(v);
        for (int i = 0; i < 2 * n; i++) sorted[i] = (i % n ? sorted[i - 1] : -3) + random_int(0, 2);
        for (int i = 0; i < 2 * m; i++) value[i] = random_int(-4, 8);
        const int *low = tn_data(tn_lowerBound(x, v)), *high = tn_data(tn_upperBound(x, v));
        for (int i = 0; i < 2 * m; i++) {
            int below = 0, upto = 0;
            for (int k = 0; k < n; k++) {
                below += sorted[i / m * n + k] < value[i];
                upto += sorted[i / m * n + k] <= value[i];
            }
            assert_int_equal(low[i], below);
            assert_int_equal(high[i], upto);
        }
        tn_scope_end(s);
    }
}

/* ---- sparse, ragged ---- */

static Tensor *fill_rows(Tensor **in) {
    Tensor *at = tn_tensor(TN_INT32, INTS(3, 2), (int[]){2, 1, 0, 3, 2, 0});
    Tensor *values, *none, *map;
    tn_sparseFillEmptyRows(at, in[0], WORDS(5, 4), in[1], &values, &none, &map);
    return tn_square(values);
}
static Tensor *ranges(Tensor **in) {
    Tensor *values;
    Tensor *limits = tn_tensor(TN_FLOAT32, INTS(2), (float[]){3.4f, 2.3f});
    tn_raggedRange(in[0], limits, in[1], &values);
    return tn_square(values);
}
static Tensor *rows_of_rows(Tensor **in) {
    Tensor *values;
    const List *splits = LIST(WORDS(0, 2, 3), WORDS(0, 1, 1, 4));
    tn_raggedGather(splits, in[0], WORDS(1, 0, 1), 1, &values);
    return tn_square(values);
}
static Tensor *dense_rows(Tensor **in) {
    const List *parts = LIST(WORDS(0, 3, 3, 4));
    return tn_square(tn_raggedTensorToTensor(WORDS(-1, 2, -1), in[0], in[1], parts, "ROW_SPLITS"));
}

static void ragged_gradients(void **state) {
    (void)state;
    Tensor *a[] = {random_tensor(INTS(3), -1, 1), random_tensor(INTS(), -1, 1)};
    check_gradients("sparseFillEmptyRows", fill_rows, 2, a, 2);
    Tensor *b[] = {random_tensor(INTS(2), 0, 0.5f), random_tensor(INTS(), 0.9f, 1)};
    check_gradients("raggedRange", ranges, 2, b, 2);
    Tensor *c[] = {random_tensor(INTS(4, 2), -1, 1)};
    check_gradients("raggedGather", rows_of_rows, 1, c, 2);
    Tensor *d[] = {random_tensor(INTS(4, 2), -1, 1), random_tensor(INTS(2), -1, 1)};
    check_gradients("raggedTensorToTensor", dense_rows, 2, d, 2);
}

/* ---- strings ---- */

/* Fingerprints modulo 1e9 of the first n bytes of a text that is repeated, by the peer's own
** code. */
static void hashes(void **state) {
    (void)state;
    static const int want[][2] = {
        {0, 34397263},   {1, 136253306},   {3, 453499901},   {4, 525335717},   {7, 329643399},
        {8, 78303239},   {15, 180936103},  {16, 565769301},  {17, 113208765},  {31, 977816915},
        {32, 358924898}, {33, 16327638},   {48, 268514823},  {63, 251130496},  {64, 115058600},
        {65, 78980753},  {100, 839400310}, {127, 519707612}, {128, 923847846}, {129, 495627200},
        {191, 528633916}};
    static const char text[] = "The quick brown fox jumps over the lazy dog, ";
    Scope *s = tn_scope_begin();
    for (int i = 0; i < (int)(sizeof want / sizeof *want); i++) {
        char bytes[200] = {0};
        for (int k = 0; k < want[i][0]; k++) bytes[k] = text[k % (int)(sizeof text - 1)];
        Tensor *x = tn_strings(INTS(1), (const char *[]){bytes});
        ASSERT_INTS(tn_stringToHashBucketFast(x, 1e9), want[i][1]);
    }
    tn_scope_end(s);
}

static void assert_strings(Tensor *x, int n, const char *const *want) {
    assert_no_error();
    assert_int_equal(tn_size(x), n);
    for (int i = 0; i < n; i++) assert_string_equal(tn_string_at(x, i, NULL), want[i]);
}
#define ASSERT_TEXTS(x, ...)                                                                       \
    assert_strings(x, TN_COUNT(const char *, __VA_ARGS__), (const char *[]){__VA_ARGS__})

static void strings(void **state) {
    (void)state;
    Scope *s = tn_scope_begin();
    Tensor *parts, *shape, *splits;
    Tensor *x = tn_strings(INTS(4), (const char *[]){"ab cd,e", "", " ", "f"});
    Tensor *at =
        tn_stringSplit(x, tn_strings(INTS(), (const char *[]){" ,"}), false, &parts, &shape);
    ASSERT_TEXTS(parts, "ab", "cd", "e", "", "", "f");
    ASSERT_INTS(at, 0, 0, 0, 1, 0, 2, 2, 0, 2, 1, 3, 0);
    ASSERT_INTS(shape, 4, 3);
    tn_stringSplit(x, tn_strings(INTS(), (const char *[]){""}), true, &parts, &shape);
    ASSERT_TEXTS(parts, "a", "b", " ", "c", "d", ",", "e", " ", "f");
    Tensor *tokens = tn_strings(INTS(4), (const char *[]){"a", "b", "c", "d"});
    Tensor *y =
        tn_stringNGrams(tokens, WORDS(0, 3, 3, 4), "-", INTS(3, 1), "<", ">", -1, false, &splits);
    ASSERT_TEXTS(y, "<-<-a", "<-a-b", "a-b-c", "b-c->", "c->->", "a", "b", "c", "<-<->", "<->->",
                 "<-<-d", "<-d->", "d->->", "d");
    ASSERT_INTS(splits, 0, 8, 10, 14);
    y = tn_stringNGrams(tokens, WORDS(0, 3, 3, 4), " ", INTS(5), "", "", 0, true, &splits);
    ASSERT_TEXTS(y, "a b c", "d");
    ASSERT_INTS(splits, 0, 1, 1, 2);
    tn_scope_end(s);
}

/* ---- what must be refused ---- */

static void bad_indices(void **state) {
    (void)state;
    Scope *s = tn_scope_begin();
    Tensor *x = random_tensor(INTS(2, 3), -1, 1);
    static const int bad[] = {2, -1, INT32_MAX, INT32_MIN, 1 << 30};
    for (int i = 0; i < 5; i++) {
        Tensor *at = tn_tensor(TN_INT32, INTS(2, 1), (int[]){0, bad[i]});
        Tensor *pair = tn_tensor(TN_INT32, INTS(1, 2), (int[]){bad[i], 1});
        Tensor *rows = tn_ones(INTS(2, 3), TN_FLOAT32);
        tn_gatherND(x, at), assert_failed(TN_INDEX, "place 1 is");
        tn_gatherND(x, pair), assert_failed(TN_INDEX, "size 2 of [2, 3]");
        tn_scatterND(at, rows, INTS(2, 3)), assert_failed(TN_INDEX, "scatterND: Invalid indices");
        tn_tensorScatterUpdate(x, at, rows), assert_failed(TN_INDEX, "tensorScatterUpdate: Inv");
        tn_sparseToDense(WORDS(0, bad[i]), tn_scalar(1), INTS(2), NULL);
        assert_failed(TN_INDEX, "sparseToDense: Invalid indices");
        tn_sparseSegmentSum(x, WORDS(0, bad[i]), WORDS(0, 0));
        assert_failed(TN_INDEX, "indices[1] == ");
        tn_sparseSegmentMean(x, WORDS(0, 1), WORDS(bad[i], 0));
        assert_failed(TN_INDEX, "out of range [0, 1)");
        tn_raggedGather(LIST(WORDS(0, 1, 2)), x, WORDS(bad[i]), 1, NULL);
        assert_failed(TN_INDEX, "is not in [0, 2)");
    }
    tn_unsortedSegmentSum(x, WORDS(0, 4), 4), assert_failed(TN_INDEX, "segmentIds[1] is 4");
    tn_unsortedSegmentSum(x, WORDS(0, 0), INT32_MAX), assert_failed(TN_VALUE, "numSegments");
    tn_sparseSegmentSum(x, WORDS(0, 0), WORDS(0, INT32_MAX)), assert_failed(TN_INDEX, "too large");
    tn_bincount(WORDS(1, -1), tn_ones(INTS(2), TN_FLOAT32), 3),
        assert_failed(TN_INDEX, "x[1] is -1");
    tn_bincount(WORDS(1), tn_scalar(1), INT32_MAX), assert_failed(TN_SHAPE, "2 GiB");
    tn_scatterND(WORDS(0), tn_ones(INTS(1), TN_FLOAT32), INTS(65536, 65536));
    assert_failed(TN_SHAPE, "2 GiB");
    tn_confusionMatrix(WORDS(0), WORDS(0), 1 << 20), assert_failed(TN_VALUE, "too much");
    tn_batchToSpaceND(x, INTS(0), INTS(0, 0)), assert_failed(TN_VALUE, "blockShape[0] is 0");
    tn_batchToSpaceND(x, INTS(2), INTS(4, 4)), assert_failed(TN_SHAPE, "crops[0] takes 4 and 4");
    tn_spaceToBatchND(x, INTS(2), INTS(-1, 0)), assert_failed(TN_VALUE, "negative");
    tn_batchToSpaceND(tn_zeros(INTS(1, 0, 0, 0), TN_FLOAT32), INTS(65536, 65536, 65536),
                      INTS(0, 0, 0, 0, 0, 0)),
        assert_failed(TN_VALUE, "too large");
    tn_scope_end(s);
}

static void bad_sparse(void **state) {
    (void)state;
    Scope *s = tn_scope_begin();
    Tensor *at = tn_tensor(TN_INT32, INTS(1, 2), (int[]){1, 9}), *v = tn_ones(INTS(1), TN_FLOAT32);
    Tensor *one = tn_scalar(1), *a, *b, *c;
    tn_sparseReshape(at, WORDS(2, 3), WORDS(6), &a),
        assert_failed(TN_INDEX, "inputIndices[0, 1] is 9");
    tn_sparseReshape(at, WORDS(2, -3), WORDS(6), &a), assert_failed(TN_VALUE, "negative");
    tn_sparseReshape(at, WORDS(INT32_MAX, INT32_MAX), WORDS(-1), &a), assert_failed(TN_SHAPE, "");
    tn_sparseReshape(at, WORDS(2, 3), WORDS(-1, 0), &a), assert_failed(TN_VALUE, "non-zero");
    tn_sparseFillEmptyRows(at, v, WORDS(1, 3), one, &a, &b, &c), assert_failed(TN_INDEX, "1 >= 1");
    tn_sparseFillEmptyRows(at, v, WORDS(-1, 3), one, &a, &b, &c),
        assert_failed(TN_VALUE, "negative");
    tn_sparseFillEmptyRows(at, v, WORDS(4), one, &a, &b, &c), assert_failed(TN_SHAPE, "1 sizes");
    Tensor *x = random_tensor(INTS(4), -1, 1);
    tn_raggedGather(LIST(WORDS(0, 2, 5)), x, WORDS(0), 1, &a),
        assert_failed(TN_INDEX, "must not point past");
    tn_raggedGather(LIST(WORDS(0, 3, 2)), x, WORDS(0), 1, &a), assert_failed(TN_INDEX, "sorted");
    tn_raggedGather(LIST(WORDS(0, 4), WORDS(0, 2, 4)), x, WORDS(0), 1, &a);
    assert_failed(TN_INDEX, "must not point past");
    static const int splits[][3] = {{0, 3, 2}, {-1, 2, 4}, {1, 2, 4}, {0, 2, 5}, {0, 2, 1 << 28}};
    for (int i = 0; i < 5; i++) {
        const List *parts = LIST(words(3, splits[i]));
        tn_raggedTensorToTensor(WORDS(2, 2), x, one, parts, "ROW_SPLITS");
        assert_failed(TN_INDEX, i < 3 ? "Invalid row split" : "the partitions have");
    }
    const List *ids = LIST(WORDS(2), WORDS(0, 1, 2, INT32_MAX));
    tn_raggedTensorToTensor(WORDS(-1, -1), x, one, ids, "FIRST_DIM_SIZE,VALUE_ROWIDS");
    assert_failed(TN_INDEX, "valueRowId=2 at 2");
    tn_raggedTensorToTensor(WORDS(-1, -1), x, one, ids, "FIRST_DIM_SIZE,ROW_LENGTHS");
    assert_failed(TN_VALUE, "ROW_LENGTHS");
    tn_raggedTensorToTensor(WORDS(-1, -1), x, one, ids, "FIRST_DIM_SIZE");
    assert_failed(TN_VALUE, "\"\" is not");
    tn_raggedRange(one, one, tn_scalar(0), &a), assert_failed(TN_VALUE, "Requires delta != 0");
    tn_raggedRange(one, tn_scalar(NAN), one, &a), assert_failed(TN_VALUE, "Requires");
    tn_raggedRange(one, tn_scalar(2e9f), one, &a), assert_failed(TN_SHAPE, "more than");
    Tensor *tokens = tn_strings(INTS(2), (const char *[]){"a", "b"});
    tn_stringNGrams(tokens, WORDS(0, 2), "", INTS(1 << 30), "", "", 1 << 29, true, &a);
    assert_failed(TN_VALUE, "too much");
    tn_stringNGrams(tokens, WORDS(0, 2), "", INTS(-1), "", "", -1, true, &a);
    assert_failed(TN_VALUE, "nGramWidths[0] is -1");
    tn_stringNGrams(tokens, WORDS(0, 3, 2), "", INTS(1), "", "", -1, true, &a);
    assert_failed(TN_INDEX, "must be in [0, 2]");
    tn_stringToHashBucketFast(tokens, NAN), assert_failed(TN_VALUE, "at least 1");
    tn_scope_end(s);
}

#define TEST(f) OP_TEST(f)

int main(void) {
    const struct CMUnitTest tests[] = {
        TEST(slices_by_indices),
        TEST(other_dtypes),
        TEST(empty_ones),
        TEST(scatter_gradients),
        TEST(segments),
        TEST(segment_gradients),
        TEST(blocks),
        TEST(unlike),
        TEST(set_gradients),
        TEST(places),
        TEST(ragged_gradients),
        TEST(hashes),
        TEST(strings),
        TEST(bad_indices),
        TEST(bad_sparse),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
