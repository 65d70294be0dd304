/* What the JavaScript face needs beyond the public header: a block of memory in which
** arguments and further results are passed, and tensors by their addresses. */
#include "tensor/engine.h"
#include "base/alea.h"
#include "ops/hash.h"

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

/* Fingerprint64 of the first text of x: its lower and upper word, int32 [2]. */
EXPORT Tensor *tn_fingerprint(const Tensor *x) {
    const Bytes text = failed() ? (Bytes){0} : text_of(i32(x)[0]);
    const uint64_t hash = fingerprint64(text.bytes, text.n);
    return tn_tensor(TN_INT32, INTS(2), (const int[]){(int)(uint32_t)hash, (int)(hash >> 32)});
}

/* Where x's elements are, for the face to read or fill. NULL with the error set. */
EXPORT void *tn_address(Tensor *x) {
    trace_break("JavaScript reads values");
    return storage_to_memory(x->storage) ? x->storage->data : NULL;
}

/* ---- data that the face keeps where the garbage collector of JavaScript sees it ---- */

/* Where x's elements are, if they lie in memory alone and nothing but its handle needs them; or
** NULL. */
EXPORT const void *tn_movable(const Tensor *x) {
    const Storage *s = x->storage;
    if (x->refs != 1 || x->variable || x->of || s->refs != 1) return NULL;
    return s->texture || s->stale_data || s->strings ? NULL : s->data;
}

/* The face has them now. */
EXPORT void tn_move_away(Tensor *x) {
    Storage *s = x->storage;
    mem_free(s->data, s->bytes);
    s->data = NULL;
    s->away = true;
}

/* Where the face puts them back. NULL with the error set, and they stay away. */
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

/* ---- strings: begin, then for each element room for its bytes and put, then end ---- */

static char *text_bytes;
static size_t text_room;

EXPORT Tensor *tn_strings_begin(const Ints *shape) { return tn_tensor(TN_STRING, shape, NULL); }

/* Where the face writes the bytes of the next text. NULL with the error set. */
EXPORT char *tn_text_room(int bytes) {
    if ((size_t)bytes <= text_room && text_bytes) return text_bytes;
    mem_free(text_bytes, text_room);
    text_room = (size_t)bytes + 1024;
    text_bytes = mem_alloc(text_room);
    if (text_bytes) return text_bytes;
    text_room = 0;
    fail(TN_MEMORY, "out of memory: no room for a text of %d bytes", bytes);
    return NULL;
}

/* Of -1 bytes: no text, which ops read as ''. */
EXPORT void tn_text_put(Tensor *x, int i, int bytes) {
    if (failed() || i < 0 || i >= x->size) return;
    i32(x)[i] = bytes < 0 ? NO_TEXT : text_word(text_bytes, bytes);
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

/* -1 where there is no text. */
EXPORT int tn_text_bytes(Tensor *x, int i) {
    int bytes;
    const bool there = x->dtype == TN_STRING && i >= 0 && i < x->size;
    tn_text(x, i, &bytes);
    return there && i32(x)[i] == NO_TEXT ? -1 : bytes;
}
