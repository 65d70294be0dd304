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
    bool any = false;
    int high = kh, wide = kw, tall = ih, width = iw, down = dh, right = dw;
    vec2 scale = SCALE(x0);
    PLACE across = PLACES(right * channels);
    for (int i = 0, v = top; i < high; i++, v += down) {
        if (v < 0 || v >= tall) continue;
        PLACE place = PLACE_OF(((image * tall + v) * width + left) * channels + c);
        for (int j = 0, u = left; j < wide; j++, u += right, place += across) {
            if (u < 0 || u >= width) continue;
            best = larger(best, LOOK(x0, place, scale));
            any = true;
        }
    }
#ifdef WHOLE
    if (!any) best = VALUE(0);
#endif
    return best;
}

MAIN
