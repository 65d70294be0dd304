/* Tensorine: tensors, gradients, layers and training in C, for the web and for native programs.
**
**     #include "tensorine.h"
**
**     Tensor *a = tn_tensor(TN_FLOAT32, INTS(2, 2), (float[]){1, 2, 3, 4});
**     Tensor *b = tn_matMul(a, a, false, false);
**     printf("%g\n", tn_floats(b)[0]);          // 7
**     tn_dispose(a), tn_dispose(b);
**
** Ownership: a Tensor * you pass is borrowed; one you get belongs to the innermost open scope, or
** to you where none is open. Errors: a call that fails returns a harmless rank-0 tensor and
** leaves the first message in tn_error(); until tn_clear_error() every later op does nothing.
** Not thread safe: all calls come from one thread; kernels use worker threads inside.
*/
#ifndef TENSORINE_H
#define TENSORINE_H
#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

#ifdef __EMSCRIPTEN__
#define EXPORT __attribute__((used, visibility("default")))
#else
#define EXPORT
#endif

enum { TN_MAX_RANK = 8 };

typedef struct Tensor Tensor;
typedef struct Scope Scope;

/* 'float32' | 'int32' | 'bool' | 'complex64' | 'string'. A bool is one byte, 0 or 1; a complex64 is
** two floats, real and imaginary; a string is an id, of which tn_string_at gives the bytes. */
typedef enum DType { TN_FLOAT32, TN_INT32, TN_BOOL, TN_COMPLEX64, TN_STRING, TN_DTYPES } DType;

/* A counted list of ints: a shape, axes, strides. INTS(2, 3) makes one in place. */
typedef struct Ints {
    int n, v[];
} Ints;

/* A counted list of borrowed tensors. LIST(a, b) makes one in place, of at most 12. */
typedef struct List {
    int n;
    Tensor *v[];
} List;

#define TN_COUNT(type, ...) ((int)(sizeof((type[]){__VA_ARGS__}) / sizeof(type)))
#define INTS_NONE ((const Ints *)(const int[]){0})
#define INTS(...) ((const Ints *)(const int[]){TN_COUNT(int, __VA_ARGS__), __VA_ARGS__})
#define LIST(...)                                                                                  \
    ((const List *)&(const struct {                                                                \
        int n;                                                                                     \
        Tensor *v[TN_ARGS(__VA_ARGS__)];                                                           \
    }){TN_ARGS(__VA_ARGS__), {__VA_ARGS__}})
/* 1..12: how many arguments; sizes an array inside a struct, where TN_COUNT is not constant. */
#define TN_ARGS(...) TN_ARGS_(__VA_ARGS__, 12, 11, 10, 9, 8, 7, 6, 5, 4, 3, 2, 1, )
#define TN_ARGS_(a, b, c, d, e, f, g, h, i, j, k, l, n, ...) n

/* Padding of a window op as Ints: 'valid' is {}, 'same' is {-1}, a number is {p} on every side,
** explicit padding is {top, bottom, left, right}, or with all axes in the order of the data format:
** {0, 0, top, bottom, left, right, 0, 0} for 'NHWC'. */
typedef Ints Pad;
extern const int tn_pad_valid[], tn_pad_same[];
#define PAD_VALID ((const Pad *)tn_pad_valid)
#define PAD_SAME ((const Pad *)tn_pad_same)

/* 'NHWC' | 'NCHW': where the channels are. */
typedef enum DataFormat { FORMAT_NHWC, FORMAT_NCHW } DataFormat;

/* 'NWC' | 'NCW': the same of sequences. */
typedef enum SequenceFormat { FORMAT_NWC, FORMAT_NCW } SequenceFormat;

/* 'NDHWC' | 'NCDHW': the same of volumes. */
typedef enum VolumeFormat { FORMAT_NDHWC, FORMAT_NCDHW } VolumeFormat;

/* 'avg' | 'max' */
typedef enum Pooling { POOL_AVG, POOL_MAX } Pooling;

/* 'floor' | 'round' | 'ceil': what becomes of a window that does not fit whole. ROUND_NONE, which
** is null in JavaScript, rounds down too, and goes with any padding. */
typedef enum Rounding { ROUND_NONE = -1, ROUND_FLOOR, ROUND_NEAREST, ROUND_CEIL } Rounding;

/* 'reflect' | 'symmetric': whether the edge itself is repeated when a border mirrors the inside. */
typedef enum MirrorMode { MIRROR_REFLECT, MIRROR_SYMMETRIC } MirrorMode;

/* 'nearest' | 'bilinear': how the value between pixels is found. */
typedef enum Sampling { SAMPLE_NEAREST, SAMPLE_BILINEAR } Sampling;

/* 'constant' | 'reflect' | 'wrap' | 'nearest': what lies outside an image: a value, the image in a
** mirror, the image again, its outermost pixels. */
typedef enum FillMode { FILL_CONSTANT, FILL_REFLECT, FILL_WRAP, FILL_NEAREST } FillMode;

/* 'binary' | 'otsu': a level that is given, or found in the image. */
typedef enum ThresholdMethod { THRESHOLD_BINARY, THRESHOLD_OTSU } ThresholdMethod;

/* 'linear' | 'relu' | 'prelu' | 'elu' | 'relu6' | 'leakyrelu' | 'sigmoid': what ends a fused op. */
typedef enum FusedActivation {
    FUSED_LINEAR,
    FUSED_RELU,
    FUSED_PRELU,
    FUSED_ELU,
    FUSED_RELU6,
    FUSED_LEAKY_RELU,
    FUSED_SIGMOID
} FusedActivation;
/* 'left' | 'right': before equal values or after them. */
typedef enum Side { SIDE_LEFT, SIDE_RIGHT } Side;

/* 'xy' | 'ij': whether x goes along the columns of a grid or along its rows. */
typedef enum Indexing { INDEXING_XY, INDEXING_IJ } Indexing;

/* What went wrong; JavaScript's TensorineError.code has the names in lower case. */
typedef enum ErrorCode {
    TN_OK,
    TN_SHAPE,
    TN_DTYPE,
    TN_VALUE,
    TN_INDEX,
    TN_DISPOSED,
    TN_MEMORY,
    TN_FILE,
    TN_DEVICE,
    TN_GRADIENT,
    TN_UNKNOWN
} ErrorCode;

/* ---- tensors ---- */

/* A tensor of the given shape; data (row-major, of dtype) is copied; NULL: zeros. */
EXPORT Tensor *tn_tensor(DType dtype, const Ints *shape, const void *data);
/* A string tensor of the given shape: as many strings as it has elements, each of UTF-8 and a
** zero. */
EXPORT Tensor *tn_strings(const Ints *shape, const char *const *strings);
/* Element i of a string tensor, valid until x is released; *bytes, unless NULL, is its length. */
EXPORT const char *tn_string_at(Tensor *x, int i, int *bytes);
/* A tensor without dimensions. */
EXPORT Tensor *tn_scalar(float value);
/* Drops the caller's handle; memory goes back when no view, tape or plan needs it. NULL is fine. */
EXPORT void tn_dispose(Tensor *x);
/* The elements in memory, brought there from the device first; valid until x is released or is
** assigned to. NULL if reading failed. */
EXPORT const void *tn_data(Tensor *x);
static inline const float *tn_floats(Tensor *x) { return (const float *)tn_data(x); }
EXPORT DType tn_dtype(const Tensor *x);
EXPORT int tn_rank(const Tensor *x);
EXPORT int tn_size(const Tensor *x);
/* Shape of x: tn_rank(x) sizes. */
EXPORT const int *tn_shape(const Tensor *x);

/* A variable: a tensor whose value can be replaced. value is borrowed and copied lazily. */
EXPORT Tensor *tn_variable(Tensor *value, bool trainable);
/* Replaces the value; shape and dtype must stay. */
EXPORT void tn_assign(Tensor *variable, Tensor *value);
/* Whether gradients are taken by it where no variables are named. */
EXPORT bool tn_is_trainable(const Tensor *variable);
EXPORT void tn_set_trainable(Tensor *variable, bool trainable);

/* ---- scopes ---- */

/* Opens a scope: tensors made from now on belong to it. */
EXPORT Scope *tn_scope_begin(void);
/* Closes it, wherever it is in the stack, and disposes what it still owns. */
EXPORT void tn_scope_end(Scope *scope);
/* Hands x to the scope around `scope` (or to the caller). No effect if x is not in `scope`, or
** while an error is pending. */
EXPORT Tensor *tn_scope_out(Scope *scope, Tensor *x);
/* Takes x out of all scopes: only tn_dispose frees it. */
EXPORT Tensor *tn_keep(Tensor *x);

/* ---- gradients ---- */

/* Starts recording; tapes nest. Returns the tape's depth, from 1. */
EXPORT int tn_tape_begin(void);
/* Ends the innermost tape. */
EXPORT void tn_tape_end(void);
/* While paused (calls nest) nothing is recorded. */
EXPORT void tn_tape_pause(bool pause);
/* d y / d x for each x, for calls recorded by the innermost tape. dy: NULL is ones. The list is
** valid until the next call; an entry is NULL where y does not depend on x, and zeros where it
** does so only through ops without a gradient (comparisons, indices). */
EXPORT const List *tn_gradients(Tensor *y, const List *xs, Tensor *dy);

/* ---- errors and accounts ---- */

/* The first error since tn_clear_error(), or NULL. */
EXPORT const char *tn_error(void);
EXPORT ErrorCode tn_error_code(void);
EXPORT void tn_clear_error(void);

typedef struct Accounts {
    int tensors;   /* live handles */
    int storages;  /* live data buffers, shared by views */
    double bytes;  /* in live storages */
    double pooled; /* bytes kept for reuse */
    double peak;   /* most bytes live at once */
    int textures;  /* live textures */
    double texture_bytes;
    double texture_pooled; /* bytes of textures kept for reuse */
    double texture_peak;   /* most bytes of textures, live and pooled, at once */
} Accounts;
EXPORT const Accounts *tn_memory(void);
/* For tests: the n-th allocation from now on fails (0: none does). */
EXPORT void tn_fail_allocation(int n);
/* Gives pooled memory back to the system. */
EXPORT void tn_trim(void);

#include "io.h" /* stored weights, pictures */
/* One prototype per op, with its manual, generated from src/ops. The library's own files include
** the families that they call, "ops/conv.gen.h": few are compiled anew when an op changes. */
#ifndef TN_INSIDE
#include "ops.gen.h"
#endif
#endif
