// Puts blocks of four rows, of which each layer of x0 holds one, into a matrix.
//   rows      of a matrix
//   columns   of a matrix, in elements; with ALIGNED in whole texels
//   width     of a row in x0, in texels
//   blocks    of a matrix
#pragma flags ALIGNED
#pragma words rows columns width blocks
uniform sampler2DArray x0;

vec4 banded(int row, int column) {
    int matrix = row / rows, r = row - matrix * rows;
    return texelFetch(x0, ivec3(place((matrix * blocks + (r >> 2)) * width + column), r & 3), 0);
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
