/* Memory that is freed all at once. */
#ifndef TN_ARENA_H
#define TN_ARENA_H
#include "tensorine.h"

typedef struct Arena {
    struct Block *blocks;
} Arena;
/* Zeroed; NULL with the error set. */
void *arena_take(Arena *a, size_t bytes);
char *arena_text(Arena *a, const char *text);
const Ints *arena_ints(Arena *a, int n, const int *v);
void arena_free(Arena *a);

#endif
