/* Tensors, their storage and scopes. Tensor structs come from slabs that are never given back, so
** that a stale handle (address and id) can always be looked at safely. */
#include "tensor/engine.h"
#include <stdlib.h>

struct Scope {
    Scope *outer;
    Tensor *first;
    bool by_js; /* opened by JavaScript */
};

enum { SLAB = 256 };
static Tensor *free_tensors;
static uint32_t last_id;
static Scope *innermost;

Tensor *nothing(void) {
    static float zero;
    static Storage storage = {.refs = 1 << 30, .bytes = 4, .data = &zero};
    static Tensor none = {.size = 1, .refs = 1 << 30, .storage = &storage};
    return &none;
}

/* ---- storage ---- */

static Storage *storage_make(uint32_t bytes) {
    Storage *s = mem_alloc(sizeof *s);
    if (!s) return NULL;
    *s = (Storage){.refs = 1, .bytes = bytes};
    Accounts *a = accounts();
    a->storages++;
    a->bytes += bytes;
    if (a->bytes > a->peak) a->peak = a->bytes;
    return s;
}

static bool storage_data(Storage *s) {
    if (s->away) {
        fail(TN_MEMORY, "a tensor's data is away from the core while it is used");
        return false;
    }
    if (!s->data) s->data = mem_alloc(s->bytes);
    if (!s->data)
        fail(TN_MEMORY,
             "out of memory: a tensor of %u bytes does not fit beside the %.0f MB in use; "
             "dispose what is not needed, by tf.tidy() in loops",
             s->bytes, accounts()->bytes / 1e6);
    return s->data != NULL;
}

Storage *storage_empty(uint32_t bytes) {
    Storage *s = storage_make(bytes);
    if (!s) fail(TN_MEMORY, "out of memory");
    return s;
}

Storage *storage_new(uint32_t bytes) {
    Storage *s = storage_empty(bytes);
    if (s && storage_data(s)) return s;
    storage_release(s);
    return NULL;
}

Storage *storage_retain(Storage *s) {
    s->refs++;
    return s;
}

void storage_release(Storage *s) {
    if (!s || --s->refs) return;
    if (s->texture) device_owner()->drop(s);
    if (s->strings) {
        strings_release(s->data, (int)(s->bytes / sizeof(int)));
        accounts()->bytes += s->bytes;
    }
    mem_free(s->data, s->bytes);
    accounts()->storages--;
    accounts()->bytes -= s->bytes;
    mem_free(s, sizeof *s);
}

bool storage_to_memory(Storage *s) {
    if (s->data && !s->stale_data) return true;
    if (!storage_data(s)) return false;
    if (!s->texture) return true;
    s->stale_data = true; /* until it has arrived */
    if (!device_owner()->download(s, s->data)) return false;
    s->stale_data = false;
    return true;
}

/* ---- tensors ---- */

static Tensor *tensor_struct(void) {
    if (!free_tensors) {
        Tensor *slab = mem_alloc(SLAB * sizeof *slab);
        if (!slab) return NULL;
        memset(slab, 0, SLAB * sizeof *slab);
        for (int i = 0; i < SLAB; i++) slab[i].next = i + 1 < SLAB ? slab + i + 1 : NULL;
        free_tensors = slab;
    }
    Tensor *x = free_tensors;
    free_tensors = x->next;
    return x;
}

static void scope_add(Tensor *x, Scope *s) {
    x->scope = s;
    x->prev = NULL;
    x->next = s ? s->first : NULL;
    if (x->next) x->next->prev = x;
    if (s) s->first = x;
}

static void scope_remove(Tensor *x) {
    if (!x->scope) return;
    if (x->prev) x->prev->next = x->next;
    else x->scope->first = x->next;
    if (x->next) x->next->prev = x->prev;
    x->scope = NULL;
    x->prev = x->next = NULL;
}

Tensor *make(DType dtype, int rank, const int *shape) {
    if (failed()) return nothing();
    int size = checked_size("tensor", rank, shape, dtype);
    if (failed()) return nothing();
    Tensor *x = tensor_struct();
    if (!x) return fail(TN_MEMORY, "out of memory for another tensor");
    *x = (Tensor){.id = ++last_id ? last_id : ++last_id,
                  .dtype = dtype,
                  .rank = rank,
                  .size = size,
                  .refs = 1,
                  .trace_id = trace_base};
    if (trace_base) trace_live_tensors++;
    for (int i = 0; i < rank; i++) x->shape[i] = shape[i];
    scope_add(x, innermost);
    accounts()->tensors++;
    return x;
}

bool tensor_allocate(Tensor *x) {
    if (x->storage) return true;
    x->storage = storage_new(data_bytes(x));
    return x->storage != NULL;
}

void tensor_hold_strings(Tensor *x) {
    if (x->dtype != TN_STRING || x->storage->strings) return;
    strings_retain(x->storage->data, x->size);
    x->storage->strings = true;
    accounts()->bytes -= x->storage->bytes; /* the tables of strings.c count what strings take */
}

Tensor *tensor_retain(Tensor *x) {
    x->refs++;
    return x;
}

void tensor_release(Tensor *x) {
    if (!x || --x->refs) return;
    if (trace_base && x->trace_id >= trace_base) trace_live_tensors--;
    storage_release(x->storage);
    tensor_release(x->of);
    x->storage = NULL;
    x->of = NULL;
    x->next = free_tensors;
    free_tensors = x;
}

Tensor *tensor_revive(Tensor *x) {
    if (x->id || x == nothing()) return x;
    x->id = ++last_id ? last_id : ++last_id;
    scope_add(tensor_retain(x), innermost);
    accounts()->tensors++;
    return x;
}

Tensor *tensor_alias(Tensor *x) {
    Tensor *y = make_like(x);
    if (failed()) return y;
    y->storage = storage_retain(x->storage);
    trace_alias(x, y);
    return y;
}

Tensor *tn_tensor(DType dtype, const Ints *shape, const void *data) {
    if (shape->n < 0 || shape->n > TN_MAX_RANK)
        return fail(TN_SHAPE, "tensor: rank %d is not in 0..%d", shape->n, TN_MAX_RANK);
    Tensor *x = make(dtype, shape->n, shape->v);
    if (failed()) return x;
    if (!tensor_allocate(x)) {
        tn_dispose(x);
        return nothing();
    }
    if (data) memcpy(x->storage->data, data, x->storage->bytes);
    else memset(x->storage->data, 0, x->storage->bytes);
    tensor_hold_strings(x);
    return x;
}

Tensor *tn_strings(const Ints *shape, const char *const *strings) {
    Tensor *x = tn_tensor(TN_STRING, shape, NULL);
    if (failed()) return x;
    for (int i = 0; i < x->size; i++)
        i32(x)[i] = intern_string(strings[i], (int)strlen(strings[i]));
    strings_retain(i32(x), x->size);
    strings_sweep();
    return x;
}

const char *tn_string_at(Tensor *x, int i, int *bytes) {
    const bool there = x->dtype == TN_STRING && i >= 0 && i < x->size;
    const Bytes text = there ? string_of(i32(x)[i]) : (Bytes){"", 0};
    if (bytes) *bytes = text.n;
    return text.bytes;
}

Tensor *tn_scalar(float value) { return tn_tensor(TN_FLOAT32, (const Ints *)(int[]){0}, &value); }

/* A tensor whose bytes JavaScript fills in next, at tn_address. */
EXPORT Tensor *tn_blank(DType dtype, const Ints *shape) {
    if (shape->n < 0 || shape->n > TN_MAX_RANK)
        return fail(TN_SHAPE, "tensor: rank %d is not in 0..%d", shape->n, TN_MAX_RANK);
    Tensor *x = make(dtype, shape->n, shape->v);
    if (failed() || tensor_allocate(x)) return x;
    tn_dispose(x);
    return nothing();
}

void tn_dispose(Tensor *x) {
    if (!x || !x->id) return;
    x->id = 0;
    scope_remove(x);
    accounts()->tensors--;
    tensor_release(x);
}

const void *tn_data(Tensor *x) {
    trace_read(x);
    return storage_to_memory(x->storage) ? x->storage->data : NULL;
}

DType tn_dtype(const Tensor *x) { return x->dtype; }
int tn_rank(const Tensor *x) { return x->rank; }
int tn_size(const Tensor *x) { return x->size; }
const int *tn_shape(const Tensor *x) { return x->shape; }

Tensor *tn_variable(Tensor *value, bool trainable) {
    if (failed()) return nothing();
    Tensor *v = tn_keep(tensor_alias(value));
    if (failed()) return v;
    v->variable = true;
    v->trainable = trainable;
    return v;
}

void tn_set_trainable(Tensor *v, bool trainable) { v->trainable = trainable; }
bool tn_is_trainable(const Tensor *v) { return v->trainable; }

void tn_assign(Tensor *v, Tensor *value) {
    if (failed()) return;
    if (v->dtype != value->dtype)
        fail(TN_DTYPE, "assign: the variable is %s, the new value %s", dtype_name(v->dtype),
             dtype_name(value->dtype));
    else if (!same_shape(v, value))
        fail(TN_SHAPE, "assign: the variable has shape %s, the new value %s", shape_text(v),
             shape_text(value));
    if (failed()) return;
    if (v->refs > 1) tape_snapshot(v);
    trace_assign(v, value);
    Storage *old = v->storage;
    v->storage = storage_retain(value->storage);
    if (device()) device()->settle(v->storage); /* else steps would pile up behind it */
    storage_release(old);
}

/* ---- scopes ---- */

Scope *tn_scope_begin(void) {
    Scope *s = mem_alloc(sizeof *s);
    if (!s) {
        fail(TN_MEMORY, "out of memory for a scope");
        return NULL;
    }
    *s = (Scope){.outer = innermost};
    return innermost = s;
}

/* The same, for JavaScript. */
EXPORT Scope *tn_scope_open(void) {
    Scope *s = tn_scope_begin();
    if (s) s->by_js = true;
    return s;
}

Scope *scope_now(void) { return innermost; }

Scope *scope_of_js(void) {
    Scope *s = innermost;
    while (s && !s->by_js) s = s->outer;
    return s;
}

void tn_scope_end(Scope *s) {
    Scope **link = &innermost;
    while (*link && *link != s) link = &(*link)->outer;
    if (!s || !*link) return;
    while (s->first) tn_dispose(s->first);
    *link = s->outer;
    mem_free(s, sizeof *s);
}

Tensor *tn_scope_out(Scope *s, Tensor *x) {
    if (!s || failed() || x->scope != s) return x;
    scope_remove(x);
    scope_add(x, s->outer);
    return x;
}

Tensor *tn_keep(Tensor *x) {
    scope_remove(x);
    return x;
}

/* The scope that owns x, NULL if none: JavaScript watches only tensors without one. */
EXPORT Scope *tn_scope_of(const Tensor *x) { return x->scope; }
