// One pass over x seen as [outer, n, inner]: each piece of `chunk` elements along n becomes one.
// ROWS: inner is 1 and n and chunk whole texels. COLUMNS: inner is whole texels.
#pragma flags ROWS COLUMNS MAX MIN
#pragma words n inner chunk pieces
uniform sampler2D x0;

#if defined(MAX) || defined(MIN)
#ifdef MAX
#define BEYOND(v, best) (v > best)
#define NOTHING (-INFINITY)
#else
#define BEYOND(v, best) (v < best)
#define NOTHING INFINITY
#endif
#define INFINITY uintBitsToFloat(0x7f800000u)
// A NaN stays.
float join(float best, float v) { return BEYOND(v, best) || isnan(v) ? v : best; }
#else
#define NOTHING 0.0
float join(float sum, float v) { return sum + v; }
#endif

vec4 join4(vec4 a, vec4 b) {
    return vec4(join(a.x, b.x), join(a.y, b.y), join(a.z, b.z), join(a.w, b.w));
}

float element(int e) {
    int width = pieces * inner, o = e / width, rest = e - o * width, p = rest / inner;
    int k = p * chunk, end = min(k + chunk, n), from = (o * n + k) * inner + rest - p * inner;
#ifdef ROWS
    vec4 all = vec4(NOTHING);
    for (int t = from >> 2, last = (from + end - k) >> 2; t < last; t++) all = join4(all, quad(x0, t));
    return join(join(all.x, all.y), join(all.z, all.w));
#else
    float all = NOTHING;
    for (; k < end; k++, from += inner) all = join(all, at(x0, from));
    return all;
#endif
}

void main() {
#ifdef COLUMNS
    int t = texel(), columns = inner >> 2, width = pieces * columns, o = t / width;
    int rest = t - o * width, p = rest / columns;
    int k = p * chunk, end = min(k + chunk, n), from = (o * n + k) * columns + rest - p * columns;
    vec4 all = vec4(NOTHING);
    for (; k < end; k++, from += columns) all = join4(all, quad(x0, from));
    y = all;
#else
    int e = 4 * texel(), size = word(0);
    y.x = element(e);
    y.y = e + 1 < size ? element(e + 1) : 0.0;
    y.z = e + 2 < size ? element(e + 2) : 0.0;
    y.w = e + 3 < size ? element(e + 3) : 0.0;
#endif
}
