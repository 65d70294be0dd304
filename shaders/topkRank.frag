// How many of a piece of a row come before each of its own: [rows, pieces, span] of the m candidates of rows of n
// elements of x0, from the largest down, equals by their places, NaN last. CHOSEN: x1 says where candidates are, else
// they are the elements as they lie. span is whole texels; past the candidates it has span.
#pragma flags CHOSEN
#pragma words n m span pieces
#pragma whole x0 x1 y
uniform X0 x0;
#ifdef CHOSEN
uniform isampler2D x1;
#endif

bool none(float v) { return isnan(v); }
bool none(int v) { return false; }

bool before(FIRST a, int i, FIRST b, int j) {
    if (a > b || b > a) return a > b;
    return none(a) == none(b) ? i < j : none(b);
}

int candidate(int row, int i) {
#ifdef CHOSEN
    return at(x1, row * m + i);
#else
    return i;
#endif
}

void main() {
    int e = 4 * texel(), piece = quotient(e, span);
    int row = quotient(piece, pieces);
    int begin = (piece - row * pieces) * span;
    int first = begin + e - piece * span, end = min(begin + span, m);
    int where[4];
    FIRST v[4];
    for (int c = 0; c < 4; c++) {
        where[c] = candidate(row, min(first + c, m - 1));
        v[c] = at(x0, row * n + where[c]);
    }
    int ahead[4] = int[4](0, 0, 0, 0);
    for (int i = begin; i < end; i++) {
        int j = candidate(row, i);
        FIRST other = at(x0, row * n + j);
        for (int c = 0; c < 4; c++) ahead[c] += int(before(other, j, v[c], where[c]));
    }
    for (int c = 0; c < 4; c++) ahead[c] = first + c < m ? ahead[c] : span;
    y = ivec4(ahead[0], ahead[1], ahead[2], ahead[3]);
}
