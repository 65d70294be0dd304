// What windows along the depth see of volumes x0 [n, slices, pixels, channels]: [n, outputs, pixels, window *
// channels], slices outside are 0.
#pragma flags ALIGNED
#pragma words n slices outputs window stride dilation before pixels channels
#pragma aligned channels
uniform sampler2D x0;

VALUE element(int e) {
    int width = COUNT(channels), q = quotient(e, width), p = quotient(q, window);
    int o = quotient(p, pixels), volume = quotient(o, outputs);
    int z = (o - volume * outputs) * stride - before + (q - p * window) * dilation;
    if (z < 0 || z >= slices) return VALUE(0.0);
    return FETCH(x0, ((volume * slices + z) * pixels + p - o * pixels) * width + e - q * width);
}

MAIN
