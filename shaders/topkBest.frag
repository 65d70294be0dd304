// Where the first candidates of each piece of rows of n elements of x0 are, in order from the largest down, equals by
// their places, NaN last: [rows, pieces, 4 quads], -1 past the last. A fragment finds four of them, by going through
// its piece once for each four from the first on. CHOSEN: x1 [rows, m] says where candidates are (-1: nowhere), else
// they are the m elements as they lie; ROWS: n and span are then whole texels.
#pragma flags CHOSEN ROWS
#pragma words n m span pieces quads
#pragma whole x0 x1 y
uniform X0 x0;
#ifdef CHOSEN
uniform isampler2D x1;
#endif

// Numbers for what is true, for conditions are slow: what is NaN, and what is chosen by which are true.
float nan(float v) { return float(isnan(v)); }
vec4 nan(vec4 v) { return vec4(isnan(v)); }
float nan(int v) { return 0.0; }
vec4 nan(ivec4 v) { return vec4(0); }
vec4 choose(vec4 a, vec4 b, bvec4 second) { return mix(a, b, second); }
ivec4 choose(ivec4 a, ivec4 b, bvec4 second) {
    return ivec4(second.x ? b.x : a.x, second.y ? b.y : a.y, second.z ? b.z : a.z, second.w ? b.w : a.w);
}

int candidate(int row, int i) {
#ifdef CHOSEN
    return at(x1, row * m + i);
#else
    return i;
#endif
}

// v in its place among four, of which it comes before those that are `ahead`.
#define INSERT(four, v, ahead) \
    choose(four, choose(four.xxyz, v, not(bvec4(false, ahead.xyz))), ahead)

// The four best so far, and what came last of the four before; `all`: there were none, `rest`: there may be more.
FIRST4 best;
vec4 where;
FIRST last;
float last_place = -1.0, all = 1.0, rest = 1.0;

// More than 0 if v at a place comes after what came last. Candidates come by their places where they are equal, so
// that only there places are compared.
float takes(FIRST v, float place) {
    float later = float(place > last_place);
    float after = float(v < last) + float(v == last) * later + nan(v) * max(1.0 - nan(last), later);
    return rest * (all + after);
}

void insert(FIRST v, float place, float taken) {
    vec4 before = vec4(greaterThan(FIRST4(v), best)) + nan(best) * (1.0 - nan(v)) + vec4(lessThan(where, vec4(0)));
    bvec4 ahead = greaterThan(before * taken, vec4(0));
    best = INSERT(best, FIRST4(v), ahead);
    where = INSERT(where, vec4(place), ahead);
}

#ifdef ROWS
// Most texels have nothing that is better than the fourth: loops end early, conditions do not.
void look(int row, int begin, int end) {
    vec2 scale = SCALE(x0);
    float at_texel = middle(TEXELS(row * n + begin));
    for (int i = begin; i < end; i += 4, at_texel += TEXEL_STEP) {
        FIRST4 v = quad(x0, at_texel, scale);
        vec4 better = vec4(greaterThan(v, FIRST4(best.w))) + nan(best.w) + float(where.w < 0.0);
        for (int c = any(greaterThan(better, vec4(0))) ? 0 : 4; c < 4; c++)
            insert(v[c], float(i + c), takes(v[c], float(i + c)));
    }
}
#else
void look(int row, int begin, int end) {
    int length = n;
    for (int i = begin; i < end; i++) {
        int j = candidate(row, i);
        FIRST v = at(x0, row * length + max(j, 0));
        insert(v, float(j), takes(v, float(j)) * float(j >= 0));
    }
}
#endif

void main() {
    int t = texel(), line = quotient(t, quads), quad_of_line = t - line * quads, row = quotient(line, pieces);
    int begin = (line - row * pieces) * span, end = min(begin + span, m);
    last = FIRST(0);
    for (int round = 0; round <= quad_of_line; round++) {
        best = FIRST4(0);
        where = vec4(-1);
        look(row, begin, end);
        last = best.w;
        last_place = where.w;
        rest = float(where.w >= 0.0);
        all = 0.0;
    }
    y = ivec4(where);
}
