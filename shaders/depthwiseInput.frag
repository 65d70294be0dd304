// The gradient of a depthwise convolution by its images [n, ih, iw, ic]: of that of its results
// [n, oh, ow, ic * oc] and filters [kh, kw, ic, oc], oc being the multiplier. ALIGNED: it is 1, and channels are
// whole texels.
#pragma flags ALIGNED
#pragma words n ih iw ic kh kw oc oh ow sh sw dh dw pt pl
uniform sampler2D x0, x1;

VALUE element(int e) {
    int channels = COUNT(ic), p = quotient(e, channels), c = e - p * channels;
    int row = quotient(p, iw), image = quotient(row, ih);
    int left = p - row * iw + pl, top = row - image * ih + pt;
    VALUE sum = VALUE(0);
    for (int i = 0; i < kh; i++) {
        int v = top - i * dh, oy = quotient(v, sh);
        if (v < 0 || oy * sh != v || oy >= oh) continue;
        for (int j = 0; j < kw; j++) {
            int u = left - j * dw, ox = quotient(u, sw);
            if (u < 0 || ox * sw != u || ox >= ow) continue;
            int from = ((image * oh + oy) * ow + ox) * channels + c, w = (i * kw + j) * channels + c;
#ifdef ALIGNED
            sum += quad(x0, from) * quad(x1, w);
#else
            for (int m = 0; m < oc; m++) sum += at(x0, from * oc + m) * at(x1, w * oc + m);
#endif
        }
    }
    return sum;
}

MAIN
