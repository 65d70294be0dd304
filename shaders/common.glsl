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
int texel() { return int(gl_FragCoord.y) * (1 << SHIFT) + int(gl_FragCoord.x); }

// Where t rows of texels lie, floats being exact up to 2^24: shifts of vectors are slow on CPUs.
#define ROW float(1 << SHIFT)
ivec2 place(float rows) {
    float row = floor(rows);
    return ivec2((rows - row) * ROW, row);
}

// Texels of n elements, n a multiple of four.
#define TEXELS(n) int(float(n) * 0.25)

// Texel t of a tensor: elements 4 t to 4 t + 3.
vec4 quad(sampler2D x, int t) { return texelFetch(x, place(float(t) * (1.0 / ROW)), 0); }
ivec4 quad(isampler2D x, int t) { return texelFetch(x, place(float(t) * (1.0 / ROW)), 0); }

// The same for loops, quicker: a place is that of the middle of a texel, counted in rows, so TEXEL_STEP is one
// texel further; `scale` is SCALE of the texture, worked out once.
#define TEXEL_STEP (1.0 / ROW)
#define SCALE(x) (vec2(ROW, 1.0) / vec2(textureSize(x, 0)))
float middle(int t) { return (float(t) + 0.5) * TEXEL_STEP; }
float steps(int n) { return float(n) * TEXEL_STEP; }
vec4 quad(sampler2D x, float place, vec2 scale) {
    float row = floor(place);
    return texture(x, vec2(place - row, row + 0.5) * scale);
}
ivec4 quad(isampler2D x, float place, vec2 scale) {
    float row = floor(place);
    return texture(x, vec2(place - row, row + 0.5) * scale);
}

float channel(vec4 v, int c) { return c < 2 ? (c == 0 ? v.x : v.y) : (c == 2 ? v.z : v.w); }
int channel(ivec4 v, int c) { return c < 2 ? (c == 0 ? v.x : v.y) : (c == 2 ? v.z : v.w); }

// Element i of a tensor.
float at(sampler2D x, int i) {
    int c = i & 3;
    return channel(texelFetch(x, place(float(i - c) * (0.25 / ROW)), 0), c);
}
int at(isampler2D x, int i) {
    int c = i & 3;
    return channel(texelFetch(x, place(float(i - c) * (0.25 / ROW)), 0), c);
}

// n / 4 rounded down, n not below 0.
int quarter(int n) { return int(float(n - (n & 3)) * 0.25); }

// a / b of whole numbers, a not below 0, b above: dividing is slow everywhere.
int quotient(int a, int b) {
    float share = 1.0 / float(b);
    int q = int(float(a) * share);
    return q + int(floor((float(a - q * b) + 0.5) * share));
}

// The first of places from `at` on, `step` apart, that is not below 0: loops without conditions are quick.
int inside(int at, int step) { return at < 0 ? at + quotient(step - 1 - at, step) * step : at; }

#ifdef BANDS
// Four render targets, a row of a block in each; word 1 has the texels of a row, of which word(2) blocks
// lie side by side. The block of this fragment in y, its column in x.
layout(location = 1) out vec4 y1;
layout(location = 2) out vec4 y2;
layout(location = 3) out vec4 y3;
ivec2 banded() {
    ivec2 p = ivec2(gl_FragCoord.xy);
    int width = word(1), side = quotient(p.x, width);
    return ivec2(p.x - side * width, p.y * word(2) + side);
}
#endif

// Texel `column` of a row of a matrix that lies in bands of `width` texels, `beside` blocks side by side.
vec4 merged(sampler2DArray x, int row, int column, int width, int beside) {
    int block = quarter(row), y = quotient(block, beside);
    return texelFetch(x, ivec3((block - y * beside) * width + column, y, row - 4 * block), 0);
}
// The same of matrices of w.x rows, w.z blocks each; w.y and w.w are width and beside.
vec4 merged(sampler2DArray x, int row, int column, ivec4 w) {
    int matrix = quotient(row, w.x), r = row - matrix * w.x;
    return merged(x, 4 * matrix * w.z + r, column, w.y, w.w);
}

// Texel t of images whose pixels lie in the four layers of x, the upper left of each two by two in the first. In
// w: rows of an image, texels of a pixel, pixels of a row, rows of windows; `wide` windows beside each other.
vec4 quartered(sampler2DArray x, int t, ivec4 w, int wide) {
    int line = w.z * w.y, row = quotient(t, line), rest = t - row * line, u = quotient(rest, w.y);
    int image = quotient(row, w.x), v = row - image * w.x, i = int(float(v) * 0.5), j = int(float(u) * 0.5);
    int column = j * w.y + rest - u * w.y, layer = 2 * (v - 2 * i) + u - 2 * j;
    return i < w.w && j < wide ? texelFetch(x, ivec3(column, image * w.w + i, layer), 0) : vec4(0);
}

// What computes its result element by element ends with MAIN, and has a function element(i). With
// ALIGNED everything is counted in whole texels instead. A PLACE is for loops: LOOK finds what is there, and
// PLACES(n) further is n elements or texels further.
#ifdef ALIGNED
#define VALUE TEXEL
#define FETCH quad
#define COUNT(n) TEXELS(n)
#define PLACE float
#define PLACE_OF(t) middle(t)
#define PLACES(n) steps(n)
#define LOOK(x, place, scale) quad(x, place, scale)
#define MAIN void main() { y = element(texel()); }
#else
#define VALUE ELEMENT
#define FETCH at
#define COUNT(n) (n)
#define PLACE int
#define PLACE_OF(e) (e)
#define PLACES(n) (n)
#define LOOK(x, place, scale) at(x, place)
#define MAIN \
    void main() { \
        int e = 4 * texel(); \
        y = TEXEL(element(e), element(e + 1), element(e + 2), element(e + 3)); \
    }
#endif
