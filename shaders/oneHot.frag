// Numbers of classes as rows of depth elements, one of them on. Bools are as floats.
#pragma words depth float:on onWhole float:off offWhole
#pragma whole x0 y
uniform isampler2D x0;

ELEMENT element(int e) {
    int i = quotient(e, depth);
    bool here = at(x0, i) == e - i * depth;
#ifdef WHOLE
    return here ? onWhole : offWhole;
#else
    return here ? on : off;
#endif
}

MAIN
