// Puts blocks of four rows, of which each layer of x0 holds one, into a matrix.
//   rows      of a matrix
//   columns   of a matrix, in elements; with ALIGNED in whole texels
//   width     of a row in x0, in texels
//   blocks    of a matrix
//   fold      2^fold blocks lie side by side in x0
#pragma flags ALIGNED
#pragma words rows columns width blocks fold
uniform sampler2DArray x0;

vec4 banded(int row, int column) {
    int matrix = row / rows, r = row - matrix * rows, block = matrix * blocks + (r >> 2);
    int y = block >> fold;
    return texelFetch(x0, ivec3((block - (y << fold)) * width + column, y, r & 3), 0);
}

VALUE element(int e) {
    int row = e / columns, column = e - row * columns;
#ifdef ALIGNED
    return banded(row, column);
#else
    return channel(banded(row, column >> 2), column & 3);
#endif
}

MAIN
