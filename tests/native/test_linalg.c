/* einsum against sums over all labels in double; qr, gramSchmidt, bandPart by what defines them. */
#include "grad_check.h"
#include "base/threads.h"

static void assert_shape(Tensor *y, int rank, const int *shape) {
    assert_no_error();
    assert_int_equal(tn_rank(y), rank);
    for (int i = 0; i < rank; i++) assert_int_equal(tn_shape(y)[i], shape[i]);
}

/* ---- einsum ---- */

enum { LETTERS = 5, TERMS = 4, AXES = 4 };

/* Letters a.. of random sizes; each term has some, the output some of those. */
typedef struct Equation {
    int size[LETTERS], terms;
    char term[TERMS][AXES + 1], out[LETTERS + 1], text[64];
    Tensor *x[TERMS];
} Equation;

static void append(Equation *e, const char *text) {
    const size_t n = strlen(e->text);
    snprintf(e->text + n, sizeof e->text - n, "%s", text);
}

static void random_equation(Equation *e, bool twice) {
    memset(e, 0, sizeof *e);
    unsigned used = 0;
    e->terms = random_int(1, TERMS);
    for (int i = 0; i < LETTERS; i++) e->size[i] = random_int(1, 3);
    for (int t = 0; t < e->terms; t++) {
        unsigned here = 0;
        int shape[AXES + 1] = {0}, n = random_int(0, AXES);
        for (int i = 0; i < n; i++) {
            const int letter = random_int(0, LETTERS - 1);
            if (here >> letter & 1 && !twice) continue;
            here |= 1u << letter;
            e->term[t][shape[0]++] = (char)('a' + letter);
            shape[shape[0]] = e->size[letter];
        }
        used |= here;
        e->x[t] = random_tensor((const Ints *)shape, -1, 1);
        append(e, e->term[t]);
        append(e, t + 1 < e->terms ? ", " : "->");
    }
    const int from = random_int(0, LETTERS - 1);
    for (int i = 0, n = 0; i < LETTERS; i++) {
        const int letter = (from + 2 * i) % LETTERS;
        if (used >> letter & 1 && random_int(0, 2)) e->out[n++] = (char)('a' + letter);
    }
    append(e, e->out);
}

/* Where the element is that a term has at these indices of all letters. */
static int position(const Equation *e, const char *labels, const int *index) {
    int at = 0;
    for (; *labels; labels++) at = at * e->size[*labels - 'a'] + index[*labels - 'a'];
    return at;
}

/* Over the letters that are used, the others stay 0. */
static bool next(const Equation *e, int *index) {
    for (int i = 0; i < LETTERS; i++) {
        bool used = false;
        for (int t = 0; t < e->terms; t++) used |= strchr(e->term[t], 'a' + i) != NULL;
        if (used && ++index[i] < e->size[i]) return true;
        index[i] = 0;
    }
    return false;
}

static void check_equation(const Equation *e) {
    double want[243] = {0};
    int index[LETTERS] = {0};
    do {
        double product = 1;
        for (int t = 0; t < e->terms; t++)
            product *= tn_floats(e->x[t])[position(e, e->term[t], index)];
        want[position(e, e->out, index)] += product;
    } while (next(e, index));
    int list[TERMS * 2 + 4] = {e->terms};
    List *xs = (List *)(void *)list;
    memcpy(xs->v, e->x, sizeof(Tensor *) * (size_t)e->terms);
    Tensor *y = tn_einsum(e->text, xs);
    assert_no_error();
    assert_int_equal(tn_rank(y), strlen(e->out));
    for (int i = 0; i < tn_rank(y); i++) assert_int_equal(tn_shape(y)[i], e->size[e->out[i] - 'a']);
    for (int i = 0; i < tn_size(y); i++) assert_near(tn_floats(y)[i], want[i], 1e-5, e->text, i);
}

static void einsum_random_equations(void **state) {
    (void)state;
    for (int n = 0; n < 3000; n++) {
        Scope *s = tn_scope_begin();
        Equation e;
        random_equation(&e, n & 1);
        check_equation(&e);
        tn_scope_end(s);
    }
}

static void einsum_ellipsis_broadcasts(void **state) {
    (void)state;
    Scope *s = tn_scope_begin();
    Tensor *a = random_tensor(INTS(2, 1, 3, 4), -1, 1), *b = random_tensor(INTS(5, 4, 2), -1, 1);
    Tensor *c = random_tensor(INTS(4), -1, 1);
    Tensor *y = tn_einsum("...ij,...jk->...ik", LIST(a, b)), *z = tn_matMul(a, b, false, false);
    assert_shape(y, 4, (int[]){2, 5, 3, 2});
    assert_floats(y, tn_size(z), tn_floats(z), "batches");
    y = tn_einsum("...i,i,...->", LIST(a, c, tn_scalar(2)));
    z = tn_sum(tn_mul(tn_mul(a, c), tn_scalar(2)), NULL, false);
    assert_floats(y, 1, tn_floats(z), "all axes");
    y = tn_einsum("i...->...i", LIST(tn_einsum("i...->...i", LIST(b))));
    z = tn_transpose(b, INTS(2, 0, 1), false);
    assert_floats(y, tn_size(z), tn_floats(z), "turned");
    tn_scope_end(s);
}

static void einsum_dtypes(void **state) {
    (void)state;
    Scope *s = tn_scope_begin();
    Tensor *a = tn_tensor(TN_INT32, INTS(2, 2), (int[]){1, 2, 3, 1 << 30});
    Tensor *y = tn_einsum("ij,jk->ik", LIST(a, a));
    assert_int_equal(tn_dtype(y), TN_INT32);
    assert_memory_equal(tn_data(y), ((int[]){7, (int)0x80000002u, 3 + (3 << 30), 6}), 16);
    Tensor *z = tn_complex(tn_range(1, 3, 1, TN_FLOAT32), tn_range(3, 5, 1, TN_FLOAT32));
    ASSERT_FLOATS(tn_real(tn_einsum("i,i->", LIST(z, z))), -20);
    ASSERT_FLOATS(tn_imag(tn_einsum("i,i->", LIST(z, z))), 22);
    Tensor *none = tn_zeros(INTS(0, 3), TN_FLOAT32);
    ASSERT_FLOATS(tn_einsum("ij,ij->j", LIST(none, none)), 0, 0, 0);
    tn_scope_end(s);
}

static void einsum_refuses(void **state) {
    (void)state;
    Scope *s = tn_scope_begin();
    Tensor *x = tn_ones(INTS(2, 3), TN_FLOAT32), *y = tn_ones(INTS(2, 2), TN_FLOAT32);
    tn_einsum("ij,jk->ik", LIST(x, y));
    assert_failed(TN_SHAPE, "Expected dimension 3 at axis 0 of input shaped [2,2]");
    tn_einsum("ijk->", LIST(x));
    assert_failed(TN_SHAPE, "term 0 has 3 labels, tensors[0] rank 2");
    tn_einsum("i->", LIST(x));
    assert_failed(TN_SHAPE, "1 labels and no ellipsis, its tensor rank 2");
    tn_einsum("ij->ii", LIST(x));
    assert_failed(TN_VALUE, "label i is twice");
    tn_einsum("ij->k", LIST(x));
    assert_failed(TN_VALUE, "Output subscripts contain the label k");
    tn_einsum("i\xc3j->i", LIST(x));
    assert_failed(TN_VALUE, "is no label");
    tn_einsum("......ij->", LIST(x));
    assert_failed(TN_VALUE, "is no label");
    tn_einsum("ij,ij", LIST(x, x));
    assert_failed(TN_VALUE, "without an arrow");
    tn_einsum("ij->->", LIST(x));
    assert_failed(TN_VALUE, "exactly one arrow");
    tn_einsum("ij->i", LIST(x, x));
    assert_failed(TN_VALUE, "Expected 1 input tensors, received 2");
    tn_einsum("abcd,efgh->abcdefgh", LIST(tn_ones(INTS(99, 99, 9, 9), TN_FLOAT32),
                                          tn_ones(INTS(99, 99, 9, 9), TN_FLOAT32)));
    assert_int_equal(tn_error_code(), TN_SHAPE);
    tn_clear_error();
    Tensor *big = tn_ones(INTS(1, 1, 1, 1, 1), TN_FLOAT32);
    tn_einsum("abcde,fghij->", LIST(big, big));
    assert_no_error();
    tn_einsum("abcde,fghij->abcdefghij", LIST(big, big));
    assert_failed(TN_SHAPE, "more than 8 axes");
    tn_scope_end(s);
}

static Tensor *three(Tensor **in) { return tn_einsum("bi,ijj,bkj->kb", LIST(in[0], in[1], in[2])); }

static void einsum_gradients(void **state) {
    (void)state;
    Tensor *in[] = {random_tensor(INTS(2, 3), -1, 1), random_tensor(INTS(3, 2, 2), -1, 1),
                    random_tensor(INTS(2, 2, 2), -1, 1)};
    check_gradients("einsum", three, 3, in, 2);
}

/* ---- qr ---- */

/* q's columns are orthonormal, r is upper triangular, q r is x; within bound. */
static void check_qr(Tensor *x, bool full, double bound) {
    Scope *s = tn_scope_begin();
    const int m = tn_shape(x)[0], n = tn_shape(x)[1], k = full || m < n ? m : n;
    const List *parts = tn_qr(x, full);
    assert_no_error();
    Tensor *q = parts->v[0], *r = parts->v[1];
    assert_shape(q, 2, (int[]){m, k});
    assert_shape(r, 2, (int[]){k, n});
    const float *a = tn_floats(x), *qv = tn_floats(q), *rv = tn_floats(r);
    for (int i = 0; i < k; i++)
        for (int j = 0; j <= i; j++) {
            double dot = 0;
            for (int t = 0; t < m; t++) dot += (double)qv[t * k + i] * qv[t * k + j];
            assert_near(dot, i == j, bound, "q^T q", i * k + j);
            if (j < i && j < n) assert_true(rv[i * n + j] == 0);
        }
    for (int i = 0; i < m; i++)
        for (int j = 0; j < n; j++) {
            double sum = 0;
            for (int t = 0; t < k; t++) sum += (double)qv[i * k + t] * rv[t * n + j];
            assert_near(sum, a[i * n + j], bound, "q r", i * n + j);
        }
    tn_scope_end(s);
}

static void qr_random(void **state) {
    (void)state;
    for (int n = 0; n < 100; n++) {
        const int last = n < 95 ? 12 : 130;
        Tensor *x = random_tensor(INTS(random_int(1, last), random_int(1, last)), -2, 2);
        check_qr(x, n & 1, 4e-6);
        tn_dispose(x);
    }
}

static void qr_degenerate(void **state) {
    (void)state;
    Tensor *zeros = tn_zeros(INTS(4, 3), TN_FLOAT32);
    Tensor *same = tn_ones(INTS(5, 3), TN_FLOAT32);
    Tensor *large = random_tensor(INTS(5, 3), 1e20f, 2e20f);
    check_qr(zeros, true, 1e-6);
    check_qr(same, true, 1e-6);
    check_qr(large, false, 1e-6);
    Scope *s = tn_scope_begin();
    const List *parts = tn_qr(tn_zeros(INTS(2, 0, 3), TN_FLOAT32), true);
    assert_no_error();
    assert_shape(parts->v[0], 3, (int[]){2, 0, 0});
    assert_shape(parts->v[1], 3, (int[]){2, 0, 3});
    parts = tn_qr(tn_zeros(INTS(3, 0), TN_FLOAT32), true);
    ASSERT_FLOATS(parts->v[0], 1, 0, 0, 0, 1, 0, 0, 0, 1);
    tn_scope_end(s);
    tn_dispose(zeros), tn_dispose(same), tn_dispose(large);
}

static Tensor *both(const List *parts) {
    if (tn_error()) return tn_scalar(0);
    Tensor *q = parts->v[0], *r = parts->v[1];
    return tn_concat(LIST(tn_reshape(q, INTS(-1)), tn_reshape(r, INTS(-1))), 0);
}

static Tensor *thin(Tensor **in) { return both(tn_qr(in[0], false)); }
static Tensor *full(Tensor **in) { return both(tn_qr(in[0], true)); }

/* Far from singular: random, with a strong diagonal. */
static Tensor *steady(int m, int n) {
    Tensor *x = random_tensor(INTS(m, n), -0.7f, 0.7f);
    for (int i = 0; i < m && i < n; i++) ((float *)tn_data(x))[i * n + i] += i & 1 ? -2 : 2;
    return x;
}

static void qr_gradients(void **state) {
    (void)state;
    check_gradients("qr, square", thin, 1, (Tensor *[]){steady(3, 3)}, 2);
    check_gradients("qr, tall", thin, 1, (Tensor *[]){steady(4, 2)}, 2);
    check_gradients("qr, wide", thin, 1, (Tensor *[]){steady(2, 4)}, 2);
    check_gradients("qr, completed", full, 1, (Tensor *[]){steady(4, 2)}, 2);
    check_gradients("qr, completed by two", full, 1, (Tensor *[]){steady(5, 3)}, 1);
    Scope *s = tn_scope_begin();
    Tensor *stack = tn_keep(tn_stack(LIST(steady(3, 2), steady(3, 2)), 0));
    tn_scope_end(s);
    check_gradients("qr, stacked", thin, 1, &stack, 1);
}

/* ---- gramSchmidt, bandPart, outerProduct ---- */

static Tensor *orthonormal(Tensor **in) {
    const List *y = tn_gramSchmidt(LIST(in[0]));
    return tn_error() ? tn_scalar(0) : y->v[0];
}

static void gram_schmidt(void **state) {
    (void)state;
    Scope *s = tn_scope_begin();
    Tensor *x = random_tensor(INTS(4, 6), -1, 1), *y = orthonormal(&x);
    Tensor *unit = tn_matMul(y, y, false, true), *spread = tn_matMul(x, y, false, true);
    for (int i = 0; i < 16; i++) {
        assert_near(tn_floats(unit)[i], i % 5 == 0, 2e-6, "at right angles", i);
        if (i % 4 > i / 4) assert_near(tn_floats(spread)[i], 0, 2e-6, "of those before", i);
        if (i % 5 == 0) assert_true(tn_floats(spread)[i] > 0);
    }
    const List *ys = tn_gramSchmidt(LIST(tn_ones(INTS(2), TN_FLOAT32), tn_scalar(0)));
    assert_int_equal(ys->n, 0);
    assert_failed(TN_SHAPE, "xs must");
    tn_gramSchmidt(LIST(tn_ones(INTS(2), TN_FLOAT32), tn_ones(INTS(3), TN_FLOAT32)));
    assert_failed(TN_SHAPE, "Non-unique lengths found in the input vectors: (3 vs. 2)");
    tn_gramSchmidt(LIST(tn_ones(INTS(3, 2), TN_FLOAT32)));
    assert_failed(TN_SHAPE, "Number of vectors (3) exceeds number of dimensions (2)");
    tn_gramSchmidt(&(List){0});
    assert_failed(TN_VALUE, "empty");
    tn_scope_end(s);
    check_gradients("gramSchmidt", orthonormal, 1, (Tensor *[]){steady(2, 3)}, 2);
}

static void bands(void **state) {
    (void)state;
    Scope *s = tn_scope_begin();
    for (int n = 0; n < 200; n++) {
        const int rows = random_int(1, 6), columns = random_int(1, 6);
        const int lower = random_int(-1, rows), upper = random_int(-1, columns);
        Tensor *x = random_tensor(INTS(2, rows, columns), 1, 2);
        Tensor *bools = tn_cast(x, TN_BOOL);
        Tensor *y = tn_bandPart(x, lower, upper), *z = tn_bandPart(bools, lower, upper);
        assert_no_error();
        for (int i = 0; i < tn_size(x); i++) {
            const int r = i / columns % rows, c = i % columns;
            const bool in = (lower < 0 || r - c <= lower) && (upper < 0 || c - r <= upper);
            assert_true(tn_floats(y)[i] == (in ? tn_floats(x)[i] : 0));
            assert_int_equal(((const uint8_t *)tn_data(z))[i], in);
        }
    }
    tn_bandPart(tn_ones(INTS(2, 3), TN_FLOAT32), 3, 0);
    assert_failed(TN_VALUE, "numLower (3) must not be greater than the number of rows (2)");
    tn_outerProduct(tn_scalar(1), tn_scalar(1));
    assert_failed(TN_SHAPE, "inputs must be rank 1, but got ranks 0 and 0");
    tn_scope_end(s);
}

int main(void) {
    tn_set_threads(3);
    const struct CMUnitTest tests[] = {
        OP_TEST(einsum_random_equations),
        OP_TEST(einsum_ellipsis_broadcasts),
        OP_TEST(einsum_dtypes),
        OP_TEST(einsum_refuses),
        OP_TEST(einsum_gradients),
        OP_TEST(qr_random),
        OP_TEST(qr_degenerate),
        OP_TEST(qr_gradients),
        OP_TEST(gram_schmidt),
        OP_TEST(bands),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
