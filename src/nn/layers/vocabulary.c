/* Vocabularies: learning them, looking up, encoding what was found. */
#include "nn/layers/vocabulary.h"
#include "ops/hash.h"
#include "ops/binary.gen.h"
#include "ops/bincount.gen.h"
#include "ops/view.gen.h"

/* ---- encodings ---- */

void encoded_shape(const Layer *l, const Shape *in, Encoding mode, int depth, Shape *out) {
    *out = *in;
    out->dtype = mode == ENCODE_INT ? TN_INT32 : TN_FLOAT32;
    if (mode == ENCODE_INT || failed()) return;
    bool widened = !in->rank || (mode == ENCODE_ONE_HOT && in->size[in->rank - 1] != 1);
    out->rank = in->rank + widened;
    if (out->rank > 2)
        fail(TN_SHAPE,
             "%.80s: When outputMode is not 'int', the result has at most 2 axes, but x "
             "of shape %s would give %d",
             l->name, shape_string(in), out->rank);
    else out->size[out->rank - 1] = depth;
}

Tensor *encode_places(Tensor *x, Encoding mode, int depth) {
    if (mode == ENCODE_INT || failed()) return x;
    bool narrow = x->rank && (mode != ENCODE_ONE_HOT || x->shape[x->rank - 1] == 1);
    if (!narrow) x = tn_expandDims(x, -1);
    bool once = mode == ENCODE_ONE_HOT || mode == ENCODE_MULTI_HOT;
    return to_float(tn_denseBincount(x, tn_zeros(INTS(0), TN_FLOAT32), depth, once));
}

/* ---- looking up ---- */

int vocabulary_find(const Vocabulary *v, const char *text, int n) {
    for (uint64_t i = v->table_size ? fingerprint64(text, n) : 0; v->table_size; i++) {
        int at = v->table[i & (uint64_t)(v->table_size - 1)];
        if (at < 0) return -1;
        const char *known = v->strings[at]; /* the other may have zeros inside */
        if (strlen(known) == (size_t)n && !memcmp(known, text, (size_t)n)) return at;
    }
    return -1;
}

static void file(Layer *l, Vocabulary *v, int at) {
    const char *text = v->strings[at];
    int n = (int)strlen(text);
    if (vocabulary_find(v, text, n) >= 0) {
        fail(TN_VALUE, "%.80s: vocabulary has '%.80s' twice", l->name, text);
        return;
    }
    uint64_t i = fingerprint64(text, n);
    while (v->table[i & (uint64_t)(v->table_size - 1)] >= 0) i++;
    v->table[i & (uint64_t)(v->table_size - 1)] = at;
}

static const char *text_in(Layer *l, const cJSON *item) {
    char number[40];
    if (cJSON_IsString(item)) return arena_text(&l->arena, item->valuestring);
    snprintf(number, sizeof number, "%.17g", item->valuedouble);
    return arena_text(&l->arena, number);
}

/* How many of the list's first strings stand for the mask and what is not known. */
static int specials(Layer *l, const Vocabulary *v, const cJSON *list) {
    int n = 0, all = (v->mask != NULL) + v->unknowns;
    const cJSON *item;
    cJSON_ArrayForEach(item, list) {
        const char *want = v->mask && !n ? v->mask : v->unknown, *text = text_in(l, item);
        if (n == all || !want || !text || strcmp(text, want)) break;
        n++;
    }
    return n == all ? n : 0;
}

void vocabulary_set(Layer *l, Vocabulary *v, const cJSON *list, const Floats *weights) {
    int skip = specials(l, v, list), n = cJSON_GetArraySize(list) - skip, at = 0;
    v->table_size = 8;
    while (v->table_size < 2 * n) v->table_size *= 2;
    v->strings = arena_take(&l->arena, sizeof *v->strings * (size_t)(n + 1));
    v->table = arena_take(&l->arena, sizeof *v->table * (size_t)v->table_size);
    float *kept = weights ? arena_take(&l->arena, sizeof *kept * (size_t)(n + 1)) : NULL;
    if (failed()) return;
    v->n = n;
    v->weights = kept; /* as many as there are strings, even if one fails below */
    memset(v->table, -1, sizeof *v->table * (size_t)v->table_size);
    const cJSON *item;
    cJSON_ArrayForEach(item, list) {
        if (at++ < skip) continue;
        v->strings[at - 1 - skip] = text_in(l, item);
        if (!failed()) file(l, v, at - 1 - skip);
        if (failed()) return;
    }
    if (v->most != NONE && v->first + n > v->most)
        fail(TN_VALUE,
             "%.80s: the vocabulary has %d strings, with %d places before them, above "
             "maxTokens, %d",
             l->name, n, v->first, v->most);
    if (weights && weights->n != n && weights->n != n + skip)
        fail(TN_VALUE, "%.80s: idfWeights has %d numbers for %d strings", l->name, weights->n, n);
    double sum = 0;
    for (int i = 0; kept && i < n && !failed(); i++)
        sum += kept[i] = (float)weights->v[weights->n - n + i];
    v->mean_weight = n ? (float)(sum / n) : 0;
}

int vocabulary_depth(const Layer *l, const Vocabulary *v) {
    if (v->pad && v->most != NONE) return v->most;
    if (v->pad) fail(TN_VALUE, "%.80s: padToMaxTokens wants maxTokens", l->name);
    return v->first + v->n;
}

Tensor *vocabulary_encode(const Layer *l, const Vocabulary *v, Tensor *places) {
    int depth = vocabulary_depth(l, v);
    if (v->mode != ENCODE_TF_IDF) return encode_places(places, v->mode, depth);
    if (!v->weights)
        return fail(TN_VALUE, "%.80s: outputMode 'tfIdf' wants idfWeights, or adapt()", l->name);
    Tensor *counts = encode_places(places, ENCODE_COUNT, depth);
    float *weights = failed() ? NULL : scratch(sizeof *weights * (size_t)depth);
    if (!weights) return nothing();
    for (int i = 0; i < depth; i++)
        weights[i] = i < v->first          ? v->mean_weight
                     : i < v->first + v->n ? v->weights[i - v->first]
                                           : 0;
    Tensor *y = tn_mul(counts, tn_tensor(TN_FLOAT32, INTS(depth), weights));
    scratch_free(weights, sizeof *weights * (size_t)depth);
    return y;
}

/* ---- tokens ---- */

Token *tokens_of(Arena *arena, Tensor *x) {
    bool strings = x->dtype == TN_STRING;
    if (!strings) x = to_dtype(x, TN_INT32);
    const int *v = failed() ? NULL : read_ints(x);
    Token *tokens = v ? arena_take(arena, sizeof *tokens * (size_t)(x->size + 1)) : NULL;
    int columns = x->rank && x->shape[0] ? x->size / x->shape[0] : 1;
    for (int i = 0; tokens && i < x->size; i++) {
        char number[16];
        tokens[i].row = i / (columns ? columns : 1);
        if (strings) {
            tokens[i].at = tn_string_at(x, i, &tokens[i].n);
            continue;
        }
        tokens[i].n = snprintf(number, sizeof number, "%d", v[i]);
        tokens[i].at = arena_text(arena, number);
        if (!tokens[i].at) return NULL;
    }
    return tokens;
}

static int by_text(const void *a, const void *b) {
    const Token *x = a, *y = b;
    int order = memcmp(x->at, y->at, (size_t)(x->n < y->n ? x->n : y->n));
    return order ? order : x->n != y->n ? x->n - y->n : x->row - y->row;
}

/* A text, how often it comes, and in how many rows. */
typedef struct Count {
    Token token;
    int n, rows;
    bool number;
} Count;

/* The most frequent first; of equals, the one that is last in the order of strings or numbers. */
static int by_count(const void *a, const void *b) {
    const Count *x = a, *y = b;
    if (x->n != y->n) return y->n - x->n;
    if (!x->number) return by_text(&y->token, &x->token);
    double p = strtod(x->token.at, NULL), q = strtod(y->token.at, NULL);
    return p < q ? 1 : p > q ? -1 : 0;
}

static bool is_text(const Token *t, const char *text) {
    return text && t->n == (int)strlen(text) && !memcmp(t->at, text, (size_t)t->n);
}

static int count_tokens(const Vocabulary *v, Token *tokens, int n, Count *counts) {
    int found = 0;
    qsort(tokens, (size_t)n, sizeof *tokens, by_text);
    for (int i = 0, end; i < n; i = end) {
        Count c = {tokens[i], 0, 0, v->numbers};
        for (end = i; end < n && tokens[end].n == tokens[i].n &&
                      !memcmp(tokens[end].at, tokens[i].at, (size_t)tokens[i].n);
             end++) {
            c.n++;
            c.rows += end == i || tokens[end].row != tokens[end - 1].row;
        }
        if (!is_text(tokens + i, v->mask) && !is_text(tokens + i, v->unknown)) counts[found++] = c;
    }
    qsort(counts, (size_t)found, sizeof *counts, by_count);
    return found;
}

void vocabulary_learn(Layer *l, Vocabulary *v, Token *tokens, int n, int rows) {
    Arena arena = {0};
    Count *counts = arena_take(&arena, sizeof *counts * (size_t)(n + 1));
    int found = counts ? count_tokens(v, tokens, n, counts) : 0;
    int limit = v->most == NONE ? found : v->most > v->first ? v->most - v->first : 0;
    if (found > limit) found = limit;
    cJSON *list = json_array();
    Floats *weights = arena_take(&l->arena, sizeof *weights + sizeof(double) * (size_t)(found + 1));
    for (int i = 0; i < found && !failed(); i++) {
        char *text = arena_take(&arena, (size_t)counts[i].token.n + 1);
        if (!text) break;
        memcpy(text, counts[i].token.at, (size_t)counts[i].token.n);
        json_append(list, v->numbers ? json_number(strtod(text, NULL)) : json_string(text));
        weights->v[weights->n++] = log(1 + rows / (1.0 + counts[i].rows));
    }
    bool weighted = v->mode == ENCODE_TF_IDF;
    if (!failed()) vocabulary_set(l, v, list, weighted ? weights : NULL);
    cJSON *numbers = json_array();
    for (int i = 0; weighted && !failed() && i < weights->n; i++)
        json_append(numbers, json_number(weights->v[i]));
    if (failed()) json_free(list), json_free(numbers);
    else {
        json_replace(l->json, "vocabulary", list);
        json_replace(l->json, "idfWeights", weighted ? numbers : json_null());
        if (!weighted) json_free(numbers);
    }
    arena_free(&arena);
}
