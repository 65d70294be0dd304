/* QR by Householder reflections (Golub, Van Loan: Matrix Computations, 5.2), on columns that lie
** one after another in memory, so that all inner loops are dot products and sums of vectors. */
#include "backend/cpu/householder.h"
#include "base/scratch.h"
#include "backend/cpu/simd.h"
#include "base/threads.h"
#include <math.h>
#include <string.h>

/* I - tau v v^T, to be applied to columns `stride` apart. */
typedef struct Reflection {
    const float *v;
    float tau;
    int n;
    float *columns;
    int64_t stride;
} Reflection;

static float dot(const float *restrict a, const float *restrict b, int n) {
    f4 s0 = f4_zero(), s1 = f4_zero(), s2 = f4_zero(), s3 = f4_zero();
    int i = 0;
    for (; i + 16 <= n; i += 16) {
        s0 = f4_madd(f4_load(a + i), f4_load(b + i), s0);
        s1 = f4_madd(f4_load(a + i + 4), f4_load(b + i + 4), s1);
        s2 = f4_madd(f4_load(a + i + 8), f4_load(b + i + 8), s2);
        s3 = f4_madd(f4_load(a + i + 12), f4_load(b + i + 12), s3);
    }
    float sum = f4_sum((s0 + s1) + (s2 + s3));
    for (; i < n; i++) sum += a[i] * b[i];
    return sum;
}

/* y += scale * x */
static void add_scaled(float *restrict y, const float *restrict x, float scale, int n) {
    const f4 s = f4_splat(scale);
    int i = 0;
    for (; i + 4 <= n; i += 4) f4_store(y + i, f4_madd(f4_load(x + i), s, f4_load(y + i)));
    for (; i < n; i++) y[i] += x[i] * scale;
}

static void reflect_some(void *job, int begin, int end) {
    const Reflection *h = job;
    for (int i = begin; i < end; i++) {
        float *column = h->columns + i * h->stride;
        add_scaled(column, h->v, -h->tau * dot(h->v, column, h->n), h->n);
    }
}

static void reflect(Reflection *h, int columns) {
    if (h->tau != 0) parallel_for(columns, 1 + 32768 / (h->n + 1), reflect_some, h);
}

/* Length of x; squares are summed in double, which none of float overflows. */
static double length(const float *x, int n) {
    double sum = 0;
    for (int i = 0; i < n; i++) sum += (double)x[i] * x[i];
    return sqrt(sum);
}

/* Makes v of a column, with v[0] = 1; reflected it is *diagonal e_0. Returns tau, 0 for zeros. */
static float make_reflection(float *column, int n, float *diagonal) {
    const double norm = length(column, n), sign = column[0] > 0 ? -1 : 1;
    *diagonal = (float)(sign * norm);
    if (norm == 0) return 0;
    const double u = column[0] - sign * norm;
    column[0] = 1;
    for (int i = 1; i < n; i++) column[i] = (float)(column[i] / u);
    return (float)(-sign * u / norm);
}

/* y[j, i] = x[i, j] */
static void transposed(const float *restrict x, int rows, int columns, float *restrict y) {
    for (int i = 0; i < rows; i++)
        for (int j = 0; j < columns; j++) y[(int64_t)j * rows + i] = x[(int64_t)i * columns + j];
}

typedef struct Work {
    float *a, *q, *diagonal, *tau; /* a [n, m], q [columns, m]: columns one after another */
} Work;

static void triangularise(const Work *w, int m, int n) {
    for (int j = 0; j < n && j < m; j++) {
        float *v = w->a + (int64_t)j * m + j;
        w->tau[j] = make_reflection(v, m - j, w->diagonal + j);
        reflect(&(Reflection){v, w->tau[j], m - j, v + m, m}, n - j - 1);
    }
}

/* The product of all reflections, from the last to the first, applied to the unit matrix. */
static void accumulate(const Work *w, int m, int n, int columns) {
    memset(w->q, 0, sizeof(float) * (size_t)m * (size_t)columns);
    for (int i = 0; i < columns; i++) w->q[(int64_t)i * m + i] = 1;
    for (int j = (m < n ? m : n) - 1; j >= 0; j--) {
        const int64_t at = (int64_t)j * m + j;
        reflect(&(Reflection){w->a + at, w->tau[j], m - j, w->q + at, m}, columns - j);
    }
}

static void upper_part(const Work *w, int m, int n, int rows, float *r) {
    for (int i = 0; i < rows; i++)
        for (int j = 0; j < n; j++)
            *r++ = i < j ? w->a[(int64_t)j * m + i] : i == j ? w->diagonal[i] : 0;
}

bool qr_decompose(const float *a, int m, int n, int columns, float *q, float *r) {
    const uint64_t k = (uint64_t)(m < n ? m : n);
    const uint64_t size = (uint64_t)m * (uint64_t)n, q_size = (uint64_t)m * (uint64_t)columns;
    float *scratch = scratch_floats(size + q_size + 2 * k);
    if (!scratch) return false;
    const Work w = {scratch, scratch + size, scratch + size + q_size, scratch + size + q_size + k};
    transposed(a, m, n, w.a);
    triangularise(&w, m, n);
    upper_part(&w, m, n, columns, r);
    accumulate(&w, m, n, columns);
    transposed(w.q, columns, m, q);
    tn_scratch_free(scratch);
    return true;
}

void solve_upper(const float *r, const float *b, int n, int k, bool transposed, float *x) {
    const int64_t row = transposed ? 1 : n, column = transposed ? n : 1;
    memcpy(x, b, sizeof(float) * (size_t)n * (size_t)k);
    for (int step = 0; step < n; step++) {
        const int i = transposed ? step : n - 1 - step;
        float *xi = x + (int64_t)i * k;
        for (int s = 0; s < step; s++) {
            const int j = transposed ? s : n - 1 - s;
            add_scaled(xi, x + (int64_t)j * k, -r[i * row + j * column], k);
        }
        const float d = r[i * (row + column)];
        for (int s = 0; s < k; s++) xi[s] /= d;
    }
}
