/* Arrays that grow as items are added. */
#ifndef TN_GROW_H
#define TN_GROW_H
#include <stdbool.h>
#include <stddef.h>

/* Makes `items`, of *capacity places for items of `size` bytes, an array of `count` places at
** least: twice as many as before, or `count`. Items stay, new places are zero. False where memory
** is out or the array would pass 2^31 - 1 bytes: then it is as it was, and no error is set. Freed
** by mem_free(items, capacity * size). */
bool grow_array(void *items, int *capacity, size_t count, size_t size);
#define GROW(items, capacity, count) grow_array(&(items), &(capacity), count, sizeof *(items))

/* Memory whose contents are made anew for each use. */
typedef struct Buffer {
    void *bytes;
    size_t size;
} Buffer;
/* At least `size` bytes; the memory of the use before is freed if it is too small. NULL, with that
** memory kept and no error set: there is no more. */
void *buffer_reserve(Buffer *b, size_t size);

#endif
