/* The hot loops: compiled twice, plain into the core and relaxed (fused multiply-add) into the
** plug-in, which replaces the pointers in `kernels` where the host can run it. One list drives
** declarations and table. Kernels use no static data, no libc and no stack memory: the plug-in
** has none. */
#ifndef TN_CPU_KERNELS_H
#define TN_CPU_KERNELS_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

enum { TILE_NR = 8, TILE_MR_MAX = 6, ROWS_MR = 4 };

/* `panels` tiles of C side by side, each `rows` (1..gemm_mr()) by TILE_NR: C = clamp(A B + bias
** + (C if add), lo, hi). A is read down its columns: column k is rows floats at a + k * as. B is
** read along its rows: row k of panel p is TILE_NR floats at b + p * b_stride + k * bs. gemm_rows
** takes A as it lies instead, where packing it would not pay: at most ROWS_MR rows, each in
** `taps` runs of k floats, run t of row i at at[t * ROWS_MR + i]; missing rows repeat others.
** Run after run uses the next k rows of B. */
typedef struct GemmTile {
    int rows, k, panels, taps;
    const float *a;
    ptrdiff_t as;
    const float *const *at;
    const float *b;
    ptrdiff_t bs, b_stride;
    float *const *c; /* rows pointers; the first tile begins `col` floats into each */
    ptrdiff_t col;
    const float *bias; /* panels * TILE_NR floats, or null */
    float lo, hi;
    bool add;
} GemmTile;

/* `outs` results along a row of a depthwise convolution, for `channels` (>= 4) channels: y[o *
** y_stride + c] = clamp(bias[c] + sum of x[o * x_stride + i * x_row + j * x_tap + c] * w(i, j, c)
** over i < rows and j < taps, lo, hi). y must not be x. w is in blocks of eight channels,
** w_block floats apart: w(i, j, c) = w[c / 8 * w_block + i * w_row + j * 8 + c % 8]; a further
** block holds the last four channels, if channels is no multiple of 4. */
typedef struct DepthwiseRow {
    int outs, channels, rows, taps;
    const float *x;
    ptrdiff_t x_stride, x_row, x_tap;
    const float *w;
    ptrdiff_t w_row, w_block;
    float *y;
    ptrdiff_t y_stride;
    const float *bias; /* or null */
    float lo, hi;
} DepthwiseRow;

/* sum[c] += sum of a[i * a_stride + c] * b[i * b_stride + c] over i < n, for each of the channels.
** */
typedef struct ChannelDots {
    int n, channels;
    const float *a, *b;
    ptrdiff_t a_stride, b_stride;
    float *sum;
} ChannelDots;

/* Functions of vmath.h for whole arrays of n floats, a multiple of 8; y may be x. vmap and
** vexp_sum of vmath.h take any n. */
typedef enum Map { MAP_EXP, MAP_LOG, MAP_TANH, MAP_SIGMOID, MAP_ELU } Map;

struct VConstants;

/* exp_sum: y[i] = exp(x[i] - shift), and their sum. */

#define KERNELS(X)                                                                                 \
    X(int, gemm_mr, (void))                                                                        \
    X(void, gemm_tile, (const GemmTile *t))                                                        \
    X(void, gemm_rows, (const GemmTile *t))                                                        \
    X(void, depthwise_row, (const DepthwiseRow *r))                                                \
    X(void, channel_dots, (const ChannelDots *d))                                                  \
    X(void, map, (Map what, const struct VConstants *k, const float *x, float *y, size_t n))       \
    X(float, exp_sum, (const struct VConstants *k, const float *x, float shift, float *y, size_t n))

typedef struct Kernels {
#define X(type, name, params) type(*name) params;
    KERNELS(X)
#undef X
} Kernels;

extern Kernels kernels;

#endif
