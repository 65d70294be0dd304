// The gradient of a depthwise convolution by its filters [kh, kw, ic, oc], oc being the multiplier: of images
// [n, ih, iw, ic] and the gradient of its results [n, oh, ow, ic * oc]. The rows of all results are cut into
// pieces of `span`, whose sums lie one after another. ALIGNED: oc is 1, and channels are whole texels.
#pragma flags ALIGNED
#pragma words n ih iw ic kh kw oc oh ow sh sw dh dw pt pl span
uniform sampler2D x0, x1;

VALUE element(int e) {
#ifdef ALIGNED
    int channels = ic >> 2, results = channels;
#else
    int channels = ic, results = ic * oc;
#endif
    int tap = e / results, k = e - tap * results, piece = tap / (kh * kw);
#ifdef ALIGNED
    int c = k;
#else
    int c = k / oc;
#endif
    tap -= piece * kh * kw;
    int i = tap / kw, j = tap - i * kw, shift = j * dw - pl;
    int begin = max(0, (sw - 1 - shift) / sw), end = min(ow, (iw - 1 - shift) / sw + 1);
    VALUE sum = VALUE(0);
    if (iw - 1 - shift < 0) end = 0;
    for (int row = piece * span, last = min(row + span, n * oh); row < last; row++) {
        int image = row / oh, v = (row - image * oh) * sh + i * dh - pt;
        if (v < 0 || v >= ih) continue;
        int from = ((image * ih + v) * iw + begin * sw + shift) * channels + c;
        int to = (row * ow + begin) * results + k;
        for (int u = begin; u < end; u++, from += sw * channels, to += results)
            sum += FETCH(x0, from) * FETCH(x1, to);
    }
    return sum;
}

MAIN
