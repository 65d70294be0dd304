// The gradient of unfold for its volumes [n, slices, pixels, channels]: of that of its results, x0 [n, outputs,
// pixels, window * channels], what was made of each slice is added up.
#pragma flags ALIGNED
#pragma words n slices outputs window stride dilation before pixels channels
#pragma aligned channels
uniform sampler2D x0;

VALUE element(int e) {
    int width = COUNT(channels), p = quotient(e, width), line = quotient(p, pixels), volume = quotient(line, slices);
    int z = line - volume * slices + before, pixel = p - line * pixels;
    VALUE sum = VALUE(0.0);
    for (int t = 0; t < window; t++) {
        int from = z - t * dilation, o = quotient(from, stride);
        if (from < 0 || o * stride != from || o >= outputs) continue;
        sum += FETCH(x0, (((volume * outputs + o) * pixels + pixel) * window + t) * width + e - p * width);
    }
    return sum;
}

MAIN
