/* Matrix by vector, bound by reading the matrix once: dot products where its rows are contiguous,
** sums of scaled columns where its columns are. */
#include "backend/cpu/gemv.h"
#include "base/threads.h"
#include "backend/cpu/simd.h"
#include <string.h>

/* BLOCK products are summed in float, blocks in double: long sums lose nothing more. */
enum { CHUNK = 1024, BLOCK = 2048, JOB_FLOATS = 1 << 17 };

/* y[i * ys] = end(sum over j of m[i * rs + j * cs] x[j] + (y if add)), i < rows, j < k. */
typedef struct Gemv {
    int rows, k;
    const float *m;
    ptrdiff_t rs, cs;
    const float *x;
    float *y;
    ptrdiff_t ys;
    Epilogue end;
    ptrdiff_t bias_stride;
    bool add;
} Gemv;

static __attribute__((noinline)) f4 dot4(const float *m, ptrdiff_t rs, const float *x, int k) {
    const float *m0 = m, *m1 = m + rs, *m2 = m + 2 * rs, *m3 = m + 3 * rs;
    f4 s0 = f4_zero(), s1 = f4_zero(), s2 = f4_zero(), s3 = f4_zero();
    int j = 0;
    for (; j + 4 <= k; j += 4) {
        const f4 v = f4_load(x + j);
        s0 = f4_madd(f4_load(m0 + j), v, s0);
        s1 = f4_madd(f4_load(m1 + j), v, s1);
        s2 = f4_madd(f4_load(m2 + j), v, s2);
        s3 = f4_madd(f4_load(m3 + j), v, s3);
    }
    f4_transpose(&s0, &s1, &s2, &s3);
    f4 sum = (s0 + s1) + (s2 + s3);
    for (; j < k; j++) sum += (f4){m0[j], m1[j], m2[j], m3[j]} * f4_splat(x[j]);
    return sum;
}

static __attribute__((noinline)) float dot1(const float *m, const float *x, int k) {
    f4 s0 = f4_zero(), s1 = f4_zero();
    int j = 0;
    for (; j + 8 <= k; j += 8) {
        s0 = f4_madd(f4_load(m + j), f4_load(x + j), s0);
        s1 = f4_madd(f4_load(m + j + 4), f4_load(x + j + 4), s1);
    }
    float sum = f4_sum(s0 + s1);
    for (; j < k; j++) sum += m[j] * x[j];
    return sum;
}

static int block(const Gemv *g, int from) { return g->k - from < BLOCK ? g->k - from : BLOCK; }

static void put(const Gemv *g, int i, double total) {
    float sum = (float)total, *y = g->y + i * g->ys;
    if (g->add) sum += *y;
    if (g->end.bias) sum += g->end.bias[i * g->bias_stride];
    sum = g->end.lo > sum ? g->end.lo : sum;
    *y = g->end.hi < sum ? g->end.hi : sum;
}

static void dots(void *ctx, int begin, int end) {
    const Gemv *g = ctx;
    int i = begin;
    for (; i + 4 <= end; i += 4) {
        double total[4] = {0};
        for (int j = 0; j < g->k; j += BLOCK) {
            const f4 sum = dot4(g->m + i * g->rs + j, g->rs, g->x + j, block(g, j));
            for (int r = 0; r < 4; r++) total[r] += sum[r];
        }
        for (int r = 0; r < 4; r++) put(g, i + r, total[r]);
    }
    for (; i < end; i++) {
        double total = 0;
        for (int j = 0; j < g->k; j += BLOCK)
            total += dot1(g->m + i * g->rs + j, g->x + j, block(g, j));
        put(g, i, total);
    }
}

/* y += m's four columns times x[0..3]; two chains, so that everything stays in registers. */
static __attribute__((noinline)) void axpy4(int n, const float *m, ptrdiff_t cs, const float *x,
                                            float *y) {
    const float *c0 = m, *c1 = c0 + cs, *c2 = c1 + cs, *c3 = c2 + cs;
    const f4 x0 = f4_splat(x[0]), x1 = f4_splat(x[1]), x2 = f4_splat(x[2]), x3 = f4_splat(x[3]);
    int i = 0;
    for (; i + 4 <= n; i += 4) {
        const f4 even = f4_madd(f4_load(c2 + i), x2, f4_madd(f4_load(c0 + i), x0, f4_load(y + i)));
        const f4 odd = f4_madd(f4_load(c3 + i), x3, f4_load(c1 + i) * x1);
        f4_store(y + i, even + odd);
    }
    for (; i < n; i++) y[i] += (c0[i] * x[0] + c1[i] * x[1]) + (c2[i] * x[2] + c3[i] * x[3]);
}

/* sum += k columns of n, each times its element of x. */
static void add_columns(const Gemv *g, const float *m, const float *x, int n, int k, float *sum) {
    int j = 0;
    for (; j + 4 <= k; j += 4) axpy4(n, m + j * g->cs, g->cs, x + j, sum);
    for (; j < k; j++)
        for (int i = 0; i < n; i++) sum[i] += m[j * g->cs + i] * x[j];
}

static void columns(const Gemv *g, int begin, int n) {
    double total[CHUNK] = {0};
    float sum[CHUNK];
    for (int j = 0; j < g->k; j += BLOCK) {
        memset(sum, 0, (size_t)n * sizeof *sum);
        add_columns(g, g->m + begin + j * g->cs, g->x + j, n, block(g, j), sum);
        for (int i = 0; i < n; i++) total[i] += sum[i];
    }
    for (int i = 0; i < n; i++) put(g, begin + i, total[i]);
}

static void axpys(void *ctx, int begin, int end) {
    const Gemv *g = ctx;
    for (int i = begin; i < end; i += CHUNK) columns(g, i, end - i < CHUNK ? end - i : CHUNK);
}

bool gemv(const Gemm *g) {
    Gemv v = {.k = g->k, .end = g->end, .add = g->add, .y = g->c};
    if (g->packed) return false;
    if (g->m == 1 && g->a_cs == 1) {
        v.rows = g->n, v.m = g->b, v.rs = g->b_cs, v.cs = g->b_rs;
        v.x = g->a, v.ys = 1, v.bias_stride = 1;
    } else if (g->n == 1 && g->b_rs == 1) {
        v.rows = g->m, v.m = g->a, v.rs = g->a_rs, v.cs = g->a_cs;
        v.x = g->b, v.ys = g->c_rs, v.bias_stride = 0;
    } else {
        return false;
    }
    if (v.cs != 1 && v.rs != 1) return false;
    void (*const work)(void *, int, int) = v.cs == 1 && (v.rs != 1 || v.rows == 1) ? dots : axpys;
    /* Pieces are multiples of a vector, so that where they end does not change a sum's order. */
    const int64_t size = (int64_t)v.rows * v.k, least = work == dots ? 16 : 256;
    const int64_t grain = JOB_FLOATS / ((int64_t)v.k + 1) / 4 * 4;
    if (size <= 2 * JOB_FLOATS || tn_threads() == 1) work(&v, 0, v.rows);
    else parallel_for(v.rows, (int)(grain > least ? grain : least), work, &v);
    return true;
}
