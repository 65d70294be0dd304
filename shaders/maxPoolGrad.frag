// The gradient of maxPool for its images x0 [n, ih, iw, ic], of that of its results, x1 [n, oh, ow, ic]: it goes
// to the first of the largest elements of each window; NaN is passed over. A pixel looks through the windows
// that it is in.
#pragma flags ALIGNED
#pragma words n ih iw ic kh kw oc oh ow sh sw dh dw pt pl
#pragma aligned ic
uniform sampler2D x0, x1;

#ifdef ALIGNED
#define SHARE(v, than, or_equal) vec4(or_equal ? lessThan(v, than) : lessThanEqual(v, than))
#else
#define SHARE(v, than, or_equal) float(or_equal ? v < than : v <= than)
#endif
#define LEAST VALUE(uintBitsToFloat(0xff800000u))

float larger(float a, float b) { return b > a ? b : a; }
vec4 larger(vec4 a, vec4 b) { return mix(a, b, greaterThan(b, a)); }

// 1 if the pixel is the first of the largest of the window at top, left, else 0.
VALUE is_first(ivec3 pixel, int top, int left, int channels, int c) {
    int line = pixel.z * ih, below = min(ih, top + kh * dh), right = min(iw, left + kw * dw), width = iw, down = dh;
    int along = dw;
    vec2 scale = SCALE(x0);
    PLACE across = PLACES(along * channels);
    VALUE here = larger(LEAST, LOOK(x0, PLACE_OF(((line + pixel.y) * width + pixel.x) * channels + c), scale));
    VALUE yes = VALUE(1);
    for (int v = top; v < below; v += down) {
        if (v < 0) continue;
        PLACE place = PLACE_OF(((line + v) * width + left) * channels + c);
        for (int u = left; u < right; u += along, place += across) {
            bool before = v < pixel.y || (v == pixel.y && u < pixel.x);
            if (u < 0 || (v == pixel.y && u == pixel.x)) continue;
            VALUE x = larger(LEAST, LOOK(x0, place, scale));
            yes *= SHARE(x, here, before);
        }
    }
    return yes;
}

// Of windows that do not overlap and are not dilated: a pixel is in one at most.
VALUE in_one(ivec3 pixel, int channels, int c) {
    int ox = quotient(pixel.x + pl, sw), oy = quotient(pixel.y + pt, sh), left = ox * sw - pl, top = oy * sh - pt;
    if (ox >= ow || oy >= oh || pixel.x >= left + kw || pixel.y >= top + kh) return VALUE(0);
    return is_first(pixel, top, left, channels, c) *
           FETCH(x1, ((pixel.z * oh + oy) * ow + ox) * channels + c);
}

VALUE in_some(ivec3 pixel, int channels, int c) {
    VALUE sum = VALUE(0);
    for (int i = 0; i < kh; i++) {
        int v = pixel.y + pt - i * dh, oy = quotient(v, sh);
        if (v < 0 || oy * sh != v || oy >= oh) continue;
        for (int j = 0; j < kw; j++) {
            int u = pixel.x + pl - j * dw, ox = quotient(u, sw);
            if (u < 0 || ox * sw != u || ox >= ow) continue;
            sum += is_first(pixel, v - pt, u - pl, channels, c) *
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
