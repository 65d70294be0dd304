// Numbers of 48 digits, as sums of two floats of which the second is small: what is short in double comes out exactly
// as there. Word 1 must be 0.

// v, of which the compiler knows nothing: else it would drop what rounding left over.
float kept(float v) { return intBitsToFloat(floatBitsToInt(v) ^ word(1)); }

// a + b where b is the smaller one, without the digits that a double would not have.
vec2 settled(float a, float b) {
    float s = kept(a + b), rest = kept(b - kept(s - a));
    int exponent = floatBitsToInt(s) >> 23 & 255;
    if (exponent == 255 || isinf(a)) return vec2(isinf(a) ? a : s, 0.0);
    float grid = intBitsToFloat(max(exponent - 29, 0) << 23), size = abs(rest);
    if (size < grid) size = kept(kept(size + grid) - grid);
    return vec2(s, rest < 0.0 ? -size : size);
}

// a + b, and what rounding left over.
vec2 two_sum(float a, float b) {
    float s = kept(a + b), t = kept(s - a);
    return vec2(s, kept(kept(a - kept(s - t)) + kept(b - t)));
}

vec2 halves(float v) {
    float c = kept(4097.0 * v), high = kept(c - kept(c - v));
    return vec2(high, kept(v - high));
}

vec2 two_product(float a, float b) {
    float p = kept(a * b);
    vec2 u = halves(a), v = halves(b);
    float rest = kept(kept(kept(kept(u.x * v.x) - p) + kept(u.x * v.y)) + kept(u.y * v.x));
    return vec2(p, kept(rest + kept(u.y * v.y)));
}

vec2 pair(float v) { return vec2(v, 0.0); }
vec2 pair(int v) { return vec2(float(v), float(v - int(float(v)))); }

vec2 sum(vec2 a, vec2 b) {
    vec2 s = two_sum(a.x, b.x), t = two_sum(a.y, b.y);
    float more = kept(s.y + t.x), first = kept(s.x + more);
    if (isinf(s.x)) return pair(s.x);
    return settled(first, kept(kept(more - kept(first - s.x)) + t.y));
}

vec2 difference(vec2 a, vec2 b) { return sum(a, -b); }

vec2 product(vec2 a, vec2 b) {
    vec2 p = two_product(a.x, b.x);
    return settled(p.x, kept(p.y + kept(kept(a.x * b.y) + kept(a.y * b.x))));
}

vec2 quotient(vec2 a, vec2 b) {
    float first = kept(a.x / b.x);
    vec2 rest = difference(a, product(b, pair(first)));
    float second = kept(rest.x / b.x);
    rest = difference(rest, product(b, pair(second)));
    return isinf(first) ? pair(first) : sum(vec2(first, 0.0), two_sum(second, rest.x / b.x));
}

vec2 floored(vec2 v) {
    float whole = floor(v.x);
    return whole == v.x ? settled(whole, floor(v.y)) : pair(whole);
}


float share(vec2 v) {
    vec2 s = difference(v, floored(v));
    return s.x + s.y;
}

int whole_of(vec2 v) { return int(v.x) + int(v.y); }

// False of what is no number.
bool below(vec2 a, int b) {
    vec2 v = difference(a, pair(b));
    return v.x < 0.0;
}
bool above(vec2 a, int b) {
    vec2 v = difference(a, pair(b));
    return v.x > 0.0;
}
bool within(vec2 v, int n) { return v.x >= 0.0 && (below(v, n - 1) || v == pair(n - 1)); }
