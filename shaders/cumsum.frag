// Running sums over n in [outer, n, inner], in pieces of `chunk` along n; x1 [outer, pieces, inner] has what comes
// before each piece, if there are several. `exclusive`: without the element itself; `reverse`: from the end.
//   PRODUCT  of a running product
//   ROWS     inner is 1, n and chunk whole texels        COLUMNS   inner is whole texels
#pragma flags PRODUCT ROWS COLUMNS
#pragma words n inner chunk pieces exclusive reverse
#pragma whole x0 x1 y
uniform X0 x0;
uniform X1 x1;

#ifdef PRODUCT
#define NOTHING 1
#define JOIN(a, b) ((a) * (b))
#else
#define NOTHING 0
#define JOIN(a, b) ((a) + (b))
#endif

// The elements of a piece that come before k, and how many steps of one there are.
int first_before(int k, int piece) { return reverse != 0 ? k + 1 : piece * chunk; }
int count_before(int k, int piece) {
    return reverse != 0 ? min(piece * chunk + chunk, n) - k - 1 : k - piece * chunk;
}

#ifdef ROWS
// The running sums of a texel after what comes before it.
TEXEL running(TEXEL v, ELEMENT before) {
    if (reverse != 0) v = v.wzyx;
    ELEMENT a = JOIN(before, v.x), b = JOIN(a, v.y), c = JOIN(b, v.z);
    TEXEL sums = exclusive != 0 ? TEXEL(before, a, b, c) : TEXEL(a, b, c, JOIN(c, v.w));
    return reverse != 0 ? sums.wzyx : sums;
}

void main() {
    int t = texel(), width = TEXELS(n), span = TEXELS(chunk), line = quotient(t, width), k = t - line * width;
    int piece = quotient(k, span), end = min(piece * span + span, width);
    vec2 scale = SCALE(x0);
    float place = middle(line * width + (reverse != 0 ? k + 1 : piece * span));
    TEXEL all = TEXEL(NOTHING);
    for (int j = reverse != 0 ? end - k - 1 : k - piece * span; j > 0; j--, place += TEXEL_STEP)
        all = JOIN(all, quad(x0, place, scale));
    ELEMENT before = JOIN(JOIN(all.x, all.y), JOIN(all.z, all.w));
    if (pieces > 1) before = JOIN(at(x1, line * pieces + piece), before);
    y = running(quad(x0, t), before);
}
#else
#ifdef COLUMNS
#define UNIT TEXEL
#define LENGTH TEXELS(inner)
#define GET(x, i) quad(x, i)
#else
#define UNIT ELEMENT
#define LENGTH inner
#define GET(x, i) at(x, i)
#endif

UNIT sum_at(int e) {
    int width = LENGTH, line = quotient(e, width), i = e - line * width, o = quotient(line, n), k = line - o * n;
    int piece = quotient(k, chunk), from = (o * n + first_before(k, piece)) * width + i;
    UNIT all = exclusive != 0 ? UNIT(NOTHING) : GET(x0, e);
    for (int j = count_before(k, piece); j > 0; j--, from += width) all = JOIN(all, GET(x0, from));
    return pieces > 1 ? JOIN(GET(x1, (o * pieces + piece) * width + i), all) : all;
}

void main() {
    int t = texel();
#ifdef COLUMNS
    y = sum_at(t);
#else
    y = TEXEL(sum_at(4 * t), sum_at(4 * t + 1), sum_at(4 * t + 2), sum_at(4 * t + 3));
#endif
}
#endif
