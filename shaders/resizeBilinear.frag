// Images [batch, in_h, in_w, channels] at another size, each pixel between the four next to it.
//   align   corners lie on corners
//   half    pixels count by their centres
#pragma flags ALIGNED
#pragma words batch in_h in_w out_h out_w channels align half
#pragma aligned channels
uniform sampler2D x0;

// The two places of the input axis that one of the output lies between, and how near the second.
vec3 between(int i, int from, int to) {
    bool corners = align != 0 && to > 1;
    float scale = corners ? float(from - 1) / float(to - 1) : float(from) / float(to);
    float where = half != 0 && !corners ? (float(i) + 0.5) * scale - 0.5 : float(i) * scale;
    vec2 ends = clamp(vec2(floor(where), ceil(where)), 0.0, float(from - 1));
    return vec3(ends, ends.y > ends.x ? where - ends.x : 0.0);
}

// Of equals exactly themselves, which mix() does not promise.
VALUE lerp(VALUE a, VALUE b, float share) { return a + (b - a) * share; }

VALUE element(int e) {
    int depth = COUNT(channels), p = quotient(e, depth), c = e - p * depth;
    int row = quotient(p, out_w), image = quotient(row, out_h), wide = in_w;
    vec3 v = between(row - image * out_h, in_h, out_h), u = between(p - row * out_w, wide, out_w);
    int top = (image * in_h + int(v.x)) * wide, bottom = (image * in_h + int(v.y)) * wide;
    int left = int(u.x), right = int(u.y);
    VALUE above = lerp(FETCH(x0, (top + left) * depth + c), FETCH(x0, (top + right) * depth + c), u.z);
    VALUE below = lerp(FETCH(x0, (bottom + left) * depth + c), FETCH(x0, (bottom + right) * depth + c), u.z);
    return lerp(above, below, v.z);
}

MAIN
