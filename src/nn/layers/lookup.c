/* Strings and whole numbers looked up in a vocabulary: stringLookup, integerLookup. */
#include "nn/layers/vocabulary.h"
#include "tensor/engine.h"
#include "ops/hash.h"

/* lookup: What layers that look up have in common.
**   maxTokens : int >= 1 = null     places of all kinds together; null: any number
**   numOovIndices : int >= 0 = 1    places for what is not in the vocabulary, chosen by its hash;
**                                   0: it is refused
**   vocabulary : values = null      what is known; null: what adapt(data) finds
**   idfWeights : floats = null      of the vocabulary, with 'tfIdf'
**   invert : bool = false           true: from places to what is there
**   outputMode : Encoding = 'int'   'int': places; 'oneHot': a vector for each; 'multiHot': one
**                                   for all that are in a row; 'count': how often; 'tfIdf': times
**                                   weights
**   padToMaxTokens : bool = false   true: vectors have the length maxTokens
*/
FIELDS(lookup, Lookup)

static const LookupConfig *lookup_of(const Layer *l) {
    return l->config; /* the group stands first in both configs */
}

static void lookup_prepare(Layer *l, const char *mask, const char *unknown, bool numbers) {
    const LookupConfig *k = lookup_of(l);
    Vocabulary *v = l->own = arena_take(&l->arena, sizeof *v);
    if (!v) return;
    *v = (Vocabulary){.mask = k->outputMode == ENCODE_INT ? mask : NULL,
                      .unknown = unknown,
                      .unknowns = k->numOovIndices,
                      .most = k->maxTokens,
                      .numbers = numbers,
                      .pad = k->padToMaxTokens,
                      .mode = k->outputMode};
    v->first = (v->mask != NULL) + v->unknowns;
    if (k->numOovIndices > 1 << 24)
        fail(TN_VALUE, "%.80s: numOovIndices is %d, above 2^24", l->name, k->numOovIndices);
    else if (k->invert && k->outputMode != ENCODE_INT)
        fail(TN_VALUE, "%.80s: invert wants outputMode 'int'", l->name);
    else if (k->invert && k->numOovIndices != 1)
        fail(TN_VALUE, "%.80s: invert wants numOovIndices 1, but it is %d", l->name,
             k->numOovIndices);
    else if (k->vocabulary) vocabulary_set(l, v, k->vocabulary, k->idfWeights);
    if (!failed() && v->pad) vocabulary_depth(l, v);
}

static void lookup_shape(const Layer *l, const Shape *in, int nin, Shape *out) {
    const Vocabulary *v = l->own;
    (void)nin;
    encoded_shape(l, in, v->mode, vocabulary_depth(l, v), out);
    if (lookup_of(l)->invert && !v->numbers) out->dtype = TN_STRING;
}

static int place_of(const Layer *l, const Vocabulary *v, const Token *t) {
    if (v->mask && t->n == (int)strlen(v->mask) && !memcmp(t->at, v->mask, (size_t)t->n)) return 0;
    int at = vocabulary_find(v, t->at, t->n), before = v->mask != NULL;
    if (at >= 0) return v->first + at;
    if (v->unknowns == 1) return before;
    if (!v->unknowns) {
        fail(TN_VALUE, "%.80s: '%.*s' is not in the vocabulary, and numOovIndices is 0", l->name,
             t->n < 80 ? t->n : 80, t->at);
        return 0;
    }
    if (!v->numbers) return before + (int)(fingerprint64(t->at, t->n) % (uint64_t)v->unknowns);
    int rest = atoi(t->at) % v->unknowns;
    return before + (rest < 0 ? rest + v->unknowns : rest);
}

/* A tensor of x's shape from places, which are freed. */
static Tensor *places_tensor(const Tensor *x, int *places) {
    int buffer[TN_MAX_RANK + 1];
    return tn_tensor(TN_INT32, sizes_of(x, buffer), places);
}

static Tensor *look_up(Layer *l, Tensor *x) {
    const Vocabulary *v = l->own;
    Arena arena = {0};
    Token *tokens = tokens_of(&arena, x);
    int *places = tokens ? arena_take(&arena, sizeof *places * (size_t)(x->size + 1)) : NULL;
    for (int i = 0; places && i < x->size && !failed(); i++) places[i] = place_of(l, v, tokens + i);
    Tensor *y = places && !failed() ? places_tensor(x, places) : nothing();
    arena_free(&arena);
    return failed() ? nothing() : vocabulary_encode(l, v, y);
}

/* The text at a place. */
static const char *text_at(const Vocabulary *v, int place) {
    if (v->mask && place == 0) return v->mask;
    if (place >= v->first && place < v->first + v->n) return v->strings[place - v->first];
    return v->unknown ? v->unknown : "";
}

static Tensor *invert(Layer *l, Tensor *x) {
    const Vocabulary *v = l->own;
    Arena arena = {0};
    const int *places = read_ints(to_dtype(x, TN_INT32));
    const char **strings =
        places ? arena_take(&arena, sizeof *strings * (size_t)(x->size + 1)) : NULL;
    int *numbers = strings ? arena_take(&arena, sizeof *numbers * (size_t)(x->size + 1)) : NULL;
    for (int i = 0; numbers && i < x->size; i++) {
        strings[i] = text_at(v, places[i]);
        numbers[i] = atoi(strings[i]);
    }
    int buffer[TN_MAX_RANK + 1];
    Tensor *y = !numbers     ? nothing()
                : v->numbers ? places_tensor(x, numbers)
                             : tn_strings(sizes_of(x, buffer), strings);
    arena_free(&arena);
    return y;
}

static Tensor *lookup_call(Layer *l, Apply *a) {
    const Vocabulary *v = l->own;
    trace_break("values are looked up");
    if (!v->strings)
        return fail(TN_VALUE, "%.80s: has no vocabulary: give one, or call adapt()", l->name);
    return lookup_of(l)->invert ? invert(l, a->in[0]) : look_up(l, a->in[0]);
}

static void lookup_adapt(Layer *l, Tensor *x) {
    Arena arena = {0};
    Token *tokens = tokens_of(&arena, x);
    if (tokens) vocabulary_learn(l, l->own, tokens, x->size, x->rank ? x->shape[0] : 1);
    arena_free(&arena);
}

static void stringLookup_prepare(Layer *l) {
    const StringLookupConfig *k = l->config;
    lookup_prepare(l, k->maskToken, k->oovToken, false);
}

/* stringLookup: The place of each text in a vocabulary.
**   + lookup
**   maskToken : string = null           with outputMode 'int', the text whose place is 0
**   oovToken : string = '[UNK]'         what invert gives for places that stand for no text
**   -> y : int32|float32|string [...]   as x; or float32 vectors
** > tf.layers.stringLookup({vocabulary: ['a', 'b']}).apply(tf.tensor(['b', 'c']))   // [2, 0]
*/
LAYER(stringLookup, StringLookup, .prepare = stringLookup_prepare, .shape = lookup_shape,
      .call = lookup_call, .adapt = lookup_adapt, .accepts_strings = true);

static const char *number_text(Layer *l, int n) {
    char text[16];
    if (n == NONE) return NULL;
    snprintf(text, sizeof text, "%d", n);
    return arena_text(&l->arena, text);
}

static void integerLookup_prepare(Layer *l) {
    const IntegerLookupConfig *k = l->config;
    const char *mask = number_text(l, k->maskToken), *unknown = number_text(l, k->oovToken);
    if (!failed()) lookup_prepare(l, mask, unknown, true);
}

/* integerLookup: The place of each whole number in a vocabulary.
**   + lookup
**   maskToken : int = null       with outputMode 'int', the number whose place is 0
**   oovToken : int = -1          what invert gives for places that stand for no number
**   -> y : int32|float32 [...]   as x; or float32 vectors
** > tf.layers.integerLookup({vocabulary: [12, 36]}).apply(tf.tensor([36, 7], [2], 'int32'))
**     // [2, 0]
*/
LAYER(integerLookup, IntegerLookup, .prepare = integerLookup_prepare, .shape = lookup_shape,
      .call = lookup_call, .adapt = lookup_adapt);
