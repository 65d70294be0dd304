/* All memory of the library passes here: a pool of size classes over malloc, live counts, and a
** switch that fails the n-th call for tests. Under a sanitizer the pool is off, so that it sees
** every use after free. */
#include "base/alloc.h"
#include "base/error.h"
#include "base/scratch.h"
#include <stdlib.h>

#if defined(__SANITIZE_ADDRESS__)
#define POOLED 0
#elif defined(__has_feature)
#if __has_feature(address_sanitizer) || __has_feature(memory_sanitizer)
#define POOLED 0
#endif
#endif
#ifndef POOLED
#define POOLED 1
#endif

/* Large blocks lie 832 bytes beyond a power of two apart: at the same place of a page, a load would
** wait for the store that a loop over two of them has just made. */
enum { CLASSES = 96, LARGEST_POOLED = 1 << 28, LARGE = 1 << 14, APART = 832 };
enum { SMALL = 256, SLAB = 1 << 14 };
static const double POOL_CAP = 256e6; /* bytes kept for reuse; beyond, memory goes back */

typedef struct Free {
    struct Free *next;
} Free;

static Free *pool[CLASSES];
static Accounts totals;
static int fail_in;

Accounts *accounts(void) { return &totals; }
const Accounts *tn_memory(void) { return &totals; }
void tn_fail_allocation(int n) { fail_in = n; }

/* Four classes to each power of two, from 16 bytes: at most 25% is lost. */
static int class_of(size_t size) {
    if (size <= 16) return 0;
    int log = 63 - __builtin_clzll((unsigned long long)(size - 1));
    return (log - 4) * 4 + (int)(((size - 1) >> (log - 2)) & 3) + 1;
}

static size_t class_bytes(int k) {
    if (k == 0) return 16;
    int log = (k - 1) / 4 + 4, quarter = (k - 1) % 4;
    const size_t bytes = ((size_t)(5 + quarter) << log) >> 2;
    return bytes < LARGE ? bytes : bytes + APART;
}

/* Counts towards the allocation that a test wants to fail. */
static bool fails_now(void) {
    if (!fail_in) return false;
    fail_in--;
    return !fail_in;
}

/* Small blocks are cut from slabs, many at a time, and never given back to malloc. */
static Free *small_blocks(int k) {
    const size_t bytes = (class_bytes(k) + 15) & ~(size_t)15;
    char *slab = malloc(SLAB);
    if (!slab) return NULL;
    for (size_t at = 0; at + bytes <= SLAB; at += bytes) {
        Free *block = (Free *)(slab + at);
        *block = (Free){pool[k]};
        pool[k] = block;
        totals.pooled += (double)class_bytes(k);
    }
    return pool[k];
}

void *mem_alloc(size_t size) {
    if (fails_now()) return NULL;
    if (!POOLED || size > LARGEST_POOLED) return malloc(size ? size : 1);
    int k = class_of(size);
    Free *p = pool[k];
    if (!p && size <= SMALL) p = small_blocks(k);
    if (!p) return size <= SMALL ? NULL : malloc(class_bytes(k));
    pool[k] = p->next;
    totals.pooled -= (double)class_bytes(k);
    return p;
}

void mem_free(void *p, size_t size) {
    if (!p) return;
    if (!POOLED || size > LARGEST_POOLED) {
        free(p);
        return;
    }
    int k = class_of(size);
    if (size > SMALL && totals.pooled + (double)class_bytes(k) > POOL_CAP) {
        free(p);
        return;
    }
    *(Free *)p = (Free){pool[k]};
    pool[k] = p;
    totals.pooled += (double)class_bytes(k);
}

void alloc_trim(void) {
    for (int k = class_of(SMALL) + 1; k < CLASSES; k++)
        while (pool[k]) {
            Free *next = pool[k]->next;
            free(pool[k]);
            pool[k] = next;
            totals.pooled -= (double)class_bytes(k);
        }
}

/* Working memory of kernels comes from any thread: malloc has a lock, the pool has none. */
void *tn_scratch_alloc(size_t size) {
    if (size > SIZE_MAX - 15 || fails_now()) return NULL;
    return aligned_alloc(16, (size + 15) & ~(size_t)15);
}

void tn_scratch_free(void *p) { free(p); }

void *scratch(size_t bytes) {
    void *p = mem_alloc(bytes);
    if (!p) fail(TN_MEMORY, "out of memory: %.0f bytes of working space", (double)bytes);
    return p;
}

void scratch_free(void *p, size_t bytes) { mem_free(p, bytes); }
