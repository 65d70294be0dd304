/* What JavaScript needs beyond the public header: a block of memory in which
** arguments and further results are passed, and tensors by their addresses. */
#include "tensor/engine.h"
#include "base/alea.h"
#include "base/grow.h"
#include "ops/hash.h"

/* A block of at least `bytes` for arguments; a smaller one before it is freed. NULL: no memory. */
EXPORT void *tn_arguments(size_t bytes) {
    static Buffer arguments;
    return buffer_reserve(&arguments, bytes);
}

/* Fingerprint64 of the first string of x: its lower and upper half, int32 [2]. */
EXPORT Tensor *tn_fingerprint(const Tensor *x) {
    const Bytes text = failed() ? (Bytes){0} : string_of(i32(x)[0]);
    const uint64_t hash = fingerprint64(text.bytes, text.n);
    return tn_tensor(TN_INT32, INTS(2), (const int[]){(int)(uint32_t)hash, (int)(hash >> 32)});
}

/* Where x's elements are, for JavaScript to read or fill. NULL with the error set. */
EXPORT void *tn_address(Tensor *x) {
    trace_break("JavaScript reads values");
    return storage_to_memory(x->storage) ? x->storage->data : NULL;
}

/* ---- data that JavaScript keeps, where its garbage collector sees it ---- */

/* Where x's elements are, if they lie in memory alone and nothing but its handle needs them; or
** NULL. */
EXPORT const void *tn_movable(const Tensor *x) {
    const Storage *s = x->storage;
    if (x->refs != 1 || x->variable || x->of || s->refs != 1) return NULL;
    return s->texture || s->stale_data || s->strings ? NULL : s->data;
}

/* JavaScript has them now. */
EXPORT void tn_move_away(Tensor *x) {
    Storage *s = x->storage;
    mem_free(s->data, s->bytes);
    s->data = NULL;
    s->away = true;
}

/* Where JavaScript puts them back. NULL with the error set, and they stay away. */
EXPORT void *tn_move_back(Tensor *x) {
    x->storage->away = false;
    if (storage_to_memory(x->storage)) return x->storage->data;
    x->storage->away = true;
    return NULL;
}

/* Another handle on x's data, for a while, in no scope and on no tape. */
EXPORT Tensor *tn_hold(Tensor *x) { return tn_keep(tensor_alias(x)); }

/* Random numbers for what is shuffled outside the core. NULL with the error set. */
EXPORT Random *tn_random_new(const char *seed) {
    Random *r = scratch(sizeof *r);
    if (r) random_start(r, seed);
    return r;
}

EXPORT double tn_random_next(Random *r) { return random_next(r); }
EXPORT void tn_random_free(Random *r) { scratch_free(r, sizeof *r); }

/* ---- strings: begin; for each element buffer, its bytes, and put; end ---- */

static Buffer string;

EXPORT Tensor *tn_strings_begin(const Ints *shape) { return tn_tensor(TN_STRING, shape, NULL); }

/* Where JavaScript writes the bytes of the next string. NULL with the error set. */
EXPORT char *tn_string_buffer(int bytes) {
    enum { FEWEST = 1024 };
    char *buffer = buffer_reserve(&string, bytes < FEWEST ? FEWEST : (size_t)bytes);
    if (!buffer) fail(TN_MEMORY, "out of memory: a string of %d bytes", bytes);
    return buffer;
}

/* Element i is the string in the buffer; of -1 bytes: none, which ops read as ''. */
EXPORT void tn_string_put(Tensor *x, int i, int bytes) {
    if (failed() || i < 0 || i >= x->size) return;
    i32(x)[i] = bytes < 0 ? NO_STRING : intern_string(string.bytes, bytes);
}

EXPORT Tensor *tn_strings_end(Tensor *x) {
    if (failed()) {
        tn_dispose(x);
        strings_sweep();
        return nothing();
    }
    strings_retain(i32(x), x->size);
    strings_sweep();
    return x;
}

/* The length of element i, -1 where there is no string. */
EXPORT int tn_string_bytes(Tensor *x, int i) {
    int bytes;
    const bool there = x->dtype == TN_STRING && i >= 0 && i < x->size;
    tn_string_at(x, i, &bytes);
    return there && i32(x)[i] == NO_STRING ? -1 : bytes;
}
