// The gradient of sample for its weights [pixels, taps]: of that of its results, x1 [pixels, channels], the products
// with what each tap reads of x0, summed over the channels.
#pragma words taps channels sources blank unit float:fill0 float:fill1 float:fill2 float:fill3
#pragma whole x2
uniform sampler2D x0, x1;
uniform isampler2D x2;

float fill(int c) { return c < 2 ? (c == 0 ? fill0 : fill1) : (c == 2 ? fill2 : fill3); }

float element(int e) {
    int p = quotient(e, taps), from = at(x2, e);
    float sum = 0.0;
    if (at(x2, p * taps) == -2) return sum;
    for (int c = 0; c < channels; c++)
        sum += (from < 0 ? fill(c) : at(x0, from * channels + c)) * at(x1, p * channels + c);
    return sum;
}

MAIN
