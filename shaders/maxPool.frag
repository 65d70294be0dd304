// The largest element of each window of images [n, ih, iw, ic]; a NaN is larger than all.
#pragma flags ALIGNED
#pragma words n ih iw ic kh kw oc oh ow sh sw dh dw pt pl
#pragma aligned ic
uniform sampler2D x0;

float join(float best, float v) { return v > best || isnan(v) ? v : best; }
vec4 join(vec4 a, vec4 b) {
    return vec4(join(a.x, b.x), join(a.y, b.y), join(a.z, b.z), join(a.w, b.w));
}

VALUE element(int e) {
    int channels = COUNT(ic), p = e / channels, c = e - p * channels, row = p / ow, image = row / oh;
    int left = (p - row * ow) * sw - pl, top = (row - image * oh) * sh - pt;
    VALUE best = VALUE(uintBitsToFloat(0xff800000u));
    for (int i = 0; i < kh; i++)
        for (int j = 0; j < kw; j++) {
            int v = top + i * dh, u = left + j * dw;
            if (v >= 0 && v < ih && u >= 0 && u < iw)
                best = join(best, FETCH(x0, ((image * ih + v) * iw + u) * channels + c));
        }
    return best;
}

MAIN
