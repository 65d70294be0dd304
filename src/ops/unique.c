/* Elements by equality: unique, setdiff1d. NaN equals NaN here, and -0 equals 0. */
#include "ops/scatter.h"
#include "ops/gather.gen.h"
#include "ops/slice.gen.h"

/* x as keys along an axis: [outer, n, inner] elements, of which key i has those at i. */
typedef struct Keys {
    const Tensor *x;
    const void *data;
    int outer, n, inner;
} Keys;

static uint32_t float_bits(float v) {
    uint32_t bits;
    if (v == 0) v = 0; /* -0 too */
    if (v != v) return 0x7fc00000;
    memcpy(&bits, &v, sizeof bits);
    return bits;
}

/* An element as bits that are equal where it is. */
static uint64_t element(const Keys *k, int64_t i) {
    switch (k->x->dtype) {
    case TN_BOOL: return ((const uint8_t *)k->data)[i];
    case TN_FLOAT32: return float_bits(((const float *)k->data)[i]);
    case TN_COMPLEX64: {
        const float *z = (const float *)k->data + 2 * i;
        return (uint64_t)float_bits(z[0]) << 32 | float_bits(z[1]);
    }
    default: return ((const uint32_t *)k->data)[i];
    }
}

static uint64_t key_hash(const Keys *k, int i) {
    uint64_t h = 0x9e3779b97f4a7c15u;
    for (int o = 0; o < k->outer; o++)
        for (int j = 0; j < k->inner; j++) {
            h ^= element(k, ((int64_t)o * k->n + i) * k->inner + j);
            h *= 0xff51afd7ed558ccdu;
            h ^= h >> 32;
        }
    return h;
}

static bool same_key(const Keys *a, int i, const Keys *b, int j) {
    for (int o = 0; o < a->outer; o++)
        for (int k = 0; k < a->inner; k++)
            if (element(a, ((int64_t)o * a->n + i) * a->inner + k) !=
                element(b, ((int64_t)o * b->n + j) * b->inner + k))
                return false;
    return true;
}

/* Buckets hold 1 + a key's number, 0 where free; at most half are taken. */
typedef struct Table {
    int *buckets;
    uint32_t mask;
} Table;

static size_t table_bytes(const Table *t) { return ((size_t)t->mask + 1) * sizeof(int); }

static bool table_begin(Table *t, int keys) {
    t->mask = 15;
    if (keys > 1 << 28) fail(TN_MEMORY, "out of memory: a table of %d elements", keys);
    if (failed()) return false;
    while (t->mask < 2 * (uint32_t)keys) t->mask = t->mask * 2 + 1;
    t->buckets = scratch(table_bytes(t));
    if (t->buckets) memset(t->buckets, 0, table_bytes(t));
    return t->buckets;
}

/* The bucket of key i of a among keys of `in`: it holds an equal one, or is free. */
static int *bucket_of(const Table *t, const Keys *in, const Keys *a, int i) {
    uint32_t at = (uint32_t)key_hash(a, i) & t->mask;
    while (t->buckets[at] && !same_key(in, t->buckets[at] - 1, a, i)) at = (at + 1) & t->mask;
    return t->buckets + at;
}

/* ---- unique ---- */

/* For each key its number among the different ones, and where these are first; how many they are,
** or -1 with the error set. */
static int number_keys(const Keys *k, int *number, int *first) {
    Table t;
    int found = 0;
    if (!table_begin(&t, k->n)) return -1;
    for (int i = 0; i < k->n; i++) {
        int *bucket = bucket_of(&t, k, k, i);
        if (!*bucket) {
            *bucket = 1 + i;
            number[i] = found;
            first[found++] = i;
        } else number[i] = number[*bucket - 1];
    }
    scratch_free(t.buckets, table_bytes(&t));
    return found;
}

/* unique: The different elements of a vector, or slices of a tensor along an axis, in the order in
** which they come first.
**   x : any [...]                           of rank 1 or more
**   axis : int = 0                          which axis; negative counts from the end
**   -> values : dtype of x rank of x        the different ones
**   -> indices : int32 [size of the axis]   the place of each in values
** > tf.unique([4, 1, 4, 7, 1])   // {values: [4, 1, 7], indices: [0, 1, 0, 2, 1]}
** > tf.unique([[1, 0, 1], [2, 5, 2]], 1)   // {values: [[1, 0], [2, 5]], indices: [0, 1, 0]}
*/
OP(unique, (Tensor * x, int axis, Tensor **indices)) {
    give(indices, nothing());
    if (failed()) return nothing();
    if (!x->rank) return fail(TN_SHAPE, "unique: The input tensor must be at least 1D");
    axis = axis_of("unique", axis, x->rank);
    const void *data = failed() ? NULL : tn_data(x);
    if (failed()) return nothing();
    const Keys k = {x, data, outer_size(x, axis), x->shape[axis], inner_size(x, axis)};
    Scope *s = tn_scope_begin();
    Tensor *number = tn_tensor(TN_INT32, INTS(k.n), NULL),
           *first = tn_tensor(TN_INT32, INTS(k.n), NULL);
    const int found = failed() ? -1 : number_keys(&k, i32(number), i32(first));
    if (found < 0) return leave(s, nothing());
    first = tn_slice(first, INTS(0), INTS(found));
    Tensor *values = tn_gather(x, first, axis, 0);
    if (!failed()) give(indices, tn_scope_out(s, number));
    return leave(s, values);
}

/* ---- setdiff1d ---- */

/* Where in x the elements are that y has not; how many, or -1 with the error set. */
static int without(const Keys *x, const Keys *y, int *at) {
    Table t;
    int left = 0;
    if (!table_begin(&t, y->n)) return -1;
    for (int i = 0; i < y->n; i++) {
        int *bucket = bucket_of(&t, y, y, i);
        if (!*bucket) *bucket = 1 + i;
    }
    for (int i = 0; i < x->n; i++)
        if (!*bucket_of(&t, y, x, i)) at[left++] = i;
    scratch_free(t.buckets, table_bytes(&t));
    return left;
}

/* setdiff1d: The elements of x that y does not have, and their places in x; setdiff1dAsync with a
** result at once.
**   x : any [n]
**   y : any [m]                  of the dtype of x
**   -> parts : pair of any [k]   the elements, as x, and int32 places
** > tf.setdiff1d([1, 2, 3, 2], [3, 1])   // [[2, 2], [1, 3]]
*/
LISTOP(setdiff1d, (Tensor * x, Tensor *y)) {
    if (failed()) return make_list(0);
    if (x->dtype != y->dtype)
        fail(TN_DTYPE, "x and y should have the same dtype, but got x (%s) and y (%s).",
             dtype_name(x->dtype), dtype_name(y->dtype));
    else if (x->rank != 1 || y->rank != 1)
        fail(TN_SHAPE, "%s should be 1D tensor, but got %s (%s).", x->rank == 1 ? "y" : "x",
             x->rank == 1 ? "y" : "x", shape_list(x->rank == 1 ? y : x));
    const void *kept = failed() ? NULL : tn_data(x), *gone = failed() ? NULL : tn_data(y);
    if (failed()) return make_list(0);
    const Keys a = {x, kept, 1, x->size, 1}, b = {y, gone, 1, y->size, 1};
    Scope *s = tn_scope_begin();
    Tensor *at = tn_tensor(TN_INT32, INTS(x->size), NULL);
    const int n = failed() ? 0 : without(&a, &b, i32(at));
    at = tn_slice(at, INTS(0), INTS(n));
    Tensor *values = tn_gather(x, at, 0, 0);
    List *list = make_list(failed() ? 0 : 2);
    for (int i = 0; i < list->n; i++) list->v[i] = tn_scope_out(s, i ? at : values);
    tn_scope_end(s);
    return list;
}
