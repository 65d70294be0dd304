/* Products where A is one row or B is one column. */
#ifndef TN_CPU_GEMV_H
#define TN_CPU_GEMV_H

#include "backend/cpu/gemm.h"

/* Computes g if it is a matrix by a vector whose layout suits; false: it is not, and nothing is
** done. */
bool gemv(const Gemm *g);

#endif
