// One pass of a running sum over n in [outer, n, inner]: y[k] = x[k] + x[k - reach]. A reach below 0 goes towards the end.
// MOVE: y[k] = x[k - reach] alone.
#pragma flags MOVE
#pragma words n inner reach
#pragma whole x0 y
uniform X0 x0;

ELEMENT element(int e) {
    int k = e / inner % n, from = k - reach;
    ELEMENT there = from >= 0 && from < n ? at(x0, e - reach * inner) : ELEMENT(0);
#ifdef MOVE
    return there;
#else
    return at(x0, e) + there;
#endif
}

MAIN
