// Blocks of pixels as channels: y [n, h / block, w / block, block^2 c] of x [n, h, w, c].
#pragma flags ALIGNED
#pragma words n h w c block
#pragma aligned c
uniform sampler2D x0;

VALUE element(int e) {
    int channels = COUNT(c), run = quotient(e, channels), k = e - run * channels, p = quotient(run, block * block);
    int part = run - p * block * block, wide = quotient(w, block), row = quotient(p, wide);
    int v = quotient(part, block), u = (p - row * wide) * block + part - v * block;
    return FETCH(x0, ((row * block + v) * w + u) * channels + k);
}

MAIN
