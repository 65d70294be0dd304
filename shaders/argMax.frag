// Where the largest (sign 1) or smallest (-1) of each line of x seen as [outer, n, inner] is: the first of
// equals; NaN is passed over.
#pragma words outer n inner float:sign
#pragma whole x0 y
uniform X0 x0;

bool over(float v, float best) { return sign > 0.0 ? v > best : v < best; }
bool over(int v, int best) { return sign > 0.0 ? v > best : v < best; }
float least(float v) { return uintBitsToFloat(sign > 0.0 ? 0xff800000u : 0x7f800000u); }
int least(int v) { return sign > 0.0 ? -2147483647 - 1 : 2147483647; }

int element(int e) {
    int o = e / inner, from = o * n * inner + e - o * inner, place = -1;
    if (e >= word(0)) return 0;
    FIRST best = least(FIRST(0));
    for (int k = 0; k < n; k++, from += inner) {
        FIRST v = at(x0, from);
        if (over(v, best) || (place < 0 && v == best)) {
            best = v;
            place = k;
        }
    }
    return max(place, 0);
}

MAIN
