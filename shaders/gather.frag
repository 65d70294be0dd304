// y[b, o, i, k] = x[b, o, index[b, i], k], for x0 seen as [batch, outer, dim, inner] and the whole
// numbers of x1 as [batch, count].
#pragma flags ALIGNED
#pragma words batch outer dim count inner
#pragma aligned inner
#pragma whole x0 x1 y
uniform X0 x0;
uniform X1 x1;

VALUE element(int e) {
    int width = COUNT(inner), place = quotient(e, width), line = quotient(place, count), i = place - line * count;
    int chosen = at(x1, (quotient(line, outer)) * count + i);
    return FETCH(x0, (line * dim + chosen) * width + e - place * width);
}

MAIN
