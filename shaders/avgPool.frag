// The mean of each window of images [n, ih, iw, ic]; what lies outside does not count.
#pragma flags ALIGNED
#pragma words n ih iw ic kh kw oc oh ow sh sw dh dw pt pl
#pragma aligned ic
uniform sampler2D x0;

VALUE element(int e) {
    int channels = COUNT(ic), p = e / channels, c = e - p * channels, row = p / ow, image = row / oh;
    int left = (p - row * ow) * sw - pl, top = (row - image * oh) * sh - pt;
    VALUE sum = VALUE(0);
    float count = 0.0;
    for (int i = 0; i < kh; i++)
        for (int j = 0; j < kw; j++) {
            int v = top + i * dh, u = left + j * dw;
            if (v >= 0 && v < ih && u >= 0 && u < iw) {
                sum += FETCH(x0, ((image * ih + v) * iw + u) * channels + c);
                count += 1.0;
            }
        }
    return sum / count;
}

MAIN
