// The gradient of a convolution by its filter [kh, kw, ic, oc], of images [n, ih, iw, ic] and the gradient of
// its results [n, oh, ow, oc], channels in whole texels. The rows of all results are cut into pieces of `span`,
// whose sums lie one after another. A fragment computes four channels of results for four of the images, one
// for each render target.
#pragma flags BANDS
#pragma words n ih iw ic kh kw oc oh ow sh sw dh dw pt pl span
uniform sampler2D x0, x1;

void main() {
    int depth = (ic + 3) >> 2, columns = (oc + 3) >> 2, wide = ow, width = iw;
    ivec2 at = banded();
    int tap = at.y / depth, c = at.y - tap * depth, piece = tap / (kh * kw);
    tap -= piece * kh * kw;
    int i = tap / kw, j = tap - i * kw, shift = j * dw - pl;
    // The columns of results whose windows have something under the tap.
    int begin = max(0, (sw - 1 - shift) / sw), end = min(wide, (width - 1 - shift) / sw + 1);
    vec4 s0 = vec4(0), s1 = vec4(0), s2 = vec4(0), s3 = vec4(0);
    if (width - 1 - shift < 0) end = 0;
    for (int row = piece * span, last = min(row + span, n * oh); row < last; row++) {
        int image = row / oh, v = (row - image * oh) * sh + i * dh - pt;
        if (v < 0 || v >= ih) continue;
        int from = ((image * ih + v) * width + begin * sw + shift) * depth + c;
        int to = (row * wide + begin) * columns + at.x;
        for (int u = begin; u < end; u++, from += sw * depth, to += columns) {
            vec4 x = quad(x0, from), d = quad(x1, to);
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
