// For softmax over n in [outer, n, inner]: of each row its largest element (0 if infinite) in x, the
// sum of exp(element - largest) in y (NaN if that is infinite), and its logarithm in z, a texel each.
// ROWS: inner is 1 and n whole texels.
#pragma flags ROWS
#pragma words n inner
uniform sampler2D x0;
#define INFINITY uintBitsToFloat(0x7f800000u)

// A NaN stays.
float top(float a, float b) { return isnan(a) ? a : b > a || isnan(b) ? b : a; }

void main() {
    int t = texel(), o = quotient(t, inner), from = (o * n) * inner + t - o * inner;
    float largest = -INFINITY, sum = 0.0, most;
#ifdef ROWS
    vec4 best = vec4(-INFINITY), sums = vec4(0);
    int count = TEXELS(n), at = TEXELS(from);
    float first = middle(at), p = first;
    vec2 scale = SCALE(x0);
    for (int k = 0; k < count; k++, p += TEXEL_STEP) {
        vec4 v = quad(x0, p, scale);
        best = vec4(top(best.x, v.x), top(best.y, v.y), top(best.z, v.z), top(best.w, v.w));
    }
    largest = top(top(best.x, best.y), top(best.z, best.w));
    most = largest;
    if (isinf(largest)) largest = 0.0;
    p = first;
    for (int k = 0; k < count; k++, p += TEXEL_STEP) sums += exp(quad(x0, p, scale) - largest);
    sum = (sums.x + sums.y) + (sums.z + sums.w);
#else
    for (int k = 0; k < n; k++) largest = top(largest, at(x0, from + k * inner));
    most = largest;
    if (isinf(largest)) largest = 0.0;
    for (int k = 0; k < n; k++) sum += exp(at(x0, from + k * inner) - largest);
#endif
    y = isinf(most) ? vec4(0, uintBitsToFloat(0x7fc00000u), most, 0) : vec4(largest, sum, log(sum), 0);
}
