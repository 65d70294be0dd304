// The gradient of sample for its pixels [sources, channels], of that of its results, x0 [pixels, channels]. x1 lists
// which taps read each pixel: where those of each begin, sources + 1 numbers, then from word `lists` on the taps,
// counted through all results. WEIGHTS: x2 has a weight for each tap.
#pragma flags ALIGNED WEIGHTS
#pragma words taps channels sources blank unit fill0 fill1 fill2 fill3 lists
uniform sampler2D x0, x2;
uniform isampler2D x1;

VALUE element(int e) {
    int width = COUNT(channels), p = quotient(e, width), c = e - p * width, end = at(x1, p + 1);
    VALUE sum = VALUE(0.0);
    for (int i = at(x1, p); i < end; i++) {
        int tap = at(x1, lists + i);
        VALUE dy = FETCH(x0, quotient(tap, taps) * width + c);
#ifdef WEIGHTS
        dy *= at(x2, tap);
#endif
        sum += dy;
    }
    return sum;
}

MAIN
