// The mean of each window of images [n, ih, iw, ic]; what lies outside does not count.
#pragma flags ALIGNED
#pragma words n ih iw ic kh kw oc oh ow sh sw dh dw pt pl
#pragma aligned ic
uniform sampler2D x0;

VALUE element(int e) {
    int channels = COUNT(ic), p = quotient(e, channels), c = e - p * channels;
    int row = quotient(p, ow), image = quotient(row, oh);
    int left = (p - row * ow) * sw - pl, top = (row - image * oh) * sh - pt;
    VALUE sum = VALUE(0);
    float count = 0.0;
    int high = kh, wide = kw, tall = ih, width = iw, down = dh, right = dw;
    vec2 scale = SCALE(x0);
    PLACE across = PLACES(right * channels);
    for (int i = 0, v = top; i < high; i++, v += down) {
        if (v < 0 || v >= tall) continue;
        PLACE place = PLACE_OF(((image * tall + v) * width + left) * channels + c);
        for (int j = 0, u = left; j < wide; j++, u += right, place += across) {
            if (u < 0 || u >= width) continue;
            sum += LOOK(x0, place, scale);
            count += 1.0;
        }
    }
    return sum / count;
}

MAIN
