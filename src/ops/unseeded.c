/* See unseeded.h. */
#include "ops/unseeded.h"
#include "backend/cpu/vmath.h"
#include "base/threefry.h"

enum { PAIRS = 256, GRAIN = 32 }; /* counters of a block; blocks of a parallel piece */

/* Numbers come in pairs, two for each counter. */
typedef struct Pairs {
    float first[PAIRS], second[PAIRS];
} Pairs;

typedef struct Job {
    const void *attrs;
    uint32_t key[2];
    int n;
    float *y;
    void (*shape)(Pairs *p, const void *attrs); /* makes fractions numbers */
} Job;

static void fractions(const uint32_t key[2], uint32_t counter, Pairs *p) {
    const uint32_t keys[2] = {key[0], key[1]};
    for (uint32_t i = 0; i < PAIRS; i++) {
        uint32_t bits[2];
        threefry(keys, counter + i, bits);
        p->first[i] = fraction_of(bits[0]);
        p->second[i] = fraction_of(bits[1]);
    }
}

static void blocks(void *job, int begin, int end) {
    const Job *j = job;
    Pairs p;
    for (int block = begin; block < end; block++) {
        const int left = j->n - 2 * PAIRS * block, n = left < 2 * PAIRS ? left : 2 * PAIRS;
        float *restrict y = j->y + (size_t)block * 2 * PAIRS;
        fractions(j->key, (uint32_t)block * PAIRS, &p);
        j->shape(&p, j->attrs);
        for (int i = 0; i < n / 2; i++) y[2 * i] = p.first[i], y[2 * i + 1] = p.second[i];
        if (n % 2) y[n - 1] = p.first[n / 2];
    }
}

static void draw(Call *c, void (*shape)(Pairs *, const void *)) {
    Job j = {.attrs = c->attrs, .n = c->out[0]->size, .y = f32(c->out[0]), .shape = shape};
    random_key(j.key);
    parallel_for((j.n - 1) / (2 * PAIRS) + 1, GRAIN, blocks, &j);
}

static void between(Bounds b, float *x) {
    for (int i = 0; i < PAIRS; i++) {
        const float v = b.low + (b.high - b.low) * x[i];
        x[i] = v >= b.high ? b.low : v; /* rounded up to it, or there is no range */
    }
}

static void uniform(Pairs *p, const void *attrs) {
    between(*(const Bounds *)attrs, p->first);
    between(*(const Bounds *)attrs, p->second);
}

static void uniform_cpu(Call *c) { draw(c, uniform); }
const Op uniform_op = {.name = "randomUniform",
                       .cpu = uniform_cpu,
                       .gl = "randomUniform",
                       .constant = true,
                       .random = true};

/* Box and Muller, "A Note on the Generation of Random Normal Deviates", Annals of Mathematical
** Statistics 29(2), 1958. */
static void normal(Pairs *p, const void *attrs) {
    const Bell b = *(const Bell *)attrs;
    for (int i = 0; i < PAIRS; i++) {
        float sine, cosine;
        const float far = b.deviation * sqrtf(-2 * vlog_finite(1 - p->first[i]));
        vturn(p->second[i], &sine, &cosine);
        p->first[i] = b.mean + far * cosine;
        p->second[i] = b.mean + far * sine;
    }
}

static void normal_cpu(Call *c) { draw(c, normal); }
const Op normal_op = {.name = "randomNormal",
                      .cpu = normal_cpu,
                      .gl = "randomNormal",
                      .constant = true,
                      .random = true};
