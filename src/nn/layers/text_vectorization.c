/* textVectorization: strings to the places of their words. */
#include "base/arena_grow.h"
#include "nn/layers/vocabulary.h"
#include "tensor/engine.h"

static void textVectorization_prepare(Layer *l) {
    const TextVectorizationConfig *k = l->config;
    Vocabulary *v = l->own = arena_take(&l->arena, sizeof *v);
    if (!v) return;
    *v = (Vocabulary){.mask = k->outputMode == ENCODE_INT ? "" : NULL,
                      .unknown = "[UNK]",
                      .unknowns = 1,
                      .most = k->maxTokens,
                      .pad = k->padToMaxTokens,
                      .mode = k->outputMode};
    v->first = (v->mask != NULL) + 1;
    if (k->outputMode == ENCODE_ONE_HOT)
        fail(TN_VALUE, "%.80s: outputMode must be 'int', 'multiHot', 'count' or 'tfIdf'", l->name);
    else if (k->vocabulary) vocabulary_set(l, v, k->vocabulary, k->idfWeights);
    if (!failed() && v->pad) vocabulary_depth(l, v);
}

static void textVectorization_shape(const Layer *l, const Shape *in, int nin, Shape *out) {
    const TextVectorizationConfig *k = l->config;
    const Vocabulary *v = l->own;
    (void)nin;
    if (in->rank < 1 || in->rank > 2 || (in->rank == 2 && in->size[1] > 1)) {
        fail(TN_SHAPE, "%.80s: x must be of shape [batch] or [batch, 1], but has %s", l->name,
             shape_string(in));
        return;
    }
    *out = (Shape){.rank = 2, .size = {in->size[0], -1}};
    out->dtype = v->mode == ENCODE_INT ? TN_INT32 : TN_FLOAT32;
    if (v->mode != ENCODE_INT) out->size[1] = vocabulary_depth(l, v);
    else if (k->outputSequenceLength != NONE) out->size[1] = k->outputSequenceLength;
}

/* ---- words ---- */

typedef struct Words {
    Arena *arena;
    Token *v;
    int n, capacity;
} Words;

static void add_word(Words *w, const char *at, int n, int row) {
    if (ARENA_GROW(w->arena, w->v, w->capacity, w->n + 1)) w->v[w->n++] = (Token){at, n, row};
}

static bool is_space(char c) { return c == ' ' || (c >= '\t' && c <= '\r'); }

static bool is_punctuation(char c) {
    return c > ' ' && c < 127 && !(c >= '0' && c <= '9') && !((c | 32) >= 'a' && (c | 32) <= 'z');
}

/* A copy without capitals and punctuation, as the config says; its length. */
static int standardized(Standardize how, const char *text, int n, char *to) {
    int kept = 0;
    for (int i = 0; i < n; i++) {
        char c = text[i];
        if ((how == STANDARDIZE_BOTH || how == STANDARDIZE_STRIP) && is_punctuation(c)) continue;
        bool lower = how == STANDARDIZE_BOTH || how == STANDARDIZE_LOWER;
        to[kept++] = lower && c >= 'A' && c <= 'Z' ? (char)(c + 32) : c;
    }
    return kept;
}

/* Bytes of the character of UTF-8 that begins here. */
static int character(const char *at, int left) {
    int n = 1;
    while (n < left && n < 4 && ((unsigned char)at[n] & 0xc0) == 0x80) n++;
    return n;
}

static void split(Words *w, Splitting how, const char *text, int n, int row) {
    if (how == SPLIT_NONE) add_word(w, text, n, row);
    for (int i = 0, end; i < n && how != SPLIT_NONE; i = end) {
        end = i + 1;
        if (how == SPLIT_CHARACTER) end = i + character(text + i, n - i);
        else if (is_space(text[i])) continue;
        else
            while (end < n && !is_space(text[end])) end++;
        add_word(w, text + i, end - i, row);
    }
}

/* `width` words from v on, with blanks between. */
static void add_gram(Words *w, const Token *v, int width) {
    int n = width - 1;
    for (int i = 0; i < width; i++) n += v[i].n;
    char *text = arena_take(w->arena, (size_t)n + 1), *to = text;
    for (int i = 0; text && i < width; i++) {
        if (i) *to++ = ' ';
        memcpy(to, v[i].at, (size_t)v[i].n);
        to += v[i].n;
    }
    if (text) add_word(w, text, n, v->row);
}

static Words words_of(const Layer *l, Tensor *x, Arena *arena) {
    const TextVectorizationConfig *k = l->config;
    Words w = {.arena = arena};
    Token *strings = tokens_of(arena, x);
    for (int i = 0; strings && i < x->size && !failed(); i++) {
        char *text = arena_take(arena, (size_t)strings[i].n + 1);
        if (!text) break;
        Words one = {.arena = arena};
        split(&one, k->split, text, standardized(k->standardize, strings[i].at, strings[i].n, text),
              i);
        bool grams = k->ngrams != NULL;
        int widths = !grams ? 1 : k->ngrams->n > 1 ? k->ngrams->n : k->ngrams->v[0];
        for (int g = 0; g < widths; g++) {
            int width = !grams ? 1 : k->ngrams->n > 1 ? k->ngrams->v[g] : g + 1;
            if (width > one.n && (!grams || k->ngrams->n == 1)) break;
            for (int at = 0; at + width <= one.n && !failed(); at++)
                add_gram(&w, one.v + at, width);
        }
    }
    return w;
}

/* ---- places ---- */

static int place_of(const Vocabulary *v, const Token *t) {
    int at = vocabulary_find(v, t->at, t->n), before = v->mask != NULL;
    if (v->mask && !t->n) return 0;
    return at < 0 ? before : v->first + at;
}

/* [batch, columns], 0 after the last word. */
static Tensor *int_places(const TextVectorizationConfig *k, const Vocabulary *v, const Words *w,
                          int rows) {
    int columns = k->outputSequenceLength == NONE ? 0 : k->outputSequenceLength;
    for (int i = 0, at = 0; k->outputSequenceLength == NONE && i < w->n; i++) {
        at = i && w->v[i - 1].row == w->v[i].row ? at + 1 : 0;
        if (at >= columns) columns = at + 1;
    }
    if (v->pad && k->outputSequenceLength == NONE) columns = columns ? columns : 1;
    int cells = checked_size("textVectorization", 2, (int[]){rows, columns}, TN_INT32);
    int *places = arena_take(w->arena, sizeof(int) * ((size_t)cells + 1));
    for (int i = 0, at = 0; places && i < w->n; i++) {
        at = i && w->v[i - 1].row == w->v[i].row ? at + 1 : 0;
        if (at < columns) places[w->v[i].row * columns + at] = place_of(v, w->v + i);
    }
    return places ? tn_tensor(TN_INT32, INTS(rows, columns), places) : nothing();
}

/* How often each place comes in each row, or whether. */
static Tensor *vectors(const Layer *l, const Vocabulary *v, const Words *w, int rows) {
    int depth = vocabulary_depth(l, v);
    int cells = checked_size("textVectorization", 2, (int[]){rows, depth}, TN_FLOAT32);
    float *y = failed() ? NULL : arena_take(w->arena, sizeof *y * (size_t)(cells + 1));
    for (int i = 0; y && i < w->n; i++) {
        int at = place_of(v, w->v + i);
        float *to = y + (size_t)w->v[i].row * (size_t)depth + at;
        float weight = v->mode != ENCODE_TF_IDF ? 1
                       : at < v->first          ? v->mean_weight
                                                : v->weights[at - v->first];
        *to = v->mode == ENCODE_MULTI_HOT ? 1 : *to + weight;
    }
    return y ? tn_tensor(TN_FLOAT32, INTS(rows, depth), y) : nothing();
}

static Tensor *textVectorization_call(Layer *l, Apply *a) {
    const TextVectorizationConfig *k = l->config;
    const Vocabulary *v = l->own;
    Arena arena = {0};
    trace_break("strings");
    if (a->in[0]->dtype != TN_STRING)
        return fail(TN_DTYPE, "%.80s: x must be of strings, but is %s", l->name,
                    dtype_name(a->in[0]->dtype));
    if (!v->strings)
        return fail(TN_VALUE, "%.80s: has no vocabulary: give one, or call adapt()", l->name);
    if (v->mode == ENCODE_TF_IDF && !v->weights)
        return fail(TN_VALUE, "%.80s: outputMode 'tfIdf' wants idfWeights, or adapt()", l->name);
    Words w = words_of(l, a->in[0], &arena);
    int rows = a->in[0]->shape[0];
    Tensor *y = failed()                ? nothing()
                : v->mode == ENCODE_INT ? int_places(k, v, &w, rows)
                                        : vectors(l, v, &w, rows);
    arena_free(&arena);
    return y;
}

static void textVectorization_adapt(Layer *l, Tensor *x) {
    Arena arena = {0};
    Words w = words_of(l, x, &arena);
    if (!failed()) vocabulary_learn(l, l->own, w.v, w.n, x->shape[0]);
    arena_free(&arena);
}

/* textVectorization: Strings to the places of their words in a vocabulary.
**   maxTokens : int >= 1 = null               places of all kinds together
**   standardize : Standardize | null = 'lowerAndStripPunctuation'   what is done to strings first
**   split : Splitting | null = 'whitespace'   where words end; null: a text is a word
**   ngrams : ints >= 1 = null                 how many words are taken together: up to n, or these
**   outputMode : Encoding = 'int'             'int': places, 0 after the last word; else a vector
**                                             for each text, as of stringLookup
**   outputSequenceLength : int >= 1 = null    columns of the places; null: as the longest text
**                                             needs
**   padToMaxTokens : bool = false             true: vectors have the length maxTokens
**   vocabulary : values = null                words; null: what adapt(data) finds
**   idfWeights : floats = null                of the words, with 'tfIdf'
**   -> y : int32|float32 [batch, words]       float32 vectors in other modes
** > tf.layers.textVectorization({vocabulary: ['a', 'cat']}).apply(tf.tensor(['A cat!', 'dog']))
**     // [[2, 3], [1, 0]]
*/
LAYER(textVectorization, TextVectorization, .prepare = textVectorization_prepare,
      .shape = textVectorization_shape, .call = textVectorization_call,
      .adapt = textVectorization_adapt, .accepts_strings = true);
