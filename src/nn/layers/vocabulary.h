/* Strings and numbers as places in a vocabulary, and places as encodings. */
#ifndef TN_VOCABULARY_H
#define TN_VOCABULARY_H
#include "nn/layers/layer_helpers.h"

/* What stringLookup, integerLookup and textVectorization know; numbers are kept as their strings.
** Places: the mask's if there is one, so many for what is not known, then the vocabulary. */
typedef struct Vocabulary {
    const char *mask, *unknown; /* NULL: none */
    int unknowns, most;         /* places for what is not known; of all together, NONE: any */
    bool numbers, pad;
    Encoding mode;
    int n, first; /* strings; the place of the first of them */
    const char **strings;
    const float *weights;   /* of the strings, with tfIdf; else NULL */
    float mean_weight;      /* of what is not known */
    int *table, table_size; /* by hash, -1: free */
} Vocabulary;

/* A text and what it is found in. */
typedef struct Token {
    const char *at;
    int n, row;
} Token;

/* Reads a list of strings or numbers, and weights if they are given, into v. */
void vocabulary_set(Layer *l, Vocabulary *v, const cJSON *list, const Floats *weights);
/* The most frequent tokens become the list "vocabulary" of the config, and the weights. */
void vocabulary_learn(Layer *l, Vocabulary *v, Token *tokens, int n, int rows);
int vocabulary_find(const Vocabulary *v, const char *text, int n);
/* Length of encodings. */
int vocabulary_depth(const Layer *l, const Vocabulary *v);
/* Places [rows, columns] or [rows], int32, as the mode wants them. */
Tensor *vocabulary_encode(const Layer *l, const Vocabulary *v, Tensor *places);

/* The tokens of x, one for each element, in the arena. x is of strings, or of numbers. */
Token *tokens_of(Arena *arena, Tensor *x);
/* Whole numbers below depth as the mode wants them: themselves, or a vector for each or for each
** row. */
Tensor *encode_places(Tensor *x, Encoding mode, int depth);
void encoded_shape(const Layer *l, const Shape *in, Encoding mode, int depth, Shape *out);
#endif
