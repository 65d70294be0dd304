/* How elementwise rows run: dtypes, broadcasting, and cutting the work into parallel pieces. */
#include "ops/elementwise.h"
#include "ops/complex.h"
#include "ops/string_order.h"
#include "ops/view.gen.h"

enum { GRAIN = 16384 }; /* elements per parallel piece: some tens of microseconds */

typedef struct UnaryJob {
    UnaryLoop loop;
    const char *x;
    char *y;
    int x_bytes, y_bytes;
} UnaryJob;

static void unary_piece(void *job, int begin, int end) {
    UnaryJob *j = job;
    j->loop(j->x + (size_t)begin * (size_t)j->x_bytes, j->y + (size_t)begin * (size_t)j->y_bytes,
            end - begin);
}

void unary_rest(UnaryLoop loop, const void *x, void *y, int n, int y_bytes) {
    float from[4] = {0}, to[4];
    memcpy(from, x, (size_t)n * sizeof *from);
    loop(from, to, 4);
    memcpy(y, to, (size_t)n * (size_t)y_bytes);
}

void unary_cpu(Call *c) {
    const Unary *u = (const Unary *)c->op;
    const Tensor *x = c->in[0], *y = c->out[0];
    UnaryJob job = {x->dtype == TN_FLOAT32 ? u->of_float : u->of_int, x->storage->data,
                    y->storage->data, dtype_bytes(x->dtype), dtype_bytes(y->dtype)};
    parallel_for(x->size, GRAIN, unary_piece, &job);
}

Tensor *unary(const Unary *u, Tensor *x) {
    if (failed()) return nothing();
    if (x->dtype == TN_COMPLEX64) return complex_unary(u->op.name, x);
    if (u->only_float && !want_dtype(u->op.name, "x", x, TN_FLOAT32)) return nothing();
    DType in = x->dtype == TN_FLOAT32 || !u->of_int ? TN_FLOAT32 : TN_INT32;
    Scope *s = in == x->dtype ? NULL : tn_scope_begin();
    if (s) x = to_dtype(x, in);
    Tensor *y = make(u->to_bool ? TN_BOOL : in, x->rank, x->shape);
    y = run(&u->op, IN(x), OUT(y), NULL, 0);
    return s ? leave(s, y) : y;
}

/* ---- two operands: the shape is folded to as few axes as the strides of both allow ---- */

typedef struct Walk {
    int rank, size[TN_MAX_RANK];
    int64_t stride_a[TN_MAX_RANK], stride_b[TN_MAX_RANK]; /* 0 where repeated */
} Walk;

static Walk walk_of(const Tensor *a, const Tensor *b, const Tensor *y) {
    Walk w = {0};
    int64_t na = 1, nb = 1;
    for (int i = 1; i <= y->rank; i++) { /* from the last axis: w[0] is the innermost */
        int size = y->shape[y->rank - i];
        int da = i <= a->rank ? a->shape[a->rank - i] : 1;
        int db = i <= b->rank ? b->shape[b->rank - i] : 1;
        int64_t sa = da == 1 ? 0 : na, sb = db == 1 ? 0 : nb;
        na *= da;
        nb *= db;
        if (size == 1) continue;
        int k = w.rank - 1;
        if (k >= 0 && sa == w.stride_a[k] * w.size[k] && sb == w.stride_b[k] * w.size[k]) {
            w.size[k] *= size;
            continue;
        }
        w.size[w.rank] = size;
        w.stride_a[w.rank] = sa;
        w.stride_b[w.rank++] = sb;
    }
    if (!w.rank) w.size[w.rank++] = 1;
    return w;
}

typedef struct BinaryJob {
    BinaryLoop loop;
    const char *a, *b;
    char *y;
    int in_bytes, out_bytes;
    Walk w;
} BinaryJob;

static void binary_flat(void *job, int begin, int end) {
    BinaryJob *j = job;
    int64_t a = begin * j->w.stride_a[0], b = begin * j->w.stride_b[0];
    j->loop(j->a + a * j->in_bytes, (int)j->w.stride_a[0], j->b + b * j->in_bytes,
            (int)j->w.stride_b[0], j->y + (int64_t)begin * j->out_bytes, end - begin);
}

static void binary_rows(void *job, int begin, int end) {
    BinaryJob *j = job;
    const Walk *w = &j->w;
    int at[TN_MAX_RANK] = {0};
    int64_t a = 0, b = 0;
    for (int k = 1, row = begin; k < w->rank; row /= w->size[k++]) {
        at[k] = row % w->size[k];
        a += at[k] * w->stride_a[k];
        b += at[k] * w->stride_b[k];
    }
    for (int row = begin; row < end; row++) {
        j->loop(j->a + a * j->in_bytes, (int)w->stride_a[0], j->b + b * j->in_bytes,
                (int)w->stride_b[0], j->y + (int64_t)row * w->size[0] * j->out_bytes, w->size[0]);
        for (int k = 1; k < w->rank; k++) {
            a += w->stride_a[k];
            b += w->stride_b[k];
            if (++at[k] < w->size[k]) break;
            at[k] = 0;
            a -= w->stride_a[k] * w->size[k];
            b -= w->stride_b[k] * w->size[k];
        }
    }
}

void binary_cpu(Call *c) {
    const Binary *o = (const Binary *)c->op;
    const Tensor *a = c->in[0], *b = c->in[1], *y = c->out[0];
    BinaryJob job = {a->dtype == TN_INT32 ? o->of_int : o->of_float,
                     a->storage->data,
                     b->storage->data,
                     y->storage->data,
                     dtype_bytes(a->dtype),
                     dtype_bytes(y->dtype),
                     walk_of(a, b, y)};
    if (job.w.rank == 1) {
        parallel_for(job.w.size[0], GRAIN, binary_flat, &job);
        return;
    }
    int rows = y->size / job.w.size[0];
    parallel_for(rows, GRAIN / job.w.size[0] + 1, binary_rows, &job);
}

/* The dtype both operands take. */
static DType operand_dtype(const Binary *o, const Tensor *a, const Tensor *b) {
    if (!o->of_bool) return upcast(a->dtype, b->dtype);
    const Tensor *bad = a->dtype != TN_BOOL ? a : b;
    if (bad->dtype != TN_BOOL)
        fail(TN_DTYPE, "%s: %s must be bool, but is %s", o->op.name, bad == a ? "a" : "b",
             dtype_name(bad->dtype));
    return TN_BOOL;
}

/* Strings compare as their order does with 0. */
static Tensor *compare_strings(const Binary *o, Tensor *a, Tensor *b) {
    Scope *s = tn_scope_begin();
    Tensor *zero = tn_cast(tn_scalar(0), TN_INT32);
    return leave(s, binary(o, text_order(o->op.name, a, b), zero));
}

Tensor *binary(const Binary *o, Tensor *a, Tensor *b) {
    int rank, shape[TN_MAX_RANK];
    if (failed()) return nothing();
    DType in = operand_dtype(o, a, b);
    if (o->to_bool && a->dtype == TN_STRING && b->dtype == TN_STRING)
        return compare_strings(o, a, b);
    if (in == TN_COMPLEX64) return complex_binary(o->op.name, a, b);
    if (failed() || !broadcast_shape(o->op.name, a, b, &rank, shape)) return nothing();
    Scope *s = a->dtype == in && b->dtype == in ? NULL : tn_scope_begin();
    if (s) a = to_dtype(a, in), b = to_dtype(b, in);
    Tensor *y = make(o->to_bool ? TN_BOOL : in, rank, shape);
    y = run(&o->op, IN(a, b), OUT(y), NULL, 0);
    return s ? leave(s, y) : y;
}
