/* Stored weights: the entries of a manifest and their bytes become tensors. Bytes arrive in pieces,
** so a file is never in memory twice; each entry's stored form goes to the end of its tensor's
** memory and is widened in place when it is whole. Strings, each four bytes of length (the lowest
** first) and as many bytes, are interned as they come. */
#include "base/grow.h"
#include "base/json.h"
#include "tensor/engine.h"
#include <float.h>
#include <math.h>

enum { MOST_ENTRIES = 100000 };

typedef enum Stored { AS_IS, UINT8, UINT16, FLOAT16, STORED } Stored;
static const char *const stored_names[] = {NULL, "uint8", "uint16", "float16"};

typedef struct Entry {
    const char *name; /* in the JSON */
    DType dtype;
    Stored stored;
    int rank, shape[TN_MAX_RANK];
    int size;
    uint32_t stored_bytes, have; /* bytes of the stored form, of strings of their lengths only: all,
                                    and those that came */
    double scale, min;
    Storage *storage; /* NULL before the first byte */
} Entry;

/* The string of which not all bytes have come. */
typedef struct PartialString {
    uint8_t head[4]; /* its length */
    uint32_t head_have, have;
    int capacity; /* of bytes, which are used if it does not come in one piece */
    char *bytes;
} PartialString;

struct Weights {
    cJSON *json;
    int count, at;       /* the entry that takes the next byte */
    double taken, bytes; /* of all entries, of strings their lengths alone; of this struct */
    PartialString string;
    Entry entries[];
};

/* ---- entries ---- */

static bool broken(const char *name, const char *what) {
    fail(TN_FILE, "weights: \"%.80s\" has %s", name, what);
    return false;
}

static bool read_shape(Entry *e, const cJSON *shape) {
    if (!cJSON_IsArray(shape)) return broken(e->name, "no shape");
    for (const cJSON *d = shape->child; d; d = d->next) {
        if (e->rank == TN_MAX_RANK) return broken(e->name, "a shape of more than 8 sizes");
        if (!cJSON_IsNumber(d) || d->valuedouble != d->valueint || d->valueint < 0)
            return broken(e->name, "a shape with a size that is no whole number in 0..2147483647");
        e->shape[e->rank++] = d->valueint;
    }
    e->size = checked_size(e->name, e->rank, e->shape, e->dtype);
    return !failed();
}

static bool read_dtype(Entry *e, const cJSON *dtype) {
    const char *name = cJSON_GetStringValue(dtype);
    if (!name) return broken(e->name, "no dtype");
    const int known = dtype_of_name(name);
    e->dtype = (DType)known;
    if (known >= 0) return true;
    fail(TN_DTYPE,
         "weights: Unsupported dtype in weight '%.80s': %.40s; known are float32, int32, bool, "
         "complex64 and string",
         e->name, name);
    return false;
}

static bool read_quantization(Entry *e, const cJSON *q) {
    if (!q || cJSON_IsNull(q)) return true;
    const char *name = cJSON_GetStringValue(cJSON_GetObjectItemCaseSensitive(q, "dtype"));
    for (int s = UINT8; s < STORED; s++)
        if (name && !strcmp(name, stored_names[s])) e->stored = (Stored)s;
    if (e->stored == AS_IS) {
        fail(TN_DTYPE,
             "weights: \"%.80s\" has quantization dtype %.40s, known are uint8, uint16 and "
             "float16",
             e->name, name ? name : "none");
        return false;
    }
    if (e->dtype > TN_INT32 || (e->dtype == TN_INT32 && e->stored == FLOAT16)) {
        fail(TN_DTYPE, "weights: \"%.80s\" of dtype %s cannot be quantized as %s", e->name,
             dtype_name(e->dtype), name);
        return false;
    }
    if (e->stored == FLOAT16) return true;
    const cJSON *scale = cJSON_GetObjectItemCaseSensitive(q, "scale");
    const cJSON *min = cJSON_GetObjectItemCaseSensitive(q, "min");
    if (!cJSON_IsNumber(scale) || !cJSON_IsNumber(min))
        return broken(e->name, "a quantization without scale or min");
    e->scale = scale->valuedouble;
    e->min = min->valuedouble;
    if (fabs(e->scale) <= FLT_MAX && fabs(e->min) <= FLT_MAX) return true;
    fail(TN_FILE, "weights: \"%.80s\" has quantization scale %g and min %g, which float32 has not",
         e->name, e->scale, e->min);
    return false;
}

static bool read_entry(Entry *e, const cJSON *json) {
    e->name = cJSON_GetStringValue(cJSON_GetObjectItemCaseSensitive(json, "name"));
    if (!e->name) {
        fail(TN_FILE, "weights: an entry has no name");
        return false;
    }
    if (!read_dtype(e, cJSON_GetObjectItemCaseSensitive(json, "dtype")) ||
        !read_shape(e, cJSON_GetObjectItemCaseSensitive(json, "shape")) ||
        !read_quantization(e, cJSON_GetObjectItemCaseSensitive(json, "quantization")))
        return false;
    const int each = e->stored == UINT8 ? 1 : e->stored ? 2 : dtype_bytes(e->dtype);
    e->stored_bytes = (uint32_t)e->size * (uint32_t)each;
    return true;
}

static bool read_entries(Weights *w, double bytes) {
    Entry *e = w->entries;
    for (const cJSON *json = w->json->child; json; json = json->next, e++) {
        if (!read_entry(e, json)) return false;
        const double left = bytes - w->taken;
        w->taken += e->stored_bytes;
        if (bytes >= 0 && e->stored_bytes > left) {
            fail(TN_FILE, "weights: \"%.80s\" takes %u bytes, but only %.0f of %.0f are left",
                 e->name, e->stored_bytes, left, bytes);
            return false;
        }
    }
    return !failed();
}

static void release(Weights *w) {
    for (int i = 0; i < w->count; i++) storage_release(w->entries[i].storage);
    cJSON_Delete(w->json);
    mem_free(w->string.bytes, (size_t)w->string.capacity);
    mem_free(w, (size_t)w->bytes);
}

Weights *tn_weights_begin(const char *entries, double bytes) {
    if (failed()) return NULL;
    cJSON *json = json_parse("weights", entries);
    if (!json) return NULL;
    const int count = cJSON_IsArray(json) ? cJSON_GetArraySize(json) : -1;
    const double size = sizeof(Weights) + (double)count * sizeof(Entry);
    Weights *w = count >= 0 && count <= MOST_ENTRIES ? mem_alloc((size_t)size) : NULL;
    if (!w) {
        if (count < 0) fail(TN_FILE, "weights: the entries are not a JSON array");
        else if (count > MOST_ENTRIES)
            fail(TN_FILE, "weights: there are %d entries, at most %d are read", count,
                 MOST_ENTRIES);
        else fail(TN_MEMORY, "out of memory: %d entries of weights", count);
        cJSON_Delete(json);
        return NULL;
    }
    memset(w, 0, (size_t)size);
    w->json = json;
    w->count = count;
    w->bytes = size;
    if (read_entries(w, bytes)) return w;
    release(w);
    return NULL;
}

double tn_weights_bytes(const char *entries) {
    Weights *w = tn_weights_begin(entries, -1);
    if (!w) return -1;
    const double taken = w->taken;
    release(w);
    return taken;
}

/* ---- bytes ---- */

static inline float half(uint32_t h) {
    union {
        uint32_t bits;
        float value;
    } v = {.bits = (h & 0x7fff) << 13};
    if (v.bits >= 0x0f800000) v.bits |= 0x7f800000; /* infinities and NaN */
    else v.value *= 0x1p112f;                       /* from a bias of 15 to 127, subnormals too */
    v.bits |= (h & 0x8000) << 16;
    return v.value;
}

/* From the stored form at the end of the memory to elements from its start: an element is written
** over stored ones that were read before it. Inlined for each form and dtype. */
static inline __attribute__((always_inline)) void widen_as(const Entry *e, Stored stored,
                                                           DType dtype) {
    const int size = e->size;
    const double scale = e->scale, min = e->min;
    char *to = e->storage->data;
    const uint8_t *from = (uint8_t *)to + e->storage->bytes - e->stored_bytes;
    for (int i = 0; i < size; i++, to += 4) {
        const uint32_t q = stored == UINT8 ? from[i] : from[2 * i] | (uint32_t)from[2 * i + 1] << 8;
        const double value = stored == FLOAT16 ? (double)half(q) : q * scale + min;
        if (dtype == TN_FLOAT32) memcpy(to, &(float){(float)value}, 4);
        else memcpy(to, &(int){(int)fmin(fmax(floor(value + 0.5), INT32_MIN), INT32_MAX)}, 4);
    }
}

static void widen(const Entry *e) {
    if (e->stored == FLOAT16) widen_as(e, FLOAT16, TN_FLOAT32);
    else if (e->dtype == TN_INT32) widen_as(e, e->stored, TN_INT32);
    else if (e->stored == UINT8) widen_as(e, UINT8, TN_FLOAT32);
    else widen_as(e, UINT16, TN_FLOAT32);
}

static void finish(Entry *e) {
    if (e->stored) widen(e);
    if (e->dtype != TN_BOOL) return;
    uint8_t *bytes = e->storage->data;
    for (int i = 0; i < e->size; i++) bytes[i] = bytes[i] != 0;
}

static bool start(Entry *e) {
    if (e->storage) return true;
    e->storage = storage_new((uint32_t)e->size * (uint32_t)dtype_bytes(e->dtype));
    if (!e->storage || e->dtype != TN_STRING) return e->storage != NULL;
    memset(e->storage->data, 0, e->storage->bytes);
    e->storage->strings = true;
    accounts()->bytes -= e->storage->bytes; /* as tensor_hold_strings does */
    return true;
}

/* Makes place for n more bytes of the string; no more than came, whatever its length says. */
static bool string_reserve(PartialString *t, uint32_t n) {
    if (GROW(t->bytes, t->capacity, (size_t)t->have + n)) return true;
    fail(TN_MEMORY, "out of memory: weights: a string of %.0f bytes", (double)t->have + n);
    return false;
}

static void string_end(Entry *e, PartialString *t, const char *bytes, uint32_t n) {
    int *id = (int *)e->storage->data + e->have / 4;
    *id = intern_string(bytes, (int)n);
    strings_retain(id, 1);
    e->have += 4;
    t->head_have = t->have = 0;
}

/* Puts bytes into the string under way; returns how many it took. */
static size_t fill_string(Entry *e, PartialString *t, const char *bytes, size_t n) {
    size_t used = 0;
    while (t->head_have < 4 && used < n) t->head[t->head_have++] = (uint8_t)bytes[used++];
    if (t->head_have < 4) return used;
    const uint8_t *h = t->head;
    const uint32_t length =
        h[0] | (uint32_t)h[1] << 8 | (uint32_t)h[2] << 16 | (uint32_t)h[3] << 24;
    if (length > INT32_MAX) {
        fail(TN_FILE, "weights: \"%.80s\" has a string of %u bytes", e->name, length);
        return 0;
    }
    const uint32_t missing = length - t->have;
    const uint32_t take = n - used < missing ? (uint32_t)(n - used) : missing;
    if (take == length) {
        string_end(e, t, bytes + used, length);
    } else if (take && string_reserve(t, take)) {
        memcpy(t->bytes + t->have, bytes + used, take);
        t->have += take;
        if (t->have == length) string_end(e, t, t->bytes, length);
    }
    return used + take;
}

/* Puts bytes into the entry; returns how many it took. */
static size_t fill(Entry *e, PartialString *t, const char *bytes, size_t n) {
    if (!start(e)) return 0;
    if (e->dtype == TN_STRING) return fill_string(e, t, bytes, n);
    const size_t missing = e->stored_bytes - e->have, take = n < missing ? n : missing;
    char *end = (char *)e->storage->data + e->storage->bytes;
    memcpy(end - missing, bytes, take);
    e->have += (uint32_t)take;
    if (take == missing) finish(e);
    return take;
}

/* The entry that takes the next byte, or NULL. */
static Entry *entry_in_turn(Weights *w) {
    while (w->at < w->count && w->entries[w->at].have == w->entries[w->at].stored_bytes) w->at++;
    return w->at < w->count ? &w->entries[w->at] : NULL;
}

/* How many of the next bytes JavaScript may write at tn_weights_place itself, before it tells
** tn_weights_placed how many it wrote; 0 where they are to be fed. */
EXPORT size_t tn_weights_room(Weights *w) {
    Entry *e = failed() ? NULL : entry_in_turn(w);
    return e && e->dtype != TN_STRING && start(e) ? e->stored_bytes - e->have : 0;
}

EXPORT void *tn_weights_place(Weights *w) {
    const Entry *e = &w->entries[w->at];
    return (char *)e->storage->data + e->storage->bytes - (e->stored_bytes - e->have);
}

EXPORT void tn_weights_placed(Weights *w, size_t n) {
    Entry *e = &w->entries[w->at];
    e->have += (uint32_t)n;
    if (e->have == e->stored_bytes) finish(e);
}

bool tn_weights_feed(Weights *w, const void *bytes, size_t n) {
    const char *p = bytes;
    while (n && !failed()) {
        Entry *e = entry_in_turn(w);
        if (!e) break;
        const size_t taken = fill(e, &w->string, p, n);
        p += taken;
        n -= taken;
    }
    strings_sweep();
    return !failed() && !n;
}

static Tensor *to_tensor(Entry *e) {
    if (e->have < e->stored_bytes && e->dtype == TN_STRING)
        return fail(TN_FILE, "weights: \"%.80s\" has %u of its %d strings", e->name, e->have / 4,
                    e->size);
    if (e->have < e->stored_bytes)
        return fail(TN_FILE, "weights: \"%.80s\" has %u of its %u bytes", e->name, e->have,
                    e->stored_bytes);
    Tensor *x = make(e->dtype, e->rank, e->shape);
    if (failed()) return x;
    x->storage = e->storage;
    e->storage = NULL;
    if (tensor_allocate(x)) return x;
    tn_dispose(x);
    return nothing();
}

const List *tn_weights_end(Weights *w) {
    List *list = make_list(failed() ? 0 : w->count);
    int made = 0;
    for (; made < list->n && !failed(); made++) list->v[made] = to_tensor(&w->entries[made]);
    if (failed()) {
        for (int i = 0; i < made; i++) tn_dispose(list->v[i]);
        list->n = 0;
    }
    release(w);
    return list;
}

const List *tn_weights_decode(const char *entries, const void *bytes, size_t n) {
    Weights *w = tn_weights_begin(entries, (double)n);
    if (!w) return make_list(0);
    tn_weights_feed(w, bytes, n);
    return tn_weights_end(w);
}
