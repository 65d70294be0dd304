#include "reduce.h"
#include <math.h>
void reduce_sum(const float *x, int outer, int n, int inner, float *y) { for (int o=0;o<outer;o++) for(int i=0;i<inner;i++){ double t=0; for(int k=0;k<n;k++) t+=x[(o*n+k)*inner+i]; y[o*inner+i]=(float)t; } }
void reduce_max(const float *x, int outer, int n, int inner, float *y) { for (int o=0;o<outer;o++) for(int i=0;i<inner;i++){ float t=-INFINITY; for(int k=0;k<n;k++) if (!(x[(o*n+k)*inner+i]<=t)) t=x[(o*n+k)*inner+i]; y[o*inner+i]=t; } }
void reduce_min(const float *x, int outer, int n, int inner, float *y) { for (int o=0;o<outer;o++) for(int i=0;i<inner;i++){ float t=INFINITY; for(int k=0;k<n;k++) if (!(x[(o*n+k)*inner+i]>=t)) t=x[(o*n+k)*inner+i]; y[o*inner+i]=t; } }
