// One pass of a running sum over n in [outer, n, inner]: y[k] = x[k] + x[k - reach]. A reach below 0 goes towards the end.
// MOVE: y[k] = x[k - reach] alone. PRODUCT: of a running product.
#pragma flags MOVE PRODUCT
#pragma words n inner reach
#pragma whole x0 y
uniform X0 x0;

#ifdef PRODUCT
#define NOTHING ELEMENT(1)
#define JOIN(a, b) ((a) * (b))
#else
#define NOTHING ELEMENT(0)
#define JOIN(a, b) ((a) + (b))
#endif

ELEMENT element(int e) {
    int k = e / inner % n, from = k - reach;
    ELEMENT there = from >= 0 && from < n ? at(x0, e - reach * inner) : NOTHING;
#ifdef MOVE
    return there;
#else
    return JOIN(at(x0, e), there);
#endif
}

MAIN
