/* Row declarations for elementwise ops. A row's expression is C and GLSL at once: it becomes the
** CPU loop and the shader, so it uses only what both know (+ - * / ?: comparisons, and the names
** of backend/cpu/vmath.h, which shaders/common.glsl defines too). Literals are written 1.0f.
**
** In a gradient expression: the inputs x (or a, b), the result y, and its gradient dy are tensors.
*/
#ifndef ELEMENTWISE_H
#define ELEMENTWISE_H
#include "tensor/op.h"
#include "backend/cpu/kernels.h"
#include "backend/cpu/vmath.h"

typedef void (*UnaryLoop)(const void *x, void *y, int n);
/* Strides are 0 or 1: a repeated element, or consecutive ones. Both are 0 only of one element. */
typedef void (*BinaryLoop)(const void *a, int stride_a, const void *b, int stride_b, void *y,
                           int n);

/* The loops of a row, by the dtype of its inputs; no int loop: ints are cast to float32. */
typedef struct Unary {
    Op op; /* must be first */
    UnaryLoop of_float, of_int;
    bool to_bool;    /* the result is bool, else as the input */
    bool only_float; /* float32 alone is taken, as the peer does */
} Unary;

typedef struct Binary {
    Op op; /* must be first */
    BinaryLoop of_float, of_int;
    bool to_bool, of_bool; /* of_bool: logical, takes bool only */
} Binary;

Tensor *unary(const Unary *u, Tensor *x);
void unary_cpu(Call *c);
Tensor *binary(const Binary *b, Tensor *x, Tensor *y);
void binary_cpu(Call *c);

/* Calls loop on n < 4 elements as if there were four: so its code has only the loop over whole
** vectors, and no second one for what is left. */
void unary_rest(UnaryLoop loop, const void *x, void *y, int n, int y_bytes);

/* Pointers that are restrict as parameters alone are taken to be apart. */
#define UNARY_LOOP(id, type, out, expression)                                                      \
    static void id##_fours(const type *restrict xs, out *restrict ys, int n) {                     \
        for (int i = 0; i < n; i++) {                                                              \
            type x = xs[i];                                                                        \
            ys[i] = (out)(expression);                                                             \
        }                                                                                          \
    }                                                                                              \
    static void id(const void *from, void *to, int n) {                                            \
        const int whole = n & ~3;                                                                  \
        const type *xs = from;                                                                     \
        out *ys = to;                                                                              \
        if (whole >= 4) id##_fours(xs, ys, whole);                                                 \
        if (n > whole) unary_rest(id, xs + whole, ys + whole, n - whole, sizeof(out));             \
    }
#define UNARY_GRAD(op_, dx_)                                                                       \
    static void op_##_grad(Call *c, Tensor **dys, Tensor **dxs) {                                  \
        Tensor *x = c->in[0], *y = c->out[0], *dy = dys[0];                                        \
        (void)x, (void)y, (void)dy;                                                                \
        dxs[0] = dx_;                                                                              \
    }
#define UNARY_ROW(op_, text, int_text, int_loop, bool_out, grad_, strict)                          \
    static const Unary op_##_row = {{.name = #op_,                                                 \
                                     .cpu = unary_cpu,                                             \
                                     .gl = "=" text,                                               \
                                     .gl_int = int_text,                                           \
                                     .grad = grad_,                                                \
                                     .constant = bool_out},                                        \
                                    op_##_float,                                                   \
                                    int_loop,                                                      \
                                    bool_out,                                                      \
                                    strict};                                                       \
    EXPORT Tensor *tn_##op_(Tensor *x) { return unary(&op_##_row, x); }

/* name(x): the result is float32.
**   x : [...]
**   -> y : float32 like x
*/
#define UNARY(op_, expression, dx, manual, example)                                                \
    UNARY_LOOP(op_##_float, float, float, expression)                                              \
    UNARY_GRAD(op_, dx)                                                                            \
    UNARY_ROW(op_, #expression, NULL, NULL, false, op_##_grad, false)

/* The same, and x must be float32: where TensorFlow.js refuses whole numbers, so do we.
**   x : float32 [...]
**   -> y : like x
*/
#define UNARY_FLOAT(op_, expression, dx, manual, example)                                          \
    UNARY_LOOP(op_##_float, float, float, expression)                                              \
    UNARY_GRAD(op_, dx)                                                                            \
    UNARY_ROW(op_, #expression, NULL, NULL, false, op_##_grad, true)

/* UNARY by a loop of its own: `call` computes y[0..n - 1] from x; the expression is the shader's.
**   x : [...]
**   -> y : float32 like x
*/
#define UNARY_BY(op_, call, expression, dx, manual, example)                                       \
    static void op_##_float(const void *x, void *y, int n) { call; }                               \
    UNARY_GRAD(op_, dx)                                                                            \
    UNARY_ROW(op_, #expression, NULL, NULL, false, op_##_grad, false)
/* UNARY_FLOAT by a loop of its own.
**   x : float32 [...]
**   -> y : like x
*/
#define UNARY_FLOAT_BY(op_, call, expression, dx, manual, example)                                 \
    static void op_##_float(const void *x, void *y, int n) { call; }                               \
    UNARY_GRAD(op_, dx)                                                                            \
    UNARY_ROW(op_, #expression, NULL, NULL, false, op_##_grad, true)

/* name(x): int32 stays int32.
**   x : [...]
**   -> y : like x
*/
#define UNARY_INT(op_, expression, int_expression, dx, manual, example)                            \
    UNARY_LOOP(op_##_float, float, float, expression)                                              \
    UNARY_LOOP(op_##_int, int, int, int_expression)                                                \
    UNARY_GRAD(op_, dx)                                                                            \
    UNARY_ROW(op_, #expression, #int_expression, op_##_int, false, op_##_grad, false)

/* name(x): true or false of a float32.
**   x : [...]
**   -> y : bool like x
*/
#define UNARY_TEST(op_, expression, manual, example)                                               \
    UNARY_LOOP(op_##_float, float, uint8_t, (expression) ? 1 : 0)                                  \
    UNARY_ROW(op_, #expression, NULL, NULL, true, NULL, false)

#define BINARY_LOOP(id, type, out, expression)                                                     \
    static inline __attribute__((always_inline)) void id##_run(                                    \
        const type *restrict p, const int step_p, const type *restrict q, const int step_q,        \
        out *restrict ys, int n) {                                                                 \
        for (int i = 0; i < n; i++) {                                                              \
            const type a = p[i * step_p], b = q[i * step_q];                                       \
            ys[i] = (out)(expression);                                                             \
        }                                                                                          \
    }                                                                                              \
    static void id(const void *as, int stride_a, const void *bs, int stride_b, void *to, int n) {  \
        if (stride_a == stride_b) id##_run(as, 1, bs, 1, to, n); /* both 0: n is 1 */              \
        else if (stride_a) id##_run(as, 1, bs, 0, to, n);                                          \
        else id##_run(as, 0, bs, 1, to, n);                                                        \
    }
/* The same in little code, for dtypes that are seldom large. */
#define BINARY_SHORT_LOOP(id, type, out, expression)                                               \
    static void id(const void *as, int stride_a, const void *bs, int stride_b, void *to, int n) {  \
        const type *p = as, *q = bs;                                                               \
        out *y = to;                                                                               \
        for (; n > 0; n--, p += stride_a, q += stride_b) {                                         \
            const type a = *p, b = *q;                                                             \
            *y++ = (out)(expression);                                                              \
        }                                                                                          \
    }
#define BINARY_ROW(op_, text, int_text, int_loop, bool_out, bool_in, grad_)                        \
    static const Binary op_##_row = {{.name = #op_,                                                \
                                      .cpu = binary_cpu,                                           \
                                      .gl = "=" text,                                              \
                                      .gl_int = int_text,                                          \
                                      .grad = grad_,                                               \
                                      .constant = bool_out},                                       \
                                     op_##_float,                                                  \
                                     int_loop,                                                     \
                                     bool_out,                                                     \
                                     bool_in};                                                     \
    EXPORT Tensor *tn_##op_(Tensor *a, Tensor *b) { return binary(&op_##_row, a, b); }
#define BINARY_GRAD(op_, da, db)                                                                   \
    static void op_##_grad(Call *c, Tensor **dys, Tensor **dxs) {                                  \
        Tensor *a = c->in[0], *b = c->in[1], *y = c->out[0], *dy = dys[0];                         \
        (void)a, (void)b, (void)y, (void)dy;                                                       \
        if (wants(c, 0)) dxs[0] = da;                                                              \
        if (wants(c, 1)) dxs[1] = db;                                                              \
    }

/* name(a, b): broadcasts; two ints give an int. da, db are summed back by the engine.
**   a : [...]
**   b : [...]      broadcasts with a
**   -> y : [...]   the broadcast shape
*/
#define BINARY(op_, expression, int_expression, da, db, manual, example)                           \
    BINARY_LOOP(op_##_float, float, float, expression)                                             \
    BINARY_SHORT_LOOP(op_##_int, int, int, int_expression)                                         \
    BINARY_GRAD(op_, da, db)                                                                       \
    BINARY_ROW(op_, #expression, #int_expression, op_##_int, false, false, op_##_grad)

/* BINARY by a loop of its own for float32.
**   a : [...]
**   b : [...]      broadcasts with a
**   -> y : [...]   the broadcast shape
*/
#define BINARY_BY(op_, call, expression, int_expression, da, db, manual, example)                  \
    static void op_##_float(const void *a, int stride_a, const void *b, int stride_b, void *y,     \
                            int n) {                                                               \
        call;                                                                                      \
    }                                                                                              \
    BINARY_SHORT_LOOP(op_##_int, int, int, int_expression)                                         \
    BINARY_GRAD(op_, da, db)                                                                       \
    BINARY_ROW(op_, #expression, #int_expression, op_##_int, false, false, op_##_grad)

/* For gradients only: float32, no manual, not exported to JavaScript. */
#define PRIVATE_BINARY(op_, expression, da, db)                                                    \
    static Tensor *tn_##op_(Tensor *a, Tensor *b);                                                 \
    BINARY_LOOP(op_##_float, float, float, expression)                                             \
    BINARY_GRAD(op_, da, db)                                                                       \
    static const Binary op_##_row = {                                                              \
        {.name = #op_, .cpu = binary_cpu, .gl = "=" #expression, .grad = op_##_grad},              \
        op_##_float,                                                                               \
        NULL,                                                                                      \
        false,                                                                                     \
        false};                                                                                    \
    static Tensor *tn_##op_(Tensor *a, Tensor *b) {                                                \
        return binary(&op_##_row, to_float(a), to_float(b));                                       \
    }

/* name(a, b): true or false of two numbers, or two strings.
**   a : any [...]
**   b : any [...]       broadcasts with a
**   -> y : bool [...]   the broadcast shape
*/
#define COMPARE(op_, expression, manual, example)                                                  \
    BINARY_LOOP(op_##_float, float, uint8_t, expression)                                           \
    BINARY_SHORT_LOOP(op_##_int, int, uint8_t, expression)                                         \
    BINARY_ROW(op_, #expression, #expression, op_##_int, true, false, NULL)

/* name(a, b): true or false of two bools, 0 or 1; bits says it of them, expression to the GPU.
**   a : bool [...]
**   b : bool [...]      broadcasts with a
**   -> y : bool [...]   the broadcast shape
*/
#define LOGICAL(op_, expression, bits, manual, example)                                            \
    BINARY_LOOP(op_##_float, uint8_t, uint8_t, bits)                                               \
    BINARY_ROW(op_, #expression, NULL, NULL, true, true, NULL)

#endif
