// Where the first candidates of each piece of rows of n elements of x0 are, in order from the largest down, equals by
// their places, NaN last: [rows, pieces, 4 quads], -1 past the last. A fragment finds four of them, by going through
// its piece once for each four from the first on. CHOSEN: x1 [rows, m] says where candidates are (-1: nowhere), else
// they are the m elements as they lie.
#pragma flags CHOSEN
#pragma words n m span pieces quads
#pragma whole x0 x1 y
uniform X0 x0;
#ifdef CHOSEN
uniform isampler2D x1;
#endif

bool none(float v) { return isnan(v); }
bool none(int v) { return false; }

bool before(FIRST a, int i, FIRST b, int j) {
    return a > b || b > a ? a > b : none(a) == none(b) ? i < j : none(b);
}

int candidate(int row, int i) {
#ifdef CHOSEN
    return at(x1, row * m + i);
#else
    return i;
#endif
}

// v, which is the number j, in its place among the four; `ahead` of which of them it comes, and so of those after it.
#define INSERT(four, v) \
    four = FOUR(ahead.x ? v : four.x, ahead.x ? four.x : ahead.y ? v : four.y, \
                ahead.y ? four.y : ahead.z ? v : four.z, ahead.z ? four.z : ahead.w ? v : four.w);

void main() {
    int t = texel(), line = quotient(t, quads), quad = t - line * quads, row = quotient(line, pieces);
    int begin = (line - row * pieces) * span, end = min(begin + span, m), length = n;
    FIRST last = FIRST(0);
    int last_place = -1;
    bool first = true, over = false;
    ivec4 where = ivec4(-1);
    for (int round = 0; round <= quad; round++) {
        FIRST4 best = FIRST4(0);
        where = ivec4(-1);
        for (int i = begin; i < end; i++) {
            int j = candidate(row, i);
            FIRST v = at(x0, row * length + max(j, 0));
            bool takes = j >= 0 && !over && (first || before(last, last_place, v, j));
            bvec4 ahead = bvec4(takes && (where.x < 0 || before(v, j, best.x, where.x)),
                                takes && (where.y < 0 || before(v, j, best.y, where.y)),
                                takes && (where.z < 0 || before(v, j, best.z, where.z)),
                                takes && (where.w < 0 || before(v, j, best.w, where.w)));
#define FOUR FIRST4
            INSERT(best, v)
#undef FOUR
#define FOUR ivec4
            INSERT(where, j)
        }
        last = best.w;
        last_place = where.w;
        over = where.w < 0;
        first = false;
    }
    y = where;
}
