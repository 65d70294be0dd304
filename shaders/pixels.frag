// Pixels of the page's picture x0 as whole numbers, the first channels of each.
#pragma words width channels
#pragma whole y
uniform sampler2D x0;

ivec2 next(ivec2 at) { return at.x + 1 < width ? at + ivec2(1, 0) : ivec2(0, at.y + 1); }
ivec4 bytes(ivec2 at) { return ivec4(texelFetch(x0, at, 0) * 255. + .5); }

void main() {
    int e = 4 * texel(), pixel = channels == 3 ? e / 3 : e / channels, row = pixel / width;
    ivec2 p = ivec2(pixel - row * width, row), q = next(p);
    ivec4 v = bytes(p);
    if (channels == 4) y = v;
    else if (channels == 2) y = ivec4(v.xy, bytes(q).xy);
    else if (channels == 1) y = ivec4(v.x, bytes(q).x, bytes(next(q)).x, bytes(next(next(q))).x);
    else {
        ivec4 w = bytes(q);
        int from = e - 3 * pixel;
        y = from == 0 ? ivec4(v.xyz, w.x) : from == 1 ? ivec4(v.yz, w.xy) : ivec4(v.z, w.xyz);
    }
}
