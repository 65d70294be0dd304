// The gradient of maxPool for windows of two by two that do not overlap: of images x0 [n, ih, iw, ic] and that of
// its results, x1 [n, oh, ow, ic]. It goes to the first of the largest elements of each window; NaN is passed
// over. A fragment has four channels of a window, a render target for each of its pixels.
#pragma flags BANDS
#pragma words n ih iw ic kh kw oc oh ow
uniform sampler2D x0, x1;

#define LEAST uintBitsToFloat(0xff800000u)
vec4 number_of(vec4 v) { return mix(vec4(LEAST), v, greaterThan(v, vec4(LEAST))); }

void main() {
    ivec2 at = ivec2(gl_FragCoord.xy); // column and channels of a window, its image and row
    int channels = TEXELS(ic), line = iw * channels;
    int ox = quotient(at.x, channels), image = quotient(at.y, oh), oy = at.y - image * oh;
    int from = (image * ih + 2 * oy) * line + at.x + ox * channels;
    vec4 d = quad(x1, at.y * ow * channels + at.x);
    vec4 v0 = number_of(quad(x0, from)), v1 = number_of(quad(x0, from + channels));
    vec4 v2 = number_of(quad(x0, from + line)), v3 = number_of(quad(x0, from + line + channels));
    bvec4 first = greaterThanEqual(v0, max(v1, max(v2, v3)));
    bvec4 second = greaterThanEqual(v1, max(v2, v3)), third = greaterThanEqual(v2, v3);
    vec4 rest = mix(d, vec4(0), first);
    y = mix(vec4(0), d, first);
    y1 = mix(vec4(0), rest, second);
    rest = mix(rest, vec4(0), second);
    y2 = mix(vec4(0), rest, third);
    y3 = mix(rest, vec4(0), third);
}
