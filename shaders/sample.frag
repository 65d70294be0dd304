// Pixels y [pixels, channels] as sums of pixels of x0 [sources, channels], which x2 [pixels, taps] names: -1 reads
// `fill`, -2 at the first makes all of it so, or 0 with `blank`. WEIGHTS: with the weights x1 [pixels, taps], else there
// is one tap. unit: weights sum to 1, and what is the same at all taps comes out exactly so.
#pragma flags ALIGNED WEIGHTS
#pragma words taps channels sources blank unit float:fill0 float:fill1 float:fill2 float:fill3
uniform sampler2D x0, x1;
uniform isampler2D x2;

VALUE fill(int c) {
#ifdef ALIGNED
    return c == 0 ? vec4(fill0, fill1, fill2, fill3) : vec4(fill3);
#else
    return c < 2 ? (c == 0 ? fill0 : fill1) : (c == 2 ? fill2 : fill3);
#endif
}

VALUE tap(int from, int width, int c) { return from < 0 ? fill(c) : FETCH(x0, from * width + c); }

VALUE element(int e) {
    int width = COUNT(channels), p = quotient(e, width), c = e - p * width, first = p * taps, begin = at(x2, first);
#ifdef WEIGHTS
    if (begin == -2) return blank != 0 ? VALUE(0.0) : fill(c);
    VALUE base = unit != 0 ? tap(begin, width, c) : VALUE(0.0), sum = base;
    for (int t = unit != 0 ? 1 : 0; t < taps; t++)
        sum += at(x1, first + t) * (tap(at(x2, first + t), width, c) - base);
    return sum;
#else
    return begin < 0 && blank != 0 ? VALUE(0.0) : tap(begin, width, c);
#endif
}

MAIN
