// Where pixels of crops [boxes, rows, columns] lie in images [images, height, width], with boxes x0 [boxes, 4] in the
// images x1. Whole numbers: the pixels around each, `taps` of them; -2 is outside. Floats: how far each row (which 0)
// or column (1) lies after the first of them.
#pragma words boxes images height width rows columns taps which
#pragma with pairs
#pragma whole x1 y
uniform sampler2D x0;
uniform isampler2D x1;

// Place i of `count` on an axis of n pixels, between the ends of a box.
vec2 spot(float begin, float end, int n, int count, int i) {
    vec2 a = pair(begin), b = pair(end), reach = pair(n - 1);
    if (count == 1) return product(product(pair(0.5), sum(a, b)), reach);
    vec2 step = quotient(product(difference(b, a), reach), pair(count - 1));
    return sum(product(a, reach), product(pair(i), step));
}

vec2 down(int b, int i) { return spot(at(x0, 4 * b), at(x0, 4 * b + 2), height, rows, i); }
vec2 right(int b, int i) { return spot(at(x0, 4 * b + 1), at(x0, 4 * b + 3), width, columns, i); }

// The first or the second of the pixels around a place, or the nearest one.
int pixel(vec2 v, bool second) {
    if (taps == 1) return whole_of(floored(sum(v, pair(0.5))));
    vec2 low = floored(v);
    return whole_of(low) + (second && v != low ? 1 : 0);
}

ELEMENT element(int e) {
#ifdef WHOLE
    int p = e / taps, t = e - p * taps, line = p / columns, b = line / rows;
    vec2 v = down(b, line - b * rows), u = right(b, p - line * columns);
    if (!within(v, height) || !within(u, width)) return -2;
    return (at(x1, b) * height + pixel(v, t > 1)) * width + pixel(u, (t & 1) == 1);
#else
    int count = which == 0 ? rows : columns, b = e / count, i = e - b * count;
    vec2 v = which == 0 ? down(b, i) : right(b, i);
    return within(v, which == 0 ? height : width) ? share(v) : 0.0;
#endif
}

MAIN
