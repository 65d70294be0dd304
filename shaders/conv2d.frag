// Convolution of images [n, ih, iw, ic] with filters [kh, kw, ic, oc], channels in whole texels. With
// BANDS a fragment computes four channels of four pixels, one for each render target; else of one.
#pragma flags BANDS
#pragma words n ih iw ic kh kw oc oh ow sh sw dh dw pt pl
uniform sampler2D x0, x1;

#ifdef BANDS
layout(location = 1) out vec4 y1;
layout(location = 2) out vec4 y2;
layout(location = 3) out vec4 y3;
#define PIXELS 4
#define EACH(F) F(0, p0, u0, s0) F(1, p1, u1, s1) F(2, p2, u2, s2) F(3, p3, u3, s3)
#else
#define PIXELS 1
#define EACH(F) F(0, p0, u0, s0)
#endif

// The window's corner in its image, and the image, of an output pixel.
ivec3 corner(int p) {
    int row = p / ow, image = row / oh;
    return ivec3((p - row * ow) * sw - pl, (row - image * oh) * sh - pt, image * ih);
}

#define START(r, p, u, s) ivec3 p = corner(pixel + r); vec4 s = vec4(0);

// The first texel of the input pixel under a tap, or -1 outside the image.
int under(ivec3 p, int across, int down, int depth) {
    int u = p.x + across, v = p.y + down;
    return u < 0 || u >= iw || v < 0 || v >= ih ? -1 : ((p.z + v) * iw + u) * depth;
}

#define UNDER(r, p, u, s) int u = under(p, across, down, depth);
#define ADD(r, p, u, s) \
    if (u >= 0) { \
        vec4 a = quad(x0, u + c); \
        s += a.x * w0 + a.y * w1 + a.z * w2 + a.w * w3; \
    }

void main() {
    int columns = oc >> 2, depth = ic >> 2;
    int t = texel(), block = t / columns, w = t - block * columns, pixel = PIXELS * block;
    EACH(START)
    for (int i = 0; i < kh; i++)
        for (int j = 0; j < kw; j++) {
            int down = i * dh, across = j * dw;
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
