// Convolution of images [n, ih, iw, ic] with filters [kh, kw, ic, oc], channels in whole texels. With
// BANDS a fragment computes four channels of four pixels, one for each render target; else of one.
#pragma flags BANDS
#pragma words n ih iw ic kh kw oc oh ow sh sw dh dw pt pl
uniform sampler2D x0, x1;

#ifdef BANDS
#define EACH(F) F(p0, u0, s0) F(p1, u1, s1) F(p2, u2, s2) F(p3, u3, s3)
#else
#define EACH(F) F(p0, u0, s0)
#endif

// Where output pixel p is: column, row, image; and the pixel after one.
ivec3 place_of(int p) {
    int row = p / ow, image = row / oh;
    return ivec3(p - row * ow, row - image * oh, image);
}
ivec3 after(ivec3 p) {
    p.x++;
    if (p.x == ow) p.xy = ivec2(0, p.y + 1);
    if (p.y == oh) p.yz = ivec2(0, p.z + 1);
    return p;
}
// The corner of its window in its image, and the first row of that.
ivec3 corner(ivec3 p) { return ivec3(p.x * sw - pl, p.y * sh - pt, p.z * ih); }

// The first texel of the input pixel under a tap, or -1 outside the image.
int under(ivec3 p, ivec2 tap, ivec2 size, int depth) {
    ivec2 at = p.xy + tap;
    return any(lessThan(at, ivec2(0))) || any(greaterThanEqual(at, size))
               ? -1 : ((p.z + at.y) * size.x + at.x) * depth;
}

#define START(p, u, s) ivec3 p = corner(pixel); vec4 s = vec4(0); pixel = after(pixel);
#define UNDER(p, u, s) int u = under(p, tap, size, depth);
#define ADD(p, u, s) \
    if (u >= 0) { \
        vec4 a = quad(x0, u + c); \
        s += a.x * w0 + a.y * w1 + a.z * w2 + a.w * w3; \
    }

void main() {
    int columns = oc >> 2, depth = ic >> 2, high = kh, wide = kw; // uniforms are slow to read
    ivec2 size = ivec2(iw, ih), dilation = ivec2(dw, dh);
#ifdef BANDS
    ivec2 at = banded();
    int w = at.x, first = 4 * at.y;
#else
    int t = texel(), first = t / columns, w = t - first * columns;
#endif
    ivec3 pixel = place_of(first);
    EACH(START)
    for (int i = 0; i < high; i++)
        for (int j = 0; j < wide; j++) {
            ivec2 tap = ivec2(j, i) * dilation;
            EACH(UNDER)
            for (int c = 0; c < depth; c++, w += 4 * columns) {
                vec4 w0 = quad(x1, w), w1 = quad(x1, w + columns);
                vec4 w2 = quad(x1, w + 2 * columns), w3 = quad(x1, w + 3 * columns);
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
