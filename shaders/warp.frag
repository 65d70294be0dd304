// Where pixels of images [images, out_h, out_w] lie in images [in_h, in_w], through transforms x0 [transforms, 8].
// Whole numbers: the pixels there, `taps` for each; -1 is outside, -2 all of them. Floats: which 0, 1: how far down
// and to the right of the first tap; 2, 3: how fast that moves with the place before `mode` brought it inside.
//   mode   0: what is outside stays there, 1: reflected, 2: wrapped around, 3: the nearest
#pragma words images transforms in_h in_w out_h out_w mode taps which
#pragma with pairs
#pragma whole y
uniform sampler2D x0;

// A coordinate, and how fast it moves with the one that it was made from.
struct Coordinate {
    vec2 at;
    float slope;
};

// [abcd] is seen as [dcba|abcd|dcba].
Coordinate reflected(vec2 at, int n) {
    vec2 period = pair(2 * n), one = pair(1);
    if (at.x < 0.0) {
        at = sum(at, product(period, floored(quotient(-at, period))));
        if (below(at, -n)) return Coordinate(sum(at, period), 1.0);
        return Coordinate(difference(-at, one), -1.0);
    }
    at = difference(at, product(period, floored(quotient(at, period))));
    if (above(at, n) || at == pair(n)) return Coordinate(difference(difference(period, at), one), -1.0);
    return Coordinate(at, 1.0);
}

// [abcd] is seen as [abcd|abcd|abcd]; how often is counted by n - 1.
Coordinate wrapped(vec2 at, int n) {
    vec2 size = pair(n), step = pair(n - 1);
    if (at.x < 0.0)
        return Coordinate(sum(at, product(size, sum(floored(quotient(-at, step)), pair(1)))), 1.0);
    return Coordinate(difference(at, product(size, floored(quotient(at, step)))), 1.0);
}

Coordinate mapped(vec2 at, int n) {
    Coordinate c = Coordinate(at, 1.0);
    if (mode == 0 || within(at, n)) return c;
    if (mode != 3 && n <= 1) return Coordinate(pair(0), 0.0);
    if (mode == 1) c = reflected(at, n);
    if (mode == 2) c = wrapped(at, n);
    if (c.at.x < 0.0) return Coordinate(pair(0), 0.0);
    if (above(c.at, n - 1)) return Coordinate(pair(n - 1), 0.0);
    return c;
}

// t, t + 1 and t + 2 times column, row and 1.
vec2 line(int t, vec2 column, vec2 row, vec2 last) {
    vec2 s = sum(product(pair(at(x0, t)), column), product(pair(at(x0, t + 1)), row));
    return sum(s, last);
}

// The pixel of the result `i`, counted through all images, in its image; false if all of it is outside.
bool locate(int i, out Coordinate v, out Coordinate u) {
    int line_of = i / out_w, image = line_of / out_h, t = transforms > 1 ? 8 * image : 0;
    vec2 column = pair(i - line_of * out_w), row = pair(line_of - image * out_h);
    vec2 depth = line(t + 6, column, row, pair(1)), x = line(t, column, row, pair(at(x0, t + 2)));
    vec2 y = line(t + 3, column, row, pair(at(x0, t + 5)));
    v = u = Coordinate(pair(0), 0.0);
    if (depth.x == 0.0) return false;
    u = mapped(depth == pair(1) ? x : quotient(x, depth), in_w);
    v = mapped(depth == pair(1) ? y : quotient(y, depth), in_h);
    return above(v.at, -1) && below(v.at, in_h) && above(u.at, -1) && below(u.at, in_w);
}

int tap(int image, int row, int column) {
    if (row < 0 || row >= in_h || column < 0 || column >= in_w) return -1;
    return (image * in_h + row) * in_w + column;
}

ELEMENT element(int e) {
    Coordinate v, u;
#ifdef WHOLE
    int i = e / taps, t = e - i * taps, image = i / (out_w * out_h);
    if (!locate(i, v, u)) return -2;
    vec2 half_one = pair(taps == 1 ? 0.5 : 0.0);
    int row = whole_of(floored(sum(v.at, half_one))), column = whole_of(floored(sum(u.at, half_one)));
    return tap(image, row + t / 2, column + (t & 1));
#else
    if (!locate(e, v, u)) return 0.0;
    return which == 0 ? share(v.at) : which == 1 ? share(u.at) : which == 2 ? v.slope : u.slope;
#endif
}

MAIN
