// A picture x0 of `depth` channels on the canvas, whose rows begin at the bottom. `scale`: of a value to a byte,
// which is rounded half up as on the CPU; NaN is 0. `premultiplied`: the canvas has colours times their alpha.
#pragma words width height depth scale premultiplied float:alpha
#pragma whole x0
uniform X0 x0;

// The nearest byte of v * 255, exactly: 256 v and its difference from a number near it have no rounding errors.
float byte(float v) {
    float b = floor(v * 255. + .5);
    if (256. * v - (b - .5) < v) return b - 1.;
    return 256. * v - (b + .5) < v ? b : b + 1.;
}
float value(int e) {
    float v = float(at(x0, e));
    if (!(v > 0.)) return 0.;
    return scale == 1 ? min(v, 255.) : byte(min(v, 1.));
}

void main() {
    ivec2 p = ivec2(gl_FragCoord.xy);
    int e = ((height - 1 - p.y) * width + p.x) * depth;
    float first = value(e);
    vec4 v = depth == 1 ? vec4(first) : vec4(first, value(e + 1), value(e + 2), 0.);
    v.a = depth == 4 ? value(e + 3) : alpha;
    y = v / 255.;
    if (premultiplied != 0) y.rgb *= y.a;
}
