// The diagonals of matrices from `lower` below the main one to `upper` above it, where a negative number is all of
// them; the rest is 0.
#pragma words lower upper rows columns
#pragma whole x0 y
uniform X0 x0;

ELEMENT element(int e) {
    int line = e / columns, below = line % rows - (e - line * columns);
    bool outside = (lower >= 0 && below > lower) || (upper >= 0 && -below > upper);
    return outside ? ELEMENT(0) : at(x0, e);
}

MAIN
