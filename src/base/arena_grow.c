#include "base/arena_grow.h"
#include <string.h>

enum { FEWEST = 16 };

bool arena_grow_array(Arena *a, void *items, int *capacity, int count, size_t size) {
    if (count <= *capacity) return true;
    int larger = *capacity ? 2 * *capacity : FEWEST;
    if (larger < count) larger = count;
    void *from, *to = arena_take(a, (size_t)larger * size);
    if (!to) return false;
    memcpy(&from, items, sizeof from);
    if (*capacity) memcpy(to, from, (size_t)*capacity * size);
    memcpy(items, &to, sizeof to);
    *capacity = larger;
    return true;
}
