#pragma once
#include <math.h>
#define vexp expf
#define vexpm1 expm1f
#define vlog logf
#define vlog1p log1pf
#define vtanh tanhf
#define vsin sinf
#define vcos cosf
#define vtan tanf
#define vasin asinf
#define vacos acosf
#define vatan atanf
#define vsinh sinhf
#define vcosh coshf
#define vasinh asinhf
#define vacosh acoshf
#define vatanh atanhf
#define verf erff
#define vpow powf
#define vatan2 atan2f
#define vround rintf
static inline float vsigmoid(float x) { return 1 / (1 + expf(-x)); }
static inline float vsoftplus(float x) { return x > 0 ? x + log1pf(expf(-x)) : log1pf(expf(x)); }
