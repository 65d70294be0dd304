// Each channel's own filters: filter [kh, kw, ic, oc], results [n, oh, ow, ic * oc].
//   ALIGNED   oc is 1 and channels are whole texels
//   BANDS     of those a fragment computes four pixels side by side, one for each render target; for
//             filters three wide that are not dilated
//   STEP2     windows are two apart, else one
#pragma flags ALIGNED BANDS STEP2
#pragma words n ih iw ic kh kw oc oh ow sh sw dh dw pt pl
uniform sampler2D x0, x1;

#ifdef BANDS
void main() {
    int channels = ic >> 2, blocks = (ow + 3) >> 2, wide = iw, high = kh, tall = ih, next = dh;
    ivec2 at = banded();
    int block = at.y, c = at.x, row = block / blocks;
    int image = row / oh, top = (row - image * oh) * sh - pt;
#ifdef STEP2
    int left = 8 * (block - row * blocks) - pl;
#else
    int left = 4 * (block - row * blocks) - pl;
#endif
    vec4 s0 = vec4(0), s1 = vec4(0), s2 = vec4(0), s3 = vec4(0);
#define AT(j) (left + j >= 0 && left + j < wide ? quad(x0, p + (j) * channels) : vec4(0))
    for (int i = 0; i < high; i++, top += next) {
        if (top < 0 || top >= tall) continue;
        int p = ((image * tall + top) * wide + left) * channels + c, w = 3 * i * channels + c;
        vec4 w0 = quad(x1, w), w1 = quad(x1, w + channels), w2 = quad(x1, w + 2 * channels);
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
    int channels = COUNT(ic), made = channels * oc, p = e / made, q = e - p * made, c = q / oc;
    int row = p / ow, image = row / oh, wide = iw, tall = ih;
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
