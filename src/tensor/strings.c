/* Strings of string tensors. A text is interned: equal strings are one word, and a string tensor is
** an array of words, which ops move and compare as they do int32. Storage counts the words it
** holds; a text that nothing counts goes when the call that made it ends. Word 0 is ''. */
#include "tensor/engine.h"

typedef struct Entry {
    char *bytes; /* n of them and a zero */
    int n, refs;
    uint32_t hash;
    int next; /* with the same head, or free; 0: none */
} Entry;

static Entry *entries; /* entries[0] is unused */
static int *heads, *fresh;
static int used = 1, room, head_count, first_free, fresh_count, fresh_room;

/* FNV-1a (Fowler, Noll, Vo). */
static uint32_t hash_of(const char *bytes, int n) {
    uint32_t h = 2166136261u;
    for (int i = 0; i < n; i++) h = (h ^ (uint8_t)bytes[i]) * 16777619u;
    return h;
}

/* items moved to a larger block; false with the error set. */
static bool grow(void **items, int from, int to, size_t each) {
    void *p = mem_alloc((size_t)to * each);
    if (!p) {
        fail(TN_MEMORY, "out of memory: no room for another text");
        return false;
    }
    if (*items) memcpy(p, *items, (size_t)from * each);
    mem_free(*items, (size_t)from * each);
    *items = p;
    return true;
}

static int *head_of(uint32_t hash) { return &heads[hash & (uint32_t)(head_count - 1)]; }

static bool rehash(void) {
    const int count = head_count ? head_count * 2 : 256;
    if (!grow((void **)&heads, head_count, count, sizeof *heads)) return false;
    head_count = count;
    memset(heads, 0, (size_t)count * sizeof *heads);
    for (int i = 1; i < used; i++) {
        if (!entries[i].bytes) continue;
        entries[i].next = *head_of(entries[i].hash);
        *head_of(entries[i].hash) = i;
    }
    return true;
}

static bool make_room(void) {
    if (used >= head_count && !rehash()) return false;
    if (fresh_count == fresh_room) {
        const int more = fresh_room ? fresh_room * 2 : 64;
        if (!grow((void **)&fresh, fresh_room, more, sizeof *fresh)) return false;
        fresh_room = more;
    }
    if (first_free || used < room) return true;
    const int more = room ? room * 2 : 64;
    if (!grow((void **)&entries, room, more, sizeof *entries)) return false;
    room = more;
    return true;
}

int text_word(const char *bytes, int n) {
    if (!n || failed()) return 0;
    const uint32_t hash = hash_of(bytes, n);
    for (int i = head_count ? *head_of(hash) : 0; i; i = entries[i].next)
        if (entries[i].hash == hash && entries[i].n == n &&
            !memcmp(entries[i].bytes, bytes, (size_t)n))
            return i;
    char *copy = make_room() ? mem_alloc((size_t)n + 1) : NULL;
    if (!copy) {
        fail(TN_MEMORY, "out of memory: no room for a text of %d bytes", n);
        return 0;
    }
    memcpy(copy, bytes, (size_t)n);
    copy[n] = 0;
    const int word = first_free ? first_free : used++;
    if (first_free) first_free = entries[word].next;
    entries[word] = (Entry){copy, n, 0, hash, *head_of(hash)};
    *head_of(hash) = word;
    fresh[fresh_count++] = word;
    accounts()->bytes += n;
    return word;
}

static bool known(int word) { return word > 0 && word < used && entries[word].bytes; }

Bytes text_of(int word) {
    return known(word) ? (Bytes){entries[word].bytes, entries[word].n} : (Bytes){"", 0};
}

static void drop(int word) {
    Entry *e = &entries[word];
    int *link = head_of(e->hash);
    while (*link != word) link = &entries[*link].next;
    *link = e->next;
    mem_free(e->bytes, (size_t)e->n + 1);
    accounts()->bytes -= e->n;
    *e = (Entry){.next = first_free};
    first_free = word;
}

void strings_retain(const int *words, int n) {
    for (int i = 0; i < n; i++)
        if (known(words[i])) entries[words[i]].refs++;
}

void strings_release(const int *words, int n) {
    for (int i = 0; i < n; i++)
        if (known(words[i]) && !--entries[words[i]].refs) drop(words[i]);
}

void strings_sweep(void) {
    while (fresh_count) {
        const int word = fresh[--fresh_count];
        if (known(word) && !entries[word].refs) drop(word);
    }
}
