#include "base/grow.h"
#include "base/alloc.h"
#include <stdint.h>
#include <string.h>

enum { FEWEST = 16 };

bool grow_array(void *items, int *capacity, size_t count, size_t size) {
    const size_t old = (size_t)*capacity, most = INT32_MAX / size;
    if (count <= old) return true;
    if (count > most) return false;
    size_t larger = old ? 2 * old : FEWEST;
    if (larger < count) larger = count;
    if (larger > most) larger = most;
    char *to = mem_alloc(larger * size);
    void *from;
    if (!to) return false;
    memcpy(&from, items, sizeof from);
    if (old) memcpy(to, from, old * size);
    memset(to + old * size, 0, (larger - old) * size);
    mem_free(from, old * size);
    memcpy(items, &(void *){to}, sizeof(void *));
    *capacity = (int)larger;
    return true;
}

void *buffer_reserve(Buffer *b, size_t size) {
    if (b->bytes && size <= b->size) return b->bytes;
    void *larger = mem_alloc(size);
    if (!larger) return NULL;
    mem_free(b->bytes, b->size);
    *b = (Buffer){larger, size};
    return larger;
}
