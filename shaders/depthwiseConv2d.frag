// Each channel's own filters: filter [kh, kw, ic, oc], results [n, oh, ow, ic * oc]. ALIGNED: oc is 1
// and channels are whole texels.
#pragma flags ALIGNED
#pragma words n ih iw ic kh kw oc oh ow sh sw dh dw pt pl
uniform sampler2D x0, x1;

VALUE element(int e) {
    int channels = COUNT(ic), made = channels * oc, p = e / made, q = e - p * made, c = q / oc;
    int row = p / ow, image = row / oh;
    int left = (p - row * ow) * sw - pl, top = (row - image * oh) * sh - pt;
    VALUE sum = VALUE(0);
    for (int i = 0; i < kh; i++)
        for (int j = 0; j < kw; j++) {
            int v = top + i * dh, u = left + j * dw;
            if (v >= 0 && v < ih && u >= 0 && u < iw)
                sum += FETCH(x0, ((image * ih + v) * iw + u) * channels + c) * FETCH(x1, (i * kw + j) * made + q);
        }
    return sum;
}

MAIN
