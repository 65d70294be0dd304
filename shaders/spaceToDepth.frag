// Blocks of pixels as channels: y [n, h / block, w / block, block^2 c] of x [n, h, w, c].
#pragma flags ALIGNED
#pragma words n h w c block
#pragma aligned c
uniform sampler2D x0;

VALUE element(int e) {
    int channels = COUNT(c), run = e / channels, k = e - run * channels, p = run / (block * block);
    int part = run - p * block * block, row = p / (w / block), u = (p - row * (w / block)) * block + part % block;
    return FETCH(x0, ((row * block + part / block) * w + u) * channels + k);
}

MAIN
