// The largest element of each window of images [n, ih, iw, ic]; NaN is passed over.
#pragma flags ALIGNED
#pragma words n ih iw ic kh kw oc oh ow sh sw dh dw pt pl
#pragma aligned ic
#pragma whole x0 y
uniform X0 x0;

float larger(float a, float b) { return b > a ? b : a; }
vec4 larger(vec4 a, vec4 b) { return mix(a, b, greaterThan(b, a)); }
int larger(int a, int b) { return max(a, b); }
ivec4 larger(ivec4 a, ivec4 b) { return max(a, b); }

// A window outside of the image has 0 of whole numbers.
#ifdef WHOLE
#define LEAST (-2147483647 - 1)
#else
#define LEAST uintBitsToFloat(0xff800000u)
#endif

VALUE element(int e) {
    int channels = COUNT(ic), p = quotient(e, channels), c = e - p * channels;
    int row = quotient(p, ow), image = quotient(row, oh);
    int left = (p - row * ow) * sw - pl, top = (row - image * oh) * sh - pt;
    VALUE best = VALUE(LEAST);
    int v = inside(top, dh), first = inside(left, dw), below = min(ih, top + kh * dh), right = min(iw, left + kw * dw);
    int down = dh, along = dw, line = image * ih, width = iw;
    vec2 scale = SCALE(x0);
    PLACE across = PLACES(along * channels);
#ifdef WHOLE
    if (v >= below || first >= right) return VALUE(0);
#endif
    for (; v < below; v += down) {
        PLACE place = PLACE_OF(((line + v) * width + first) * channels + c);
        for (int u = first; u < right; u += along, place += across) best = larger(best, LOOK(x0, place, scale));
    }
    return best;
}

MAIN
