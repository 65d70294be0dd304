// Whether the class of each row of x0 that x1 names is among its k largest, of equal ones the first; NaN is below
// everything.
#pragma words n k
#pragma whole x1
uniform sampler2D x0;
uniform isampler2D x1;

float element(int e) {
    int target = at(x1, e), from = e * n, before = 0;
    if (target < 0 || target >= n) return 0.0;
    float value = at(x0, from + target);
    for (int i = 0; i < n; i++) {
        float v = at(x0, from + i);
        bool likelier = v > value || (v == value && i < target) || (isnan(value) && !isnan(v));
        before += int(likelier);
    }
    return before < k ? 1.0 : 0.0;
}

MAIN
