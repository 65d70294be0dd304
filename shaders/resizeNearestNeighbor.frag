// Images [batch, in_h, in_w, channels] at another size, each pixel the one that x1 names: rows, then columns.
#pragma flags ALIGNED
#pragma words batch in_h in_w out_h out_w channels align half
#pragma whole x0 x1 y
uniform X0 x0;
uniform isampler2D x1;

VALUE element(int e) {
    int depth = COUNT(channels), p = quotient(e, depth), c = e - p * depth;
    int row = quotient(p, out_w), image = quotient(row, out_h);
    int v = at(x1, row - image * out_h), u = at(x1, out_h + p - row * out_w);
    return FETCH(x0, ((image * in_h + v) * in_w + u) * depth + c);
}

MAIN
