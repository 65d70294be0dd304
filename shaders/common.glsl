// Opens every shader: where elements lie (src/gl/gl.h says how), and the words a draw passes.
precision highp float;
precision highp int;
precision highp sampler2D;
precision highp sampler2DArray;

uniform ivec4 words[16];
#define word(i) words[(i) >> 2][(i) & 3]
#define number(i) intBitsToFloat(word(i))

layout(location = 0) out vec4 y;

// The texel that this fragment writes.
int texel() { return (int(gl_FragCoord.y) << SHIFT) + int(gl_FragCoord.x); }

ivec2 place(int t) { return ivec2(t & ((1 << SHIFT) - 1), t >> SHIFT); }

// Texel t of a tensor: elements 4 t to 4 t + 3.
vec4 quad(sampler2D x, int t) { return texelFetch(x, place(t), 0); }

float channel(vec4 v, int c) { return c < 2 ? (c == 0 ? v.x : v.y) : (c == 2 ? v.z : v.w); }

// Element i of a tensor.
float at(sampler2D x, int i) { return channel(quad(x, i >> 2), i & 3); }

// What computes its result element by element ends with MAIN, and has a function element(i). With
// ALIGNED everything is counted in whole texels instead.
#ifdef ALIGNED
#define VALUE vec4
#define FETCH quad
#define COUNT(n) ((n) >> 2)
#define MAIN void main() { y = element(texel()); }
#else
#define VALUE float
#define FETCH at
#define COUNT(n) (n)
#define MAIN \
    void main() { \
        int e = 4 * texel(); \
        y = vec4(element(e), element(e + 1), element(e + 2), element(e + 3)); \
    }
#endif
