/* Householder triangularisation: functions over pointers, no tensors. */
#ifndef TN_CPU_QR_H
#define TN_CPU_QR_H

#include <stdbool.h>

/* a [m, n] = q [m, columns] r [rows, n], all row-major. q's columns are orthonormal, r is zero below
** the diagonal; columns = rows is min(m, n), or m. Each reflection sends its column to the side
** away from it, so r's diagonal has the signs that TensorFlow and LAPACK give it. False: no memory. */
bool qr_decompose(const float *a, int m, int n, int columns, float *q, float *r);

/* Solves r x = b, or r^T x = b, for upper triangular r [n, n]; b and x are [n, k], row-major. */
void solve_upper(const float *r, const float *b, int n, int k, bool transposed, float *x);

#endif
