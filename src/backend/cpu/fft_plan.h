/* The tables of a Fourier transform, between the files that make and use them. */
#ifndef TN_CPU_FFT_PLAN_H
#define TN_CPU_FFT_PLAN_H
#include "backend/cpu/fft_kernels.h"

enum { FFT_STAGES = 32 };

/* A stage of radix r over n = r * m * s numbers: m butterflies of s numbers that lie together. */
typedef struct FftStage {
    int r, m, s;
    const float *w; /* exp(-2 pi i p k / (r m)), 1 <= k < r; laid out for narrow() and wide() */
} FftStage;

struct FftPlan {
    int n, size, stages;
    unsigned used; /* when it was borrowed last */
    bool kept;
    FftStage stage[FFT_STAGES];
    float *table; /* of the stages; of a short length: its n roots; of a chirp: chirp and filter */
    float *real_roots;    /* exp(-pi i k / n), k = 0..n, once real rows have asked for them */
    const FftPlan *inner; /* of the length that a chirp is convolved in */
};

/* All stages of p from x by way of y, each of two times p->size floats; returns the one
** that has the result. */
float *fft_stages(const FftPlan *p, float *x, float *y);

#endif
