/* Discrete Fourier transforms of any length: functions over pointers, no tensors.
** Inside, real and imaginary parts lie apart: re[size], then im[size]. */
#ifndef TN_CPU_FFT_H
#define TN_CPU_FFT_H

#include <stdbool.h>
#include <stdint.h>

typedef struct FftPlan FftPlan;

/* The tables for complex rows of n >= 1 numbers, or for real ones, some of which are kept for the
** next time; NULL: no memory. From the main thread only; any may use them until fft_return. */
const FftPlan *fft_borrow(int n, bool real);
void fft_return(const FftPlan *p);

/* Floats between real and imaginary parts; fft_transform takes scratch of four times as many. */
int fft_size(const FftPlan *p);
/* y[k] = sum of x[t] exp(-2 pi i k t / n). x is in the first half of scratch and is lost; returns
** where in scratch y is. Exchanging the parts, before and after, gives the sum with +i. */
float *fft_transform(const FftPlan *p, float *scratch);
/* Of a plan for real rows of even n: exp(-2 pi i k / n), k = 0..n / 2, in pairs. */
const float *fft_real_roots(const FftPlan *p);

/* What a transform of rows does. Real rows have `length` floats, of which the first n are taken,
** as zeros where there are fewer. Inner elements of a half spectrum, all but the first and, where n
** is even, the last, are weighted on the side of the spectrum. */
typedef struct FftRows {
    int n, length;
    bool inverse; /* of a complex transform: +i */
    float scale, weight;
    const float *x;
    float *y;
    const FftPlan *plan;
} FftRows;

/* Rows [begin, end); false: no memory. */
bool fft_complex_rows(const FftRows *f, int begin, int end); /* [n] complex to [n] complex */
bool fft_real_rows(const FftRows *f, int begin, int end);    /* [length] to [n / 2 + 1] complex */
bool fft_halves_rows(const FftRows *f, int begin, int end);  /* [n / 2 + 1] complex to [length] */

#endif
