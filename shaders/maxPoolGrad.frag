// The gradient of maxPool for its images x0 [n, ih, iw, ic], of that of its results, x1 [n, oh, ow, ic]: it goes
// to the first of the largest elements of each window; NaN is passed over. A pixel looks through the windows
// that it is in.
#pragma flags ALIGNED
#pragma words n ih iw ic kh kw oc oh ow sh sw dh dw pt pl
#pragma aligned ic
uniform sampler2D x0, x1;

#ifdef ALIGNED
#define WHERE ivec4
#define LARGER(a, b) greaterThan(a, b)
#define SAME(a, b) vec4(equal(a, b))
#else
#define WHERE int
#define LARGER(a, b) ((a) > (b))
#define SAME(a, b) float((a) == (b))
#endif

// The first of places from `at` on, `step` apart, that is not below 0.
int first_inside(int at, int step) { return at < 0 ? at + quotient(step - 1 - at, step) * step : at; }

// Where in its image the largest of the window at top, left is: row * iw + column.
WHERE largest(int image, int top, int left, int channels, int c) {
    VALUE best = VALUE(uintBitsToFloat(0xff800000u));
    int v = first_inside(top, dh), begin = first_inside(left, dw);
    int below = min(ih, top + kh * dh), right = min(iw, left + kw * dw);
    WHERE where = WHERE(v * iw + begin);
    vec2 scale = SCALE(x0);
    PLACE across = PLACES(dw * channels);
    for (; v < below; v += dh) {
        PLACE place = PLACE_OF(((image * ih + v) * iw + begin) * channels + c);
        for (int u = begin; u < right; u += dw, place += across) {
            VALUE x = LOOK(x0, place, scale);
            where += WHERE(LARGER(x, best)) * (WHERE(v * iw + u) - where);
            best = mix(best, x, LARGER(x, best));
        }
    }
    return where;
}

// Of windows that do not overlap and are not dilated: a pixel is in one at most.
VALUE in_one(ivec3 pixel, int channels, int c) {
    int ox = quotient(pixel.x + pl, sw), oy = quotient(pixel.y + pt, sh), left = ox * sw - pl, top = oy * sh - pt;
    if (ox >= ow || oy >= oh || pixel.x >= left + kw || pixel.y >= top + kh) return VALUE(0);
    return SAME(largest(pixel.z, top, left, channels, c), WHERE(pixel.y * iw + pixel.x)) *
           FETCH(x1, ((pixel.z * oh + oy) * ow + ox) * channels + c);
}

VALUE in_some(ivec3 pixel, int channels, int c) {
    WHERE here = WHERE(pixel.y * iw + pixel.x);
    VALUE sum = VALUE(0);
    for (int i = 0; i < kh; i++) {
        int v = pixel.y + pt - i * dh, oy = quotient(v, sh);
        if (v < 0 || oy * sh != v || oy >= oh) continue;
        for (int j = 0; j < kw; j++) {
            int u = pixel.x + pl - j * dw, ox = quotient(u, sw);
            if (u < 0 || ox * sw != u || ox >= ow) continue;
            sum += SAME(largest(pixel.z, v - pt, u - pl, channels, c), here) *
                   FETCH(x1, ((pixel.z * oh + oy) * ow + ox) * channels + c);
        }
    }
    return sum;
}

VALUE element(int e) {
    int channels = COUNT(ic), p = quotient(e, channels), c = e - p * channels;
    int row = quotient(p, iw), image = quotient(row, ih);
    ivec3 pixel = ivec3(p - row * iw, row - image * ih, image);
    bool apart = sw >= kw && sh >= kh && dw == 1 && dh == 1;
    return apart ? in_one(pixel, channels, c) : in_some(pixel, channels, c);
}

MAIN
