// Where the largest (sign 1) or smallest (-1) of x0 seen as [outer, n, inner] is along n, for each piece of `chunk`
// along it: the first of equals; NaN is passed over, and where all is NaN it is the first. y is [outer, pieces, inner].
//   CHOSEN   candidates are those whose places x1 [outer, n, inner] has; a line of x0 has `length`
//   ROWS     inner is 1, n and chunk whole texels        COLUMNS   inner is whole texels
#pragma flags CHOSEN ROWS COLUMNS
#pragma words n inner float:sign chunk pieces length
#pragma whole x0 y
uniform X0 x0;
#ifdef CHOSEN
uniform isampler2D x1;
#endif

// What is to be the largest, and less than all.
float turned(float v, float way) { return v * way; }
int turned(int v, float way) { return way > 0.0 ? v : ~v; }
vec4 turned(vec4 v, float way) { return v * way; }
ivec4 turned(ivec4 v, float way) { return way > 0.0 ? v : ~v; }
float least(float v) { return uintBitsToFloat(0xff800000u); }
int least(int v) { return -2147483647 - 1; }

// The place of the best of candidates k to end.
int best_of(int k, int end, int o, int i) {
    FIRST best = least(FIRST(0));
    int found = -1, first = k;
    for (; k < end; k++) {
        int e = (o * n + k) * inner + i;
#ifdef CHOSEN
        int place = at(x1, e);
        FIRST v = turned(at(x0, (o * length + place) * inner + i), sign);
        if (k == first) first = place;
#else
        int place = k;
        FIRST v = turned(at(x0, e), sign);
#endif
        if (v > best || (found < 0 && v == best)) {
            best = v;
            found = place;
        }
    }
    return found < 0 ? first : found;
}

int element(int e) {
    int width = pieces * inner, o = quotient(e, width), rest = e - o * width, p = quotient(rest, inner);
    if (e >= word(0)) return 0;
    int k = p * chunk, end = min(k + chunk, n);
#ifdef ROWS
    FIRST4 best = FIRST4(least(FIRST(0)));
    ivec4 where = ivec4(-1);
    vec2 scale = SCALE(x0);
    float place = middle(TEXELS(o * n + k));
    for (int j = k; j < end; j += 4, place += TEXEL_STEP) {
        FIRST4 v = turned(quad(x0, place, scale), sign);
        bvec4 more = greaterThan(v, best);
        where = ivec4(more.x ? j : where.x, more.y ? j : where.y, more.z ? j : where.z, more.w ? j : where.w);
        best = FIRST4(more.x ? v.x : best.x, more.y ? v.y : best.y, more.z ? v.z : best.z, more.w ? v.w : best.w);
    }
    FIRST top = best.x;
    int found = where.x;
    for (int c = 1; c < 4; c++) {
        int here = where[c] + c;
        if (where[c] < 0 || (found >= 0 && (best[c] < top || (best[c] == top && found < here)))) continue;
        top = best[c];
        found = here;
    }
    return found < 0 ? best_of(k, end, o, 0) : found;
#else
    return best_of(k, end, o, rest - p * inner);
#endif
}

void main() {
#ifdef COLUMNS
    int t = texel(), columns = TEXELS(inner), width = pieces * columns, o = quotient(t, width);
    int rest = t - o * width, p = quotient(rest, columns), k = p * chunk, end = min(k + chunk, n);
    int column = rest - p * columns;
    FIRST4 best = FIRST4(least(FIRST(0)));
    ivec4 where = ivec4(-1);
    vec2 scale = SCALE(x0);
    float place = middle((o * n + k) * columns + column), line = steps(columns);
    for (int j = k; j < end; j++, place += line) {
        FIRST4 v = turned(quad(x0, place, scale), sign);
        bvec4 more = greaterThan(v, best);
        where = ivec4(more.x ? j : where.x, more.y ? j : where.y, more.z ? j : where.z, more.w ? j : where.w);
        best = FIRST4(more.x ? v.x : best.x, more.y ? v.y : best.y, more.z ? v.z : best.z, more.w ? v.w : best.w);
    }
    for (int c = 0; c < 4; c++)
        if (where[c] < 0) where[c] = best_of(k, end, o, 4 * column + c);
    y = where;
#else
    int e = 4 * texel();
    y = ivec4(element(e), element(e + 1), element(e + 2), element(e + 3));
#endif
}
