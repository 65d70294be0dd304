// What x1, like the images x0 [n, ih, iw, ic], has where the largest element of each window of x0 is: the first
// of equals; NaN is passed over.
#pragma words n ih iw ic kh kw oc oh ow sh sw dh dw pt pl
uniform sampler2D x0, x1;

float element(int e) {
    int p = quotient(e, ic), c = e - p * ic, row = quotient(p, ow), image = quotient(row, oh);
    int left = (p - row * ow) * sw - pl, top = (row - image * oh) * sh - pt, where = -1;
    float best = uintBitsToFloat(0xff800000u);
    for (int i = 0; i < kh; i++)
        for (int j = 0; j < kw; j++) {
            int v = top + i * dh, u = left + j * dw;
            if (v < 0 || v >= ih || u < 0 || u >= iw) continue;
            int here = ((image * ih + v) * iw + u) * ic + c;
            float x = at(x0, here);
            if (where < 0 || x > best) where = here;
            best = x > best ? x : best;
        }
    return where < 0 ? 0.0 : at(x1, where);
}

MAIN
