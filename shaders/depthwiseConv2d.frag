// Each channel's own filters: filter [kh, kw, ic, oc], results [n, oh, ow, ic * oc].
//   ALIGNED   oc is 1 and channels are whole texels
//   BANDS     of those a fragment computes four pixels side by side, one for each render target; for
//             filters three wide that are not dilated
//   STEP2     windows are two apart, else one
#pragma flags ALIGNED BANDS STEP2
#pragma words n ih iw ic kh kw oc oh ow sh sw dh dw pt pl
uniform sampler2D x0, x1;

#ifdef BANDS
vec2 scale0, scale1;

// The texel at a place, or 0 outside of the image.
vec4 within(float place, int column, int wide) {
    vec4 v = quad(x0, place, scale0);
    return column >= 0 && column < wide ? v : vec4(0);
}

void main() {
    int channels = TEXELS(ic), blocks = quarter(ow + 3), wide = iw, high = kh, tall = ih, next = dh;
    ivec2 at = banded();
    int block = at.y, c = at.x, row = quotient(block, blocks);
    int image = quotient(row, oh), top = (row - image * oh) * sh - pt;
#ifdef STEP2
    int left = 8 * (block - row * blocks) - pl;
#else
    int left = 4 * (block - row * blocks) - pl;
#endif
    scale0 = SCALE(x0);
    scale1 = SCALE(x1);
    vec4 s0 = vec4(0), s1 = vec4(0), s2 = vec4(0), s3 = vec4(0);
    float pixel = steps(channels), w = middle(c);
#define AT(j) within(p + float(j) * pixel, left + j, wide)
    for (int i = 0; i < high; i++, top += next, w += 3.0 * pixel) {
        if (top < 0 || top >= tall) continue;
        float p = middle(((image * tall + top) * wide + left) * channels + c);
        vec4 w0 = quad(x1, w, scale1), w1 = quad(x1, w + pixel, scale1), w2 = quad(x1, w + 2.0 * pixel, scale1);
        vec4 a0 = AT(0), a1 = AT(1), a2 = AT(2), a3 = AT(3), a4 = AT(4), a5 = AT(5);
        s0 += a0 * w0 + a1 * w1 + a2 * w2;
#ifdef STEP2
        vec4 a6 = AT(6), a7 = AT(7), a8 = AT(8);
        s1 += a2 * w0 + a3 * w1 + a4 * w2;
        s2 += a4 * w0 + a5 * w1 + a6 * w2;
        s3 += a6 * w0 + a7 * w1 + a8 * w2;
#else
        s1 += a1 * w0 + a2 * w1 + a3 * w2;
        s2 += a2 * w0 + a3 * w1 + a4 * w2;
        s3 += a3 * w0 + a4 * w1 + a5 * w2;
#endif
    }
    y = s0;
    y1 = s1;
    y2 = s2;
    y3 = s3;
}
#else
VALUE element(int e) {
    int channels = COUNT(ic), made = channels * oc, p = quotient(e, made), q = e - p * made, c = quotient(q, oc);
    int row = quotient(p, ow), image = quotient(row, oh), wide = iw, tall = ih;
    int left = (p - row * ow) * sw - pl, top = (row - image * oh) * sh - pt;
    VALUE sum = VALUE(0);
    for (int i = 0, v = top; i < kh; i++, v += dh)
        for (int j = 0, u = left; j < kw; j++, u += dw)
            if (v >= 0 && v < tall && u >= 0 && u < wide)
                sum += FETCH(x0, ((image * tall + v) * wide + u) * channels + c) *
                       FETCH(x1, (i * kw + j) * made + q);
    return sum;
}

MAIN
#endif
