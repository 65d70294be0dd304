/* Matrix multiplication on float32, from plain pointers; and the tiled driver that convolution
** shares. Sizes and pointers are the caller's to check. A function that returns bool is false
** only when scratch memory could not be had; C then holds anything. Threads come in by
** parallel_for. A blocked product in the manner of Goto and van de Geijn, "Anatomy of High-
** Performance Matrix Multiplication", ACM TOMS 34(3), 2008. */
#ifndef TN_CPU_GEMM_H
#define TN_CPU_GEMM_H

#include <math.h>
#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

/* What ends a product or a convolution: y = min(max(y + bias, lo), hi). A NaN stays a NaN. Ops end
** by EPILOGUE_NONE; the others, and packed operands, are for plans of a later version, which fuse
** bias and activation and pack weights once. */
typedef struct Epilogue {
    const float *bias; /* one per column (output channel), or null */
    float lo, hi;
} Epilogue;

#define EPILOGUE_NONE ((Epilogue){NULL, -INFINITY, INFINITY})
#define EPILOGUE_RELU(bias) ((Epilogue){(bias), 0, INFINITY})
#define EPILOGUE_RELU6(bias) ((Epilogue){(bias), 0, 6})

/* C[m, n] = end(A[m, k] B[k, n] + (C if add)). Element (i, j) of A is a[i * a_rs + j * a_cs],
** and so for B: a transpose is a swap of strides. C's rows are c_rs apart, its columns 1, and it
** must not overlap the others. With `packed` (made by gemm_pack_b from B) b and its strides are
** unused. */
typedef struct Gemm {
    int m, n, k;
    const float *a;
    ptrdiff_t a_rs, a_cs;
    const float *b;
    ptrdiff_t b_rs, b_cs;
    const float *packed;
    float *c;
    ptrdiff_t c_rs;
    Epilogue end;
    bool add;
} Gemm;

bool gemm(const Gemm *g);

/* B[k, n] in the order the kernels read it; the packed form has gemm_packed_size(k, n) floats. */
uint64_t gemm_packed_size(int k, int n);
void gemm_pack_b(int k, int n, const float *b, ptrdiff_t rs, ptrdiff_t cs, float *packed);

/* Rows k0.. + rows of a B[k, n]; b points to the first of them. */
void gemm_pack_b_rows(int k, int k0, int rows, int n, const float *b, ptrdiff_t rs, ptrdiff_t cs,
                      float *packed);

/* The most columns that `pack` is asked for, and the most runs that `point` gives. */
enum { GEMM_KC = 512, GEMM_RUNS = 64 };

/* The product of a matrix A that only `pack` knows with B; C's rows lie where `place` says. */
typedef struct TiledGemm {
    int m, n, k;
    /* Writes A[row.. + rows, k0.. + k] column after column: out[j * rows + i]. */
    void (*pack)(const void *ctx, int row, int rows, int k0, int k, float *out);
    /* Optional, for few columns of B: where rows (<= 4) of A lie, in runs of *k floats; their
    ** number is returned, and run t of row i put at at[t * 4 + i]. */
    int (*point)(const void *ctx, int row, int rows, const float **at, int *k);
    /* Where rows row.. + rows of C begin. */
    void (*place)(const void *ctx, int row, int rows, float **c);
    const void *ctx;
    const float
        *b; /* in gemm_pack_b's order if `packed`, else element (i, j) at i * b_rs + j * b_cs */
    bool packed;
    ptrdiff_t b_rs, b_cs;
    Epilogue end;
    bool add;
} TiledGemm;

bool gemm_tiled(const TiledGemm *g);

/* Interleaves n <= 8 rows of k floats: out[j * stride + i] = rows[i][j], for stride >= n. */
void gemm_interleave(const float *const *rows, int n, int k, float *out, int stride);

/* The same for rows that lie the other way: out[j * stride + i] = a[j * cs + i], i < n <= 8. */
void gemm_gather(const float *a, ptrdiff_t cs, int n, int k, float *out, int stride);

#endif
