// A border of one value around up to four axes, the innermost first; elements in whole texels where
// the innermost axis allows. FLAT: around two.
#pragma flags ALIGNED FLAT
#pragma words value
#pragma whole x0 y
uniform X0 x0;
#ifdef WHOLE
#define BORDER value
#else
#define BORDER intBitsToFloat(value)
#endif
#define SIZE words[2]
#define BEFORE words[3]
#define INSIDE words[4]
#define STEP words[5]

// Where element i of the result comes from, or -1.
#ifdef FLAT
int source(int i) {
    int row = quotient(i, SIZE.x);
    ivec2 c = ivec2(i - row * SIZE.x, row) - BEFORE.xy;
    bool inside = all(greaterThanEqual(c, ivec2(0))) && all(lessThan(c, INSIDE.xy));
    return inside ? c.x + c.y * STEP.y : -1;
}
#else
int source(int i) {
    ivec4 c;
    int q = quotient(i, SIZE.x);
    c.x = i - q * SIZE.x;
    i = quotient(q, SIZE.y);
    c.y = q - i * SIZE.y;
    c.w = quotient(i, SIZE.z);
    c.z = i - c.w * SIZE.z;
    c -= BEFORE;
    bool inside = all(greaterThanEqual(c, ivec4(0))) && all(lessThan(c, INSIDE));
    return inside ? c.x + c.y * STEP.y + c.z * STEP.z + c.w * STEP.w : -1;
}
#endif

VALUE element(int e) {
#ifdef ALIGNED
    int from = source(4 * e);
    return from < 0 ? TEXEL(BORDER) : quad(x0, TEXELS(from));
#else
    int from = source(e);
    return from < 0 ? BORDER : at(x0, from);
#endif
}

MAIN
