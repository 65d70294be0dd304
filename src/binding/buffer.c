/* The block in which a face passes bytes: files' contents, JSON, pictures. */
#include "tensor/engine.h"

void *tn_scratch(size_t bytes) {
    static void *block;
    static size_t room;
    if (bytes && bytes <= room) return block;
    mem_free(block, room);
    room = bytes;
    block = bytes ? mem_alloc(bytes) : NULL;
    if (bytes && !block) {
        room = 0;
        fail(TN_MEMORY, "out of memory: %.0f bytes to read or write do not fit", (double)bytes);
    }
    return block;
}
