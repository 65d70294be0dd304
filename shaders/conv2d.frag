// Convolution of images [n, ih, iw, ic] with filters [kh, kw, ic, oc], channels in whole texels. With
// BANDS a fragment computes four channels of four pixels, one for each render target; else of one.
// TRANSPOSED: back from results to images, which are then [n, oh, ow, oc]; filters are [kh, kw, oc, ic].
// STRIDED: of those with strides.
#pragma flags BANDS TRANSPOSED STRIDED
#pragma words n ih iw ic kh kw oc oh ow sh sw dh dw pt pl
uniform sampler2D x0, x1;

#ifdef BANDS
#define EACH(F) F(p0, u0, s0) F(p1, u1, s1) F(p2, u2, s2) F(p3, u3, s3)
#else
#define EACH(F) F(p0, u0, s0)
#endif

// Where output pixel p is: column, row, image; and the pixel after one.
ivec3 place_of(int p) {
    int row = quotient(p, ow), image = quotient(row, oh);
    return ivec3(p - row * ow, row - image * oh, image);
}
ivec3 after(ivec3 p) {
    p.x++;
    if (p.x == ow) p.xy = ivec2(0, p.y + 1);
    if (p.y == oh) p.yz = ivec2(0, p.z + 1);
    return p;
}
#ifdef TRANSPOSED
// Where it lies in windows that begin at 0, and the first row of its image.
ivec3 corner(ivec3 p) { return ivec3(p.x + pl, p.y + pt, p.z * ih); }
#else
// The corner of its window in its image, and the first row of that.
ivec3 corner(ivec3 p) { return ivec3(p.x * sw - pl, p.y * sh - pt, p.z * ih); }
#endif

// The first texel of the input pixel under a tap, or -1 where there is none.
float under(ivec3 p, ivec2 tap, ivec2 size, int depth) {
#ifdef TRANSPOSED
    ivec2 from = p.xy - tap, at = from;
    bool none = any(lessThan(from, ivec2(0)));
#ifdef STRIDED
    ivec2 stride = ivec2(sw, sh);
    at = ivec2(quotient(from.x, stride.x), quotient(from.y, stride.y));
    none = none || any(notEqual(at * stride, from));
#endif
#else
    ivec2 at = p.xy + tap;
    bool none = any(lessThan(at, ivec2(0)));
#endif
    return none || any(greaterThanEqual(at, size)) ? -1.0 : middle(((p.z + at.y) * size.x + at.x) * depth);
}

#define START(p, u, s) ivec3 p = corner(pixel); vec4 s = vec4(0); pixel = after(pixel);
#define UNDER(p, u, s) float u = under(p, tap, size, depth);
#ifdef TRANSPOSED
#define TIMES(a) vec4(dot(a, w0), dot(a, w1), dot(a, w2), dot(a, w3))
#else
#define TIMES(a) (a.x * w0 + a.y * w1 + a.z * w2 + a.w * w3)
#endif
#define ADD(p, u, s) \
    if (u >= 0.0) { \
        vec4 a = quad(x0, u, scale0); \
        s += TIMES(a); \
        u += TEXEL_STEP; \
    }

void main() {
    int columns = TEXELS(oc), depth = TEXELS(ic), high = kh, wide = kw; // uniforms are slow to read
    ivec2 size = ivec2(iw, ih), dilation = ivec2(dw, dh);
#ifdef BANDS
    ivec2 at = banded();
    int column = at.x, first = 4 * at.y;
#else
    int t = texel(), first = quotient(t, columns), column = t - first * columns;
#endif
    ivec3 pixel = place_of(first);
    EACH(START)
    // The first texel of the filters, from one of its rows to the next, from four channels of the input to the
    // next, and what is left of a tap then.
#ifdef TRANSPOSED
    float line = steps(depth), next = TEXEL_STEP, rest = steps(4 * columns * depth - depth);
    float w = middle(column * 4 * depth);
#else
    float line = steps(columns), next = 4.0 * line, rest = 0.0, w = middle(column);
#endif
    vec2 scale0 = SCALE(x0), scale1 = SCALE(x1);
    for (int i = 0; i < high; i++)
        for (int j = 0; j < wide; j++, w += rest) {
            ivec2 tap = ivec2(j, i) * dilation;
            EACH(UNDER)
            for (int c = 0; c < depth; c++, w += next) {
                vec4 w0 = quad(x1, w, scale1), w1 = quad(x1, w + line, scale1);
                vec4 w2 = quad(x1, w + 2.0 * line, scale1), w3 = quad(x1, w + 3.0 * line, scale1);
                EACH(ADD)
            }
        }
    y = s0;
#ifdef BANDS
    y1 = s1;
    y2 = s2;
    y3 = s3;
#endif
}
