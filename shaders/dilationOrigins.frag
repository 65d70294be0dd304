// Where in x0 [n, ih, iw, ic] the largest sum of each window of dilation2d is from, the first of equals; FILTER:
// where in x1 [kh, kw, ic]. -1 if there is none; NaN is passed over.
#pragma flags FILTER
#pragma words n ih iw ic kh kw oc oh ow sh sw dh dw pt pl
#pragma whole y
uniform sampler2D x0, x1;

int element(int e) {
    int p = quotient(e, ic), c = e - p * ic, row = quotient(p, ow), image = quotient(row, oh), origin = -1;
    int left = (p - row * ow) * sw - pl, top = (row - image * oh) * sh - pt;
    float best = uintBitsToFloat(0xff800000u);
    for (int i = 0; i < kh; i++)
        for (int j = 0; j < kw; j++) {
            int v = top + i * dh, u = left + j * dw;
            if (v < 0 || v >= ih || u < 0 || u >= iw) continue;
            int from = ((image * ih + v) * iw + u) * ic + c, tap = (i * kw + j) * ic + c;
            float sum = at(x0, from) + at(x1, tap);
            if (!(sum > best)) continue;
            best = sum;
#ifdef FILTER
            origin = tap;
#else
            origin = from;
#endif
        }
    return origin;
}

MAIN
