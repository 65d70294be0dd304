/* Householder triangularisation: functions over pointers, no tensors. */
#ifndef TN_CPU_QR_H
#define TN_CPU_QR_H

#include <stdbool.h>

/* a [m, n] = q [m, columns] r [columns, n], all row-major; columns is min(m, n), or m. q's columns
** are orthonormal, r is zero below the diagonal. Each reflection sends its column to the far side,
** also the last of a square matrix: r's diagonal has the signs that TensorFlow.js gives it. False:
** no memory. */
bool qr_decompose(const float *a, int m, int n, int columns, float *q, float *r);

/* Solves r x = b, or r^T x = b, for upper triangular r [n, n]; b and x are [n, k], row-major. */
void solve_upper(const float *r, const float *b, int n, int k, bool transposed, float *x);

#endif
