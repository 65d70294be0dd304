// Where the first k of each piece of a row are, in order, by the ranks x0 [rows, pieces, span] of the row's m
// candidates: `left` of them in a row, as the last piece may have fewer. CHOSEN: x1 says where candidates are, else
// they are the elements as they lie.
#pragma flags CHOSEN
#pragma words m span pieces k left
#pragma whole x0 x1 y
uniform isampler2D x0;
#ifdef CHOSEN
uniform isampler2D x1;
#endif

int element(int e) {
    int row = quotient(e, left), i = e - row * left, piece = quotient(i, k), rank = i - piece * k, found = piece * span;
    int from = (row * pieces + piece) * TEXELS(span);
    for (int t = 0; t < TEXELS(span); t++) {
        bvec4 here = equal(quad(x0, from + t), ivec4(rank));
        if (!any(here)) continue;
        found += 4 * t + (here.x ? 0 : here.y ? 1 : here.z ? 2 : 3);
        break;
    }
#ifdef CHOSEN
    return at(x1, row * m + found);
#else
    return found;
#endif
}

MAIN
