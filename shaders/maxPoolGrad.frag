// The gradient of maxPool for its images x0 [n, ih, iw, ic], of that of its results, x1 [n, oh, ow, ic]: it goes
// to the first of the largest elements of each window; NaN is passed over. A pixel looks through the windows
// that it is in.
#pragma flags ALIGNED
#pragma words n ih iw ic kh kw oc oh ow sh sw dh dw pt pl
#pragma aligned ic
uniform sampler2D x0, x1;

#ifdef ALIGNED
#define PLACE ivec4
#define LARGER(a, b) greaterThan(a, b)
#define SAME(a, b) vec4(equal(a, b))
#else
#define PLACE int
#define LARGER(a, b) ((a) > (b))
#define SAME(a, b) float((a) == (b))
#endif

// The first of places from `at` on, `step` apart, that is not below 0.
int first_inside(int at, int step) { return at < 0 ? at + (step - 1 - at) / step * step : at; }

// Where in its image the largest of the window at top, left is: row * iw + column.
PLACE largest(int image, int top, int left, int channels, int c) {
    VALUE best = VALUE(uintBitsToFloat(0xff800000u));
    int v = first_inside(top, dh), begin = first_inside(left, dw);
    int below = min(ih, top + kh * dh), right = min(iw, left + kw * dw);
    PLACE where = PLACE(v * iw + begin);
    for (; v < below; v += dh)
        for (int u = begin; u < right; u += dw) {
            VALUE x = FETCH(x0, ((image * ih + v) * iw + u) * channels + c);
            where += PLACE(LARGER(x, best)) * (PLACE(v * iw + u) - where);
            best = mix(best, x, LARGER(x, best));
        }
    return where;
}

VALUE element(int e) {
    int channels = COUNT(ic), p = e / channels, c = e - p * channels, row = p / iw, image = row / ih;
    int left = p - row * iw + pl, top = row - image * ih + pt;
    PLACE here = PLACE((row - image * ih) * iw + p - row * iw);
    VALUE sum = VALUE(0);
    for (int i = 0; i < kh; i++) {
        int v = top - i * dh, oy = v / sh;
        if (v < 0 || oy * sh != v || oy >= oh) continue;
        for (int j = 0; j < kw; j++) {
            int u = left - j * dw, ox = u / sw;
            if (u < 0 || ox * sw != u || ox >= ow) continue;
            sum += SAME(largest(image, v - pt, u - pl, channels, c), here) *
                   FETCH(x1, ((image * oh + oy) * ow + ox) * channels + c);
        }
    }
    return sum;
}

MAIN
