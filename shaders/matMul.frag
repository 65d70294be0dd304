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
    { vec4 a = quad(x0, pa + float(r) * a_next, scale0); s += a.x * b0 + a.y * b1 + a.z * b2 + a.w * b3; }
#define BY_DOT(r, s) \
    { vec4 a = quad(x0, pa + float(r) * a_next, scale0); s += vec4(dot(a, b0), dot(a, b1), dot(a, b2), dot(a, b3)); }
#define LEFT(r) quad(x0, pa + float(r) * a_next, scale0)
#define RIGHT(r) quad(x1, pb + float(r) * b_next, scale1)

void main() {
#ifdef BANDS
    ivec2 p = banded();
    int block = p.y, j = p.x;
#else
    int t = texel(), block = quotient(t, columns), j = t - block * columns;
#endif
    int matrix = quotient(block, rows), i = block - matrix * rows, end = depth;
    int first = matrix * a_step, second = matrix * b_step;
#ifdef TA
    first += i;
#elif defined(BANDS)
    first += 4 * i * a_row;
#else
    first += i * a_row;
#endif
#ifdef TB
    second += 4 * j * b_row;
#else
    second += j;
#endif
    float pa = middle(first), pb = middle(second);
    vec2 scale0 = SCALE(x0), scale1 = SCALE(x1);
    float a_next = steps(a_row), b_next = steps(b_row);
    EACH_ROW(START)
#if defined(TA) && !defined(TB)
    int k = 0;
    for (; k + 4 <= end; k += 4, pa += 4.0 * a_next, pb += 4.0 * b_next) {
        OUTER(LEFT(0), RIGHT(0))
        OUTER(LEFT(1), RIGHT(1))
        OUTER(LEFT(2), RIGHT(2))
        OUTER(LEFT(3), RIGHT(3))
    }
    for (; k < end; k++, pa += a_next, pb += b_next) OUTER(LEFT(0), RIGHT(0))
#else
    for (int k = 0; k < end; k++) {
        vec4 b0 = RIGHT(0), b1 = RIGHT(1), b2 = RIGHT(2), b3 = RIGHT(3);
#ifdef TA
        OUTER(LEFT(0), vec4(b0.x, b1.x, b2.x, b3.x))
        OUTER(LEFT(1), vec4(b0.y, b1.y, b2.y, b3.y))
        OUTER(LEFT(2), vec4(b0.z, b1.z, b2.z, b3.z))
        OUTER(LEFT(3), vec4(b0.w, b1.w, b2.w, b3.w))
        pa += 4.0 * a_next;
        pb += TEXEL_STEP;
#else
#ifdef TB
        EACH_ROW(BY_DOT)
        pb += TEXEL_STEP;
#else
        EACH_ROW(BY_ROW)
        pb += 4.0 * b_next;
#endif
        pa += TEXEL_STEP;
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
