// The largest sum of images x0 [n, ih, iw, ic] and the filter x1 [kh, kw, ic] in each window; NaN is passed over.
#pragma flags ALIGNED
#pragma words n ih iw ic kh kw oc oh ow sh sw dh dw pt pl
#pragma aligned ic
uniform sampler2D x0, x1;

float larger(float a, float b) { return b > a ? b : a; }
vec4 larger(vec4 a, vec4 b) { return mix(a, b, greaterThan(b, a)); }

VALUE element(int e) {
    int channels = COUNT(ic), p = quotient(e, channels), c = e - p * channels;
    int row = quotient(p, ow), image = quotient(row, oh);
    int left = (p - row * ow) * sw - pl, top = (row - image * oh) * sh - pt;
    VALUE best = VALUE(uintBitsToFloat(0xff800000u));
    for (int i = 0; i < kh; i++)
        for (int j = 0; j < kw; j++) {
            int v = top + i * dh, u = left + j * dw;
            if (v < 0 || v >= ih || u < 0 || u >= iw) continue;
            VALUE x = FETCH(x0, ((image * ih + v) * iw + u) * channels + c);
            best = larger(best, x + FETCH(x1, (i * kw + j) * channels + c));
        }
    return best;
}

MAIN
