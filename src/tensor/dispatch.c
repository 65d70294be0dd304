/* run(), the one gate every op passes: it chooses the device, moves data there, computes,
** records. */
#include "tensor/engine.h"
#include "base/grow.h"

static const Device *chosen, *owner;

const Device *device(void) { return chosen; }
const Device *device_owner(void) { return owner; }
void device_choose(const Device *d) {
    chosen = d;
    if (d) owner = d;
}

void tn_trim(void) {
    alloc_trim();
    if (owner) owner->trim();
}

static bool share(Call *c) {
    Storage *s = c->in[0]->storage;
    c->out[0]->storage = storage_retain(s);
    return true;
}

static bool empty(const Call *c) {
    for (int j = 0; j < c->nout; j++)
        if (c->out[j]->size) return false;
    return true;
}

static bool on_cpu(Call *c) {
    for (int i = 0; i < c->nin; i++)
        if (c->in[i] && !storage_to_memory(c->in[i]->storage)) return false;
    for (int j = 0; j < c->nout; j++)
        if (!tensor_allocate(c->out[j])) return false;
    if (!empty(c)) c->op->cpu(c);
    for (int j = 0; j < c->nout && !failed(); j++) tensor_hold_strings(c->out[j]);
    strings_sweep();
    return !failed();
}

static bool on_device(Call *c) { return chosen && !empty(c) && chosen->run(c); }

/* A kernel takes float32, int32 and bool, unless its op says that it takes more. */
static bool takes(const Call *c, const Tensor *x) {
    if (c->op->any || !x || is_real(x->dtype)) return true;
    fail(TN_DTYPE, "%s: %s tensors are not taken", c->op->name, dtype_name(x->dtype));
    return false;
}

static bool takes_all(const Call *c) {
    for (int i = 0; i < c->nin; i++)
        if (!takes(c, c->in[i])) return false;
    for (int j = 0; j < c->nout; j++)
        if (!takes(c, c->out[j])) return false;
    return true;
}

bool call_compute(Call *c) {
    if (!c->op->cpu) return share(c);
    if (!takes_all(c)) return false;
    double start = profiling() ? now_ms() : 0;
    bool gpu = on_device(c);
    if (!gpu && (failed() || !on_cpu(c))) return false;
    if (profiling()) profile_call(c, gpu, now_ms() - start);
    if (watching()) watch_call(c);
    return true;
}

Tensor *run(const Op *op, Tensor **in, int nin, Tensor **out, int nout, const void *attrs,
            size_t attr_bytes) {
    Call c = {op, in, out, nin, nout, attrs, (int)attr_bytes, 0};
    if (!failed() && call_compute(&c)) {
        if (trace_base) trace_call(&c);
        if (recording() && nin) tape_record(&c);
        if (!failed()) return out[0];
    }
    for (int j = 0; j < nout; j++) tn_dispose(out[j]);
    return nothing();
}

List *make_list(int n) {
    static Buffer buffer;
    static List none;
    List *list = buffer_reserve(&buffer, sizeof *list + (size_t)n * sizeof(Tensor *));
    if (!list) {
        fail(TN_MEMORY, "out of memory: a list of %d tensors", n);
        list = buffer.bytes;
        n = 0;
    }
    if (!list) return &none;
    list->n = n;
    return list;
}
