/* The block in which JavaScript passes bytes: files' contents, JSON, pictures. */
#include "tensor/engine.h"

void *tn_scratch(size_t bytes) {
    static void *block;
    static size_t size;
    if (bytes && bytes <= size) return block;
    mem_free(block, size);
    size = bytes;
    block = bytes ? mem_alloc(bytes) : NULL;
    if (bytes && !block) {
        size = 0;
        fail(TN_MEMORY, "out of memory: %.0f bytes to read or write do not fit", (double)bytes);
    }
    return block;
}
