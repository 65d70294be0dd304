/* What the JavaScript face needs beyond the public header: where a tensor keeps its words, and a
** block of memory in which arguments and further results are passed. */
#include "engine.h"
#include "random.h"
#include <stddef.h>

/* Byte offsets in Tensor of: id, dtype, rank, size, shape, scope. */
EXPORT const int *tn_layout(void) {
    static const int offsets[] = {offsetof(Tensor, id),   offsetof(Tensor, dtype),
                                  offsetof(Tensor, rank), offsetof(Tensor, size),
                                  offsetof(Tensor, shape), offsetof(Tensor, scope)};
    return offsets;
}

/* A block of at least `bytes` for arguments; the block before it is given back. NULL: no memory. */
EXPORT void *tn_arguments(size_t bytes) {
    static void *block;
    static size_t room;
    if (bytes <= room) return block;
    void *larger = mem_alloc(bytes);
    if (!larger) return NULL;
    mem_free(block, room);
    block = larger;
    room = bytes;
    return block;
}

/* Where x's elements are, for the face to read or fill. NULL with the error set. */
EXPORT void *tn_address(Tensor *x) {
    return storage_to_memory(x->storage) ? x->storage->data : NULL;
}

/* Another handle on x's data, for a while, in no scope and on no tape. */
EXPORT Tensor *tn_hold(Tensor *x) { return tn_keep(tensor_alias(x)); }

/* x alive again, if only a tape holds it: what a custom gradient saved. */
EXPORT Tensor *tn_revive(Tensor *x) { return tensor_revive(x); }

/* Random numbers for what is shuffled outside the core. NULL with the error set. */
EXPORT Random *tn_random_new(const char *seed) {
    Random *r = scratch(sizeof *r);
    if (r) random_start(r, seed);
    return r;
}

EXPORT double tn_random_next(Random *r) { return random_next(r); }
EXPORT void tn_random_free(Random *r) { scratch_free(r, sizeof *r); }
