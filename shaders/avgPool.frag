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
    int v = inside(top, dh), first = inside(left, dw), below = min(ih, top + kh * dh), right = min(iw, left + kw * dw);
    int down = dh, along = dw, line = image * ih, width = iw;
    float count = 0.0;
    vec2 scale = SCALE(x0);
    PLACE across = PLACES(along * channels);
    for (; v < below; v += down) {
        PLACE place = PLACE_OF(((line + v) * width + first) * channels + c);
        for (int u = first; u < right; u += along, place += across) {
            sum += LOOK(x0, place, scale);
            count += 1.0;
        }
    }
    return sum / count;
}

MAIN
