// Rows made of a run of each of up to four inputs. TWO, THREE: there are no more.
#pragma flags ALIGNED TWO THREE
#pragma words row first second third
#pragma whole x0 x1 x2 x3 y
uniform X0 x0;
uniform X1 x1;
uniform X2 x2;
uniform X3 x3;

// Element i, or texel i where all runs are whole texels.
VALUE element(int i) {
    int r = quotient(i, row), c = i - r * row;
    if (c < first) return FETCH(x0, r * first + c);
    c -= first;
#ifdef TWO
    return FETCH(x1, r * (row - first) + c);
#else
    if (c < second) return FETCH(x1, r * second + c);
    c -= second;
#ifdef THREE
    return FETCH(x2, r * (row - first - second) + c);
#else
    if (c < third) return FETCH(x2, r * third + c);
    c -= third;
    return FETCH(x3, r * (row - first - second - third) + c);
#endif
#endif
}

MAIN
