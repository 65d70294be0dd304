/* Strings of string tensors. They are interned: equal strings have one id, and a string tensor is
** an array of ids, which ops move and compare as they do int32. Storage counts the strings it
** holds; one that nothing counts is freed when the call that made it ends. Id 0 is ''. */
#include "base/grow.h"
#include "tensor/engine.h"

typedef struct Entry {
    char *bytes; /* n of them and a zero */
    int n, refs;
    uint32_t hash;
    int next; /* with the same head, or free; 0: none */
} Entry;

static Entry *entries;     /* entries[0] is unused */
static int *heads, *fresh; /* heads: a power of two of them */
static int used = 1, capacity, head_count, first_free, fresh_count, fresh_capacity;

/* FNV-1a (Fowler, Noll, Vo). */
static uint32_t hash_of(const char *bytes, int n) {
    uint32_t h = 2166136261u;
    for (int i = 0; i < n; i++) h = (h ^ (uint8_t)bytes[i]) * 16777619u;
    return h;
}

static int *head_of(uint32_t hash) { return &heads[hash & (uint32_t)(head_count - 1)]; }

static bool rehash(void) {
    if (!GROW(heads, head_count, (size_t)head_count + 1)) return false;
    memset(heads, 0, (size_t)head_count * sizeof *heads);
    for (int i = 1; i < used; i++) {
        if (!entries[i].bytes) continue;
        entries[i].next = *head_of(entries[i].hash);
        *head_of(entries[i].hash) = i;
    }
    return true;
}

/* Makes place for one more string in all arrays. */
static bool reserve(void) {
    return (used < head_count || rehash()) &&
           GROW(fresh, fresh_capacity, (size_t)fresh_count + 1) &&
           (first_free || GROW(entries, capacity, (size_t)used + 1));
}

int intern_string(const char *bytes, int n) {
    if (!n || failed()) return 0;
    const uint32_t hash = hash_of(bytes, n);
    for (int i = head_count ? *head_of(hash) : 0; i; i = entries[i].next)
        if (entries[i].hash == hash && entries[i].n == n &&
            !memcmp(entries[i].bytes, bytes, (size_t)n))
            return i;
    char *copy = reserve() ? mem_alloc((size_t)n + 1) : NULL;
    if (!copy) {
        fail(TN_MEMORY, "out of memory: a string of %d bytes", n);
        return 0;
    }
    memcpy(copy, bytes, (size_t)n);
    copy[n] = 0;
    const int id = first_free ? first_free : used++;
    if (first_free) first_free = entries[id].next;
    entries[id] = (Entry){copy, n, 0, hash, *head_of(hash)};
    *head_of(hash) = id;
    fresh[fresh_count++] = id;
    accounts()->bytes += n;
    return id;
}

static bool known(int id) { return id > 0 && id < used && entries[id].bytes; }

Bytes string_of(int id) {
    return known(id) ? (Bytes){entries[id].bytes, entries[id].n} : (Bytes){"", 0};
}

static void drop(int id) {
    Entry *e = &entries[id];
    int *link = head_of(e->hash);
    while (*link != id) link = &entries[*link].next;
    *link = e->next;
    mem_free(e->bytes, (size_t)e->n + 1);
    accounts()->bytes -= e->n;
    *e = (Entry){.next = first_free};
    first_free = id;
}

void strings_retain(const int *ids, int n) {
    for (int i = 0; i < n; i++)
        if (known(ids[i])) entries[ids[i]].refs++;
}

void strings_release(const int *ids, int n) {
    for (int i = 0; i < n; i++)
        if (known(ids[i]) && !--entries[ids[i]].refs) drop(ids[i]);
}

void strings_sweep(void) {
    while (fresh_count) {
        const int id = fresh[--fresh_count];
        if (known(id) && !entries[id].refs) drop(id);
    }
}
