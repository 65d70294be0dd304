// Zeros, but x0 where a walk leads. From word 8 on each axis of it has four words, those of long steps first: the
// step, how many there are, what a step is in x0.
#pragma words base rank first
#pragma whole x0 y
uniform X0 x0;

ELEMENT element(int e) {
    int rest = e - base, from = first;
    bool met = rest >= 0;
    for (int k = 0; k < rank; k++) {
        ivec4 axis = words[2 + k];
        int i = quotient(rest, axis.x);
        rest -= i * axis.x;
        from += i * axis.z;
        met = met && i < axis.y;
    }
    return met && rest == 0 ? at(x0, from) : ELEMENT(0);
}

MAIN
