// The gradient of maxPool for its images [n, ih, iw, ic]: that of its results, x1 [n, oh, ow, ic], goes where the
// taps x0, like it, say (maxPoolTap.frag). A pixel looks through the windows that it is in. APART: windows do not
// overlap and are not dilated, so that it is in one at most.
#pragma flags ALIGNED APART
#pragma words n ih iw ic kh kw oc oh ow sh sw dh dw pt pl
uniform sampler2D x0, x1;

#ifdef ALIGNED
#define SAME(a, b) vec4(equal(a, b))
#else
#define SAME(a, b) float((a) == (b))
#endif

// What comes from tap i, j of the window with result e.
VALUE share(int e, int i, int j) { return SAME(FETCH(x0, e), VALUE(i * kw + j)) * FETCH(x1, e); }

VALUE element(int e) {
    int channels = COUNT(ic), p = quotient(e, channels), c = e - p * channels;
    int row = quotient(p, iw), image = quotient(row, ih);
    int x = p - row * iw + pl, z = row - image * ih + pt;
#ifdef APART
    int ox = quotient(x, sw), oy = quotient(z, sh), i = z - oy * sh, j = x - ox * sw;
    if (ox >= ow || oy >= oh || i >= kh || j >= kw) return VALUE(0);
    return share(((image * oh + oy) * ow + ox) * channels + c, i, j);
#else
    VALUE sum = VALUE(0);
    for (int i = 0; i < kh; i++) {
        int v = z - i * dh, oy = quotient(v, sh);
        if (v < 0 || oy * sh != v || oy >= oh) continue;
        for (int j = 0; j < kw; j++) {
            int u = x - j * dw, ox = quotient(u, sw);
            if (u < 0 || ox * sw != u || ox >= ow) continue;
            sum += share(((image * oh + oy) * ow + ox) * channels + c, i, j);
        }
    }
    return sum;
#endif
}

MAIN
