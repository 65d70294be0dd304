// What lies in the bin x0 of its row of x1, `size` bins a row; 0 where there is no such bin.
#pragma words rows size
#pragma whole x0
uniform isampler2D x0;
uniform sampler2D x1;

float element(int e) {
    int bin = at(x0, e), n = word(0) / rows;
    return bin < size ? at(x1, e / n * size + bin) : 0.0;
}

MAIN
