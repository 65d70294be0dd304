/* Plans of Fourier transforms: a length split into radices, and tables, made in double. */
#include "backend/cpu/fft_plan.h"
#include "base/scratch.h"
#include <math.h>
#include <string.h>

enum { SHORTEST = 16, KEPT = 8, LONGEST_KEPT = 1 << 14 };

/* ---- roots of unity, in double, from two short tables ---- */

typedef struct Roots {
    int64_t n;
    int shift;
    double *fine, *coarse;
} Roots;

static void fill_roots(double *z, int64_t count, int64_t step, int64_t n) {
    for (int64_t i = 0; i < count; i++) {
        const double angle = -6.283185307179586477 * ((double)(i * step) / (double)n);
        z[2 * i] = cos(angle);
        z[2 * i + 1] = sin(angle);
    }
}

static bool roots_open(Roots *r, int64_t n) {
    r->n = n;
    r->shift = 0;
    while ((int64_t)1 << (2 * r->shift) < n) r->shift++;
    const int64_t fine = (int64_t)1 << r->shift, coarse = (n >> r->shift) + 1;
    r->fine = tn_scratch_alloc(sizeof(double) * 2 * (size_t)(fine + coarse));
    if (!r->fine) return false;
    r->coarse = r->fine + 2 * fine;
    fill_roots(r->fine, fine, 1, n);
    fill_roots(r->coarse, coarse, fine, n);
    return true;
}

static void roots_close(Roots *r) { tn_scratch_free(r->fine); }

/* exp(-2 pi i k / n), 0 <= k <= n */
static void root(const Roots *r, int64_t k, float *re, float *im) {
    const double *a = r->coarse + 2 * (k >> r->shift);
    const double *b = r->fine + 2 * (k & (((int64_t)1 << r->shift) - 1));
    *re = (float)(a[0] * b[0] - a[1] * b[1]);
    *im = (float)(a[0] * b[1] + a[1] * b[0]);
}

/* ---- plans ---- */

/* Splits n into radices; false if another prime is in it, or if it is short. */
static bool factorise(FftPlan *p) {
    static const int radices[] = {4, 2, 3, 5};
    int rest = p->n;
    if (rest < SHORTEST) return false;
    for (int i = 0; i < 4; i++)
        for (; rest % radices[i] == 0; rest /= radices[i]) {
            const int r = radices[i];
            p->stage[p->stages++] = (FftStage){r, rest / r, p->n / rest, NULL};
        }
    return rest == 1;
}

static bool fill_stages(FftPlan *p) {
    uint64_t floats = 0;
    for (int i = 0; i < p->stages; i++) {
        const FftStage *t = &p->stage[i];
        floats += (uint64_t)(t->r - 1) * 2 * (uint64_t)t->m * (uint64_t)(t->s < 4 ? t->s : 1);
    }
    Roots roots;
    float *w = p->table = scratch_floats(floats);
    if (!w || !roots_open(&roots, p->n)) return false;
    for (int i = 0; i < p->stages; i++) {
        FftStage *t = &p->stage[i];
        t->w = w;
        const int64_t count = (int64_t)t->m * t->s;
        for (int k = 1; k < t->r && t->s < 4; k++, w += 2 * count)
            for (int64_t j = 0; j < count; j++)
                root(&roots, j / t->s * k * t->s, w + j, w + j + count);
        for (int64_t j = 0; j < t->m && t->s >= 4; j++)
            for (int k = 1; k < t->r; k++, w += 2) root(&roots, j * k * t->s, w, w + 1);
    }
    roots_close(&roots);
    return true;
}

static bool fill_short(FftPlan *p) {
    Roots roots;
    p->table = scratch_floats(2 * (uint64_t)p->n);
    if (!p->table || !roots_open(&roots, p->n)) return false;
    for (int k = 0; k < p->n; k++) root(&roots, k, p->table + 2 * k, p->table + 2 * k + 1);
    roots_close(&roots);
    return true;
}

static FftPlan *make_plan(int n);

/* A length of at least 2n - 1 whose transform is fast: the next of 1, 3, 5 times a power of two. */
static int64_t chirp_size(int n) {
    int64_t best = 0;
    for (int odd = 1; odd <= 5; odd += 2) {
        int64_t size = 16 * odd;
        while (size < 2 * (int64_t)n - 1) size *= 2;
        if (!best || size < best) best = size;
    }
    return best;
}

/* The table: chirp exp(-pi i k^2 / n), its parts n apart, and the transform of its conjugate, both
** ways around, divided by the size. */
static bool fill_chirp(FftPlan *p) {
    const int64_t size = chirp_size(p->n), n = p->n;
    Roots roots;
    if (size > INT32_MAX / 8 || !(p->inner = make_plan((int)size))) return false;
    p->size = (int)size;
    float *chirp = p->table = scratch_floats((uint64_t)(2 * n + 2 * size));
    float *scratch = scratch_floats((uint64_t)(4 * size));
    if (!chirp || !scratch || !roots_open(&roots, 2 * n)) {
        tn_scratch_free(scratch);
        return false;
    }
    float *filter = chirp + 2 * n;
    memset(scratch, 0, sizeof(float) * 2 * (size_t)size);
    for (int64_t k = 0; k < n; k++) {
        root(&roots, k * k % (2 * n), chirp + k, chirp + n + k);
        const int64_t back = (size - k) % size;
        scratch[k] = scratch[back] = chirp[k];
        scratch[size + k] = scratch[size + back] = -chirp[n + k];
    }
    roots_close(&roots);
    const float *y = fft_stages(p->inner, scratch, scratch + 2 * size);
    for (int64_t k = 0; k < 2 * size; k++) filter[k] = y[k] / (float)size;
    tn_scratch_free(scratch);
    return true;
}

static void free_plan(const FftPlan *p) {
    if (p->inner) free_plan(p->inner);
    tn_scratch_free(p->table);
    tn_scratch_free(p->real_roots);
    tn_scratch_free((FftPlan *)p);
}

static FftPlan *make_plan(int n) {
    FftPlan *p = tn_scratch_alloc(sizeof *p);
    if (!p) return NULL;
    *p = (FftPlan){.n = n, .size = n};
    bool filled;
    if (factorise(p)) filled = fill_stages(p);
    else {
        p->stages = 0;
        filled = n < SHORTEST ? fill_short(p) : fill_chirp(p);
    }
    if (filled) return p;
    free_plan(p);
    return NULL;
}

static FftPlan *kept[KEPT];
static unsigned borrowed;

/* The plan for n, from those kept or a new one, in place of the one longest unused. */
static FftPlan *plan_for(int n) {
    int oldest = 0;
    borrowed++;
    for (int i = 0; i < KEPT; i++) {
        if (kept[i] && kept[i]->n == n) {
            kept[i]->used = borrowed;
            return kept[i];
        }
        if (!kept[i] || (kept[oldest] && kept[i]->used < kept[oldest]->used)) oldest = i;
    }
    FftPlan *p = make_plan(n);
    if (!p || n > LONGEST_KEPT) return p;
    if (kept[oldest]) free_plan(kept[oldest]);
    kept[oldest] = p;
    p->kept = true;
    p->used = borrowed;
    return p;
}

static bool fill_real_roots(FftPlan *p) {
    Roots roots;
    p->real_roots = scratch_floats(2 * (uint64_t)p->n + 2);
    if (!p->real_roots) return false;
    const bool open = roots_open(&roots, 2 * (int64_t)p->n);
    for (int k = 0; open && k <= p->n; k++)
        root(&roots, k, p->real_roots + 2 * k, p->real_roots + 2 * k + 1);
    if (open) roots_close(&roots);
    else tn_scratch_free(p->real_roots), p->real_roots = NULL;
    return open;
}

const FftPlan *fft_borrow(int n, bool real) {
    const bool halved = real && n % 2 == 0;
    FftPlan *p = plan_for(halved ? n / 2 : n);
    if (!p || !halved || p->real_roots || fill_real_roots(p)) return p;
    fft_return(p);
    return NULL;
}

void fft_return(const FftPlan *p) {
    if (p && !p->kept) free_plan(p);
}

int fft_size(const FftPlan *p) { return p->size; }
const float *fft_real_roots(const FftPlan *p) { return p->real_roots; }
