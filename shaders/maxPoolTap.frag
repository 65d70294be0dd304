// Which tap of each window of images [n, ih, iw, ic] has the first of its largest elements: row * kw + column, of
// taps inside of the image; NaN is passed over.
#pragma flags ALIGNED
#pragma words n ih iw ic kh kw oc oh ow sh sw dh dw pt pl
uniform sampler2D x0;

float choose(float a, float b, bool second) { return second ? b : a; }
vec4 choose(vec4 a, vec4 b, bvec4 second) { return mix(a, b, second); }
#ifdef ALIGNED
#define OVER(a, b) greaterThan(a, b)
#else
#define OVER(a, b) ((a) > (b))
#endif

VALUE element(int e) {
    int channels = COUNT(ic), p = quotient(e, channels), c = e - p * channels;
    int row = quotient(p, ow), image = quotient(row, oh);
    int left = (p - row * ow) * sw - pl, top = (row - image * oh) * sh - pt;
    int v = inside(top, dh), first = inside(left, dw), below = min(ih, top + kh * dh), right = min(iw, left + kw * dw);
    int down = dh, along = dw, line = image * ih, width = iw, wide = kw;
    int line_tap = quotient(v - top, down) * wide + quotient(first - left, along);
    vec2 scale = SCALE(x0);
    PLACE across = PLACES(along * channels);
    VALUE best = VALUE(uintBitsToFloat(0xff800000u)), found = VALUE(line_tap);
    for (; v < below; v += down, line_tap += wide) {
        PLACE place = PLACE_OF(((line + v) * width + first) * channels + c);
        float tap = float(line_tap);
        for (int u = first; u < right; u += along, place += across, tap += 1.0) {
            VALUE x = LOOK(x0, place, scale);
            found = choose(found, VALUE(tap), OVER(x, best));
            best = choose(best, x, OVER(x, best));
        }
    }
    return found;
}

MAIN
