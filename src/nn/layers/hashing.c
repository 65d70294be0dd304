/* Numbers and strings as places without a vocabulary: hashing, hashedCrossing, discretization. */
#include "nn/layers/vocabulary.h"
#include "tensor/engine.h"
#include "ops/hash.h"
#include "ops/binary.gen.h"
#include "ops/reduce.gen.h"
#include "ops/view.gen.h"

/* ---- SipHash-2-4 (Aumasson and Bernstein, 2012), for hashes with a salt ---- */

typedef struct Sip {
    uint64_t v0, v1, v2, v3;
} Sip;

static uint64_t rotated(uint64_t v, int by) { return v << by | v >> (64 - by); }

static void sip_rounds(Sip *s, int n) {
    for (; n; n--) {
        s->v0 += s->v1, s->v2 += s->v3;
        s->v1 = rotated(s->v1, 13) ^ s->v0, s->v3 = rotated(s->v3, 16) ^ s->v2;
        s->v0 = rotated(s->v0, 32);
        s->v2 += s->v1, s->v0 += s->v3;
        s->v1 = rotated(s->v1, 17) ^ s->v2, s->v3 = rotated(s->v3, 21) ^ s->v0;
        s->v2 = rotated(s->v2, 32);
    }
}

static void sip_take(Sip *s, uint64_t word) {
    s->v3 ^= word;
    sip_rounds(s, 2);
    s->v0 ^= word;
}

static uint64_t sip_hash(uint64_t k0, uint64_t k1, const char *text, int n) {
    Sip s = {k0 ^ 0x736f6d6570736575, k1 ^ 0x646f72616e646f6d, k0 ^ 0x6c7967656e657261,
             k1 ^ 0x7465646279746573};
    uint64_t word;
    int at = 0;
    for (; at + 8 <= n; at += 8) {
        memcpy(&word, text + at, 8);
        sip_take(&s, word);
    }
    word = (uint64_t)n << 56;
    for (int i = 0; at + i < n; i++) word |= (uint64_t)(uint8_t)text[at + i] << 8 * i;
    sip_take(&s, word);
    s.v2 ^= 0xff;
    sip_rounds(&s, 4);
    return s.v0 ^ s.v1 ^ s.v2 ^ s.v3;
}

/* ---- hashing ---- */

static void hashing_prepare(Layer *l) {
    const HashingConfig *k = l->config;
    if (k->salt && k->salt->n != 1 && k->salt->n != 2)
        fail(TN_VALUE, "%.80s: salt must be a number or two, but has %d", l->name, k->salt->n);
    if (k->outputMode == ENCODE_TF_IDF)
        fail(TN_VALUE, "%.80s: outputMode must be 'int', 'oneHot', 'multiHot' or 'count'", l->name);
}

static void hashing_shape(const Layer *l, const Shape *in, int nin, Shape *out) {
    const HashingConfig *k = l->config;
    (void)nin;
    encoded_shape(l, in, k->outputMode, k->numBins, out);
}

/* A text's place; the mask's is 0, and then the others begin at 1. */
static int place_of(const HashingConfig *k, const Token *t) {
    const char *mask = k->maskValue;
    bool masked = mask && k->numBins > 1;
    if (masked && t->n == (int)strlen(mask) && !memcmp(t->at, mask, (size_t)t->n)) return 0;
    const Ints *salt = k->salt;
    uint64_t first = salt ? (uint64_t)salt->v[0] : 0;
    uint64_t hash = salt ? sip_hash(first, (uint64_t)salt->v[salt->n - 1], t->at, t->n)
                         : fingerprint64(t->at, t->n);
    return masked + (int)(hash % (uint64_t)(k->numBins - masked));
}

static Tensor *hashing_call(Layer *l, Apply *a) {
    const HashingConfig *k = l->config;
    Tensor *x = a->in[0];
    Arena arena = {0};
    int buffer[TN_MAX_RANK + 1];
    trace_break("values are hashed");
    Token *tokens = tokens_of(&arena, x);
    int *places = tokens ? arena_take(&arena, sizeof *places * (size_t)(x->size + 1)) : NULL;
    for (int i = 0; places && i < x->size; i++) places[i] = place_of(k, tokens + i);
    Tensor *y = places ? tn_tensor(TN_INT32, sizes_of(x, buffer), places) : nothing();
    arena_free(&arena);
    return encode_places(y, k->outputMode, k->numBins);
}

/* hashing: A place below numBins for each text or whole number, by its hash, as TensorFlow's.
**   numBins : int >= 1              how many places
**   maskValue : string = null       the text, or number as a text, whose place is 0
**   salt : ints = null              one or two numbers: another hash for each
**   outputMode : Encoding = 'int'   'int': places; 'oneHot': a vector for each; 'multiHot': one
**                                   for all that are in a row; 'count': how often
**   -> y : int32|float32 [...]      as x; or float32 vectors
** > tf.layers.hashing({numBins: 3}).apply(tf.tensor(['A', 'B', 'C', 'D', 'E']))
**     // [1, 0, 1, 1, 2]
*/
LAYER(hashing, Hashing, .prepare = hashing_prepare, .shape = hashing_shape, .call = hashing_call,
      .accepts_strings = true);

/* ---- hashedCrossing ---- */

/* Two fingerprints as one, as TensorFlow's. */
static uint64_t crossed(uint64_t a, uint64_t b) {
    const uint64_t mul = 0xc6a4a7935bd1e995;
    uint64_t mixed = b * mul;
    a ^= mul;
    a ^= (mixed ^ mixed >> 47) * mul;
    a *= mul;
    a = (a ^ a >> 47) * mul;
    return a ^ a >> 47;
}

static void hashedCrossing_shape(const Layer *l, const Shape *in, int nin, Shape *out) {
    const HashedCrossingConfig *k = l->config;
    if (nin != 2) fail(TN_VALUE, "%.80s: should be called on two inputs, but got %d", l->name, nin);
    else if (in[0].rank != in[1].rank)
        fail(TN_SHAPE, "%.80s: both inputs must have one shape, but have %s and %s", l->name,
             shape_string(in), shape_string(in + 1));
    else encoded_shape(l, in, k->outputMode, k->numBins, out);
}

/* The part that an element has in the cross: a text's hash, or the number. */
static uint64_t part_of(const Tensor *x, const Token *t) {
    return x->dtype == TN_STRING ? fingerprint64(t->at, t->n) : (uint64_t)(int64_t)atoi(t->at);
}

static Tensor *hashedCrossing_call(Layer *l, Apply *a) {
    const HashedCrossingConfig *k = l->config;
    Tensor *x = a->in[0], *y = a->in[1];
    Arena arena = {0};
    int buffer[TN_MAX_RANK + 1];
    trace_break("values are hashed");
    if (!same_shape(x, y))
        return fail(TN_SHAPE, "%.80s: both inputs must have one shape, but have %s and %s", l->name,
                    shape_text(x), shape_text(y));
    Token *first = tokens_of(&arena, x), *second = first ? tokens_of(&arena, y) : NULL;
    int *places = second ? arena_take(&arena, sizeof *places * (size_t)(x->size + 1)) : NULL;
    for (int i = 0; places && i < x->size; i++) {
        uint64_t hash = crossed(0xDECAFCAFFE, part_of(x, first + i));
        places[i] = (int)(crossed(hash, part_of(y, second + i)) % (uint64_t)k->numBins);
    }
    Tensor *result = places ? tn_tensor(TN_INT32, sizes_of(x, buffer), places) : nothing();
    arena_free(&arena);
    return encode_places(result, k->outputMode, k->numBins);
}

/* hashedCrossing: A place below numBins for each pair of elements of two inputs, by their hash, as
**                 TensorFlow's.
**   numBins : int >= 1              how many places
**   outputMode : Encoding = 'int'   'int': places; 'oneHot': a vector for each
**   -> y : int32|float32 [...]      as the inputs; or float32 vectors
** > tf.layers.hashedCrossing({numBins: 5}).apply([tf.tensor(['A', 'B', 'A', 'B', 'A']),
**     tf.tensor([101, 101, 101, 102, 102], [5], 'int32')])   // [1, 4, 1, 1, 3]
*/
LAYER(hashedCrossing, HashedCrossing, .shape = hashedCrossing_shape, .call = hashedCrossing_call,
      .least_inputs = 2, .accepts_strings = true);

/* ---- discretization ---- */

static void discretization_prepare(Layer *l) {
    const DiscretizationConfig *k = l->config;
    const Floats *b = k->binBoundaries;
    if (k->outputMode == ENCODE_TF_IDF)
        fail(TN_VALUE, "%.80s: outputMode must be 'int', 'oneHot', 'multiHot' or 'count'", l->name);
    else if (!b && k->numBins == NONE)
        fail(TN_VALUE, "%.80s: binBoundaries or numBins must be given", l->name);
    for (int i = 1; b && i < b->n; i++)
        if (!(b->v[i] >= b->v[i - 1]))
            fail(TN_VALUE, "%.80s: binBoundaries must rise, but has %g after %g", l->name, b->v[i],
                 b->v[i - 1]);
}

static int bins_of(const Layer *l) {
    const DiscretizationConfig *k = l->config;
    return k->binBoundaries ? k->binBoundaries->n + 1 : k->numBins;
}

static void discretization_shape(const Layer *l, const Shape *in, int nin, Shape *out) {
    const DiscretizationConfig *k = l->config;
    (void)nin;
    encoded_shape(l, in, k->outputMode, bins_of(l), out);
    if (in->rank == TN_MAX_RANK)
        fail(TN_SHAPE, "%.80s: x must be of rank below %d", l->name, TN_MAX_RANK);
}

static Tensor *discretization_call(Layer *l, Apply *a) {
    const DiscretizationConfig *k = l->config;
    if (!k->binBoundaries)
        return fail(TN_VALUE, "%.80s: has no boundaries: give them, or call adapt()", l->name);
    Tensor *x = tn_expandDims(to_float(a->in[0]), -1);
    Tensor *passed = tn_greaterEqual(x, floats_tensor(k->binBoundaries));
    Tensor *bin = tn_sum(tn_cast(passed, TN_INT32), INTS(-1), false);
    return encode_places(bin, k->outputMode, bins_of(l));
}

static int by_value(const void *a, const void *b) {
    float x = *(const float *)a, y = *(const float *)b;
    return x < y ? -1 : x > y;
}

/* y at x by lines between points of rising x. */
static double between(double x, const double *xs, const double *ys, int n) {
    int i = 0;
    while (i < n && xs[i] < x) i++;
    if (i == 0 || i == n) return ys[i ? n - 1 : 0];
    return ys[i - 1] + (ys[i] - ys[i - 1]) * (x - xs[i - 1]) / (xs[i] - xs[i - 1]);
}

/* Boundaries as Keras finds them: the sorted numbers, thinned to 1 / epsilon at equal distances,
** then quantiles between them. v: scratch memory for 2 n numbers. */
static int boundaries(float *sorted, int n, double epsilon, int bins, double *v, double *to) {
    double increment = n * epsilon;
    int step = increment > 1 ? (int)increment : 1, kept = 0;
    qsort(sorted, (size_t)n, sizeof *sorted, by_value);
    for (int i = (int)increment; i < n; i += step) v[kept++] = sorted[i];
    if (kept < bins) {
        for (int i = 0; i + 1 < kept; i++) to[i] = v[i];
        return kept ? kept - 1 : 0;
    }
    for (int i = 0; i < kept; i++) v[n + i] = (i + 1.0) / kept;
    for (int i = 0; i < bins - 1; i++) to[i] = between((i + 1.0) / bins, v + n, v, kept);
    return bins - 1;
}

static void discretization_adapt(Layer *l, Tensor *x) {
    DiscretizationConfig *k = (DiscretizationConfig *)l->config; /* in the layer's arena */
    if (k->numBins == NONE) {
        fail(TN_VALUE, "%.80s: cannot adapt, since binBoundaries are given", l->name);
        return;
    }
    Arena arena = {0};
    x = to_float(x);
    const float *data = failed() ? NULL : tn_data(x);
    float *sorted = data ? arena_take(&arena, sizeof *sorted * (size_t)(x->size + 1)) : NULL;
    double *v = sorted ? arena_take(&arena, 2 * sizeof *v * (size_t)(x->size + 1)) : NULL;
    int most = failed() ? 0 : k->numBins < x->size ? k->numBins : x->size;
    size_t bytes = sizeof(Floats) + sizeof *v * ((size_t)most + 1);
    Floats *found = v ? arena_take(&l->arena, bytes) : NULL;
    cJSON *list = found ? json_array() : NULL;
    if (list) {
        memcpy(sorted, data, sizeof *sorted * (size_t)x->size);
        found->n = boundaries(sorted, x->size, k->epsilon, k->numBins, v, found->v);
        for (int i = 0; i < found->n; i++) json_append(list, json_number(found->v[i]));
        json_replace(l->json, "binBoundaries", list);
    }
    if (!failed()) k->binBoundaries = found;
    arena_free(&arena);
}

/* discretization: Numbers as the bins that they fall into.
**   binBoundaries : floats = null   where bins end, rising; null: what adapt(data) finds
**   numBins : int >= 1 = null       how many adapt() makes, each with as much of the data
**   epsilon : float >= 0 = 0.01     how exactly
**   outputMode : Encoding = 'int'   'int': bins; 'oneHot': a vector for each; 'multiHot': one for
**                                   all that are in a row; 'count': how often
**   -> y : int32|float32 [...]      as x; or float32 vectors
** > tf.layers.discretization({binBoundaries: [0, 1, 2]}).apply([[-1.5, 1, 3.4, 0.5]])
**     // [[0, 2, 3, 1]]
*/
LAYER(discretization, Discretization, .prepare = discretization_prepare,
      .shape = discretization_shape, .call = discretization_call, .adapt = discretization_adapt);
