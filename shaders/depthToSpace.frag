// Channels spread over blocks of pixels: y [n, h, w, c] of x [n, h / block, w / block, block^2 c].
#pragma flags ALIGNED
#pragma words n h w c block
#pragma aligned c
#pragma whole x0 y
uniform X0 x0;

VALUE element(int e) {
    int channels = COUNT(c), p = quotient(e, channels), k = e - p * channels, row = quotient(p, w), u = p - row * w;
    int image = quotient(row, h), v = row - image * h;
    int line = (image * (quotient(h, block)) + quotient(v, block)) * (quotient(w, block)) + quotient(u, block);
    int part = (v % block) * block + u % block;
    return FETCH(x0, (line * block * block + part) * channels + k);
}

MAIN
