// The names of src/backend/cpu/vmath.h, for the expressions of elementwise ops.
#define NAN uintBitsToFloat(0x7fc00000u)
#define INFINITY uintBitsToFloat(0x7f800000u)

// exp(r) 2^n, |r| <= ln(2) / 2: what a device's own exp multiplies by, its digits lose.
float vexp(float x) {
    float n = roundEven(x * 1.44269504), r = (x - n * 0.693115234) - n * 3.19461833e-5;
    float p = 1.0 + r * (1.0 + r * (0.5 + r * (0.166665770 + r * (0.0416665546 + r * (0.00836317763 +
              r * 0.00139261818)))));
    float y = (p + p) * intBitsToFloat((int(n) + 126) << 23);
    return x > 88.73 ? INFINITY : x < -87.3 ? 0.0 : y;
}

// x = m 2^n, m from sqrt(1/2) to sqrt(2), and 2 artanh((m - 1) / (m + 1)): exact near 1 too.
float vlog(float x) {
    bool small = x < 1.17549435e-38;
    int bits = floatBitsToInt(small ? x * 8388608.0 : x), n = (bits - 0x3f3504f3) >> 23;
    float m = intBitsToFloat(bits - (n << 23)), s = (m - 1.0) / (m + 1.0), q = s * s;
    float k = float(small ? n - 23 : n);
    float p = 2.0 * s * q * (1.0 / 3.0 + q * (1.0 / 5.0 + q * (1.0 / 7.0 + q * (1.0 / 9.0 + q * (1.0 / 11.0)))));
    float y = k * 0.693115234 + (2.0 * s + (p + k * 3.19461833e-5));
    return x > 0.0 ? (isinf(x) ? x : y) : x == 0.0 ? -INFINITY : NAN;
}

// Near 0 a Taylor polynomial, elsewhere nothing cancels.
float vexpm1(float x) {
    float p = x * (1.0 + x * (1.0 / 2.0 + x * (1.0 / 6.0 + x * (1.0 / 24.0 + x * (1.0 / 120.0 +
              x * (1.0 / 720.0 + x * (1.0 / 5040.0)))))));
    return abs(x) < 0.5 ? p : vexp(x) - 1.0;
}

// Near 0 by 2 artanh(x / (2 + x)).
float vlog1p(float x) {
    float s = x / (2.0 + x), q = s * s;
    float p = 2.0 * s * (1.0 + q * (1.0 / 3.0 + q * (1.0 / 5.0 + q * (1.0 / 7.0 + q * (1.0 / 9.0 +
              q * (1.0 / 11.0))))));
    return abs(x) < 0.5 ? p : vlog(1.0 + x);
}

float vtanh(float x) {
    float e = vexpm1(-2.0 * abs(x)), t = -e / (e + 2.0);
    return isnan(x) ? x : x < 0.0 ? -t : t;
}

float vsigmoid(float x) { return 1.0 / (1.0 + exp(-x)); }
float vsoftplus(float x) { return isnan(x) ? x : max(x, 0.0) + vlog1p(exp(-abs(x))); }

// x is r + q pi / 2 with all digits for |x| to 1e5: a device's own sine may have four.
float reduced(float x, out int q) {
    float a = abs(x), n = roundEven(a * 0.636619772);
    q = int(n);
    return (a - n * 1.5703125) - n * 0.000482559204 - n * 1.2665987e-06 - n * 9.89530236e-10 - n * 2.56334415e-12;
}

float sine(float r) {
    float z = r * r;
    return r + r * z * (-1.0 / 6.0 + z * (1.0 / 120.0 + z * (-1.0 / 5040.0 + z * (1.0 / 362880.0))));
}
float cosine(float r) {
    float z = r * r, p = 1.0 / 24.0 + z * (-1.0 / 720.0 + z * (1.0 / 40320.0 - z * (1.0 / 3628800.0)));
    return 1.0 - 0.5 * z + z * z * p;
}
const float FARTHEST = 1e5;
float vsin(float x) {
    int q;
    float r = reduced(x, q), s = (q & 1) == 0 ? sine(r) : cosine(r);
    return abs(x) < FARTHEST ? (q & 2) != 0 != (x < 0.0) ? -s : s : isinf(x) ? NAN : sin(x);
}
float vcos(float x) {
    int q;
    float r = reduced(x, q), c = (q & 1) == 0 ? cosine(r) : sine(r);
    return abs(x) < FARTHEST ? (q + 1 & 2) != 0 ? -c : c : isinf(x) ? NAN : cos(x);
}
float vtan(float x) {
    int q;
    float r = reduced(x, q), s = sine(r), c = cosine(r), t = (q & 1) == 0 ? s / c : -c / s;
    return abs(x) < FARTHEST ? x < 0.0 ? -t : t : isinf(x) ? NAN : tan(x);
}

// Abramowitz and Stegun 4.4.46: the absolute error is 2e-8.
float acos_positive(float x) {
    float p = 1.5707963050 + x * (-0.2145988016 + x * (0.0889789874 + x * (-0.0501743046 +
              x * (0.0308918810 + x * (-0.0170881256 + x * (0.0066700901 + x * -0.0012624911))))));
    return sqrt(1.0 - x) * p;
}
float vacos(float x) {
    float r = acos_positive(abs(x));
    return x < 0.0 ? 3.14159265358979 - r : r;
}
// Near 0 a Taylor polynomial.
float vasin(float x) {
    float q = x * x, a = 1.57079632679490 - acos_positive(abs(x));
    float p = x * (1.0 + q * (1.0 / 6.0 + q * (3.0 / 40.0 + q * (15.0 / 336.0 + q * (105.0 / 3456.0)))));
    return abs(x) < 0.3 ? p : x < 0.0 ? -a : a;
}
float vatan(float x) { return atan(x); }
// Of zeros and infinities as IEEE 754 says.
float vatan2(float a, float b) {
    float p = abs(a), q = abs(b), small = min(p, q), large = max(p, q);
    float y = atan(large == 0.0 ? 0.0 : isinf(small) ? 1.0 : small / large);
    if (p > q) y = 1.57079633 - y;
    if (floatBitsToInt(b) < 0) y = 3.14159265 - y;
    return isnan(a) || isnan(b) ? NAN : floatBitsToInt(a) < 0 ? -y : y;
}

float vsinh(float x) {
    float e = vexpm1(abs(x)), s = 0.5 * (e + e / (e + 1.0));
    s = e > 1e30 ? 0.5 * e : s;
    return isnan(x) ? x : x < 0.0 ? -s : s;
}
float vcosh(float x) { return 0.5 * (vexp(x) + vexp(-x)); }
float vasinh(float x) {
    float a = abs(x), s = a < 1e9 ? vlog1p(a + a * a / (1.0 + sqrt(1.0 + a * a))) : vlog(a) + 0.6931472;
    return isnan(x) ? x : x < 0.0 ? -s : s;
}
float vacosh(float x) {
    float t = x - 1.0;
    return x < 1.0 ? NAN : x < 1e9 ? vlog1p(t + sqrt(t * (t + 2.0))) : vlog(x) + 0.6931472;
}
float vatanh(float x) {
    float a = abs(x), y = 0.5 * vlog1p(2.0 * a / (1.0 - a));
    return x < 0.0 ? -y : y;
}

// Near 0 the series; else Abramowitz and Stegun 7.1.26, absolute error 1.5e-7.
float verf(float x) {
    float q = x * x, t = 1.0 / (1.0 + 0.3275911 * abs(x));
    float p = t * (0.254829592 + t * (-0.284496736 + t * (1.421413741 + t * (-1.453152027 +
              t * 1.061405429))));
    float series = 1.1283791671 * x * (1.0 + q * (-1.0 / 3.0 + q * (1.0 / 10.0 + q * (-1.0 / 42.0 +
                   q * (1.0 / 216.0)))));
    float tail = 1.0 - p * vexp(-q);
    return isnan(x) ? x : abs(x) < 0.5 ? series : x < 0.0 ? -tail : tail;
}

// A negative base takes whole exponents only.
float vpow(float a, float b) {
    float p = pow(abs(a), b), half_b = 0.5 * b;
    float odd = floor(half_b) == half_b ? p : -p;
    float negative = isinf(b) && a == -1.0 ? 1.0 : floor(b) == b ? odd : isinf(a) ? p : NAN;
    return b == 0.0 || a == 1.0 ? 1.0 : isnan(a) || isnan(b) ? NAN : a < 0.0 ? negative :
           a == 0.0 ? (b > 0.0 ? 0.0 : INFINITY) : p;
}

float vfloordiv(float a, float b) { return floor(a / b); }
// Where a / b was rounded to the whole number beside it, the remainder is off by one b.
float vmod(float a, float b) {
    float rest = a - b * floor(a / b);
    rest += rest != 0.0 && (rest < 0.0) != (b < 0.0) ? b : 0.0;
    rest -= abs(rest) >= abs(b) ? b : 0.0;
    return isinf(b) && !isinf(a) && (a < 0.0) == (b < 0.0) ? a : rest;
}

float vround(float x) { return roundEven(x); }

// ---- whole numbers, by the names of src/ops

// Cut towards 0, then the last 32 bits; 0 of NaN and infinities.
int int_wrapped(float x) {
    float whole = trunc(x), turns = floor(whole / 4294967296.0);
    return isnan(x) || isinf(x) ? 0 : abs(x) < 2147483648.0 ? int(x) : int(uint(whole - turns * 4294967296.0));
}

// Rounds down; x / 0 is 0, and the one quotient that overflows wraps.
int int_floor_div(int a, int b) {
    if (b == 0) return 0;
    if (b == -1) return -a;
    int q = a / b;
    return q * b != a && (a < 0) != (b < 0) ? q - 1 : q;
}

int int_mod(int a, int b) { return b == 0 ? 0 : a - b * int_floor_div(a, b); }

int int_pow(int a, int b) {
    int y = 1;
    if (b < 0) return a == 1 ? 1 : a == -1 ? ((b & 1) != 0 ? -1 : 1) : 0;
    for (; b != 0; b >>= 1, a *= a) y *= (b & 1) != 0 ? a : 1;
    return y;
}

int int_atan2(int a, int b) { return int(vatan2(float(a), float(b))); }
