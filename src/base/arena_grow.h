/* Arrays in an arena that grow as items are added. */
#ifndef TN_ARENA_GROW_H
#define TN_ARENA_GROW_H
#include "base/arena.h"

/* Makes `items`, of *capacity places for items of `size` bytes, an array of `count` places at least:
** twice as many as before, or `count`. Items stay, new places are zero; the former array stays in
** the arena until all is freed. False with the error set: then it is as it was. */
bool arena_grow_array(Arena *a, void *items, int *capacity, int count, size_t size);
#define ARENA_GROW(arena, items, capacity, count)                                                  \
    arena_grow_array(arena, &(items), &(capacity), count, sizeof *(items))

#endif
