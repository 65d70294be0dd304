/* Memory that is freed all at once. */
#include "base/arena.h"
#include "base/alloc.h"
#include "base/error.h"
#include <string.h>

struct Block {
    struct Block *next;
    size_t bytes;
};

void *arena_take(Arena *a, size_t bytes) {
    if (failed()) return NULL;
    size_t all = sizeof(struct Block) + bytes;
    struct Block *b = mem_alloc(all);
    if (!b) {
        fail(TN_MEMORY, "out of memory for a layer");
        return NULL;
    }
    memset(b, 0, all);
    *b = (struct Block){a->blocks, all};
    a->blocks = b;
    return b + 1;
}

char *arena_text(Arena *a, const char *text) {
    size_t bytes = strlen(text) + 1;
    char *copy = arena_take(a, bytes);
    return copy ? memcpy(copy, text, bytes) : NULL;
}

const Ints *arena_ints(Arena *a, int n, const int *v) {
    Ints *copy = arena_take(a, sizeof(Ints) + (size_t)n * sizeof(int));
    if (!copy) return NULL;
    copy->n = n;
    memcpy(copy->v, v, (size_t)n * sizeof(int));
    return copy;
}

void arena_free(Arena *a) {
    while (a->blocks) {
        struct Block *next = a->blocks->next;
        mem_free(a->blocks, a->blocks->bytes);
        a->blocks = next;
    }
}
