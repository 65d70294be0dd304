// One pass over x seen as [outer, n, inner]: each piece of `chunk` elements along n becomes one.
// ROWS: inner is 1 and n and chunk whole texels. COLUMNS: inner is whole texels.
// APART: each piece has a row of the texture to itself, so that many are computed at once.
// INLINE: what is reduced is computed here, texel t by value(t); with ROWS or COLUMNS.
#pragma flags ROWS COLUMNS MAX MIN PRODUCT APART INLINE
#pragma words n inner chunk pieces line
#pragma whole x0 y
#ifdef INLINE
#define CURSOR int
#define CURSOR_AT(t) (t)
#define STEPS(n) (n)
#define READ(at) value(at)
#else
uniform X0 x0;
#define CURSOR float
#define CURSOR_AT(t) middle(t)
#define STEPS(n) steps(n)
#define READ(at) quad(x0, at, scale)
#endif

#ifndef INFINITY
#define INFINITY uintBitsToFloat(0x7f800000u)
#endif
#define LEAST (-2147483647 - 1)

#if defined(MAX) || defined(MIN)
#ifdef MAX
#define BEYOND(v, best) (v > best)
#define NOTHING (-INFINITY)
#define NOTHING_WHOLE LEAST
#else
#define BEYOND(v, best) (v < best)
#define NOTHING INFINITY
#define NOTHING_WHOLE 2147483647
#endif
// A NaN stays.
float join(float best, float v) { return BEYOND(v, best) || isnan(v) ? v : best; }
int join(int best, int v) { return BEYOND(v, best) ? v : best; }
#elif defined(PRODUCT)
#define NOTHING 1.0
#define NOTHING_WHOLE 1
ELEMENT join(ELEMENT product, ELEMENT v) { return product * v; }
#else
#define NOTHING 0.0
#define NOTHING_WHOLE 0
ELEMENT join(ELEMENT sum, ELEMENT v) { return sum + v; }
#endif
#ifdef WHOLE
#define EMPTY NOTHING_WHOLE
#else
#define EMPTY NOTHING
#endif

TEXEL join4(TEXEL a, TEXEL b) {
    return TEXEL(join(a.x, b.x), join(a.y, b.y), join(a.z, b.z), join(a.w, b.w));
}

#ifndef COLUMNS
ELEMENT element(int e) {
    int width = pieces * inner, o = quotient(e, width), rest = e - o * width, p = quotient(rest, inner);
    int k = p * chunk, end = min(k + chunk, n), from = (o * n + k) * inner + rest - p * inner;
#ifdef ROWS
    TEXEL all = TEXEL(EMPTY);
    int first = TEXELS(from), count = TEXELS(end - k);
    CURSOR at = CURSOR_AT(first);
#ifndef INLINE
    vec2 scale = SCALE(x0);
#endif
    for (int t = 0; t < count; t++, at += STEPS(1)) all = join4(all, READ(at));
    return join(join(all.x, all.y), join(all.z, all.w));
#else
    ELEMENT all = EMPTY;
    for (; k < end; k++, from += inner) all = join(all, at(x0, from));
    return all;
#endif
}
#endif

void main() {
#ifdef COLUMNS
    // `line` texels from one k to the next
#ifdef APART
    int row = int(gl_FragCoord.y), o = quotient(row, pieces), p = row - o * pieces;
    int column = int(gl_FragCoord.x);
#else
    int t = texel(), columns = TEXELS(inner), width = pieces * columns, o = quotient(t, width);
    int rest = t - o * width, p = quotient(rest, columns), column = rest - p * columns;
#endif
    int k = p * chunk, end = min(k + chunk, n), from = (o * n + k) * line + column;
    TEXEL all = TEXEL(EMPTY);
    CURSOR at = CURSOR_AT(from), further = STEPS(line);
#ifndef INLINE
    vec2 scale = SCALE(x0);
#endif
    for (; k < end; k++, at += further) all = join4(all, READ(at));
    y = all;
#else
    int e = 4 * texel(), size = word(0);
    y.x = element(e);
    y.y = e + 1 < size ? element(e + 1) : EMPTY;
    y.z = e + 2 < size ? element(e + 2) : EMPTY;
    y.w = e + 3 < size ? element(e + 3) : EMPTY;
#endif
}
