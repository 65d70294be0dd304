// Opens every shader: where elements lie (src/backend/webgl/gl.h says how), and the words a draw passes.
precision highp float;
precision highp int;
precision highp sampler2D;
precision highp sampler2DArray;
precision highp isampler2D;

uniform ivec4 words[32];
#define word(i) words[(i) >> 2][(i) & 3]
#define number(i) intBitsToFloat(word(i))

// What the result's elements and texels are. An input that may be of either kind is a `uniform X0 x0;`,
// its elements are those of the functions below.
#ifdef WHOLE
#define ELEMENT int
#define TEXEL ivec4
#else
#define ELEMENT float
#define TEXEL vec4
#endif
layout(location = 0) out TEXEL y;

// The texel that this fragment writes.
int texel() { return (int(gl_FragCoord.y) << SHIFT) + int(gl_FragCoord.x); }

ivec2 place(int t) { return ivec2(t & ((1 << SHIFT) - 1), t >> SHIFT); }

// Texel t of a tensor: elements 4 t to 4 t + 3.
vec4 quad(sampler2D x, int t) { return texelFetch(x, place(t), 0); }
ivec4 quad(isampler2D x, int t) { return texelFetch(x, place(t), 0); }

float channel(vec4 v, int c) { return c < 2 ? (c == 0 ? v.x : v.y) : (c == 2 ? v.z : v.w); }
int channel(ivec4 v, int c) { return c < 2 ? (c == 0 ? v.x : v.y) : (c == 2 ? v.z : v.w); }

// Element i of a tensor.
float at(sampler2D x, int i) { return channel(quad(x, i >> 2), i & 3); }
int at(isampler2D x, int i) { return channel(quad(x, i >> 2), i & 3); }

#ifdef BANDS
// Four render targets, a row of a block in each; word 1 has the texels of a row, of which 2^word(2)
// blocks lie side by side. The block of this fragment in y, its column in x.
layout(location = 1) out vec4 y1;
layout(location = 2) out vec4 y2;
layout(location = 3) out vec4 y3;
ivec2 banded() {
    ivec2 p = ivec2(gl_FragCoord.xy);
    int side = p.x / word(1);
    return ivec2(p.x - side * word(1), (p.y << word(2)) + side);
}
#endif

// Texel `column` of a row of matrices that lie in bands. In w: rows of a matrix, texels of a row, blocks of a matrix,
// and fold, as 2^fold blocks lie side by side.
vec4 merged(sampler2DArray x, int row, int column, ivec4 w) {
    int matrix = row / w.x, r = row - matrix * w.x, block = matrix * w.z + (r >> 2), y = block >> w.w;
    return texelFetch(x, ivec3((block - (y << w.w)) * w.y + column, y, r & 3), 0);
}

// What computes its result element by element ends with MAIN, and has a function element(i). With
// ALIGNED everything is counted in whole texels instead.
#ifdef ALIGNED
#define VALUE TEXEL
#define FETCH quad
#define COUNT(n) ((n) >> 2)
#define MAIN void main() { y = element(texel()); }
#else
#define VALUE ELEMENT
#define FETCH at
#define COUNT(n) (n)
#define MAIN \
    void main() { \
        int e = 4 * texel(); \
        y = TEXEL(element(e), element(e + 1), element(e + 2), element(e + 3)); \
    }
#endif
