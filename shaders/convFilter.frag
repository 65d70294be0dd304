// The gradient of a convolution by its filter [kh, kw, ic, oc], of images [n, ih, iw, ic] and the gradient of
// its results [n, oh, ow, oc], channels in whole texels. The rows of all results are cut into pieces of `span`,
// whose sums lie one after another. A fragment computes four channels of results for four of the images, one
// for each render target. ONE: of images of one channel, which is not filled up, and windows up to four wide, one
// apart and not dilated: for all taps of a row, one for each render target.
#pragma flags BANDS ONE
#pragma words n ih iw ic kh kw oc oh ow sh sw dh dw pt pl span
uniform sampler2D x0, x1;

#ifdef ONE
void main() {
    int columns = quarter(oc + 3), wide = ow, width = iw, tall = ih, left = pl;
    ivec2 at_band = banded();
    int piece = quotient(at_band.y, kh), i = at_band.y - piece * kh;
    vec2 scale1 = SCALE(x1);
    float next = steps(columns);
    vec4 s0 = vec4(0), s1 = vec4(0), s2 = vec4(0), s3 = vec4(0);
    for (int row = piece * span, last = min(row + span, n * oh); row < last; row++) {
        int image = quotient(row, oh), v = (row - image * oh) * sh + i * dh - pt;
        if (v < 0 || v >= tall) continue;
        int line = (image * tall + v) * width;
        float to = middle(row * wide * columns + at_band.x);
        vec4 x = vec4(0); // what lies under the taps
        for (int k = 0; k < 3; k++) {
            float value = at(x0, line + k - left);
            x = vec4(x.yzw, k - left >= 0 && k - left < width ? value : 0.0);
        }
        for (int u = 0; u < wide; u++) {
            int from = u + 3 - left;
            float value = at(x0, line + from);
            x = vec4(x.yzw, from >= 0 && from < width ? value : 0.0);
            vec4 d = quad(x1, to, scale1);
            to += next;
            s0 += x.x * d;
            s1 += x.y * d;
            s2 += x.z * d;
            s3 += x.w * d;
        }
    }
    y = s0;
    y1 = s1;
    y2 = s2;
    y3 = s3;
}
#else
void main() {
    int depth = quarter(ic + 3), columns = quarter(oc + 3), wide = ow, width = iw;
    ivec2 at = banded();
    int tap = quotient(at.y, depth), c = at.y - tap * depth, piece = quotient(tap, kh * kw);
    tap -= piece * kh * kw;
    int i = quotient(tap, kw), j = tap - i * kw, shift = j * dw - pl;
    // The columns of results whose windows have something under the tap.
    int begin = max(0, (sw - 1 - shift) / sw), end = min(wide, (width - 1 - shift) / sw + 1);
    vec2 scale0 = SCALE(x0), scale1 = SCALE(x1);
    float next0 = steps(sw * depth), next1 = steps(columns);
    vec4 s0 = vec4(0), s1 = vec4(0), s2 = vec4(0), s3 = vec4(0);
    if (width - 1 - shift < 0) end = 0;
    for (int row = piece * span, last = min(row + span, n * oh); row < last; row++) {
        int image = quotient(row, oh), v = (row - image * oh) * sh + i * dh - pt;
        if (v < 0 || v >= ih) continue;
        float from = middle(((image * ih + v) * width + begin * sw + shift) * depth + c);
        float to = middle((row * wide + begin) * columns + at.x);
        for (int u = begin; u < end; u++, from += next0, to += next1) {
            vec4 x = quad(x0, from, scale0), d = quad(x1, to, scale1);
            s0 += x.x * d;
            s1 += x.y * d;
            s2 += x.z * d;
            s3 += x.w * d;
        }
    }
    y = s0;
    y1 = s1;
    y2 = s2;
    y3 = s3;
}
#endif
