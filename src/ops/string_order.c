/* The order of strings, which comparisons of string tensors ask for. */
#include "ops/string_order.h"
#include "ops/view.gen.h"

extern const Op textOrder_op;

/* -1, 0 or 1: as their bytes of UTF-8 compare, which is the order of code points. */
static int order(int a, int b) {
    if (a == b) return 0;
    const Bytes p = string_of(a), q = string_of(b);
    const int first = memcmp(p.bytes, q.bytes, (size_t)(p.n < q.n ? p.n : q.n));
    return first ? (first > 0) - (first < 0) : p.n < q.n ? -1 : 1;
}

static void textOrder_cpu(Call *c) {
    const int *a = i32(c->in[0]), *b = i32(c->in[1]);
    int *y = i32(c->out[0]);
    for (int i = 0; i < c->out[0]->size; i++) y[i] = order(a[i], b[i]);
}
const Op textOrder_op = {.name = "textOrder",
                         .cpu = textOrder_cpu,
                         .gl_why = "texts are in memory only",
                         .constant = true,
                         .any = true};

Tensor *text_order(const char *op, Tensor *a, Tensor *b) {
    int shape[TN_MAX_RANK + 1];
    if (failed() || !broadcast_shape(op, a, b, &shape[0], shape + 1)) return nothing();
    Scope *s = tn_scope_begin();
    a = tn_broadcastTo(a, (const Ints *)shape);
    b = tn_broadcastTo(b, (const Ints *)shape);
    Tensor *y = make(TN_INT32, shape[0], shape + 1);
    return leave(s, run(&textOrder_op, IN(a, b), OUT(y), NULL, 0));
}
