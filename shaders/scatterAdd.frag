// Adds to each row of y [batch, outer, dim, inner] the rows of x0 [batch, outer, count, inner] that go there. x1
// lists them: for each batch where each row's places begin, dim + 1 numbers, then from word `lists` on the places,
// `count` for each batch. LAST: only the last one counts, and rows without any are those of x2, like y.
#pragma flags ALIGNED LAST
#pragma words outer dim count inner lists
#pragma whole x0 x1 x2 y
uniform X0 x0;
uniform isampler2D x1;
#ifdef LAST
uniform X2 x2;
#endif

VALUE element(int e) {
    int width = COUNT(inner), place = quotient(e, width), k = e - place * width, line = quotient(place, dim);
    int batch = quotient(line, outer), begin = batch * (dim + 1) + place - line * dim, from = lists + batch * count;
    int first = at(x1, begin), end = at(x1, begin + 1);
#ifdef LAST
    return end > first ? FETCH(x0, at(x1, from + end - 1) * width + k) : FETCH(x2, e);
#else
    VALUE sum = VALUE(0);
    for (int i = first; i < end; i++) sum += FETCH(x0, (line * count + at(x1, from + i)) * width + k);
    return sum;
#endif
}

MAIN
