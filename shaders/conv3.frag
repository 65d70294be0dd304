// Convolution of images [n, ih, iw, ic] with filters three wide and not dilated, [kh, 3, ic, oc], channels in
// whole texels. A fragment computes four channels of four pixels side by side, one for each render target, so
// that pixels of images are read once for all windows they are in.
//   STEP2       windows are two apart, else one
//   ONE         images have one channel, which is not filled up
//   TRANSPOSED  back from results to images, which are then [n, oh, ow, oc]; filters are [kh, 3, oc, ic]
#pragma flags BANDS STEP2 ONE TRANSPOSED
#pragma words n ih iw ic kh kw oc oh ow sh sw dh dw pt pl
uniform sampler2D x0, x1;

#ifdef STEP2
#define STRIDE 2
#define EACH_PIXEL(F) \
    F(0, a0, in0) F(1, a1, in1) F(2, a2, in2) F(3, a3, in3) F(4, a4, in4) F(5, a5, in5) F(6, a6, in6) F(7, a7, in7) \
    F(8, a8, in8)
#else
#define STRIDE 1
#define EACH_PIXEL(F) \
    F(0, a0, in0) F(1, a1, in1) F(2, a2, in2) F(3, a3, in3) F(4, a4, in4) F(5, a5, in5)
#endif

#ifdef TRANSPOSED
#define TIMES(a) vec4(dot(a, w0), dot(a, w1), dot(a, w2), dot(a, w3))
#else
#define TIMES(a) (a.x * w0 + a.y * w1 + a.z * w2 + a.w * w3)
#endif

// Whether column j of the pixels that are read is inside of the image, and what is there.
#define INSIDE(j, a, in_j) bool in_j = left + j >= 0 && left + j < wide;
#ifdef ONE
#define READ(j, a, in_j) \
    float a = at(x0, from + j); \
    a = in_j ? a : 0.0;
#define TAP(j, a, b, c, d) \
    { \
        vec4 v = quad(x1, w + float(j) * tap, scale1); \
        s0 += a * v; \
        s1 += b * v; \
        s2 += c * v; \
        s3 += d * v; \
    }
#else
#define READ(j, a, in_j) \
    vec4 a = quad(x0, p + float(j) * pixel, scale0); \
    a = in_j ? a : vec4(0);
#define TAP(j, a, b, c, d) \
    { \
        vec4 w0 = quad(x1, w + float(j) * tap, scale1), w1 = quad(x1, w + float(j) * tap + line, scale1); \
        vec4 w2 = quad(x1, w + float(j) * tap + 2.0 * line, scale1); \
        vec4 w3 = quad(x1, w + float(j) * tap + 3.0 * line, scale1); \
        s0 += TIMES(a); \
        s1 += TIMES(b); \
        s2 += TIMES(c); \
        s3 += TIMES(d); \
    }
#endif
#ifdef STEP2
#define TAPS TAP(0, a0, a2, a4, a6) TAP(1, a1, a3, a5, a7) TAP(2, a2, a4, a6, a8)
#elif defined(TRANSPOSED)
#define TAPS TAP(2, a0, a1, a2, a3) TAP(1, a1, a2, a3, a4) TAP(0, a2, a3, a4, a5)
#else
#define TAPS TAP(0, a0, a1, a2, a3) TAP(1, a1, a2, a3, a4) TAP(2, a2, a3, a4, a5)
#endif

void main() {
    int columns = TEXELS(oc), blocks = quarter(ow + 3), wide = iw, tall = ih, high = kh, next = dh;
    ivec2 at_band = banded();
    int block = at_band.y, row = quotient(block, blocks), image = quotient(row, oh);
    int left = STRIDE * 4 * (block - row * blocks), top = (row - image * oh) * sh;
#ifdef TRANSPOSED
    left -= 2 - pl;
    top += pt;
    next = -next;
#else
    left -= pl;
    top -= pt;
#endif
    EACH_PIXEL(INSIDE)
    vec2 scale1 = SCALE(x1);
    vec4 s0 = vec4(0), s1 = vec4(0), s2 = vec4(0), s3 = vec4(0);
#ifdef ONE
    float tap = steps(columns), w = middle(at_band.x);
    for (int i = 0; i < high; i++, top += next, w += 3.0 * tap) {
        if (top < 0 || top >= tall) continue;
        int from = (image * tall + top) * wide + left;
        EACH_PIXEL(READ)
        TAPS
    }
#else
    int depth = TEXELS(ic);
    vec2 scale0 = SCALE(x0);
    float pixel = steps(depth), tap = steps(4 * depth * columns);
#ifdef TRANSPOSED
    float line = pixel, along = TEXEL_STEP, first = middle(at_band.x * 4 * depth);
#else
    float line = steps(columns), along = 4.0 * line, first = middle(at_band.x);
#endif
    for (int i = 0; i < high; i++, top += next, first += 3.0 * tap) {
        if (top < 0 || top >= tall) continue;
        float p = middle(((image * tall + top) * wide + left) * depth), w = first;
        for (int c = 0; c < depth; c++, p += TEXEL_STEP, w += along) {
            EACH_PIXEL(READ)
            TAPS
        }
    }
#endif
    y = s0;
    y1 = s1;
    y2 = s2;
    y3 = s3;
}
