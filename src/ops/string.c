/* Ops on strings: string.stringNGrams, stringSplit, stringToHashBucketFast. */
#include "tensor/op.h"
#include "ops/hash.h"

/* ---- stringToHashBucketFast ---- */

/* A number of up to 53 bits in two halves. */
typedef struct Buckets {
    uint32_t low, high;
} Buckets;

static void stringToHashBucketFast_cpu(Call *c) {
    const Buckets *b = c->attrs;
    const uint64_t buckets = (uint64_t)b->high << 32 | b->low;
    for (int i = 0; i < c->out[0]->size; i++) {
        const Bytes text = string_of(i32(c->in[0])[i]);
        i32(c->out[0])[i] = (int)(uint32_t)(fingerprint64(text.bytes, text.n) % buckets);
    }
}

/* string.stringToHashBucketFast: A number below numBuckets for each text, the same for the same
** text everywhere: FarmHash Fingerprint64 modulo numBuckets.
**   input : string [...]
**   numBuckets : float        1 or more, whole; above 2^31 results may be negative: the low 32
**                             bits
**   -> y : int32 like input
** > tf.string.stringToHashBucketFast(['a', 'b', 'cd'], 10)   // [9, 2, 2]
*/
OP(stringToHashBucketFast, (Tensor * input, double numBuckets)) {
    if (!want_dtype("stringToHashBucketFast", "input", input, TN_STRING)) return nothing();
    if (!(numBuckets >= 1 && numBuckets <= 9007199254740992.0) || numBuckets != floor(numBuckets))
        return fail(TN_VALUE,
                    "stringToHashBucketFast: Number of buckets must be at least 1, and "
                    "whole, but is %g",
                    numBuckets);
    const uint64_t n = (uint64_t)numBuckets;
    const Buckets b = {(uint32_t)n, (uint32_t)(n >> 32)};
    Tensor *y = make(TN_INT32, input->rank, input->shape);
    return run(&stringToHashBucketFast_op, IN(input), OUT(y), &b, sizeof b);
}
IMPL(stringToHashBucketFast, .cpu = stringToHashBucketFast_cpu,
     .gl_why = "texts are in memory only", .constant = true, .any = true);

/* ---- stringSplit ---- */

/* The next token of a string from *at on; false at the end. Each byte of the delimiter parts
** tokens; an empty one parts every byte. */
static bool next_token(Bytes text, Bytes delimiter, bool skip_empty, int *at, Bytes *token) {
    if (!text.n) return false;
    if (!delimiter.n) {
        *token = (Bytes){text.bytes + *at, 1};
        return (*at)++ < text.n;
    }
    while (*at <= text.n) {
        const int begin = *at;
        int end = begin;
        while (end < text.n && !memchr(delimiter.bytes, text.bytes[end], (size_t)delimiter.n))
            end++;
        *at = end + 1;
        *token = (Bytes){text.bytes + begin, end - begin};
        if (token->n || !skip_empty) return true;
    }
    return false;
}

static int count_tokens(int id, Bytes delimiter, bool skip_empty) {
    Bytes token;
    int n = 0;
    for (int at = 0; next_token(string_of(id), delimiter, skip_empty, &at, &token);) n++;
    return n;
}

static void stringSplit_cpu(Call *c) {
    const bool skip_empty = *(const int *)c->attrs;
    const Bytes delimiter = string_of(*i32(c->in[1]));
    int *value = i32(c->out[0]), *index = i32(c->out[1]);
    for (int i = 0; i < c->in[0]->size; i++) {
        const Bytes text = string_of(i32(c->in[0])[i]);
        Bytes token;
        for (int at = 0, k = 0; next_token(text, delimiter, skip_empty, &at, &token); k++) {
            *value++ = intern_string(token.bytes, token.n);
            *index++ = i;
            *index++ = k;
        }
    }
}
static const Op stringSplit_op = {.name = "stringSplit",
                                  .cpu = stringSplit_cpu,
                                  .gl_why = "texts are in memory only",
                                  .constant = true,
                                  .any = true};

/* string.stringSplit: The parts of each text between delimiters, as a sparse tensor.
**   input : string [n]
**   delimiter : string []           each of its bytes parts; '' parts all bytes
**   skipEmpty : bool = true         leave out parts of no bytes
**   -> indices : int32 [parts, 2]   the text, and which part of it
**   -> values : string [parts]
**   -> shape : int32 [2]            n, and the most parts of one text
** > tf.string.stringSplit(['a,b', ',c'], ',')
**     // {indices: [[0, 0], [0, 1], [1, 0]], values: ['a', 'b', 'c'], shape: [2, 2]}
** > tf.string.stringSplit(['a,b', ',c'], ',', false)
**     // {indices: [[0, 0], [0, 1], [1, 0], [1, 1]], values: ['a', 'b', '', 'c'], shape: [2, 2]}
*/
OP(stringSplit,
   (Tensor * input, Tensor *delimiter, bool skipEmpty, Tensor **values, Tensor **shape)) {
    const char *op = "stringSplit";
    give(values, nothing()), give(shape, nothing());
    if (!want_dtype(op, "input", input, TN_STRING) ||
        !want_dtype(op, "delimiter", delimiter, TN_STRING))
        return nothing();
    if (input->rank != 1)
        return fail(TN_SHAPE, "%s: Input should be Tensor1D but received shape %s", op,
                    shape_text(input));
    if (delimiter->rank)
        return fail(TN_SHAPE, "%s: Delimiter should be a scalar but received shape %s", op,
                    shape_text(delimiter));
    const int *ids = read_ints(input), *by = read_ints(delimiter), skip = skipEmpty;
    int64_t parts = 0;
    int most = 0;
    for (int i = 0; i < input->size && ids && by; i++) {
        const int n = count_tokens(ids[i], string_of(*by), skipEmpty);
        parts += n;
        if (n > most) most = n;
    }
    if (parts > INT32_MAX / 8)
        return fail(TN_SHAPE, "%s: %.0f parts are too many", op, (double)parts);
    Scope *s = tn_scope_begin();
    Tensor *out[] = {make(TN_STRING, 1, (int[]){(int)parts}),
                     make(TN_INT32, 2, (int[]){(int)parts, 2})};
    Tensor *sizes = tn_tensor(TN_INT32, INTS(2), (int[]){input->size, most});
    run(&stringSplit_op, IN(input, delimiter), out, 2, &skip, sizeof skip);
    if (failed()) return leave(s, nothing());
    give(values, tn_scope_out(s, out[0]));
    give(shape, tn_scope_out(s, sizes));
    return leave(s, out[1]);
}

/* ---- stringNGrams ---- */

typedef struct NGrams {
    int pad_width; /* negative: as wide as fits */
    int keep_short;
} NGrams;

/* Padding never fills a whole n-gram. */
static int pad_of(const NGrams *g, int width) {
    return g->pad_width < 0 || g->pad_width > width - 1 ? width - 1 : g->pad_width;
}

static int64_t grams_of(const NGrams *g, int length, int width) {
    const int64_t n = (int64_t)length + 2 * (int64_t)pad_of(g, width) - width + 1;
    return n > 0 ? n : 0;
}

/* The n-grams of one row for all widths; *pieces, how many strings they are made of, grows. A row
** that has none may be kept as one: its width is put into *whole, else 0. */
static int64_t row_grams(const NGrams *g, int length, const int *widths, int count, int64_t *pieces,
                         int *whole) {
    int64_t n = 0;
    *whole = 0;
    for (int k = 0; k < count; k++) {
        const int64_t more = grams_of(g, length, widths[k]);
        if (more > INT32_MAX) *pieces = INT64_MAX / 4;
        else if (*pieces < INT64_MAX / 4) *pieces += more * widths[k];
        n += more;
    }
    if (n || !length || !g->keep_short) return n;
    const int64_t width = length + 2 * (int64_t)g->pad_width;
    *pieces += width;
    *whole = width < INT32_MAX ? (int)width : INT32_MAX;
    return 1;
}

/* separator, left and right padding */
enum { SEPARATOR, LEFT, RIGHT, MARKS };

/* A string put together: its length while bytes is NULL, else its bytes too. */
typedef struct Writer {
    char *bytes;
    int64_t n;
} Writer;

static void put(Writer *w, Bytes text) {
    if (w->bytes) memcpy(w->bytes + w->n, text.bytes, (size_t)text.n);
    w->n += text.n;
}

/* One n-gram: left padding, tokens, right padding, joined. */
static void write_gram(Writer *w, const int *tokens, int left, int count, int right,
                       const Bytes *marks) {
    for (int k = 0; k < left + count + right; k++) {
        if (k) put(w, marks[SEPARATOR]);
        put(w, k < left           ? marks[LEFT]
               : k < left + count ? string_of(tokens[k - left])
                                  : marks[RIGHT]);
    }
}

static int gram_id(const int *tokens, int left, int count, int right, const Bytes *marks) {
    Writer w = {NULL, 0};
    write_gram(&w, tokens, left, count, right, marks);
    if (w.n >= INT32_MAX) {
        fail(TN_MEMORY, "stringNGrams: a text of %.0f bytes is too long", (double)w.n);
        return 0;
    }
    const int n = (int)w.n;
    w = (Writer){scratch((size_t)n + 1), 0};
    if (!w.bytes) return 0;
    write_gram(&w, tokens, left, count, right, marks);
    const int id = intern_string(w.bytes, n);
    scratch_free(w.bytes, (size_t)n + 1);
    return id;
}

static int most(int a, int b) { return a > b ? a : b; }

/* All n-grams of a width in a row of tokens; returns where the next ones go. */
static int *put_grams(const NGrams *g, const int *tokens, int n, int width, const Bytes *marks,
                      int *to) {
    const int pad = pad_of(g, width);
    for (int k = 0; k < n && !failed(); k++) {
        const int left = most(0, pad - k), right = most(0, pad - (n - (k + 1)));
        *to++ = gram_id(tokens + (left ? 0 : k - pad), left, width - left - right, right, marks);
    }
    return to;
}

/* in: data, its splits, widths, marks. */
static void stringNGrams_cpu(Call *c) {
    const NGrams *g = c->attrs;
    const int *splits = i32(c->in[1]), *widths = i32(c->in[2]), count = c->in[2]->size;
    Bytes marks[MARKS];
    for (int k = 0; k < MARKS; k++) marks[k] = string_of(i32(c->in[3])[k]);
    int *to = i32(c->out[0]);
    memset(to, 0, (size_t)c->out[0]->size * sizeof(int));
    for (int row = 0; row + 1 < c->in[1]->size && !failed(); row++) {
        const int *tokens = i32(c->in[0]) + splits[row], length = splits[row + 1] - splits[row];
        int64_t pieces = 0;
        int whole;
        row_grams(g, length, widths, count, &pieces, &whole);
        for (int k = 0; k < count; k++)
            to = put_grams(g, tokens, (int)grams_of(g, length, widths[k]), widths[k], marks, to);
        if (whole) to = put_grams(g, tokens, 1, whole, marks, to);
    }
}
static const Op stringNGrams_op = {.name = "stringNGrams",
                                   .cpu = stringNGrams_cpu,
                                   .gl_why = "texts are in memory only",
                                   .constant = true,
                                   .any = true};

/* Splits go from 0 to n in order. */
static bool splits_fit(const int *splits, int count, int n) {
    const char *op = "stringNGrams";
    if (count && splits[0])
        fail(TN_INDEX, "%s: First split value must be 0, got %d", op, splits[0]);
    for (int i = 1; i < count && !failed(); i++)
        if (splits[i] < splits[i - 1] || splits[i] > n)
            fail(TN_INDEX, "%s: Invalid split value %d, must be in [%d, %d]: dataSplits[%d]", op,
                 splits[i], splits[i - 1], n, i);
    if (!failed() && count && splits[count - 1] != n)
        fail(TN_INDEX, "%s: Last split value must be data size. Expected %d, got %d", op, n,
             splits[count - 1]);
    return !failed();
}

static bool ngrams_fit(const Tensor *data, Tensor *dataSplits, const Ints *widths) {
    const char *op = "stringNGrams";
    if (!want_dtype(op, "data", data, TN_STRING) ||
        !want_dtype(op, "dataSplits", dataSplits, TN_INT32))
        return false;
    if (data->rank != 1) fail(TN_SHAPE, "%s: Data must be a vector, saw: %s", op, shape_text(data));
    for (int k = 0; k < widths->n && !failed(); k++)
        if (widths->v[k] < 1)
            fail(TN_VALUE, "%s: nGramWidths[%d] is %d, it must be 1 or more", op, k, widths->v[k]);
    const int *splits = failed() ? NULL : read_ints(dataSplits);
    return splits && splits_fit(splits, dataSplits->size, data->size);
}

/* Where each row's n-grams begin; how many there are, or -1 with the error set. */
static int gram_splits(const NGrams *g, const int *splits, int count, const Ints *widths, int *to) {
    int64_t n = 0, pieces = 0;
    int whole;
    for (int row = 1; row < count && !failed(); row++) {
        n += row_grams(g, splits[row] - splits[row - 1], widths->v, widths->n, &pieces, &whole);
        if (n > INT32_MAX / 8 || pieces > 1 << 28)
            fail(TN_VALUE,
                 "stringNGrams: n-grams of so many or so wide are too much: %.0f of them, "
                 "of %.0f strings",
                 (double)n, (double)pieces);
        else to[row] = (int)n;
    }
    return failed() ? -1 : (int)n;
}

/* string.stringNGrams: Strings of several neighbouring tokens, for each row of a ragged tensor.
**   data : string [n]                    the tokens of all rows
**   dataSplits : int32 [rows + 1]        where each row begins, from 0, and n
**   separator : string                   text put between the tokens
**   nGramWidths : ints                   numbers of tokens, each 1 or more: one kind of n-gram
**                                        after another
**   leftPad : string                     text that stands for a token before the row
**   rightPad : string                    text that stands for a token after the row
**   padWidth : int                       how many of them there are, fewer than the width; -1: as
**                                        many as the width less 1
**   preserveShortSequences : bool        a row that is too short for any n-gram becomes one
**   -> nGrams : string [all n-grams]
**   -> nGramsSplits : int32 [rows + 1]   like dataSplits
** > tf.string.stringNGrams(['a', 'b', 'c', 'd'], tf.tensor([0, 3, 4], [3], 'int32'), '|', [2],
**     '<', '>', 1, false)
**     // {nGrams: ['<|a', 'a|b', 'b|c', 'c|>', '<|d', 'd|>'], nGramsSplits: [0, 4, 6]}
*/
OP(stringNGrams, (Tensor * data, Tensor *dataSplits, const char *separator, const Ints *nGramWidths,
                  const char *leftPad, const char *rightPad, int padWidth,
                  bool preserveShortSequences, Tensor **nGramsSplits)) {
    give(nGramsSplits, nothing());
    if (!ngrams_fit(data, dataSplits, nGramWidths)) return nothing();
    const NGrams g = {padWidth, preserveShortSequences};
    const char *strings[MARKS] = {separator, leftPad, rightPad};
    for (int k = 0; k < MARKS; k++)
        if (!strings[k]) strings[k] = "";
    Scope *s = tn_scope_begin();
    Tensor *splits = tn_tensor(TN_INT32, INTS(dataSplits->size), NULL);
    Tensor *widths = tn_tensor(TN_INT32, INTS(nGramWidths->n), nGramWidths->v);
    Tensor *marks = tn_strings(INTS(MARKS), strings);
    if (failed()) return leave(s, nothing());
    const int count = data->size ? dataSplits->size : 0;
    const int n = gram_splits(&g, read_ints(dataSplits), count, nGramWidths, i32(splits));
    Tensor *y = make(TN_STRING, 1, (int[]){n});
    y = run(&stringNGrams_op, IN(data, dataSplits, widths, marks), OUT(y), &g, sizeof g);
    if (failed()) return leave(s, nothing());
    give(nGramsSplits, tn_scope_out(s, splits));
    return leave(s, y);
}
