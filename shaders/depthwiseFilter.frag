// The gradient of a depthwise convolution by its filters [kh, kw, ic, oc], oc being the multiplier: of images
// [n, ih, iw, ic] and the gradient of its results [n, oh, ow, ic * oc]. The rows of all results are cut into
// pieces of `span`, whose sums lie one after another. ALIGNED: oc is 1, and channels are whole texels.
#pragma flags ALIGNED
#pragma words n ih iw ic kh kw oc oh ow sh sw dh dw pt pl span
uniform sampler2D x0, x1;

VALUE element(int e) {
#ifdef ALIGNED
    int channels = TEXELS(ic), results = channels;
#else
    int channels = ic, results = ic * oc;
#endif
    int tap = quotient(e, results), k = e - tap * results, piece = quotient(tap, kh * kw);
#ifdef ALIGNED
    int c = k;
#else
    int c = quotient(k, oc);
#endif
    tap -= piece * kh * kw;
    int i = quotient(tap, kw), j = tap - i * kw, shift = j * dw - pl;
    int begin = max(0, (sw - 1 - shift) / sw), end = min(ow, (iw - 1 - shift) / sw + 1);
    VALUE sum = VALUE(0);
    vec2 scale0 = SCALE(x0), scale1 = SCALE(x1);
    PLACE next0 = PLACES(sw * channels), next1 = PLACES(results);
    if (iw - 1 - shift < 0) end = 0;
    for (int row = piece * span, last = min(row + span, n * oh); row < last; row++) {
        int image = quotient(row, oh), v = (row - image * oh) * sh + i * dh - pt;
        if (v < 0 || v >= ih) continue;
        PLACE from = PLACE_OF(((image * ih + v) * iw + begin * sw + shift) * channels + c);
        PLACE to = PLACE_OF((row * ow + begin) * results + k);
        for (int u = begin; u < end; u++, from += next0, to += next1)
            sum += LOOK(x0, from, scale0) * LOOK(x1, to, scale1);
    }
    return sum;
}

MAIN
