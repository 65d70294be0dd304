#include "base/arena_grow.h"
#include "base/error.h"
#include <string.h>

enum { FEWEST = 16 };

bool arena_grow_array(Arena *a, void *items, int *capacity, int count, size_t size) {
    if (count <= *capacity) return true;
    const int twice = *capacity <= INT32_MAX / 2 ? 2 * *capacity : INT32_MAX;
    int larger = twice < FEWEST ? FEWEST : twice;
    if (larger < count) larger = count;
    if ((size_t)larger > INT32_MAX / size) {
        fail(TN_MEMORY, "out of memory: an array of %d items", count);
        return false;
    }
    void *from, *to = arena_take(a, (size_t)larger * size);
    if (!to) return false;
    memcpy(&from, items, sizeof from);
    if (*capacity) memcpy(to, from, (size_t)*capacity * size);
    memcpy(items, &to, sizeof to);
    *capacity = larger;
    return true;
}
