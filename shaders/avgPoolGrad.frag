// The gradient of avgPool for its images [n, ih, iw, ic]: of that of its results [n, oh, ow, ic], each spread over
// what of its window lies taps_inside.
#pragma flags ALIGNED
#pragma words n ih iw ic kh kw oc oh ow sh sw dh dw pt pl
#pragma aligned ic
uniform sampler2D x0;

// How many of `count` taps, `step` apart from `first` on, are in 0 to size - 1.
int taps_inside(int first, int count, int step, int size) {
    int from = first < 0 ? (step - 1 - first) / step : 0;
    return min(count - 1, (size - 1 - first) / step) - from + 1;
}

VALUE element(int e) {
    int channels = COUNT(ic), p = quotient(e, channels), c = e - p * channels;
    int row = quotient(p, iw), image = quotient(row, ih);
    int left = p - row * iw + pl, top = row - image * ih + pt;
    VALUE sum = VALUE(0);
    for (int i = 0; i < kh; i++) {
        int v = top - i * dh, oy = quotient(v, sh);
        if (v < 0 || oy * sh != v || oy >= oh) continue;
        int high = taps_inside(v - pt, kh, dh, ih);
        for (int j = 0; j < kw; j++) {
            int u = left - j * dw, ox = quotient(u, sw);
            if (u < 0 || ox * sw != u || ox >= ow) continue;
            sum += FETCH(x0, ((image * oh + oy) * ow + ox) * channels + c) /
                   float(high * taps_inside(u - pl, kw, dw, iw));
        }
    }
    return sum;
}

MAIN
