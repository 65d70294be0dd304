/* What an op file sees: tensors, calls, the OP and IMPL declaration, run(), and checks.
** How an op is declared is shown in CONTRIBUTING.md; src/ops/matmul.c is a short example. */
#ifndef OP_H
#define OP_H
#include "base/error.h"
#include "base/scratch.h"
#include "base/threads.h"
#include "tensor/dtype.h"
#include <math.h>
#include <string.h>

/* Reference-counted data, valid in memory, on the device, or both. */
typedef struct Storage {
    int refs;
    uint32_t bytes;
    void *data;      /* NULL while only the texture is valid */
    void *texture;   /* the device's own, NULL while only memory is valid */
    bool stale_data; /* data is allocated but older than the texture */
    bool strings;    /* data is ids of strings, counted */
    bool away;       /* JavaScript has the data, and gives it back before the tensor is used */
    struct Storage *older, *newer; /* the device's list of those that are valid in both */
} Storage;

/* JavaScript reads the first fields: id, dtype, rank, size, shape. */
struct Tensor {
    uint32_t id; /* never used twice; 0 once the handle is disposed */
    DType dtype;
    int rank, size;
    int shape[TN_MAX_RANK];
    Storage *storage;
    int refs;      /* one for the handle, one for each recorded call that holds it */
    uint32_t mark; /* gradient pass that reaches it */
    Tensor *grad;  /* sum of what has come back in that pass */
    Tensor *of;    /* for the old value of a variable that a tape keeps: that variable */
    Scope *scope;  /* owner, and its list */
    Tensor *prev, *next;
    uint8_t variable, trainable;
    uint32_t trace_id; /* by which the open trace knows it (jit/trace.c) */
};

typedef struct Op Op;

/* One application of an op. in[] are borrowed, out[] have shape and dtype before run(). */
typedef struct Call {
    const Op *op;
    Tensor **in, **out;
    int nin, nout;
    const void *attrs; /* struct of 4-byte fields, which the shader gets as uniforms */
    int attr_bytes;
    uint32_t last; /* bit i: a plan knows that nothing reads in[i] after it, nor a view of it */
} Call;

struct Op {
    const char *name;
    void (*cpu)(Call *c); /* absent: out[0] is a view of in[0] */
    const char *gl;       /* shaders/<gl>.frag, or "=" expression */
    const char *gl_int; /* of an expression: the same where inputs or results are int32, or NULL */
    const char *gl_why; /* without gl: why it has none, which tf.profile tells */
    bool (*gl_takes)(const Call *c);                 /* optional: say no, and the CPU runs */
    void (*grad)(Call *c, Tensor **dy, Tensor **dx); /* dx[i] from ops; dy[j] per output */
    bool constant; /* no gradient exists: comparisons, indices, random numbers */
    bool random;   /* gives other results each time, unless it is seeded */
    bool any;      /* takes any dtype: it moves elements, or minds complex64 and string itself */
};

#define OP(name, params)                                                                           \
    extern const Op name##_op;                                                                     \
    EXPORT Tensor *tn_##name params
/* An op with a list of results (split, unstack). */
#define LISTOP(name, params)                                                                       \
    extern const Op name##_op;                                                                     \
    EXPORT const List *tn_##name params
#define IMPL(id, ...) const Op id##_op = {.name = #id, __VA_ARGS__}

/* ---- running ---- */

#define IN(...) (Tensor *[]){__VA_ARGS__}, TN_COUNT(Tensor *, __VA_ARGS__)
#define OUT(...) (Tensor *[]){__VA_ARGS__}, TN_COUNT(Tensor *, __VA_ARGS__)
/* Computes out[] from in[] on the chosen device, records the call if a tape is open, and returns
** out[0]. Does nothing while an error is pending. */
Tensor *run(const Op *op, Tensor **in, int nin, Tensor **out, int nout, const void *attrs,
            size_t attr_bytes);

/* A new tensor in the open scope, its data not yet there. */
Tensor *make(DType dtype, int rank, const int *shape);
static inline Tensor *make_like(const Tensor *x) { return make(x->dtype, x->rank, x->shape); }
/* A further result (Tensor **) of an op is left here for its caller. */
static inline void give(Tensor **where, Tensor *x) {
    if (where) *where = x;
}
/* A list of n results, engine-owned, valid until the next call that makes one. */
List *make_list(int n);

/* True if the backward pass wants the gradient of input i. */
bool wants(const Call *c, int i);

/* A composed op opens a scope and leaves with its result: the rest is released. */
static inline Tensor *leave(Scope *s, Tensor *y) {
    tn_scope_out(s, y);
    tn_scope_end(s);
    return y;
}

/* ---- data, inside kernels ---- */

static inline float *f32(const Tensor *x) { return (float *)x->storage->data; }
static inline int *i32(const Tensor *x) { return (int *)x->storage->data; }
static inline uint8_t *u8(const Tensor *x) { return (uint8_t *)x->storage->data; }
/* Of its elements, which checked_size has found to be below 2^31. */
static inline uint32_t data_bytes(const Tensor *x) {
    return (uint32_t)x->size * (uint32_t)dtype_bytes(x->dtype);
}
/* The elements of a tensor whose values decide shapes or are checked (indices), or NULL. */
static inline const int *read_ints(Tensor *x) { return (const int *)tn_data(x); }
/* An element of a string tensor: n bytes of UTF-8, and a zero. */
typedef struct Bytes {
    const char *bytes;
    int n;
} Bytes;
Bytes string_of(int id);
/* The id of a string, the same for the same bytes; it is valid until the kernel's call ends, and
** then as long as a tensor holds it. */
int intern_string(const char *bytes, int n);

/* ---- shapes ---- */

/* "[2, 3]", in one of a few rotating buffers. */
const char *shape_text(const Tensor *x);
/* "2,3", as TensorFlow.js writes it where its message is kept. */
const char *shape_list(const Tensor *x);
/* Product of sizes; fails (and returns 0) on a negative size or past 2^31 - 1 bytes. */
int checked_size(const char *op, int rank, const int *shape, DType dtype);
bool same_shape(const Tensor *a, const Tensor *b);
/* Axis in 0..rank-1 for one in -rank..rank-1, or -1 with the error set. */
int axis_of(const char *op, int axis, int rank);
/* Bit mask of axes (NULL or empty: all), or 0 with the error set (rank 0 gives 0 without). */
unsigned axes_of(const char *op, const Ints *axes, int rank);
/* Shape of a op b after broadcasting; false with the error set if they do not fit. */
bool broadcast_shape(const char *op, const Tensor *a, const Tensor *b, int *rank, int *shape);
/* Sizes before axis, and after it. */
int outer_size(const Tensor *x, int axis);
int inner_size(const Tensor *x, int axis);

/* ---- casts between what a caller gave and what a kernel takes ---- */

Tensor *to_float(Tensor *x); /* x itself if float32 */
/* x itself if of dtype; numbers become any numbers, but complex64 only complex64. */
Tensor *to_dtype(Tensor *x, DType dtype);
/* What arithmetic on two tensors gives: string if either is, else complex64, float32, int32. */
DType upcast(DType a, DType b);

/* A constant as elements of each dtype: int32 keeps all of its digits. */
typedef struct Constant {
    float real;
    int whole;
} Constant;
/* Whether v, cut towards 0, is an int32. */
static inline bool fits_int32(double v) { return v > -2147483649.0 && v < 2147483648.0; }
/* The int32 next to v, cut towards 0; 0 of NaN. */
static inline int clamp_int32(double v) {
    return fits_int32(v) ? (int)v : v > 0 ? INT32_MAX : v < 0 ? INT32_MIN : 0;
}
static inline Constant constant_of(double v) { return (Constant){(float)v, clamp_int32(v)}; }
/* All elements of y, real and imaginary ones alternating in complex64; '' in strings. */
void fill_constant(const Tensor *y, Constant v);

/* Fails unless x has this rank. */
bool want_rank(const char *op, const char *arg, const Tensor *x, int rank);
/* Fails unless x has this dtype. */
bool want_dtype(const char *op, const char *arg, const Tensor *x, DType dtype);
/* Sums g over what broadcasting repeated, to the shape of x. */
Tensor *unbroadcast(Tensor *g, const Tensor *x);
/* True while a tape is recording. */
bool recording(void);

#endif
