// Products of matrices whose rows are whole texels. With BANDS a fragment computes four rows by four
// columns, a row for each render target; else one row by four columns. TA, TB: a, b are transposed.
//   rows      of a product, in blocks of four with BANDS
//   depth     of the sum: texels along a row of a; with TA and not TB elements
//   columns   of a product, in texels
//   *_step    from one matrix to the next, in texels; *_row from one of its stored rows to the next
#pragma flags BANDS TA TB
#pragma words rows depth columns a_step a_row b_step b_row
uniform sampler2D x0, x1;

#ifdef BANDS
#define EACH_ROW(F) F(0, s0) F(1, s1) F(2, s2) F(3, s3)
#else
#define EACH_ROW(F) F(0, s0)
#endif

// A row of four of a, transposed, by four columns of b.
#define OUTER(a, b) \
    { \
        vec4 u = a, v = b; \
        s0 += u.x * v; \
        s1 += u.y * v; \
        s2 += u.z * v; \
        s3 += u.w * v; \
    }
#define START(r, s) vec4 s = vec4(0);
#define BY_ROW(r, s) \
    { vec4 a = quad(x0, pa + r * a_next); s += a.x * b0 + a.y * b1 + a.z * b2 + a.w * b3; }
#define BY_DOT(r, s) \
    { vec4 a = quad(x0, pa + r * a_next); s += vec4(dot(a, b0), dot(a, b1), dot(a, b2), dot(a, b3)); }

void main() {
#ifdef BANDS
    ivec2 p = banded();
    int block = p.y, j = p.x;
#else
    int t = texel(), block = t / columns, j = t - block * columns;
#endif
    int matrix = block / rows;
    int i = block - matrix * rows, pa = matrix * a_step, pb = matrix * b_step;
    int a_next = a_row, b_next = b_row, end = depth; // uniforms are slow to read again and again
    EACH_ROW(START)
#ifdef TA
    pa += i;
#elif defined(BANDS)
    pa += 4 * i * a_next;
#else
    pa += i * a_next;
#endif
#ifdef TB
    pb += 4 * j * b_next;
#else
    pb += j;
#endif
#if defined(TA) && !defined(TB)
    int k = 0;
    for (; k + 4 <= end; k += 4, pa += 4 * a_next, pb += 4 * b_next) {
        OUTER(quad(x0, pa), quad(x1, pb))
        OUTER(quad(x0, pa + a_next), quad(x1, pb + b_next))
        OUTER(quad(x0, pa + 2 * a_next), quad(x1, pb + 2 * b_next))
        OUTER(quad(x0, pa + 3 * a_next), quad(x1, pb + 3 * b_next))
    }
    for (; k < end; k++, pa += a_next, pb += b_next) OUTER(quad(x0, pa), quad(x1, pb))
#else
    for (int k = 0; k < end; k++) {
        vec4 b0 = quad(x1, pb), b1 = quad(x1, pb + b_next);
        vec4 b2 = quad(x1, pb + 2 * b_next), b3 = quad(x1, pb + 3 * b_next);
#ifdef TA
        OUTER(quad(x0, pa), vec4(b0.x, b1.x, b2.x, b3.x))
        OUTER(quad(x0, pa + a_next), vec4(b0.y, b1.y, b2.y, b3.y))
        OUTER(quad(x0, pa + 2 * a_next), vec4(b0.z, b1.z, b2.z, b3.z))
        OUTER(quad(x0, pa + 3 * a_next), vec4(b0.w, b1.w, b2.w, b3.w))
        pa += 4 * a_next;
        pb++;
#else
#ifdef TB
        EACH_ROW(BY_DOT)
        pb++;
#else
        EACH_ROW(BY_ROW)
        pb += 4 * b_next;
#endif
        pa++;
#endif
    }
#endif
    y = s0;
#ifdef BANDS
    y1 = s1;
    y2 = s2;
    y3 = s3;
#endif
}
