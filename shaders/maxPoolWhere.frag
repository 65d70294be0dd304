// Where the first of the largest elements of each window of x0 [n, ih, iw, ic] is: (row * iw + column) * ic + channel,
// through all images if `batch`; NaN is passed over. -1 where nothing is above -infinity, or outside of the image.
#pragma words n ih iw ic kh kw oc oh ow sh sw dh dw pt pl batch
#pragma whole x0 y
uniform X0 x0;

bool over(float v, float best, int where) { return v > best; }
bool over(int v, int best, int where) { return where < 0 || v > best; }
float least(float v) { return uintBitsToFloat(0xff800000u); }
int least(int v) { return 0; }

int element(int e) {
    int p = quotient(e, ic), c = e - p * ic;
    int row = quotient(p, ow), image = quotient(row, oh), where = -1, offset = image * ih * iw * ic;
    int left = (p - row * ow) * sw - pl, top = (row - image * oh) * sh - pt;
    FIRST best = least(FIRST(0));
    for (int i = 0; i < kh; i++)
        for (int j = 0; j < kw; j++) {
            int v = top + i * dh, u = left + j * dw, here = (v * iw + u) * ic + c;
            if (v < 0 || v >= ih || u < 0 || u >= iw) continue;
            FIRST x = at(x0, offset + here);
            if (!over(x, best, where)) continue;
            where = here;
            best = x;
        }
    return where < 0 || batch == 0 ? where : where + offset;
}

MAIN
